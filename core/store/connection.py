"""Connections to the store, and checks that it keeps the promise."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias, cast
from urllib.parse import parse_qsl, unquote, urldefrag, urlsplit

from redis import Redis as SyncRedis
from redis._parsers.base import BaseParser
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import ExponentialWithJitterBackoff
from redis.connection import URL_QUERY_ARGUMENT_PARSERS
from redis.driver_info import DriverInfo
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
from redis.sentinel import Sentinel as SyncSentinel
from redis.sentinel import SentinelConnectionPool as SyncSentinelConnectionPool

from core.domain.errors import ConfigurationError
from core.domain.translatable import Sentence, all_of, sentence
from core.store.prefix import in_script, prefix_of, put_before_keys

log = logging.getLogger(__name__)

AsyncStore: TypeAlias = Redis
SyncStore: TypeAlias = SyncRedis

DRIVER_INFO: Final = DriverInfo()
"""Made once: the client would look its version up on the disk for each connection, which takes a millisecond."""
SCHEMA_VERSION = "1"
"""docs/architecture.md says when to raise it."""
_SCHEMA_KEY = "ms:schema"
_NO_KEY = "ms:nothing"
_WRONG_PASSWORD = "REDIS_PASSWORD: the store refuses it. Give the password that the store was started with."  # noqa: S105
_SOCKET_TIMEOUT = 10
_TRIES = 5
_CONNECTIONS = 32
_SENTINEL_PORT = 26379
_SENTINEL_SECONDS = 1.0
_SENTINELS_WITH_TLS = "rediss+sentinel"
_SENTINEL_SCHEMES = ("sentinel", _SENTINELS_WITH_TLS)

_OLDEST = 7
_WANTED = {
    "appendonly": ("yes", sentence("a crash of the storage loses messages and the record of what was sent")),
    "appendfsync": ("always", sentence("a power cut can make people get a message twice")),
    "no-appendfsync-on-rewrite": (
        "no",
        sentence("a power cut during a rewrite can make people get a message twice"),
    ),
    "maxmemory-policy": ("noeviction", sentence("a full storage silently drops waiting messages")),
}
# As our scripts do, it begins with flags, and reads keys of more than one slot that it has not declared.
_SELF_TEST = (
    "#!lua flags=allow-oom\nreturn redis.call('EXISTS', 'ms:schema') + redis.call('EXISTS', 'ms:trash')"
)


class WritesRefused(ResponseError):
    """The store answers, but takes no writes for now: its disk is full, it is a replica, or a script runs too long."""


class NoLongerMasterError(WritesRefused):
    """This server is a replica now. Its connection is given up: the same address may lead to the new master."""


class DemotedError(Exception):
    """The store has been a replica for too long: the program ends, for its supervisor to start it again."""


_REFUSALS = ("MISCONF", "NOREPLICAS", "MASTERDOWN", "BUSY")
# The client keeps these errors apart by their first word, or not at all.
BaseParser.EXCEPTION_CLASSES.update(dict.fromkeys(_REFUSALS, WritesRefused))
BaseParser.EXCEPTION_CLASSES["READONLY"] = NoLongerMasterError

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
        "driver_info": DRIVER_INFO,
    }
    url, prefix = urldefrag(url)
    if is_sentinel(url):
        group = _Sentinels.parse(url)
        sentinel = Sentinel(group.hosts, sentinel_kwargs=group.access, **group.store)  # type: ignore[no-untyped-call]
        client = cast("Redis", sentinel.master_for(group.name, connection_pool_class=_SentinelPool, **how))
    else:
        client = Redis.from_pool(BlockingConnectionPool.from_url(url, **how))
    put_before_keys(client, prefix)
    return client


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
        group = _Sentinels.parse(url)
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


def is_sentinel(url: str) -> bool:
    """True when Sentinels know where the store is."""
    return urlsplit(url).scheme in _SENTINEL_SCHEMES


@dataclass(frozen=True, slots=True)
class _Sentinels:
    """`sentinel://user:password@host1,host2:26379/name/0?sentinel_password=...`; the first password is the store's.

    With `rediss+sentinel` Sentinels and store are spoken to over TLS; `?ssl_ca_certs=...` and the like as with rediss.
    """

    hosts: list[tuple[str, int]]
    name: str
    store: dict[str, Any]
    access: dict[str, Any]
    """Connection arguments of the Sentinels themselves."""

    @classmethod
    def parse(cls, url: str) -> _Sentinels:
        parts = urlsplit(url)
        names = [name.rpartition(":") for name in parts.netloc.rpartition("@")[2].split(",")]
        name, _, database = parts.path.strip("/").partition("/")
        options = dict(parse_qsl(parts.query))
        tls: dict[str, Any] = {}
        if parts.scheme == _SENTINELS_WITH_TLS:
            tls = {"ssl": True}
            for option, value in options.items():
                if option.startswith("ssl_"):
                    read: Callable[[str], Any] = URL_QUERY_ARGUMENT_PARSERS.get(option, str)  # type: ignore[assignment]
                    tls[option] = read(value)
        return cls(
            hosts=[(host, int(port)) if host else (port, _SENTINEL_PORT) for host, _, port in names],
            name=name,
            store={
                "db": int(database or 0),
                "username": unquote(parts.username) if parts.username else None,
                "password": unquote(parts.password) if parts.password else None,
                **tls,
            },
            access={
                "username": options.get("sentinel_username"),
                "password": options.get("sentinel_password"),
                "socket_timeout": _SENTINEL_SECONDS,
                "retry": None,
                **tls,
            },
        )


async def store_time(client: Redis) -> datetime:
    """The store's clock, the same for all programs."""
    seconds, microseconds = await client.time()
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)


