"""Taps on the cards of broadcasts that were accepted: looking, steering, moving, calling off."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot import changing, choosing, copying, drafting, words
from bot.choosing import MOVE
from bot.desk import Desk, Toast, Touch, already, old, redraw
from bot.language import _
from bot.pick import carried, read_carried
from bot.screen import Screen
from bot.screens import broadcast as screens_broadcast
from bot.screens import item as screens_item
from bot.screens import people as screens_people
from bot.screens import questions as screens_questions
from bot.taps import again as again_taps
from bot.taps import phone as phone_taps
from bot.taps import report as report_taps
from bot.wire import ListTap, Tap, read_back
from core.domain.broadcast import RUNNING, WAITING, Broadcast, BroadcastStatus
from core.domain.errors import Conflict

Handler = Callable[[Desk, Touch, Tap, Broadcast], Awaitable[Toast | None]]

_FROM = ListTap("s", 1, "a")
_ENDED = ListTap("f", 1, "a")
_GOALS = {
    "pause": {BroadcastStatus.PAUSED},
    "resume": {BroadcastStatus.SENDING},
    "sure": {BroadcastStatus.SENDING, BroadcastStatus.FINISHED},
    "undo": {BroadcastStatus.CANCELLED},
    "cancelled": {BroadcastStatus.CANCELLED},
    "stopped": {BroadcastStatus.CANCELLED},
    "resent": {BroadcastStatus.SENDING, BroadcastStatus.PAUSED, BroadcastStatus.FINISHED},
}
"""Where a broadcast stands when the tap has been carried out before."""
_LOOKING = {"view", "back", "look", "failed", "got", "csv", "chart", *phone_taps.VERBS}


async def tapped(desk: Desk, touch: Touch, tap: Tap) -> Toast | None:
    """Carries the tap out; None: it was answered already. Raises NotFound."""
    broadcast = await desk.core.broadcasts.get(tap.subject.id)
    if tap.verb not in _LOOKING and tap.subject.stamp != screens_broadcast.subject(broadcast).stamp:
        return await _moved_on(desk, touch, tap, broadcast)
    handler = _choose if tap.verb in choosing.VERBS else _VERBS[tap.verb]
    try:
        return await handler(desk, touch, tap, broadcast)
    except Conflict:
        return await _moved_on(desk, touch, tap, await desk.core.broadcasts.get(broadcast.id))


async def _moved_on(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast:
    """The screen shows a state that is over: draws the present one and says why."""
    await _show(desk, touch, broadcast)
    if tap.verb == "sure" and broadcast.held:
        return already()
    if broadcast.status in _GOALS.get(tap.verb, set()) or _is_moved_there(tap, broadcast):
        return already()
    if tap.verb == "undo" and broadcast.status is not BroadcastStatus.SCHEDULED:
        return Toast(_("Too late: it has begun"), alert=True)
    if broadcast.status in RUNNING and tap.subject.stamp.startswith("s"):
        return Toast(_("It is already sending"), alert=True)
    return old()


def _is_moved_there(tap: Tap, broadcast: Broadcast) -> bool:
    return tap.verb == "set" and broadcast.status in WAITING and carried(broadcast.send_at) == tap.argument


async def _place(desk: Desk, touch: Touch, broadcast: Broadcast, screen: Screen) -> int:
    """Shows a screen where the tap was; below, when that message is a live card, which goes on."""
    if await desk.live.is_card(broadcast.id, touch.admin.chat_id, touch.message_id):
        return await desk.chat.send(touch.admin.chat_id, screen)
    return await redraw(desk, touch, screen)


async def _show(desk: Desk, touch: Touch, broadcast: Broadcast, back: ListTap = _FROM) -> None:
    """The present card of the broadcast; while it runs or counts down, the message becomes a live one."""
    if broadcast.is_under_way:
        desk.live.hurry(broadcast.id)
        if not await desk.live.is_card(broadcast.id, touch.admin.chat_id, touch.message_id):
            await desk.live.adopt(broadcast.id, touch.admin.chat_id, touch.message_id)
        return
    await _place(desk, touch, broadcast, screens_item.screen_of(broadcast, None, desk.present(), back))


async def _view(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast:
    await _stop_awaiting(desk, touch, broadcast)
    await _show(desk, touch, broadcast, read_back(tap.argument))
    return Toast()


async def _back(desk: Desk, touch: Touch, _tap: Tap, broadcast: Broadcast) -> Toast:
    await _stop_awaiting(desk, touch, broadcast)
    if not await _cleared(desk, touch, broadcast):
        await _show(desk, touch, broadcast, _ENDED)
    return Toast()


async def _cleared(desk: Desk, touch: Touch, broadcast: Broadcast) -> bool:
    """Takes a screen away that stands below the chat's live card, which says it all."""
    card = await desk.core.cards.get(broadcast.id, touch.admin.chat_id)
    below = card is not None and card.message_id < touch.message_id
    return below and await desk.chat.erase(touch.admin.chat_id, touch.message_id)


async def _stop_awaiting(desk: Desk, touch: Touch, broadcast: Broadcast) -> None:
    if await desk.core.drafts.awaiting(touch.admin.id) == (broadcast.id, MOVE):
        await desk.core.drafts.stop_awaiting(touch.admin.id)


