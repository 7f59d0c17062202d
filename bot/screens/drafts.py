"""Screens of a draft: the question for its text, what can be changed, and the refusal of an order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.text import formatting, recurrence
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, amount, plural, translate
from bot.ui.callback_data import subject
from bot.ui.screen import Button, Rows, Screen, Style, screen
from core.domain.audience import Chosen, counts_of
from core.domain.content.limits import problems, unreachable_files, without_files
from core.domain.content.splitting import split
from core.domain.content.variables import placeholders
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Headcount, people_in
from core.store.chat.drafts import Draft

MOST_PROBLEMS = 10
_MOST_ON_A_CARD = 4
"""Problems of an order: the others come when these are mended."""
_LONGEST_PROBLEM = 300
_MOST_NAMED = 3
_MOST_MEANT = 2


def text_question(draft: Draft) -> Screen:
    """The first question of a new message."""
    lines = [
        formatting.bold(_("What would you like to say?")),
        _("To: {people}").format(people=escaped(recipients_text(draft))) if draft.names_somebody else "",
    ]
    to = subject(draft).to
    card = draft.more is not None and any(media.contact for media in draft.more.media)
    send_card = Button(_("📇 Send the contact card itself"), to("card")) if card else None
    return screen(lines, send_card, template_row(draft), Button(_("Cancel"), to("drop")))


def template_row(draft: Draft) -> tuple[Button, ...]:
    """Offers the messengers' templates, where a recipient is on one that has any."""
    if not any(messenger.traits.templates for messenger in messengers_of(draft)):
        return ()
    return (Button(_("📄 Use a WhatsApp template"), subject(draft).to("tpl", 1)),)


def message_card(draft: Draft) -> Screen:
    """The parts of the message so far, while its files arrive one by one."""
    summary = formatting.message_summary(draft.content) if draft.content else ""
    to = subject(draft).to
    return screen(
        _("Your message: {summary}").format(summary=escaped(summary)),
        Button(_("👁 Preview"), to("home"), Style.PRIMARY),
        Button(_("✏ Edit"), to("edit")),
    )


def messengers_of(draft: Draft) -> list[Messenger]:
    """The messengers of a draft's recipients; Telegram while there are none."""
    chosen = {one.messenger for one in draft.recipients}
    chosen.update(messenger for audience in draft.audiences for messenger in audience.counts)
    chosen -= draft.shut_out
    return [messenger for messenger in Messenger if messenger in chosen] or [Messenger.TELEGRAM]


def messenger_row(draft: Draft) -> tuple[Button, ...]:
    """Ways on for the first messenger that cannot carry the message: the text without the files, or without it."""
    there, content, to = messengers_of(draft), draft.content, subject(draft).to
    if content is None:
        return ()
    unfit = next((one for one in there if problems(content, [one])), None)
    if unfit is None:
        return ()
    title, code = unfit.traits.title, unfit.traits.code
    bare = _("📝 {messenger}: text only").format(messenger=title)
    out = _("✖ Leave {messenger} out").format(messenger=title)
    text_only = [Button(bare, to("textonly", code))] if without_files(content, unfit) else []
    alone = len(there) == 1 or draft.repeat is not None or bool(draft.series_id)
    return (*text_only, *([] if alone else [Button(out, to("without", code))]))


def shut_out_rows(draft: Draft) -> Rows:
    """Offers the messengers that were left out."""
    label = _("↩ Include {messenger} again")
    to = subject(draft).to
    return tuple(
        (Button(label.format(messenger=one.traits.title), to("within", one.traits.code)),)
        for one in sorted(draft.shut_out)
    )


def split_row(draft: Draft) -> tuple[Button, ...]:
    """Offers to send a text that is too long in two parts."""
    if draft.content is None or split(draft.content, messengers_of(draft)) is None:
        return ()
    return (Button(_("✂ Split it in two"), subject(draft).to("split"), Style.PRIMARY),)


def edit_menu(draft: Draft) -> Screen:
    """The parts to change, except the time, which has a button on the preview."""
    to = subject(draft).to
    return screen(
        formatting.bold(_("What would you like to change?")),
        (Button(_("✏ Text"), to("text")), Button(_("👥 People"), to("who"))),
        (Button(_("📱 Send me a test"), to("test")), Button(_("⚙ Options"), to("opt"))),
        (delete_button(draft), Button(_("« Back"), to("home"))),
    )


def delete_button(draft: Draft) -> Button:
    label = _("🗑 Discard changes") if draft.is_change else _("🗑 Delete draft")
    return Button(label, subject(draft).to("drop"), Style.DANGER)


def recipients_text(draft: Draft, total: Headcount | None = None) -> str:
    """Counts, by messenger where people get it on one each, and the audiences.

    `total`: number of people; None: not counted, as they may be in two of the audiences.
    """
    people = people_in(draft.recipients)
    counts = Counter(counts_of(person[0] for person in people))
    for audience in draft.audiences:
        counts.update(audience.counts)
    if total is None and len(draft.audiences) + bool(people) < 2:
        total = Headcount(len(people) + sum(audience.total for audience in draft.audiences))
    parts = ""
    if total is not None and counts.total() == total.people:
        parts = formatting.per_messenger((m, counts[m]) for m in Messenger)
    count = formatting.at_most(total, amount(total.people)) if total is not None else ""
    whole = ": ".join(part for part in (count, parts) if part)
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
        names.append(plural("{count} more list", "{count} more lists", rest))
    if draft.recipients:
        names.append(formatting.people(len(people)))
    return f"{whole} ({', '.join(names)})" if whole else ", ".join(names)


