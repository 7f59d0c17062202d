"""Every button of the main screens, pressed twice each by two admins, all at once: one effect, and no crash."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import pytest

from core.domain.audit import Actor, AuditAction
from core.domain.errors import NotFound
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed, Unknown
from core.domain.messengers.traits import Messenger
from tests.support.bot import Json, World, running_bot
from tests.support.core import in_an_hour, people
from tests.support.sandbox_server import ADMIN

BEN: Final = 1001
TWO: Final = (ADMIN, BEN)
FILES: Final = frozenset({AuditAction.EXPORTED, AuditAction.LOG_EXPORTED, AuditAction.LIST_EXPORTED})
"""Each of two may fetch a file."""
ELSEWHERE: Final = re.compile(
    r"x$|l:|h:(home|status|purge|close)|a::page|g:|u:0:list|.*:(cal|mon|yrs|day|t|view|chart)(:|$)"
)
"""Buttons that lead to a screen with a test of its own, or only turn pages."""
DEPTH: Final = 3


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    async with running_bot(redis_url, ADMIN_IDS=f"{ADMIN},{BEN}") as world:
        for person in TWO:
            await world.ask("/start", "Hi, ", person=person)
        yield world


async def planned(world: World) -> str:
    return await world.scheduled("Planned", in_an_hour(), "1001", "1002")


async def running(world: World) -> str:
    name = await world.scheduled("Running", None, *map(str, range(2000, 2030)))
    await world.start_due()
    return name


async def paused(world: World) -> str:
    name = await running(world)
    await world.core.broadcasts.pause(name)
    return name


async def ended(world: World) -> str:
    name = await world.scheduled("Ended", None, "1001", "1002", "1004")
    await world.deliver({"1002": Failed(Reason.UNREACHABLE), "1004": Unknown(Reason.CUT_OFF)})
    return name


async def stopped(world: World) -> str:
    await running(world)
    await world.core.panic.stop(Actor("test:test", "Test"))
    return ""


async def halted(world: World) -> str:
    await world.core.deliveries.halt(Messenger.VIBER, 0, "the account is closed")
    return await running(world)


async def listed(world: World) -> str:
    with contextlib.suppress(NotFound):
        return (await world.core.audiences.named("vip")).id
    made = await world.core.audiences.create("vip", created_by=Actor("test:test", "Test"))
    await world.core.audiences.add(made.id, people(Messenger.TELEGRAM, 3))
    return made.id


SCREENS: Final[dict[str, tuple[Callable[[World], Awaitable[str]], str, str]]] = {
    "home": (planned, "/start", "Hi, "),
    "status": (halted, "/status", "⚙ Status"),
    "planned": (planned, "/scheduled {id}", "🗓 Scheduled"),
    "running": (running, "/scheduled {id}", "▶ Sending"),
    "paused": (paused, "/scheduled {id}", "⏸ Paused"),
    "ended": (ended, "/finished {id}", "Sent to"),
    "purge": (ended, "/purge", "What do you want to delete?"),
    "stopped": (stopped, "/resume", "What do you want to resume?"),
    "audience": (listed, "/audiences vip", "👥 vip"),
    "people": (planned, "/admins 1002", "Telegram ID"),
}


def buttons(message: Json) -> list[str]:
    rows = (message.get("reply_markup") or {"inline_keyboard": []})["inline_keyboard"]
    return [str(one["callback_data"]) for row in rows for one in row if "callback_data" in one]


def kind(data: str) -> str:
    """The same for buttons that do the same to other things."""
    return re.sub(r"(?<=^k:)[0-9a-f]+|[A-Z0-9]{4,}|\d+", "#", data)


async def effects(world: World) -> Counter[tuple[AuditAction, str]]:
    lines = (await world.core.audit_log.page(size=1000)).items
    return Counter((line.action, line.broadcast_id) for line in lines if line.action not in FILES)


async def clear(world: World) -> None:
    core = world.core
    await core.series.stop_all()
    for one in [one async for one in core.broadcasts.each_scheduled()] + await core.broadcasts.running():
        await core.broadcasts.cancel(one.id)
    await core.purge.delete_ended()


async def pressed_by_all(world: World, data: str, shown: dict[int, Json]) -> None:
    """Twice by each, at once; every tap is answered, and what it does is done once."""
    before = await effects(world)
    answers = await asyncio.gather(
        *(
            world.sandbox.forge(data, shown[person]["message_id"], person, wait=True)
            for person in (*TWO, *TWO)
        )
    )
    assert all(answer["answered"] for answer in answers), data
    assert not any("went wrong" in (answer["text"] or "") for answer in answers), (data, answers)
    done = await effects(world) - before
    assert all(count == 1 for count in done.values()), (data, done)


async def latest(world: World) -> dict[int, Json]:
    """The last message with buttons in each chat."""
    found = {}
    for person in TWO:
        messages = [m for m in await world.sandbox.messages(person) if m["from"]["is_bot"] and buttons(m)]
        found[person] = messages[-1]
    return found


@pytest.mark.parametrize("screen", SCREENS)
async def test_each_button_has_its_effect_once(world: World, screen: str) -> None:
    """And those of the questions behind it; each on a screen of its own, as what was tapped before changes it."""
    prepare, text, expected = SCREENS[screen]
    for person in TWO:
        await world.ask("/start", "Hi, ", person=person)
    if screen == "people":
        await world.sandbox.act("telegram", "1002", "start")
        await world.below(0, "You'll get our news here", 1002)
    tried: set[str] = set()
    fresh = True
    while fresh:
        name = await prepare(world)
        command = text.format(id=name)
        shown = {person: await world.ask(command, expected, person=person) for person in TWO}
        fresh = False
        for _ in range(DEPTH):
            wanted = [
                one for one in buttons(shown[ADMIN]) if not ELSEWHERE.match(one) and kind(one) not in tried
            ]
            if not wanted:
                break
            fresh = True
            tried.add(kind(wanted[0]))
            await pressed_by_all(world, wanted[0], shown)
            shown = await latest(world)
        await clear(world)
        standing = await world.core.panic.current()
        if standing is not None:
            await world.core.panic.release(standing)
    assert tried
    for person in TWO:
        said = [str(message.get("text")) for message in await world.sandbox.messages(person)]
        assert not any("went wrong" in text for text in said)
    kinds = {str(one["kind"]) for one in await world.sandbox.complaints()}
    # How quick the answers were says more of this machine than of the bot.
    assert {one for one in kinds if "callback" in one} <= {"late callback answer"}
