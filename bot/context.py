"""The context and the results of handlers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.requests import Admin, ButtonPress, Request
from bot.tasks.amendment_cards import AmendmentCards
from bot.tasks.approval_requests import ApprovalRequests
from bot.tasks.charts import Charts
from bot.tasks.invitation_requests import InvitationRequests
from bot.tasks.live_cards import LiveCards
from bot.tasks.outbox import Outbox
from bot.tasks.reply_outcomes import ReplyOutcomes
from bot.tasks.series_cards import SeriesCards
from bot.tasks.stranger_answers import StrangerAnswers
from bot.telegram.client import Chat
from bot.telegram.command_menu import CommandMenu
from bot.text.clock import Clock
from bot.text.reader import clock
from bot.text.translation import _
from bot.ui.screen import Screen
from core.app import Core


@dataclass(frozen=True, slots=True)
class BotContext:
    """The core, the chat, and what runs beside it. `chat` draws for the sender of the update by the role they have."""

    core: Core
    chat: Chat
    outbox: Outbox
    menu: CommandMenu
    live: LiveCards
    charts: Charts
    amendments: AmendmentCards
    approvals: ApprovalRequests
    strangers: StrangerAnswers
    replies: ReplyOutcomes
    invitations: InvitationRequests
    series: SeriesCards

    @property
    def undo_time(self) -> timedelta:
        """Time in which a broadcast for now can be undone."""
        return timedelta(seconds=self.core.settings.undo_seconds)

    def clock(self) -> Clock:
        """The present moment on the reader's clock."""
        return clock(self.core.clock.now(), self.core.settings)


@dataclass(frozen=True, slots=True)
class CallbackAnswer:
    """The answer to a tap, beside a screen. `alert`: to be closed by hand."""

    text: str = ""
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """A screen, and with it more than the screen."""

    screen: Screen
    answer: CallbackAnswer | None = CallbackAnswer()
    """To a tap; None: it was answered already."""
    asks: tuple[str, str] | None = None
    """The subject and the field that the next typed text is for."""
    settles: bool = False
    """True = close the open question, as a reply that asks does: its message loses its buttons."""
    quotes: bool = False
    """Sent as a reply to the message that it answers."""


Result = Screen | Reply | CallbackAnswer | None
"""Of a handler. A screen replaces the tapped message, or is sent as a new one.

None: everything was shown already, and a tap was answered.
"""


def already() -> CallbackAnswer:
    return CallbackAnswer(_("Already done"))


def old() -> CallbackAnswer:
    return CallbackAnswer(_("This screen is out of date"))


async def show(context: BotContext, request: Request, result: Result) -> None:
    """Show what a handler returned; raises what Telegram refuses."""
    reply = Reply(result) if isinstance(result, Screen) else result
    if not isinstance(request, ButtonPress):
        if isinstance(reply, Reply):
            await send(context, request.admin, reply, request.message_id)
        return
    answer = reply
    if isinstance(reply, Reply):
        shown = await redraw(context, request, reply.screen)
        if reply.asks is not None:
            await context.core.prompts.open(request.admin.id, *reply.asks, asked_on=shown)
        answer = reply.answer
    if isinstance(answer, CallbackAnswer):
        await context.chat.answer(request.query_id, answer.text or None, alert=answer.alert)


async def send(context: BotContext, admin: Admin, reply: Reply, message_id: int | None = None) -> None:
    """Send a screen below. `message_id`: the message that it answers."""
    prompts = context.core.prompts
    asked = await prompts.asked_on(admin.id) if reply.asks or reply.settles else None
    quoted = message_id if reply.quotes else None
    shown = await context.chat.send(admin.chat_id, reply.screen, reply_to=quoted)
    if reply.screen.follows:
        await context.series.shown(admin.chat_id, shown, reply.screen)
    if asked is not None:
        await context.chat.strip(admin.chat_id, asked)
    if reply.asks is not None:
        await prompts.open(admin.id, *reply.asks, asked_on=shown)
    elif reply.settles:
        await prompts.close(admin.id)


async def redraw(context: BotContext, press: ButtonPress, screen: Screen) -> int:
    """Show a screen in place of the one that was tapped; return the id of the message that shows it.

    A question that the tapped screen asked is closed: what is typed next answers something else.
    """
    if await context.core.prompts.asked_on(press.admin.id) == press.message_id:
        await context.core.prompts.close(press.admin.id)
    await context.series.left(press.admin.chat_id, press.message_id)
    await context.core.team_messages.left(press.admin.chat_id, press.message_id)
    shown = await context.chat.show(press.admin.chat_id, press.message_id, screen)
    if screen.follows:
        await context.series.shown(press.admin.chat_id, shown, screen)
    return shown
