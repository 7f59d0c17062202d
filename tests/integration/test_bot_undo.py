"""Undo: what was confirmed for now is held a moment, and one tap gives the draft back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from core.app import open_core
from core.domain.broadcast import BroadcastStatus
from core.domain.messengers.traits import Messenger
from core.settings import load_settings
from tests.support.bot import EVERYBODY, Json, World, data_of, labels, process, running_bot, variables
from tests.support.core import until
from tests.support.sandbox_server import ADMIN, running_sandbox


async def confirmed(world: World, expected: str = "⏳ Starting in") -> Json:
    card = await world.ask(f"/send {EVERYBODY} | Sale", "Preview ↑")
    await world.tap(card, "✅")
    return await world.turned(card, expected)


async def begun(world: World, broadcast_id: str) -> None:
    """Waits until the hold is over and a worker may start it."""

    async def started() -> bool:
        return await world.core.ledger.start(broadcast_id) is BroadcastStatus.SENDING

    await until(started)


async def test_what_is_sent_now_counts_down_and_undo_gives_the_draft_back(redis_url: str) -> None:
    """Nothing is sent while it counts down; Undo cancels it, and the same order is a draft again."""
    async with running_bot(redis_url, UNDO_SECONDS="300") as world:
        card = await confirmed(world)
        assert labels(card) == [["↩ Undo"]]
        (held,) = (await world.core.broadcasts.scheduled()).items
        assert (held.can_be_undone, held.planned) == (True, False)
        assert await world.core.ledger.start(held.id) is BroadcastStatus.SCHEDULED
        draft = await world.tap_below(card, "↩ Undo", "Preview ↑")
        assert "To 3: Telegram 1 · WhatsApp 1 · Viber 1" in draft["text"]
        above = [m for m in await world.sandbox.messages() if m["message_id"] == draft["message_id"] - 1]
        assert [m["text"] for m in above] == ["Sale"]
        await world.turned(card, "⏹ Cancelled")
        assert (await world.core.broadcasts.get(held.id)).status is BroadcastStatus.CANCELLED
        assert await world.core.ledger.start(held.id) is BroadcastStatus.CANCELLED
        assert labels(draft)[0] == ["✅ Send now"]


async def test_a_second_undo_is_already_done_and_makes_no_second_draft(redis_url: str) -> None:
    async with running_bot(redis_url, UNDO_SECONDS="300") as world:
        card = await confirmed(world)
        undo, message_id = data_of(card, "↩"), card["message_id"]
        first, second = await asyncio.gather(
            *(world.sandbox.forge(undo, message_id, wait=True) for _ in range(2))
        )
        assert sorted([first["text"], second["text"]]) == ["Already done", "Undone. Nothing was sent."]
        drafts = [m for m in await world.sandbox.messages() if "Preview ↑" in str(m.get("text"))]
        assert len(drafts) == 1


async def test_undo_too_late_stops_nothing(redis_url: str) -> None:
    """Once it has begun, the tap says so, and the broadcast continues."""
    async with running_bot(redis_url, UNDO_SECONDS="1") as world:
        card = await confirmed(world, "Starting")
        (held,) = (await world.core.broadcasts.scheduled()).items
        undo = f"b:{held.id}:s{int(held.send_at.timestamp()) // 60:x}:undo"
        await begun(world, held.id)
        answer = await world.sandbox.forge(undo, card["message_id"], wait=True)
        assert (answer["text"], answer["alert"]) == ("Too late to undo: it's already being sent", True)
        await world.deliver()
        await world.turned(card, "✔ Sent to 3 people")


async def test_the_countdown_is_edited_gently(redis_url: str) -> None:
    """The card is edited at most every 3 s while it counts down, and Telegram has nothing to complain of."""
    async with running_bot(redis_url, UNDO_SECONDS="5") as world:
        card = await confirmed(world)
        (held,) = (await world.core.broadcasts.scheduled()).items
        await world.turned(card, "▶ Starting")
        edits = [
            call
            for call in await world.sandbox.calls(method="editMessageText", recipient=str(ADMIN))
            if "Starting in" in str(call)
        ]
        assert len(edits) <= 2
        await begun(world, held.id)
        await world.deliver()
        await world.turned(card, "Sent to")
        assert await world.sandbox.complaints() == []


async def test_a_planned_one_that_is_sent_now_goes_back_to_its_time(redis_url: str) -> None:
    """Send now on a planned broadcast can be undone too; then it is planned for the same moment as before."""
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    async with running_bot(redis_url, UNDO_SECONDS="300") as world:
        broadcast_id = await world.scheduled("Sale", at)
        item = await world.ask(f"/scheduled {broadcast_id}", "🗓 Scheduled")
        question = await world.tap_into(item, "🚀", "now?")
        card = await world.tap_into(question, "✅", "⏳ Starting in")
        assert (await world.tap(card, "↩"))["text"] == "Undone. It's scheduled as before."
        await world.turned(card, "🗓 Scheduled")
        back = await world.core.broadcasts.get(broadcast_id)
        assert (back.status, back.send_at, back.can_be_undone) == (BroadcastStatus.SCHEDULED, at, False)


async def test_with_zero_seconds_nothing_is_held(redis_url: str) -> None:
    async with running_bot(redis_url, UNDO_SECONDS="0") as world:
        card = await confirmed(world, "▶ Starting")
        assert labels(card) == [["✖ Cancel"]]
        await world.deliver()
        await world.turned(card, "Sent to")


async def test_a_bot_killed_during_the_hold_still_takes_it_back(redis_url: str) -> None:
    """kill -9 between the confirmation and the start: the next bot counts on in the same message, and Undo works."""
    async with running_sandbox() as sandbox:
        environment = variables(sandbox, redis_url, UNDO_SECONDS="300")
        async with open_core(load_settings(environment, env_file=None)) as core:
            await core.ledger.remember_sent()
            world = World(sandbox, core)
            async with process("bot", environment) as bot:
                card = await confirmed(world)
                await bot.kill()
            (held,) = (await core.broadcasts.scheduled()).items
            assert await core.ledger.start(held.id) is BroadcastStatus.SCHEDULED
            async with process("bot", environment):
                draft = await world.tap_below(card, "↩ Undo", "Preview ↑")
                assert "To 3: Telegram 1 · WhatsApp 1 · Viber 1" in draft["text"]
                await world.turned(card, "⏹ Cancelled")
            assert await core.deliveries.feed(Messenger.TELEGRAM) == 0


async def test_a_bot_that_never_comes_back_does_not_keep_it_from_starting(redis_url: str) -> None:
    """An accepted order is sent when the undo time is over, bot or no bot."""
    async with running_sandbox() as sandbox:
        environment = variables(sandbox, redis_url, UNDO_SECONDS="2")
        async with open_core(load_settings(environment, env_file=None)) as core:
            await core.ledger.remember_sent()
            world = World(sandbox, core)
            async with process("bot", environment) as bot:
                await confirmed(world, "Starting")
                await bot.kill()
            (held,) = (await core.broadcasts.scheduled()).items
            await begun(world, held.id)
            await world.deliver()
            assert (await core.broadcasts.get(held.id)).progress.reached == 3
