"""Audiences in the chat, from an admin's taps to the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from tests.support.bot import data_of, labels, running_bot
from tests.support.core import store_at
from tests.support.recipient_files import addresses_of, audience, document, upload

STRANGER = 1001


async def test_audiences_and_all_subscribers_are_chosen_by_buttons_and_sent_to_once(redis_url: str) -> None:
    """The recipients' screen shows them with their sizes; the preview counts everybody once."""
    async with running_bot(redis_url) as world:
        await audience(world, "vip", "1001", "1002")
        await audience(world, "customers", "1002")
        await world.core.subscribers.subscribe(1001, "Alice")
        await world.ask("/send", "What would you like to say?")
        card = await world.ask("Hello all", "Who should get it?")
        assert labels(card)[:2] == [["👥 customers · 1", "👥 vip · 2"], ["🔔 Everyone who subscribed · 1"]]
        preview = await world.tap_below(card, "👥 vip", "To vip · 2: Telegram 2")
        menu = await world.tap_into(preview, "✏ Edit", "What would you like to change?")
        card = await world.tap_into(menu, "👥", "To 2: Telegram 2 (vip)")
        card = await world.tap_into(card, "👥 customers", "customers 1")
        card = await world.tap_into(card, "🔔", "all subscribers 1")
        card = await world.tap_into(card, "✔ customers", "(vip 2, all subscribers 1)")
        preview = await world.tap_into(card, "✔ Done", "Preview ↑")
        assert "To vip and all subscribers · 2: Telegram 2" in preview["text"]
        assert "1 duplicate removed" in preview["text"]
        await world.tap(preview, "✅ Send now")
        await world.deliver()
        (done,) = (await world.core.broadcasts.finished()).items
        assert done.progress.total == 2
        assert await world.sandbox.complaints() == []


