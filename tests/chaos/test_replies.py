"""Messages of people reach the admins once each, while bot, worker and API are killed."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from itertools import cycle
from time import monotonic
from typing import Final

import pytest

from core.app import Core
from tests.support.bot import Json, variables
from tests.support.core import core_at, until
from tests.support.launcher import free_port
from tests.support.processes import WORKER, Program, running
from tests.support.sandbox_server import ADMIN, Sandbox, running_sandbox

log = logging.getLogger(__name__)

MESSENGERS: Final = ("telegram", "whatsapp", "viber")
READY: Final = {"bot": "polling as", "worker": "is ready", "api": ""}
ARGUMENTS: Final = {"bot": ("-m", "bot"), "worker": WORKER, "api": ("-m", "api")}
_OPENED: Final = re.compile(r"i:(\d+):open")
_RANGE: Final = re.compile(r"i:(\d+)-(\d+):")
_AT_ONCE: Final = 8


@dataclass
class Shown:
    """The numbers of messages in an admin's chat."""

    singly: Counter[int] = field(default_factory=Counter)
    on_cards: Counter[int] = field(default_factory=Counter)
    offered: Counter[int] = field(default_factory=Counter)
    """On cards that offer what may have been shown already."""

    @property
    def twice(self) -> list[int]:
        return [number for number, count in (self.singly + self.on_cards).items() if count > 1]

    @property
    def all(self) -> set[int]:
        return {*self.singly, *self.on_cards, *self.offered}


def shown_in(messages: list[Json], numbers: Mapping[str, int]) -> Shown:
    """`numbers`: of the messages, by their text."""
    shown = Shown()
    for message in messages:
        text = str(message.get("text"))
        rows = (message.get("reply_markup") or {"inline_keyboard": []})["inline_keyboard"]
        buttons = [str(one.get("callback_data")) for row in rows for one in row]
        if "I was interrupted" in text:
            (found,) = filter(None, map(_RANGE.match, buttons))
            shown.offered.update(range(int(found[1]), int(found[2]) + 1))
        elif "new message" in text:
            total = int(re.sub(r"\D", "", text.split("\n")[0]))
            opened = [int(found[1]) for found in map(_OPENED.match, buttons) if found]
            # The last page is shown.
            shown.on_cards.update(range(opened[-1] - total + 1, opened[-1] + 1))
        elif text.startswith("💬") and (words := re.search(r"question \d+", text)):
            shown.singly[numbers[words[0]]] += 1
    return shown


async def write(sandbox: Sandbox, numbers: range, people: int) -> None:
    """Let a crowd write a text for each number, on all three messengers."""
    addresses: list[tuple[str, str]] = []
    for messenger in MESSENGERS:
        made = await sandbox.crowd(messenger, people)
        stem = re.sub(r"\d+$", "", str(made["first"]))
        start = int(str(made["first"]).removeprefix(stem))
        addresses += [(messenger, f"{stem}{number}") for number in range(start, start + people)]
    waiting = iter(numbers)

    async def go() -> None:
        for number in waiting:
            messenger, address = addresses[number % len(addresses)]
            body = {"text": f"question {number:05}"}
            await sandbox.call("POST", f"people/{messenger}/{address}/write", body)

    await asyncio.gather(*(go() for _ in range(_AT_ONCE)))


async def keep_killing(programs: Mapping[str, Program], every: float, kills: Counter[str]) -> None:
    """Kill them in turn, and start each again at once."""
    for name in cycle(programs):
        await asyncio.sleep(every)
        await programs[name].kill()
        await programs[name].start()
        kills[name] += 1
        await programs[name].says(READY[name])


async def all_done(core: Core, count: int, deadline: float) -> None:
    async def done() -> bool:
        seen = await core.inbound.look(ADMIN)
        calm = seen.done == seen.last and not seen.claimed and (not seen.card or seen.drawn == seen.done)
        return seen.last >= count and calm

    await until(done, deadline)


