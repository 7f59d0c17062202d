"""Formats moments, durations, counts and names. All functions return plain text unless they say HTML."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from html import escape
from typing import Final, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_timedelta

from bot.text.translation import ENGLISH, _, amount, dated, language, locale, plural, translate
from core.domain.audience import EVERYBODY, Audience, Chosen
from core.domain.broadcast import Broadcast
from core.domain.content.content import Content
from core.domain.content.formatting import utf16_length
from core.domain.content.variables import filled, has_gaps, needed
from core.domain.delivery import DeliveryState
from core.domain.messengers.capabilities import MediaKind, Option
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import AddressKind, Messenger
from core.domain.recipients import Headcount, Recipient
from core.domain.segment import LAST, Clause, Condition, Rule
from core.domain.series import Series
from core.parsing.time_zones import zone_names
from core.services.segments import TAG

FIRST_PEOPLE: Final = 3
"""People named where more are meant."""
_BAR = 12
_MOST_MINUTES: Final = 90
"""A time from now is given in minutes below it, else in hours today and in days on other days."""
_MOST_COLUMNS = 12
_END = 4
"""Characters of an address that tell people of one name apart."""
_LONGEST_COLUMN = 40


def moment(at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """For example "Tue 24 Nov 2026, 18:30 Berlin (tomorrow)"."""
    return f"{full_moment(at, zone)} ({distance(at, now=now, zone=zone)})"


def full_moment(at: datetime, zone: ZoneInfo) -> str:
    """For example "Tue 24 Nov 2026, 18:30 Berlin"; marks a time in a DST fold."""
    local = at.astimezone(zone)
    return f"{dated(local, 'EEE d MMM y')}, {local:%H:%M}{fold_suffix(at, zone)} {city(zone)}"


def fold_suffix(at: datetime, zone: ZoneInfo) -> str:
    """ " summer time" or " winter time" for a time in a DST fold, else ""."""
    local = at.astimezone(zone)
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return ""
    return " " + (_("winter time") if local.fold else _("summer time"))


def join_names(names: Sequence[str]) -> str:
    """For example "text, recipients and time"."""
    if len(names) < 2:
        return "".join(names)
    return _("{names} and {last}").format(names=", ".join(names[:-1]), last=names[-1])


def message_summary(content: Content) -> str:
    """The beginning of the text and what else there is: "“Doors open at 7” · 1 photo, 2 buttons"."""
    text = " ".join(_without_gaps(content).text.split())
    parts = [quoted(clip(text, 60)) if text else "", ", ".join(extras(content))]
    return " · ".join(part for part in parts if part)


def snippet(content: Content) -> str:
    """The beginning of a content on one line, with "…" where each person's own value comes."""
    return translate(_without_gaps(content).snippet)


def _without_gaps(content: Content) -> Content:
    return filled(content, dict.fromkeys(needed(content), "…")) if has_gaps(content) else content


def extras(content: Content) -> list[str]:
    """The parts of a content beside its text: "1 photo", "2 buttons"."""
    found = [_files(kind, count) for kind, count in Counter(media.kind for media in content.media).items()]
    if buttons := len(list(content.all_buttons())):
        found.append(plural("{count} button", "{count} buttons", buttons))
    if content.template is not None:
        found.append(_("template {name}").format(name=content.template.name))
    return found


def options_text(content: Content) -> str:
    """The effects of a content's sending options; empty without any."""
    named = {
        Option.SILENT: _("🔕 no sound"),
        Option.PROTECTED: _("🔒 no forwarding"),
        Option.PAID: _("⭐ faster, paid with Stars"),
    }
    return " · ".join(text for option, text in named.items() if option in content.options)


