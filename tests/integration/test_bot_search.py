"""Searching in the chat: /finished with words, the button, pages, filters, and back from an item."""

from __future__ import annotations

from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed
from tests.support.bot import World, data_of, labels, running_bot


async def ended(world: World, *texts: str) -> list[str]:
    """Finished broadcasts to somebody who got them and to somebody who has blocked the bot."""
    ids = [await world.scheduled(text, None, "1001", "1003") for text in texts]
    await world.deliver({"1003": Failed(Reason.BLOCKED)})
    return ids


async def test_words_behind_the_command_find_broadcasts_and_an_item_leads_back(redis_url: str) -> None:
    """Six of seven are found, five on the first page; an item's way back is the page it was opened from."""
    async with running_bot(redis_url) as world:
        await ended(world, *(f"Большая РАСПРОДАЖА {number} <b>" for number in range(6)), "Other")
        page = await world.ask("/finished распродажа", "Sent messages with “распродажа” · Berlin")
        assert "Other" not in page["text"]
        assert labels(page)[:2] == [["1", "2", "3", "4", "5"], ["Search older ›"]]  # noqa: RUF001 - an arrow
        page = await world.tap_into(page, "Search older", "РАСПРОДАЖА 0 <b>")
        assert labels(page)[:2] == [["1"], ["‹ Newer"]]  # noqa: RUF001 - an arrow
        item = await world.tap_into(page, "1", "Sent to")
        page = await world.tap_into(item, "« List", "РАСПРОДАЖА 0 <b>")
        page = await world.tap_into(page, "‹ Newer", "РАСПРОДАЖА 5 <b>")  # noqa: RUF001 - an arrow
        assert "РАСПРОДАЖА 0" not in page["text"]
        page = await world.tap_into(page, "Cancelled", "Nothing found.")
        page = await world.tap_into(page, "Failures", "РАСПРОДАЖА 5")
        await world.tap_into(page, "« Sent", "Sent · 7")


async def test_the_button_asks_for_the_words(redis_url: str) -> None:
    """The next text is searched for, once; the one after it is ordinary again."""
    async with running_bot(redis_url) as world:
        await ended(world, "Sale starts now")
        page = await world.ask("/finished", "Sent · 1")
        await world.tap_into(page, "🔎 Search", "What words are you looking for?")
        await world.ask("starts SALE", "Sale starts now")
        await world.ask("starts SALE", "Send this to people?")


async def test_who_has_left_a_question_is_not_answering_it_any_more(redis_url: str) -> None:
    """Back from the search, or from the name of a new audience, words are words again; /cancel says what it closed."""
    async with running_bot(redis_url) as world:
        await ended(world, "Sale")
        page = await world.ask("/finished", "Sent · 1")
        question = await world.tap_into(page, "🔎 Search", "What words are you looking for?")
        await world.tap_into(question, "« Sent", "Sent · 1")
        await world.ask("Sale", "Send this to people?")
        page = await world.ask("/audiences", "👥 Lists · 0")
        question = await world.tap_into(page, "New list", "What should the list be called?")
        page = await world.tap_into(question, "« Back", "👥 Lists · 0")
        await world.ask("Sale", "Send this to people?")
        assert (await world.core.audiences.page()).total == 0
        await world.tap_into(page, "New list", "What should the list be called?")
        await world.ask("/cancel", "Cancelled. Nothing changed.")
        await world.ask("/cancel", "Nothing to cancel.")


async def test_an_id_is_still_an_id_and_anything_else_is_searched_for(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        (broadcast_id,) = await ended(world, "Sale")
        await world.ask(f"/finished {broadcast_id.lower()}", "Sent to")
        await world.ask("/finished nonsense <words>", "Sent messages with “nonsense <words>”")
        await world.ask("/finished #NOPE", "Message #NOPE not found")


async def test_a_search_of_somebody_else_or_a_forged_one_shows_nothing(redis_url: str) -> None:
    """The stamp of a button names words only for the admin who searched for them."""
    async with running_bot(redis_url, ADMIN_IDS="100,1001") as world:
        await ended(world, "Sale")
        page = await world.ask("/finished sale", "Sent messages with “sale”")
        data = data_of(page, "Failures")
        await world.ask("/start", "Hi, ", person=1001)
        theirs = await world.ask("/finished", "Sent · 1", person=1001)
        await world.sandbox.forge(data, theirs["message_id"], 1001, wait=True)
        await world.sandbox.bot_says("This search has expired", 1001)
        for forged in ("l:q12345:1:a", "l:qzzzzzz:1:a", "l:q123456:0:a"):
            answer = await world.sandbox.forge(forged, page["message_id"], wait=True)
            assert answer["text"] == "This screen is out of date"
