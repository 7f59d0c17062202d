"""Updates a saved list from a newer file: which list, what would change, and the change."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from bot.context import BotContext, CallbackAnswer, Reply
from bot.handlers import audiences
from bot.requests import ButtonPress
from bot.routes import AUDIENCE, LIST_ID, Argument
from bot.screens import recipient_file as screens_recipient_file
from bot.screens.audiences import PAGE_SIZE
from bot.text.translation import _, amount
from bot.ui.callback_data import ID
from bot.ui.screen import Screen
from core.domain.recipients import Recipient
from core.domain.team import Role
from core.services.list_update import ListChange, compare


async def _choose_list(context: BotContext, _press: ButtonPress, staged_id: str) -> Screen:
    """Ask which saved list the file is a newer version of."""
    staged = await context.core.audiences.get(staged_id)
    lists = await context.core.audiences.page(size=PAGE_SIZE)
    return screens_recipient_file.choose_list(staged, lists.items)


async def _compare(context: BotContext, _press: ButtonPress, staged_id: str, audience_id: str) -> Screen:
    audiences = context.core.audiences
    staged, audience = await audiences.get(staged_id), await audiences.get(audience_id)
    newer = [one async for one in context.core.recipients.of(staged_id)]
    change = await list_change(context, audience_id, newer)
    return screens_recipient_file.comparison(staged, audience, change)


async def _sync(
    context: BotContext, press: ButtonPress, staged_id: str, target: tuple[str, int]
) -> Screen | Reply:
    """Make a saved list equal to a newer file. Shows the comparison again if others are missing by now."""
    audience_id, expected = target
    core, newer = context.core, [one async for one in context.core.recipients.of(staged_id)]
    change = await list_change(context, audience_id, newer)
    if change.missing != expected:
        text = _("The list has changed. Please look again.")
        return Reply(await _compare(context, press, staged_id, audience_id), CallbackAnswer(text, alert=True))
    await context.chat.answer(press.query_id, _("One moment"))
    headings = (await core.audiences.get(staged_id)).headings
    await core.audiences.add(audience_id, (*change.added, *change.changed), headings)
    await core.audiences.remove(audience_id, change.gone)
    await core.prompts.close(press.admin.id)
    note = _("Added: {added}. Changed: {changed}. Removed: {removed}.").format(
        added=amount(len(change.added)), changed=amount(len(change.changed)), removed=amount(change.missing)
    )
    return Reply(await audiences.changed_card(context, audience_id, note), answer=None)


async def list_change(context: BotContext, audience_id: str, newer: Iterable[Recipient]) -> ListChange:
    saved = [one async for one in context.core.recipients.of(audience_id)]
    return await asyncio.to_thread(compare, saved, newer)


def _read_target(text: str) -> tuple[str, int]:
    audience_id, _colon, missing = text.partition(":")
    return audience_id, int(missing)


_TARGET: Final = Argument(rf"{ID}:\d{{1,9}}", _read_target)
"""A saved list, and how many of its people are missing in the file."""

BUTTONS = (
    AUDIENCE.button("lists", Role.EDITOR, _choose_list),
    AUDIENCE.button("compare", Role.EDITOR, _compare, LIST_ID),
    AUDIENCE.button("sync", Role.EDITOR, _sync, _TARGET),
)
