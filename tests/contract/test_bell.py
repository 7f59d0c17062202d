"""The bell wakes the loops of a worker at once; without it they would look every ten seconds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.audience import Chosen
from core.domain.broadcast import BroadcastStatus, Verb
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Again
from core.domain.messengers.traits import Messenger
from core.domain.team import Role
from core.store.bell import Bell
from core.store.connection import connect
from tests.contract.test_overdue import overdue
from tests.support.core import (
    accept,
    accepted,
    core_at,
    deliver_all,
    feed_and_claim,
    in_an_hour,
    order,
    people,
    record,
    reloaded,
    started,
    until,
)
from tests.support.lossy_proxy import lossy_proxy
from tests.support.series_orders import accepted as ordered
from tests.support.series_orders import to

VIBER = Messenger.VIBER
TOPICS = ("feed", "claim", "inbox", "start", "amend", "approvals", "notices")


class Rings:
    """The topics of Viber, and those of all."""

    def __init__(self, bell: Bell) -> None:
        self._events = {
            "feed": bell.feed(VIBER),
            "claim": bell.claim(VIBER),
            "inbox": bell.inbox(VIBER),
            "start": bell.start(),
            "amend": bell.amend(),
            "approvals": bell.approvals(),
            "notices": bell.notices(),
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
    await rings.hear(*TOPICS)
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


async def _overdue(core: Core) -> None:
    await overdue(core)
    await core.deliveries.start_due()


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
        (_overdue, "notices"),
        (_webhook, "inbox"),
    ],
)
async def test_each_kind_of_work_rings_its_topic(
    core: Core, rings: Rings, act: Callable[[Core], Awaitable[None]], topic: str
) -> None:
    await act(core)
    await rings.hear(topic)


async def test_a_request_for_approval_rings_and_so_does_its_end(
    core: Core, rings: Rings, redis_url: str
) -> None:
    async with core_at(redis_url, APPROVAL_ABOVE="1") as careful:
        broadcast = await accept(careful, order(people(VIBER, 2), send_at=in_an_hour()))
    await rings.hear("approvals")
    rings.clear()
    await core.ledger.steer(broadcast.id, Verb.CANCEL)
    await rings.hear("approvals")


async def test_a_new_editor_rings_for_what_waits_for_approval(
    core: Core, rings: Rings, redis_url: str
) -> None:
    async with core_at(redis_url, ADMIN_IDS="100") as owned:
        await owned.team.give(100, 101, Role.EDITOR)
    await rings.hear("approvals")


async def test_what_is_decided_about_a_late_broadcast_rings_and_so_does_its_start(
    core: Core, rings: Rings
) -> None:
    held, cancelled = await overdue(core), await overdue(core)
    await core.deliveries.start_due()
    await rings.hear("notices")
    rings.clear()
    await core.ledger.steer(cancelled.id, Verb.CANCEL)
    await rings.hear("notices")
    rings.clear()
    await core.ledger.steer(held.id, Verb.SEND_SOON, datetime.now(UTC))
    await rings.hear("notices")
    rings.clear()
    assert await core.ledger.start(held.id) is BroadcastStatus.SENDING
    await rings.hear("notices")


async def test_a_series_rings_its_start(core: Core, rings: Rings, vip: Chosen) -> None:
    await ordered(core, to(vip))
    await rings.hear("start")


async def test_an_idle_store_rings_nothing(core: Core, rings: Rings) -> None:
    assert await core.deliveries.feed(VIBER) == 0
    assert (await core.deliveries.claim(VIBER, 10, worker="test")).claims == ()
    await core.deliveries.start_due()
    await _webhook(core)
    await rings.hear("inbox")
    assert rings.rung == {"inbox"}


async def test_a_bell_that_lost_its_connection_rings_everything(rings: Rings, store: Redis) -> None:
    await store.client_kill_filter(_type="pubsub")
    await rings.hear(*TOPICS)


async def test_a_bell_whose_connection_is_silently_dead_rings_everything(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.store.bell._LISTEN_SECONDS", 0.2)
    async with lossy_proxy(redis_url) as proxy, connect(proxy.url) as client:
        bell = Bell(client)
        rings = Rings(bell)
        listening = asyncio.create_task(bell.run())
        await rings.hear(*TOPICS)
        rings.clear()
        gate = proxy.hold(b"PING")
        await rings.hear(*TOPICS)
        gate.opened.set()
        listening.cancel()
        await asyncio.wait([listening])


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
