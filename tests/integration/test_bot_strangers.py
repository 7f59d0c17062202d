"""A flood of messages by people without a role: few answers, every wish carried out, nothing delayed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from time import monotonic

import pytest

from bot.tasks.stranger_answers import BURST, PER_SECOND
from core.domain.audit import Actor
from core.domain.broadcast import BroadcastStatus
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from tests.support.bot import World, running_bot
from tests.support.core import reloaded, started
from tests.support.crowds import once_each, received_counts
from tests.support.sandbox_server import STRANGER
from tests.support.worker import working

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
        await world.sandbox.bot_says("You'll get our news here", STRANGER)
        for number in range(2, BURST + 1):
            said = await world.sandbox.say("/help", STRANGER)
            await world.below(int(said["message_id"]), "get our news here", STRANGER)
            assert await answers(world, [STRANGER]) == number
        begun = monotonic()
        said = await world.sandbox.say("/stop", STRANGER)

        async def gone() -> bool:
            return await world.core.subscribers.since(STRANGER) is None

        await world.sandbox.eventually(gone)
        assert await answers(world, [STRANGER]) == BURST
        await world.below(int(said["message_id"]), "You're unsubscribed", STRANGER)
        assert monotonic() - begun > 1


async def test_a_flood_that_telegram_refuses_writes_one_line_to_the_log(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_bot(redis_url) as world:
        await world.sandbox.act("telegram", str(STRANGER), "start")
        await world.sandbox.bot_says("You'll get our news here", STRANGER)
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


async def test_a_burst_of_strangers_costs_a_running_broadcast_nothing(redis_url: str) -> None:
    """Telegram takes 24 messages a second, of which the workers use 20 and strangers 3: it refuses none."""
    async with running_bot(redis_url, TELEGRAM_RATE="20") as world:
        first = int((await world.sandbox.crowd("telegram", 92))["first"])
        customers, strangers = range(first, first + 80), range(first + 80, first + 92)
        recipients = [Recipient(messenger=Messenger.TELEGRAM, address=str(one)) for one in customers]
        await world.sandbox.limits(telegram={"messages_per_second": 24, "burst": 15})
        async with working(world.core):
            broadcast = await started(world.core, recipients, text="Our summer sale begins")
            while (await reloaded(world.core, broadcast)).status is not BroadcastStatus.FINISHED:
                await asyncio.gather(*(world.sandbox.say("/start", person) for person in strangers))
        told = await received_counts(world.sandbox, "Our summer sale begins")
        assert told == once_each(recipients)
        calls = await world.sandbox.calls(method="sendMessage")
        assert not [call for call in calls if call["status"] != 200]
        answered_at = [call["at"] for call in calls if "Our summer sale" not in call["text"]]
        assert 0 < len(answered_at) <= (answered_at[-1] - answered_at[0] + 2) * PER_SECOND
        for person in strangers:
            assert await world.core.subscribers.since(person) is not None


async def test_a_link_that_only_contains_the_prefix_of_lists_joins_none(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        made = await world.core.audiences.create("testers", created_by=Actor("telegram:100", "Ann"))
        opened = await world.core.audiences.set_joinable(made.id, joinable=True)
        await world.ask(f"/start beta_{opened.link_token}", "our news", person=STRANGER)
        assert (await world.core.audiences.get(made.id)).total == 0
        await world.ask(f"/start a_{opened.link_token}", "our news", person=STRANGER)
        assert (await world.core.audiences.get(made.id)).total == 1
