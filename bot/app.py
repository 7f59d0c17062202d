"""Builds and runs the bot: connect, poll, graceful shutdown."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import cache, partial
from typing import Any, Final

import httpx
from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import Application, TypeHandler, Updater

from bot.context import BotContext
from bot.dispatcher import BUTTONS, Dispatcher
from bot.handlers.commands import COMMANDS
from bot.permissions import Permissions
from bot.tasks.alerts import AlertNotifier
from bot.tasks.amendment_cards import AmendmentCards
from bot.tasks.approval_requests import ApprovalRequests
from bot.tasks.charts import Charts
from bot.tasks.inbound import InboundNotifier
from bot.tasks.invitation_requests import InvitationRequests
from bot.tasks.live_cards import LiveCards
from bot.tasks.outbox import Outbox
from bot.tasks.overdue import OverdueNotifier
from bot.tasks.polling_watch import PollingWatch
from bot.tasks.reply_outcomes import ReplyOutcomes
from bot.tasks.series_cards import SeriesCards
from bot.tasks.store_watch import StoreWatch
from bot.tasks.stranger_answers import StrangerAnswers
from bot.telegram.client import Chat
from bot.telegram.command_menu import CommandMenu
from bot.telegram.errors import Unavailable
from bot.telegram.inbound import InboundWriter
from bot.telegram.polling import Keep, PollingRequest
from bot.telegram.request import NotTelegramError, TelegramRequest
from bot.telegram.update_processor import PerUserUpdateProcessor
from bot.ui.screen import Rows
from core.app import Core, open_core
from core.domain.errors import ConfigurationError
from core.domain.messengers.traits import Messenger
from core.runtime import stop_signals
from core.settings import Settings
from core.store.connection import STORE_ERRORS, STORE_IS_FULL

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


def _address(settings: Settings) -> str:
    return f"{settings.telegram_api_url}/bot"


@asynccontextmanager
async def _chat_alone(settings: Settings) -> AsyncIterator[Chat]:
    """For plain messages, without the rest of the bot."""

    async def all_rows(_chat_id: int, rows: Rows) -> Rows:
        return rows

    async with TelegramRequest(httpx_kwargs={"verify": _trusted()}) as request:
        bot = Bot(_token(settings), base_url=_address(settings), request=request, get_updates_request=request)
        yield Chat(bot, all_rows)


def build(settings: Settings, keep: Keep) -> BotApplication:
    """Build the application without handlers. `keep`: see PollingRequest. Raises ConfigurationError without a token."""
    # Waits as timedelta: the library warns about other types.
    os.environ["PTB_TIMEDELTA"] = "true"
    trust = {"verify": _trusted()}
    return (
        Application.builder()
        .token(_token(settings))
        .base_url(_address(settings))
        .base_file_url(f"{settings.telegram_api_url}/file/bot")
        .request(TelegramRequest(connection_pool_size=_CONNECTIONS, httpx_kwargs=trust))
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
    chat, charts = Chat(application.bot, permissions.filter), Charts()
    outbox = Outbox(core, chat)
    live, amendments = LiveCards(core, outbox), AmendmentCards(core, outbox)
    approvals = ApprovalRequests(core, outbox)
    menu = CommandMenu(application.bot, [(one.name, one.role, one.about) for one in COMMANDS if one.about])
    strangers = StrangerAnswers(core, chat)
    replies, invitations = ReplyOutcomes(core, outbox), InvitationRequests(core, outbox)
    context = BotContext(
        core,
        chat,
        outbox,
        menu,
        live,
        charts,
        amendments,
        approvals,
        strangers,
        replies,
        invitations,
        SeriesCards(core, outbox),
    )
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


async def run_until(
    settings: Settings, stop: asyncio.Event, *, clock: Callable[[], float] = time.monotonic
) -> None:
    """Run until `stop` is set. Raises ConfigurationError. `clock`: seconds, by which outages of the store are told."""
    async with AsyncExitStack() as stack:
        chat = await stack.enter_async_context(_chat_alone(settings))
        watch = StoreWatch(settings, chat, clock)
        watching = asyncio.create_task(watch.run(), name="store")
        stack.push_async_callback(_cancel, {watching})
        core = await _opened(stack, settings, stop)
        if core is not None:
            await _serve(core, stop)


async def _opened(stack: AsyncExitStack, settings: Settings, stop: asyncio.Event) -> Core | None:
    """The core once the store answers; None if stopped first. Raises ConfigurationError."""
    opening = asyncio.create_task(stack.enter_async_context(open_core(settings)))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({opening, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await _cancel({stopping})
    if opening.done():
        return opening.result()
    await _cancel({opening})
    return None


async def _serve(core: Core, stop: asyncio.Event) -> None:
    settings = core.settings
    application = build(settings, InboundWriter(core).keep)
    await core.team.check()
    if trouble := (await core.accounts.refused()).get(Messenger.TELEGRAM):
        raise ConfigurationError(f"TELEGRAM_BOT_TOKEN: {trouble}")
    context = register_handlers(application, core)
    if await _initialized(application, stop):
        await core.health.remember_bot(application.bot.username)
        watch = PollingWatch(core, context.outbox)
        async with _running(application) as updater:
            await _work(context, watch, partial(_poll, updater, watch), stop)
        core.heartbeat.raise_end()


async def _work(
    context: BotContext,
    watch: PollingWatch,
    poll: Callable[[], Coroutine[Any, Any, None]],
    stop: asyncio.Event,
) -> None:
    core, outbox, live = context.core, context.outbox, context.live
    notifiers = (
        AlertNotifier(core, outbox),
        OverdueNotifier(core, outbox, live),
        InboundNotifier(core, outbox),
        context.replies,
        context.invitations,
        context.series,
        watch,
    )
    async with asyncio.TaskGroup() as group:
        tasks = {
            group.create_task(core.heartbeat.keep_beating("bot", stop.set), name="heartbeat"),
            group.create_task(core.bell.run(), name="bell"),
            group.create_task(poll(), name="poll"),
            group.create_task(_once("menus", partial(_set_menus, context)), name="menus"),
            group.create_task(_once("people", core.audiences.learn_once), name="people"),
        }
        for task in (live, context.amendments, context.approvals, context.strangers, *notifiers):
            tasks.add(group.create_task(task.run(), name=task.name))
        await stop.wait()
        await _cancel(tasks)


async def _cancel(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel until all have ended: Python 3.11 can lose a cancel in asyncio.wait_for (bpo-37658)."""
    while pending := {task for task in tasks if not task.done()}:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=_CANCEL_SECONDS)


