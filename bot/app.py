"""Builds and runs the bot: connect, poll, graceful shutdown."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache, partial
from typing import Any, Final

import httpx
from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import Application, TypeHandler
from telegram.request import HTTPXRequest

from bot.context import BotContext
from bot.dispatcher import BUTTONS, Dispatcher
from bot.handlers.commands import COMMANDS
from bot.permissions import Permissions
from bot.tasks.alerts import AlertNotifier
from bot.tasks.amendment_cards import AmendmentCards
from bot.tasks.approval_requests import ApprovalRequests
from bot.tasks.charts import Charts
from bot.tasks.inbound import InboundNotifier
from bot.tasks.live_cards import LiveCards
from bot.tasks.outbox import Outbox
from bot.tasks.overdue import OverdueNotifier
from bot.tasks.reply_outcomes import ReplyOutcomes
from bot.tasks.stranger_answers import StrangerAnswers
from bot.telegram.client import Chat
from bot.telegram.command_menu import CommandMenu
from bot.telegram.errors import Unavailable
from bot.telegram.intake import TelegramIntake
from bot.telegram.polling import Keep, PollingRequest
from bot.telegram.update_processor import PerUserUpdateProcessor
from core.app import Core, open_core
from core.domain.errors import ConfigurationError
from core.domain.messengers.traits import Messenger
from core.runtime import stop_signals
from core.settings import Settings

log = logging.getLogger(__name__)

BotApplication = Application[Any, Any, Any, Any, Any, Any]

ALLOWED_UPDATES: Final = (
    Update.MESSAGE,
    Update.EDITED_MESSAGE,
    Update.CALLBACK_QUERY,
    Update.MY_CHAT_MEMBER,
)
_POLL_SECONDS: Final = 30
_CONNECTIONS: Final = 16
_RETRY_SECONDS: Final = 3.0
_CANCEL_SECONDS: Final = 0.5


def _token(settings: Settings) -> str:
    """Raises ConfigurationError without a token."""
    if settings.telegram_bot_token is None:
        raise ConfigurationError(
            "TELEGRAM_BOT_TOKEN is not set. Example: TELEGRAM_BOT_TOKEN=123456789:AAE..."
        )
    return settings.telegram_bot_token.get_secret_value()


def build(settings: Settings, keep: Keep) -> BotApplication:
    """Build the application without handlers. `keep`: see PollingRequest. Raises ConfigurationError without a token."""
    # Waits as timedelta: the library warns about other types.
    os.environ["PTB_TIMEDELTA"] = "true"
    trust = {"verify": _trusted()}
    return (
        Application.builder()
        .token(_token(settings))
        .base_url(f"{settings.telegram_api_url}/bot")
        .base_file_url(f"{settings.telegram_api_url}/file/bot")
        .request(HTTPXRequest(connection_pool_size=_CONNECTIONS, httpx_kwargs=trust))
        .get_updates_request(PollingRequest(keep, connection_pool_size=1, httpx_kwargs=trust))
        .concurrent_updates(PerUserUpdateProcessor())
        .job_queue(None)
        .build()
    )


@cache
def _trusted() -> ssl.SSLContext:
    """TLS context, created once: loading the certificates is slow."""
    return httpx.create_ssl_context()


def register_handlers(application: BotApplication, core: Core) -> BotContext:
    """Add the single handler of all updates, so that nothing can bypass the gate."""
    permissions = Permissions(core.team, BUTTONS)
    chat, charts = Chat(application.bot, permissions.draw), Charts()
    outbox = Outbox(core, chat)
    live, amendments = LiveCards(core, outbox), AmendmentCards(core, outbox)
    approvals = ApprovalRequests(core, outbox)
    menu = CommandMenu(application.bot, [(one.name, one.role, one.about) for one in COMMANDS if one.about])
    strangers = StrangerAnswers(core, chat)
    replies = ReplyOutcomes(core, outbox)
    context = BotContext(core, chat, outbox, menu, live, charts, amendments, approvals, strangers, replies)
    dispatcher = Dispatcher(context, permissions)
    application.add_handler(TypeHandler(Update, dispatcher.handle))
    application.add_error_handler(dispatcher.failed)
    return context


async def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Raises ConfigurationError."""
    stop = asyncio.Event()
    for number in stop_signals():
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run_until(settings, stop)