async def outage(client: Redis) -> Sentence | None:
    """The problem, if the store does not answer or takes no writes. Raises nothing, changes nothing in the store."""
    try:
        await client.unlink(_NO_KEY)
    except (StoreConnectionError, StoreTimeoutError) as error:
        return sentence("The storage doesn't answer ({words}).", words=str(error).rstrip("."))
    except RedisError as error:
        return sentence("The storage doesn't accept changes ({words}).", words=str(error).rstrip("."))
    return None


async def wait_for_store(client: Redis, replicas: int = 0) -> None:
    """Wait until the store answers and takes writes.

    Raises ConfigurationError for a refused password, and for a store that cannot run our scripts, or not tell which
    `replicas` have a write on disk.
    """
    while True:
        try:
            await client.ping()
            await _check_server(client)
            if replicas:
                await _check_replication(client, replicas)
            await client.unlink(_NO_KEY)
            return
        except AuthenticationError as error:
            raise ConfigurationError(_WRONG_PASSWORD) from error
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
            await client.eval(in_script(_SELF_TEST, prefix_of(client)), 0)
        except WritesRefused:
            raise
        except ResponseError as error:
            problem = f"the store refuses our scripts ({error})"
    if problem:
        raise ConfigurationError(f"REDIS_URL: {problem}. Use a single Redis 7 or later, or Valkey.")


async def _check_replication(client: Redis, replicas: int) -> None:
    """Raises ConfigurationError for a store that cannot wait for the disks of its replicas."""
    try:
        await client.waitaof(1, replicas, 1)
    except WritesRefused:
        raise
    except ResponseError as error:
        raise ConfigurationError(
            f"STORE_REPLICAS: the store cannot wait for the disks of its replicas ({error}). Use Redis 7.2 or later,"
            " or Valkey, with appendonly yes, or unset STORE_REPLICAS."
        ) from error


def check_address(url: str) -> None:
    """Raises ConfigurationError when nothing answers at `url`, or the password is refused."""
    try:
        with connect_sync(url, tries=1, timeout=3) as client:
            client.ping()
    except AuthenticationError as error:
        raise ConfigurationError(_WRONG_PASSWORD) from error
    except BusyLoadingError:
        return
    except (StoreConnectionError, StoreTimeoutError) as error:
        raise ConfigurationError(
            f"REDIS_URL: nothing answers there ({error}). Start the store, or correct the address."
            " Example: REDIS_URL=redis://127.0.0.1:6379/0"
        ) from error


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


async def store_warnings(client: Redis, replicas: int = 0) -> tuple[str, ...]:
    """One sentence for each setting of the store that weakens the promise. `replicas`: STORE_REPLICAS."""
    found = await _settings(client)
    warnings = [
        sentence(
            "The storage has {name} {value}. Set it to {wanted}, because otherwise {consequence}.",
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
                "The storage has maxmemory 0. Set a limit below the machine's memory, because "
                "otherwise the system may stop it."
            )
        )
    if unknown := tuple(name for name in _WANTED if name not in found):
        warnings.append(
            sentence(
                "I can't check {names}, because the storage doesn't allow CONFIG.",
                names=all_of(unknown),
            )
        )
    return (*warnings, *_replication_warnings(await _info(client), replicas))


def _replication_warnings(info: dict[str, Any], replicas: int) -> tuple[str, ...]:
    there = int(info.get("connected_slaves", 0))
    if info.get("role") == "slave":
        return (sentence("The storage is a read-only replica. Set REDIS_URL to its master."),)
    if there > 0 and not replicas:
        return (
            sentence(
                "The storage has replicas, but STORE_REPLICAS isn't set. After a failover, people "
                "can get a message twice."
            ),
        )
    if there < replicas:
        return (
            sentence(
                "The storage has {there} of the {wanted} replicas in STORE_REPLICAS. Nothing is sent "
                "until they are back.",
                there=there,
                wanted=replicas,
            ),
        )
    return ()


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
