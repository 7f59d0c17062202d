"""What goes wrong in one place of a worker, in a way that nobody foresaw, ends nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.amendment import AmendmentStatus, MessageIds
from core.domain.content.content import Content
from core.domain.delivery import DeliveryState
from core.domain.messengers.outcome import Answer, Outcome
from core.domain.messengers.traits import Messenger
from core.store.deliveries import DeliveryQueue
from tests.support.core import again, deliver_all, people, started, until
from workers.amendments import AmendmentWorker
from workers.engine import Engine
from workers.jobs import retry_policy
from workers.messengers.port import MessengerPort
from workers.uploads import Uploads

TELEGRAM, VIBER = Messenger.TELEGRAM, Messenger.VIBER
_DONE = Answer(outcome=Outcome.SENT, message_id="7")


class Willing:
    """Says yes to everything."""

    async def send(self, address: str, content: Content, reference: str) -> Answer:
        return _DONE

    async def check(self) -> str | None:
        return None

    async def delete(self, address: str, ids: MessageIds) -> Answer:
        return _DONE

    async def edit(self, address: str, ids: MessageIds, content: Content) -> Answer:
        return _DONE


class Miscounting(Willing):
    """Has one answer for many."""

    async def send_many(
        self, addresses: Sequence[str], content: Content, reference: str
    ) -> Sequence[Answer] | None:
        return [_DONE]


class Stumbling:
    """The moves, but for the first feeding."""

    def __init__(self, moves: DeliveryQueue) -> None:
        self._moves = moves
        self.stumbled = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._moves, name)

    async def feed(self, messenger: Messenger, **how: int) -> int:
        if not self.stumbled:
            self.stumbled = True
            raise ValueError("nobody foresaw this")
        return await self._moves.feed(messenger, **how)


@asynccontextmanager
async def engine_with(core: Core, moves: DeliveryQueue, port: MessengerPort) -> AsyncIterator[None]:
    messengers = {VIBER: port}
    uploads = Uploads(core.uploads, messengers)
    engine = Engine(moves, messengers, retry_policy(core.settings), uploads, name="test", concurrency=20)
    running = asyncio.create_task(engine.run())
    try:
        yield
    finally:
        engine.stop()
        await running


async def test_a_block_with_too_few_answers_is_unknown_at_once_and_keeps_no_slots(core: Core) -> None:
    broadcast = await started(core, people(VIBER, 50))

    async def ended() -> bool:
        return (await again(core, broadcast)).progress.of(DeliveryState.UNKNOWN) == 50

    async with engine_with(core, core.moves, Miscounting()):
        await until(ended, deadline=10)


async def test_a_feeder_that_stumbles_goes_on(core: Core) -> None:
    moves = Stumbling(core.moves)
    broadcast = await started(core, people(VIBER, 3))

    async def ended() -> bool:
        return (await again(core, broadcast)).progress.reached == 3

    async with engine_with(core, moves, Willing()):  # type: ignore[arg-type]  # the moves in all but one
        await until(ended)
    assert moves.stumbled


async def test_a_recipient_who_cannot_be_read_does_not_end_all_changing_on_phones(
    core: Core, store: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = await started(core, people(TELEGRAM, 1)), await started(core, people(TELEGRAM, 1, 50))
    await deliver_all(core)
    for one in (broken, sound):
        await core.amending.delete(await again(core, one), by="Ann")
    list_id = str(await store.hget(f"ms:b:{broken.id}", "list"))
    await store.hset(f"ms:a:{list_id}:t:0", "0", "1000\x1f\x1fscribble")

    async def ended() -> bool:
        latest = await core.amending.latest(sound.id)
        tried = "a part of an amendment on telegram failed" in caplog.text
        return tried and latest is not None and latest.status is AmendmentStatus.DONE

    amender = AmendmentWorker(core.amendments, core.moves, {TELEGRAM: Willing()}, retry_policy(core.settings))
    running = asyncio.create_task(amender.run())
    await until(ended)
    assert not running.done()
    running.cancel()
    await asyncio.wait([running])
