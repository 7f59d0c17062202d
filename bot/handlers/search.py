"""Searching among the ended broadcasts: by word behind /finished, or asked for by a button."""

from __future__ import annotations

from typing import Final

from bot import prompts
from bot.context import Admin, BotContext, ButtonPress, CallbackAnswer, IncomingMessage, redraw
from bot.screens import search as screens_search
from bot.screens.lists import PAGE_SIZE
from bot.ui.callback_data import SEARCH, ListTap
from bot.ui.screen import Screen
from core.services.broadcasts import FinishedFilter

_FILTERS = {"a": FinishedFilter.ALL, "f": FinishedFilter.FAILURES, "c": FinishedFilter.CANCELLED}
_LONGEST: Final = 200


async def ask(context: BotContext, press: ButtonPress) -> CallbackAnswer:
    """The button: what is typed next is searched for."""
    shown = await redraw(context, press, screens_search.search_prompt())
    await context.core.drafts.await_input(press.admin.id, prompts.NO_SUBJECT, prompts.SEARCH, asked_on=shown)
    return CallbackAnswer()


async def begin(context: BotContext, message: IncomingMessage, words: str) -> None:
    """Shows what has these words in its text."""
    if (await context.core.drafts.awaiting(message.admin.id) or ("", ""))[1] == prompts.SEARCH:
        await context.core.drafts.stop_awaiting(message.admin.id)
    stamp = await context.core.searches.begin(message.admin.id, words.strip()[:_LONGEST])
    screen = await page(context, message.admin, ListTap(f"{SEARCH}{stamp}", 1, "a"))
    await context.chat.send(message.admin.chat_id, screen)


async def page(context: BotContext, admin: Admin, tap: ListTap) -> Screen:
    """A page of a search; the place where the next one begins is kept, as a button has no room for it."""
    stamp, searches = tap.which.removeprefix(SEARCH), context.core.searches
    words = await searches.words(admin.id, stamp)
    if words is None:
        return screens_search.expired_search()
    after = await searches.place(admin.id, stamp, f"{tap.shown}{tap.page}")
    if after is None:
        tap = ListTap(tap.which, 1, tap.shown)
    found = await context.core.searching.search(words, which=_FILTERS[tap.shown], size=PAGE_SIZE, after=after)
    if found.older is not None:
        await searches.keep_place(admin.id, stamp, f"{tap.shown}{tap.page + 1}", found.older)
    return screens_search.search_results(words, tap, found, context.clock())