async def _choose(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast:
    screen, toast = await choosing.screen(desk, tap, broadcast.send_at, broadcast.id)
    await desk.core.drafts.await_input(touch.admin.id, broadcast.id, MOVE)
    await _place(desk, touch, broadcast, screen)
    return toast


async def _set(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast:
    moved = await desk.core.broadcasts.reschedule(broadcast.id, read_carried(tap.argument, desk.present()))
    await _stop_awaiting(desk, touch, broadcast)
    await _show(desk, touch, moved)
    desk.live.hurry(broadcast.id)
    desk.approvals.hurry()
    return Toast(_waits_for_approval() if moved.asked else _("Rescheduled"))


async def _send(desk: Desk, touch: Touch, _tap: Tap, broadcast: Broadcast) -> Toast:
    await _place(desk, touch, broadcast, screens_questions.send_now(broadcast))
    return Toast()


async def _sure(desk: Desk, touch: Touch, _tap: Tap, broadcast: Broadcast) -> Toast:
    if not desk.undo_time:
        sent = await desk.core.broadcasts.send_now(broadcast.id)
        await _show(desk, touch, sent)
        return Toast(_waits_for_approval() if sent.asked else _("Sending"))
    soon = await desk.core.broadcasts.send_soon(broadcast.id, desk.undo_time)
    # As a live card, so that it counts down and then shows how it goes.
    await desk.live.adopt(broadcast.id, touch.admin.chat_id, touch.message_id)
    return Toast(_waits_for_approval() if soon.asked else words.starting_in(desk.undo_time))


def _waits_for_approval() -> str:
    return _("Somebody else has to approve it now")


async def _undo(desk: Desk, touch: Touch, _tap: Tap, broadcast: Broadcast) -> Toast | None:
    """Taken back first; only then is there time to read a long list into a draft."""
    undone = await desk.core.broadcasts.undo(broadcast.id)
    desk.live.hurry(broadcast.id)
    if undone.status is BroadcastStatus.SCHEDULED:
        return Toast(_("Taken back: it goes out as planned"))
    await desk.chat.answer(touch.query_id, _("Taken back: nobody gets it"))
    await drafting.post_slots(desk, await copying.copy_of(desk, touch.admin, undone))
    return None


async def _cancel(desk: Desk, touch: Touch, _tap: Tap, broadcast: Broadcast) -> Toast:
    await _place(desk, touch, broadcast, screens_questions.cancel(broadcast, desk.present()))
    return Toast()


async def _cancelled(desk: Desk, touch: Touch, _tap: Tap, broadcast: Broadcast) -> Toast:
    await _show(desk, touch, await desk.core.broadcasts.cancel(broadcast.id))
    desk.live.hurry(broadcast.id)
    return Toast(_("Cancelled"))


async def _pause(desk: Desk, _touch: Touch, _tap: Tap, broadcast: Broadcast) -> Toast:
    await desk.core.broadcasts.pause(broadcast.id)
    desk.live.hurry(broadcast.id)
    return Toast(_("Paused"))


async def _resume(desk: Desk, _touch: Touch, _tap: Tap, broadcast: Broadcast) -> Toast:
    await desk.core.broadcasts.resume(broadcast.id)
    desk.live.hurry(broadcast.id)
    return Toast(_("Going on"))


async def _stop(desk: Desk, touch: Touch, _tap: Tap, broadcast: Broadcast) -> Toast:
    await _place(desk, touch, broadcast, screens_questions.stop(broadcast))
    return Toast()


async def _stopped(desk: Desk, touch: Touch, _tap: Tap, broadcast: Broadcast) -> Toast:
    stopped = await desk.core.broadcasts.cancel(broadcast.id)
    desk.live.hurry(broadcast.id)
    if not await _cleared(desk, touch, stopped):
        await _show(desk, touch, stopped)
    return Toast(_("Cancelled"))


async def _failed(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast:
    page = await desk.core.broadcasts.troubles(broadcast.id, page=int(tap.argument))
    await _place(desk, touch, broadcast, screens_people.people(broadcast, page, "failed"))
    return Toast()


async def _got(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast:
    page = await desk.core.broadcasts.everyone(broadcast.id, page=int(tap.argument))
    await _place(desk, touch, broadcast, screens_people.people(broadcast, page, "got"))
    return Toast()


_VERBS: dict[str, Handler] = {
    **phone_taps.VERBS,
    "view": _view,
    "back": _back,
    "set": _set,
    "send": _send,
    "sure": _sure,
    "undo": _undo,
    "cancel": _cancel,
    "cancelled": _cancelled,
    "pause": _pause,
    "resume": _resume,
    "stop": _stop,
    "stopped": _stopped,
    "failed": _failed,
    "got": _got,
    "retry": again_taps.retry,
    "retried": again_taps.retried,
    "again": again_taps.again,
    "resend": again_taps.resend,
    "resent": again_taps.resent,
    "look": changing.look,
    "text": changing.text,
    "people": changing.people,
    "csv": report_taps.csv,
    "chart": report_taps.chart,
}
