"""Checks that the store answers, takes writes, runs our scripts, and is set to keep the promise."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, BusyLoadingError, RedisError, ResponseError
from redis.exceptions import ConnectionError as StoreConnectionError
from redis.exceptions import TimeoutError as StoreTimeoutError

from core.domain.errors import ConfigurationError
from core.domain.translatable import Sentence, all_of, sentence
from core.store.connection import STORE_ERRORS, WritesRefused, connect_sync
from core.store.prefix import in_script, prefix_of

log = logging.getLogger(__name__)

_NO_KEY = "ms:nothing"
"""Never there: to remove it shows that the store takes writes."""
_WRONG_PASSWORD = "REDIS_PASSWORD: the store refuses it. Give the password that the store was started with."  # noqa: S105
_OLDEST = 7
"""Version of Redis."""
_WANTED = {
    "appendonly": ("yes", sentence("a crash of the storage loses messages and the record of what was sent")),
    "appendfsync": ("always", sentence("people may get a message twice after a power cut")),
    "no-appendfsync-on-rewrite": (
        "no",
        sentence("people may get a message twice after a power cut during a rewrite"),
    ),
    "maxmemory-policy": ("noeviction", sentence("a full storage silently drops waiting messages")),
}
"""Settings that keep the promise, each with what happens under another value."""
# As our scripts do, it begins with flags, and reads keys of more than one slot that it has not declared.
_SELF_TEST = (
    "#!lua flags=allow-oom\nreturn redis.call('EXISTS', 'ms:schema') + redis.call('EXISTS', 'ms:trash')"
)


async def outage(client: Redis) -> Sentence | None:
    """The problem, if the store does not answer or takes no writes. Raises nothing, changes nothing in the store."""
    try:
        await client.unlink(_NO_KEY)
    except (StoreConnectionError, StoreTimeoutError) as error:
        return sentence("The storage doesn't answer ({words}).", words=str(error).rstrip("."))
    except RedisError as error:
        return sentence("The storage doesn't accept changes ({words}).", words=str(error).rstrip("."))
    return None


async def wait_for_store(client: Redis, replicas: int) -> None:
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
    return (*warnings, *_replication_warnings(await _info(client, "replication"), replicas))


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
    """The settings in CONFIG; where it is closed, those that INFO has."""
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


async def _info(client: Redis, section: str | None = None) -> dict[str, Any]:
    """Empty where INFO is closed. The whole of it is some hundred lines."""
    try:
        return await client.info(section)
    except ResponseError:
        return {}
