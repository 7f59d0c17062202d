"""The screens of an order that is still being written: its slots, the questions about each, the preview."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape

from bot import repeat_words, words
from bot.language import _, amount, ngettext, told
from bot.pick import Present
from bot.screen import Button, Row, Rows, Screen, Style
from bot.wire import Subject
from core.domain.abilities import Option
from core.domain.audience import Chosen, counts_of
from core.domain.losses import losses
from core.domain.messengers import Messenger
from core.domain.receipts import Screened
from core.store.drafts import Draft

SURE_ABOVE = 1_000
"""Sending at once to more people than this takes a second tap."""
MOST_PROBLEMS = 10
_LONGEST_PROBLEM = 300
_MOST_NAMED = 3
FREE_RATE = 30
"""Messages a second that Telegram carries for nothing; each one above costs STARS_EACH where paying is chosen."""
STARS_EACH = 0.1


def subject(draft: Draft) -> Subject:
    return Subject("d", draft.id, str(draft.revision))


def is_complete(draft: Draft) -> bool:
    return draft.content is not None and draft.names_somebody


def slots(draft: Draft, awaited: str, present: Present) -> Screen:
    """The order's card: what is there, and what the next typed word is for ("text", "who", "when", or "")."""
    lines = [
        _title(draft),
        _("<b>1 Text</b> {text}").format(text=_text_slot(draft, awaited)),
        _("<b>2 Recipients</b> {people}").format(people=_who_slot(draft, awaited)),
        _("<b>3 When</b> {moment}").format(moment=_when_slot(draft, present)),
        _("Kept for 24 h; /cancel closes it."),
    ]
    to = subject(draft).to
    ready: Rows = ((Button(_("👁 Preview"), to("view"), Style.PRIMARY),),) if is_complete(draft) else ()
    wishes = (Button(_("⚙ Options"), to("opt")),) if draft.content is not None else ()
    return Screen(
        "\n".join(lines),
        (
            *ready,
            _slot_buttons(draft, _("👥 Recipients")),
            (*wishes, discard_button(draft)),
        ),
    )


def _title(draft: Draft) -> str:
    if draft.changes:
        return _("<b>Changes to #{id}</b> · until you confirm them it stays as it is").format(
            id=draft.changes
        )
    return _("<b>New broadcast #{id}</b>{again} · draft").format(
        id=draft.id, again=words.again(draft.again_of)
    )


def _slot_buttons(draft: Draft, people: str) -> Row:
    to = subject(draft).to
    return (
        Button(_("✏ Text"), to("text")),
        Button(people, to("who")),
        Button(_("🕒 When"), to("when")),
    )


def discard_button(draft: Draft) -> Button:
    return Button(_("✖ Discard"), subject(draft).to("drop"), Style.DANGER)


def _text_slot(draft: Draft, awaited: str) -> str:
    if draft.content is None:
        return _("write it to me now, or forward it") if awaited == "text" else _("not written yet")
    text = " ".join(draft.content.text.split())
    quote = f": {words.quoted(escape(words.clip(text, 60), quote=False))}" if text else ""
    return f"✔ {words.parts(draft.content)}{quote}"


def _who_slot(draft: Draft, awaited: str) -> str:
    if not draft.names_somebody:
        return _("type or paste them now") if awaited == "who" else _("not chosen yet")
    return f"✔ {escape(chosen_people(draft), quote=False)}"


def chosen_people(draft: Draft) -> str:
    """How many are chosen on which messenger, and from which audiences; somebody in two of them counts twice here."""
    counts = Counter(counts_of(draft.recipients))
    for audience in draft.audiences:
        counts.update(audience.counts)
    whole = f"{amount(counts.total())}: {words.per_messenger((m, counts[m]) for m in Messenger)}"
    if not draft.audiences:
        return whole
    names = [f"{words.clip(one.title, 32)} {amount(one.total)}" for one in draft.audiences[:_MOST_NAMED]]
    if len(draft.audiences) > _MOST_NAMED:
        rest = len(draft.audiences) - _MOST_NAMED
        more = ngettext("{count} more audience", "{count} more audiences", rest)
        names.append(more.format(count=amount(rest)))
    if draft.recipients:
        names.append(_("{count} one by one").format(count=amount(len(draft.recipients))))
    return f"{whole} ({', '.join(names)})"


def _when_slot(draft: Draft, present: Present) -> str:
    if draft.repeat is None and draft.send_at is None:
        return _("now")
    return f"✔ {escape(_when(draft, present), quote=False)}"


def _when(draft: Draft, present: Present) -> str:
    if draft.repeat is not None:
        return repeat_words.with_next(draft.repeat, present.now)
    if draft.send_at is None:
        return _("now")
    return words.moment(draft.send_at, now=present.now, zone=present.zone)


def ask_text(draft: Draft) -> Screen:
    lines = [
        _("<b>Text for #{id}</b>").format(id=draft.shown_id),
        _("Write it to me now, or send or forward a photo, video or document with it."),
        *([_("What is there already is replaced.")] if draft.content is not None else []),
        _("{name} is filled with each person's name. Alone on the last lines:"),
        _("<code>[Shop](https://example.com)</code> makes a button,"),
        _("<code>![list](https://example.com/list.pdf)</code> adds a file by its address,"),
        _("<code>template: visit_reminder en_US | {name}</code> names a WhatsApp template."),
    ]
    return Screen("\n".join(lines), ((Button(_("« Back"), subject(draft).to("home")),),))


def problems_text(problems: Sequence[str]) -> str:
    """Every problem on its own line, the first ten of them."""
    clipped = [words.clip(told(problem), _LONGEST_PROBLEM) for problem in problems[:MOST_PROBLEMS]]
    shown = clipped if len(problems) == 1 else [f"• {problem}" for problem in clipped]
    if len(problems) > MOST_PROBLEMS:
        shown.append(_("and {count} more").format(count=amount(len(problems) - MOST_PROBLEMS)))
    return "\n".join(shown)