async def started(stack: AsyncExitStack, redis_url: str) -> tuple[Sandbox, Core, dict[str, Program]]:
    sandbox = await stack.enter_async_context(running_sandbox())
    port = free_port()
    names = {
        **variables(sandbox, redis_url),
        "WHATSAPP_APP_SECRET": "sandbox-app-secret",
        "WHATSAPP_VERIFY_TOKEN": "sandbox-verify",
        "API_HOST": "127.0.0.1",
        "API_PORT": str(port),
        "API_PASSWORD": "chaos-password",
        "LOG_LEVEL": "INFO",
    }
    programs = {
        name: await stack.enter_async_context(running(arguments, names, until_says=READY[name]))
        for name, arguments in ARGUMENTS.items()
    }
    hooks = {one: f"http://127.0.0.1:{port}/receipts/{one}" for one in ("whatsapp", "viber")}
    await sandbox.call("POST", "webhooks", hooks)
    await sandbox.act("telegram", str(ADMIN), "start")
    core = await stack.enter_async_context(core_at(redis_url))
    return sandbox, core, programs


@pytest.mark.parametrize(
    ("count", "people", "rounds", "every"),
    [(300, 20, 3, 1.0), pytest.param(5_000, 200, 30, 0.7, marks=pytest.mark.chaos_long)],
)
async def test_each_message_is_shown_once_while_programs_are_killed(
    redis_url: str, count: int, people: int, rounds: int, every: float
) -> None:
    async with AsyncExitStack() as stack:
        sandbox, core, programs = await started(stack, redis_url)
        kills: Counter[str] = Counter()
        begun = monotonic()
        killing = asyncio.create_task(keep_killing(programs, every, kills))
        for part in range(rounds):
            await write(sandbox, range(part * count // rounds, (part + 1) * count // rounds), people)
            while sum(kills.values()) <= part:  # noqa: ASYNC110 - one in each round at least
                await asyncio.sleep(0.05)
        killing.cancel()
        with suppress(asyncio.CancelledError):
            await killing
        for program in programs.values():
            if not program.runs:
                await program.start()
        await all_done(core, count, 120)
        seen = await core.inbound.look(ADMIN)
        stored = await core.inbound.get(list(range(1, seen.last + 1)))
        numbers = {one.message.text: one.number for one in stored}
        shown = shown_in(await sandbox.messages(), numbers)
        log.warning(
            "%d written, %d kills, %.0f s: %d stored, %d shown one by one, %d on cards, %d offered",
            *(count, sum(kills.values()), monotonic() - begun, len(stored)),
            *(sum(shown.singly.values()), sum(shown.on_cards.values()), len(shown.offered)),
        )
        assert sorted(numbers) == [f"question {number:05}" for number in range(count)]
        assert (len(stored), shown.twice, set(range(1, count + 1)) - shown.all) == (count, [], set())


@pytest.mark.chaos_long
async def test_how_soon_a_message_is_shown(redis_url: str) -> None:
    """Prints the figures; 60 messages, one after the other."""
    async with AsyncExitStack() as stack:
        sandbox, _core, _programs = await started(stack, redis_url)
        people = {"telegram": "200", "whatsapp": "+12025550123", "viber": "alice"}
        await sandbox.act("telegram", "200", "start")
        took: list[float] = []
        for number in range(60):
            messenger = MESSENGERS[number % len(MESSENGERS)]
            text, begun = f"question {number:05}", monotonic()
            await sandbox.call("POST", f"people/{messenger}/{people[messenger]}/write", {"text": text})
            await sandbox.until(lambda chat, text=text: any(text in str(one.get("text")) for one in chat))  # type: ignore[misc]
            took.append(monotonic() - begun)
        took.sort()
        log.warning(
            "from writing to the admin's chat: p50 %.2f s, p95 %.2f s, max %.2f s",
            took[30],
            took[57],
            took[-1],
        )
