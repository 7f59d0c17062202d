"""Moments, spans, counts and names as the chat writes them. Every function returns plain text, not yet escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from core.domain.abilities import Option
from core.domain.content import Content
from core.domain.formatting import utf16_length
from core.domain.messengers import AddressKind, Messenger
from core.domain.outcome import Reason
from core.domain.recipients import Recipient

_STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def moment(at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """For example "Tue 24 Nov 2026, 18:30 Berlin (in 1 d 4 h)"."""
    return f"{wall(at, zone)} ({distance(at, now=now)})"


def wall(at: datetime, zone: ZoneInfo) -> str:
    """For example "Tue 24 Nov 2026, 18:30 Berlin"; says which one, where the clocks show the time twice."""
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}{twice(at, zone)} {place(zone)}"


def twice(at: datetime, zone: ZoneInfo) -> str:
    """ " summer time" or " winter time" for a time that the clocks show twice, else nothing."""
    local = at.astimezone(zone)
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return ""
    return " winter time" if local.fold else " summer time"


def listed(names: Sequence[str]) -> str:
    """For example "text, recipients and time"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def parts(content: Content) -> str:
    """What a content is made of: "212 characters, 1 photo, 2 buttons"."""
    found = [number(utf16_length(content.text), "character", "characters")] if content.text else []
    kinds = Counter(media.kind for media in content.media)
    found += [number(count, kind.value, f"{kind.value}s") for kind, count in kinds.items()]
    if buttons := len(list(content.all_buttons())):
        found.append(number(buttons, "button", "buttons"))
    if content.template is not None:
        found.append(f"template {content.template.name}")
    return ", ".join(found + [option.value for option in Option if option in content.options])


def short(at: datetime, zone: ZoneInfo) -> str:
    """For example "23 Nov 18:31"."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %H:%M}"


def clock(at: datetime, zone: ZoneInfo) -> str:
    """For example "18:30:01"."""
    return f"{at.astimezone(zone):%H:%M:%S}"


def place(zone: ZoneInfo) -> str:
    """The zone as people call it: "Berlin" for Europe/Berlin."""
    return zone.key.rsplit("/", 1)[-1].replace("_", " ")


def distance(at: datetime, *, now: datetime) -> str:
    """How far away, to the minute: "in 1 d 4 h", "2 min ago", "now"."""
    minutes = round((at - now).total_seconds() / 60)
    if minutes == 0:
        return "now"
    return f"in {span(minutes * 60)}" if minutes > 0 else f"{span(-minutes * 60)} ago"


def span(seconds: float) -> str:
    """A span in its two largest units: "1 d 4 h", "3 min 20 s", "36 s"."""
    rest = max(0, round(seconds))
    parts: list[str] = []
    for size, unit in _STEPS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
        elif parts:
            break
    return " ".join(parts[:2]) or "0 s"


def since(start: datetime, end: datetime) -> str:
    """How long something took: "36 s", "less than 1 s"."""
    took = max(timedelta(), end - start)
    return span(took.total_seconds()) if took >= timedelta(seconds=1) else "less than 1 s"


def again(broadcast_id: str) -> str:
    """Behind the id of what sends another broadcast once more; nothing where it does not."""
    return f" (#{broadcast_id} again)" if broadcast_id else ""


def starting_in(hold: timedelta) -> str:
    """What a tap answers that can still be undone."""
    return f"Starting in {span(hold.total_seconds())}"


def number(count: int, one: str, many: str) -> str:
    """For example number(1204, "person", "people") = "1,204 people"."""
    return f"{count:,} {one if count == 1 else many}"


def people(count: int) -> str:
    return number(count, "person", "people")


def per_messenger(counts: Iterable[tuple[Messenger, int]]) -> str:
    """For example "Telegram 900 · Viber 11"."""
    return " · ".join(f"{messenger.traits.title} {count:,}" for messenger, count in counts if count)


def address(recipient: Recipient) -> str:
    """Whom a row is about. The middle of a phone number is left out: a screen is easily read over a shoulder."""
    shown = recipient.address
    if recipient.messenger.traits.address is AddressKind.PHONE and len(shown) > 8:
        shown = f"{shown[:5]}···{shown[-2:]}"
    return f"{recipient.messenger.traits.title} {clip(shown, 40)}"


def left_out(counts: Mapping[Messenger, Mapping[Reason, int]]) -> list[str]:
    """Who gets nothing, and why: "12 blocked the bot (Telegram)", "1 not on WhatsApp"."""
    return [
        f"{count:,} {reason.counted(messenger.traits.title)}"
        for messenger, found in counts.items()
        for reason, count in found.items()
        if count
    ]


def clip(text: str, limit: int) -> str:
    """At most `limit` characters; the last one is "…" when something was left out."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def bold(text: str) -> str:
    """As HTML, escaped."""
    return f"<b>{escape(text, quote=False)}</b>"
