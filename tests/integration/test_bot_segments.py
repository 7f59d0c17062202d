"""Segments in the chat: made by taps, saved, looked at, and written to."""

from __future__ import annotations

from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed
from tests.support.bot import World, labels, running_bot
from tests.support.recipient_files import save_list

ROWS = b"telegram,name,class\n1001,Ann,3A\n1002,Ben,3B\n1004,Carl,3B\n"


async def parents(world: World) -> None:
    await save_list(world, ROWS, "Parents", "👥 Parents · 3 people")


async def test_a_list_by_a_column_is_made_by_taps_and_follows_its_list(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await parents(world)
        lists = await world.ask("/lists", "👥")
        base = await world.tap_into(lists, "🔎 By a condition", "Which list do you want to choose from?")
        question = await world.tap_into(base, "👥 Parents", "Which people of Parents?")
        assert labels(question)[0] == ["class = …", "✔ Got a message"]
        asked = await world.tap_into(question, "class", "class is …")
        assert labels(asked)[0] == ["3B", "3A"]
        await world.ask("4c", "No one has “4c” there.")
        offer = await world.ask("3b", "2 people · Parents: class is 3B")
        offer = await world.tap_into(offer, "⇄ class is not 3B", "1 person · Parents: class is not 3B")
        offer = await world.tap_into(offer, "⇄ class is 3B", "2 people · Parents: class is 3B")
        await world.tap_into(offer, "💾", "be called?")
        card = await world.ask("Class 3B", "From Parents: class is 3B. It stays up to date by itself.")
        assert labels(card) == [["✍ Write to them"], ["👤 See people"], ["⚙ More", "« Lists"]]
        people = await world.tap_into(card, "👤", "Type a name to find someone.")
        ben = await world.tap_into(people, "Ben", "Ben · Parents")
        await world.tap_into(ben, "✏ class", "What is {class} for Ben?")
        await world.ask("3A", "Saved.")
        preview = await world.ask("/send class 3b | Hello {name}", "To Class 3B · 1: Telegram 1")
        await world.tap(preview, "✅")
        await world.deliver()
        (done,) = (await world.core.broadcasts.finished()).items
        assert [one.recipient.address async for one in world.core.ledger.deliveries(done)] == ["1004"]


async def test_those_who_did_not_get_the_last_message_are_written_to(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await parents(world)
        preview = await world.ask("/send Parents | Hello", "To Parents · 3")
        await world.tap(preview, "✅")
        await world.deliver({"1002": Failed(Reason.NO_ANSWER)})
        card = await world.ask("/audiences Parents", "👥 Parents")
        more = await world.tap_into(card, "⚙ More", "Join link")
        question = await world.tap_into(more, "🔎 Some of them", "Which people of Parents?")
        which = await world.tap_into(question, "✖ Did not get it", "Which message?")
        offer = await world.tap_into(
            which, "The last one", "1 person · Parents: did not get the last message"
        )
        card = await world.tap_below(offer, "✍ Write to these 1", "What would you like to say?")
        await world.ask("Once more", "To Parents: did not get the last m… · 1: Telegram 1")
