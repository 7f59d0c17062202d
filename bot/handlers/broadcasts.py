"""Taps on the cards of broadcasts that were accepted: looking, steering, moving, calling off."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.context import Desk, Toast, Touch, already, old, redraw
from bot.handlers import amendments, date_picker, drafts, recipients, retries
from bot.handlers.date_picker import MOVE
from bot.screens import broadcasts as screens_broadcasts
from bot.screens import confirmations as screens_confirmations
from bot.screens import deliveries as screens_deliveries
from bot.screens import drafts as screens_drafts
from bot.screens import ended as screens_ended
from bot.screens import recipients as screens_recipients
from bot.tasks.charts import drawing_of
from bot.telegram import content_preview
from bot.text import formatting
from bot.text.translation import _, told
from bot.ui.callback_data import ListTap, Tap, read_back
from bot.ui.screen import Screen, plain
from bot.ui.wall_clock import carried, read_carried
from core.domain.broadcast import RUNNING, WAITING, Broadcast, BroadcastStatus
from core.domain.errors import Conflict
from core.store.chat.drafts import Draft

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
_LOOKING = {"view", "back", "look", "failed", "got", "csv", "chart", *amendments.VERBS}


async def tapped(desk: Desk, touch: Touch, tap: Tap) -> Toast | None:
    """Carries the tap out; None: it was answered already. Raises NotFound."""
    broadcast = await desk.core.broadcasts.get(tap.subject.id)
    if tap.verb not in _LOOKING and tap.subject.stamp != screens_broadcasts.subject(broadcast).stamp:
        return await _moved_on(desk, touch, tap, broadcast)
    handler = _choose if tap.verb in date_picker.VERBS else _VERBS[tap.verb]
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
    await _place(desk, touch, broadcast, screens_ended.screen_of(broadcast, None, desk.present(), back))


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
    screen, toast = await date_picker.screen(desk, tap, broadcast.send_at, broadcast.id)
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
    await _place(desk, touch, broadcast, screens_confirmations.send_now(broadcast))
    return Toast()


async def _sure(desk: Desk, touch: Touch, _tap: Tap, broadcast: Broadcast) -> Toast:
    if not desk.undo_time:
        sent = await desk.core.broadcasts.send_now(broadcast.id)
        await _show(desk, touch, sent)
        return Toast(_waits_for_approval() if sent.asked else _("Sending"))
    soon = await desk.core.broadcasts.send_soon(broadcast.id, desk.undo_time)
    # As a live card, so that it counts down and then shows how it goes.
    await desk.live.adopt(broadcast.id, touch.admin.chat_id, touch.message_id)
    return Toast(_waits_for_approval() if soon.asked else formatting.starting_in(desk.undo_time))


def _waits_for_approval() -> str:
    return _("Somebody else has to approve it now")


async def _undo(desk: Desk, touch: Touch, _tap: Tap, broadcast: Broadcast) -> Toast | None:
    """Taken back first; only then is there time to read a long list into a draft."""
    undone = await desk.core.broadcasts.undo(broadcast.id)
    desk.live.hurry(broadcast.id)
    if undone.status is BroadcastStatus.SCHEDULED:
        return Toast(_("Taken back: it goes out as planned"))
    await desk.chat.answer(touch.query_id, _("Taken back: nobody gets it"))
    await drafts.post_slots(desk, await drafts.copy_of(desk, touch.admin, undone))
    return None


async def _cancel(desk: Desk, touch: Touch, _tap: Tap, broadcast: Broadcast) -> Toast:
    await _place(desk, touch, broadcast, screens_confirmations.cancel(broadcast, desk.present()))
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
    await _place(desk, touch, broadcast, screens_confirmations.stop(broadcast))
    return Toast()


async def _stopped(desk: Desk, touch: Touch, _tap: Tap, broadcast: Broadcast) -> Toast:
    stopped = await desk.core.broadcasts.cancel(broadcast.id)
    desk.live.hurry(broadcast.id)
    if not await _cleared(desk, touch, stopped):
        await _show(desk, touch, stopped)
    return Toast(_("Cancelled"))


async def _failed(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast:
    page = await desk.core.broadcasts.troubles(broadcast.id, page=int(tap.argument))
    await _place(desk, touch, broadcast, screens_deliveries.people(broadcast, page, "failed"))
    return Toast()


async def _got(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast:
    page = await desk.core.broadcasts.everyone(broadcast.id, page=int(tap.argument))
    await _place(desk, touch, broadcast, screens_deliveries.people(broadcast, page, "got"))
    return Toast()


async def csv(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast | None:
    """Every delivery in a file, or in several where one would be too large."""
    if not await desk.core.drafts.first_tap(touch.admin.id, touch.message_id, tap.verb):
        return already()
    await desk.chat.answer(touch.query_id, _("Writing the list"))
    with TemporaryDirectory(prefix="message-sender-") as folder:
        zone = desk.present().zone
        parts = await desk.core.reports.csv_parts(broadcast, Path(folder), say=told, zone=zone)
        for number, path in enumerate(parts, start=1):
            caption = screens_ended.list_caption(broadcast, number, len(parts))
            await desk.chat.send_document(touch.admin.chat_id, path, caption)
    return None


async def chart(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast | None:
    """How it went, as a picture."""
    if not await desk.core.drafts.first_tap(touch.admin.id, touch.message_id, tap.verb):
        return already()
    await desk.chat.answer(touch.query_id, _("Drawing the chart"))
    timeline = await desk.core.reports.timeline(broadcast)
    picture = await desk.charts.draw(drawing_of(broadcast, timeline, desk.present().zone))
    if picture is None:
        refusal = _("The chart could not be drawn this time. The list (CSV) has all the numbers.")
        await desk.chat.send(touch.admin.chat_id, plain(refusal))
    else:
        await desk.chat.send_photo(touch.admin.chat_id, picture, screens_ended.chart_caption(broadcast))
    return None


async def look(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast:
    """What people get, whole."""
    if not await desk.core.drafts.first_tap(touch.admin.id, touch.message_id, tap.verb):
        return already()
    people = [one.recipient async for one in desk.core.reports.firsts(broadcast)]
    refusal = await content_preview.everywhere(desk.chat, touch.admin.chat_id, broadcast.content, people)
    if refusal is not None:
        return Toast(_("Telegram does not take it: {refusal}").format(refusal=refusal), alert=True)
    return Toast(_("It is below"))


async def text(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast:
    draft = await _begun(desk, touch, tap, broadcast)
    if draft is None:
        return already()
    await desk.core.drafts.await_input(draft.admin_id, draft.id, "text")
    await drafts.post(desk, draft, screens_drafts.ask_text)
    return Toast(_("Write the new text"))


async def people(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast:
    draft = await _begun(desk, touch, tap, broadcast)
    if draft is None:
        return already()
    await desk.core.drafts.await_input(draft.admin_id, draft.id, "who")
    shelf = await recipients.shelf(desk)
    await drafts.post(desk, draft, lambda drawn: screens_recipients.ask(drawn, shelf))
    return Toast()


async def _begun(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Draft | None:
    """A draft with all that it has now; None for the second of two quick taps."""
    if not await desk.core.drafts.first_tap(touch.admin.id, touch.message_id, tap.verb):
        return None
    draft = await drafts.copy_of(desk, touch.admin, broadcast)
    changing = replace(
        draft,
        send_at=broadcast.send_at,
        changes=broadcast.id,
        edition=broadcast.edition,
        late=broadcast.late.value,
        loud=broadcast.loud,
    )
    return await drafts.keep(desk, changing)


_VERBS: dict[str, Handler] = {
    **amendments.VERBS,
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
    "retry": retries.retry,
    "retried": retries.retried,
    "again": retries.again,
    "resend": retries.resend,
    "resent": retries.resent,
    "look": look,
    "text": text,
    "people": people,
    "csv": csv,
    "chart": chart,
}
