"""Planned broadcasts whose time went by while nothing ran: every admin is asked, and one answer counts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.domain.broadcast import BroadcastStatus, Late
from core.domain.messengers.traits import Messenger
from tests.support.bot import Json, World, data_of, labels, running_bot
from tests.support.core import order, people
from tests.support.sandbox_server import ADMIN, STRANGER


async def overdue(world: World, late: Late = Late.ASK) -> str:
    """Due two hours and forty minutes ago; a worker has just come back."""
    new = order(
        people(Messenger.TELEGRAM, 2, 1), text="Sale", send_at=datetime.now(UTC) - timedelta(minutes=160)
    )
    new = replace(new, late=late, late_after=timedelta(minutes=15))
    broadcast = await world.core.ledger.accept(await world.core.ledger.reserve_id(), new)
    await world.start_due()
    return broadcast.id


async def asked(world: World, broadcast_id: str, person: int = ADMIN) -> Json:
    return await world.below(0, f"⏰ Late: #{broadcast_id}", person)


async def test_all_admins_are_asked_once_and_one_sends_it(redis_url: str) -> None:
    async with running_bot(redis_url, ADMIN_IDS=f"{ADMIN},{STRANGER}") as world:
        await world.ask("/start", "Hi, ")
        await world.ask("/start", "Hi, ", person=STRANGER)
        broadcast_id = await overdue(world)
        card = await asked(world, broadcast_id)
        other = await asked(world, broadcast_id, STRANGER)
        assert "The server was down, so nothing was sent." in card["text"]
        assert labels(card) == [["🚀 Send now", "🕒 Reschedule"], ["✖ Cancel"]]
        question = await world.tap_into(card, "🚀 Send now", "now?")
        await world.tap_into(question, "✅ Yes", "▶ Sending")
        settled = await world.below(0, "ent right away by Ann ", STRANGER)
        assert settled["message_id"] == other["message_id"]
        assert labels(settled) == []
        answer = await world.sandbox.forge(
            data_of(other, "🚀 Send now"), other["message_id"], STRANGER, wait=True
        )
        assert answer["text"] == "It's already being sent"
        await world.deliver()
        assert (await world.core.broadcasts.get(broadcast_id)).status is BroadcastStatus.FINISHED
        for person in (ADMIN, STRANGER):
            told = [m for m in await world.sandbox.messages(person) if "⏰ Late:" in str(m.get("text"))]
            assert len(told) <= 1


async def test_a_late_one_is_shown_as_late_and_can_be_given_another_time(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id = await overdue(world)
        await asked(world, broadcast_id)
        page = await world.ask("/scheduled", "Late")
        assert "1 · ⏰ " in page["text"]
        item = await world.tap_into(page, "1", f"⏰ Late: #{broadcast_id}")
        await world.days(item)
        question = await world.ask("tomorrow 9:00", "Right?")
        await world.tap_into(question, "✅ Yes", f"🗓 Scheduled #{broadcast_id}")
        assert not (await world.core.broadcasts.get(broadcast_id)).is_late


async def test_a_late_one_is_cancelled_after_a_question(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id = await overdue(world)
        question = await world.tap_into(await asked(world, broadcast_id), "✖ Cancel", "Nothing will be sent.")
        await world.tap_into(question, "✖ Yes, cancel", f"Nothing was sent.\n#{broadcast_id}")


async def test_two_admins_who_answer_at_once_give_one_answer(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id = await overdue(world)
        card = await asked(world, broadcast_id)
        question = await world.tap_into(card, "🚀 Send now", "now?")
        yes = question["reply_markup"]["inline_keyboard"][1][0]["callback_data"]
        cancel = yes.rpartition(":sure:")[0] + ":cancelled"
        answers = await asyncio.gather(
            world.sandbox.forge(yes, question["message_id"], wait=True),
            world.sandbox.forge(cancel, question["message_id"], wait=True),
        )
        assert all(answer["answered"] for answer in answers)
        await world.deliver()
        status = (await world.core.broadcasts.get(broadcast_id)).status
        sent = (await world.core.broadcasts.get(broadcast_id)).progress.reached
        assert (status, sent) in ((BroadcastStatus.FINISHED, 2), (BroadcastStatus.CANCELLED, 0))


async def test_what_was_left_out_as_chosen_is_told_and_says_why(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id = await overdue(world, Late.SKIP)
        told = await world.below(0, f"⏭ Skipped: #{broadcast_id}")
        assert "skipped when late" in told["text"]

        async def is_told() -> bool:
            return not await world.core.overdue.waiting()

        await world.sandbox.eventually(is_told)
        # Nothing was asked, so no decision takes the place of what was told.
        assert await world.core.overdue.undecided() == []
        item = await world.tap_into(told, "📋 Open", f"Nothing was sent.\n#{broadcast_id}")
        assert "skipped when late" in item["text"]