def when_text(draft: Draft, clock: Clock) -> str:
    if draft.repeat is not None:
        return recurrence.text_with_next(draft.repeat, clock.now)
    if draft.send_at is None:
        return _("now")
    return formatting.moment(draft.send_at, now=clock.now, zone=clock.zone)


def text_prompt(draft: Draft) -> Screen:
    """Asks for a new text; the files and buttons of the message stay."""
    if draft.content is None:
        return text_question(draft)
    extras, to = formatting.extras(draft.content), subject(draft).to
    lines = [formatting.bold(_("Send me the new text."))]
    if extras:
        lines.append(_("Still in the message: {parts}.").format(parts=formatting.join_names(extras)))
    label = _("✖ Remove {parts}").format(parts=formatting.join_names(extras))
    return screen(
        lines,
        Button(formatting.clip(label, 40), to("bare")) if extras else None,
        Button(_("👤 Add their name"), to("greet")) if may_greet(draft) else None,
        template_row(draft),
        Button(_("Buttons, links and columns"), to("how")),
        Button(_("« Back"), to("home")),
    )


def may_greet(draft: Draft) -> bool:
    """True for a text without anybody's name."""
    content = draft.content
    if content is None or not content.text or content.verbatim:
        return False
    return {"name", "first_name"}.isdisjoint(placeholders(content))


def greetings() -> tuple[str, str]:
    """First lines of a text, with a field for the name."""
    return _("Hi {name}!"), _("Dear {name},")


def greeting_choice(draft: Draft, name: str) -> Screen:
    """Asks how the text is to address each person. `name`: of one of them, if one is known."""
    to, name = subject(draft).to, formatting.clip(name, 30) or _("Anna")
    text = formatting.clip(" ".join(draft.content.text.split()) if draft.content else "", 120)
    lines = [
        formatting.bold(_("How should it begin?")),
        _("Everyone sees their own name, for example:"),
        f"<blockquote>{escaped(greetings()[0].format(name=name))}\n{escaped(text)}</blockquote>",
    ]
    buttons = [
        Button(formatting.clip(one.format(name=name), 40), to("greeted", place))
        for place, one in enumerate(greetings())
    ]
    return screen(lines, *buttons, Button(_("« Back"), to("text")))


def text_help(draft: Draft, columns: Sequence[str]) -> Screen:
    """Help on names, buttons, files and templates in a text. `columns`: of the recipients."""
    column = next((one for one in columns if one not in ("name", "first_name")), "name")
    lines = [
        _("<code>{{{column}}}</code> becomes each person's own {words}.").format(
            column=escaped(column), words=escaped(formatting.column(column))
        ),
        _("On separate lines at the end of your text:"),
        _("<code>[Shop](https://example.com)</code> makes a button,"),
        _("<code>![list](https://example.com/list.pdf)</code> adds a file from the web,"),
        _("<code>template: visit_reminder en_US | {name}</code> uses a WhatsApp template."),
    ]
    return screen(lines, Button(_("« Back"), subject(draft).to("text")))


def problems_text(found: Sequence[str], most: int = MOST_PROBLEMS) -> str:
    """One problem per line, at most so many."""
    clipped = [formatting.clip(translate(problem), _LONGEST_PROBLEM) for problem in found[:most]]
    shown = clipped if len(found) == 1 else [f"• {problem}" for problem in clipped]
    if len(found) > most:
        shown.append(_("and {count} more").format(count=amount(len(found) - most)))
    return "\n".join(shown)


def refused_order(draft: Draft, found: Sequence[str], near: Sequence[Chosen] = ()) -> Screen:
    """The problems of an order; its valid parts are kept. `near`: audiences that may be meant."""
    to = subject(draft).to
    content = draft.content
    needs_link = content and any(unreachable_files(content, one) for one in messengers_of(draft))
    meant = tuple(
        Button(formatting.clip(formatting.audience_title(one), 20), to("near", one.id.lower()))
        for one in near[:_MOST_MEANT]
    )
    link = (Button(_("🔗 Add a link to the file"), to("link")),) if needs_link else ()
    # One way on at a time; the others come when it is settled. A text too long for some may be split or leave them out.
    too_long = split_row(draft)
    out = messenger_row(draft)[-1:] if too_long else messenger_row(draft)
    ways: Rows = ((meant or link),) if meant or link else (too_long, out)
    return screen(
        [escaped(problems_text(found, _MOST_ON_A_CARD)), _("Your draft is saved.")],
        *ways,
        (
            Button(_("✏ Text"), to("text")),
            Button(_("👥 People"), to("who")),
            Button(_("🕒 Time"), to("when")),
        ),
        delete_button(draft),
    )
