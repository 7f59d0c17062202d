"""What every handler works with, and who asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from telegram import CallbackQuery, Message, Update
from telegram.ext import CallbackContext

from bot.tasks.amendment_cards import AmendmentCards
from bot.tasks.approval_requests import ApprovalRequests
from bot.tasks.charts import Charts
from bot.tasks.live_cards import LiveCards
from bot.tasks.outbox import Outbox
from bot.telegram.client import Chat
from bot.telegram.incoming import content_of
from bot.text.clock import Clock
from bot.text.reader import clock
from bot.text.translation import _
from bot.ui.screen import Screen
from core.app import Core
from core.domain.audit import Actor
from core.domain.content.content import Content
from core.domain.team import Role

Context = CallbackContext[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class BotContext:
    """The core, the chat, the live cards, the charts, and the questions for approval."""

    core: Core
    chat: Chat
    outbox: Outbox
    live: LiveCards
    charts: Charts
    amendments: AmendmentCards
    approvals: ApprovalRequests

    @property
    def undo_time(self) -> timedelta:
        """How long a broadcast that is to go out at once can be undone."""
        return timedelta(seconds=self.core.settings.undo_seconds)

    def clock(self) -> Clock:
        """The moment, by the clock of whoever is being written to."""
        return clock(self.core.settings)


@dataclass(frozen=True, slots=True)
class Admin:
    """Who acts, in which chat, with the role as it was read when the update came in."""

    id: int
    name: str
    chat_id: int
    role: Role

    @property
    def actor(self) -> Actor:
        return Actor(f"telegram:{self.id}", self.name)


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message of an admin."""

    admin: Admin
    text: str
    """What is written in it, or under its file."""
    message_id: int
    content: Content | None
    """All of it; None where there is nothing that could be sent on."""
    album: str
    """The album that it is a part of, if it is."""
    replied: Content | None
    """The message that it is a reply to."""
    replied_id: int | None = None
    region: str = ""
    """The country of its phone numbers without a country code, where that was asked."""


@dataclass(frozen=True, slots=True)
class ButtonPress:
    """A tap of an admin on a button of one of our messages."""

    admin: Admin
    query_id: str
    message_id: int
    replied: Content | None
    """The message that ours stands under as a reply."""
    replied_id: int | None = None


def incoming_message(update: Update, role: Role) -> IncomingMessage:
    """For an update that the gate let through as a message of an admin."""
    message, user = update.effective_message, update.effective_user
    if message is None or user is None:
        raise ValueError("not a message of a person")
    admin = Admin(user.id, user.first_name, message.chat_id, role)
    return IncomingMessage(
        admin,
        message.text or message.caption or "",
        message.message_id,
        content_of(message),
        message.media_group_id or "",
        content_of(message.reply_to_message),
        _id_of(message.reply_to_message),
    )


def _id_of(message: Message | None) -> int | None:
    return None if message is None else message.message_id


def button_press(query: CallbackQuery, role: Role) -> ButtonPress:
    """For a tap that the gate let through."""
    if query.message is None:
        raise ValueError("a tap on no message")
    shown = query.message.reply_to_message if isinstance(query.message, Message) else None
    admin = Admin(query.from_user.id, query.from_user.first_name, query.message.chat.id, role)
    return ButtonPress(admin, query.id, query.message.message_id, content_of(shown), _id_of(shown))


@dataclass(frozen=True, slots=True)
class CallbackAnswer:
    """What a tap answers besides what it draws. `alert`: to be closed by hand."""

    text: str = ""
    alert: bool = False


def already() -> CallbackAnswer:
    return CallbackAnswer(_("Already done"))


def old() -> CallbackAnswer:
    return CallbackAnswer(_("This screen is old"))


async def redraw(context: BotContext, press: ButtonPress, screen: Screen) -> int:
    """Shows a screen in place of the one that was tapped; returns the id of the message that shows it.

    What that one asked for is asked no more: words that come now are meant for something else.
    """
    if await context.core.drafts.asked_on(press.admin.id) == press.message_id:
        await context.core.drafts.stop_awaiting(press.admin.id)
    return await context.chat.show(press.admin.chat_id, press.message_id, screen)
