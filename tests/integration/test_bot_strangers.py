"""A flood of messages by people without a role: few answers, every wish carried out, nothing delayed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from time import monotonic

import pytest

from bot.tasks.stranger_answers import BURST, PER_SECOND
from core.domain.audit import Actor
from tests.support.bot import World, running_bot
from tests.support.sandbox_server import STRANGER

CROWD = (STRANGER, 1001, 1002)


async def answers(world: World, people: Iterable[int]) -> int:
    found = [await world.sandbox.messages(person) for person in people]
    return sum(one["from"]["is_bot"] for messages in found for one in messages)


async def test_a_crowd_of_strangers_gets_three_answers_a_second_at_most(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        begun = monotonic()
        await asyncio.gather(*(world.sandbox.act("telegram", str(one), "start") for one in CROWD))
        for _ in range(9):
            await asyncio.gather(*(world.sandbox.say("/help", person) for person in CROWD))
        await world.ask("/help", "/send WHO")
        assert await answers(world, CROWD) <= (monotonic() - begun + 1) * PER_SECOND


async def test_a_stranger_who_repeats_themselves_is_answered_a_few_times_then_once_in_ten_seconds(
    redis_url: str,
) -> None:
    async with running_bot(redis_url) as world:
        await world.sandbox.act("telegram", str(STRANGER), "start")
        await world.sandbox.bot_says("You will get our news here", STRANGER)
        for number in range(2, BURST + 1):
            said = await world.sandbox.say("/help", STRANGER)
            await world.below(int(said["message_id"]), "get our news here", STRANGER)
            assert await answers(world, [STRANGER]) == number
        begun = monotonic()
        said = await world.sandbox.say("/stop", STRANGER)

        async def gone() -> bool:
            return await world.core.contacts.subscriber(STRANGER) is None

        await world.sandbox.eventually(gone)
        assert await answers(world, [STRANGER]) == BURST
        await world.below(int(said["message_id"]), "no more news", STRANGER)
        assert monotonic() - begun > 1


async def test_a_flood_that_telegram_refuses_writes_one_line_to_the_log(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_bot(redis_url) as world:
        await world.sandbox.act("telegram", str(STRANGER), "start")
        await world.sandbox.bot_says("You will get our news here", STRANGER)
        await world.sandbox.fault(
            "telegram", "error", method="sendMessage", times=2, status=400, code=400, description="odd"
        )
        caplog.clear()
        for _ in range(40):
            await world.sandbox.say("/help", STRANGER)
        await world.below(0, "get our news here", STRANGER)
        lines = [one.getMessage() for one in caplog.records if one.name.startswith("bot")]
        assert len(lines) == 1, lines
        assert lines[0].startswith("strangers: ")


async def test_a_link_that_only_contains_the_prefix_of_lists_joins_none(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        made = await world.core.audiences.create("testers", created_by=Actor("telegram:100", "Ann"))
        await world.core.audiences.set_joinable(made.id, joinable=True)
        await world.ask("/start beta_testers", "our news", person=STRANGER)
        assert (await world.core.audiences.get(made.id)).total == 0
        await world.ask("/start a_testers", "our news", person=STRANGER)
        assert (await world.core.audiences.get(made.id)).total == 1
