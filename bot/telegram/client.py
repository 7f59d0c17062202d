"""Sends, edits and deletes the bot's messages, and handles Telegram's harmless refusals.

Every method raises the errors of bot.telegram.errors.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    KeyboardButton,
    KeyboardButtonRequestUsers,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram import error as ptb
from telegram.constants import ChatAction, ParseMode

from bot.telegram import outgoing
from bot.telegram.errors import NotHandedOut, RateLimited, Rejected, Unreachable, translated_errors
from bot.ui.screen import Rows, Screen
from core.domain.content.content import Content
from core.domain.inbound import Inbound, InboundKind
from core.domain.messengers.traits import Messenger
from core.domain.visible import plain_name

log = logging.getLogger(__name__)

LONGEST_WAIT = 3.0
"""Seconds to hold back an answer to a person when Telegram asks to wait."""
_LONGEST_CALLBACK_ANSWER = 200
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_UPLOAD_SECONDS = 300.0
_PICKER = 1
_MOST_PICKED = 10
_GONE = (
    # A picture has a caption and no text: a screen cannot replace it.
    "there is no text in the message to edit",
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
)

Answer = TypeVar("Answer")
RowFilter = Callable[[int, Rows], Awaitable[Rows]]
"""The buttons of a screen that the person of a chat may see."""


class Chat:
    """Writes to chats by their ids. `known`: used in place of `row_filter`, which reads roles again."""

    def __init__(self, bot: Bot, row_filter: RowFilter, known: RowFilter | None = None) -> None:
        self._bot = bot
        self._row_filter = row_filter
        self._filter = known or row_filter

    def filtering(self, known: RowFilter | None) -> Chat:
        """The same chats, with buttons for known roles; None: roles are read again."""
        return Chat(self._bot, self._row_filter, known)

    @property
    def bot(self) -> Bot:
        """The library's bot, for calls about no message."""
        return self._bot

    @property
    def bot_name(self) -> str:
        """The bot's public name, without the @."""
        return self._bot.username

    async def send(self, chat_id: int, screen: Screen, *, reply_to: int | None = None) -> int:
        """Post a screen; return the message's id."""
        reply = ReplyParameters(reply_to, allow_sending_without_reply=True) if reply_to else None
        looks = await self._looks(chat_id, screen)
        message = await _patiently(
            lambda: self._bot.send_message(
                chat_id, screen.html, reply_parameters=reply, link_preview_options=_NO_PREVIEW, **looks
            )
        )
        return message.message_id

    async def offer_people(self, chat_id: int, text: str, choose: str, own: str) -> None:
        """Show Telegram's own choice of people in place of the keyboard: `choose` several, or the `own` number."""
        request = KeyboardButtonRequestUsers(
            _PICKER, user_is_bot=False, max_quantity=_MOST_PICKED, request_name=True
        )
        keyboard = ReplyKeyboardMarkup(
            [[KeyboardButton(choose, request_users=request)], [KeyboardButton(own, request_contact=True)]],
            resize_keyboard=True,
            one_time_keyboard=True,
        )
        await _patiently(lambda: self._bot.send_message(chat_id, text, reply_markup=keyboard))

    async def end_offer(self, chat_id: int, text: str) -> None:
        """Take Telegram's own choice of people away again."""
        await _patiently(lambda: self._bot.send_message(chat_id, text, reply_markup=ReplyKeyboardRemove()))

    async def send_content(self, chat_id: int, content: Content) -> str | None:
        """Post a content as people get it. Return None, or Telegram's reason for refusing it."""
        try:
            await _patiently(lambda: outgoing.send_content(self._bot, chat_id, content))
        except Unreachable:
            raise
        except Rejected as refusal:
            return str(refusal)
        return None

    async def show_inbound_file(self, chat_id: int, inbound: Inbound, *, reply_to: int) -> str | None:
        """Post the file of a person's message. Return None, or the reason why it cannot be shown."""
        reply = ReplyParameters(reply_to, allow_sending_without_reply=True)
        message = inbound.message
        try:
            if inbound.messenger is Messenger.TELEGRAM:
                await _patiently(
                    lambda: self._bot.copy_message(
                        chat_id, int(message.address), int(message.message_id), reply_parameters=reply
                    )
                )
            else:
                send = self._bot.send_photo if message.kind is InboundKind.PHOTO else self._bot.send_document
                await _patiently(lambda: send(chat_id, message.file, reply_parameters=reply))
        except Unreachable:
            raise
        except Rejected as refusal:
            return str(refusal)
        return None

    async def send_file(self, chat_id: int, name: str, data: bytes) -> None:
        await _patiently(lambda: self._bot.send_document(chat_id, data, filename=name))

    async def send_photo(self, chat_id: int, picture: bytes, caption: Screen) -> None:
        looks = await self._looks(chat_id, caption)
        await _patiently(lambda: self._bot.send_photo(chat_id, picture, caption=caption.html, **looks))

    async def send_document(self, chat_id: int, path: Path, caption: Screen) -> None:
        """Post a file under its own name, streamed from disk."""
        with path.open("rb") as file, translated_errors():
            await self._bot.send_document(
                chat_id,
                InputFile(file, filename=path.name, read_file_handle=False),
                caption=caption.html,
                parse_mode=ParseMode.HTML,
                write_timeout=_UPLOAD_SECONDS,
                read_timeout=_UPLOAD_SECONDS,
            )

    async def working(self, chat_id: int) -> None:
        """Show "typing" for a few seconds."""
        await _patiently(lambda: self._bot.send_chat_action(chat_id, ChatAction.TYPING))

    async def download(self, file_id: str) -> bytes:
        """Fetch a file that was sent to the bot. Raises Rejected above 20 MB, and NotHandedOut.

        The library reads the file of a Bot API server with --local from the disk, where it is there.
        """
        file = await _patiently(lambda: self._bot.get_file(file_id))
        with translated_errors():
            try:
                return bytes(await file.download_as_bytearray())
            except ptb.InvalidToken as error:
                # A 404: getFile has just taken the token, so it is the file that is not there.
                raise NotHandedOut(error.message) from error

    async def name_of(self, person: int) -> str:
        """A person's first name on Telegram; empty for one who has never written to the bot."""
        try:
            chat = await _patiently(lambda: self._bot.get_chat(person))
        except Rejected:
            return ""
        return plain_name(chat.first_name or "")

    async def edit(self, chat_id: int, message_id: int, screen: Screen) -> bool:
        """Redraw a message; False when it is gone. Does not wait when rate-limited."""
        looks = await self._looks(chat_id, screen)
        try:
            with translated_errors():
                await self._bot.edit_message_text(
                    screen.html, chat_id, message_id, link_preview_options=_NO_PREVIEW, **looks
                )
        except Rejected as refusal:
            return _settle(refusal)
        return True

    async def erase(self, chat_id: int, message_id: int) -> bool:
        """Delete a message of the bot; False where Telegram does not."""
        try:
            with translated_errors():
                return await self._bot.delete_message(chat_id, message_id)
        except (Rejected, RateLimited) as error:
            log.info("message %s stays: %s", message_id, error)
            return False

    async def show(self, chat_id: int, message_id: int, screen: Screen) -> int:
        """Redraw a message, or post the screen again where that fails; return the id of the message with it."""
        if await _patiently(lambda: self.edit(chat_id, message_id, screen)):
            return message_id
        return await self.send(chat_id, screen)

    async def strip(self, chat_id: int, message_id: int) -> None:
        try:
            with translated_errors():
                await self._bot.edit_message_reply_markup(chat_id, message_id, reply_markup=None)
        except Rejected as refusal:
            _settle(refusal)
        except RateLimited:
            log.info("an old keyboard stays: Telegram asked to wait")

    async def answer(self, query_id: str, text: str | None, *, alert: bool = False) -> None:
        """End the spinner on a button. Ignores a tap that is too old to answer."""
        try:
            with translated_errors():
                await self._bot.answer_callback_query(
                    query_id, text and text[:_LONGEST_CALLBACK_ANSWER], show_alert=alert
                )
        except Rejected as refusal:
            if "query is too old" not in str(refusal).lower():
                raise

    async def _looks(self, chat_id: int, screen: Screen) -> dict[str, Any]:
        """The arguments that every message with a screen shares."""
        rows = await self._filter(chat_id, screen.rows) if screen.rows else ()
        markup = InlineKeyboardMarkup(
            [
                [
                    InlineKeyboardButton(b.label, url=b.url)
                    if b.url
                    else InlineKeyboardButton(b.label, callback_data=b.data, style=b.style)
                    for b in row
                ]
                for row in rows
            ]
        )
        return {"parse_mode": ParseMode.HTML, "reply_markup": markup if rows else None}


def _settle(refusal: Rejected) -> bool:
    """True for "not modified", False for a message that is gone; raises everything else."""
    words = str(refusal).lower()
    if "message is not modified" in words:
        return True
    if any(gone in words for gone in _GONE):
        return False
    raise refusal


async def _patiently(call: Callable[[], Awaitable[Answer]]) -> Answer:
    """Call Telegram, and once more after a short wait if it asks for one: a person looks at the screen."""
    try:
        with translated_errors():
            return await call()
    except RateLimited as error:
        if error.wait > LONGEST_WAIT:
            raise
        await asyncio.sleep(error.wait)
        with translated_errors():
            return await call()
