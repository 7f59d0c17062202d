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
        unknown = await world.ask("somebody", "I don't know anyone called “somebody”.")
        assert labels(unknown) == [["Cancel"]]
        await world.ask("telegram:1001, telegram:1002", "one person at a time")
        question = await world.ask("telegram:1001", "Forget Ann Surname?")
        assert "subscription · 1 contact · 1 message" in question["text"]
        assert labels(question) == [["🗑 Forget this person"], ["Cancel"]]
        await world.tap_into(question, "🗑", "Done. I removed: subscription · 1 contact · 1 message")

        assert await world.core.contacts.get("7") is None
        await world.ask(
            "/forget telegram:1001", "I keep nothing about Telegram 1001. Is there another name or number?"
        )
        await world.ask("/log", "deleted a person's data (1 message)")


async def test_a_person_is_forgotten_by_name_or_contact_card(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        everywhere = {
            Messenger.TELEGRAM: "1001",
            Messenger.WHATSAPP: "+12025550123",
            Messenger.VIBER: "alice",
        }
        others = [{Messenger.TELEGRAM: one} for one in ("1002", "1004")]
        await world.core.contacts.learn(
            [
                Contact(id="", name="Zoë O'Neil 🌷", addresses=everywhere),
                *(Contact(id="", name="Ben Weber", addresses=one) for one in others),
            ]
        )
        await world.ask("/forget Zoë O'Neil 🌷", "Forget Zoë O'Neil 🌷?")
        question = await world.ask("/forget Ben Weber", "Who do you mean?")
        assert labels(question) == [["👤 Ben Weber · …1002", "👤 Ben Weber · …1004"], ["Cancel"]]
        await world.tap_into(question, "👤 Ben", "Forget Ben Weber?")
        await world.ask("/forget zoe", "I don't know anyone called “zoe”.")
        contact = {"phone_number": "12025550123", "first_name": "Z"}
        said = await world.sandbox.say("", other={"contact": contact})
        card = await world.below(int(said["message_id"]), "Forget Zoë O'Neil 🌷?")
        await world.tap_into(card, "🗑", "Done. I removed: 1 contact")
        assert not await world.core.contacts.search("neil")
