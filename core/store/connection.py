"""Connections to the store, and the errors of one that is not available."""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeAlias, cast
from urllib.parse import urldefrag

from redis import Redis as SyncRedis
from redis._parsers.base import BaseParser
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import ExponentialWithJitterBackoff
from redis.driver_info import DriverInfo
from redis.exceptions import ConnectionError as StoreConnectionError
from redis.exceptions import OutOfMemoryError, RedisError, ResponseError
from redis.exceptions import TimeoutError as StoreTimeoutError
from redis.retry import Retry
from redis.sentinel import Sentinel as SyncSentinel
from redis.sentinel import SentinelConnectionPool as SyncSentinelConnectionPool

from core.store.prefix import put_before_keys
from core.store.sentinels import Sentinels, is_sentinel

AsyncStore: TypeAlias = Redis
SyncStore: TypeAlias = SyncRedis

DRIVER_INFO: Final = DriverInfo()
"""Made once: the client would look its version up on the disk for each connection, which takes a millisecond."""
_PROTOCOL = 2
"""In the newer one, the client takes four times as long to read a hash."""
_SOCKET_TIMEOUT = 10
_READ_TIMEOUT = 30
_TRIES = 5
_CONNECTIONS = 32


class WritesRefused(ResponseError):
    """The store answers, but takes no writes for now: its disk is full, it is a replica, or a script runs too long."""


class NoLongerMasterError(WritesRefused):
    """The server is a replica now. The connection is closed: the same address may lead to the new master."""


class DemotedError(Exception):
    """The store has been a replica for too long: the program ends, for its supervisor to start it again."""


_REFUSALS = ("MISCONF", "NOREPLICAS", "BUSY")
_REFUSALS_OF_REPLICAS = ("READONLY", "MASTERDOWN")
# The client keeps these errors apart by their first word, or not at all.
BaseParser.EXCEPTION_CLASSES.update(dict.fromkeys(_REFUSALS, WritesRefused))
BaseParser.EXCEPTION_CLASSES.update(dict.fromkeys(_REFUSALS_OF_REPLICAS, NoLongerMasterError))

STORE_ERRORS = (StoreConnectionError, StoreTimeoutError, WritesRefused)
"""An outage: the store does not answer, or takes no writes for now."""
STORE_IS_FULL = OutOfMemoryError

_RECONNECT_ON: Final = (StoreConnectionError, StoreTimeoutError, NoLongerMasterError)
# uvloop raises RuntimeError on a connection that the store has closed before the first command.
_RECONNECT_ASYNC_ON: Final = cast("tuple[type[RedisError], ...]", (*_RECONNECT_ON, RuntimeError))


def _back_off() -> ExponentialWithJitterBackoff:
    return ExponentialWithJitterBackoff(cap=1, base=0.05)


def connect(url: str) -> Redis:
    """A client that repeats each command a few times when the connection breaks: commands must be idempotent.

    `url` is Settings.store_address(): the URL's fragment is REDIS_PREFIX.
    """
    # When every connection is in use, a caller waits for one; a plain pool would refuse.
    # What others wrote into the store need not be text.
    return _client(url, max_connections=_CONNECTIONS, decode_responses=True, encoding_errors="replace")


def connect_bytes(url: str) -> Redis:
    """As connect(), answering in bytes: RQ's job data is not text."""
    return _client(url, max_connections=_CONNECTIONS)


def _client(url: str, **how: Any) -> Redis:  # noqa: ANN401 - as the pool takes them
    how |= {
        "socket_timeout": _SOCKET_TIMEOUT,
        "retry": AsyncRetry(_back_off(), _TRIES, _RECONNECT_ASYNC_ON),
        "protocol": _PROTOCOL,
        "driver_info": DRIVER_INFO,
    }
    url, prefix = urldefrag(url)
    if is_sentinel(url):
        group = Sentinels.parse(url)
        sentinel = Sentinel(group.hosts, sentinel_kwargs=group.access, **group.store)  # type: ignore[no-untyped-call]
        client = cast("Redis", sentinel.master_for(group.name, connection_pool_class=_SentinelPool, **how))
    else:
        client = Redis.from_pool(BlockingConnectionPool.from_url(url, **how))
    put_before_keys(client, prefix)
    return client


async def read_many(
    client: Redis, commands: Sequence[tuple[str, str]], *, decode: bool = True
) -> list[list[Any]]:
    """The answers to many commands that read a list or a hash, as the store sends them: str, or bytes.

    A pipeline of the client takes longer for each answer than the store does, as it times them one by one.
    """
    pool = cast("BlockingConnectionPool", client.connection_pool)
    connection = await pool.get_connection()  # type: ignore[no-untyped-call]

    async def read() -> list[list[Any]]:
        try:
            async with asyncio.timeout(_READ_TIMEOUT):
                await connection.send_packed_command(connection.pack_commands(commands))
                read_response = partial(
                    connection.read_response, disable_decoding=not decode, timeout=math.inf
                )
                return [await read_response() for _ in commands]
        except TimeoutError as error:
            raise StoreTimeoutError("the store did not answer in time") from error
        except BaseException:
            # Answers that were not read would be taken for those to the next commands.
            await connection.disconnect(nowait=True)
            raise

    async def reconnect(_error: Exception) -> None:
        await connection.disconnect()

    try:
        answers: list[list[Any]] = await connection.retry.call_with_retry(read, reconnect)
    finally:
        await pool.release(connection)
    return answers


class _SentinelPool(SentinelConnectionPool, BlockingConnectionPool):
    """Connections to the present master; a caller waits for a free one."""

    async def get_master_address(self) -> tuple[str, int]:
        # Idle connections to another master are found out when they are used: redis-py would close them under others.
        address: tuple[str, int] = await self.sentinel_manager.discover_master(self.service_name)
        self.master_address = address
        return address

    async def aclose(self) -> None:
        await super().aclose()
        await self.sentinel_manager.aclose()


def connect_sync(url: str, *, tries: int = _TRIES, timeout: float = _SOCKET_TIMEOUT) -> SyncRedis:
    """A blocking client with raw bytes, as RQ and rq-scheduler need it. `timeout`: seconds for each step."""
    how: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": Retry(_back_off(), tries, _RECONNECT_ON),
        "driver_info": DRIVER_INFO,
    }
    url, prefix = urldefrag(url)
    if is_sentinel(url):
        group = Sentinels.parse(url)
        sentinel = SyncSentinel(group.hosts, sentinel_kwargs=group.access, **group.store)  # type: ignore[no-untyped-call]
        master = sentinel.master_for(group.name, connection_pool_class=_SyncSentinelPool, **how)  # type: ignore[no-untyped-call]
        client = cast("SyncRedis", master)
    else:
        client = SyncRedis.from_url(url, **how)
    put_before_keys(client, prefix)
    return client


class _SyncSentinelPool(SyncSentinelConnectionPool):
    def close(self) -> None:
        super().close()
        self.sentinel_manager.close()


async def take_first(client: Redis, key: str, seconds: int) -> bool:
    """Set a key for a time; True for the one call that does, also when the client repeats it after a lost answer."""
    token = secrets.token_hex(8)
    return await client.set(key, token, nx=True, get=True, ex=seconds) in (None, token)


async def store_time(client: Redis) -> datetime:
    """The store's clock, the same for all programs."""
    seconds, microseconds = await client.time()
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)
