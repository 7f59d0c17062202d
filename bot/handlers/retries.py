"""Buttons that send a broadcast again: to failed, to unknown, or to all recipients."""

from __future__ import annotations

from typing import Final

from bot.context import BotContext, CallbackAnswer, Result, already, redraw
from bot.handlers import drafts, preview
from bot.routes import BROADCAST, NUMBER, Argument, drawn
from bot.screens.ended import ended_card
from bot.screens.retries import CHOICES, decode_reasons, resend_question, retry_question
from bot.telegram.incoming import ButtonPress
from bot.text import formatting
from bot.text.translation import _, amount
from bot.ui.callback_data import ListPage, StaleScreen
from core.domain.broadcast import Broadcast
from core.domain.errors import Conflict
from core.domain.messengers.outcome import Reason
from core.domain.team import Role
from core.domain.translatable import sentence

_LIST: Final = ListPage("f", 1)
Reasons = frozenset[Reason]
_CHOSEN: Final = Argument(r"[0-9a-f]{1,4}", decode_reasons)
_CHOSEN_OR_ALL: Final = Argument(
    r"[0-9a-f]{0,4}", lambda text: decode_reasons(text) if text else frozenset(CHOICES)
)


async def _retried(context: BotContext, press: ButtonPress, broadcast: Broadcast, chosen: Reasons) -> Result:
    """Create a draft for the chosen recipients and preview it."""
    recipients = await context.core.retries.failed_for(broadcast, chosen)
    if not recipients and (at := await context.core.retries.earliest(broadcast)) is not None:
        clock = context.clock()
        when = formatting.moment(at, now=clock.now, zone=clock.zone)
        return CallbackAnswer(_("Not yet: the first of them from {time} on").format(time=when), alert=True)
    if not recipients:
        raise StaleScreen
    if not await context.core.drafts.first_tap(press.admin.id, press.message_id, "retried"):
        return already()
    await redraw(context, press, ended_card(broadcast, context.clock(), _LIST))
    draft = await drafts.create(context, await drafts.retry_of(context, press.admin, broadcast, recipients))
    await preview.show(context, press.admin, draft)
    return CallbackAnswer(_("Look at it, then confirm"))


async def _again(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> CallbackAnswer:
    copy = await drafts.copy_of(context, press.admin, broadcast)
    await drafts.post_slots(context, await drafts.create(context, copy))
    return CallbackAnswer(_("A new draft is below"))


async def _resent(
    context: BotContext, press: ButtonPress, broadcast: Broadcast, resends: int
) -> CallbackAnswer:
    """Resend to unknown; `resends` makes it idempotent. Raises Conflict."""
    if resends != broadcast.resends:
        raise Conflict(sentence("They have been sent to again already."))
    count = await context.core.retries.resend_unknown(broadcast)
    await context.live.attach(broadcast.id, press.admin.chat_id, press.message_id)
    return CallbackAnswer(_("Sending again to {count}").format(count=amount(count)))


BUTTONS = (
    BROADCAST.button("retry", Role.EDITOR, drawn(retry_question), _CHOSEN_OR_ALL),
    BROADCAST.button("retried", Role.EDITOR, _retried, _CHOSEN),
    BROADCAST.button("again", Role.EDITOR, _again, once=True),
    BROADCAST.button("resend", Role.OWNER, drawn(resend_question)),
    BROADCAST.button("resent", Role.OWNER, _resent, NUMBER),
)
