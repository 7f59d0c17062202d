"""Runs the real bot against the sandbox's Telegram and a real store.

`running_bot()` runs it in the test's event loop, `process()` in a separate process; `deliver()` plays the worker.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

from bot.app import run_until
from core.app import Core, open_core
from core.domain.audit import Actor
from core.domain.broadcast import NewBroadcast
from core.domain.content.content import Content
from core.domain.delivery import DeliveryState
from core.domain.messengers.events import Receipt
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Move, Sent
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.settings import Settings, load_settings
from core.store.deliveries import RecordedOutcome
from tests.support.core import accept
from tests.support.processes import Program, running
from tests.support.sandbox_server import ADMIN, DEADLINE, Sandbox, running_sandbox

Json = dict[str, Any]
ZONE: Final = "Europe/Berlin"
_STOPPED: Final = 1.0
"""Seconds that a claim asks to wait while everything is stopped."""
EVERYBODY: Final = "telegram:1001, whatsapp:+12025550123, viber:alice"


class World:
    """An admin's chat with the bot, and the core behind it."""

    def __init__(self, sandbox: Sandbox, core: Core) -> None:
        self.sandbox = sandbox
        self.core = core

    async def ask(self, text: str, expected: str, *, person: int = ADMIN, **more: object) -> Json:
        """Say something and wait for an answer below with `expected` in it."""
        said = await self.sandbox.say(text, person, **more)
        return await self.below(int(said["message_id"]), expected, person)

    async def below(self, message_id: int, expected: str, person: int = ADMIN) -> Json:
        """Wait for a message of the bot after that one with `expected` in it."""

        def found(messages: list[Json]) -> list[Json]:
            return [
                m
                for m in messages
                if m["from"]["is_bot"]
                and m["message_id"] > message_id
                and expected in str(m.get("text") or m.get("caption"))
            ]

        return found(await self.sandbox.until(lambda messages: bool(found(messages)), person))[-1]

    async def turned(self, message: Json, expected: str) -> Json:
        """Wait until that message shows `expected`."""
        return await self._turned(message, lambda shown: expected in (shown.get("text") or shown["caption"]))

    async def turned_without(self, message: Json, gone: str) -> Json:
        """Wait until that message no longer shows `gone`."""
        return await self._turned(message, lambda shown: gone not in shown["text"])

    async def turned_to(self, message: Json, label: str) -> Json:
        """Wait until that message has a button whose label begins so."""
        return await self._turned(
            message, lambda shown: any(text.startswith(label) for row in labels(shown) for text in row)
        )

    async def _turned(self, message: Json, is_so: Callable[[Json], bool]) -> Json:
        """Wait until `is_so` is true of that message."""

        def found(messages: list[Json]) -> list[Json]:
            return [m for m in messages if m["message_id"] == message["message_id"] and is_so(m)]

        return found(await self.sandbox.until(lambda messages: bool(found(messages))))[0]

    async def more(self, card: Json) -> Json:
        """Open the rarer buttons of a result."""
        return await self.unfold(card, "⬇ CSV")

    async def unfold(self, card: Json, label: str) -> Json:
        """Open the rarer buttons of a card, one of which begins so."""
        await self.tap(card, "More")
        return await self.turned_to(card, label)

    async def list_settings(self, card: Json) -> Json:
        """Open the settings of a list from its card."""
        more = await self.tap_into(card, "⚙ More", "Created ")
        await self.tap(more, "⚙ Settings")
        return await self.turned_to(more, "✏ Rename")

    async def tap(self, message: Json, label: str, *, person: int = ADMIN) -> Json:
        """Press a button by the beginning of its label; return the bot's answer."""
        for row in message["reply_markup"]["inline_keyboard"]:
            for button in row:
                if button["text"].startswith(label):
                    return await self.sandbox.press(message["message_id"], button["text"], person, wait=True)
        raise AssertionError(f"no button {label!r} in {labels(message)}")

    async def tap_into(self, message: Json, label: str, expected: str) -> Json:
        """Press a button and wait until the same message shows `expected`."""
        await self.tap(message, label)
        return await self.turned(message, expected)

    async def tap_below(self, message: Json, label: str, expected: str) -> Json:
        """Press a button and wait for a new message with `expected`."""
        last = max(m["message_id"] for m in await self.sandbox.messages())
        await self.tap(message, label)
        return await self.below(last, expected)

    async def days(self, card: Json) -> Json:
        """Open the calendar from the button for the time."""
        asked = await self.tap_into(card, "🕒", "When should it go out?")
        return await self.tap_into(asked, "🗓 Pick a day", "Which day?")

    async def no_cards(self) -> None:
        """Wait until the store keeps no live card."""
        async with asyncio.timeout(DEADLINE):
            while await self.core.cards.all():  # noqa: ASYNC110 - the store sends no event
                await asyncio.sleep(0.05)

    async def scheduled(self, text: str, send_at: Any, *addresses: str) -> str:  # noqa: ANN401 - a datetime or None
        """Order a broadcast to Telegram addresses, not from the chat; return its id."""
        recipients = tuple(Recipient(messenger=Messenger.TELEGRAM, address=a) for a in addresses or ("1001",))
        order = NewBroadcast(
            content=Content(text=text), recipients=recipients, send_at=send_at, created_by=Actor("test:test")
        )
        return (await accept(self.core, order)).id

    async def start_due(self) -> None:
        """Start what is due, as a worker would."""
        for waiting in (await self.core.broadcasts.scheduled(size=100)).items:
            await self.core.ledger.start(waiting.id)

    async def deliver(self, outcomes: Mapping[str, Move] | None = None) -> None:
        """Deliver everything that is sending. `outcomes`: by address, else sent."""
        await self.start_due()
        async with asyncio.timeout(DEADLINE):
            while any(one.progress.open for one in await self.core.broadcasts.running()):
                for messenger in Messenger:
                    await self.deliver_some(messenger, 100, outcomes)

    async def receipt(self, address: str, state: DeliveryState, reason: Reason | None = None) -> None:
        """A receipt of what was sent last to this address on Viber."""
        told = Receipt(state=state, at=datetime.now(UTC), message_id="id", address=address, reason=reason)
        await self.core.receipt_inbox.apply(Messenger.VIBER, [told])

    async def deliver_some(
        self, messenger: Messenger, most: int, outcomes: Mapping[str, Move] | None = None
    ) -> None:
        """Deliver to `most` people on one messenger at its rate; to fewer if no more may be claimed."""
        await self.start_due()
        await self.core.deliveries.feed(messenger)
        moves = outcomes or {}
        while most:
            claimed = await self.core.deliveries.claim(messenger, most, worker="test")
            await self.core.deliveries.record(
                [
                    RecordedOutcome(claim, moves.get(claim.recipient.address, Sent("id")))
                    for claim in claimed.claims
                ]
            )
            most -= len(claimed.claims)
            if claimed.wait is None or claimed.wait >= _STOPPED:
                return
            await asyncio.sleep(claimed.wait)


