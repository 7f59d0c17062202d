"""The row with the pages of a list."""
# ruff: noqa: RUF001 - the arrows are meant for the eye

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.text.translation import _
from bot.ui.callback_data import NO_ACTION, Action
from bot.ui.screen import Button, Rows
from core.domain.page import Page


def page_rows(page: Page[Any], action: Callable[[int], Action]) -> Rows:
    """Arrows around the page number; empty for a single page. `action`: opens a page."""
    if page.pages == 1:
        return ()
    back = (Button("‹", action(page.page - 1)),) if page.page > 1 else ()
    on = (Button("›", action(page.page + 1)),) if page.page < page.pages else ()
    return ((*back, Button(f"{page.page}/{page.pages}", NO_ACTION), *on),)


def page_text(page: Page[Any]) -> str:
    """For a title: " · page 2/3"; empty for a single page."""
    at = _("page {page}/{pages}").format(page=page.page, pages=page.pages)
    return f" · {at}" if page.pages > 1 else ""
