"""Buttons on the cards of accepted broadcasts: view, pause, reschedule, cancel."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from bot.context import BotContext, CallbackAnswer, Reply, Result, already, old, redraw
from bot.handlers import date_picker, drafts, preview, recipients
from bot.handlers.date_picker import MOMENT, MOVE, Draw, Picking
from bot.requests import ButtonPress
from bot.routes import BACK, BROADCAST, NUMBER, ON_MESSENGER, Argument, Route, drawn
from bot.screens.broadcasts import LIVE
from bot.screens.confirmations import cancel_question, leave_out_question, send_now_question, stop_question
from bot.screens.drafts import text_prompt
from bot.screens.ended import broadcast_card
from bot.text import formatting
from bot.text.translation import _
from bot.ui.callback_data import SCHEDULED_LIST, SENT_LIST, ListPage, SubjectAction, subject
from bot.ui.screen import Screen
from bot.ui.wall_clock import encode_moment, open_moment
from core.domain.broadcast import ENDED, RUNNING, WAITING, Broadcast, BroadcastStatus
from core.domain.errors import Conflict
from core.domain.messengers.traits import Messenger
from core.domain.team import Role
from core.store.chat.drafts import Draft

_CARD: Final = Argument(r".+", lambda text: None if text == LIVE else ListPage.read(text))
"""The page of the list that a result was opened from; None for a live card."""
_GOALS: Final = {
    "pause": {BroadcastStatus.PAUSED},
    "resume": {BroadcastStatus.SENDING},
    "sure": {BroadcastStatus.SENDING, BroadcastStatus.FINISHED},
    "undo": {BroadcastStatus.CANCELLED},
    "cancelled": {BroadcastStatus.CANCELLED},
    "stopped": {BroadcastStatus.CANCELLED},
    "resent": {BroadcastStatus.SENDING, BroadcastStatus.PAUSED, BroadcastStatus.FINISHED},
}
"""The statuses that a button leads to: a repeated tap is answered with "Already done"."""


async def open_broadcast(
    context: BotContext,
    press: ButtonPress,
    action: SubjectAction,
    route: Route,
    carry_out: Callable[[Broadcast], Awaitable[Result]],
) -> Result:
    """Carry out a button on its broadcast, or redraw a card that is out of date. Raises NotFound."""
    broadcast = await context.core.broadcasts.get(action.subject.id)
    try:
        if not route.in_any_state and action.subject.stamp != subject(broadcast).stamp:
            return await _moved_on(context, press, action, broadcast)
        result = await carry_out(broadcast)
    except Conflict:
        return await _moved_on(context, press, action, await context.core.broadcasts.get(action.subject.id))
    return await _below_card(context, press, broadcast, result)


async def _below_card(
    context: BotContext, press: ButtonPress, broadcast: Broadcast, result: Result
) -> Result:
    """Send a screen below when the tapped message is the live card, which must stay."""
    screen = result.screen if isinstance(result, Reply) else result
    if not isinstance(screen, Screen):
        return result
    if not await context.live.is_card(broadcast.id, press.admin.chat_id, press.message_id):
        return result
    await _open_below(context, press, broadcast, screen)
    return result.answer if isinstance(result, Reply) else CallbackAnswer()


async def _open_below(context: BotContext, press: ButtonPress, broadcast: Broadcast, screen: Screen) -> int:
    message_id = await context.chat.send(press.admin.chat_id, screen)
    await context.live.opened(broadcast.id, press.admin.chat_id, message_id)
    return message_id


async def _moved_on(
    context: BotContext, press: ButtonPress, action: SubjectAction, broadcast: Broadcast
) -> Result:
    await _show(context, press, broadcast)
    if action.verb == "sure" and broadcast.can_be_undone:
        return already()
    if broadcast.status in _GOALS.get(action.verb, set()) or _is_moved_there(action, broadcast):
        return already()
    if action.verb == "undo" and broadcast.status is not BroadcastStatus.SCHEDULED:
        return CallbackAnswer(_("Too late to undo: it's already being sent"), alert=True)
    if broadcast.status in RUNNING and action.subject.stamp.startswith("s"):
        return CallbackAnswer(_("It's already being sent"), alert=True)
    return old()


def _is_moved_there(action: SubjectAction, broadcast: Broadcast) -> bool:
    there = encode_moment(broadcast.send_at) == action.argument
    return action.verb == "set" and broadcast.status in WAITING and there


async def open_screen(context: BotContext, press: ButtonPress, broadcast: Broadcast, screen: Screen) -> int:
    """Redraw the tapped message, or send below the live card; return the message id."""
    if await context.live.is_card(broadcast.id, press.admin.chat_id, press.message_id):
        return await _open_below(context, press, broadcast, screen)
    return await redraw(context, press, screen)


async def _show(
    context: BotContext, press: ButtonPress, broadcast: Broadcast, back: ListPage = SCHEDULED_LIST
) -> None:
    """Show the current card; while the broadcast is under way, make the message a live card."""
    live = await context.live.is_card(broadcast.id, press.admin.chat_id, press.message_id)
    if broadcast.is_under_way or (live and broadcast.status in ENDED):
        context.live.refresh_soon(broadcast.id)
        if not live:
            await context.live.attach(broadcast.id, press.admin.chat_id, press.message_id)
        return
    await open_screen(context, press, broadcast, await card(context, broadcast, back))


async def card(
    context: BotContext, broadcast: Broadcast, back: ListPage | None, *, more: bool = False
) -> Screen:
    """The card of a broadcast that is not under way."""
    missed = await context.core.retries.missed(broadcast)
    return broadcast_card(broadcast, None, context.clock(), back, missed, more=more)


async def _unfolded(
    context: BotContext, press: ButtonPress, broadcast: Broadcast, back: ListPage | None, *, more: bool
) -> Result:
    """Show or hide the rarer buttons of a result."""
    if await context.live.unfold(broadcast.id, press.admin.chat_id, press.message_id, more=more):
        return CallbackAnswer()
    return await card(context, broadcast, back, more=more)


async def _view(
    context: BotContext, press: ButtonPress, broadcast: Broadcast, back: ListPage
) -> CallbackAnswer:
    await drafts.close_prompt(context, press.admin.id, broadcast.id, MOVE)
    # The card of what was opened from a live card is right above.
    if not await _cleared(context, press, broadcast):
        await _show(context, press, broadcast, back)
    return CallbackAnswer()


async def _back(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> CallbackAnswer:
    await drafts.close_prompt(context, press.admin.id, broadcast.id, MOVE)
    if not await _cleared(context, press, broadcast):
        await _show(context, press, broadcast, SENT_LIST)
    return CallbackAnswer()


async def _cleared(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> bool:
    """Delete a screen that was opened from the chat's live card; False if it is none."""
    return await context.live.close(broadcast.id, press.admin.chat_id, press.message_id)


