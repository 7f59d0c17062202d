"""Screens of a draft: its card, its slots, and the refusal of an order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.text import formatting, recurrence
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, amount, plural, translate
from bot.ui.callback_data import subject
from bot.ui.screen import Button, Row, Rows, Screen, Style, screen
from core.domain.audience import Chosen, counts_of
from core.domain.content.limits import problems
from core.domain.content.splitting import split
from core.domain.content.variables import has_gaps
from core.domain.messengers.traits import Messenger
from core.domain.recipients import people_in
from core.store.chat.drafts import Draft

MOST_PROBLEMS = 10
_LONGEST_PROBLEM = 300
_MOST_NAMED = 3


def is_complete(draft: Draft) -> bool:
    return draft.content is not None and draft.names_somebody


def draft_card(draft: Draft, awaited: str, clock: Clock) -> Screen:
    """`awaited`: the slot that the next typed text fills ("text", "who", "when", or "")."""
    trouble = _trouble(draft)
    lines = [
        _title(draft),
        _("<b>1 Text</b> {text}").format(text=_text_slot(draft, awaited, "⚠" if trouble else "✔")),
        *trouble,
        _("<b>2 Recipients</b> {people}").format(people=_who_slot(draft, awaited)),
        _("<b>3 When</b> {moment}").format(moment=_when_slot(draft, clock)),
        _("Kept for 24 h; /cancel closes it."),
    ]
    last: Row = (discard_button(draft),)
    if draft.content is not None:
        last = (Button(_("⚙ Options"), subject(draft).to("opt")), *last)
    return screen(lines, *_next(draft), last)


def _next(draft: Draft) -> Rows:
    """Buttons, the next step first."""
    to, people = subject(draft).to, _("👥 Recipients")
    if halves := split_row(draft):
        return (*halves, slot_buttons(draft, people))
    if is_complete(draft):
        return ((Button(_("👁 Preview"), to("view"), Style.PRIMARY),), slot_buttons(draft, people))
    if draft.content is None:
        return (slot_buttons(draft, people),)
    text, _people, when = slot_buttons(draft, people)
    return ((Button(people, to("who"), Style.PRIMARY),), (text, when))


def messengers_of(draft: Draft) -> list[Messenger]:
    """The messengers of a draft's recipients; Telegram while there are none."""
    chosen = {one.messenger for one in draft.recipients}
    chosen.update(messenger for audience in draft.audiences for messenger in audience.counts)
    return [messenger for messenger in Messenger if messenger in chosen] or [Messenger.TELEGRAM]


def _trouble(draft: Draft) -> list[str]:
    """The first problem of the text on these messengers. As HTML."""
    if draft.content is None or has_gaps(draft.content):
        return []
    return [f"⚠ {escaped(translate(one))}" for one in problems(draft.content, messengers_of(draft))[:1]]


def split_row(draft: Draft) -> Rows:
    """Offers to send a text that is too long in two parts."""
    if draft.content is None or split(draft.content, messengers_of(draft)) is None:
        return ()
    return ((Button(_("✂ Split it in two"), subject(draft).to("split"), Style.PRIMARY),),)


def _title(draft: Draft) -> str:
    head = _("<b>New broadcast #{id}</b>{again} · draft")
    if draft.is_change:
        head = _("<b>Changes to #{id}</b> · until you confirm them it stays as it is")
    return head.format(id=draft.shown_id, again=formatting.again_suffix(draft.again_of))


def slot_buttons(draft: Draft, people: str) -> Row:
    to = subject(draft).to
    return (Button(_("✏ Text"), to("text")), Button(people, to("who")), Button(_("🕒 When"), to("when")))


def discard_button(draft: Draft) -> Button:
    return Button(_("✖ Discard"), subject(draft).to("drop"), Style.DANGER)


def _text_slot(draft: Draft, awaited: str, mark: str) -> str:
    if draft.content is None:
        return _("write it to me now, or forward it") if awaited == "text" else _("not written yet")
    text = " ".join(draft.content.text.split())
    quote = f": {formatting.quoted(escaped(formatting.clip(text, 60)))}" if text else ""
    return f"{mark} {formatting.content_summary(draft.content)}{quote}"