def _files(kind: MediaKind, count: int) -> str:
    named = {
        MediaKind.PHOTO: plural("{count} photo", "{count} photos", count),
        MediaKind.VIDEO: plural("{count} video", "{count} videos", count),
        MediaKind.AUDIO: plural("{count} music file", "{count} music files", count),
        MediaKind.DOCUMENT: plural("{count} document", "{count} documents", count),
        MediaKind.VOICE: plural("{count} voice message", "{count} voice messages", count),
        MediaKind.VIDEO_NOTE: plural("{count} video message", "{count} video messages", count),
        MediaKind.ANIMATION: plural("{count} GIF", "{count} GIFs", count),
        MediaKind.STICKER: plural("{count} sticker", "{count} stickers", count),
        MediaKind.LOCATION: plural("{count} place on the map", "{count} places on the map", count),
        MediaKind.CONTACT: plural("{count} contact card", "{count} contact cards", count),
        MediaKind.POLL: plural("{count} poll", "{count} polls", count),
    }
    return named[kind]


def short_moment(at: datetime, zone: ZoneInfo) -> str:
    """For example "23 Nov 18:31"."""
    local = at.astimezone(zone)
    return f"{dated(local, 'd MMM')} {local:%H:%M}"


def moment_in_city(at: datetime, zone: ZoneInfo) -> str:
    """For example "23 Nov 18:31 Berlin"."""
    return f"{short_moment(at, zone)} {city(zone)}"


def day(on: date) -> str:
    """For example "Tue 24 Nov"."""
    return dated(on, "EEE d MMM")