async def _choose(context: BotContext, press: ButtonPress, broadcast: Broadcast, draw: Draw) -> Result:
    screen = await draw(Picking(subject(broadcast), broadcast.send_at))
    await context.core.prompts.open(press.admin.id, broadcast.id, MOVE)
    return screen


async def _set(
    context: BotContext, press: ButtonPress, broadcast: Broadcast, moment: datetime
) -> CallbackAnswer:
    moved = await context.core.broadcasts.reschedule(broadcast.id, open_moment(moment, context.clock()))
    await drafts.close_prompt(context, press.admin.id, broadcast.id, MOVE)
    if opened := await _open_change(context, press, broadcast):
        await drafts.save(context, replace(opened, send_at=moved.send_at))
    await _show(context, press, moved)
    context.live.refresh_soon(broadcast.id)
    context.approvals.wake()
    return CallbackAnswer(_waits_for_approval() if moved.asked else _("Rescheduled"))


async def _sure(context: BotContext, press: ButtonPress, broadcast: Broadcast, _count: int) -> CallbackAnswer:
    if not context.undo_time:
        sent = await context.core.broadcasts.send_now(broadcast.id)
        await _show(context, press, sent)
        return CallbackAnswer(_waits_for_approval() if sent.asked else _("Sending"))
    soon = await context.core.broadcasts.send_soon(broadcast.id, context.undo_time)
    # As a live card, so that it counts down and then shows how it goes.
    await context.live.attach(broadcast.id, press.admin.chat_id, press.message_id)
    return CallbackAnswer(_waits_for_approval() if soon.asked else formatting.starting_in(context.undo_time))


def _waits_for_approval() -> str:
    return _("Waiting for another admin's approval")


