"""Taps on questions for approval."""

from __future__ import annotations

from bot.context import BotContext, ButtonPress, CallbackAnswer, old, redraw
from bot.screens import approvals as screens_approvals
from bot.text.translation import _, translate
from bot.ui.callback_data import ApprovalTap
from core.domain.errors import Conflict


async def handle(context: BotContext, press: ButtonPress, tap: ApprovalTap) -> CallbackAnswer | None:
    """Carries the tap out. Raises SenderError."""
    match tap.verb:
        case "list":
            waiting = await context.core.approval.waiting()
            await redraw(context, press, screens_approvals.waiting_list(waiting, context.clock()))
            return CallbackAnswer()
        case "yes" | "refused":
            return await _decide(context, press, tap)
        case _:
            return await _look(context, press, tap)


async def _look(context: BotContext, press: ButtonPress, tap: ApprovalTap) -> CallbackAnswer:
    """Shows the question, or asks whether a no is meant."""
    broadcast = await context.core.broadcasts.get(tap.broadcast_id)
    if broadcast.asked is None:
        await redraw(context, press, screens_approvals.decided_request(broadcast, context.clock()))
        return old()
    if broadcast.asked.number != tap.number:
        await redraw(context, press, screens_approvals.superseded_request(broadcast))
        return old()
    if tap.verb == "no":
        await redraw(context, press, screens_approvals.refusal_question(broadcast))
    elif tap.verb == "back":
        await redraw(
            context, press, screens_approvals.approval_request(broadcast, broadcast.asked, context.clock())
        )
    elif await context.core.drafts.first_tap(press.admin.id, press.message_id, "look"):
        await context.approvals.show(broadcast, broadcast.asked, press.admin.chat_id)
    return CallbackAnswer()


async def _decide(context: BotContext, press: ButtonPress, tap: ApprovalTap) -> CallbackAnswer:
    """The first one decides; whoever comes later is told who did."""
    decide = context.core.approval.approve if tap.verb == "yes" else context.core.approval.refuse
    try:
        broadcast = await decide(tap.broadcast_id, tap.number)
    except Conflict as error:
        context.approvals.wake()
        await _draw_decided(context, press, tap)
        return CallbackAnswer(translate(str(error)), alert=True)
    context.approvals.wake()
    context.live.refresh_soon(broadcast.id)
    await redraw(context, press, screens_approvals.decided_request(broadcast, context.clock()))
    return CallbackAnswer(_("Approved") if tap.verb == "yes" else _("Refused"))


async def _draw_decided(context: BotContext, press: ButtonPress, tap: ApprovalTap) -> None:
    """What stands in the way, where the buttons were; while it waits still, they stay for those who may use them."""
    broadcast = await context.core.broadcasts.get(tap.broadcast_id)
    if broadcast.asked is None:
        await redraw(context, press, screens_approvals.decided_request(broadcast, context.clock()))
    elif broadcast.asked.number != tap.number:
        await redraw(context, press, screens_approvals.superseded_request(broadcast))
