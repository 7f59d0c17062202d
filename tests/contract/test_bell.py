"""The bell wakes the loops of a worker at once; without it they would look every two seconds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.broadcast import Verb
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Again
from core.domain.messengers.traits import Messenger
from core.store.bell import Bell
from tests.support.core import (
    accepted,
    deliver_all,
    feed_and_claim,
    people,
    record,
    reloaded,
    started,
    until,
)

VIBER = Messenger.VIBER


class Rings:
    """The topics of Viber, and those of all."""

    def __init__(self, bell: Bell) -> None:
        self._events = {
            "feed": bell.feed(VIBER),
            "claim": bell.claim(VIBER),
            "inbox": bell.inbox(VIBER),
            "start": bell.start(),
            "amend": bell.amend(),
        }

    def clear(self) -> None:
        for event in self._events.values():
            event.clear()

    @property
    def rung(self) -> set[str]:
        return {topic for topic, event in self._events.items() if event.is_set()}

    async def hear(self, *topics: str) -> None:
        async def heard() -> bool:
            return set(topics) <= self.rung

        await until(heard, deadline=5)


@pytest.fixture
async def rings(core: Core) -> AsyncIterator[Rings]:
    rings = Rings(core.bell)
    listening = asyncio.create_task(core.bell.run())
    await rings.hear("feed", "claim", "inbox", "start", "amend")
    rings.clear()
    yield rings
    listening.cancel()
    await asyncio.wait([listening])


async def _accept(core: Core) -> None:
    await accepted(core, people(VIBER, 1), send_at=datetime.now(UTC) + timedelta(hours=1))


async def _start(core: Core) -> None:
    await started(core, people(VIBER, 1))


async def _feed(core: Core) -> None:
    await _start(core)
    await core.deliveries.feed(VIBER)


async def _requeue(core: Core) -> None:
    await _start(core)
    (claim,) = await feed_and_claim(core, VIBER)
    await record(core, (claim, Again(60, Reason.BUSY, True)))


async def _resume(core: Core) -> None:
    broadcast = await started(core, people(VIBER, 1))
    await core.ledger.steer(broadcast.id, Verb.PAUSE)
    await core.ledger.steer(broadcast.id, Verb.RESUME)


async def _amend(core: Core) -> None:
    broadcast = await started(core, people(Messenger.TELEGRAM, 1))
    await deliver_all(core)
    await core.amendments.delete(await reloaded(core, broadcast), by="Ann")


async def _webhook(core: Core) -> None:
    await core.receipt_inbox.put(VIBER, ["{}"])


@pytest.mark.parametrize(
    ("act", "topic"),
    [
        (_accept, "start"),
        (_start, "feed"),
        (_feed, "claim"),
        (_requeue, "feed"),
        (_resume, "feed"),
        (_amend, "amend"),
        (_webhook, "inbox"),
    ],
)
async def test_each_kind_of_work_rings_its_topic(
    core: Core, rings: Rings, act: Callable[[Core], Awaitable[None]], topic: str
) -> None:
    await act(core)
    await rings.hear(topic)


async def test_an_idle_store_rings_nothing(core: Core, rings: Rings) -> None:
    assert await core.deliveries.feed(VIBER) == 0
    assert (await core.deliveries.claim(VIBER, 10, worker="test")).claims == ()
    await core.deliveries.start_due()
    await _webhook(core)
    await rings.hear("inbox")
    assert rings.rung == {"inbox"}


async def test_a_bell_that_lost_its_connection_rings_everything(rings: Rings, store: Redis) -> None:
    await store.client_kill_filter(_type="pubsub")
    await rings.hear("feed", "claim", "inbox", "start", "amend")


async def test_it_is_known_when_there_is_something_to_feed(core: Core) -> None:
    assert await core.deliveries.next_feed(VIBER) is None
    await started(core, people(VIBER, 2))
    assert await core.deliveries.next_feed(VIBER) == 0
    one, _ = await feed_and_claim(core, VIBER)
    assert await core.deliveries.next_feed(VIBER) is None
    await record(core, (one, Again(60, Reason.BUSY, True)))
    assert await core.deliveries.next_feed(VIBER) == pytest.approx(60, abs=5)


async def test_it_is_known_when_the_next_broadcast_is_due(core: Core) -> None:
    assert await core.deliveries.start_due() is None
    soon = datetime.now(UTC) + timedelta(minutes=5)
    await accepted(core, people(VIBER, 1), send_at=soon + timedelta(hours=1))
    await accepted(core, people(VIBER, 1), send_at=soon)
    assert await core.deliveries.start_due() == pytest.approx(300, abs=5)
