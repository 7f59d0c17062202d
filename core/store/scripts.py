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
    }
)
_ALSO_WHEN_FULL: Final = "#!lua flags=allow-oom\n"

Argument = str | int | float


def script_text(name: str) -> str:
    """A script with what it shares with others, allowed also when the store is full."""
    body = (_FOLDER / f"{name}.lua").read_text()
    # Writes that the body gathers follow it: see gather.lua.
    body = f"local function script()\n{body}\nend\nlocal answer = script()\nflush()\nreturn answer\n"
    return f"{_ALSO_WHEN_FULL}{_SHARED}\n{body}"


class Scripts:
    """Runs a script of core/store/lua by its name."""

    def __init__(self, client: Redis) -> None:
        names = [path.stem for path in _FOLDER.glob("*.lua") if path.stem not in _SHARED_NAMES]
        self._scripts: dict[str, AsyncScript] = {
            name: client.register_script(script_text(name)) for name in names
        }
        for name in _TAKES_IN:
            text = script_text(name.split()[0]).removeprefix(_ALSO_WHEN_FULL)
            self._scripts[name] = client.register_script(text)

    async def run(  # each script answers in its own shape
        self, name: str, *arguments: Argument, keys: Sequence[Argument] = ()
    ) -> Any:  # noqa: ANN401 - as above
        """The script's answer, with texts as str. Raises redis.RedisError."""
        with_verb = f"{name} {arguments[0]}" if arguments else name
        script = self._scripts.get(with_verb) or self._scripts[name]
        return await script(keys=[str(key) for key in keys], args=list(arguments))


class Store:
    """Base of what is kept in Redis: plain commands by the client, steps of several commands by the scripts."""

    def __init__(self, client: Redis, scripts: Scripts) -> None:
        self._client = client
        self._scripts = scripts
