"""Buttons that send a broadcast again: to those who missed it, to unconfirmed recipients, or to all."""

from __future__ import annotations

from typing import Final

from bot.context import BotContext, CallbackAnswer, Result
from bot.handlers import drafts, preview
from bot.requests import ButtonPress
from bot.routes import BROADCAST, NUMBER, Argument
from bot.screens.retries import decode_reasons, resend_question
from bot.text import formatting
from bot.text.translation import _, plural
from bot.ui.screen import Screen
from core.domain.broadcast import Broadcast
from core.domain.errors import Conflict
from core.domain.messengers.outcome import Reason
from core.domain.team import Role
from core.domain.translatable import sentence

Reasons = frozenset[Reason]
_REASONS: Final = Argument(r"[0-9a-f]{1,4}", decode_reasons)
_REASONS_OR_ALL: Final = Argument(r"[0-9a-f]{0,4}", lambda text: decode_reasons(text) if text else None)


async def _retry(
    context: BotContext, press: ButtonPress, broadcast: Broadcast, reasons: Reasons | None
) -> Result:
    """Preview a new broadcast for those who missed this one and can be reached by now.

    `reasons`: only who failed for these; None = all.
    """
    recipients = await context.core.retries.reachable(broadcast, reasons)
    if not recipients:
        return await _nobody(context, broadcast)
    draft = await drafts.create(context, await drafts.retry_of(context, press.admin, broadcast, recipients))
    await preview.show(context, press.admin, draft)
    return CallbackAnswer(_("Check it, then send"))


async def _nobody(context: BotContext, broadcast: Broadcast) -> CallbackAnswer:
    """Say when to try again, if that is known."""
    at = await context.core.retries.earliest(broadcast)
    clock = context.clock()
    if at is None or at <= clock.now:
        return CallbackAnswer(_("None of them can be reached right now."), alert=True)
    when = formatting.moment(at, now=clock.now, zone=clock.zone)
    return CallbackAnswer(_("Too early. Try again after {time}.").format(time=when), alert=True)


async def _again(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> CallbackAnswer:
    """Preview a new broadcast with the same content to the same people."""
    copy = await drafts.copy_of(context, press.admin, broadcast)
    await preview.show(context, press.admin, await drafts.create(context, copy))
    return CallbackAnswer(_("Check it, then send"))


async def _resend(context: BotContext, _press: ButtonPress, broadcast: Broadcast) -> Screen:
    first = await context.core.retries.unknown(broadcast, most=formatting.FIRST_PEOPLE)
    return resend_question(broadcast, first)


async def _resent(
    context: BotContext, press: ButtonPress, broadcast: Broadcast, resends: int
) -> CallbackAnswer:
    """Resend to unknown; `resends` makes it idempotent. Raises Conflict."""
    if resends != broadcast.resends:
        raise Conflict(sentence("Already resent."))
    count = await context.core.retries.resend_unknown(broadcast)
    await context.live.attach(broadcast.id, press.admin.chat_id, press.message_id)
    return CallbackAnswer(plural("Resending to {count} person", "Resending to {count} people", count))


BUTTONS = (
    BROADCAST.button("retry", Role.EDITOR, _retry, _REASONS_OR_ALL, once=True),
    BROADCAST.button("retried", Role.EDITOR, _retry, _REASONS, once=True),
    BROADCAST.button("again", Role.EDITOR, _again, once=True),
    BROADCAST.button("resend", Role.OWNER, _resend),
    BROADCAST.button("resent", Role.OWNER, _resent, NUMBER),
)
