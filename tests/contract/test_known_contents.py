"""A worker's cache of the contents that it sends."""

from __future__ import annotations

from redis.asyncio import Redis

from core.app import Core
from core.domain.messengers.retry import Sent
from core.domain.messengers.traits import Messenger
from tests.support.core import feed_and_claim, order, people, record, started
from workers.content_cache import ContentCache

VIBER = Messenger.VIBER


async def test_nobody_gets_the_words_of_an_older_broadcast_that_had_the_same_id(
    core: Core, store: Redis
) -> None:
    """An id is free again three weeks after its broadcast was deleted; some workers live longer."""
    contents = ContentCache(core.deliveries, known_seconds=0)
    older = await started(core, people(VIBER, 1), text="Old")
    (claim,) = await contents.learn(await feed_and_claim(core, VIBER))
    found = contents.of(claim)
    assert found is not None
    assert found.text == "Old"
    await record(core, (claim, Sent("id")))
    assert await core.ledger.delete(older.id)
    await core.ledger.empty_trash()
    await store.delete(f"ms:id:{older.id}")
    await core.ledger.accept(older.id, order(people(VIBER, 1, 50), text="New"))
    await core.ledger.start(older.id)
    (claim,) = await contents.learn(await feed_and_claim(core, VIBER))
    found = contents.of(claim)
    assert found is not None
    assert found.text == "New"
