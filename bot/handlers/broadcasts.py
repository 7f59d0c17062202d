"""Taps on the cards of broadcasts that were accepted: looking, steering, moving, calling off."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.context import BotContext, ButtonPress, CallbackAnswer, already, old, redraw
from bot.handlers import amendments, date_picker, drafts, recipients, retries
from bot.handlers.date_picker import MOVE
from bot.screens import confirmations as screens_confirmations
from bot.screens import deliveries as screens_deliveries
from bot.screens import drafts as screens_drafts
from bot.screens import ended as screens_ended
from bot.screens import recipients as screens_recipients
from bot.tasks.charts import chart_of
from bot.telegram import content_preview
from bot.text import formatting
from bot.text.translation import _, translate
from bot.ui.callback_data import ListTap, Tap, read_back, subject
from bot.ui.screen import Screen, plain
from bot.ui.wall_clock import decode_moment, encode_moment
from core.domain.broadcast import RUNNING, WAITING, Broadcast, BroadcastStatus
from core.domain.errors import Conflict
from core.store.chat.drafts import Draft

Handler = Callable[[BotContext, ButtonPress, Tap, Broadcast], Awaitable[CallbackAnswer | None]]

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


async def handle(context: BotContext, press: ButtonPress, tap: Tap) -> CallbackAnswer | None:
    """Carries the tap out; None: it was answered already. Raises NotFound."""
    broadcast = await context.core.broadcasts.get(tap.subject.id)
    if tap.verb not in _LOOKING and tap.subject.stamp != subject(broadcast).stamp:
        return await _moved_on(context, press, tap, broadcast)
    handler = _choose if tap.verb in date_picker.VERBS else _VERBS[tap.verb]
    try:
        return await handler(context, press, tap, broadcast)
    except Conflict:
        return await _moved_on(context, press, tap, await context.core.broadcasts.get(broadcast.id))


async def _moved_on(
    context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast
) -> CallbackAnswer:
    """The screen shows a state that is over: draws the present one and says why."""
    await _show(context, press, broadcast)
    if tap.verb == "sure" and broadcast.held:
        return already()
    if broadcast.status in _GOALS.get(tap.verb, set()) or _is_moved_there(tap, broadcast):
        return already()
    if tap.verb == "undo" and broadcast.status is not BroadcastStatus.SCHEDULED:
        return CallbackAnswer(_("Too late: it has begun"), alert=True)
    if broadcast.status in RUNNING and tap.subject.stamp.startswith("s"):
        return CallbackAnswer(_("It is already sending"), alert=True)
    return old()


def _is_moved_there(tap: Tap, broadcast: Broadcast) -> bool:
    return (
        tap.verb == "set" and broadcast.status in WAITING and encode_moment(broadcast.send_at) == tap.argument
    )


async def _place(context: BotContext, press: ButtonPress, broadcast: Broadcast, screen: Screen) -> int:
    """Shows a screen where the tap was; below, when that message is a live card, which goes on."""
    if await context.live.is_card(broadcast.id, press.admin.chat_id, press.message_id):
        return await context.chat.send(press.admin.chat_id, screen)
    return await redraw(context, press, screen)


async def _show(context: BotContext, press: ButtonPress, broadcast: Broadcast, back: ListTap = _FROM) -> None:
    """The present card of the broadcast; while it runs or counts down, the message becomes a live one."""
    if broadcast.is_under_way:
        context.live.refresh_soon(broadcast.id)
        if not await context.live.is_card(broadcast.id, press.admin.chat_id, press.message_id):
            await context.live.attach(broadcast.id, press.admin.chat_id, press.message_id)
        return
    await _place(
        context, press, broadcast, screens_ended.broadcast_card(broadcast, None, context.clock(), back)
    )


async def _view(context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    await _stop_awaiting(context, press, broadcast)
    await _show(context, press, broadcast, read_back(tap.argument))
    return CallbackAnswer()


async def _back(context: BotContext, press: ButtonPress, _tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    await _stop_awaiting(context, press, broadcast)
    if not await _cleared(context, press, broadcast):
        await _show(context, press, broadcast, _ENDED)
    return CallbackAnswer()


async def _cleared(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> bool:
    """Takes a screen away that stands below the chat's live card, which says it all."""
    card = await context.core.cards.get(broadcast.id, press.admin.chat_id)
    below = card is not None and card.message_id < press.message_id
    return below and await context.chat.erase(press.admin.chat_id, press.message_id)


