"""Screens of the search in ended broadcasts."""

from __future__ import annotations

from bot.screens.home import home_row
from bot.screens.lists import ended_lines, filter_row, number_row
from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, amount
from bot.ui.callback_data import BOT, SENT_LIST, ListPage
from bot.ui.screen import Button, Row, Screen, screen
from core.services.search import Found

_BUTTON = BOT.to("search")
_QUOTED = 40


def search_prompt() -> Screen:
    return screen(
        _("What words are you looking for?"),
        Button(_("« Sent"), SENT_LIST),
    )


def search_results(searched: str, page: ListPage, result: Found, clock: Clock) -> Screen:
    """`page`: its number, the search and the filter."""
    named = escaped(formatting.clip(searched, _QUOTED))
    title = formatting.bold(_("Sent messages with “{words}”")).format(words=named)
    lines = [_("{title} · {zone}").format(title=title, zone=escaped(formatting.city(clock.zone)))]
    lines += ended_lines(result.items, clock)
    if not result.items:
        lines.append(_nothing(result, page))
    other: Row = (Button(_("🔎 Other words"), _BUTTON), Button(_("« Sent"), SENT_LIST))
    return screen(
        lines,
        number_row(result.items, page),
        _turns(result, page),
        filter_row(page.shown, page.which),
        other,
        home_row(),
    )


def _nothing(result: Found, page: ListPage) -> str:
    if result.older is not None:
        return _("Nothing in the last {count} messages. Search older ones?").format(
            count=amount(result.looked_at)
        )
    return _("Nothing found.") if page.page == 1 else _("Nothing older.")


def _turns(result: Found, page: ListPage) -> Row:
    """To newer and to older results."""
    row: list[Button] = []
    if page.page > 1:
        row.append(Button(_("‹ Newer"), ListPage(page.which, page.page - 1, page.shown)))  # noqa: RUF001 - an arrow
    if result.older is not None:
        row.append(Button(_("Search older ›"), ListPage(page.which, page.page + 1, page.shown)))  # noqa: RUF001 - an arrow
    return tuple(row)


def expired_search() -> Screen:
    return screen(
        _("This search has expired. Search again?"),
        Button(_("🔎 Search"), _BUTTON),
        home_row(),
    )
