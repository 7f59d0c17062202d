"""People without a value for a gap: one text for all, filled in, left out; an order is never refused for it."""

from __future__ import annotations

from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact
from tests.integration.test_bot_message_edits import edit
from tests.support.bot import World, labels, running_bot
from tests.support.recipient_files import save_list, upload

ROWS = b"telegram,name,fee\n1001,Alice,10\n1002,Bob,\n1003,Carl,\n"


async def club(world: World) -> None:
    await save_list(world, ROWS, "club", "👥 club")


async def texts(world: World) -> set[str]:
    await world.deliver()
    (done,) = (await world.core.broadcasts.finished()).items
    found = [one async for one in world.core.ledger.deliveries(done)]
    return {
        f"{one.recipient.address} {one.recipient.variables.get('fee', done.content.text)}" for one in found
    }


async def test_a_default_stands_in_the_text_or_is_set_for_all(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await club(world)
        preview = await world.ask("/send club | Hi {name|friend}, pay {fee|nothing}", "Preview ↑")
        assert "To club · 3" in preview["text"]
        card = await world.ask("/send club | Hi {name}, pay {Fee}", "2 people have no value for {fee}.")
        assert "Bob and Carl" in card["text"]
        assert labels(card)[:3] == [["Same text for all"], ["Fill them in"], ["Leave them out"]]
        await world.tap_into(card, "Same text", "For example: friend")
        await world.ask("{braces}", "That doesn't fit there")
        preview = await world.ask("as  agreed", "Preview ↑")
        assert "To club · 3" in preview["text"]
        await world.tap(preview, "✅")
        assert await texts(world) == {
            "1001 10",
            *(f"{one} Hi {{name}}, pay {{fee|as agreed}}" for one in (1002, 1003)),
        }


async def test_a_default_is_kept_when_the_text_is_edited(redis_url: str) -> None:
    """By an edit of the message itself, by another text, and in a series."""
    async with running_bot(redis_url) as world:
        await club(world)
        await world.ask("/send", "What would you like to say?")
        said = await world.sandbox.say("Pay {fee}")
        card = await world.below(said["message_id"], "Who should get it?")
        card = await world.tap_below(card, "👥 club", "2 people have no value for {fee}.")
        await world.tap_into(card, "Same text", "For example: friend")
        await world.ask("as agreed", "Preview ↑")
        preview = await edit(world, said, "Please pay {Fee} today", "Preview ↑")
        shown = [one.get("text", "") for one in await world.sandbox.messages()]
        assert "Please pay 10 today" in shown
        menu = await world.tap_into(preview, "✏ Edit", "like to change?")
        await world.tap(menu, "✏ Text")
        preview = await world.ask("Bring {fee}", "Preview ↑")
        await world.tap(preview, "✅")
        assert await texts(world) == {
            "1001 10",
            *(f"{one} Bring {{fee|as agreed}}" for one in (1002, 1003)),
        }


async def test_values_are_filled_in_one_by_one(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await club(world)
        card = await world.ask("/send club | Pay {fee}", "2 people have no value for {fee}.")
        await world.tap_into(card, "Fill", "What should “fee” be for Bob?")
        again = await world.ask("9" * 1_001, "too long. Use up to 1,000 characters")
        assert "What should “fee” be for Bob?" in again["text"]
        await world.ask("20", "What should “fee” be for Carl?")
        preview = await world.ask("30", "Preview ↑")
        await world.tap(preview, "✅")
        assert await texts(world) == {"1001 10", "1002 20", "1003 30"}


async def test_people_without_a_value_are_left_out_and_said(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await club(world)
        card = await world.ask("/send club | Pay {fee}", "2 people have no value for {fee}.")
        preview = await world.tap_below(card, "Leave", "Preview ↑")
        assert "To club · 1: Telegram 1" in preview["text"]
        assert "Left out: 2 with a missing value (Telegram)" in preview["text"]
        await world.tap(preview, "✅")
        assert await texts(world) == {"1001 10"}


async def test_a_name_comes_from_what_is_known_of_a_person(redis_url: str) -> None:
    """From a column of first names, and from a contact for an address that was typed."""
    async with running_bot(redis_url) as world:
        rows = "Telegram,Vorname,Nachname\n1001,Anna,Weiß\n".encode()
        await save_list(world, rows, "guests", "👥 guests")
        assert [one.name for one in await world.core.contacts.search("weiß")] == ["Anna Weiß"]
        await world.core.contacts.put(Contact(id="1", name="Bob", addresses={Messenger.TELEGRAM: "1002"}))
        preview = await world.ask("/send guests, tg:1002 | Hi {name}", "Preview ↑")
        await world.tap(preview, "✅")
        await world.deliver()
        (done,) = (await world.core.broadcasts.finished()).items
        found = [one async for one in world.core.ledger.deliveries(done)]
        assert {one.recipient.variables["name"] for one in found} == {"Anna", "Bob"}


async def test_a_name_is_asked_for_in_the_admins_language(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await save_list(world, b"telegram,name\n1001,Alice\n", "club", "👥 club")
        preview = await world.ask("/send club | Привет, {Имя}!", "Preview ↑")
        shown = [m for m in await world.sandbox.messages() if m["message_id"] == preview["message_id"] - 1]
        assert shown[0]["text"] == "Привет, Alice!"
        await world.tap(preview, "✅")
        await world.deliver()
        (done,) = (await world.core.broadcasts.finished()).items
        (one,) = [one async for one in world.core.ledger.deliveries(done)]
        assert (done.content.text, one.recipient.variables["name"]) == ("Привет, {name}!", "Alice")


async def test_words_in_braces_that_nobody_has_are_sent_as_they_are(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await club(world)
        card = await world.ask("/send club | Type {yes}", "3 people have no value for {yes}.")
        preview = await world.tap_below(card, "Send {yes} as it is", "Preview ↑")
        assert "To club · 3" in preview["text"]
        await world.tap(preview, "✅")
        assert await texts(world) == {"1001 10", *(f"{one} Type {{{{yes}}}}" for one in (1002, 1003))}


async def test_a_column_is_offered_for_a_gap_that_is_none(redis_url: str) -> None:
    """A list of children and mothers has no column of names, and a column's name is easily misspelt."""
    async with running_bot(redis_url) as world:
        rows = b"telegram,child,class,mother,fee\n1001,Emma Miller,3B,Kate,10\n1002,Noah Brown,3B,Lisa,\n"
        found = await upload(world, "parents.csv", rows, "in parents.csv")
        await world.tap_below(found, "✍ Write to these", "What would you like to say?")
        card = await world.ask("Hello {name}", "no column “name”. Which one do you mean?")
        assert card["text"].splitlines()[1:] in (
            ["child: Emma Miller", "mother: Kate"],
            ["child: Noah Brown", "mother: Lisa"],
        )
        assert labels(card)[:3] == [["child", "mother"], ["Same text for all"], ["Send {name} as it is"]]
        preview = await world.tap_below(card, "mother", "Preview ↑")
        shown = [m for m in await world.sandbox.messages() if m["message_id"] == preview["message_id"] - 1]
        assert shown[0]["text"] in ("Hello Kate", "Hello Lisa")
        menu = await world.tap_into(preview, "✏ Edit", "What would you like to change?")
        await world.tap(menu, "✏ Text")
        card = await world.ask("Pay {fees}", "no column “fees”. Which one do you mean?")
        await world.tap_below(card, "fee", "1 person has no value for {fee}.")


async def test_a_button_begins_the_text_with_each_persons_name(redis_url: str) -> None:
    """Nobody has to know of braces, and no screen shows one."""
    async with running_bot(redis_url) as world:
        await save_list(world, b"telegram,name\n1001,Alice\n1002,\n", "club", "👥 club")
        command = {"type": "bot_command", "offset": 0, "length": 5}
        bold = [{"type": "bold", "offset": 13, "length": 5}]
        preview = await world.ask("/send club | Doors open at 7", "Preview ↑", entities=[command, *bold])
        menu = await world.tap_into(preview, "✏ Edit", "What would you like to change?")
        asked = await world.tap_into(menu, "✏ Text", "Send me the new text.")
        asked = await world.tap_into(asked, "👤 Add their name", "How should it begin?")
        assert "Hi Alice!\nDoors open at 7" in asked["text"]
        assert labels(asked) == [["Hi Alice!"], ["Dear Alice,"], ["« Back"]]
        card = await world.tap_below(asked, "Hi Alice!", "I don't know 1 person's name.")
        assert "{" not in card["text"]
        asked = await world.tap_into(card, "Same text for all", "What should it say instead?")
        preview = await world.ask("friend", "Preview ↑")
        shown = [m for m in await world.sandbox.messages() if m["message_id"] == preview["message_id"] - 1]
        assert shown[0]["text"] == "Hi Alice!\nDoors open at 7"
        assert (shown[0]["entities"][0]["type"], shown[0]["entities"][0]["offset"]) == ("bold", 10)
        menu = await world.tap_into(preview, "✏ Edit", "What would you like to change?")
        asked = await world.tap_into(menu, "✏ Text", "Send me the new text.")
        assert not any("👤 Add their name" in row for row in labels(asked))
        preview = await world.tap_into(asked, "« Back", "Preview ↑")
        await world.tap(preview, "✅ Send now")
        await world.deliver()
