"""Trying people again for a few days: chosen under Options, shown on the card, ended by Stop."""

from __future__ import annotations

from core.domain.broadcast import BroadcastStatus
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed
from core.domain.messengers.traits import Messenger
from tests.support.bot import labels, running_bot
from tests.support.core import store_at

ALICE, BOB = "+12025550123", "+12025550124"
CAPPED = {ALICE: Failed(Reason.CAPPED)}


async def test_it_is_chosen_in_plain_words_and_the_card_says_until_when(redis_url: str) -> None:
    async with running_bot(redis_url) as world, store_at(redis_url) as store:
        preview = await world.ask(f"/send wa:{ALICE}, wa:{BOB} | Sale", "Preview")
        menu = await world.tap_into(preview, "✏ Edit", "What would you like to change?")
        options = await world.tap_into(menu, "⚙ Options", "if WhatsApp can't deliver for now")
        assert labels(options)[0] == ["🔁 Try again: off"]
        assert "Sound" not in options["text"]
        options = await world.tap_into(options, "🔁 Try again: off", "if WhatsApp can't deliver for now")
        options = await world.turned_to(options, "🔁 Try again: 3 days")
        preview = await world.tap_into(options, "« Back", "Preview")
        await world.tap(preview, "✅ Send now")
        (waiting,) = (await world.core.broadcasts.scheduled()).items or (
            await world.core.broadcasts.running()
        )
        await world.deliver_some(Messenger.WHATSAPP, 2, CAPPED)
        card = await world.ask(f"/finished {waiting.id}", "Trying again later")
        assert "🔁 1 person can't be reached for now. I'll try again until" in card["text"]
        assert "about" not in card["text"]
        assert "Longest wait" not in (await world.ask("/status", "Status"))["text"]
        current = await world.core.broadcasts.get(waiting.id)
        assert current.status is BroadcastStatus.SENDING
        question = await world.tap_below(card, "⏹ Stop", "1 person won't get it")
        await world.tap(question, "⏹ Yes, stop for 1")
        await world.turned(card, "Stopped. Sent to 1 of 2")
        assert await store.zcard("ms:sending") == 0


async def test_it_is_kept_where_a_planned_message_is_changed(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        preview = await world.ask(f"/send wa:{ALICE} | tomorrow 9:00 | Sale", "Preview")
        menu = await world.tap_into(preview, "✏ Edit", "What would you like to change?")
        options = await world.tap_into(menu, "⚙ Options", "if WhatsApp can't deliver for now")
        options = await world.tap_into(options, "🔁 Try again: off", "if WhatsApp can't deliver for now")
        options = await world.turned_to(options, "🔁 Try again: 3 days")
        preview = await world.tap_into(options, "« Back", "Preview")
        await world.tap(preview, "✅")
        (planned,) = (await world.core.broadcasts.scheduled()).items
        assert planned.try_again_days == 3
        await world.core.prompts.close(100)
