"""From an update to the handler that carries it out, and from an error to a sentence."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from math import ceil
from typing import Any, Final

from telegram import CallbackQuery, Update

from bot import command_menu, permissions
from bot.access import AccessControl
from bot.context import (
    Admin,
    BotContext,
    ButtonPress,
    CallbackAnswer,
    Context,
    IncomingMessage,
    button_press,
    incoming_message,
    old,
)
from bot.handlers import (
    approvals,
    audience_buttons,
    audiences,
    audit_log,
    broadcasts,
    commands,
    draft_buttons,
    home,
    message_edits,
    panic,
    recipient_file,
    series,
    team,
    time_zone,
    typed_text,
)
from bot.permissions import Permissions
from bot.screens import drafts as screens_drafts
from bot.telegram import incoming
from bot.telegram.errors import RateLimited, TelegramFailure, Unavailable, Unreachable
from bot.text.clock import Clock
from bot.text.translation import _, amount, ngettext, translate
from bot.ui.callback_data import (
    AnyTap,
    ApprovalTap,
    AudienceTap,
    ListTap,
    LogTap,
    MenuTap,
    PendingListTap,
    PurgeTap,
    ReleaseTap,
    ResumeTap,
    StaffTap,
    StaleScreen,
    Tap,
    ZoneTap,
    parse,
)
from bot.ui.screen import Screen, plain
from core.domain.errors import NotFound, SenderError, ValidationError
from core.domain.team import Role
from core.store.connection import STORE_ERRORS, STORE_IS_FULL

log = logging.getLogger(__name__)

_THINGS: Mapping[str, Callable[[BotContext, ButtonPress, Tap], Awaitable[CallbackAnswer | None]]] = {
    "d": draft_buttons.handle,
    "b": broadcasts.handle,
    "s": series.handle,
}


class Dispatcher:
    """Handles every update: first the gate, then the handler with what it demands."""

    def __init__(self, context: BotContext, permissions: Permissions) -> None:
        self._shared = context
        self._permissions = permissions
        self._access = AccessControl(context)

    async def handle(self, update: Update, _context: Context) -> None:
        """Raises what nobody foresaw: nothing else runs for this update then."""
        role = await self._access.admit(update)
        if role is None:
            return
        if update.callback_query is not None:
            await self._tap(update.callback_query, role)
            return
        message = incoming_message(update, role)
        context = self._context_of(message.admin)
        try:
            await self._carry(context, update, message)
        except SenderError as error:
            await context.chat.send(message.admin.chat_id, plain(readable(error)))
        except StaleScreen:
            retry = plain(_("Something came in between. Please send it again."))
            await context.chat.send(message.admin.chat_id, retry)

    def _context_of(self, admin: Admin) -> BotContext:
        """Draws for this person by the role that was read once for the update."""
        return replace(self._shared, chat=self._shared.chat.drawing(self._permissions.acting(admin)))

    async def _carry(self, context: BotContext, update: Update, message: IncomingMessage) -> None:
        """A command wins over an open step."""
        if update.edited_message is not None:
            await message_edits.edited(context, message)
        elif update.message is None or not update.message.text:
            await self._other(context, update, message)
        elif not message.text.startswith("/"):
            await _typed(context, message)
        else:
            await commands.run(context, message)
            if message.text.startswith("/start"):
                await command_menu.set_for(context.chat.bot, message.admin.id, message.admin.role)

    async def _other(self, context: BotContext, update: Update, message: IncomingMessage) -> None:
        """A message that is more than text: a list of recipients, or something to be sent to them."""
        await permissions.demand(context, message.admin, Role.EDITOR)
        if await recipient_file.taken(context, update, message.admin):
            return
        if (number := incoming.contact_phone(update)) and await self._names_people(context, message.admin):
            await _typed(context, replace(message, text=number))
        elif message.content is not None:
            await (commands.run if message.text.startswith("/") else _typed)(context, message)
        elif (refusal := incoming.unsupported_reply(update)) is not None:
            await context.chat.send(message.admin.chat_id, plain(refusal), reply_to=message.message_id)

    async def _names_people(self, context: BotContext, admin: Admin) -> bool:
        """True while recipients are asked for."""
        waiting = await context.core.drafts.awaiting(admin.id)
        return waiting is not None and waiting[1] in {"who", *audiences.PEOPLE}

    async def _tap(self, query: CallbackQuery, role: Role) -> None:
        """A tap on a button; answered once, whatever happens."""
        if query.message is None:
            await self._shared.chat.answer(query.id, old().text)
            return
        press = button_press(query, role)
        answer = await self._drawn(self._context_of(press.admin), press, query.data or "")
        if answer is not None:
            await self._shared.chat.answer(query.id, answer.text or None, alert=answer.alert)

    async def _drawn(self, context: BotContext, press: ButtonPress, data: str) -> CallbackAnswer | None:
        """Raises RateLimited: the screen that stays still waits for the words that it asks for."""
        drafts, admin = context.core.drafts, press.admin.id
        waiting = await drafts.awaiting(admin)
        try:
            return await self._carry_out(context, press, data)
        except RateLimited:
            if waiting is None:
                await drafts.stop_awaiting(admin)
            else:
                await drafts.await_input(admin, *waiting)
            raise

    async def _carry_out(self, context: BotContext, press: ButtonPress, data: str) -> CallbackAnswer | None:
        try:
            return await self._act(context, press, parse(data))
        except StaleScreen:
            await context.chat.strip(press.admin.chat_id, press.message_id)
            return old()
        except NotFound as error:
            await context.chat.show(press.admin.chat_id, press.message_id, plain(translate(str(error))))
            return old()
        except SenderError as error:
            return CallbackAnswer(readable(error), alert=True)

    async def _act(self, context: BotContext, press: ButtonPress, tap: AnyTap) -> CallbackAnswer | None:
        # Here, and not when the button was drawn: a role may have been taken away since.
        await permissions.demand(context, press.admin, permissions.needed(tap))
        match tap:
            case None:
                return CallbackAnswer()
            case Tap():
                return await _THINGS[tap.subject.kind](context, press, tap)
        return await _OTHERS[type(tap)](context, press, tap)

    async def failed(self, update: object, context: Context) -> None:
        """What nobody foresaw: a code for the log and the admin, never the trace."""
        error = context.error
        if isinstance(error, Unreachable):
            log.info("a chat is closed to us: %s", error)
            return
        if foreseen := _foreseen(error):
            log.warning("an update could not be carried out: %s: %s", type(error).__name__, error)
            if isinstance(update, Update):
                await self._apologise(update, foreseen, error.wait if isinstance(error, RateLimited) else 0)
            return
        code = f"E-{secrets.token_hex(2).upper()}"
        log.error("incident %s", code, exc_info=error)
        if isinstance(update, Update):
            words = _("Something went wrong ({code}); nothing was lost. Please try again.")
            await self._apologise(update, words.format(code=code))

    async def _apologise(self, update: Update, words: str, wait: float = 0) -> None:
        """`wait`: for how many seconds Telegram lets us write nothing there."""
        user, chat = update.effective_user, update.effective_chat
        try:
            if update.callback_query is not None:
                await self._shared.chat.answer(update.callback_query.id, words, alert=True)
            elif chat is None or user is None or chat.id != user.id:
                return  # What fails in a group concerns nobody there.
            elif not self._shared.core.staff.was_known(user.id):
                return
            elif wait:
                self._shared.outbox.tell_later(user.id, wait, _apology)
            else:
                await self._shared.chat.send(chat.id, plain(words))
        except TelegramFailure as error:
            log.warning("the apology did not get through: %s", error)


_Handler = Callable[[BotContext, ButtonPress, Any], Awaitable[CallbackAnswer | None]]
_OTHERS: Final[Mapping[type, _Handler]] = {
    AudienceTap: audience_buttons.handle,
    ListTap: home.listed,
    PurgeTap: home.purged,
    ResumeTap: home.resumed,
    ReleaseTap: panic.released,
    MenuTap: home.menu,
    LogTap: audit_log.handle,
    StaffTap: team.handle,
    ApprovalTap: approvals.handle,
    ZoneTap: time_zone.handle,
    PendingListTap: recipient_file.answered,
}


async def _typed(context: BotContext, order: IncomingMessage) -> None:
    await permissions.demand_for_words(context, order.admin)
    await typed_text.handle(context, order)


def readable(error: SenderError) -> str:
    """What an admin reads of an error of the core."""
    if isinstance(error, ValidationError):
        return screens_drafts.problems_text(error.problems)
    return translate(str(error))


def _apology(_clock: Clock) -> Screen:
    return plain(
        _(
            "Telegram let me write nothing here for a while; nothing was lost. /start shows how things stand; if what "
            "you wrote is not there, please send it again."
        )
    )


def _foreseen(error: Exception | None) -> str:
    """What an admin reads when the store or Telegram does not do as it should; "" for anything else."""
    if isinstance(error, STORE_IS_FULL):
        return _(
            "The store is full, so nothing was done. Clear away history with /purge, or give the store more memory "
            "(maxmemory)."
        )
    if isinstance(error, STORE_ERRORS):
        return _("The store does not answer just now; nothing was lost. Please try again in a moment.")
    if isinstance(error, RateLimited):
        wait = ceil(error.wait)
        return ngettext(
            "Telegram lets me change nothing here for {count} second. Then please try again.",
            "Telegram lets me change nothing here for {count} seconds. Then please try again.",
            wait,
        ).format(count=amount(wait))
    if isinstance(error, Unavailable):
        return _("Telegram did not answer for a moment; nothing was lost. Please try again.")
    return ""