async def _undo(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> CallbackAnswer | None:
    """Undo first: copying a long list into a draft takes time."""
    undone = await context.core.broadcasts.undo(broadcast.id)
    context.live.refresh_soon(broadcast.id)
    if undone.status is BroadcastStatus.SCHEDULED:
        return CallbackAnswer(_("Undone. It's scheduled as before."))
    await context.chat.answer(press.query_id, _("Undone. Nothing was sent."))
    copy = await drafts.copy_of(context, press.admin, undone)
    await preview.show(context, press.admin, await drafts.create(context, copy))
    return None


async def _cancel(context: BotContext, _press: ButtonPress, broadcast: Broadcast) -> Screen:
    return cancel_question(broadcast, context.clock())


async def _cancelled(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> CallbackAnswer:
    await _show(context, press, await context.core.broadcasts.cancel(broadcast.id))
    context.live.refresh_soon(broadcast.id)
    return CallbackAnswer(_("Cancelled"))


async def _pause(context: BotContext, _press: ButtonPress, broadcast: Broadcast) -> CallbackAnswer:
    await context.core.broadcasts.pause(broadcast.id)
    context.live.refresh_soon(broadcast.id)
    return CallbackAnswer(_("Paused"))


async def _resume(context: BotContext, _press: ButtonPress, broadcast: Broadcast) -> CallbackAnswer:
    await context.core.broadcasts.resume(broadcast.id)
    context.live.refresh_soon(broadcast.id)
    return CallbackAnswer(_("Resumed"))


async def _stopped(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> CallbackAnswer:
    stopped = await context.core.broadcasts.cancel(broadcast.id)
    context.live.refresh_soon(broadcast.id)
    if not await _cleared(context, press, stopped):
        await _show(context, press, stopped)
    return CallbackAnswer(_("Cancelled"))


async def _text(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> CallbackAnswer:
    draft = await _change(context, press, broadcast)
    await context.core.prompts.open(draft.admin_id, draft.id, drafts.TEXT)
    await drafts.post(context, draft, text_prompt)
    return CallbackAnswer(_("Send me the new text"))


async def _people(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> CallbackAnswer:
    draft = await _change(context, press, broadcast)
    await recipients.post(context, draft)
    return CallbackAnswer()


async def _renew(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> CallbackAnswer:
    """Show the message with the people that its lists have now, to be saved."""
    await preview.show(context, press.admin, await _change(context, press, broadcast))
    return CallbackAnswer()


async def _open_change(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> Draft | None:
    """The draft in which this admin already changes the broadcast as it is now."""
    opened = await context.core.drafts.change_of(press.admin.id, broadcast.id)
    return opened if opened is not None and opened.edition == broadcast.edition else None


async def _change(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> Draft:
    """The draft in which this admin changes the broadcast: the open one, or a new one."""
    if opened := await _open_change(context, press, broadcast):
        return opened
    changing = replace(
        await drafts.copy_of(context, press.admin, broadcast),
        send_at=broadcast.send_at,
        changes=broadcast.id,
        edition=broadcast.edition,
        late=broadcast.late.value,
        ignore_quiet_hours=broadcast.ignore_quiet_hours,
        try_again_days=broadcast.try_again_days,
    )
    return await drafts.create(context, changing)


async def _anew(
    context: BotContext, _press: ButtonPress, broadcast: Broadcast, messenger: Messenger
) -> CallbackAnswer:
    await context.core.broadcasts.try_again(broadcast.id, messenger)
    context.live.refresh_soon(broadcast.id)
    return CallbackAnswer(_("Trying {messenger} again").format(messenger=messenger.traits.title))


async def _left(
    context: BotContext, press: ButtonPress, broadcast: Broadcast, messenger: Messenger
) -> CallbackAnswer:
    left = await context.core.broadcasts.leave_out(broadcast.id, messenger)
    context.live.refresh_soon(broadcast.id)
    if not await _cleared(context, press, left):
        await _show(context, press, left)
    return CallbackAnswer(_("{messenger} left out").format(messenger=messenger.traits.title))


async def _other(
    context: BotContext, press: ButtonPress, broadcast: Broadcast, messenger: Messenger
) -> CallbackAnswer:
    """Leave the messenger out, and begin a draft for those who waited on it."""
    left = await context.core.broadcasts.leave_out(broadcast.id, messenger)
    people = await context.core.retries.left_out_of(left, messenger)
    context.live.refresh_soon(broadcast.id)
    await _cleared(context, press, left)
    draft = await drafts.create(context, await drafts.retry_of(context, press.admin, left, people))
    await context.core.prompts.open(draft.admin_id, draft.id, drafts.TEXT)
    await drafts.post(context, draft, text_prompt)
    return CallbackAnswer(_("Send me the message for them"))


BUTTONS = (
    *date_picker.routes(BROADCAST, _choose),
    BROADCAST.button("view", Role.VIEWER, _view, BACK, in_any_state=True),
    BROADCAST.button("more", Role.VIEWER, partial(_unfolded, more=True), _CARD, in_any_state=True),
    BROADCAST.button("less", Role.VIEWER, partial(_unfolded, more=False), _CARD, in_any_state=True),
    BROADCAST.button("back", Role.VIEWER, _back, in_any_state=True),
    BROADCAST.button("set", Role.EDITOR, _set, MOMENT),
    BROADCAST.button("send", Role.EDITOR, drawn(send_now_question)),
    BROADCAST.button("sure", Role.EDITOR, _sure, NUMBER),
    BROADCAST.button("undo", Role.EDITOR, _undo),
    BROADCAST.button("cancel", Role.EDITOR, _cancel),
    BROADCAST.button("cancelled", Role.EDITOR, _cancelled),
    BROADCAST.button("pause", Role.EDITOR, _pause),
    BROADCAST.button("resume", Role.EDITOR, _resume),
    BROADCAST.button("stop", Role.EDITOR, drawn(stop_question)),
    BROADCAST.button("stopped", Role.EDITOR, _stopped),
    BROADCAST.button("anew", Role.EDITOR, _anew, ON_MESSENGER),
    BROADCAST.button("leave", Role.EDITOR, drawn(leave_out_question), ON_MESSENGER),
    BROADCAST.button("left", Role.EDITOR, _left, ON_MESSENGER),
    BROADCAST.button("other", Role.EDITOR, _other, ON_MESSENGER),
    BROADCAST.button("text", Role.EDITOR, _text, once=True),
    BROADCAST.button("renew", Role.EDITOR, _renew),
    BROADCAST.button("people", Role.EDITOR, _people, once=True),
)
