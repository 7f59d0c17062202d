"""The screen that asks for the recipients of a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.screens.drafts import problems_text, recipients_text
from bot.text import formatting
from bot.text.formatting import escaped
from bot.text.translation import _, amount
from bot.ui.callback_data import subject
from bot.ui.pagination import page_rows
from bot.ui.screen import Button, Rows, Screen, Style, grid, screen
from core.domain.audience import Audience, Chosen
from core.domain.page import Page
from core.store.chat.drafts import Draft

LABEL = 24
_A_ROW = 2


@dataclass(frozen=True, slots=True)
class Shelf:
    """The choices: a page of audiences, and all subscribers."""

    audiences: Page[Audience]
    everybody: Chosen


def recipients_prompt(
    draft: Draft, shelf: Shelf, problems: Sequence[str] = (), near: Sequence[Chosen] = ()
) -> Screen:
    """`problems`: of the previous answer, of which nobody was added; `near`: audiences that may be meant."""
    lines = [_("<b>Recipients for #{id}</b>").format(id=draft.shown_id)]
    if problems:
        lines += [
            escaped(problems_text(problems)),
            _("Nobody of this list was added. Send it again, corrected."),
        ]
    if draft.names_somebody:
        chosen = escaped(recipients_text(draft))
        lines.append(_("Chosen {people}").format(people=chosen))
    if draft.duplicates:
        lines.append(formatting.duplicates_text(draft.duplicates))
    if not problems:
        lines += address_help(
            _(
                "Choose below, or type or paste a list, or send a CSV, XLSX or TXT file. With commas or one per line:"
            )
        )
    return screen(lines, *_near(draft, near), *_shelf(draft, shelf), *_end(draft))


def address_help(head: str) -> list[str]:
    """The forms of an address below `head`. As HTML."""
    return [
        head,
        _("<code>+12025550123</code> on WhatsApp"),
        _("<code>tg:1001</code> or <code>@name</code> on Telegram"),
        _("<code>viber:ID</code> on Viber"),
        _("or the name of an audience"),
    ]


def _near(draft: Draft, near: Sequence[Chosen]) -> Rows:
    to = subject(draft).to
    return tuple((Button(f"👥 {_label(one)}?", to("near", one.id.lower())),) for one in near[:3])


def _shelf(draft: Draft, shelf: Shelf) -> Rows:
    to, page = subject(draft).to, shelf.audiences.page
    chosen = {one.id for one in draft.audiences}

    def button(one: Audience | Chosen, mark: str) -> Button:
        return Button(
            f"{'✔' if one.id in chosen else mark} {_label(one)}", to("pick", f"{one.id.lower()}:{page}")
        )

    rows = grid([button(one, "👥") for one in shelf.audiences.items], _A_ROW)
    label = _("All subscribers · {count}").format(count=amount(shelf.everybody.total))
    mark = "✔" if shelf.everybody.id in chosen else "🔔"
    everybody = Button(f"{mark} {label}", to("pick", f"{shelf.everybody.id}:{page}"))
    return (*rows, (everybody,), *page_rows(shelf.audiences, lambda number: to("who", number)))


def _label(one: Audience | Chosen) -> str:
    count = f" · {amount(one.total)}"
    return formatting.clip(formatting.audience_title(one), LABEL - len(count)) + count


def _end(draft: Draft) -> Rows:
    to = subject(draft).to
    if not draft.names_somebody:
        return ((Button(_("« Back"), to("home")),),)
    total = len(draft.recipients) + sum(one.total for one in draft.audiences)
    use = Button(_("✔ Use {count}").format(count=amount(total)), to("home"), Style.PRIMARY)
    return ((use,), (Button(_("✖ Start the list over"), to("clear"), Style.DANGER),))
