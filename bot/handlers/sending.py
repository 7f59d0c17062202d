"""Sending a draft: the second question, and its order accepted or changed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from bot.context import BotContext, CallbackAnswer, Reply, Result, old
from bot.handlers import drafts, preparation, preview, recurrence
from bot.requests import ButtonPress
from bot.routes import DRAFT, NUMBER
from bot.screens.draft_questions import changed_meanwhile
from bot.screens.drafts import refused_order
from bot.screens.preview import SURE_ABOVE, send_question
from bot.text import formatting
from bot.text.translation import _
from bot.ui.screen import Screen
from core.domain.broadcast import WAITING, Broadcast, PreparedOrder
from core.domain.errors import Conflict, NotFound, ValidationError
from core.domain.team import Role
from core.store.chat.drafts import Draft


async def _send(
    context: BotContext, press: ButtonPress, draft: Draft, count: int, *, sure: bool = False
) -> Result:
    """`count`: the number of recipients on the button. `sure`: skip the confirmation."""
    # Prepare again: the draft can be old.
    try:
        order = await preparation.prepare(context, draft, press.admin)
    except ValidationError as error:
        return Reply(preparation.refusal(draft, error), _look_again())
    total = len(order.recipients)
    if count != total:
        await preview.show_preview(context, draft, order)
        text = _("It's {people} now. Please check again.").format(people=formatting.people(order.people))
        return CallbackAnswer(text, alert=True)
    if draft.repeat is not None:
        return await recurrence.accept(context, press, draft)
    # Many recipients take a second tap, and so does the first broadcast ever where it cannot be undone.
    if draft.send_at is None and not sure:
        may_be_undone = order.undo_time or await context.core.ledger.has_sent_before()
        if total > SURE_ABOVE or not may_be_undone:
            return send_question(draft, order.people, total)
    return await _accept(context, press, draft, order)


def _look_again() -> CallbackAnswer:
    return CallbackAnswer(_("Something has changed. Please check again."))


async def _accept(context: BotContext, press: ButtonPress, draft: Draft, order: PreparedOrder) -> Result:
    """Accept the order under the id of the draft, which makes a repetition harmless."""
    long = len(order.recipients) > SURE_ABOVE
    accepted_as = draft.changes or draft.id
    if long:
        await context.chat.answer(press.query_id, _("Saving…"))
    # Attach the card first, so that a restart still finds the message.
    await context.live.attach(accepted_as, press.admin.chat_id, press.message_id)
    try:
        accepted = await _write_down(context, draft, order)
    except (Conflict, NotFound) as error:
        await context.core.cards.remove(accepted_as, press.admin.chat_id)
        return Reply(await _refused_change(context, draft, error), None if long else _look_again())
    await drafts.end(context, draft)
    context.live.refresh_soon(accepted_as)
    context.approvals.wake()
    return None if long else CallbackAnswer(_accepted(order, accepted))


async def _write_down(context: BotContext, draft: Draft, order: PreparedOrder) -> Broadcast:
    """Accept or change the broadcast. A change raises Conflict and NotFound."""
    broadcasts = context.core.broadcasts
    if draft.changes:
        return await broadcasts.change(draft.changes, order, edition=draft.edition)
    accepted = await broadcasts.accept(order, broadcast_id=draft.id)
    await context.core.ledger.remember_sent()
    return accepted


def _accepted(order: PreparedOrder, accepted: Broadcast) -> str:
    if accepted.asked is not None:
        return _("Waiting for another admin's approval")
    if accepted.edition:
        return _("Changes saved")
    if order.send_at is not None:
        return _("Scheduled")
    return formatting.starting_in(order.undo_time) if order.undo_time else _("Sending")


async def _refused_change(context: BotContext, draft: Draft, error: Conflict | NotFound) -> Screen:
    """The answer if another admin changed the same broadcast, or if it is gone or has started."""
    waiting = await _waiting(context, draft)
    if waiting is None or waiting.edition == draft.edition:
        return refused_order(draft, [str(error)])
    return changed_meanwhile(draft, str(error))


async def _keep_mine(context: BotContext, press: ButtonPress, draft: Draft) -> Result:
    """Show the changes again, to replace those that another admin saved meanwhile."""
    waiting = await _waiting(context, draft)
    if waiting is None:
        return old()
    kept = await drafts.save(context, replace(draft, edition=waiting.edition))
    return await preview.home(context, press.admin, kept)


async def _waiting(context: BotContext, draft: Draft) -> Broadcast | None:
    """The broadcast that the draft changes, while it can be changed."""
    try:
        broadcast = await context.core.broadcasts.get(draft.changes) if draft.changes else None
    except NotFound:
        return None
    return broadcast if broadcast and broadcast.status in WAITING and not broadcast.can_be_undone else None


BUTTONS = (
    DRAFT.button("go", Role.EDITOR, _send, NUMBER),
    DRAFT.button("sure", Role.EDITOR, partial(_send, sure=True), NUMBER),
    DRAFT.button("mine", Role.EDITOR, _keep_mine),
)
