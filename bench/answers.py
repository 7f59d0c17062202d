"""Response time of the bot while the engine is saturated: `python -m bench.answers`.

The real bot on the sandbox's Telegram; beside it, on the same store, a worker that sends a huge broadcast to the sink.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import tempfile
import time
from pathlib import Path
from typing import Any, Final, cast

import aiohttp

from bench import rig
from bench.results import Row, save
from core.app import open_core

ADMIN: Final = 100
"""The sandbox's own admin."""
COMMANDS: Final = ("/status", "/scheduled", "/finished", "/help")
LATENCY: Final = 0.05
UNDER_WAY: Final = 2_000
"""Messages sent before the measurement starts."""
ANSWER_SECONDS: Final = 30.0


class Chat:
    """The admin's chat with the bot, on the sandbox's page."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = f"{url}/sandbox"
        self._session = session

    async def answered_in(self, command: str) -> float:
        """Seconds from the command until the bot's next message is in the chat."""
        began = time.perf_counter()
        said = await self._call("POST", "say", {"person": ADMIN, "text": command})
        version = -1
        async with asyncio.timeout(ANSWER_SECONDS):
            while not await self._answer_to(said["message_id"]):
                version = (await self._call("GET", f"changes?past={version}"))["version"]
        return time.perf_counter() - began

    async def _answer_to(self, message_id: int) -> bool:
        messages = (await self._call("GET", f"chats/{ADMIN}"))["messages"]
        return any(one["from"]["is_bot"] and one["message_id"] > message_id for one in messages)

    async def _call(self, verb: str, path: str, body: object = None) -> dict[str, Any]:
        async with self._session.request(verb, f"{self._url}/{path}", json=body) as response:
            response.raise_for_status()
            return cast("dict[str, Any]", await response.json())


def _row(under: str, seconds: list[float]) -> Row:
    ordered = sorted(seconds)
    return {
        "under": under,
        "answers": len(ordered),
        "p50 ms": ordered[len(ordered) // 2] * 1000,
        "p95 ms": ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)] * 1000,
        "max ms": ordered[-1] * 1000,
    }


async def _measure(count: int, rounds: int, store_url: str, folder: Path) -> list[Row]:
    async with contextlib.AsyncExitStack() as stack:
        sink = await stack.enter_async_context(rig.running_sink())
        await sink.rules(latency=LATENCY)
        state = str(folder / "sandbox.json")
        sandbox = await stack.enter_async_context(rig.listening("sandbox", "--port", "0", "--state", state))
        variables = rig.environment(store_url, sink.url, admin_ids=ADMIN)
        core = await stack.enter_async_context(open_core(rig.settings_of(variables)))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        chat = Chat(sandbox, session)
        bot = {**variables, "TELEGRAM_API_URL": f"{sandbox}/telegram"}
        await stack.enter_async_context(rig.process(rig.program("bot"), bot))
        await chat.answered_in("/help")
        idle = [await chat.answered_in(command) for command in COMMANDS * rounds]
        await rig.accept(core, rig.order(count))
        await stack.enter_async_context(rig.process(rig.program("workers"), variables))
        await sink.reaches(UNDER_WAY)
        before = await sink.tally()
        busy = [await chat.answered_in(command) for command in COMMANDS * rounds]
        after = await sink.tally()
    sent = (after.count - before.count) / max(0.001, after.last - before.last)
    under = f"a worker that sends {sent:,.0f}/s" + (", to the end" if after.count == count else "")
    return [_row("nothing else", idle), _row(under, busy)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.answers", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="recipients of the broadcast")
    parser.add_argument("--rounds", type=int, default=10, help=f"of {len(COMMANDS)} commands")
    asked = parser.parse_args()
    with rig.fresh_store() as store_url, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        rows = asyncio.run(_measure(asked.count, asked.rounds, store_url, Path(folder)))
    save("answers", rows)


if __name__ == "__main__":
    main()