async def _set_menus(context: BotContext) -> None:
    await context.menu.set_all(await context.core.team.people())


async def _once(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do it once, through outages of Telegram and of the store."""
    while True:
        try:
            await work()
        except Unavailable as error:
            log.warning("%s: Telegram does not answer, next try in %.0f s: %s", name, error.wait, error)
            await asyncio.sleep(error.wait)
        except (*STORE_ERRORS, STORE_IS_FULL) as error:
            log.warning("%s: the store does not take or answer what is asked: %s", name, error)
            await asyncio.sleep(_RETRY_SECONDS)
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
            log.warning("Telegram cannot be reached, trying again: %s", _cause(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(_RETRY_SECONDS):
                    await stop.wait()
        else:
            return True
    return False


@asynccontextmanager
async def _running(application: BotApplication) -> AsyncIterator[Updater]:
    """Handle updates inside the block; finish running handlers at the end."""
    updater = application.updater
    if updater is None:
        raise RuntimeError("the application was built without an updater")
    try:
        await application.start()
        yield updater
    finally:
        if updater.running:
            await updater.stop()
        if application.running:
            await application.stop()
        await application.shutdown()


async def _poll(updater: Updater, watch: PollingWatch) -> None:
    """Begin polling once no webhook is set."""
    await watch.until_free()
    await updater.start_polling(
        timeout=_POLL_SECONDS,
        bootstrap_retries=-1,
        allowed_updates=list(ALLOWED_UPDATES),
        drop_pending_updates=False,
        error_callback=partial(_polling_failed, watch),
    )
    log.info("polling as @%s", updater.bot.username)


def _polling_failed(watch: PollingWatch, error: TelegramError) -> None:
    if isinstance(error, Conflict):
        watch.conflict(error.message)
    else:
        log.warning("polling failed, trying again: %s", _cause(error))


def _cause(error: TelegramError) -> str:
    """The kind of error. Its text may hold the address, and with it the token."""
    if isinstance(error, NotTelegramError):
        return error.message
    kind = type(error.__cause__ or error).__name__
    return f"{kind}; look at HTTPS_PROXY and ALL_PROXY" if "Proxy" in kind else kind
