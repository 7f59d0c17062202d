"""Taps that send a broadcast once more: to those it failed to reach, to the unknown, or to everybody as a new order."""

from __future__ import annotations

from bot.context import Desk, Toast, Touch, already, redraw
from bot.handlers import drafts, typed_text
from bot.screens import ended as screens_ended
from bot.screens import retries as screens_retries
from bot.text.translation import _, amount
from bot.ui.callback_data import ListTap, StaleScreen, Tap
from core.domain.broadcast import Broadcast
from core.domain.errors import Conflict
from core.domain.translatable import sentence

_LIST = ListTap("f", 1, "a")


async def retry(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast:
    """Whom to try again; without an argument all who may be reached are ticked."""
    chosen = screens_retries.unpacked(tap.argument) if tap.argument else frozenset(screens_retries.CHOICES)
    await redraw(desk, touch, screens_retries.retry(broadcast, chosen))
    return Toast()


async def retried(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast | None:
    """A draft for the chosen ones, on its preview."""
    recipients = await desk.core.resending.failed_for(broadcast, screens_retries.unpacked(tap.argument))
    if not recipients:
        raise StaleScreen
    if not await desk.core.drafts.first_tap(touch.admin.id, touch.message_id, tap.verb):
        return already()
    await _back_to_item(desk, touch, broadcast)
    draft = await drafts.retry_of(desk, touch.admin, broadcast, recipients)
    await typed_text.show_preview(desk, draft, await drafts.gathered(desk, draft))
    return Toast(_("Look at it, then confirm"))


async def again(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast | None:
    """The same content to the same people as a new draft."""
    if not await desk.core.drafts.first_tap(touch.admin.id, touch.message_id, tap.verb):
        return already()
    await drafts.post_slots(desk, await drafts.copy_of(desk, touch.admin, broadcast))
    return Toast(_("A new draft is below"))


async def resend(desk: Desk, touch: Touch, _tap: Tap, broadcast: Broadcast) -> Toast:
    await redraw(desk, touch, screens_retries.resend(broadcast))
    return Toast()


async def resent(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast:
    """Only for the time that the button was drawn for. Raises Conflict."""
    if int(tap.argument) != broadcast.resends:
        raise Conflict(sentence("They have been sent to again already."))
    count = await desk.core.resending.resend_unknown(broadcast)
    await desk.live.adopt(broadcast.id, touch.admin.chat_id, touch.message_id)
    return Toast(_("Sending again to {count}").format(count=amount(count)))


async def _back_to_item(desk: Desk, touch: Touch, broadcast: Broadcast) -> None:
    await redraw(desk, touch, screens_ended.ended(broadcast, desk.present(), _LIST))
