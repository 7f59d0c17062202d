"""Choosing people in the chat: by taps, by name, by contact card and by Telegram's own choice."""

from __future__ import annotations

import pytest

from core.domain.audience import EVERYBODY
from core.domain.audit import Actor
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact
from core.domain.segment import Condition, Rule
from tests.support.bot import World, labels, running_bot
from tests.support.recipient_files import audience, save_list
from tests.support.sandbox_server import ADMIN

ALICE = Contact(
    id="1", name="Alice", addresses={Messenger.TELEGRAM: "1001", Messenger.WHATSAPP: "+12025550123"}
)
BOB = Contact(id="2", name="Bob", addresses={Messenger.VIBER: "bob"})
OTHER_BOB = Contact(id="3", name="Bob Marley", addresses={Messenger.TELEGRAM: "1002"})


async def known(world: World, *people: Contact) -> None:
    for one in people:
        await world.core.contacts.put(one)


async def who(world: World) -> dict[str, object]:
    """The screen that asks who gets a new message."""
    await world.ask("/send", "What would you like to say?")
    return await world.ask("Hello all", "Who should get it?")


def flat(message: dict[str, object]) -> list[str]:
    return [label for row in labels(message) for label in row]


async def test_people_typed_before_any_button_can_be_written_to(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await known(world, ALICE, BOB, OTHER_BOB)
        offer = await world.ask("alice, Bob Marley", "Send this to people?")
        assert flat(offer) == ["👥 These people get it", "Choose who gets it", "No"]
        await world.tap_below(offer, "👥 These people get it", "What would you like to say?")
        preview = await world.ask("Hello both", "Preview ↑")
        assert "To Alice and Bob Marley · 2: Telegram 2" in preview["text"]


async def test_a_number_without_a_country_typed_before_any_button_asks_for_it(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        for name, number in (("Anna", "0151 23456789"), ("Jan", "0151 23456788")):
            offer = await world.ask(f"{name} {number}", "Send this to people?")
            if name == "Anna":
                asked = await world.tap_below(offer, "👥 These people get it", "no country code")
                await world.tap_below(asked, "Germany +49", "What would you like to say?")
            else:
                await world.tap_below(offer, "👥 These people get it", "What would you like to say?")
            preview = await world.ask(f"Hello {name}", "Preview ↑")
            assert f"To {name} · 1: WhatsApp 1" in preview["text"]
            await world.tap(preview, "✅")


async def test_a_text_about_people_and_a_crossed_out_name_are_no_list(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await known(world, ALICE, BOB)
        struck = [{"type": "strikethrough", "offset": 7, "length": 3}]
        for text, entities in (("Alice, are you coming?", []), ("Alice, Bob", struck)):
            offer = await world.ask(text, "Send this to people?", entities=entities)
            assert flat(offer) == ["Choose who gets it", "No"]
            await world.tap_into(offer, "No", "Draft deleted")


async def test_people_are_chosen_by_taps_seen_by_name_and_get_one_message_each(redis_url: str) -> None:
    """A person with two addresses is one, at the first messenger where they can be reached."""
    async with running_bot(redis_url) as world:
        await known(world, ALICE, BOB)
        await audience(world, "vip", "1003")
        await world.core.subscribers.subscribe(1004, "Dave")
        card = await who(world)
        assert flat(card) == [
            "👥 vip · 1", "🔔 Everyone who subscribed · 1", "👤 By name", "📄 File", "⌨ Type or paste", "Cancel"
        ]  # fmt: skip
        card = await world.tap_into(card, "⌨", "Anna Schmidt +49 151 2345678")
        card = await world.tap_into(card, "« Back", "Who should get it?")
        card = await world.tap_into(card, "👤 By name", "choose below")
        assert flat(card)[:3] == ["👤 Dave", "👤 Bob", "👤 Alice"]
        card = await world.tap_into(card, "👤 Alice", "To 1: Telegram 1")
        card = await world.tap_into(card, "👤 Bob", "Viber 1")
        card = await world.tap_into(card, "👤 Dave", "To 3")
        card = await world.tap_into(card, "✔ Dave", "To 2: Telegram 1 · Viber 1")
        card = await world.tap_into(card, "« Back", "Who should get it?")
        assert flat(card)[0] == "✔ Done · 2 people"
        assert flat(card)[-4:] == ["✖ Alice", "✖ Bob", "Clear list", "Cancel"]
        card = await world.tap_into(card, "👥 vip", "To 3")
        card = await world.tap_into(card, "✖ Bob", "To 2: Telegram 2")
        preview = await world.tap_below(card, "✔ Done · 2", "Preview ↑")
        assert "· 2: Telegram 2" in preview["text"]
        menu = await world.tap_into(preview, "✏ Edit", "What would you like to change?")
        options = await world.tap_into(menu, "⚙", "Options")
        each = await world.tap_into(options, "👤 One", "Which messenger first?")
        each = await world.tap_into(each, "📨", "get it on all of them")
        await world.tap(each, "« Back")
        options = await world.turned_to(options, "📨 On all their messengers")
        preview = await world.tap_below(options, "« Back", "· 2 people, 3 messages\nTelegram 2 · WhatsApp 1")
        menu = await world.tap_into(preview, "✏ Edit", "What would you like to change?")
        options = await world.tap_into(menu, "⚙", "Options")
        each = await world.tap_into(options, "📨", "get it on all of them")
        each = await world.tap_into(each, "👤 One", "Which messenger first?")
        await world.tap(each, "« Back")
        options = await world.turned_to(options, "👤 One")
        preview = await world.tap_below(options, "« Back", "· 2: Telegram 2")
        await world.tap(preview, "✅ Send now")
        await world.deliver()
        (done,) = (await world.core.broadcasts.finished()).items
        assert done.progress.total == 2


CLUB = b"""name,telegram,whatsapp
Anna,1001,+12025550123
Ben,1002,+12025550124
Carl,1003,
Dora,,+12025550125
"""


async def test_people_on_several_messengers_are_counted_once_and_their_messages_apart(
    redis_url: str,
) -> None:
    async with running_bot(redis_url) as world:
        await save_list(world, CLUB, "Club", "👥 Club · 4 people")
        for chat_id in (1001, 1002, 1003):
            await world.core.subscribers.subscribe(chat_id, "")
        for number in ("+12025550123", "+12025550125"):
            await world.core.subscribers.add(Messenger.WHATSAPP, [number], "")
        card = await who(world)
        assert flat(card)[:2] == ["👥 Club · 4", "🔔 Everyone who subscribed · 4"]
        # In both lists, and each of them once.
        preview = await world.tap_below(card, "👥 Club", "To Club · 4")
        menu = await world.tap_into(preview, "✏ Edit", "What would you like to change?")
        asked = await world.tap_into(menu, "👥 People", "Who should get it?")
        asked = await world.tap_into(asked, "🔔 Everyone", "all subscribers 4")
        assert flat(asked)[0] == "✔ Done · 4 people"
        asked = await world.tap_into(asked, "✔ Everyone", "To 4 (Club)")
        preview = await world.tap_into(asked, "✔ Done · 4 people", "Preview ↑")
        menu = await world.tap_into(preview, "✏ Edit", "What would you like to change?")
        options = await world.tap_into(menu, "⚙", "Options")
        each = await world.tap_into(options, "👤 One", "Which messenger first?")
        each = await world.tap_into(each, "📨", "get it on all of them")
        await world.tap(each, "« Back")
        options = await world.turned_to(options, "📨 On all their messengers")
        preview = await world.tap_into(
            options, "« Back", "To Club · 4 people, 6 messages\nTelegram 3 · WhatsApp 3"
        )
        await world.tap(preview, "✅ Send now")
        await world.turned(preview, "To 4 people, 6 messages: Telegram 3 · WhatsApp 3")
        await world.deliver({"+12025550125": Failed(Reason.NOT_FOUND)})
        card = await world.turned(preview, "⚠ Sent 5 of 6 messages")
        await world.tap(card, "More")
        await world.turned_to(card, "👥 Everyone 4")
        planned = await world.ask("/send Club | tomorrow 9:00 | Hello", "To Club · 4\n")
        await world.tap(planned, "✅ Schedule")
        await world.turned(planned, "To 4: Telegram 3 · WhatsApp 1")


async def test_a_part_of_the_subscribers_counts_people_once(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await known(world, ALICE, OTHER_BOB)
        for chat_id in (1001, 1002):
            await world.core.subscribers.subscribe(chat_id, "")
        await world.core.subscribers.add(Messenger.WHATSAPP, ["+12025550123"], "")
        rule = Rule(of=EVERYBODY, condition=Condition.IS_NOT, subject="tag", value="shop")
        segment = await world.core.audiences.stage_segment(
            rule, source="no shop", created_by=Actor("test", "Test")
        )
        assert (segment.total, dict(segment.counts)) == (2, {Messenger.TELEGRAM: 2, Messenger.WHATSAPP: 1})


async def test_a_number_without_a_country_and_an_unknown_name_are_asked_about_in_turn(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await who(world)
        asked = await world.ask("Anna 0151 23456789, Boris", "1 number has no country code.")
        assert labels(asked)[-2:] == [["It's part of the message"], ["Cancel"]]
        card = await world.tap_below(asked, "Germany +49", "I don't know this name.")
        assert "“Boris” (entry 2)" in card["text"]
        assert "I added the other one." in card["text"]
        assert flat(card)[:2] == ["✔ Done · 1 person", "👤 Add Boris"]
        await world.tap_into(card, "👤 Add Boris", "What is Boris's phone number?")
        # The country is known by now.
        await world.ask("0151 98765432", "To 2: WhatsApp 2")
        assert {one.name for one in await world.core.contacts.latest(5)} == {"Anna", "Boris"}


async def test_words_with_a_number_may_be_a_part_of_the_message(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await who(world)
        asked = await world.ask("Tickets 0151 23456789, Boris", "1 number has no country code.")
        asked = await world.tap_below(asked, "It's part of the message", "Add this to your message?")
        await world.tap_below(asked, "Add to the message", "Who should get it?")
        messages = [str(one.get("text")) for one in await world.sandbox.messages()]
        assert any(
            "Hello all\nTickets 0151 23456789, Boris" in one or "Hello all Tickets" in one for one in messages
        )


async def test_an_order_in_one_line_asks_about_both_too(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        asked = await world.ask("/send Anna 0151 23456789, Boris | Hello", "1 number has no country code.")
        card = await world.tap_below(asked, "Germany +49", "I don't know this name.")
        await world.tap_into(card, "👤 Add Boris", "What is Boris's phone number?")
        card = await world.ask("+4915198765432", "To 2: WhatsApp 2")
        await world.tap_below(card, "✔ Done", "To Anna and Boris · 2")


async def test_who_opted_out_on_the_first_messenger_is_reached_on_the_next(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await known(world, ALICE)
        await world.core.subscribers.mark_blocked(1001)
        preview = await world.ask("/send alice | Hello", "Preview ↑")
        assert "To Alice · 1: WhatsApp 1" in preview["text"]


async def test_a_name_and_a_number_beside_an_unknown_name_are_people_not_more_of_the_message(
    redis_url: str,
) -> None:
    async with running_bot(redis_url) as world:
        await who(world)
        asked = await world.ask("Anna Lena Schmidt 0151 2345678, nonsense", "1 number has no country code.")
        assert "01512345678" in asked["text"]


async def test_people_are_found_by_their_names_and_unclear_ones_are_asked(redis_url: str) -> None:
    """Nothing clear is lost, and every guess is a button."""
    async with running_bot(redis_url) as world:
        await known(
            world, ALICE, BOB, OTHER_BOB, Contact(id="4", name="Bob", addresses={Messenger.VIBER: "b2"})
        )
        await who(world)
        card = await world.ask("alice\nBob, marley, nonsense, 1005", "Did you mean Bob or Bob?")
        assert "I added the other one." in card["text"]
        assert "I don't know this name." in card["text"]
        assert "To 1: Telegram 1" in card["text"]
        assert flat(card)[:4] == [
            "✔ Done · 1 person",
            "👤 Bob · Viber bob?",
            "👤 Bob · Viber b2?",
            "👤 Bob Marley?",
        ]
        card = await world.tap_into(card, "👤 Bob Marley?", "To 2: Telegram 2")
        card = await world.ask("1005", "Did you mean telegram:1005?")
        card = await world.tap_into(card, "telegram:1005?", "To 3: Telegram 3")
        assert "✖ Telegram 1005" in flat(card)


async def test_whoever_is_crossed_out_in_a_typed_list_is_left_out(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await who(world)
        listed = "🙂 Ann +4915120000001\ntelegram:1002\ntelegram:1003"
        struck = {"type": "strikethrough", "offset": listed.index("telegram:1002") + 1, "length": 13}
        card = await world.ask(listed, "this entry is marked with —", entities=[struck])
        assert "To 2: " in card["text"]
        text = "/send telegram:1001, telegram:1002 | Sale"
        struck |= {"offset": text.index("telegram:1002"), "length": len("telegram:1002 | Sale")}
        card = await world.ask(text, "this entry is marked with —", entities=[struck])
        assert "Sale" in card["text"]
        await world.ask("/send everyone | Sale", "Did you mean all (")


@pytest.mark.parametrize(
    ("language", "typed", "name", "problem", "add"),
    [
        ("en", "Alise", "Alice", "I don't know this name. Did you mean Alice?", "👤 Add Alise"),
        ("en", "Jon Smiht", "Jon Smith", "Did you mean Jon Smith?", "👤 Add Jon Smiht"),
        ("ru", "Анна Шмит", "Анна Шмидт", "Может быть, Анна Шмидт?", "👤 Добавить: Анна Шмит"),
    ],
)
async def test_a_misspelt_name_is_offered_and_not_taken_until_it_is_tapped(
    redis_url: str, language: str, typed: str, name: str, problem: str, add: str
) -> None:
    async with running_bot(redis_url) as world:
        await world.sandbox.call("POST", "language", {"person": ADMIN, "language": language})
        meant = Contact(id="7", name=name, addresses={Messenger.TELEGRAM: "1007"})
        await known(
            world, meant, BOB, Contact(id="8", name="Alfred Smart", addresses={Messenger.VIBER: "al"})
        )
        await world.ask(f"/send {typed} | Hello", problem)
        card = await world.below(0, problem)
        assert f"👤 {name}?" in flat(card)
        assert add in flat(card)
        assert not any("Alfred" in label for label in flat(card))
        await world.tap_into(card, f"👤 {name}?", "1: Telegram 1")


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("Nana", ["Anna Schmidt"]),
        ("hnna", ["Anna Schmidt"]),
        ("aanna", ["Anna Schmidt"]),
        ("Nna", ["Anna Schmidt"]),
        ("Mria", ["Maria"]),
        ("рИина", ["Ирина"]),
        ("Brina", []),
        ("Bne", ["Ben"]),
        ("Nana Schmidt", ["Anna Schmidt"]),
        ("Anna Cshmidt", ["Anna Schmidt"]),
        ("hnna Shmidt", []),
    ],
)
async def test_a_name_misspelt_at_its_beginning_is_offered(
    redis_url: str, typed: str, names: list[str]
) -> None:
    async with running_bot(redis_url) as world:
        for number, name in enumerate(("Anna Schmidt", "Maria", "Ирина", "Ben", "Alfred"), start=10):
            await known(
                world, Contact(id=f"{number}", name=name, addresses={Messenger.TELEGRAM: f"20{number}"})
            )
        found = await world.core.contacts.spelt_like(typed, most=4)
        assert [one.name for one in found] == names


async def test_me_offers_the_admin_and_takes_nobody_before_the_tap(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await known(world, Contact(id="4", name="Mehmet", addresses={Messenger.TELEGRAM: "1004"}))
        await who(world)
        card = await world.ask("me", "Did you mean Ann?")
        assert "👤 Ann?" in flat(card)
        card = await world.tap_into(card, "👤 Ann?", "To 1: Telegram 1")
        preview = await world.tap_below(card, "✔ Done · 1", "Preview ↑")
        assert "To Ann · 1: Telegram 1" in preview["text"]


async def test_a_search_by_name_goes_on_and_an_address_is_taken_too(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await known(world, ALICE, BOB, OTHER_BOB)
        await world.tap_into(await who(world), "👤 By name", "choose below")
        card = await world.ask("bob", "People called “bob”")
        assert flat(card)[:2] == ["👤 Bob", "👤 Bob Marley"]
        card = await world.tap_into(card, "👤 Bob Marley", "To 1: Telegram 1")
        assert flat(card)[:3] == ["✔ Done · 1 person", "👤 Bob", "✔ Bob Marley"]
        await world.ask("Anna Schmidt +4915123456789", "To 2")
        assert [one.name for one in await world.core.contacts.search("anna")] == ["Anna Schmidt"]


async def test_a_contact_card_and_telegrams_own_choice_keep_names_and_ids(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.core.subscribers.subscribe(1002, "Bob")
        card = await world.tap_into(await who(world), "👤 By name", "choose below")
        await world.tap_below(card, "📇", "Choose people from your Telegram")
        users = [{"user_id": 1002, "first_name": "Bobby"}, {"user_id": 1005, "first_name": "Eve"}]
        said = await world.sandbox.say("", other={"users_shared": {"request_id": 1, "users": users}})
        await world.below(int(said["message_id"]), "Added: Bobby and Eve")
        card = await world.below(int(said["message_id"]), "Who should get it?")
        assert {"✖ Bobby", "✖ Eve"} <= set(flat(card))
        contact = {"phone_number": "4915123456789", "first_name": "Carl", "last_name": "Weiß", "user_id": 77}
        said = await world.sandbox.say("", other={"contact": contact})
        card = await world.below(int(said["message_id"]), "To 3: Telegram 2 · WhatsApp 1")
        (carl,) = await world.core.contacts.search("carl")
        assert carl.addresses == {Messenger.TELEGRAM: "77", Messenger.WHATSAPP: "+4915123456789"}
        assert await world.sandbox.complaints() == []


async def test_a_contact_card_is_remembered_where_nothing_asked_for_it(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        contact = {"phone_number": "4915123456789", "first_name": "Carl"}
        said = await world.sandbox.say("", ADMIN, other={"contact": contact})
        await world.below(int(said["message_id"]), "I'll remember Carl.")
        assert [one.name for one in await world.core.contacts.search("carl")] == ["Carl"]