def labels(message: Json) -> list[list[str]]:
    """The labels of a message's buttons, row by row."""
    markup = message.get("reply_markup") or {"inline_keyboard": []}
    return [[button["text"] for button in row] for row in markup["inline_keyboard"]]


def data_of(message: Json, label: str) -> str:
    """The callback data of a button."""
    rows = message["reply_markup"]["inline_keyboard"]
    return next(
        str(button["callback_data"]) for row in rows for button in row if button["text"].startswith(label)
    )


def variables(sandbox: Sandbox, redis_url: str, **changes: str) -> dict[str, str]:
    return {
        **sandbox.environment(),
        "TZ": ZONE,
        "REDIS_URL": redis_url,
        "RETRY_INTERVAL": "1",
        "UNDO_SECONDS": "0",
        **changes,
    }


@asynccontextmanager
async def running_bot(
    redis_url: str, *, newcomer: bool = False, host: str = "127.0.0.1", **changes: str
) -> AsyncIterator[World]:
    """Sandbox and bot in this event loop, without a worker. `newcomer`: nobody has ever sent anything."""
    async with running_sandbox(host=host) as sandbox:
        settings = load_settings(variables(sandbox, redis_url, **changes), env_file=None)
        async with open_core(settings) as core, serving(settings):
            if not newcomer:
                await core.ledger.remember_sent()
            yield World(sandbox, core)


@asynccontextmanager
async def serving(settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> AsyncIterator[None]:
    """The bot in this event loop. `clock`: seconds, by which it tells of an outage of the store."""
    stop = asyncio.Event()
    bot = asyncio.create_task(run_until(settings, stop, clock=clock))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(DEADLINE):
            await bot


@asynccontextmanager
async def process(module: str, environment: Mapping[str, str]) -> AsyncIterator[Program]:
    """A program in a process of its own; stopped at the end if it still runs."""
    async with running(("-m", module), environment) as program:
        yield program
        program.signal(signal.SIGTERM)
        await program.ended()
