"""The live card: steered while it runs, edited gently, and the result in the end, which follows the receipts."""

from __future__ import annotations

import asyncio

from core.domain.audit import Actor
from core.domain.broadcast import BroadcastStatus, NewBroadcast
from core.domain.content.content import Content
from core.domain.delivery import DeliveryState
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from tests.support.bot import Json, World, data_of, labels, running_bot
from tests.support.core import accept
from tests.support.sandbox_server import ADMIN, DEADLINE

FIVE = "tg:1001, tg:1002, tg:1003, tg:1004, tg:1005"


async def confirmed(world: World, who: str = FIVE) -> Json:
    """A broadcast that is sending; its live card."""
    card = await world.ask(f"/send {who} | Hello", "Preview ↑")
    await world.tap(card, "✅")
    await world.turned(card, "▶ Starting")
    await world.start_due()
    return await world.turned(card, "▶ Sending")


async def gone(world: World, message: Json) -> None:
    """Waits until a message has left the chat."""
    async with asyncio.timeout(DEADLINE):
        while any(one["message_id"] == message["message_id"] for one in await world.sandbox.messages()):  # noqa: ASYNC110 - the sandbox rings no bell
            await asyncio.sleep(0.05)


async def test_a_running_one_is_paused_resumed_and_cut_short(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await confirmed(world)
        await world.deliver_some(Messenger.TELEGRAM, 2)
        await world.turned(card, "2 of 5")
        assert (await world.tap(card, "⏸ Pause"))["text"] == "Paused"
        card = await world.turned(card, "⏸ Paused")
        assert "✔ 2 sent · ⏳ 3 waiting" in card["text"]
        assert labels(card)[0] == ["▶ Resume", "⏹ Stop"]
        await world.tap(card, "▶ Resume")
        card = await world.turned(card, "▶ Sending")
        question = await world.tap_below(card, "⏹", "Stop here? 3 people won't get it.")
        await world.tap(question, "« Keep sending")
        await gone(world, question)
        question = await world.tap_below(card, "⏹", "Stop here? 3 people")
        await world.tap(question, "⏹ Yes, stop for 3")
        await gone(world, question)
        card = await world.turned(card, "⏹ Stopped. Sent to 2 of 5")
        assert labels(card) == [["↻ Send to all 3 who missed it"], ["♻ Send again", "More"]]
        assert await world.sandbox.complaints() == []


async def test_a_second_tap_on_pause_is_already_done(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await confirmed(world)
        pause, message_id = data_of(card, "⏸"), card["message_id"]
        first = await world.sandbox.forge(pause, message_id, wait=True)
        second = await world.sandbox.forge(pause, message_id, wait=True)
        assert (first["text"], second["text"]) == ("Paused", "Already done")
        (paused,) = await world.core.broadcasts.running()
        assert paused.status is BroadcastStatus.PAUSED


async def test_a_messenger_that_waits_and_a_missing_worker_are_said(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await confirmed(world)
        assert "The sending program isn't running. Nothing is lost" in card["text"]
        await world.core.deliveries.halt(Messenger.TELEGRAM, 600.0, "their limit")
        await world.core.heartbeat.beat("worker")
        card = await world.turned(card, "waits until")
        assert ": their limit" in card["text"]
        await world.turned(card, "Started ")


async def test_a_flood_limit_on_edits_does_not_lose_the_result(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await confirmed(world)
        await world.sandbox.fault("telegram", "rate_limit", method="editMessageText", times=2, retry_after=1)
        await world.deliver({"1003": Failed(Reason.BLOCKED)})
        await world.turned(card, "⚠ Sent to 4 of 5")
        assert len([m for m in await world.sandbox.messages() if "Sent to 4 of 5" in m["text"]]) == 1


async def test_many_changes_make_few_edits(redis_url: str) -> None:
    """Forty deliveries one by one: the card never goes beyond what Telegram takes from a bot."""
    who = ", ".join(f"tg:{number}" for number in range(2000, 2040))
    async with running_bot(redis_url) as world:
        card = await confirmed(world, who)
        for _ in range(40):
            await world.deliver_some(Messenger.TELEGRAM, 1)
        await world.deliver()
        await world.turned(card, "Sent to")
        edits = await world.sandbox.calls(method="editMessageText", recipient=str(ADMIN))
        assert len(edits) < 20
        assert await world.sandbox.complaints() == []


async def test_opening_a_running_one_brings_the_live_card_there(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await confirmed(world)
        running = await world.ask("/start", "▶ Sending 1 message")
        listed = await world.tap_into(running, "▶ Sending 1", "Sending · 1")
        await world.tap_into(listed, "1", "▶ Sending")
        await gone(world, card)
        await world.deliver()
        await world.turned(listed, "Sent to")


async def test_a_refusal_after_the_end_of_what_a_program_ordered_is_told(redis_url: str) -> None:
    """Once for all that come together; what an admin ordered has a card that shows it."""
    async with running_bot(redis_url) as world:
        people = tuple(Recipient(messenger=Messenger.VIBER, address=one) for one in ("alice", "bob"))
        order = NewBroadcast(
            content=Content(text="Sale"),
            recipients=people,
            send_at=None,
            created_by=Actor("api:shop", "shop"),
        )
        broadcast_id = (await accept(world.core, order)).id
        await world.deliver()
        for address in ("alice", "bob"):
            await world.receipt(address, DeliveryState.FAILED, Reason.UNSUBSCRIBED)
        told = await world.below(0, f"⚠ Not delivered: #{broadcast_id}")
        assert "2 not subscribed" in told["text"] or "alice and bob: not subscribed" in told["text"]
        await world.tap_into(told, "📋 Open", "✖ Sent to 0 of 2")
        card = await confirmed(world, "viber:carol")
        await world.deliver()
        await world.receipt("carol", DeliveryState.FAILED, Reason.UNSUBSCRIBED)
        await world.turned(card, "✖ Sent to 0 of 1")
        async with asyncio.timeout(DEADLINE):
            while await world.core.overdue.waiting():  # noqa: ASYNC110 - the store sends no event
                await asyncio.sleep(0.05)
        assert not [m for m in await world.sandbox.messages() if "Not delivered" in str(m.get("text"))]


async def test_the_result_follows_the_receipts_in_the_same_message(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await confirmed(world, "viber:alice, viber:bob")
        await world.deliver()
        card = await world.turned(card, "✔ Sent to 2 people")
        await world.receipt("alice", DeliveryState.READ)
        card = await world.turned(card, "1 of 2 delivered · 1 read")
        card = await world.more(card)
        assert labels(card) == [["👥 Everyone 2"], ["⬇ CSV", "📊 Chart"], ["« Back"]]
        await world.receipt("bob", DeliveryState.FAILED, Reason.UNSUBSCRIBED)
        card = await world.turned(card, "1 of 1 delivered · 1 read")
        assert labels(card)[0] == ["👥 Everyone 2"]
        await world.tap(card, "« Back")
        card = await world.turned_to(card, "♻ Send again")
        assert labels(card) == [["📋 1 failed"], ["♻ Send again", "More"]]
        messages = [m for m in await world.sandbox.messages() if "Sent to" in str(m.get("text"))]
        assert len(messages) == 1


async def test_the_end_of_a_planned_one_rings_below_and_leaves_one_card(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        preview = await world.ask("/send tg:1001 | tomorrow 9:00 | Hello", "Preview ↑")
        await world.tap(preview, "✅")
        card = await world.turned(preview, "You'll see the progress here")
        (planned,) = (await world.core.broadcasts.scheduled()).items
        await world.core.broadcasts.send_now(planned.id)
        await world.deliver()
        await world.below(card["message_id"], "✔ Sent to 1 person")
        await gone(world, card)


async def test_people_are_shown_below_a_live_card_which_goes_on(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await confirmed(world)
        await world.deliver_some(Messenger.TELEGRAM, 1)
        await world.turned(card, "1 of 5")
        everyone = await world.tap_below(card, "👥 Everyone 5", "Everyone in #")
        assert "1 ✔ Telegram 1001: sent" in everyone["text"]
        assert "2 ⏳ Telegram 1002" in everyone["text"]
        await world.tap(everyone, "« Back")
        await gone(world, everyone)
        await world.deliver()
        card = await world.turned(card, "Sent to")
        card = await world.more(card)
        everyone = await world.tap_below(card, "👥 Everyone 5", "Everyone in #")
        await world.tap(everyone, "« Back")
        await gone(world, everyone)


async def test_an_admin_who_blocks_the_bot_loses_only_his_card(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await confirmed(world)
        await world.sandbox.act("telegram", str(ADMIN), "block")
        await world.deliver()
        await world.no_cards()
        await world.sandbox.act("telegram", str(ADMIN), "unblock")
        await world.ask("/finished", "Sent · 1")
