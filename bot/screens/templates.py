"""Screens for picking a message template and filling it in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.text import formatting
from bot.text.formatting import escaped
from bot.text.translation import _, translate
from bot.ui.callback_data import subject
from bot.ui.pagination import page_rows
from bot.ui.screen import Button, Screen, Style, grid, screen
from core.domain.content.content import Content
from core.domain.content.templates import (
    APPROVED,
    ListedTemplate,
    TemplateGap,
    TemplateList,
    template_text,
    with_value,
)
from core.domain.messengers.remedies import remedy
from core.domain.messengers.traits import Messenger
from core.domain.page import cut_page
from core.store.chat.drafts import Draft

PAGE_SIZE: Final = 6
MOST_COLUMNS: Final = 6
_LONGEST_LINE: Final = 90
_LONGEST_TEXT: Final = 900


def picker(draft: Draft, found: TemplateList, page: int) -> Screen:
    """The account's templates, those that can be used first."""
    to = subject(draft).to
    ordered = sorted(found.templates, key=lambda one: (not one.usable, one.name, one.language))
    shown = cut_page(page, PAGE_SIZE, ordered)
    lines = [formatting.bold(_("Which template?")), *(_line(one) for one in shown.items)]
    if not ordered:
        lines = [_("Your WhatsApp account has no templates yet. Make one in WhatsApp Manager.")]
    return screen(
        lines,
        *(Button(_label(one), to("tplof", one.key)) for one in shown.items),
        *page_rows(shown, lambda number: to("tpl", number)),
        (Button(_("🔄 Look again"), to("tplnew")), Button(_("« Back"), to("home"))),
    )


def unavailable(draft: Draft, messenger: Messenger, problem: str) -> Screen:
    """The reason why there is no list. `problem`: the messenger's words; empty where no worker answered."""
    to = subject(draft).to
    if problem:
        lines = [
            _("{messenger} doesn't list your templates.").format(messenger=messenger.traits.title),
            _("{messenger} says: {words}").format(
                messenger=messenger.traits.title, words=escaped(formatting.clip(problem, 200))
            ),
            escaped(translate(todo)) if (todo := remedy(messenger, problem)) is not None else "",
        ]
    else:
        lines = [
            _("I couldn't load the templates. Check in /status that messages are going out, then try again.")
        ]
    lines.append(_("On separate lines at the end of your text:"))
    lines.append(_("<code>template: visit_reminder en_US | {name}</code> uses a WhatsApp template."))
    return screen(
        lines,
        Button(_("🔄 Look again"), to("tplnew"), Style.PRIMARY),
        (Button(_("✏ Text"), to("text")), Button(_("« Back"), to("home"))),
    )


def template_card(draft: Draft, one: ListedTemplate) -> Screen:
    """One template as people read it."""
    to = subject(draft).to
    about = f"{one.language} · {_category(one.category)} · {_status(one.status)}"
    quoted = escaped(formatting.clip(one.text, _LONGEST_TEXT))
    lines = [f"<b>{escaped(one.name)}</b> · {escaped(about)}"]
    if one.header_file is not None:
        lines.append(_("At the top: a {kind}.").format(kind=translate(one.header_file.words)))
    lines.append(f"<blockquote>{quoted}</blockquote>")
    if one.buttons:
        names = formatting.join_names([f"[{button.text}]" for button in one.buttons])
        lines.append(_("Buttons: {names}").format(names=escaped(names)))
    if one.status != APPROVED:
        lines.append(_("⚠ WhatsApp won't send it while it's {status}.").format(status=_status(one.status)))
    elif one.beyond:
        lines.append(_("⚠ I can't fill in its {part}.").format(part=escaped(one.beyond)))
    use = Button(_("✔ Use this one"), to("tpluse", one.key), Style.SUCCESS) if one.usable else None
    return screen(lines, use, Button(_("« Templates"), to("tpl", 1)))


def gap_question(
    draft: Draft, content: Content, place: TemplateGap, columns: Sequence[str], problem: str = ""
) -> Screen:
    """Asks for one value. `columns`: of the recipients; `problem`: why the last answer did not fit."""
    to, template = subject(draft).to, content.template
    if template is None:
        raise ValueError("there is no template to fill in")
    here = with_value(template, place, "▢") if place.part in ("header", "body") else template
    text = escaped(formatting.clip(template_text(here), _LONGEST_TEXT))
    lines = [escaped(problem), formatting.bold(_question(content, place)), f"<blockquote>{text}</blockquote>"]
    buttons: list[Button] = []
    if place.part != "file":
        shown = columns[:MOST_COLUMNS]
        buttons = [
            Button(formatting.clip(formatting.column(name), 20), to("tplcol", n))
            for n, name in enumerate(shown)
        ]
        offer = _("Type it, or let each person have their own:")
        lines.append(offer if buttons else _("Type the value."))
    return screen(
        lines,
        *grid(buttons, 3),
        (Button(_("« Templates"), to("tpl", 1)), Button(_("✖ No template"), to("tplno"))),
    )


def _question(content: Content, place: TemplateGap) -> str:
    template = content.template
    match place.part:
        case "file" if template is not None and template.header_file is not None:
            kind = translate(template.header_file.words)
            return _("Send me the {kind} for the top of the template.").format(kind=kind)
        case "button" if template is not None:
            value = template.buttons[place.number]
            if value.kind == "copy_code":
                return _("Which code should people copy?")
            question = _("How does the address behind “{button}” end? {address}")
            return escaped(question.format(button=value.label, address=value.url.replace("{{1}}", "▢")))
        case _:
            name = "" if place.name.isdigit() else f" ({place.name})"
            return _("What goes in place of ▢{name}?").format(name=escaped(name))


def _label(one: ListedTemplate) -> str:
    mark = "" if one.usable else "⏸ "
    return formatting.clip(f"{mark}{one.name} · {one.language}", 40)


def _line(one: ListedTemplate) -> str:
    """As HTML."""
    about = [one.language, _category(one.category)]
    about += [] if one.status == APPROVED else [_status(one.status)]
    text = " ".join(one.text.split())
    rest = formatting.clip(f"({', '.join(about)}): {text}", _LONGEST_LINE)
    return f"<b>{escaped(formatting.clip(one.name, 40))}</b> {escaped(rest)}"


def _category(category: str) -> str:
    known = {
        "MARKETING": _("marketing"),
        "UTILITY": _("utility"),
        "AUTHENTICATION": _("sign-in codes"),
    }
    return known.get(category, category.lower())


def _status(status: str) -> str:
    known = {
        APPROVED: _("approved"),
        "PENDING": _("in review"),
        "REJECTED": _("rejected"),
        "PAUSED": _("paused"),
        "DISABLED": _("disabled"),
    }
    return known.get(status, status.lower().replace("_", " "))
