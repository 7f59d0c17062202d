"""REDIS_PREFIX: what precedes each of our keys and RQ's, so that several programs can share a database.

It is added where commands leave for the store, and in the text of our scripts: all other code, RQ's too, uses plain
keys. Names of keys in the store's answers (SCAN) have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from redis import Redis as SyncRedis
from redis.asyncio import Redis

_SPACES: Final = ("ms:", "rq:")
_SPACES_IN_BYTES: Final = tuple(space.encode() for space in _SPACES)
# The others have no key, or one behind the command's name.
_SEVERAL_KEYS: Final = frozenset(
    {
        "BLMOVE",
        "BLPOP",
        "BRPOP",
        "DEL",
        "EXISTS",
        "LMOVE",
        "MGET",
        "PSUBSCRIBE",
        "RENAME",
        "RPOPLPUSH",
        "SCAN",
        "SMOVE",
    }
    | {"SUBSCRIBE", "TOUCH", "UNLINK", "UNSUBSCRIBE", "WATCH", "ZINTERSTORE", "ZUNIONSTORE"}
)
_SCRIPTS: Final = frozenset({"EVAL", "EVALSHA"})
_PASSWORDS: Final = frozenset({"AUTH"})


def put_before_keys(client: Redis | SyncRedis, prefix: str) -> None:
    """Have the client's connections, none of which is open yet, add `prefix`."""
    if prefix:
        pool = client.connection_pool
        pool.connection_class = type("Prefixing", (_Prefixing, pool.connection_class), {"prefix": prefix})


def prefix_of(client: Redis | SyncRedis) -> str:
    """Empty without REDIS_PREFIX."""
    return str(getattr(client.connection_pool.connection_class, "prefix", ""))


def in_script(text: str, prefix: str) -> str:
    """The script with `prefix` before the keys that it names; each begins a literal in single quotes."""
    for space in _SPACES:
        text = text.replace(f"'{space}", f"'{prefix}{space}")
    return text


class _Prefixing:
    """Mixed into redis-py's classes of connections, asynchronous ones or not."""

    prefix: str

    def send_command(self, *command: Any, **options: Any) -> Any:  # noqa: ANN401 - as redis-py's own
        return super().send_command(*_prefixed(command, self.prefix), **options)  # type: ignore[misc]

    def pack_commands(self, commands: Iterable[Sequence[Any]]) -> Any:  # noqa: ANN401 - as redis-py's own
        return super().pack_commands([_prefixed(command, self.prefix) for command in commands])  # type: ignore[misc]


def _prefixed(command: Sequence[Any], prefix: str) -> list[Any]:
    words = list(command)
    for place in _places_of_keys(words):
        key = words[place]
        if isinstance(key, str) and key.startswith(_SPACES):
            words[place] = prefix + key
        elif isinstance(key, bytes) and key.startswith(_SPACES_IN_BYTES):
            words[place] = prefix.encode() + key
    return words


def _places_of_keys(words: Sequence[Any]) -> range:
    name = words[0] if isinstance(words[0], str) else bytes(words[0]).decode()
    if name in _SCRIPTS:
        return range(3, 3 + int(words[2]))
    if name in _PASSWORDS:
        return range(0)
    return range(1, len(words) if name in _SEVERAL_KEYS else min(2, len(words)))
