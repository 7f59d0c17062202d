"""Messages of ours in a chat: sent, edited, stripped of their buttons. Harmless refusals are settled here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.telegram import outgoing
from bot.ui.screen import Rows, Screen
from core.domain.content.content import Content

log = logging.getLogger(__name__)

LONGEST_WAIT = 3.0
"""Seconds that an answer to a person may be held back when Telegram asks to wait."""
_LONGEST_TOAST = 200
_TROUBLE_SECONDS = 5.0
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_UPLOAD_SECONDS = 300.0
_GONE = (
    # A picture has a caption and no text, so a screen cannot take its place.
    "there is no text in the message to edit",
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
)

Answer = TypeVar("Answer")


def keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    """The rows as Telegram takes them; None for no rows."""
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(b.label, callback_data=b.data, style=b.style) for b in row] for row in rows]
    )


def pause_after(error: TelegramError) -> float:
    """Seconds for which Telegram is to be left alone: as long as it asked for, else a little while."""
    if not isinstance(error, RetryAfter):
        return _TROUBLE_SECONDS
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


class Chat:
    """Speaks to chats by their ids. `draw`: which of a screen's buttons the person of a chat gets to see."""

    def __init__(self, bot: Bot, draw: Callable[[int, Rows], Awaitable[Rows]]) -> None:
        self._bot = bot
        self._draw = draw

    @property
    def bot(self) -> Bot:
        """For what belongs to no message."""
        return self._bot

    async def _keyboard(self, chat_id: int, screen: Screen) -> InlineKeyboardMarkup | None:
        return keyboard(await self._draw(chat_id, screen.rows)) if screen.rows else None

    async def send(self, chat_id: int, screen: Screen, *, reply_to: int | None = None) -> int:
        """Posts a screen; returns the message's id."""
        reply = ReplyParameters(reply_to, allow_sending_without_reply=True) if reply_to else None
        markup = await self._keyboard(chat_id, screen)
        message = await _patiently(
            lambda: self._bot.send_message(
                chat_id,
                screen.html,
                parse_mode=ParseMode.HTML,
                reply_markup=markup,
                reply_parameters=reply,
                link_preview_options=_NO_PREVIEW,
            )
        )
        return message.message_id

    async def send_content(self, chat_id: int, content: Content) -> str | None:
        """Posts a content exactly as people get it. Returns None, or why Telegram does not take it."""
        try:
            await _patiently(lambda: outgoing.show(self._bot, chat_id, content))
        except BadRequest as error:
            return error.message
        return None

    async def send_file(self, chat_id: int, name: str, data: bytes, caption: str = "") -> None:
        """Posts a file. `caption`: anything, nothing in it is read as markup."""
        await _patiently(
            lambda: self._bot.send_document(chat_id, data, filename=name, caption=caption or None)
        )

    async def working(self, chat_id: int) -> None:
        """Shows for a few seconds that something is being prepared."""
        await _patiently(lambda: self._bot.send_chat_action(chat_id, ChatAction.TYPING))

    async def download(self, file_id: str) -> bytes:
        """A file that somebody has sent to the bot. Raises BadRequest for one above 20 MB."""
        file = await _patiently(lambda: self._bot.get_file(file_id))
        return bytes(await file.download_as_bytearray())

    async def name_of(self, person: int) -> str:
        """What somebody calls themselves on Telegram; empty for who has never written to the bot."""
        try:
            chat = await _patiently(lambda: self._bot.get_chat(person))
        except (BadRequest, Forbidden):
            return ""
        return chat.first_name or ""

    @property
    def bot_name(self) -> str:
        """The bot's public name, without the @."""
        return self._bot.username

    async def send_photo(self, chat_id: int, picture: bytes, caption: Screen) -> None:
        """Posts a picture with a screen under it."""
        markup = await self._keyboard(chat_id, caption)
        await _patiently(
            lambda: self._bot.send_photo(
                chat_id,
                picture,
                caption=caption.html,
                parse_mode=ParseMode.HTML,
                reply_markup=markup,
            )
        )

    async def send_document(self, chat_id: int, path: Path, caption: Screen) -> None:
        """Posts a file under its own name. It is read while it goes out, never as a whole."""
        with path.open("rb") as file:
            document = InputFile(file, filename=path.name, read_file_handle=False)
            await self._bot.send_document(
                chat_id,
                document,
                caption=caption.html,
                parse_mode=ParseMode.HTML,
                write_timeout=_UPLOAD_SECONDS,
                read_timeout=_UPLOAD_SECONDS,
            )

    async def edit(self, chat_id: int, message_id: int, screen: Screen) -> bool:
        """Redraws a message; False when it is not there any more. Raises RetryAfter and Forbidden."""
        try:
            await self._bot.edit_message_text(
                screen.html,
                chat_id,
                message_id,
                parse_mode=ParseMode.HTML,
                reply_markup=await self._keyboard(chat_id, screen),
                link_preview_options=_NO_PREVIEW,
            )
        except BadRequest as error:
            return _settle(error)
        return True

    async def erase(self, chat_id: int, message_id: int) -> bool:
        """Takes a message of ours away; False where Telegram does not (any more)."""
        try:
            return await self._bot.delete_message(chat_id, message_id)
        except (BadRequest, RetryAfter) as error:
            log.info("message %s stays: %s", message_id, error.message)
            return False

    async def show(self, chat_id: int, message_id: int, screen: Screen) -> int:
        """Redraws a message, or posts the screen anew where it cannot be; returns the id of the one that shows it."""
        if await _patiently(lambda: self.edit(chat_id, message_id, screen)):
            return message_id
        return await self.send(chat_id, screen)

    async def strip(self, chat_id: int, message_id: int) -> None:
        """Takes the buttons off a message that has been left behind."""
        try:
            await self._bot.edit_message_reply_markup(chat_id, message_id, reply_markup=None)
        except BadRequest as error:
            _settle(error)
        except RetryAfter:
            log.info("an old keyboard stays: Telegram asked to wait")

    async def answer(self, query_id: str, text: str | None, *, alert: bool = False) -> None:
        """Ends the spinner on a button. A question that is too old to be answered is left alone."""
        try:
            await self._bot.answer_callback_query(query_id, text and text[:_LONGEST_TOAST], show_alert=alert)
        except BadRequest as error:
            if "query is too old" not in error.message.lower():
                raise


def _settle(error: BadRequest) -> bool:
    """True for "not modified", False for a message that is gone; everything else is raised."""
    words = error.message.lower()
    if "message is not modified" in words:
        return True
    if any(gone in words for gone in _GONE):
        return False
    raise error


async def _patiently(call: Callable[[], Awaitable[Answer]]) -> Answer:
    """Waits once when Telegram asks for a short pause: a person looks at the screen."""
    try:
        return await call()
    except RetryAfter as error:
        wait = pause_after(error)
        if wait > LONGEST_WAIT:
            raise
        await asyncio.sleep(wait)
        return await call()