def near_moment(at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """For example "18:30", and for another day "24 Nov 18:30"."""
    same_day = at.astimezone(zone).date() == now.astimezone(zone).date()
    return f"{at.astimezone(zone):%H:%M}" if same_day else short_moment(at, zone)


def end_of_wait(at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """The minute in which a wait is over, as near_moment() writes it: a wait of 20 s does not end in the past."""
    minute = at.replace(second=0, microsecond=0)
    return near_moment(minute if minute == at else minute + timedelta(minutes=1), now=now, zone=zone)


def city(zone: ZoneInfo) -> str:
    """The city of a zone: "Berlin" for Europe/Berlin."""
    if language() != ENGLISH:
        known = locale().time_zones
        for name in zone_names(zone.key):
            if "city" in known.get(name, ()):
                return str(known[name]["city"])
    return zone.key.rsplit("/", 1)[-1].replace("_", " ")


def distance(at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """As people say it: "in 40 minutes", "in 5 hours", "tomorrow", "in 6 days", "2 minutes ago", "now"."""
    minutes = round((at - now).total_seconds() / 60)
    if minutes == 0:
        return _("now")
    # As a calendar counts them: from Tuesday morning to Thursday evening it is 2 days.
    days = (at.astimezone(zone).date() - now.astimezone(zone).date()).days
    span = timedelta(minutes=minutes)
    unit: Literal["minute", "hour", "day"] = "minute"
    if abs(minutes) >= _MOST_MINUTES:
        if abs(days) == 1:
            return _("tomorrow") if days == 1 else _("yesterday")
        span, unit = (timedelta(days=days), "day") if days else (span, "hour")
    return format_timedelta(span, unit, threshold=math.inf, add_direction=True, locale=locale())


def span(seconds: float) -> str:
    """In its two largest units: "1 d 4 h", "3 min 20 s", "36 s"."""
    rest = max(0, round(seconds))
    units = ((86_400, _("{count} d")), (3_600, _("{count} h")), (60, _("{count} min")), (1, _("{count} s")))
    parts: list[str] = []
    for size, unit in units:
        count, rest = divmod(rest, size)
        if count:
            parts.append(unit.format(count=amount(count)))
        elif parts:
            break
    return " ".join(parts[:2]) or _("{count} s").format(count=0)


def title(thing: Broadcast | Series) -> str:
    """Id and beginning of the text. As HTML."""
    content, suffix = (
        (thing.content, again_suffix(thing.again_of))
        if isinstance(thing, Broadcast)
        else (thing.order.content, "")
    )
    named = f"{bold(f'#{thing.id}')}{suffix}"
    return f"{named} · {quoted(escape(snippet(content), quote=False))}"


def again_suffix(broadcast_id: str) -> str:
    """For a broadcast that repeats another one, else ""."""
    return " " + _("(#{id} again)").format(id=broadcast_id) if broadcast_id else ""


def starting_in(undo_time: timedelta) -> str:
    """The answer to a tap that can still be undone."""
    return _("Starting in {span}").format(span=span(undo_time.total_seconds()))


def rate(per_second: float) -> str:
    """For example "25/s"; slow rates with a decimal."""
    return _("{count}/s").format(count=amount(round(per_second, 0 if per_second >= 3 else 1)))


def people(count: int) -> str:
    """For example "1,204 people"."""
    return plural("{count} person", "{count} people", count)


def at_most(count: Headcount, text: str) -> str:
    """`text`: the number, alone or with a noun."""
    return text if count.exact else _("up to {count}").format(count=text)


def write_label(count: int) -> str:
    """The button that begins a message to people who were just found."""
    return plural("✍ Write to {count} person", "✍ Write to these {count} people", count)


def people_and_messages(people_count: int, messages: int) -> str:
    """For example "4 people, 6 messages"; "4 people" where everybody gets one."""
    if people_count == messages:
        return people(people_count)
    return _("{people}, {messages}").format(
        people=people(people_count), messages=plural("{count} message", "{count} messages", messages)
    )


def duplicates_text(count: int) -> str:
    return plural("{count} duplicate removed", "{count} duplicates removed", count)


def state_names() -> dict[DeliveryState, str]:
    """One or a few words for each state of a delivery."""
    return {
        DeliveryState.QUEUED: _("waiting"),
        DeliveryState.SENDING: _("on its way"),
        DeliveryState.SENT: _("sent"),
        DeliveryState.DELIVERED: _("delivered"),
        DeliveryState.READ: _("read"),
        DeliveryState.FAILED: _("failed"),
        DeliveryState.CANCELLED: _("cancelled"),
        DeliveryState.UNKNOWN: _("not confirmed"),
    }


def per_messenger(counts: Iterable[tuple[Messenger, int]]) -> str:
    """For example "Telegram 900 · Viber 11"."""
    return " · ".join(f"{messenger.traits.title} {amount(count)}" for messenger, count in counts if count)


def address_text(recipient: Recipient) -> str:
    """Messenger and address: "WhatsApp +1202···23"."""
    return f"{recipient.messenger.traits.title} {_masked(recipient)}"


def _masked(recipient: Recipient) -> str:
    """The middle of a phone number is hidden, as others may see the screen."""
    shown = recipient.address
    if recipient.messenger.traits.address is AddressKind.PHONE and len(shown) > 8:
        shown = f"{shown[:5]}···{shown[-2:]}"
    return clip(shown, 40)


def person(recipient: Recipient) -> str:
    """The name with the messenger behind it: "Anna (WhatsApp)"; the address where there is no name."""
    if not recipient.name:
        return address_text(recipient)
    return f"{clip(recipient.name, 40)} ({recipient.messenger.traits.title})"


def first_people(people: Sequence[Recipient], total: int) -> str:
    """The first few, and how many more of `total` there are: "Anna, +12025550123, Ben and 4 more"."""
    named = ", ".join(clip(one.name or one.address, 32) for one in people[:FIRST_PEOPLE])
    more = total - min(len(people), FIRST_PEOPLE)
    if more <= 0:
        return named
    return plural("{who} and {count} more", "{who} and {count} more", more, who=named)


def people_named(recipients: Sequence[Recipient], *, on_messengers: bool) -> str:
    """For example "Anna and Ben"; `on_messengers`: with the messenger of each."""
    if on_messengers:
        return join_names([person(one) for one in recipients])
    return join_names([clip(one.name, 40) if one.name else _masked(one) for one in recipients])


def distinct_name(name: str, recipient: Recipient, width: int, *, alone: bool) -> str:
    """The name, with the end of the address where others have the same; the address where there is no name.

    At most `width` characters, of which the end of an address stays.
    """
    if not name:
        return clip(address_text(recipient), width)
    whole = f"{name} · {address_text(recipient)}"
    if not alone and len(whole) <= width:
        return whole
    end = "" if alone else f" · …{recipient.address[-_END:]}"
    return clip(name, width - len(end)) + end


def reason_lines(counts: Mapping[Messenger, Mapping[Reason, int]]) -> list[str]:
    """The most frequent first: "12 blocked the bot (Telegram)", "1 not on WhatsApp"."""
    found = [(count, reason, on) for on, reasons in counts.items() for reason, count in reasons.items()]
    return [reason_count(*one) for one in sorted(found, key=lambda one: -one[0]) if one[0]]


def reason_count(count: int, reason: Reason, messenger: Messenger) -> str:
    """For example "12 blocked the bot (Telegram)"."""
    why = translate(reason.counted(messenger.traits.title))
    return _("{count} {why}").format(count=amount(count), why=why)


def split_text(text: str, limit: int) -> list[str]:
    """Pieces of at most `limit` UTF-16 units, split at line ends or else between words where possible."""
    pieces: list[str] = []
    while utf16_length(text) > limit:
        piece = text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore")
        cut = max(piece.rfind("\n"), 0) or max(piece.rfind(" "), 0) or len(piece)
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*pieces, text]


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, with "…" at the end of a longer text."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def audience_title(one: Chosen | Audience) -> str:
    return _("all subscribers") if one.id == EVERYBODY else one.title


def rule_text(rule: Rule, headings: Mapping[str, str]) -> str:
    """The conditions in words: "Class is 3B and didn't get #A7K". `headings`: of the list."""
    known = {TAG: _("tag")} if rule.of == EVERYBODY else headings
    return _(" and ").join(_clause_text(one, known) for one in rule.clauses)


def _clause_text(clause: Clause, headings: Mapping[str, str]) -> str:
    last = clause.subject == LAST
    message = _("the last message") if last else f"#{clause.subject}"
    texts = {
        Condition.IS: _("{column} is {value}"),
        Condition.IS_NOT: _("{column} is not {value}"),
        Condition.GOT: _("got {message}"),
        Condition.MISSED: _("didn't get {message}"),
        Condition.READ: _("read {message}"),
        Condition.UNREAD: _("didn't read {message}"),
    }
    return texts[clause.condition].format(
        column=column(clause.subject, headings), value=clause.value, message=message
    )


def columns_line(names: Sequence[str], headings: Mapping[str, str]) -> str:
    """The columns of a list as people read them: "Columns: First name, E-mail and 3 more"."""
    shown = ", ".join(column(name, headings) for name in names[:_MOST_COLUMNS])
    if more := len(names[_MOST_COLUMNS:]):
        return _("Columns: {names} and {more} more").format(names=shown, more=amount(more))
    return _("Columns: {names}").format(names=shown)


def column(name: str, headings: Mapping[str, str] | None = None) -> str:
    """The name of a value as people read it: its heading in the file, else "first name" for first_name."""
    return clip((headings or {}).get(name, ""), _LONGEST_COLUMN) or name.replace("_", " ")


def to_count(people_count: int, messages: int) -> str:
    """For example "4"; "4 people, 6 messages" where some get it more than once."""
    return amount(messages) if people_count == messages else people_and_messages(people_count, messages)


def to_line(count: str, per_messenger: str) -> str:
    """As HTML: "To 1,201: Telegram 900 · Viber 301"."""
    return _("<b>To</b> {count}: {messengers}").format(count=count, messengers=per_messenger)


def when_line(moment: str) -> str:
    """As HTML."""
    return _("<b>When</b> {moment}").format(moment=escape(moment, quote=False))


def progress_bar(done: int, total: int) -> str:
    """For example "▓▓▓▓▓▓░░░░░░ 50 %"."""
    share = done / total if total else 1.0
    filled = int(share * _BAR)
    return f"{'▓' * filled}{'░' * (_BAR - filled)} {int(share * 100)} %"


def escaped(text: str) -> str:
    """As HTML."""
    return escape(text, quote=False)


def quoted(text: str) -> str:
    """In the quotation marks of the language."""
    return _("“{text}”").format(text=text)


def bold(text: str) -> str:
    """As HTML."""
    return f"<b>{escape(text, quote=False)}</b>"
