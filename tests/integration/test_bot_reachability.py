"""The chat and those who cannot or will not be reached: subscribers, /stop, blocks, /send all, receipts in /status."""

from __future__ import annotations

from datetime import UTC, datetime

from core.domain.delivery import DeliveryState
from core.domain.messengers.events import Receipt, Unreadable
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from tests.support.bot import World, running_bot
from tests.support.core import until
from tests.support.recipient_files import save_list
from tests.support.sandbox_server import STRANGER

TELEGRAM, WHATSAPP = Messenger.TELEGRAM, Messenger.WHATSAPP
SAM = Recipient(messenger=TELEGRAM, address=str(STRANGER))


async def left_out(world: World, reason: Reason | None) -> None:
    """Waits until orders leave Sam out for that reason, or (None) take him."""

    async def so() -> bool:
        screened = await world.core.reachability.split([SAM])
        return [one.reason for one in screened.left_out] == ([] if reason is None else [reason])

    await until(so)


async def test_who_writes_stop_is_left_out_until_they_write_start(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.sandbox.act("telegram", SAM.address, "start")
        await world.sandbox.bot_says("Welcome!", STRANGER)
        await world.sandbox.say("/stop", STRANGER)
        await left_out(world, Reason.OPTED_OUT)
        await world.sandbox.say("/start", STRANGER)
        await left_out(world, None)


async def test_who_is_reached_on_the_next_messenger_is_named_in_the_preview(redis_url: str) -> None:
    rows = b"name,telegram,whatsapp\nAlice,1001,+12025550123\nBob,1002,+12025550124\nCarol,1003,\n"
    async with running_bot(redis_url) as world:
        await save_list(world, rows, "Club", "3 people")
        preview = await world.ask("/send Club | Hello", "Preview ↑")
        assert "To Club · 3: Telegram 3" in preview["text"]
        assert "can't be reached" not in preview["text"]
        await world.core.subscribers.mark_blocked(1001)
        preview = await world.ask("/send Club | Hello again", "Preview ↑")
        assert "Alice can't be reached on Telegram and gets it on WhatsApp." in preview["text"]
        await world.core.subscribers.mark_blocked(1002)
        preview = await world.ask("/send Club | Hello again", "Preview ↑")
        assert "Bob" in preview["text"]
        assert "Alice" in preview["text"]
        assert " can't be reached on Telegram and get it on WhatsApp." in preview["text"]
        assert "Telegram 1 · WhatsApp 2" in preview["text"]
        menu = await world.tap_into(preview, "✏ Edit", "like to change?")
        options = await world.tap_into(menu, "⚙ Options", "Sound off")
        order = await world.tap_into(options, "👤 One message each", "first")
        every = await world.tap_into(
            order, "📨 On all", "People with several messengers get it on all of them."
        )
        options = await world.tap_into(every, "« Back", "Sound off")
        preview = await world.tap_into(options, "« Back", "Preview ↑")
        preview = await world.tap_into(
            preview, "📋 1 more note", "People with several messengers get it on all of them."
        )
        assert "can't be reached on" not in preview["text"]


async def test_who_blocks_the_bot_is_left_out_until_they_let_it_in(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.sandbox.act("telegram", SAM.address, "start")
        await world.sandbox.act("telegram", SAM.address, "block")
        await left_out(world, Reason.BLOCKED)
        await world.sandbox.act("telegram", SAM.address, "unblock")
        await left_out(world, None)


async def test_letting_the_bot_in_again_takes_no_stop_back(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.sandbox.act("telegram", SAM.address, "start")
        await world.sandbox.say("/stop", STRANGER)
        await left_out(world, Reason.OPTED_OUT)
        await world.sandbox.act("telegram", SAM.address, "block")
        await world.sandbox.act("telegram", SAM.address, "unblock")
        await world.ask("/status", "⚙ Status")
        await left_out(world, Reason.OPTED_OUT)


async def test_send_all_reaches_those_who_subscribed(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.core.subscribers.subscribe(1001, "Alice")
        await world.core.subscribers.subscribe(1002, "Bob")
        await world.ask("/send all | Hello", "Telegram 2")


async def test_status_counts_what_receipts_went_wrong(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/status", "⚙ Status")
        card = await world.tap_into(card, "🔧 Details", "Workers")
        assert "receipts" not in card["text"]
        unknown = Receipt(state=DeliveryState.READ, reference="d-ZZZZ-w0-0", at=datetime.now(UTC))
        await world.core.receipt_inbox.apply(WHATSAPP, [unknown, unknown, Unreadable("x")])
        await world.core.receipt_inbox.note(WHATSAPP, "refused")
        told = "WhatsApp receipts: 1 refused (forged or too large), 1 unreadable, 2 about unknown messages"
        card = await world.tap_into(card, "« Back", "⚙ Status")
        await world.tap_into(card, "🔧 Details", told)
