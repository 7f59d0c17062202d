"""What becomes of messages when their list is changed, and of a list in a copy of its message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.support.bot import Json, World, labels, running_bot
from tests.support.recipient_files import addresses_of, audience, save_list

ROWS = b"telegram,name,E-mail\n1001,Ann,a@x.org\n1002,Ben O'Hara,b@x.org\n1004,Carl,c@x.org\n"


async def friends(world: World) -> None:
    await save_list(world, ROWS, "Friends", "👥 Friends · 3 people")


async def scheduled(world: World, who: str = "Friends") -> str:
    day = (datetime.now(UTC) + timedelta(days=2)).strftime("%d.%m.%Y")
    card = await world.ask(f"/send {who} | {day} 09:00 | Hello", "Preview ↑")
    await world.tap_into(card, "✅", "🗓 Scheduled")
    return (await world.core.broadcasts.scheduled()).items[0].id


async def chosen(world: World, menu: Json) -> list[str]:
    """The labels of the lists and people that are chosen on the screen of recipients."""
    assert "Who should get it?" in menu["text"]
    return [one for row in labels(menu) for one in row if one.startswith(("✔ F", "✖"))]


async def test_a_list_stays_a_list_after_undo_and_in_copies(redis_url: str) -> None:
    async with running_bot(redis_url, UNDO_SECONDS="300") as world:
        await friends(world)
        for who, expected in (
            ("Friends", ["✔ Friends · 3"]),
            ("Friends, telegram:1006", ["✔ Friends · 3", "✖ Telegram 1006"]),
        ):
            preview = await world.ask(f"/send {who} | Sale", "Preview ↑")
            await world.tap(preview, "✅")
            card = await world.turned(preview, "⏳ Starting in")
            draft = await world.tap_below(card, "↩ Undo", "Preview ↑")
            edit = await world.tap_into(draft, "✏ Edit", "What would you like to change?")
            menu = await world.tap_into(edit, "👥 People", "Who should get it?")
            assert await chosen(world, menu) == expected


async def test_a_scheduled_message_and_its_changed_list(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await friends(world)
        broadcast_id = await scheduled(world)
        card = await world.ask("/audiences Friends", "👥 Friends")
        page = await world.tap_into(card, "👤 See people", "Type a name")
        ben = await world.tap_into(page, "Ben", "Ben O'Hara · Friends")
        assert "✏ E-mail: b@x.org" in [one for row in labels(ben) for one in row]
        question = await world.tap_into(ben, "🗑", "Remove Ben O'Hara from Friends?")
        told = "1 scheduled message still goes to the list as it was."
        removed = await world.tap_into(question, "🗑 Remove", told)
        assert (await world.core.broadcasts.get(broadcast_id)).people == 3
        preview = await world.tap_below(removed, "🔁 Update 1 scheduled message", "To Friends · 2")
        await world.tap_into(preview, "✅ Save changes", "🗓 Scheduled")
        assert (await world.core.broadcasts.get(broadcast_id)).people == 2


async def test_one_of_several_scheduled_messages_is_chosen_to_take_the_changed_list(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await friends(world)
        await scheduled(world)
        await scheduled(world)
        first, second = (one.id for one in (await world.core.broadcasts.scheduled()).items)
        card = await world.ask("/audiences Friends", "👥 Friends")
        await world.tap_into(card, "Add people", "Who do you want to add")
        told = "2 scheduled messages still go to the list as it was."
        changed = await world.ask("telegram:1006", told)
        asked = await world.tap_into(
            changed, "🔁 Update 2 scheduled messages", "Which message should go to Friends as it is now?"
        )
        line = next(one for one in asked["text"].splitlines() if f"#{second}" in one)
        preview = await world.tap_below(asked, line[0], "Preview ↑")
        await world.tap_into(preview, "✅ Save changes", "🗓 Scheduled")
        people = [(await world.core.broadcasts.get(one)).people for one in (first, second)]
        assert people == [3, 4]


async def test_deleting_a_list_says_what_used_it(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await friends(world)
        await scheduled(world)
        preview = await world.ask("/send Friends | every monday at 9 | News", "Preview ↑")
        await world.tap_into(preview, "✅", "🔁")
        card = await world.ask("/audiences Friends", "👥 Friends")
        settings = await world.list_settings(card)
        question = await world.tap_into(settings, "🗑 Delete", "Delete Friends with 3 people?")
        assert "1 scheduled message still goes to them." in question["text"]
        assert "1 repeating message goes to this list and will no longer be sent." in question["text"]
        await world.tap_into(question, "🗑 Yes", "Friends is deleted.")
        # Nobody is lost: a copy of the message names its people.
        (waiting,) = [one async for one in world.core.broadcasts.each_scheduled()]
        item = await world.unfold(await world.ask(f"/scheduled {waiting.id}", "🗓 Scheduled"), "👥 People")
        menu = await world.tap_below(item, "👥 People", "Who should get it?")
        assert sorted(await chosen(world, menu)) == ["✖ Ann", "✖ Ben O'Hara", "✖ Carl"]


async def test_an_address_is_corrected_without_naming_its_messenger(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        rows = b"telegram,whatsapp,name\n1001,+4915123456789,Ann\n1002,,Ben\n"
        await save_list(world, rows, "Class 3B", "👥 Class 3B")
        await world.core.subscribers.mark_blocked(1002)
        card = await world.ask("/audiences Class 3B", "👥")
        page = await world.tap_into(card, "👤 See people", "Type a name")
        ben = await world.tap_into(page, "Ben", "⚠ Gets nothing on Telegram: blocked the bot")
        await world.tap_into(ben, "✏ Telegram", "What's Ben's new Telegram ID?")
        again = await world.ask("somewhere", "What's Ben's new Telegram ID?")
        assert "chat ID" in again["text"]
        said = await world.sandbox.say(
            "", other={"contact": {"phone_number": "12025550177", "first_name": "B"}}
        )
        await world.below(int(said["message_id"]), "This contact has no address on Telegram.")
        await world.ask("1005", "Telegram 1005")
        found = await world.ask("ann", "1 person in Class 3B")
        ann = await world.tap_into(found, "Ann", "Ann · Class 3B")
        await world.tap_into(ann, "✏ WhatsApp", "What's Ann's new number?")
        await world.ask("0151 2345 6780", "WhatsApp +4915···80")
        found = await world.ask("ann", "1 person in Class 3B")
        ann = await world.tap_into(found, "Ann", "Ann · Class 3B")
        await world.tap_into(ann, "✏ WhatsApp", "What's Ann's new number?")
        contact = {"phone_number": "4915123456781", "first_name": "Ann"}
        said = await world.sandbox.say("", other={"contact": contact})
        await world.below(int(said["message_id"]), "WhatsApp +4915···81")


async def test_a_renamed_or_deleted_list_in_a_series_and_a_draft(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await friends(world)
        preview = await world.ask("/send Friends | every monday at 9 | News", "Preview ↑")
        card = await world.tap_into(preview, "✅", "everyone on the list at the time: Friends 3")
        await world.ask("/send Friends | Hello", "To Friends · 3")
        listed = await world.core.audiences.named("Friends")
        await world.core.audiences.rename(listed.id, "Best friends")
        (_waiting,) = (await world.core.series.planned()).items
        item = await world.ask(
            f"/scheduled {_waiting.id}", "everyone on the list at the time: Best friends 3"
        )
        home = await world.ask("/start", "Hi, ")
        await world.tap_into(home, "✏ Continue “Hello”", "To Best friends · 3")
        await world.core.audiences.delete(listed.id, expected=3)
        item = await world.ask(f"/scheduled {_waiting.id}", "The list “Friends” was deleted. Choose who")
        assert item["message_id"] > card["message_id"]
        home = await world.ask("/start", "Hi, ")
        await world.tap_into(home, "✏ Continue “Hello”", "The list “Friends” was deleted. Choose who")


async def test_an_address_is_corrected_on_all_lists(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await friends(world)
        await save_list(world, ROWS, "Choir", "👥 Choir")
        await save_list(world, b"telegram,name\n1001,Ann\n1009,Ann\n", "Team", "👥 Team")
        card = await world.ask("/audiences Friends", "👥 Friends")
        page = await world.tap_into(card, "👤 See people", "Type a name")
        ann = await world.tap_into(page, "Ann", "Ann · Friends")
        await world.tap_into(ann, "✏ Telegram", "What's Ann's new Telegram ID?")
        asked = await world.ask("1009", "Telegram 1001 is still in Choir and Team. Change it there too?")
        await world.tap_into(asked, "Change it there too", "Changed on 2 more lists.")
        for name, expected in (
            ("Friends", {"telegram:1009", "telegram:1002", "telegram:1004"}),
            ("Choir", {"telegram:1009", "telegram:1002", "telegram:1004"}),
            ("Team", {"telegram:1009"}),
        ):
            assert await addresses_of(world, name) == expected


async def test_people_are_added_and_removed_by_name_with_what_is_unclear_asked(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await friends(world)
        rows = b"telegram,whatsapp,viber,name\n1005,+12025550125,dave,Dave\n1006,,,Ann\n"
        await save_list(world, rows, "Club", "👥 Club · 2 people")
        card = await world.ask("/audiences Friends", "👥 Friends")
        await world.tap_into(card, "Add people", "Who do you want to add to Friends?")
        await world.ask("Carl", "Already on the list: 1.")
        await world.tap_into(
            await world.below(0, "👥 Friends"), "Add people", "Who do you want to add to Friends?"
        )
        asked = await world.ask("Dave\nAnn\n1007", "Added: 1.")
        assert labels(asked) == [["👤 Ann · …1001?", "👤 Ann · …1006?"], ["telegram:1007?"], ["« Back"]]
        card = await world.tap_into(asked, "telegram:1007", "👥 Friends · 5 people")
        await world.tap_into(card, "⚙ More", "Created")
        more = await world.turned_to(card, "Remove people")
        await world.tap_into(more, "Remove people", "Who do you want to remove from Friends?")
        # Dave leaves with all his addresses, whichever is named.
        await world.ask("whatsapp:+12025550125, telegram:1099", "Removed: 1. Not on the list: 1.")
        assert await addresses_of(world, "Friends") == {
            "telegram:1001", "telegram:1002", "telegram:1004", "telegram:1007",
        }  # fmt: skip


async def test_a_person_of_a_long_list_is_found_by_a_bare_id(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await audience(world, "club", *map(str, range(5000, 7001)))
        card = await world.ask("/audiences club", "👥 club · 2,001 people")
        await world.tap_into(card, "👤 See people", "Type a name")
        found = await world.ask("6001", "1 person in club matches “6001”.")
        assert labels(found)[0] == ["Telegram 6001"]
