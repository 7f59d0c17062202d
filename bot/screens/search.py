"""Screens of the search in ended broadcasts."""

from __future__ import annotations

from html import escape

from bot.screens.lists import ended_lines, filter_row, number_row
from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, amount
from bot.ui.callback_data import ListTap, MenuTap
from bot.ui.screen import Button, Row, Screen, screen
from core.services.search import Found

BUTTON_DATA = str(MenuTap("search"))
_QUOTED = 40


def search_prompt() -> Screen:
    return screen(
        _("Which words are in its text? Write them to me; case does not matter."),
        Button(_("« Finished"), str(ListTap("f", 1, "a"))),
    )


def search_results(searched: str, page: ListTap, result: Found, clock: Clock) -> Screen:
    """`page`: its number, the search and the filter."""
    named = escaped(formatting.clip(searched, _QUOTED))
    title = formatting.bold(_("Finished with “{words}”")).format(words=named)
    lines = [_("{title} · {zone}").format(title=title, zone=escape(formatting.city(clock.zone)))]
    lines += ended_lines(result.items, clock)
    if not result.items:
        lines.append(_nothing(result, page))
    items: tuple[Row, ...] = (number_row(result.items, page),) if result.items else ()
    turns = _turns(result, page)
    other: Row = (
        Button(_("🔎 Other words"), BUTTON_DATA),
        Button(_("« Finished"), str(ListTap("f", 1, "a"))),
    )
    return screen(lines, *items, turns if turns else None, filter_row(page.shown, page.which), other, _home())


def _nothing(result: Found, page: ListTap) -> str:
    if result.older is not None:
        return _("Nothing in {count} broadcasts; there are older ones.").format(
            count=amount(result.looked_at)
        )
    return _("Nothing found.") if page.page == 1 else _("Nothing older.")


def _turns(result: Found, page: ListTap) -> Row:
    """To newer and to older results."""
    row: list[Button] = []
    if page.page > 1:
        row.append(Button(_("‹ Newer"), str(ListTap(page.which, page.page - 1, page.shown))))  # noqa: RUF001 - an arrow
    if result.older is not None:
        row.append(Button(_("Search older ›"), str(ListTap(page.which, page.page + 1, page.shown))))  # noqa: RUF001 - an arrow
    return tuple(row)


def _home() -> Row:
    return (Button(_("« Home"), str(MenuTap("home"))),)


def expired_search() -> Screen:
    return screen(
        _("I have forgotten what was searched for. Search again?"),
        Button(_("🔎 Search"), BUTTON_DATA),
        _home(),
    )
