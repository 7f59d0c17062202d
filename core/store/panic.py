"""The panic stop, which every sending script checks: core/store/lua/panic.lua."""

from __future__ import annotations

from typing import cast

from core.domain.audit import Actor
from core.domain.messengers.traits import BY_CODE, Messenger
from core.domain.panic import PanicStop
from core.store.scripts import Store
from core.store.times import from_ms, to_ms

_KEY = "ms:panic"


class PanicStore(Store):
    """The flag that stops everything."""

    async def stop(self, by: Actor) -> bool:
        """False when everything is stopped already."""
        return bool(await self._scripts.run("panic", "stop", by.id, by.name))

    async def current(self) -> PanicStop | None:
        fields = cast("dict[str, str]", await self._client.hgetall(_KEY))
        at = from_ms(fields.get("at"))
        if at is None:
            return None
        return PanicStop(
            at=at,
            by=Actor(fields["by"], fields["name"]),
            since=from_ms(fields.get("since")),
            lost=fields.get("lost") == "1",
            released_messengers=frozenset(BY_CODE[code] for code in _named(fields, "m:") if code in BY_CODE),
            released_broadcasts=frozenset(_named(fields, "b:")),
        )

    async def release(
        self, stop: PanicStop, *, messenger: Messenger | None = None, broadcast_id: str | None = None
    ) -> bool:
        """End that stop, for one messenger or broadcast where one is named. False when it is no longer in force."""
        what = "all" if broadcast_id is None else f"b:{broadcast_id}"
        if messenger is not None:
            what = f"m:{messenger.traits.code}"
        return bool(await self._scripts.run("panic", "release", to_ms(stop.at), what, "".join(BY_CODE)))


def _named(fields: dict[str, str], prefix: str) -> list[str]:
    return [name.removeprefix(prefix) for name in fields if name.startswith(prefix)]
