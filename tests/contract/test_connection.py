"""Many reads at once on a real store."""

from __future__ import annotations

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from core.store.connection import connect, read_many

HASHES = [("HGETALL", "ms:one"), ("HGETALL", "ms:none"), ("HKEYS", "ms:one")]
ANSWERS = [["name", "Zoë"], [], ["name"]]


async def test_many_reads_are_answered_in_their_order(redis_url: str) -> None:
    async with connect(redis_url) as client:
        await client.hset("ms:one", "name", "Zoë")
        assert await read_many(client, HASHES) == ANSWERS
        assert await read_many(client, HASHES[:1], decode=False) == [[b"name", "Zoë".encode()]]
        await client.set("ms:text", "no hash")
        for _ in range(3):
            with pytest.raises(ResponseError, match="WRONGTYPE"):
                await read_many(client, [HASHES[0], ("HGETALL", "ms:text"), *HASHES])
            assert await read_many(client, HASHES) == ANSWERS
            assert await client.get("ms:text") == "no hash"


async def test_many_reads_survive_a_lost_connection_and_have_the_prefix(redis_url: str) -> None:
    async with connect(f"{redis_url}#shop:") as client:
        await client.hset("ms:one", "name", "Zoë")
        assert await read_many(client, HASHES) == ANSWERS
        with Redis.from_url(redis_url) as other:
            other.client_kill_filter(_type="normal", skipme=True)
        assert await read_many(client, HASHES) == ANSWERS
