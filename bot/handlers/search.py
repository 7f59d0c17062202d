"""Search in finished broadcasts, by /finished WORDS or by button."""

from __future__ import annotations

from typing import Final

from bot.context import BotContext, Reply
from bot.requests import Admin, ButtonPress, IncomingMessage
from bot.routes import button
from bot.screens.lists import FILTERS, PAGE_SIZE
from bot.screens.search import expired_search, search_prompt, search_results
from bot.ui.callback_data import BOT, ListPage
from bot.ui.screen import Screen
from core.domain.team import Role

PROMPT: Final = "search"
_NO_SUBJECT: Final = "-"
_LONGEST: Final = 200


async def _ask(_context: BotContext, _press: ButtonPress) -> Reply:
    return Reply(search_prompt(), asks=(_NO_SUBJECT, PROMPT))


async def answer(context: BotContext, message: IncomingMessage, _about: str, _field: str) -> Screen:
    return await begin(context, message, message.text)


async def begin(context: BotContext, message: IncomingMessage, words: str) -> Screen:
    prompt = await context.core.prompts.current(message.admin.id)
    if prompt is not None and prompt.field == PROMPT:
        await context.core.prompts.close(message.admin.id)
    stamp = await context.core.searches.begin(message.admin.id, words.strip()[:_LONGEST])
    return await page(context, message.admin, ListPage(f"q{stamp}", 1))


async def page(context: BotContext, admin: Admin, here: ListPage) -> Screen:
    """A page of a search. The cursor of the next page is stored: a button has no room for it."""
    stamp, searches = here.search, context.core.searches
    words = await searches.words(admin.id, stamp)
    if words is None:
        return expired_search()
    after = await searches.place(admin.id, stamp, f"{here.shown}{here.page}")
    if after is None:
        here = ListPage(here.which, 1, here.shown)
    found = await context.core.search.search(words, which=FILTERS[here.shown], size=PAGE_SIZE, after=after)
    if found.older is not None:
        await searches.keep_place(admin.id, stamp, f"{here.shown}{here.page + 1}", found.older)
    return search_results(words, here, found, context.clock())


BUTTONS = (button(BOT.to("search"), Role.VIEWER, _ask),)
