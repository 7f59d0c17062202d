"""The buttons of a request for approval."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bot.context import BotContext, CallbackAnswer, Reply, Result, old
from bot.requests import ButtonPress
from bot.routes import APPROVAL, Handled, button
from bot.screens import approvals as screens_approvals
from bot.text.translation import _, translate
from bot.ui.callback_data import APPROVALS
from bot.ui.screen import Screen
from core.domain.broadcast import Asked, Broadcast
from core.domain.errors import Conflict
from core.domain.team import Role

RequestKey = tuple[str, int]
"""The id of a broadcast, and the number of the request: a changed broadcast is asked about again."""
Show = Callable[[BotContext, ButtonPress, Broadcast, Asked], Handled]


async def _list(context: BotContext, _press: ButtonPress) -> Screen:
    return screens_approvals.waiting_list(await context.core.approvals.waiting(), context.clock())


def _over(context: BotContext, broadcast: Broadcast) -> Screen:
    """The screen of a request that is decided or replaced."""
    if broadcast.asked is None:
        return screens_approvals.decided_request(broadcast, context.clock())
    return screens_approvals.superseded_request(broadcast)


def _open(show: Show) -> Callable[[BotContext, ButtonPress, RequestKey], Handled]:
    """Make a handler of an open request; one that is over is redrawn instead."""

    async def handle(context: BotContext, press: ButtonPress, key: RequestKey) -> Result:
        broadcast = await context.core.broadcasts.get(key[0])
        asked = broadcast.asked
        if asked is not None and asked.number == key[1]:
            return await show(context, press, broadcast, asked)
        return Reply(_over(context, broadcast), old())

    return handle


async def _view(
    context: BotContext, press: ButtonPress, broadcast: Broadcast, asked: Asked
) -> CallbackAnswer:
    if await context.core.presses.is_first(press.admin.id, press.message_id, "look"):
        await context.approvals.show(broadcast, asked, press.admin.chat_id)
    return CallbackAnswer()


async def _ask_refuse(
    _context: BotContext, _press: ButtonPress, broadcast: Broadcast, _asked: Asked
) -> Screen:
    return screens_approvals.refusal_question(broadcast)


async def _back(context: BotContext, _press: ButtonPress, broadcast: Broadcast, asked: Asked) -> Screen:
    gaps = await context.approvals.gaps(broadcast, asked)
    return screens_approvals.approval_request(broadcast, asked, gaps, context.clock())


async def _csv(
    context: BotContext, press: ButtonPress, broadcast: Broadcast, _asked: Asked
) -> CallbackAnswer:
    """Post every recipient with what fills the gaps for them."""
    if await context.core.presses.is_first(press.admin.id, press.message_id, "csv"):
        number = 0
        async for data in context.core.gap_values.files(broadcast, translate):
            number += 1
            await context.chat.send_file(press.admin.chat_id, f"{broadcast.id}-{number}.csv", data)
    return CallbackAnswer()


async def _decide(context: BotContext, _press: ButtonPress, key: RequestKey, *, approve: bool) -> Result:
    """Decide an open request. A refusal says why and keeps the buttons while the request is open."""
    decide = context.core.approvals.approve if approve else context.core.approvals.refuse
    try:
        broadcast = await decide(*key)
    except Conflict as error:
        context.approvals.wake()
        answer = CallbackAnswer(translate(str(error)), alert=True)
        broadcast = await context.core.broadcasts.get(key[0])
        is_open = broadcast.asked is not None and broadcast.asked.number == key[1]
        return answer if is_open else Reply(_over(context, broadcast), answer)
    context.approvals.wake()
    context.live.refresh_soon(broadcast.id)
    answer = CallbackAnswer(_("Approved") if approve else _("Rejected"))
    return Reply(screens_approvals.decided_request(broadcast, context.clock()), answer)


BUTTONS = (
    button(APPROVALS.to("list"), Role.VIEWER, _list),
    APPROVAL.button("view", Role.VIEWER, _open(_view)),
    APPROVAL.button("csv", Role.EDITOR, _open(_csv)),
    APPROVAL.button("yes", Role.EDITOR, partial(_decide, approve=True)),
    APPROVAL.button("no", Role.EDITOR, _open(_ask_refuse)),
    APPROVAL.button("back", Role.EDITOR, _open(_back)),
    APPROVAL.button("refused", Role.EDITOR, partial(_decide, approve=False)),
)
