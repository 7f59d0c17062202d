"""Maps updates to handlers, and errors to messages."""

from __future__ import annotations

import logging
import secrets
from dataclasses import replace
from math import ceil
from typing import Any, Final

from telegram import CallbackQuery, Update
from telegram.ext import CallbackContext

from bot.access import AccessControl
from bot.context import BotContext, CallbackAnswer, Reply, Result, already, old, show
from bot.handlers import (
    amendments,
    approvals,
    audience_buttons,
    audit_log,
    auto_texts,
    broadcasts,
    commands,
    contact_cards,
    draft_buttons,
    drafts,
    file_links,
    forget,
    gaps,
    home,
    inbound,
    invitations,
    list_updates,
    members,
    message_edits,
    panic,
    pieces,
    preview,
    recipient_file,
    recipients,
    recurrence,
    reports,
    retries,
    search,
    segments,
    sending,
    series,
    team,
    templates,
    time_zone,
    typed_text,
)
from bot.permissions import Permissions, demand
from bot.requests import GONE, Admin, ButtonPress, IncomingMessage
from bot.routes import ButtonTable
from bot.screens.drafts import problems_text
from bot.screens.home import new_button
from bot.screens.inbound import which_message
from bot.telegram.errors import RateLimited, TelegramFailure, Unavailable, Unreachable
from bot.telegram.incoming import message_of, press_of
from bot.text.clock import Clock
from bot.text.translation import _, amount, ngettext, translate
from bot.ui.callback_data import StaleScreen, SubjectAction
from bot.ui.screen import Screen, plain, screen
from core.domain.errors import NotFound, SenderError, ValidationError
from core.domain.team import Role
from core.settings import Settings
from core.store.connection import STORE_ERRORS, STORE_IS_FULL, WritesRefused
from core.store.embedded import DISK_IS_FULL, disk_is_full

log = logging.getLogger(__name__)

Context = CallbackContext[Any, Any, Any, Any]
BUTTONS: Final = ButtonTable(
    amendments.BUTTONS,
    approvals.BUTTONS,
    audience_buttons.BUTTONS,
    audit_log.BUTTONS,
    auto_texts.BUTTONS,
    broadcasts.BUTTONS,
    draft_buttons.BUTTONS,
    file_links.BUTTONS,
    forget.BUTTONS,
    gaps.BUTTONS,
    home.BUTTONS,
    inbound.BUTTONS,
    invitations.BUTTONS,
    list_updates.BUTTONS,
    members.BUTTONS,
    panic.BUTTONS,
    preview.BUTTONS,
    recipient_file.BUTTONS,
    recipients.BUTTONS,
    recurrence.BUTTONS,
    reports.BUTTONS,
    retries.BUTTONS,
    search.BUTTONS,
    segments.BUTTONS,
    sending.BUTTONS,
    series.BUTTONS,
    team.BUTTONS,
    templates.BUTTONS,
    time_zone.BUTTONS,
)


class Dispatcher:
    """Handles every update: the gate, then a handler with the role of its row."""

    def __init__(self, context: BotContext, permissions: Permissions) -> None:
        self._shared = context
        self._permissions = permissions
        self._access = AccessControl(context)

    async def handle(self, update: Update, _context: Context) -> None:
        """Handle one update. After an error nothing else runs for it."""
        log.debug("update %s", update.update_id)
        role = await self._access.admit(update)
        if role is None:
            return
        if update.callback_query is not None:
            press = press_of(update.callback_query, role)
            await self._pressed(self._context_of(press.admin), press, update.callback_query)
            return
        message = message_of(update, role)
        context = self._context_of(message.admin)
        await show(context, message, await _answered(context, message))

    def _context_of(self, admin: Admin) -> BotContext:
        """A context that draws buttons by the role read for this update."""
        return replace(self._shared, chat=self._shared.chat.filtering(self._permissions.filter_for(admin)))

    async def _pressed(self, context: BotContext, press: ButtonPress, query: CallbackQuery) -> None:
        """Raises RateLimited, after restoring the question of the screen that stays."""
        if press.message_id == GONE:
            await show(context, press, old())
            return
        prompts, admin = context.core.prompts, press.admin.id
        waiting = await prompts.current(admin)
        try:
            await show(context, press, await _carried_out(context, press, query.data or ""))
        except RateLimited:
            if waiting is None:
                await prompts.close(admin)
            else:
                await prompts.open(admin, *waiting)
            raise

    async def failed(self, update: object, context: Context) -> None:
        """Log an error and tell the admin: a message for an expected one, else an incident code."""
        error = context.error
        if isinstance(error, Unreachable):
            log.info("a chat is closed to us: %s", error)
            return
        if foreseen := _foreseen(error, self._shared.core.settings):
            log.warning("an update could not be carried out: %s: %s", type(error).__name__, error)
            if isinstance(update, Update):
                await self._apologise(update, foreseen, error.wait if isinstance(error, RateLimited) else 0)
            return
        code = f"E-{secrets.token_hex(2).upper()}"
        log.error("incident %s", code, exc_info=error)
        if isinstance(update, Update):
            words = _("Something went wrong ({code}). Nothing was lost. Please try again.")
            await self._apologise(update, words.format(code=code))

    async def _apologise(self, update: Update, words: str, wait: float = 0) -> None:
        """`wait`: seconds until Telegram accepts messages to this chat again."""
        user, chat = update.effective_user, update.effective_chat
        try:
            if update.callback_query is not None:
                await self._shared.chat.answer(update.callback_query.id, words, alert=True)
            elif chat is None or user is None or chat.id != user.id:
                return  # Errors are not shown in groups.
            elif not self._shared.core.team.was_known(user.id):
                return
            elif wait:
                self._shared.outbox.tell_later(user.id, wait, _apology)
            else:
                await self._shared.chat.send(chat.id, plain(words))
        except TelegramFailure as error:
            log.warning("the apology did not get through: %s", error)


