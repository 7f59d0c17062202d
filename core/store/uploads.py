"""The messengers' ids of uploaded files, and leases for uploads in progress."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from core.store.scripts import Store

# Long enough for most uploads. After it, a file is uploaded once more, which does no harm.
LEASE_SECONDS: Final = 30


class UploadStore(Store):
    """`ms:file:<name>`, and beside it a lease; the caller chooses the names. Raises RedisError."""

    async def get(self, name: str) -> str | None:
        """The id, while it is valid."""
        held = await self._client.get(f"ms:file:{name}")
        return None if held is None else str(held)

    async def put(self, name: str, held_as: str, good_for: timedelta) -> None:
        seconds = round(good_for.total_seconds())
        await self._scripts.run("upload", "put", name, held_as, seconds)

    async def forget(self, name: str, held_as: str) -> None:
        """Remove an id that is no longer valid; a no-op when another one has replaced it."""
        await self._scripts.run("upload", "forget", name, held_as)

    async def begin(self, name: str) -> bool:
        """Lease the upload; False while another worker has it."""
        return bool(await self._scripts.run("upload", "begin", name, LEASE_SECONDS))

    async def end(self, name: str) -> None:
        await self._client.unlink(f"ms:file:{name}:lease")
