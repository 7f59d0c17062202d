"""Message templates as a messenger lists them: asked for by the chat, fetched by a worker."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

from pydantic import TypeAdapter

from core.domain.content.templates import TemplateList
from core.domain.messengers.traits import Messenger
from core.store.scripts import Store

_KEPT: Final = timedelta(days=7)
_ASKED_SECONDS: Final = 60
_LOOK_SECONDS: Final = 0.1
_LIST: Final = TypeAdapter(TemplateList)


class TemplateStore(Store):
    """`ms:templates:<m>`, and `ms:templates:<m>:asked` until a worker has taken the request."""

    async def get(self, messenger: Messenger) -> TemplateList | None:
        """The list as it was fetched last; None if it never was."""
        packed = await self._client.get(_key(messenger))
        return _LIST.validate_json(packed) if packed else None

    async def put(self, messenger: Messenger, found: TemplateList) -> None:
        packed = _LIST.dump_json(found, exclude_defaults=True)
        await self._client.set(_key(messenger), packed, ex=_KEPT)

    async def ask(self, messenger: Messenger) -> None:
        """Ask the workers for the list."""
        await self._client.set(f"{_key(messenger)}:asked", "1", ex=_ASKED_SECONDS)
        await self._client.publish("ms:bell", f"templates:{messenger.traits.code}")

    async def take_request(self, messenger: Messenger) -> bool:
        """True for the worker that has to fetch it; two that ask at once both may."""
        asked = await self._client.exists(f"{_key(messenger)}:asked")
        await self._client.unlink(f"{_key(messenger)}:asked")
        return bool(asked)

    async def recent(self, messenger: Messenger, age: timedelta, *, wait: timedelta) -> TemplateList | None:
        """A list that is at most this old, asked for and awaited if need be; None if none comes."""
        since = await self.now() - age
        found = await self.get(messenger)
        if found is not None and found.at >= since:
            return found
        await self.ask(messenger)
        try:
            async with asyncio.timeout(wait.total_seconds()):
                while found is None or found.at < since:
                    await asyncio.sleep(_LOOK_SECONDS)
                    found = await self.get(messenger)
        except TimeoutError:
            return None
        return found


def _key(messenger: Messenger) -> str:
    return f"ms:templates:{messenger.traits.code}"
