"""The people of a list in the chat: looked at, found, corrected, removed; and names of several words."""

from __future__ import annotations

from tests.support.bot import World, labels, running_bot
from tests.support.recipient_files import addresses_of, save_list, upload

ROWS = (
    b"Telegram,WhatsApp,Name,Class\n"
    b"1001,+4915123456789,Anna Schmidt,3A\n"
    b"1002,,Ben Weber,3B\n"
    b"1003,,Carl Weber,3B\n"
)


async def classes(world: World) -> None:
    await save_list(world, ROWS, "  Class   3B ", "👥 Class 3B · 3 people")


async def test_a_name_of_several_words_is_typed_quoted_and_tapped(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await classes(world)
        await world.ask("/audiences class  3b", "👥 Class 3B")
        for who in ("Class 3B", '"class 3b"', "«Class 3B», tg:1002"):
            await world.ask(f"/send {who} | Hello", "To Class 3B")
        near = await world.ask("/send Clas 3B | Hello", "Did you mean Class 3B (3)?")
        await world.tap_below(near, "👥 Class 3B", "To Class 3B · 3")
        await world.ask("/send", "What would you like to say?")
        card = await world.ask("Hello all", "Who should get it?")
        assert labels(card)[0] == ["👥 Class 3B · 3"]
        await world.ask("class 3b", "(Class 3B)")


async def test_people_of_a_list_are_seen_found_corrected_and_removed(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await classes(world)
        card = await world.ask("/audiences Class 3B", "👥 Class 3B")
        page = await world.tap_into(card, "👤 See people", "Type a name to find someone.")
        assert labels(page) == [["Anna Schmidt", "Ben Weber"], ["Carl Weber"], ["Add people", "« Back"]]
        found = await world.ask("weber", "2 people in Class 3B match “weber”.")
        ben = await world.tap_into(found, "Ben", "Ben Weber · Class 3B")
        assert labels(ben)[0] == ["✏ Name", "✏ Class: 3B"]
        await world.tap_into(ben, "✏ Class", "What should “Class” be for Ben Weber?")
        ben = await world.ask("3A", "Saved.")
        assert "✏ Class: 3A" in labels(ben)[0]
        asked = await world.tap_into(ben, "✏ Telegram", "What's Ben Weber's new Telegram ID?")
        await world.ask("somebody", "This isn't a chat ID")
        await world.ask("1003", "Someone on this list already has this address.")
        ben = await world.ask("telegram:1004", "Saved.")
        assert asked["message_id"] < ben["message_id"]
        assert await addresses_of(world, "class 3b") == {
            "telegram:1001", "whatsapp:+4915123456789", "telegram:1004", "telegram:1003",
        }  # fmt: skip
        found = await world.ask("1001", "1 person in Class 3B")
        anna = await world.tap_into(found, "Anna", "Telegram 1001 · WhatsApp +4915")
        question = await world.tap_into(anna, "🗑", "Remove Anna Schmidt from Class 3B?")
        page = await world.tap_into(question, "🗑 Remove", "Removed: Anna Schmidt")
        assert "2 people" in page["text"]
        assert await addresses_of(world, "class 3b") == {"telegram:1004", "telegram:1003"}
        (contact,) = await world.core.contacts.search("ben weber")
        assert contact.values["class"] == "3A"


async def test_a_value_that_is_too_long_is_refused_and_nothing_is_cut(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        rows = b"telegram,name,class,fee,place,car\n1001,Anna,3B,10,Rome,red\n"
        await save_list(world, rows, "club", "👥 club")
        page = await world.tap_into(await world.ask("/audiences club", "👥"), "👤 See people", "Type a name")
        anna = await world.tap_into(page, "Anna", "Anna · club")
        assert labels(anna)[:2] == [["✏ Name", "✏ Telegram"], ["✏ car: red", "More"]]
        more = await world.tap_into(anna, "More", "What would you like to change for Anna?")
        await world.tap_into(more, "✏ place: Rome", "What should “place” be for Anna?")
        again = await world.ask("x" * 1_001, "That's too long. Use up to 1,000 characters.")
        assert "Now: Rome" in again["text"]
        await world.ask("Oslo", "Saved.")
        listed = await world.core.audiences.named("club")
        (person,) = [one async for one in world.core.recipients.of(listed.id)]
        assert person.variables["place"] == "Oslo"


async def test_a_person_corrected_on_two_messengers_stays_one(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await classes(world)
        page = await world.tap_into(
            await world.ask("/audiences Class 3B", "👥"), "👤 See people", "Type a name"
        )
        anna = await world.tap_into(page, "Anna", "Anna Schmidt · Class 3B")
        await world.tap_into(anna, "✏ Name", "What should I call Anna Schmidt?")
        anna = await world.ask("Anna Weber", "Anna Weber · Class 3B")
        await world.tap_into(anna, "✏ Telegram", "new Telegram ID?")
        anna = await world.ask("tg:1009", "Saved.")
        assert "Telegram 1009 · WhatsApp" in anna["text"]
        listed = await world.core.audiences.named("Class 3B")
        assert (listed.total, listed.further) == (3, 1)
        await world.ask("/send Class 3B | Hi {name}", "To Class 3B · 3: Telegram 3")


async def test_a_newer_file_updates_the_list_from_its_card(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await classes(world)
        card = await world.ask("/audiences Class 3B", "👥")
        await world.tap_into(card, "📄 Update", "Send me the newer Excel or CSV file")
        rows = b"Telegram,Name,Class\n1002,Ben Weber,4B\n1005,Eva,4B\n"
        read = await upload(world, "newer.csv", rows, "not in the file")
        await world.tap_into(read, "Also remove", "Added: 1. Changed: 1. Removed: ")
        assert await addresses_of(world, "class 3b") == {"telegram:1002", "telegram:1005"}


async def test_the_order_of_messengers_is_chosen_for_a_list_and_for_a_message(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await classes(world)
        await world.ask("/send Class 3B | Hi", "To Class 3B · 3: Telegram 3")
        card = await world.list_settings(await world.ask("/audiences Class 3B", "👥"))
        order = await world.tap_into(card, "🔀", "once: Telegram, then WhatsApp.")
        await world.tap_into(order, "WhatsApp first", "once: WhatsApp, then Telegram.")
        preview = await world.ask("/send Class 3B | Hi", "To Class 3B · 3\nTelegram 2 · WhatsApp 1")
        edit = await world.tap_into(preview, "✏ Edit", "What would you like to change?")
        options = await world.tap_into(edit, "⚙ Options", "Options")
        order = await world.tap_into(options, "👤 One message each", "once: Telegram")
        order = await world.tap_into(order, "WhatsApp first", "once: WhatsApp")
        order = await world.tap_into(order, "Telegram first", "once: Telegram, then WhatsApp")
        options = await world.tap_into(order, "« Back", "Options")
        await world.tap_below(options, "« Back", "To Class 3B · 3: Telegram 3")