async def _answered(context: BotContext, message: IncomingMessage) -> Result:
    """Commands take precedence over an open question."""
    try:
        if message.edited:
            return await message_edits.edited(context, message)
        if message.is_text and message.is_command:
            return await commands.run(context, message)
        if (written := await inbound.answered(context, message)) is not None:
            return await inbound.reply(context, message, written)
        if await inbound.is_to_a_card(context, message):
            return Reply(which_message(), quotes=True)
        if message.is_text:
            return await _typed(context, message)
        return await _other(context, message)
    except SenderError as error:
        return plain(readable(error))
    except StaleScreen:
        return plain(_("That didn't go through. Please send it again."))


async def _typed(context: BotContext, message: IncomingMessage) -> Result:
    """Text, which may be the rest of an order that an app has cut."""
    whole = None
    if not message.from_elsewhere:
        whole = await pieces.with_piece_before(context, message, pieces.ORDER)
    if whole is None:
        if await recipient_file.taken_text(context, message):
            return None
        return await typed_text.handle(context, message)
    await drafts.drop_unfinished(context, message.admin)
    return await commands.run(context, whole)


async def _other(context: BotContext, message: IncomingMessage) -> Result:
    """Handle a message with a file, contact or unsupported content."""
    await demand(context, message.admin, Role.EDITOR)
    if message.file is not None and await recipient_file.taken(context, message, message.file):
        return None
    if message.shared:
        return await contact_cards.share(context, message)
    if message.phone and await typed_text.takes_people(context, message.admin):
        return await typed_text.handle(context, replace(message, text=message.phone))
    if message.content is not None:
        handler = commands.run if message.is_command else typed_text.handle
        return await handler(context, message)
    return Reply(screen(message.refusal, new_button()), quotes=True) if message.refusal else None


async def _carried_out(context: BotContext, press: ButtonPress, data: str) -> Result:
    try:
        return await _act(context, press, data)
    except StaleScreen:
        await context.chat.strip(press.admin.chat_id, press.message_id)
        return old()
    except NotFound as error:
        return Reply(plain(translate(str(error))), old())
    except SenderError as error:
        return CallbackAnswer(readable(error), alert=True)


async def _act(context: BotContext, press: ButtonPress, data: str) -> Result:
    """Raises StaleScreen for an unknown button, SenderError."""
    action, route, values = BUTTONS.read(data)
    # Checked here again: the role may have changed since the button was drawn.
    await demand(context, press.admin, route.role)

    async def carry_out(*subject: object) -> Result:
        tap = press.admin.id, press.message_id, f"{route.key}{values or ''}"
        if route.once and not await context.core.presses.is_first(*tap):
            return already()
        return await route.handler(context, press, *subject, *values)

    match action:
        case SubjectAction(subject=subject) if subject.kind == "d":
            return await draft_buttons.open_draft(context, press, action, carry_out)
        case SubjectAction(subject=subject) if subject.kind == "b":
            return await broadcasts.open_broadcast(context, press, action, route, carry_out)
        case SubjectAction(subject=subject) if subject.kind == "s":
            return await series.open_series(context, action, route, carry_out)
    return await carry_out()


def readable(error: SenderError) -> str:
    """The text of an error for an admin."""
    if isinstance(error, ValidationError):
        return problems_text(error.problems)
    return translate(str(error))


def _apology(_clock: Clock) -> Screen:
    return plain(
        _(
            "Telegram didn't let me answer here for a while. Nothing was lost. If something is "
            "missing in /start, send it again."
        )
    )


def _foreseen(error: Exception | None, settings: Settings) -> str:
    """The text of a store or Telegram error; "" for an unexpected one."""
    if isinstance(error, STORE_IS_FULL):
        return _(
            "The storage is full, so nothing was changed. Delete old history with /purge or raise maxmemory."
        )
    if isinstance(error, STORE_ERRORS) and disk_is_full(settings):
        return translate(DISK_IS_FULL)
    if isinstance(error, WritesRefused):
        return _(
            "The storage isn't accepting changes right now. Nothing was lost. See the log for the reason "
            "and try again later."
        )
    if isinstance(error, STORE_ERRORS):
        return _("The storage isn't answering right now. Nothing was lost. Please try again in a moment.")
    if isinstance(error, RateLimited):
        wait = ceil(error.wait)
        return ngettext(
            "Telegram is limiting this chat. Try again in {count} second.",
            "Telegram is limiting this chat. Try again in {count} seconds.",
            wait,
        ).format(count=amount(wait))
    if isinstance(error, Unavailable):
        return _("Telegram didn't answer in time. Nothing was lost. Please try again.")
    return ""
