"""Buttons that choose the recipients of a draft."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.context import BotContext, CallbackAnswer, Reply
from bot.handlers import drafts
from bot.handlers.audiences import SAVE
from bot.routes import DRAFT, Argument
from bot.screens.audiences import name_prompt
from bot.screens.recipients import Shelf, recipients_prompt
from bot.telegram.incoming import ButtonPress
from bot.text.translation import _, translate
from bot.ui.callback_data import subject
from bot.ui.screen import Screen
from core.domain.audience import EVERYBODY, nobody_in
from core.domain.errors import NotFound
from core.domain.team import Role
from core.store.chat.drafts import Draft

PAGE_SIZE = 6


def _list_id(text: str) -> str:
    return text if text == EVERYBODY else text.upper()


_ID: Final = r"[a-z0-9]{3,12}"
_LIST: Final = Argument(_ID, _list_id)
_PAGE: Final = Argument(r"(?:[1-9]\d{0,3})?", lambda text: int(text or 1))
_LIST_AND_PAGE: Final = Argument(
    rf"{_ID}:[1-9]\d{{0,3}}", lambda text: (_list_id(text.partition(":")[0]), int(text.partition(":")[2]))
)


async def shelf(context: BotContext, page: int = 1) -> Shelf:
    audiences = context.core.audiences
    return Shelf(await audiences.page(page=page, size=PAGE_SIZE), await audiences.everybody())


async def _ask(context: BotContext, draft: Draft, page: int = 1) -> Screen:
    await context.core.drafts.await_input(draft.admin_id, draft.id, "who")
    return recipients_prompt(draft, await shelf(context, page))


async def _who(context: BotContext, _press: ButtonPress, draft: Draft, page: int) -> Screen:
    if draft.offered:
        draft = await drafts.save(context, replace(draft, offered=""))
    return await _ask(context, draft, page)


async def _clear(context: BotContext, _press: ButtonPress, draft: Draft) -> Reply:
    emptied = replace(draft, recipients=(), audiences=(), offered="", duplicates=0)
    screen = await _ask(context, await drafts.save(context, emptied))
    return Reply(screen, CallbackAnswer(_("The list is empty again")))


async def _pick(context: BotContext, _press: ButtonPress, draft: Draft, picked: tuple[str, int]) -> Reply:
    """Add an audience, or remove it."""
    list_id, page = picked
    left = tuple(one for one in draft.audiences if one.id != list_id)
    if len(left) < len(draft.audiences):
        changed, answer = replace(draft, audiences=left), CallbackAnswer(_("Taken off"))
    else:
        changed, answer = await _added(context, draft, list_id)
    return Reply(await _ask(context, await drafts.save(context, changed), page), answer)


async def _added(context: BotContext, draft: Draft, list_id: str) -> tuple[Draft, CallbackAnswer]:
    """Add an audience; a deleted or empty one changes nothing."""
    try:
        chosen = await context.core.audiences.choose(list_id)
    except NotFound as error:
        return draft, CallbackAnswer(translate(str(error)), alert=True)
    if not chosen.total:
        return draft, CallbackAnswer(translate(nobody_in(chosen)), alert=True)
    return drafts.with_audiences(draft, [chosen]), CallbackAnswer(_("Added"))


async def _near(context: BotContext, _press: ButtonPress, draft: Draft, list_id: str) -> CallbackAnswer:
    changed, answer = await _added(context, replace(draft, offered=""), list_id)
    await drafts.post_slots(context, await drafts.save(context, changed))
    return answer


async def _save(context: BotContext, press: ButtonPress, draft: Draft, list_id: str) -> Screen:
    audience = await context.core.audiences.get(list_id)
    await context.core.drafts.await_input(press.admin.id, draft.id, f"{SAVE}:{audience.id}")
    return name_prompt(subject(draft).to("who"), audience.title)


BUTTONS = (
    DRAFT.button("who", Role.EDITOR, _who, _PAGE),
    DRAFT.button("clear", Role.EDITOR, _clear),
    DRAFT.button("pick", Role.EDITOR, _pick, _LIST_AND_PAGE),
    DRAFT.button("near", Role.EDITOR, _near, _LIST),
    DRAFT.button("save", Role.EDITOR, _save, _LIST),
)
