"""Connections to the store, and checks that it keeps the promise."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any, TypeAlias

from redis import Redis as SyncRedis
from redis._parsers.base import BaseParser
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    OutOfMemoryError,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as StoreConnectionError
from redis.exceptions import TimeoutError as StoreTimeoutError
from redis.retry import Retry

from core.domain.errors import ConfigurationError
from core.domain.translatable import all_of, sentence

log = logging.getLogger(__name__)

AsyncStore: TypeAlias = Redis
SyncStore: TypeAlias = SyncRedis

SCHEMA_VERSION = "1"
_SCHEMA_KEY = "ms:schema"
_NO_KEY = "ms:nothing"
_SOCKET_TIMEOUT = 10
_TRIES = 5
_CONNECTIONS = 32

_OLDEST = 7
_WANTED = {
    "appendonly": ("yes", sentence("a crash of the store loses messages and the record of what was sent")),
    "appendfsync": ("always", sentence("a power cut can make people get a message twice")),
    "no-appendfsync-on-rewrite": (
        "no",
        sentence("a power cut during a rewrite can make people get a message twice"),
    ),
    "maxmemory-policy": ("noeviction", sentence("a full store silently drops what waits")),
}
# As our scripts do, it begins with flags, and reads keys of more than one slot that it has not declared.
_SELF_TEST = (
    "#!lua flags=allow-oom\nreturn redis.call('EXISTS', 'ms:schema') + redis.call('EXISTS', 'ms:trash')"
)


class WritesRefused(ResponseError):
    """The store answers, but takes no writes for now: its disk is full, it is a replica, or a script runs too long."""


_REFUSALS = ("MISCONF", "READONLY", "NOREPLICAS", "MASTERDOWN", "BUSY")
# The client keeps these errors apart by their first word, or not at all.
BaseParser.EXCEPTION_CLASSES.update(dict.fromkeys(_REFUSALS, WritesRefused))

STORE_ERRORS = (StoreConnectionError, StoreTimeoutError, WritesRefused)
"""An outage: the store does not answer, or takes no writes for now."""
STORE_IS_FULL = OutOfMemoryError


def _back_off() -> ExponentialWithJitterBackoff:
    return ExponentialWithJitterBackoff(cap=1, base=0.05)


def connect(url: str) -> Redis:
    """A client that repeats each command a few times when the connection breaks: commands must be idempotent."""
    # When every connection is in use, a caller waits for one; a plain pool would refuse.
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=_CONNECTIONS,
        decode_responses=True,
        socket_timeout=_SOCKET_TIMEOUT,
        retry=AsyncRetry(_back_off(), _TRIES),
    )
    return Redis.from_pool(pool)


def connect_bytes(url: str) -> Redis:
    """As connect(), answering in bytes: RQ's job data is not text."""
    return Redis.from_url(url, socket_timeout=_SOCKET_TIMEOUT, retry=AsyncRetry(_back_off(), _TRIES))


def connect_sync(url: str) -> SyncRedis:
    """A blocking client with raw bytes, as RQ and rq-scheduler need it."""
    return SyncRedis.from_url(url, socket_timeout=_SOCKET_TIMEOUT, retry=Retry(_back_off(), _TRIES))


async def store_time(client: Redis) -> datetime:
    """The store's clock, the same for all programs."""
    seconds, microseconds = await client.time()
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)


async def takes_writes(client: Redis) -> bool:
    """False, never an error, when it does not answer or takes no writes. Changes nothing in the store."""
    try:
        await client.unlink(_NO_KEY)
    except RedisError:
        return False
    return True


async def wait_for_store(client: Redis) -> None:
    """Wait until the store answers and takes writes.

    Raises ConfigurationError for a refused password, and for a store that cannot run our scripts.
    """
    while True:
        try:
            await client.ping()
            await _check_server(client)
            await client.unlink(_NO_KEY)
            return
        except AuthenticationError as error:
            raise ConfigurationError(
                "REDIS_PASSWORD: the store refuses it. Give the password that the store was started with."
            ) from error
        except (*STORE_ERRORS, BusyLoadingError) as error:
            log.warning("the store does not answer yet (%s); waiting", error)
            await asyncio.sleep(1)


async def _check_server(client: Redis) -> None:
    """Raises ConfigurationError for a store that cannot run our scripts: Redis Cluster, or before Redis 7."""
    info = await _info(client)
    version = str(info.get("redis_version", _OLDEST))
    problem = None
    if info.get("cluster_enabled"):
        problem = "this is a Redis Cluster, which cannot run our scripts"
    elif int(version.partition(".")[0]) < _OLDEST:
        problem = f"this is version {version} of Redis"
    else:
        try:
            await client.eval(_SELF_TEST, 0)
        except WritesRefused:
            raise
        except ResponseError as error:
            problem = f"the store refuses our scripts ({error})"
    if problem:
        raise ConfigurationError(f"REDIS_URL: {problem}. Use a single Redis 7 or later, or Valkey.")


async def check_schema(client: Redis) -> None:
    """Raises ConfigurationError when a program of another version has written to this store."""
    if not await client.exists(_SCHEMA_KEY):  # a full store takes no writes, and has the key by then
        await client.set(_SCHEMA_KEY, SCHEMA_VERSION, nx=True)
    found = str(await client.get(_SCHEMA_KEY))
    if found != SCHEMA_VERSION:
        raise ConfigurationError(
            f"The store holds data of layout {found}; this program reads layout {SCHEMA_VERSION}. Run the version "
            "of Message Sender that wrote it, or give this one a store of its own (REDIS_URL)."
        )


async def store_warnings(client: Redis) -> tuple[str, ...]:
    """One sentence for each setting of the store that weakens the promise."""
    found = await _settings(client)
    warnings = [
        sentence(
            "The store has {name} {value}; set it to {wanted}: otherwise {consequence}.",
            name=name,
            value=found[name],
            wanted=wanted,
            consequence=consequence,
        )
        for name, (wanted, consequence) in _WANTED.items()
        if found.get(name, wanted) != wanted
    ]
    if found.get("maxmemory") == "0":
        warnings.append(
            sentence(
                "The store has maxmemory 0; set a limit below the machine's memory: otherwise the system may kill a "
                "store that grows."
            )
        )
    if unknown := tuple(name for name in _WANTED if name not in found):
        warnings.append(
            sentence(
                "The store does not tell its {names} (CONFIG is closed), so they could not be checked.",
                names=all_of(unknown),
            )
        )
    return tuple(warnings)


async def _settings(client: Redis) -> dict[str, str]:
    """From CONFIG, or as far as INFO tells them."""
    try:
        found = await client.config_get(*_WANTED, "maxmemory")
        return {str(name): str(value) for name, value in found.items()}
    except ResponseError:
        info = await _info(client)
    told = {
        "appendonly": {0: "no", 1: "yes"}.get(info.get("aof_enabled", -1)),
        "maxmemory-policy": info.get("maxmemory_policy"),
        "maxmemory": info.get("maxmemory"),
    }
    return {name: str(value) for name, value in told.items() if value is not None}


async def _info(client: Redis) -> dict[str, Any]:
    """Empty where INFO is closed."""
    try:
        return await client.info()
    except ResponseError:
        return {}