def filled_slots(draft: Draft) -> list[str]:
    """The slots that hold something."""
    slots = (
        (_("text"), draft.content is not None),
        (_("recipients"), draft.names_somebody),
        (_("time"), draft.send_at is not None or draft.repeat is not None),
    )
    return [name for name, there in slots if there]


def refused(draft: Draft, problems: Sequence[str], near: Sequence[Chosen] = ()) -> Screen:
    """What is wrong with an order; what was right of it is kept. `near`: audiences that may have been meant."""
    kept = filled_slots(draft)
    keeps = _("This is draft #{id}.")
    if kept:
        keeps = _("Kept in draft #{id}: {slots}.")
    html = "\n".join(
        [
            escape(problems_text(problems), quote=False),
            keeps.format(id=draft.id, slots=words.listed(kept)),
        ]
    )
    to = subject(draft).to
    unplaced = draft.content is not None and draft.content.unplaced is not None
    place = (Button(_("🔗 Give its address"), to("link")),)
    meant = tuple(Button(words.clip(one.title, 20), to("near", one.id.lower())) for one in near[:_MOST_NAMED])
    return Screen(
        html,
        (
            *((meant,) if meant else ()),
            *((place,) if unplaced else ()),
            _slot_buttons(draft, _("👥 Recipients")),
            (Button(_("« Draft"), to("home")), discard_button(draft)),
        ),
    )


def preview(
    draft: Draft,
    screened: Screened,
    rates: Mapping[Messenger, float],
    present: Present,
    warnings: Sequence[str] = (),
    asleep: Sequence[str] = (),
    switches: Rows = (),
) -> Screen:
    """The card under the content: whom it goes to, when, how long it takes. `screened`: its recipients, parted.

    `asleep`: who gets it later, as HTML; `switches`: further rows of buttons.
    """
    people = list(counts_of(screened.recipients).items())
    total = len(screened.recipients)
    lost = losses(draft.content, [messenger for messenger, _count in people]) if draft.content else []
    lines = [
        _("↑ This is what people get · <b>#{id}</b>{again}").format(
            id=draft.shown_id, again=words.again(draft.again_of)
        ),
        words.to_line(total, words.per_messenger(people)),
        words.when_line(_when(draft, present)),
        _("<b>Takes</b> {span}").format(span=_takes(people, draft.send_at or present.now, rates, present)),
        *_wishes(draft, people, rates),
        *_checks(draft, screened),
        *asleep,
        *(f"⚠ {escape(told(one), quote=False)}" for one in (*lost, *warnings)),
    ]
    to = subject(draft).to
    return Screen(
        "\n".join(lines),
        (
            (Button(_confirm(draft).format(count=amount(total)), to("go", str(total)), Style.SUCCESS),),
            *switches,
            _slot_buttons(draft, _("👥 People")),
            (Button(_("📱 Test to me"), to("test")), Button(_("⚙ Options"), to("opt"))),
            (discard_button(draft),),
        ),
    )


def _confirm(draft: Draft) -> str:
    if draft.repeat is not None:
        return _("✅ Change the series") if draft.series_id else _("✅ Repeat to {count}")
    if draft.send_at is None:
        return _("✅ Send to {count} now")
    return _("✅ Change it for {count}") if draft.changes else _("✅ Schedule for {count}")


def _wishes(
    draft: Draft, people: Sequence[tuple[Messenger, int]], rates: Mapping[Messenger, float]
) -> list[str]:
    """How it goes out, and what that may cost at most."""
    if draft.content is None or not draft.content.options:
        return []
    options = draft.content.options
    goes = _("<b>Goes</b> {ways}").format(ways=words.listed(words.ways(draft.content)))
    able = [(m, count) for m, count in people if Option.PAID in m.traits.options]
    if Option.PAID not in options or not any(rates[messenger] > FREE_RATE for messenger, _count in able):
        return [goes]
    stars = round(STARS_EACH * sum(count for _messenger, count in able))
    return [goes, _("<b>Costs</b> {stars} Telegram Stars at most").format(stars=amount(stars))]


def _checks(draft: Draft, screened: Screened) -> list[str]:
    found = [words.duplicates(draft.duplicates)] if draft.duplicates else []
    found += [_("left out {why}").format(why=line) for line in words.left_out(screened.counts)]
    if not found:
        return []
    return [_("<b>Check</b> {what}").format(what=escape(" · ".join(found), quote=False))]


def _takes(
    people: Sequence[tuple[Messenger, int]],
    start: datetime,
    rates: Mapping[Messenger, float],
    present: Present,
) -> str:
    seconds, slowest = max((count / rates[messenger], messenger) for messenger, count in people)
    if seconds < 1:
        return _("a moment")
    done = (start + timedelta(seconds=seconds)).astimezone(present.zone)
    return _("about {span}, done about {time} ({messenger} at {rate}/s)").format(
        span=words.span(seconds),
        time=f"{done:%H:%M}",
        messenger=slowest.traits.title,
        rate=amount(rates[slowest]),
    )


def sure(draft: Draft, total: int) -> Screen:
    """The second question before many people are written to at once."""
    to = subject(draft).to
    return Screen(
        _("Send {title} to {people} now?").format(
            title=words.bold(f"#{draft.shown_id}"), people=words.people(total)
        ),
        (
            (Button(_("« Back"), to("home")),),
            (
                Button(
                    _("✅ Yes, send to {people}").format(people=words.people(total)),
                    to("sure", str(total)),
                    Style.SUCCESS,
                ),
            ),
        ),
    )
