"""A planned broadcast in the chat: looked at, its words and people changed, duplicated."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, NewBroadcast
from core.domain.content.content import Content
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from tests.support.bot import World, data_of, labels, running_bot

PREVIEW = "Preview ↑"


async def planned(world: World) -> str:
    at = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=1)
    return await world.scheduled("Doors open at <7>", at, "1001", "1002")


async def stored(world: World, broadcast_id: str) -> Broadcast:
    return await world.core.broadcasts.get(broadcast_id)


async def test_all_that_can_be_done_with_a_planned_one_stands_on_its_card(redis_url: str) -> None:
    """Look shows what people get, whole; Duplicate is a new draft with the same words and people."""
    async with running_bot(redis_url) as world:
        broadcast_id = await planned(world)
        item = await world.ask(f"/scheduled {broadcast_id}", "🗓 Scheduled")
        assert labels(item) == [
            ["🕒 Reschedule", "✏ Text"],
            ["🚀 Send now", "✖ Cancel"],
            ["More", "« List"],
        ]
        item = await world.unfold(item, "👁 Preview")
        assert labels(item) == [["👥 People", "👁 Preview"], ["♻ Duplicate", "« Back"]]
        await world.tap_below(item, "👁 Preview", "Doors open at <7>")
        draft = await world.tap_below(item, "♻ Duplicate", PREVIEW)
        assert "When now" in draft["text"]
        assert (await world.core.broadcasts.scheduled()).total == 1


async def test_the_words_are_changed_after_a_preview_and_the_id_stays(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id = await planned(world)
        before = await stored(world, broadcast_id)
        item = await world.ask(f"/scheduled {broadcast_id}", "🗓 Scheduled")
        await world.tap_below(item, "✏ Text", "Send me the new text.")
        card = await world.ask("Doors open at 8", PREVIEW)
        assert (await stored(world, broadcast_id)).content == before.content
        await world.tap_into(card, "✅ Save changes", f"🗓 Scheduled #{broadcast_id}")
        after = await stored(world, broadcast_id)
        assert (after.content.text, after.send_at) == ("Doors open at 8", before.send_at)
        assert (await world.core.broadcasts.scheduled()).total == 1
        late = await world.sandbox.forge(data_of(card, "✅"), card["message_id"], wait=True)
        assert late["text"] in ("Already done", "This screen is out of date")
        old = await world.sandbox.forge(data_of(item, "🚀"), item["message_id"], wait=True)
        assert old["text"] == "This screen is out of date"
        assert (await stored(world, broadcast_id)).edition == 1


async def test_people_are_added_and_the_list_can_be_started_over(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id = await planned(world)
        item = await world.ask(f"/scheduled {broadcast_id}", "🗓 Scheduled")
        item = await world.unfold(item, "👥 People")
        who = await world.tap_below(item, "👥 People", "To 2: Telegram 2")
        await world.tap(who, "Clear list")
        draft = await world.ask("tg:1003, viber:alice", "To 2: Telegram 1 · Viber 1")
        card = await world.tap_below(draft, "✔ Done", PREVIEW)
        await world.tap_into(card, "✅ Save changes", f"🗓 Scheduled #{broadcast_id}")
        deliveries = [one async for one in world.core.ledger.deliveries(await stored(world, broadcast_id))]
        assert [one.recipient.label for one in deliveries] == ["telegram:1003", "viber:alice"]


async def test_changes_to_one_that_has_started_meanwhile_are_refused_and_kept(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id = await planned(world)
        item = await world.ask(f"/scheduled {broadcast_id}", "🗓 Scheduled")
        await world.tap_below(item, "✏ Text", "Send me the new text.")
        card = await world.ask("Doors open at 8", PREVIEW)
        await world.core.broadcasts.send_now(broadcast_id)
        await world.tap_into(card, "✅ Save changes", f"#{broadcast_id} is already being sent")
        assert (await stored(world, broadcast_id)).content.text == "Doors open at <7>"


async def test_of_two_admins_changes_the_second_one_chooses_whose_count(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id = await planned(world)
        before = await stored(world, broadcast_id)
        item = await world.ask(f"/scheduled {broadcast_id}", "🗓 Scheduled")
        await world.tap_below(item, "✏ Text", "Send me the new text.")
        card = await world.ask("Mine", PREVIEW)
        theirs = NewBroadcast(
            content=Content(text="Theirs"),
            recipients=(Recipient(messenger=Messenger.TELEGRAM, address="1001"),),
            send_at=before.send_at,
            created_by=Actor("telegram:101", "Ben"),
        )
        core = world.core.broadcasts
        await core.change(broadcast_id, await core.prepare(theirs), edition=before.edition)
        # The screen says it; a box over it would be one more tap.
        assert not (await world.tap(card, "✅ Save changes"))["alert"]
        asked = await world.turned(card, "Which version do you want to keep?")
        assert labels(asked) == [["👁 See theirs"], ["Keep mine", "Keep theirs"]]
        assert (await stored(world, broadcast_id)).content.text == "Theirs"
        card = await world.tap_into(asked, "Keep mine", PREVIEW)
        await world.tap_into(card, "✅ Save changes", f"🗓 Scheduled #{broadcast_id}")
        assert (await stored(world, broadcast_id)).content.text == "Mine"


async def test_dropped_changes_leave_it_as_it_is_and_a_double_press_opens_one_draft(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id = await planned(world)
        item = await world.ask(f"/scheduled {broadcast_id}", "🗓 Scheduled")
        data = data_of(item, "✏ Text")
        answers = await asyncio.gather(
            *(world.sandbox.forge(data, item["message_id"], wait=True) for _ in range(3))
        )
        assert sorted(one["text"] for one in answers)[:2] == ["Already done", "Already done"]
        asked = await world.below(item["message_id"], "Send me the new text.")
        card = await world.tap_below(asked, "« Back", PREVIEW)
        menu = await world.tap_into(card, "✏ Edit", "What would you like to change?")
        question = await world.tap_into(menu, "🗑 Discard changes", "Discard your changes?")
        await world.tap_into(question, "🗑", "The message stays as it was.")
        assert (await stored(world, broadcast_id)).edition == 0