async def _stop_awaiting(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> None:
    if await context.core.drafts.awaiting(press.admin.id) == (broadcast.id, MOVE):
        await context.core.drafts.stop_awaiting(press.admin.id)


async def _choose(context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    screen, answer = await date_picker.screen(context, tap, broadcast.send_at, broadcast.id)
    await context.core.drafts.await_input(press.admin.id, broadcast.id, MOVE)
    await _place(context, press, broadcast, screen)
    return answer


async def _set(context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    moved = await context.core.broadcasts.reschedule(
        broadcast.id, decode_moment(tap.argument, context.clock())
    )
    await _stop_awaiting(context, press, broadcast)
    await _show(context, press, moved)
    context.live.refresh_soon(broadcast.id)
    context.approvals.wake()
    return CallbackAnswer(_waits_for_approval() if moved.asked else _("Rescheduled"))


async def _send(context: BotContext, press: ButtonPress, _tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    await _place(context, press, broadcast, screens_confirmations.send_now_question(broadcast))
    return CallbackAnswer()


async def _sure(context: BotContext, press: ButtonPress, _tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    if not context.undo_time:
        sent = await context.core.broadcasts.send_now(broadcast.id)
        await _show(context, press, sent)
        return CallbackAnswer(_waits_for_approval() if sent.asked else _("Sending"))
    soon = await context.core.broadcasts.send_soon(broadcast.id, context.undo_time)
    # As a live card, so that it counts down and then shows how it goes.
    await context.live.attach(broadcast.id, press.admin.chat_id, press.message_id)
    return CallbackAnswer(_waits_for_approval() if soon.asked else formatting.starting_in(context.undo_time))


def _waits_for_approval() -> str:
    return _("Somebody else has to approve it now")


async def _undo(
    context: BotContext, press: ButtonPress, _tap: Tap, broadcast: Broadcast
) -> CallbackAnswer | None:
    """Taken back first; only then is there time to read a long list into a draft."""
    undone = await context.core.broadcasts.undo(broadcast.id)
    context.live.refresh_soon(broadcast.id)
    if undone.status is BroadcastStatus.SCHEDULED:
        return CallbackAnswer(_("Taken back: it goes out as planned"))
    await context.chat.answer(press.query_id, _("Taken back: nobody gets it"))
    await drafts.post_slots(context, await drafts.copy_of(context, press.admin, undone))
    return None


async def _cancel(context: BotContext, press: ButtonPress, _tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    await _place(context, press, broadcast, screens_confirmations.cancel_question(broadcast, context.clock()))
    return CallbackAnswer()


async def _cancelled(
    context: BotContext, press: ButtonPress, _tap: Tap, broadcast: Broadcast
) -> CallbackAnswer:
    await _show(context, press, await context.core.broadcasts.cancel(broadcast.id))
    context.live.refresh_soon(broadcast.id)
    return CallbackAnswer(_("Cancelled"))


async def _pause(context: BotContext, _touch: ButtonPress, _tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    await context.core.broadcasts.pause(broadcast.id)
    context.live.refresh_soon(broadcast.id)
    return CallbackAnswer(_("Paused"))


async def _resume(
    context: BotContext, _touch: ButtonPress, _tap: Tap, broadcast: Broadcast
) -> CallbackAnswer:
    await context.core.broadcasts.resume(broadcast.id)
    context.live.refresh_soon(broadcast.id)
    return CallbackAnswer(_("Going on"))


async def _stop(context: BotContext, press: ButtonPress, _tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    await _place(context, press, broadcast, screens_confirmations.stop_question(broadcast))
    return CallbackAnswer()


async def _stopped(
    context: BotContext, press: ButtonPress, _tap: Tap, broadcast: Broadcast
) -> CallbackAnswer:
    stopped = await context.core.broadcasts.cancel(broadcast.id)
    context.live.refresh_soon(broadcast.id)
    if not await _cleared(context, press, stopped):
        await _show(context, press, stopped)
    return CallbackAnswer(_("Cancelled"))


async def _failed(context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    page = await context.core.broadcasts.troubles(broadcast.id, page=int(tap.argument))
    await _place(context, press, broadcast, screens_deliveries.delivery_list(broadcast, page, "failed"))
    return CallbackAnswer()


async def _got(context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    page = await context.core.broadcasts.everyone(broadcast.id, page=int(tap.argument))
    await _place(context, press, broadcast, screens_deliveries.delivery_list(broadcast, page, "got"))
    return CallbackAnswer()


async def csv(
    context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast
) -> CallbackAnswer | None:
    """Every delivery in a file, or in several where one would be too large."""
    if not await context.core.drafts.first_tap(press.admin.id, press.message_id, tap.verb):
        return already()
    await context.chat.answer(press.query_id, _("Writing the list"))
    with TemporaryDirectory(prefix="message-sender-") as folder:
        zone = context.clock().zone
        parts = await context.core.reports.csv_parts(broadcast, Path(folder), say=translate, zone=zone)
        for number, path in enumerate(parts, start=1):
            caption = screens_ended.list_caption(broadcast, number, len(parts))
            await context.chat.send_document(press.admin.chat_id, path, caption)
    return None


async def chart(
    context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast
) -> CallbackAnswer | None:
    """How it went, as a picture."""
    if not await context.core.drafts.first_tap(press.admin.id, press.message_id, tap.verb):
        return already()
    await context.chat.answer(press.query_id, _("Drawing the chart"))
    timeline = await context.core.reports.timeline(broadcast)
    picture = await context.charts.draw(chart_of(broadcast, timeline, context.clock().zone))
    if picture is None:
        refusal = _("The chart could not be drawn this time. The list (CSV) has all the numbers.")
        await context.chat.send(press.admin.chat_id, plain(refusal))
    else:
        await context.chat.send_photo(press.admin.chat_id, picture, screens_ended.chart_caption(broadcast))
    return None


async def look(context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    """What people get, whole."""
    if not await context.core.drafts.first_tap(press.admin.id, press.message_id, tap.verb):
        return already()
    people = [one.recipient async for one in context.core.reports.firsts(broadcast)]
    refusal = await content_preview.send_previews(
        context.chat, press.admin.chat_id, broadcast.content, people
    )
    if refusal is not None:
        return CallbackAnswer(_("Telegram does not take it: {refusal}").format(refusal=refusal), alert=True)
    return CallbackAnswer(_("It is below"))


async def text(context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    draft = await _begun(context, press, tap, broadcast)
    if draft is None:
        return already()
    await context.core.drafts.await_input(draft.admin_id, draft.id, "text")
    await drafts.post(context, draft, screens_drafts.text_prompt)
    return CallbackAnswer(_("Write the new text"))


async def people(context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    draft = await _begun(context, press, tap, broadcast)
    if draft is None:
        return already()
    await context.core.drafts.await_input(draft.admin_id, draft.id, "who")
    shelf = await recipients.shelf(context)
    await drafts.post(context, draft, lambda drawn: screens_recipients.recipients_prompt(drawn, shelf))
    return CallbackAnswer()


async def _begun(context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast) -> Draft | None:
    """A draft with all that it has now; None for the second of two quick taps."""
    if not await context.core.drafts.first_tap(press.admin.id, press.message_id, tap.verb):
        return None
    draft = await drafts.copy_of(context, press.admin, broadcast)
    changing = replace(
        draft,
        send_at=broadcast.send_at,
        changes=broadcast.id,
        edition=broadcast.edition,
        late=broadcast.late.value,
        ignore_quiet_hours=broadcast.ignore_quiet_hours,
    )
    return await drafts.save(context, changing)


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
