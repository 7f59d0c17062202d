"""The Lua scripts: every move in the ledger is one of them, and each is one atomic step of the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

_FOLDER: Final = Path(__file__).parent / "lua"
_SHARED: Final = (_FOLDER / "lib.lua").read_text()

# What takes in more waits while the store is full. All else must go on: what is in the air keeps its outcome, and
# stopping, cancelling and clearing away are what helps.
_TAKES_IN: Final = frozenset({"commit", "once_begin", "inbox_put", "audience_put", "audience_name"})
_ALSO_WHEN_FULL: Final = "#!lua flags=allow-oom\n"

Argument = str | int | float


def _head(name: str) -> str:
    return "" if name in _TAKES_IN else _ALSO_WHEN_FULL


class Scripts:
    """Runs a script of core/store/lua by its name."""

    def __init__(self, client: Redis) -> None:
        self._scripts: dict[str, AsyncScript] = {
            path.stem: client.register_script(_head(path.stem) + _SHARED + path.read_text())
            for path in _FOLDER.glob("*.lua")
            if path.stem != "lib"
        }

    async def run(self, name: str, *arguments: Argument, client: Redis | None = None) -> Any:  # noqa: ANN401 - each script answers in its own shape
        """The script's answer, with texts as str. Raises redis.RedisError."""
        return await self._scripts[name](keys=[], args=list(arguments), client=client)
