"""Taps on questions for approval."""

from __future__ import annotations

from bot.context import Desk, Toast, Touch, old, redraw
from bot.screens import approvals as screens_approvals
from bot.text.translation import _, told
from bot.ui.callback_data import ApprovalTap
from core.domain.errors import Conflict


async def tapped(desk: Desk, touch: Touch, tap: ApprovalTap) -> Toast | None:
    """Carries the tap out. Raises SenderError."""
    match tap.verb:
        case "list":
            waiting = await desk.core.approval.waiting()
            await redraw(desk, touch, screens_approvals.listed(waiting, desk.present()))
            return Toast()
        case "yes" | "refused":
            return await _decide(desk, touch, tap)
        case _:
            return await _look(desk, touch, tap)


async def _look(desk: Desk, touch: Touch, tap: ApprovalTap) -> Toast:
    """Shows the question, or asks whether a no is meant."""
    broadcast = await desk.core.broadcasts.get(tap.broadcast_id)
    if broadcast.asked is None:
        await redraw(desk, touch, screens_approvals.settled(broadcast, desk.present()))
        return old()
    if broadcast.asked.number != tap.number:
        await redraw(desk, touch, screens_approvals.superseded(broadcast))
        return old()
    if tap.verb == "no":
        await redraw(desk, touch, screens_approvals.ask_refuse(broadcast))
    elif tap.verb == "back":
        await redraw(desk, touch, screens_approvals.question(broadcast, broadcast.asked, desk.present()))
    elif await desk.core.drafts.first_tap(touch.admin.id, touch.message_id, "look"):
        await desk.approvals.show(broadcast, broadcast.asked, touch.admin.chat_id)
    return Toast()


async def _decide(desk: Desk, touch: Touch, tap: ApprovalTap) -> Toast:
    """The first one decides; whoever comes later is told who did."""
    decide = desk.core.approval.approve if tap.verb == "yes" else desk.core.approval.refuse
    try:
        broadcast = await decide(tap.broadcast_id, tap.number)
    except Conflict as error:
        desk.approvals.hurry()
        await _draw_decided(desk, touch, tap)
        return Toast(told(str(error)), alert=True)
    desk.approvals.hurry()
    desk.live.hurry(broadcast.id)
    await redraw(desk, touch, screens_approvals.settled(broadcast, desk.present()))
    return Toast(_("Approved") if tap.verb == "yes" else _("Refused"))


async def _draw_decided(desk: Desk, touch: Touch, tap: ApprovalTap) -> None:
    """What stands in the way, where the buttons were; while it waits still, they stay for those who may use them."""
    broadcast = await desk.core.broadcasts.get(tap.broadcast_id)
    if broadcast.asked is None:
        await redraw(desk, touch, screens_approvals.settled(broadcast, desk.present()))
    elif broadcast.asked.number != tap.number:
        await redraw(desk, touch, screens_approvals.superseded(broadcast))
