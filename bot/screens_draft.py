"""The screens of an order that is still being written: its slots, the questions about each, the preview."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape

from bot import words
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
NO_TEXT = "There is no text yet: write it to me now, or forward it."
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
        f"{words.bold(f'New broadcast #{draft.id}')}{words.again(draft.again_of)} · draft",
        f"{words.bold('1 Text')} {_text_slot(draft, awaited)}",
        f"{words.bold('2 Recipients')} {_who_slot(draft, awaited)}",
        f"{words.bold('3 When')} {_when_slot(draft, present)}",
        "Kept for 24 h; /cancel closes it.",
    ]
    to = subject(draft).to
    ready: Rows = ((Button("👁 Preview", to("view"), Style.PRIMARY),),) if is_complete(draft) else ()
    wishes = (Button("⚙ Options", to("opt")),) if draft.content is not None else ()
    return Screen(
        "\n".join(lines),
        (
            *ready,
            (Button("✏ Text", to("text")), Button("👥 Recipients", to("who")), Button("🕒 When", to("when"))),
            (*wishes, Button("✖ Discard", to("drop"), Style.DANGER)),
        ),
    )


def _text_slot(draft: Draft, awaited: str) -> str:
    if draft.content is None:
        return "write it to me now, or forward it" if awaited == "text" else "not written yet"
    text = " ".join(draft.content.text.split())
    quote = f": “{escape(words.clip(text, 60), quote=False)}”" if text else ""
    return f"✔ {words.parts(draft.content)}{quote}"


def _who_slot(draft: Draft, awaited: str) -> str:
    if not draft.names_somebody:
        return "type or paste them now" if awaited == "who" else "not chosen yet"
    return f"✔ {escape(chosen_people(draft), quote=False)}"


def chosen_people(draft: Draft) -> str:
    """How many are chosen on which messenger, and from which audiences; somebody in two of them counts twice here."""
    counts = Counter(counts_of(draft.recipients))
    for audience in draft.audiences:
        counts.update(audience.counts)
    whole = f"{counts.total():,}: {words.per_messenger((m, counts[m]) for m in Messenger)}"
    if not draft.audiences:
        return whole
    names = [f"{words.clip(one.title, 32)} {one.total:,}" for one in draft.audiences[:_MOST_NAMED]]
    if len(draft.audiences) > _MOST_NAMED:
        names.append(words.number(len(draft.audiences) - _MOST_NAMED, "more audience", "more audiences"))
    if draft.recipients:
        names.append(f"{len(draft.recipients):,} one by one")
    return f"{whole} ({', '.join(names)})"


def _when_slot(draft: Draft, present: Present) -> str:
    return (
        "now"
        if draft.send_at is None
        else f"✔ {words.moment(draft.send_at, now=present.now, zone=present.zone)}"
    )


def ask_text(draft: Draft) -> Screen:
    there = "\nWhat is there already is replaced." if draft.content is not None else ""
    return Screen(
        f"{words.bold(f'Text for #{draft.id}')}\n"
        f"Write it to me now, or send or forward a photo, video or document with it.{there}\n"
        "{name} is filled with each person's name. Alone on the last lines:\n"
        f"{_code('[Shop](https://example.com)')} makes a button,\n"
        f"{_code('![list](https://example.com/list.pdf)')} adds a file by its address,\n"
        f"{_code('template: visit_reminder en_US | {name}')} names a WhatsApp template.",
        ((Button("« Back", subject(draft).to("home")),),),
    )


def _code(text: str) -> str:
    return f"<code>{escape(text, quote=False)}</code>"


def problems_text(problems: Sequence[str]) -> str:
    """Every problem on its own line, the first ten of them."""
    shown = [f"• {words.clip(problem, _LONGEST_PROBLEM)}" for problem in problems[:MOST_PROBLEMS]]
    if len(problems) == 1:
        shown = [words.clip(problems[0], _LONGEST_PROBLEM)]
    if len(problems) > MOST_PROBLEMS:
        shown.append(f"and {len(problems) - MOST_PROBLEMS:,} more")
    return "\n".join(shown)


def _filled(draft: Draft) -> list[str]:
    """The slots that hold something."""
    slots = (
        ("text", draft.content is not None),
        ("recipients", draft.names_somebody),
        ("time", draft.send_at is not None),
    )
    return [name for name, there in slots if there]


def _is(slots: Sequence[str]) -> str:
    return "is" if list(slots) in (["text"], ["time"]) else "are"


def refused(draft: Draft, problems: Sequence[str], near: Sequence[Chosen] = ()) -> Screen:
    """What is wrong with an order; what was right of it is kept. `near`: audiences that may have been meant."""
    kept = _filled(draft)
    keeps = f"The {words.listed(kept)} {_is(kept)} kept in draft #{draft.id}."
    html = (
        escape(problems_text(problems), quote=False)
        + "\n"
        + (keeps if kept else f"This is draft #{draft.id}.")
    )
    to = subject(draft).to
    meant = tuple(Button(words.clip(one.title, 20), to("near", one.id.lower())) for one in near[:_MOST_NAMED])
    return Screen(
        html,
        (
            *((meant,) if meant else ()),
            (Button("✏ Text", to("text")), Button("👥 Recipients", to("who")), Button("🕒 When", to("when"))),
            (Button("« Draft", to("home")), Button("✖ Discard", to("drop"), Style.DANGER)),
        ),
    )


def preview(draft: Draft, screened: Screened, rates: Mapping[Messenger, float], present: Present) -> Screen:
    """The card under the content: whom it goes to, when, how long it takes. `screened`: its recipients, parted."""
    people = list(counts_of(screened.recipients).items())
    total = len(screened.recipients)
    when = words.moment(draft.send_at, now=present.now, zone=present.zone) if draft.send_at else "now"
    lost = losses(draft.content, [messenger for messenger, _ in people]) if draft.content else []
    lines = [
        f"↑ This is what people get · {words.bold(f'#{draft.id}')}{words.again(draft.again_of)}",
        f"{words.bold('To')} {total:,}: {words.per_messenger(people)}",
        f"{words.bold('When')} {escape(when, quote=False)}",
        f"{words.bold('Takes')} {_takes(people, draft.send_at or present.now, rates, present)}",
        *_wishes(draft, people, rates),
        *_checks(draft, screened),
        *(f"⚠ {escape(loss, quote=False)}" for loss in lost),
    ]
    to = subject(draft).to
    label = f"✅ Schedule for {total:,}" if draft.send_at else f"✅ Send to {total:,} now"
    return Screen(
        "\n".join(lines),
        (
            (Button(label, to("go", str(total)), Style.SUCCESS),),
            (Button("✏ Text", to("text")), Button("👥 People", to("who")), Button("🕒 When", to("when"))),
            (Button("⚙ Options", to("opt")), Button("✖ Discard", to("drop"), Style.DANGER)),
        ),
    )


def _wishes(
    draft: Draft, people: Sequence[tuple[Messenger, int]], rates: Mapping[Messenger, float]
) -> list[str]:
    """How it goes out, and what that may cost at most."""
    options = draft.content.options if draft.content else frozenset()
    if not options:
        return []
    goes = words.listed([option.value for option in Option if option in options])
    able = [(m, count) for m, count in people if Option.PAID in m.traits.options]
    if Option.PAID not in options or not any(rates[messenger] > FREE_RATE for messenger, _ in able):
        return [f"{words.bold('Goes')} {goes}"]
    stars = STARS_EACH * sum(count for _, count in able)
    return [f"{words.bold('Goes')} {goes}", f"{words.bold('Costs')} {stars:,.0f} Telegram Stars at most"]


def _checks(draft: Draft, screened: Screened) -> list[str]:
    found = (
        [f"{words.number(draft.duplicates, 'duplicate', 'duplicates')} left out"] if draft.duplicates else []
    )
    found += [f"left out {line}" for line in words.left_out(screened.counts)]
    return [f"{words.bold('Check')} {escape(' · '.join(found), quote=False)}"] if found else []


def _takes(
    people: Sequence[tuple[Messenger, int]],
    start: datetime,
    rates: Mapping[Messenger, float],
    present: Present,
) -> str:
    seconds, slowest = max((count / rates[messenger], messenger) for messenger, count in people)
    if seconds < 1:
        return "a moment"
    done = (start + timedelta(seconds=seconds)).astimezone(present.zone)
    return f"about {words.span(seconds)}, done about {done:%H:%M} ({slowest.traits.title} at {rates[slowest]:g}/s)"


def sure(draft: Draft, total: int) -> Screen:
    """The second question before many people are written to at once."""
    to = subject(draft).to
    return Screen(
        f"Send {words.bold(f'#{draft.id}')} to {words.people(total)} now?",
        (
            (Button("« Back", to("home")),),
            (Button(f"✅ Yes, send to {words.people(total)}", to("sure", str(total)), Style.SUCCESS),),
        ),
    )


def ask_discard(draft: Draft) -> Screen:
    to, held = subject(draft).to, _filled(draft)
    lost = f"Its {words.listed(held)} {_is(held)} lost then." if held else "There is nothing in it yet."
    return Screen(
        f"Discard draft {words.bold(f'#{draft.id}')}? {lost}",
        ((Button("« Keep it", to("home")),), (Button("🗑 Yes, discard", to("dropped"), Style.DANGER),)),
    )


def discarded(draft_id: str) -> Screen:
    return Screen(f"Draft #{draft_id} is discarded; nothing was sent.")


def step_closed(draft: Draft) -> Screen:
    to = subject(draft).to
    return Screen(
        f"Closed. Draft {words.bold(f'#{draft.id}')} is kept for 24 h; /cancel again to discard it.",
        ((Button("« Go on", to("home")), Button("✖ Discard", to("drop"), Style.DANGER)),),
    )


def ask_replace(draft: Draft) -> Screen:
    """Stands under the new text, as a reply to it."""
    to = subject(draft).to
    return Screen(
        f"Draft {words.bold(f'#{draft.id}')} has a text already. Replace it by this one?",
        ((Button("Replace", to("replace")), Button("Keep the first", to("home"))),),
    )


def offer_to_send(problem: str = "") -> Screen:
    """Stands under words that were typed with nothing open, as a reply to them. `problem`: why they are no order."""
    return Screen(
        "\n".join([*([escape(problem, quote=False)] if problem else []), "Send this to people?"]),
        (
            (Button("✍ Make it a broadcast", str(MenuTap("take")), Style.PRIMARY),),
            (Button("✖", str(MenuTap("close"))),),
        ),
    )
