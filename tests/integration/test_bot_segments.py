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
        base = await world.tap_into(lists, "🔎 Filter people", "Which list do you want to choose from?")
        question = await world.tap_into(base, "👥 Parents", "Who do you want from Parents?")
        assert labels(question)[0] == ["class is …", "✔ Got a message"]
        asked = await world.tap_into(question, "class", "class is …")
        assert labels(asked)[0] == ["3B", "3A"]
        await world.ask("4c", "No one has “4c” there.")
        offer = await world.ask("3b", "2 people · Parents: class is 3B")
        offer = await world.tap_into(offer, "⇄ class is not 3B", "1 person · Parents: class is not 3B")
        offer = await world.tap_into(offer, "⇄ class is 3B", "2 people · Parents: class is 3B")
        await world.tap_into(offer, "💾", "be called?")
        card = await world.ask("Class 3B", "From Parents: class is 3B. Counted at ")
        assert labels(card) == [["✍ Write to them"], ["👤 See people"], ["⚙ More", "« Lists"]]
        people = await world.tap_into(card, "👤", "Type a name to find someone.")
        ben = await world.tap_into(people, "Ben", "Ben · Parents")
        await world.tap_into(ben, "✏ class", "What should “class” be for Ben?")
        await world.ask("3A", "Saved.")
        preview = await world.ask("/send class 3b | Hello {name}", "To Class 3B · 1: Telegram 1")
        await world.tap(preview, "✅")
        await world.deliver()
        (done,) = (await world.core.broadcasts.finished()).items
        assert [one.recipient.address async for one in world.core.ledger.deliveries(done)] == ["1004"]


async def test_columns_are_called_as_the_file_calls_them(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        rows = b"telegram,name,E-mail (work),T-shirt size\n1001,Ann,a@x.org,XL\n1002,Ben,b@x.org,M\n"
        await save_list(world, rows, "Club", "Columns: name, E-mail (work), T-shirt size")
        question = await world.tap_into(
            await world.tap_into(await world.ask("/audiences Club", "👥 Club"), "⚙ More", "Created"),
            "🔎 Filter",
            "Who do you want",
        )
        assert labels(question)[0] == ["E-mail (work) is …", "T-shirt size is …"]
        asked = await world.tap_into(question, "T-shirt", "T-shirt size is …")
        offer = await world.tap_into(asked, "XL", "1 person · Club: T-shirt size is XL")
        await world.tap_into(offer, "⇄", "T-shirt size is not XL")
        await world.tap_into(offer, "💾", "be called?")
        await world.ask("Not XL", "From Club: T-shirt size is not XL.")


async def test_those_who_did_not_get_the_last_message_are_written_to(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await parents(world)
        preview = await world.ask("/send Parents | Hello", "To Parents · 3")
        await world.tap(preview, "✅")
        await world.deliver({"1002": Failed(Reason.NO_ANSWER)})
        card = await world.ask("/audiences Parents", "👥 Parents")
        more = await world.tap_into(card, "⚙ More", "Join link")
        question = await world.tap_into(more, "🔎 Filter people", "Who do you want from Parents?")
        which = await world.tap_into(question, "✖ Didn't get it", "Which message?")
        offer = await world.tap_into(
            which, "Always the latest", "1 person · Parents: didn't get the last message"
        )
        card = await world.tap_below(offer, "✍ Write to 1 person", "What would you like to say?")
        await world.ask("Once more", "To Parents: didn't get the last me… · 1: Telegram 1")


async def test_a_second_condition_is_added_by_taps(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await parents(world)
        preview = await world.ask("/send Parents | Hello", "To Parents · 3")
        await world.tap(preview, "✅")
        await world.deliver({"1002": Failed(Reason.NO_ANSWER)})
        (sent,) = (await world.core.broadcasts.finished()).items
        base = await world.tap_into(await world.ask("/lists", "👥"), "🔎", "Which list")
        question = await world.tap_into(base, "👥 Parents", "Who do you want from Parents?")
        asked = await world.tap_into(question, "class", "class is …")
        offer = await world.tap_into(asked, "3B", "2 people · Parents: class is 3B")
        question = await world.tap_into(offer, "And also", "Who do you want from Parents: class is 3B?")
        await world.tap_into(question, "« Back", "2 people · Parents: class is 3B")
        question = await world.tap_into(offer, "And also", "Who do you want from Parents: class is 3B?")
        which = await world.tap_into(question, "✖ Didn't get it", "Which message?")
        told = f"1 person · Parents: class is 3B and didn't get #{sent.id}"
        offer = await world.tap_into(which, f"#{sent.id}", told)
        assert labels(offer) == [["✍ Write to 1 person"], ["And also …"], ["💾 Save as a list"], ["« Back"]]
        await world.tap_into(offer, "💾", "be called?")
        await world.ask(
            "Class 3B missed", f"From Parents: class is 3B and didn't get #{sent.id}. Counted at "
        )
        # The overview names it without counting; it is counted when it is opened.
        lists = await world.ask("/lists", "👥 Lists · 2")
        assert [label for row in labels(lists) for label in row][:2] == [
            "👥 Class 3B missed",
            "👥 Parents · 3",
        ]
        preview = await world.ask("/send Class 3B missed | Again", "To Class 3B missed · 1: Telegram 1")
        await world.tap(preview, "✅")
        await world.deliver()
        done = (await world.core.broadcasts.finished()).items[0]
        assert [one.recipient.address async for one in world.core.ledger.deliveries(done)] == ["1002"]


async def test_a_part_of_the_subscribers_is_listed_without_dead_buttons(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.core.subscribers.subscribe(1001, "Ann")
        base = await world.tap_into(await world.ask("/lists", "👥"), "🔎", "Which list")
        question = await world.tap_into(base, "🔔", "Who do you want from all subscribers?")
        assert "tag is …" not in [label for row in labels(question) for label in row]
        await world.core.subscribers.subscribe(1002, "Ben", "flyer")
        base = await world.tap_into(await world.ask("/lists", "👥"), "🔎", "Which list")
        question = await world.tap_into(base, "🔔", "Who do you want from all subscribers?")
        asked = await world.tap_into(question, "tag is", "Choose below")
        offer = await world.tap_into(asked, "flyer", "1 person · all subscribers: tag is flyer")
        await world.tap_into(offer, "💾", "be called?")
        card = await world.ask("Flyer", "From all subscribers: tag is flyer.")
        people = await world.tap_into(card, "👤", "• Ben (Telegram)")
        assert labels(people) == [["« Back"]]