async def run_until(settings: Settings, stop: asyncio.Event) -> None:
    """Run until `stop` is set. Raises ConfigurationError."""
    # Before the wait for the store, which may take long.
    _token(settings)
    async with open_core(settings) as core:
        application = build(settings, TelegramIntake(core).keep)
        await core.team.check()
        if trouble := (await core.accounts.refused()).get(Messenger.TELEGRAM):
            raise ConfigurationError(f"TELEGRAM_BOT_TOKEN: {trouble}")
        context = register_handlers(application, core)
        if await _initialized(application, stop):
            await core.health.remember_bot(application.bot.username)
            async with _polling(application):
                await _work(context, stop)


async def _work(context: BotContext, stop: asyncio.Event) -> None:
    core, outbox, live = context.core, context.outbox, context.live
    notifiers = (
        AlertNotifier(core, outbox),
        OverdueNotifier(core, outbox, live),
        InboundNotifier(core, outbox),
        context.replies,
    )
    async with asyncio.TaskGroup() as group:
        tasks = {
            group.create_task(core.health.keep_beating("bot"), name="heartbeat"),
            group.create_task(core.bell.run(), name="bell"),
            group.create_task(_set_menus(context), name="menus"),
            group.create_task(core.audiences.learn_once(), name="people"),
        }
        for task in (live, context.amendments, context.approvals, context.strangers, *notifiers):
            tasks.add(group.create_task(task.run(), name=task.name))
        await stop.wait()
        await _cancel(tasks)


async def _cancel(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel until all have ended: Python 3.11 can lose a cancel in asyncio.wait_for (bpo-37658)."""
    while pending := {task for task in tasks if not task.done()}:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=_CANCEL_SECONDS)


async def _set_menus(context: BotContext) -> None:
    while True:
        try:
            await context.menu.set_all(await context.core.team.people())
        except Unavailable as error:
            log.warning("the menus are not set yet: %s", error)
            await asyncio.sleep(error.wait)
        else:
            return


async def _initialized(application: BotApplication, stop: asyncio.Event) -> bool:
    """Wait until Telegram is reachable; False if stopped first. Raises ConfigurationError for an invalid token."""
    while not stop.is_set():
        try:
            await application.initialize()
        except InvalidToken:
            raise ConfigurationError(
                "TELEGRAM_BOT_TOKEN: Telegram does not know it. Ask @BotFather for one."
            ) from None
        except (NetworkError, RetryAfter) as error:
            log.warning("Telegram cannot be reached, trying again: %s", type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(_RETRY_SECONDS):
                    await stop.wait()
        else:
            return True
    return False


@asynccontextmanager
async def _polling(application: BotApplication) -> AsyncIterator[None]:
    """Poll inside the block; finish running handlers at the end."""
    updater = application.updater
    if updater is None:
        raise RuntimeError("the application was built without an updater")
    try:
        await application.start()
        await updater.start_polling(
            timeout=_POLL_SECONDS,
            bootstrap_retries=-1,
            allowed_updates=list(ALLOWED_UPDATES),
            drop_pending_updates=False,
            error_callback=partial(_polling_failed, application.bot),
        )
        log.info("polling as @%s", application.bot.username)
        yield
    finally:
        if updater.running:
            await updater.stop()
        if application.running:
            await application.stop()
        await application.shutdown()


def _polling_failed(bot: Bot, error: TelegramError) -> None:
    if not isinstance(error, Conflict):
        log.warning("polling failed, trying again: %s", type(error).__name__)
    elif "webhook" in error.message.lower():
        log.error(
            "a webhook is set for this token, so this bot gets no messages; taking the webhook away. "
            "If another program sets it again, give that program a token of its own"
        )
        _TASKS.add(task := asyncio.create_task(_take_webhook_away(bot)))
        task.add_done_callback(_TASKS.discard)
    else:
        log.error(
            "another copy of this bot is running with the same token; only one of them gets each message"
        )


_TASKS: set[asyncio.Task[None]] = set()
"""Kept until they are done, as nothing else holds them."""


async def _take_webhook_away(bot: Bot) -> None:
    try:
        await bot.delete_webhook(drop_pending_updates=False)
    except TelegramError as error:
        log.warning("the webhook could not be taken away: %s", type(error).__name__)
