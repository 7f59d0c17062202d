"""The Lua scripts: every move in the ledger is one of them, and each is one atomic step of the store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

_FOLDER: Final = Path(__file__).parent / "lua"
_SHARED_NAMES: Final = ("gather", "lib", "rate", "outcomes", "starting")
_SHARED: Final = "\n".join((_FOLDER / f"{name}.lua").read_text() for name in _SHARED_NAMES)

# What takes in more waits while the store is full. All else must go on: what is in the air keeps its outcome, and
# stopping, cancelling and clearing away are what helps.
_TAKES_IN: Final = frozenset(
    {"commit", "replace", "series", "once_begin", "inbox_put", "audience_put", "audience_name"}
)
_ALSO_WHEN_FULL: Final = "#!lua flags=allow-oom\n"

Argument = str | int | float


def _head(name: str) -> str:
    return "" if name in _TAKES_IN else _ALSO_WHEN_FULL


def _whole(name: str, body: str) -> str:
    """What the body gathers is put down behind it: see gather.lua."""
    body = f"local function script()\n{body}\nend\nlocal answer = script()\nflush()\nreturn answer\n"
    return f"{_head(name)}{_SHARED}\n{body}"


class Scripts:
    """Runs a script of core/store/lua by its name."""

    def __init__(self, client: Redis) -> None:
        self._scripts: dict[str, AsyncScript] = {
            path.stem: client.register_script(_whole(path.stem, path.read_text()))
            for path in _FOLDER.glob("*.lua")
            if path.stem not in _SHARED_NAMES
        }

    async def run(  # each script answers in its own shape
        self, name: str, *arguments: Argument, keys: Sequence[Argument] = ()
    ) -> Any:  # noqa: ANN401 - as above
        """The script's answer, with texts as str. Raises redis.RedisError."""
        return await self._scripts[name](keys=[str(key) for key in keys], args=list(arguments))
