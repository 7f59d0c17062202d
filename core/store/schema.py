"""The version of the stored layout: no program touches a store of another layout."""

from __future__ import annotations

from redis import Redis as SyncRedis
from redis.asyncio import Redis

from core.domain.errors import ConfigurationError

SCHEMA_VERSION = "1"
"""docs/architecture.md says when to raise it."""
_SCHEMA_KEY = "ms:schema"


async def check_schema(client: Redis) -> None:
    """Raises ConfigurationError when a program of another version has written to this store."""
    if not await client.exists(_SCHEMA_KEY):  # a full store takes no writes, and has the key by then
        await client.set(_SCHEMA_KEY, SCHEMA_VERSION, nx=True)
    check_version(str(await client.get(_SCHEMA_KEY)))


def check_schema_sync(client: SyncRedis) -> None:
    """The same for a program without an event loop."""
    if not client.exists(_SCHEMA_KEY):
        client.set(_SCHEMA_KEY, SCHEMA_VERSION, nx=True)
    found = client.get(_SCHEMA_KEY)
    check_version(found.decode(errors="replace") if isinstance(found, bytes) else str(found))


def check_version(found: str) -> None:
    """`found`: the layout of the store. Raises ConfigurationError if it is another one."""
    if found != SCHEMA_VERSION:
        raise ConfigurationError(
            f"The store holds data of layout {found}; this program reads layout {SCHEMA_VERSION}. Run the version "
            "of Message Sender that wrote it, or give this one a store of its own (REDIS_URL)."
        )
