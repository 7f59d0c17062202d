"""The Lua scripts: every move in the ledger is one of them, and each is one atomic step of the store."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from core.store.connection import store_time
from core.store.prefix import in_script, prefix_of
from core.store.replication import NotReplicatedError, Replicas

_SHARED_NAMES: Final = ("gather", "lib", "rate", "receipt", "outcomes", "starting")
# All read at the start: an upgrade may put others in their place while the program runs.
_BODIES: Final = {path.stem: path.read_text() for path in (Path(__file__).parent / "lua").glob("*.lua")}
_SHARED: Final = "\n".join(map(_BODIES.__getitem__, _SHARED_NAMES))

# Scripts, or their verbs, that take in more: they wait while the store is full. The others continue: what is in flight
# keeps its outcome, and stopping, cancelling and clearing away make room.
_TAKES_IN: Final = frozenset(
    {
        "commit",
        "replace",
        "series",
        "draft",
        "once begin",
        "inbox put",
        "inbound put",
        "audience put",
        "audience name",
        "contact learn",
        "invitation make",
    }
)
# What was promised to somebody, or asked of us: with STORE_REPLICAS they count once the replicas have them. Claims and
# outcomes do too, in a way of their own: see deliveries.py.
_PROMISES: Final = frozenset(
    {
        "commit",
        "replace",
        "resend",
        "steer",
        "panic stop",
        "hold leave_out",
        "series",
        "inbox put",
        "audience put",
    }
)
# Their answer says what this call has changed, or they add something. The client sends a call again when no answer
# arrives, and the repetition must change nothing and be told the same. Not claims, outcomes and jobs: these
# have tokens of their own, or a repetition does no harm.
_ANSWERED_ONCE: Final = frozenset(
    {
        "account_status",
        "amend begin",
        "amend stop",
        "amend take",
        "audience drop",
        "audience name",
        "audience put",
        "audience take",
        "audit",
        "delete",
        "draft",
        "forget",
        "halt",
        "hold",
        "inbound grow",
        "inbound put",
        "inbox count",
        "inbox put",
        "invitation",
        "panic",
        "permits",
        "receipts",
        "replace",
        "series",
        "steer",
        "team",
        "upload begin",
    }
)
_ALSO_WHEN_FULL: Final = "#!lua flags=allow-oom\n"
_KEYS_A_TRIP: Final = 1000
# Writes that the body gathers follow it: see gather.lua.
_RUN: Final = "local answer = script()\nflush()\n"
# The last argument names the call. Its answer is kept for longer than the client repeats it, unless there is none.
_RUN_ONCE: Final = f"""local call = 'ms:answer:' .. table.remove(ARGV)
local kept = redis.call('GET', call)
if kept then return cmsgpack.unpack(kept) end
{_RUN}if answer then redis.call('SET', call, cmsgpack.pack(answer), 'EX', 120) end
"""

Argument = str | int | float


@cache
def script_text(name: str, prefix: str, *, once: bool = False) -> str:
    """A script with what it shares with others, allowed also when the store is full. `prefix`: of its keys.

    `once`: its last argument is a name for the call, and a call that was carried out is only answered again.
    """
    body = f"local function script()\n{_BODIES[name]}\nend\n{_RUN_ONCE if once else _RUN}return answer\n"
    return in_script(f"{_ALSO_WHEN_FULL}{_SHARED}\n{body}", prefix)


class Scripts:
    """Runs a script of core/store/lua by its name."""

    def __init__(self, client: Redis, replicas: int = 0) -> None:
        """`replicas`: how many must have on disk what was promised; 0 = the store has none."""
        self.replicas = Replicas(client, replicas)
        self._client = client
        self._scripts: dict[tuple[str, bool], AsyncScript] = {}

    async def run(  # each script answers in its own shape
        self, name: str, *arguments: Argument, keys: Sequence[Argument] = ()
    ) -> Any:  # noqa: ANN401 - as above
        """The script's answer, with texts as str.

        Raises redis.RedisError; NotReplicatedError where too few replicas have what it promises.
        """
        if self.replicas.count and _PROMISES.intersection((name, _with_verb(name, arguments))):
            answer, acknowledged = await self.run_durably(name, *arguments, keys=keys)
            if not acknowledged:
                raise NotReplicatedError(f"fewer than {self.replicas.count} replicas have it")
            return answer
        script, named = self._call(name, arguments)
        return await script(keys=[str(key) for key in keys], args=named)

    async def run_durably(
        self, name: str, *arguments: Argument, keys: Sequence[Argument] = ()
    ) -> tuple[Any, bool]:
        """The script's answer, and True when enough replicas have on disk what it wrote. Raises redis.RedisError."""
        if not self.replicas.count:
            return await self.run(name, *arguments, keys=keys), True
        script, named = self._call(name, arguments)
        return await self.replicas.run(script, [str(key) for key in keys], named)

    async def confirm(self) -> None:
        """Return once enough replicas have all that this server has. Raises NotReplicatedError."""
        if self.replicas.count and not await self.replicas.confirm():
            raise NotReplicatedError(f"fewer than {self.replicas.count} replicas have it")

    def _call(self, name: str, arguments: Sequence[Argument]) -> tuple[AsyncScript, list[Argument]]:
        """The script and its arguments, with a name for the call where it must be answered once."""
        with_verb = _with_verb(name, arguments)
        called = with_verb if with_verb in _TAKES_IN else name
        once = not _ANSWERED_ONCE.isdisjoint((name, with_verb))
        if (called, once) not in self._scripts:
            self._scripts[called, once] = self._register(called, once=once)
        return self._scripts[called, once], [*arguments, secrets.token_hex(8)] if once else list(arguments)

    def _register(self, called: str, *, once: bool) -> AsyncScript:
        """At the first use, as a program uses few of them and each is large."""
        text = script_text(called.split()[0], prefix_of(self._client), once=once)
        return self._client.register_script(
            text.removeprefix(_ALSO_WHEN_FULL) if called in _TAKES_IN else text
        )


def _with_verb(name: str, arguments: Sequence[Argument]) -> str:
    return f"{name} {arguments[0]}" if arguments else name


class Store:
    """Base of all stores: single commands by the client, atomic steps by the scripts."""

    def __init__(self, client: Redis, scripts: Scripts) -> None:
        self._client = client
        self._scripts = scripts

    async def now(self) -> datetime:
        """The store's clock."""
        return await store_time(self._client)

    async def _hashes(self, keys: Iterable[str]) -> list[dict[str, str]]:
        """Several hashes, in one round trip; empty for keys that do not exist."""
        pipe = self._client.pipeline(transaction=False)
        for key in keys:
            pipe.hgetall(key)
        return cast("list[dict[str, str]]", await pipe.execute())

    async def _hash_fields(self, places: Iterable[tuple[str, str]]) -> list[str | None]:
        """One field of each of several hashes, by key and field, in one round trip."""
        pipe = self._client.pipeline(transaction=False)
        for key, field in places:
            pipe.hget(key, field)
        return cast("list[str | None]", await pipe.execute())

    async def _keys(self, pattern: str) -> AsyncIterator[str]:
        """All keys of a form, without REDIS_PREFIX. Reads the names of all keys of the store."""
        prefix = prefix_of(self._client)
        async for key in self._client.scan_iter(match=pattern, count=_KEYS_A_TRIP):
            yield str(key).removeprefix(prefix)