def _who_slot(draft: Draft, awaited: str) -> str:
    if not draft.names_somebody:
        return _("type or paste them now") if awaited == "who" else _("not chosen yet")
    return f"✔ {escaped(recipients_text(draft))}"


def recipients_text(draft: Draft) -> str:
    """Counts by messenger, and the audiences. A recipient in two audiences counts twice."""
    people = people_in(draft.recipients)
    counts = Counter(counts_of(person[0] for person in people))
    for audience in draft.audiences:
        counts.update(audience.counts)
    parts = formatting.per_messenger((m, counts[m]) for m in Messenger)
    total = len(people) + sum(audience.total for audience in draft.audiences)
    whole = ": ".join(part for part in (amount(total), parts) if part)
    if not draft.audiences:
        return whole
    if len(draft.audiences) == 1 and not draft.recipients:
        return f"{whole} ({formatting.clip(formatting.audience_title(draft.audiences[0]), 32)})"
    names = [
        f"{formatting.clip(formatting.audience_title(one), 32)} {amount(one.total)}"
        for one in draft.audiences[:_MOST_NAMED]
    ]
    if len(draft.audiences) > _MOST_NAMED:
        rest = len(draft.audiences) - _MOST_NAMED
        names.append(plural("{count} more audience", "{count} more audiences", rest))
    if draft.recipients:
        names.append(_("{count} one by one").format(count=amount(len(people))))
    return f"{whole} ({', '.join(names)})"


def _when_slot(draft: Draft, clock: Clock) -> str:
    if draft.repeat is None and draft.send_at is None:
        return _("now")
    return f"✔ {escaped(when_text(draft, clock))}"


def when_text(draft: Draft, clock: Clock) -> str:
    if draft.repeat is not None:
        return recurrence.text_with_next(draft.repeat, clock.now)
    if draft.send_at is None:
        return _("now")
    return formatting.moment(draft.send_at, now=clock.now, zone=clock.zone)


def text_prompt(draft: Draft) -> Screen:
    lines = [
        _("<b>Text for #{id}</b>").format(id=draft.shown_id),
        _("Write it to me now, or send or forward a photo, video or document with it."),
        _("What is there already is replaced.") if draft.content is not None else "",
        _("{name} is filled with each person's name. Alone on the last lines:"),
        _("<code>[Shop](https://example.com)</code> makes a button,"),
        _("<code>![list](https://example.com/list.pdf)</code> adds a file by its address,"),
        _("<code>template: visit_reminder en_US | {name}</code> names a WhatsApp template."),
    ]
    return screen(lines, Button(_("« Back"), subject(draft).to("home")))


def problems_text(found: Sequence[str]) -> str:
    """One problem per line, at most MOST_PROBLEMS."""
    clipped = [formatting.clip(translate(problem), _LONGEST_PROBLEM) for problem in found[:MOST_PROBLEMS]]
    shown = clipped if len(found) == 1 else [f"• {problem}" for problem in clipped]
    if len(found) > MOST_PROBLEMS:
        shown.append(_("and {count} more").format(count=amount(len(found) - MOST_PROBLEMS)))
    return "\n".join(shown)


def filled_slots(draft: Draft) -> list[str]:
    slots = (
        (_("text"), draft.content is not None),
        (_("recipients"), draft.names_somebody),
        (_("time"), draft.send_at is not None or draft.repeat is not None),
    )
    return [name for name, there in slots if there]


def refused_order(draft: Draft, found: Sequence[str], near: Sequence[Chosen] = ()) -> Screen:
    """The problems of an order; its valid parts are kept. `near`: audiences that may be meant."""
    kept = filled_slots(draft)
    keeps = _("Kept in draft #{id}: {slots}.") if kept else _("This is draft #{id}.")
    to = subject(draft).to
    unplaced = draft.content is not None and draft.content.unplaced is not None
    meant = tuple(
        Button(formatting.clip(formatting.audience_title(one), 20), to("near", one.id.lower()))
        for one in near[:_MOST_NAMED]
    )
    return screen(
        [escaped(problems_text(found)), keeps.format(id=draft.id, slots=formatting.join_names(kept))],
        meant,
        Button(_("🔗 Give its address"), to("link")) if unplaced else None,
        *split_row(draft),
        slot_buttons(draft, _("👥 Recipients")),
        (Button(_("« Draft"), to("home")), discard_button(draft)),
    )
