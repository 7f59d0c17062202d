"""Taps that send a broadcast once more: to those it failed to reach, to the unknown, or to everybody as a new order."""

from __future__ import annotations

from bot.context import BotContext, ButtonPress, CallbackAnswer, already, redraw
from bot.handlers import drafts, typed_text
from bot.screens import ended as screens_ended
from bot.screens import retries as screens_retries
from bot.text.translation import _, amount
from bot.ui.callback_data import ListTap, StaleScreen, Tap
from core.domain.broadcast import Broadcast
from core.domain.errors import Conflict
from core.domain.translatable import sentence

_LIST = ListTap("f", 1, "a")


async def retry(context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    """Whom to try again; without an argument all who may be reached are ticked."""
    chosen = (
        screens_retries.decode_reasons(tap.argument) if tap.argument else frozenset(screens_retries.CHOICES)
    )
    await redraw(context, press, screens_retries.retry_question(broadcast, chosen))
    return CallbackAnswer()


async def retried(
    context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast
) -> CallbackAnswer | None:
    """A draft for the chosen ones, on its preview."""
    recipients = await context.core.resending.failed_for(
        broadcast, screens_retries.decode_reasons(tap.argument)
    )
    if not recipients:
        raise StaleScreen
    if not await context.core.drafts.first_tap(press.admin.id, press.message_id, tap.verb):
        return already()
    await _back_to_item(context, press, broadcast)
    draft = await drafts.retry_of(context, press.admin, broadcast, recipients)
    await typed_text.show(context, press.admin, draft)
    return CallbackAnswer(_("Look at it, then confirm"))


async def again(
    context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast
) -> CallbackAnswer | None:
    """The same content to the same people as a new draft."""
    if not await context.core.drafts.first_tap(press.admin.id, press.message_id, tap.verb):
        return already()
    await drafts.post_slots(context, await drafts.copy_of(context, press.admin, broadcast))
    return CallbackAnswer(_("A new draft is below"))


async def resend(context: BotContext, press: ButtonPress, _tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    await redraw(context, press, screens_retries.resend_question(broadcast))
    return CallbackAnswer()


async def resent(context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    """Only for the time that the button was drawn for. Raises Conflict."""
    if int(tap.argument) != broadcast.resends:
        raise Conflict(sentence("They have been sent to again already."))
    count = await context.core.resending.resend_unknown(broadcast)
    await context.live.attach(broadcast.id, press.admin.chat_id, press.message_id)
    return CallbackAnswer(_("Sending again to {count}").format(count=amount(count)))


async def _back_to_item(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> None:
    await redraw(context, press, screens_ended.ended_card(broadcast, context.clock(), _LIST))
