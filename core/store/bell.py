"""Wakes the loops of a program when the store has work for them, so that they need not poll often."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as StoreTimeoutError

from core.domain.messengers.traits import Messenger
from core.runtime import cancellable_sleep, raise_if_cancelled

log = logging.getLogger(__name__)

_CHANNEL: Final = "ms:bell"
_LISTEN_SECONDS: Final = 10.0
_PAUSE_SECONDS: Final = 1.0
SAFETY_SECONDS: Final = 10.0
"""Loops look for work this often without a ring: one can be lost, and other programs that use RQ's queues ring none."""


class Bell:
    """Topics that the scripts ring: see ring() in core/store/lua/gather.lua."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._events: dict[str, list[asyncio.Event]] = {}

    def feed(self, messenger: Messenger) -> asyncio.Event:
        """Deliveries were queued that RQ has no jobs for."""
        return self._on(f"feed:{messenger.traits.code}")

    def claim(self, messenger: Messenger) -> asyncio.Event:
        """Jobs were made."""
        return self._on(f"claim:{messenger.traits.code}")

    def start(self) -> asyncio.Event:
        """A broadcast or a series was scheduled, or moved."""
        return self._on("start")

    def inbox(self, messenger: Messenger) -> asyncio.Event:
        """Webhook bodies came in."""
        return self._on(f"inbox:{messenger.traits.code}")

    def approvals(self) -> asyncio.Event:
        """Approval was asked for, what waited for it no longer does, or others may decide."""
        return self._on("approvals")

    def notices(self) -> asyncio.Event:
        """There is a notice for the admins, see OverdueStore, or a late broadcast was decided about."""
        return self._on("notices")

    def inbound(self) -> asyncio.Event:
        """A person wrote to us."""
        return self._on("inbound")

    def amend(self) -> asyncio.Event:
        """An amendment began."""
        return self._on("amend")

    def templates(self, messenger: Messenger) -> asyncio.Event:
        """The list of templates was asked for."""
        return self._on(f"templates:{messenger.traits.code}")

    def _on(self, topic: str) -> asyncio.Event:
        event = asyncio.Event()
        self._events.setdefault(topic, []).append(event)
        return event

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await self._listen()
            except RedisError as error:
                log.warning("the bell is silent, the store does not answer: %s", error)
            await cancellable_sleep(_PAUSE_SECONDS)

    async def _listen(self) -> None:
        async with self._client.pubsub() as listener:
            await listener.subscribe(_CHANNEL)
            asked = False
            while True:
                await cancellable_sleep(0)
                message = await listener.get_message(timeout=_LISTEN_SECONDS)
                if message is None and asked:
                    raise StoreTimeoutError("the connection is dead")
                asked = message is None
                if message is None:
                    await listener.ping()
                elif message["type"] == "message":
                    self._ring(str(message["data"]))
                elif message["type"] == "subscribe":
                    # At first or with a new connection: rings may have been missed before.
                    for topic in self._events:
                        self._ring(topic)

    def _ring(self, topic: str) -> None:
        for event in self._events.get(topic, ()):
            event.set()


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Return when the event is set, which clears it, or after `seconds`. Sees a cancellation that got lost before."""
    raise_if_cancelled()
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
        event.clear()
    except TimeoutError:
        return