async def test_one_line_mixes_audiences_and_addresses(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await audience(world, "vip", "1001", "1002")
        card = await world.ask("/send VIP, tg:1003, viber:alice | Hello", "Preview ↑")
        assert "To vip and 2 more · 4\nTelegram 3 · Viber 1" in card["text"]


async def test_a_mistyped_name_offers_the_one_that_was_meant(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await audience(world, "customers", "1001", "1002")
        card = await world.ask("/send custmers | Hello", "there's no such list. Did you mean customers (2)?")
        assert labels(card)[0] == ["👥 customers?"]
        await world.tap_below(card, "👥 customers", "To customers · 2: Telegram 2")


async def test_an_audience_that_grew_after_the_preview_is_shown_again_before_it_is_sent_to(
    redis_url: str,
) -> None:
    async with running_bot(redis_url) as world:
        vip = await audience(world, "vip", "1001")
        preview = await world.ask("/send vip | Hello", "To vip · 1: Telegram 1")
        await world.core.audiences.add(vip, [Recipient(messenger=Messenger.TELEGRAM, address="1002")])
        answer = await world.tap(preview, "✅ Send now")
        assert answer["text"] == "It's 2 people now. Please check again."
        again = await world.below(preview["message_id"], "To vip · 2: Telegram 2")
        await world.core.audiences.delete(vip, expected=2)
        await world.tap_into(again, "✅ Send now", "The list “vip” was deleted.")
        assert (await world.core.broadcasts.scheduled()).total == 0


async def test_an_audience_is_made_changed_renamed_exported_and_deleted(redis_url: str) -> None:
    """Everything by taps from the home screen, and by words where people or names are asked for."""
    async with running_bot(redis_url) as world:
        home = await world.ask("/start", "Hi, ")
        card = await world.tap_into(home, "👥 Lists", "You have no lists yet.")
        await world.tap_into(card, "New list", "What should the list be called?")
        asked = await world.ask("vip", "Who do you want to add to vip?")
        empty = await world.tap_into(asked, "« Back", "It's empty so far.")
        assert labels(empty)[0] == ["Add people"]
        await world.tap_into(empty, "Add people", "Who do you want to add to vip?")
        problem = await world.ask("nonsense", "I don't know this name")
        assert "Nothing was changed." in problem["text"]
        card = await world.ask("tg:1001, viber:alice, tg:1001", "Added: 2.")
        assert "Telegram 1 · Viber 1" in card["text"]
        more = await world.tap_into(card, "⚙ More", "Join link: off")
        question = await world.tap_into(more, "Remove people", "Who do you want to remove from vip?")
        card = await world.ask("viber:alice, viber:bob", "Removed: 1. Not on the list: 1.")
        assert question["message_id"] < card["message_id"]
        await world.sandbox.until(lambda all_of_it: labels(all_of_it[question["message_id"] - 1]) == [])
        settings = await world.list_settings(card)
        await world.tap_into(settings, "✏", "What should “vip” be called?")
        card = await world.ask("Regular  guests", "👥 Regular guests · 1 person")
        more = await world.tap_into(card, "⚙ More", "Join link: off")
        await world.tap(more, "⬇ CSV")
        assert (await document(world, "Regular guests.csv")).splitlines() == [
            '"recipient"',
            '"telegram:1001"',
        ]
        await world.tap(more, "⚙ Settings")
        settings = await world.turned_to(more, "🗑")
        question = await world.tap_into(settings, "🗑", "Delete Regular guests with 1 person?")
        deleting = data_of(question, "🗑")
        await world.tap_into(question, "🗑 Yes, delete 1", "Regular guests is deleted.")
        assert (await world.sandbox.forge(deleting, question["message_id"], wait=True))[
            "text"
        ] == "Already done"
        assert (await world.core.audiences.page()).total == 0


async def test_a_deletion_is_asked_again_when_the_number_has_changed(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        vip = await audience(world, "vip", "1001")
        card = await world.ask("/audiences vip", "👥 vip")
        card = await world.list_settings(card)
        question = await world.tap_into(card, "🗑", "with 1 person?")
        await world.core.audiences.add(vip, [Recipient(messenger=Messenger.TELEGRAM, address="1002")])
        assert (await world.tap(question, "🗑 Yes"))["alert"]
        await world.turned(question, "with 2 people?")
        assert (await world.core.audiences.named("vip")).total == 2


async def test_who_deletes_second_reads_that_it_is_done(redis_url: str) -> None:
    """A tap on a question about an audience that somebody else has deleted leads on to the others."""
    async with running_bot(redis_url) as world:
        vip = await audience(world, "vip", "1001")
        card = await world.list_settings(await world.ask("/audiences vip", "👥 vip"))
        question = await world.tap_into(card, "🗑", "You can't undo this")
        await world.core.audiences.delete(vip, expected=1)
        answer = await world.tap(question, "🗑 Yes, delete 1")
        assert answer["text"] == "Already done"
        gone = await world.turned(question, "List not found")
        await world.tap_into(gone, "« Lists", "👥 Lists · 0")


async def test_a_link_lets_strangers_join_only_while_it_is_open(redis_url: str) -> None:
    """A stranger reads the same in any case, never which lists there are, and cannot guess a link."""
    async with running_bot(redis_url) as world:
        await audience(world, "vip")
        closed = await world.ask("/start a_vip", "To unsubscribe, send /stop", person=STRANGER)
        more = await world.tap_into(await world.ask("/audiences vip", "👥 vip"), "⚙ More", "Join link: off")
        card = await world.tap_into(more, "🔗 Join link", "can join vip")
        card = await world.tap_into(card, "Turn on", "Anyone with this link can join")
        first = card["text"].partition("?start=")[2].split()[0]
        guessed = await world.ask("/start a_vip", "To unsubscribe, send /stop", person=STRANGER)
        assert (await world.core.audiences.named("vip")).total == 0
        opened = await world.ask(f"/start {first}", "To unsubscribe, send /stop", person=STRANGER)
        assert "vip" not in closed["text"] + guessed["text"] + opened["text"]
        assert await addresses_of(world, "vip") == {f"telegram:{STRANGER}"}
        (alice,) = [one async for one in world.core.recipients.of("all")]
        assert alice.variables == {"name": "Alice", "tag": "a_vip"}
        await world.tap(card, "Make a new link")
        renewed = await world.turned_without(card, first)
        second = renewed["text"].partition("?start=")[2].split()[0]
        await world.ask(f"/start {first}", "To unsubscribe, send /stop", person=1002)
        assert (await world.core.audiences.named("vip")).total == 1
        await world.ask(f"/start {second}", "To unsubscribe, send /stop", person=1002)
        assert (await world.core.audiences.named("vip")).total == 2
        await world.tap_into(renewed, "Turn off", "Join link: off")
        await world.ask(f"/start {second}", "To unsubscribe, send /stop", person=200)
        assert (await world.core.audiences.named("vip")).total == 2


async def test_a_link_from_before_there_were_tokens_leads_where_it_did_until_a_new_one_is_made(
    redis_url: str,
) -> None:
    async with running_bot(redis_url) as world, store_at(redis_url) as store:
        vip = await audience(world, "vip")
        await store.hset(f"ms:aud:{vip}", "joinable", "1")
        card = await world.ask("/audiences vip", "?start=a_vip")
        await world.ask("/start a_vip", "To unsubscribe, send /stop", person=STRANGER)
        assert (await world.core.audiences.get(vip)).total == 1
        more = await world.tap_into(card, "⚙ More", "Join link: on")
        link = await world.tap_into(more, "🔗 Join link", "?start=a_vip")
        await world.tap(link, "Make a new link")
        await world.turned_without(link, "a_vip")
        await world.ask("/start a_vip", "To unsubscribe, send /stop", person=1002)
        assert (await world.core.audiences.get(vip)).total == 1


async def test_many_audiences_come_in_pages_and_in_the_order_of_names(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        for number in range(13):
            await audience(world, f"list-{number:02}")
        first = await world.ask("/audiences", "👥 Lists · 13")
        second = await world.tap_into(first, "›", "👥 Lists · 13")  # noqa: RUF001 - an arrow
        assert labels(second)[0] == ["👥 list-10 · 0", "👥 list-11 · 0"]
        await world.ask("/audiences list-99", "I don't know a list called “list-99”.")


async def test_an_order_to_a_crowd_stays_quick_to_tap_on(redis_url: str) -> None:
    """A draft names the audience; who is in it is read for the preview and the last word only."""
    async with running_bot(redis_url) as world:
        rows = "".join(f"telegram:{number}\n" for number in range(2_000_000, 2_020_000))
        card = await upload(world, "crowd.txt", rows.encode(), "20,000 people in crowd.txt")
        card = await world.tap_below(card, "✍", "(crowd.txt)")
        (draft,) = [await world.core.prompts.current(100)]
        assert draft is not None
        kept = await world.core.drafts.get(draft[0])
        assert kept is not None
        assert (kept.recipients, kept.audiences[0].total) == ((), 20_000)
        preview = await world.ask("Hello", "20,000: Telegram 20,000")
        question = await world.tap_into(preview, "✅ Send now", "20,000 people now?")
        await world.tap(question, "✅ Yes, send to 20,000 people")
        await world.turned(preview, "▶")


async def test_a_large_broadcast_used_again_keeps_its_people_beside_the_draft(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        later = datetime.now(UTC) + timedelta(days=1)
        crowd = [str(number) for number in range(2_000_000, 2_001_500)]
        broadcast_id = await world.scheduled("Hello", later, *crowd)
        await world.core.broadcasts.cancel(broadcast_id)
        card = await world.ask(f"/finished {broadcast_id}", f"#{broadcast_id}")
        await world.tap_below(card, "♻", f"To #{broadcast_id} · 1,500: Telegram 1,500")
