"""The stop of everything, which every script of sending checks: core/store/lua/panic.lua."""

from __future__ import annotations

from typing import cast

from redis.asyncio import Redis

from core.domain.audit import Actor
from core.domain.messengers.traits import BY_CODE, TRAITS, Messenger
from core.domain.panic import Stop
from core.store.row_format import from_ms, to_ms
from core.store.scripts import Scripts

_KEY = "ms:panic"


class PanicStore:
    """The flag that stops everything."""

    def __init__(self, client: Redis, scripts: Scripts) -> None:
        self._client = client
        self._scripts = scripts

    async def stop(self, by: Actor) -> bool:
        """False when everything is stopped already."""
        return bool(await self._scripts.run("panic", "stop", by.id, by.name))

    async def standing(self) -> Stop | None:
        """The stop in force."""
        fields = cast("dict[str, str]", await self._client.hgetall(_KEY))
        at = from_ms(fields.get("at"))
        if at is None:
            return None
        return Stop(
            at=at,
            by=Actor(fields["by"], fields["name"]),
            messengers=frozenset(BY_CODE[code] for code in _named(fields, "m:") if code in BY_CODE),
            broadcasts=frozenset(_named(fields, "b:")),
        )

    async def release(self, stop: Stop) -> bool:
        """End that stop. False, with nothing changed, when it is no longer in force; so with the next two."""
        return await self._release(stop, "all")

    async def release_messenger(self, stop: Stop, messenger: Messenger) -> bool:
        return await self._release(stop, f"m:{messenger.traits.code}")

    async def release_broadcast(self, stop: Stop, broadcast_id: str) -> bool:
        return await self._release(stop, f"b:{broadcast_id}")

    async def _release(self, stop: Stop, what: str) -> bool:
        codes = "".join(traits.code for traits in TRAITS.values())
        return bool(await self._scripts.run("panic", "release", to_ms(stop.at), what, codes))


def _named(fields: dict[str, str], prefix: str) -> list[str]:
    return [name.removeprefix(prefix) for name in fields if name.startswith(prefix)]
