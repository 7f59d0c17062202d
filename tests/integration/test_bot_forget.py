"""/forget in the chat: what is kept of a person is shown, removed on a tap, and only by owners."""

from __future__ import annotations

from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact
from tests.support.bot import labels, running_bot

EDITOR = 1002


async def test_an_owner_forgets_a_person_by_typing_an_address(redis_url: str) -> None:
    async with running_bot(redis_url, EDITOR_IDS=str(EDITOR)) as world:
        ann = Contact(id="7", name="Ann Surname", addresses={Messenger.TELEGRAM: "1001"})
        await world.core.contacts.put(ann)
        await world.core.subscribers.subscribe(1001, "Ann Surname")
        await world.scheduled("Sale", None, "1001", "1002")
        await world.deliver()
        await world.ask("/forget telegram:1001", "Only an owner can do that", person=EDITOR)

        await world.ask("/forget", "Who should I forget?")
        await world.ask("somebody", "don't know this name")
        await world.ask("telegram:1001, telegram:1002", "one person at a time")
        question = await world.ask("telegram:1001", "Forget Ann Surname?")
        assert "subscription · 1 contact · 1 message" in question["text"]
        assert labels(question) == [["🗑 Forget this person"], ["Cancel"]]
        await world.tap_into(question, "🗑", "Done. I removed: subscription · 1 contact · 1 message")

        assert await world.core.contacts.get("7") is None
        await world.ask("/forget telegram:1001", "I keep nothing about Telegram 1001.")
        await world.ask("/log", "deleted a person's data (1 message)")
