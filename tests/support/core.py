"""A real core on the test's own store, orders for it, and functions that play the worker."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from redis.asyncio import Redis

from core.app import Core, open_core
from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, NewBroadcast
from core.domain.content.content import Content
from core.domain.delivery import Delivery, DeliveryState
from core.domain.messengers.retry import Move, Sent
from core.domain.messengers.traits import AddressKind, Messenger
from core.domain.recipients import Recipient
from core.settings import Settings, load_settings
from core.store.connection import DRIVER_INFO
from core.store.deliveries import Claim, RecordedOutcome


def needed_by(messenger: Messenger) -> dict[str, str]:
    """The variables without which `messenger` cannot deliver: examples, and no address outside this machine."""
    names = load_settings({}, None).missing_for(messenger)
    examples = {name: (Settings.model_fields[name.lower()].examples or [""])[0] for name in names}
    return {
        name: "http://127.0.0.1:9" if name.endswith("_URL") else example for name, example in examples.items()
    }


VARIABLES: Final = {
    name: value
    for messenger in Messenger
    for name, value in {**needed_by(messenger), f"{messenger.upper()}_RATE": "100000"}.items()
}
"""Every messenger is ready to send, at rates that nothing waits for."""


@asynccontextmanager
async def core_at(redis_url: str, **changes: str) -> AsyncIterator[Core]:
    """A core on the store at `redis_url` with fast messengers. `changes`: to its settings."""
    async with open_core(load_settings({**VARIABLES, "REDIS_URL": redis_url, **changes}, None)) as core:
        yield core


def people(messenger: Messenger, count: int, first: int = 0) -> tuple[Recipient, ...]:
    """Different recipients on one messenger."""
    forms = {
        AddressKind.CHAT_ID: "{}",
        AddressKind.PHONE: "+1202{:07}",
        AddressKind.OPAQUE: f"{messenger}-{{}}",
    }
    form = forms[messenger.traits.address]
    numbers = range(1000 + first, 1000 + first + count)
    return tuple(Recipient(messenger=messenger, address=form.format(n)) for n in numbers)


def everywhere(count: int, first: int = 0) -> tuple[Recipient, ...]:
    """`count` recipients on each messenger, mixed."""
    lists = [people(messenger, count, first) for messenger in Messenger]
    return tuple(recipient for row in zip(*lists, strict=True) for recipient in row)


def order(
    recipients: Sequence[Recipient], *, text: str = "Hello", send_at: datetime | None = None
) -> NewBroadcast:
    return NewBroadcast(
        content=Content(text=text), recipients=tuple(recipients), send_at=send_at, created_by=Actor("test")
    )


async def accept(core: Core, new: NewBroadcast, *, broadcast_id: str | None = None) -> Broadcast:
    return await core.broadcasts.accept(await core.broadcasts.prepare(new), broadcast_id=broadcast_id)


async def change(core: Core, broadcast_id: str, new: NewBroadcast, *, edition: int) -> Broadcast:
    prepared = await core.broadcasts.prepare(new)
    return await core.broadcasts.change(broadcast_id, prepared, edition=edition)


def in_an_hour() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


async def accepted(core: Core, recipients: Sequence[Recipient], **how: Any) -> Broadcast:  # noqa: ANN401 - as order()
    """Accept a broadcast without starting it."""
    return await core.ledger.accept(await core.ledger.reserve_id(), order(recipients, **how))


async def started(core: Core, recipients: Sequence[Recipient], **how: Any) -> Broadcast:  # noqa: ANN401 - as order()
    broadcast = await accepted(core, recipients, **how)
    await core.ledger.start(broadcast.id)
    return await reloaded(core, broadcast)


async def reloaded(core: Core, broadcast: Broadcast) -> Broadcast:
    """Read the broadcast again."""
    found = await core.ledger.get(broadcast.id)
    assert found is not None
    return found


async def feed_and_claim(core: Core, messenger: Messenger, most: int = 200) -> list[Claim]:
    """One round of a worker."""
    await core.deliveries.feed(messenger)
    return list((await core.deliveries.claim(messenger, most, worker="test")).claims)


async def record(core: Core, *outcomes: tuple[Claim, Move]) -> int:
    return await core.deliveries.record([RecordedOutcome(claim, move) for claim, move in outcomes])


async def deliver_all(core: Core, moves: Mapping[str, Move] | None = None) -> Counter[str]:
    """Deliver until nothing can be claimed; return labels of the recipients. `moves`: by address, else sent."""
    sent: Counter[str] = Counter()
    idle = False
    while not idle:
        idle = True
        for messenger in Messenger:
            claims = await feed_and_claim(core, messenger)
            idle = idle and not claims
            sent.update(claim.recipient.label for claim in claims)
            await record(core, *((c, (moves or {}).get(c.recipient.address, Sent("id"))) for c in claims))
    return sent


async def deliveries_of(core: Core, broadcast: Broadcast) -> list[Delivery]:
    return [delivery async for delivery in core.ledger.deliveries(broadcast)]


async def states_of(core: Core, broadcast: Broadcast) -> list[DeliveryState]:
    found = await reloaded(core, broadcast)
    return [delivery.state for delivery in await deliveries_of(core, found)]


@asynccontextmanager
async def store_at(redis_url: str) -> AsyncIterator[Redis]:
    """The store itself, for what has no other access."""
    async with Redis.from_url(redis_url, decode_responses=True, driver_info=DRIVER_INFO) as client:
        yield client


async def keys(store: Redis, *patterns: str) -> list[str]:
    return sorted({str(key) for pattern in patterns for key in await store.keys(pattern)})


async def due(store: Redis, messenger: Messenger) -> dict[str, float]:
    """Deliveries that wait for another try, with the seconds until it is due."""
    now = datetime.now(UTC).timestamp()
    found = await store.zrange(f"ms:due:{messenger.traits.code}", 0, -1, withscores=True)
    pairs = cast("list[tuple[str, float]]", found)
    return {name: at / 1000 - now for name, at in pairs}


async def until(check: Callable[[], Awaitable[object]], deadline: float = 15.0) -> None:
    """Wait until `check` returns something true. Raises TimeoutError after `deadline` seconds."""
    async with asyncio.timeout(deadline):
        while True:
            if await check():
                return
            await asyncio.sleep(0.005)


@asynccontextmanager
async def no_replicas(store: Redis) -> AsyncIterator[None]:
    """The store refuses every write."""
    await store.config_set("min-replicas-to-write", 1)
    try:
        yield
    finally:
        await store.config_set("min-replicas-to-write", 0)


async def commands(store: Redis) -> Counter[str]:
    """Calls of each command since CONFIG RESETSTAT, in scripts too."""
    stats = cast("dict[str, dict[str, int]]", await store.info("commandstats"))
    return Counter({name.removeprefix("cmdstat_"): figures["calls"] for name, figures in stats.items()})
