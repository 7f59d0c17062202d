"""Messages of every kind in the chat: the preview, the questions about messengers that cannot carry them, the order."""

from __future__ import annotations

from typing import Any, Final

from core.domain.content.content import Content
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.traits import Messenger
from tests.contract.test_kinds import kind_on, newest
from tests.support.bot import World, labels, running_bot
from tests.support.processes import worker

Json = dict[str, Any]
TELEGRAM, WHATSAPP, VIBER = Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER
SAMPLES: Final = (
    MediaKind.VOICE,
    MediaKind.VIDEO_NOTE,
    MediaKind.ANIMATION,
    MediaKind.STICKER,
    MediaKind.LOCATION,
    MediaKind.POLL,
)
BOTH: Final = "tg:1001, wa:+12025550123"
EVERYWHERE: Final = "tg:1001, tg:1002, wa:+12025550123, viber:alice"


async def sample(world: World, kind: MediaKind) -> Json:
    said: Json = await world.sandbox.call("POST", "say-sample", {"person": 100, "kind": kind.value})
    return said


async def addressed(world: World, kind: MediaKind, who: str) -> Json:
    """The card with Done, after a sample was sent unasked and people were chosen for it."""
    said = await sample(world, kind)
    offer = await world.below(said["message_id"], "Send this to people?")
    await world.tap(offer, "Choose who gets it")
    return await world.ask(who, f"{who.count(',') + 1}: ")


async def content(world: World) -> Content:
    """Of the order accepted last."""
    (found,) = (await world.core.broadcasts.scheduled(size=10)).items or await world.core.broadcasts.running()
    return found.content


async def test_each_kind_goes_from_the_chat_to_the_phones(redis_url: str) -> None:
    """Through the real worker: previewed as people get it, and shown on Telegram and WhatsApp."""
    async with running_bot(redis_url, WHATSAPP_RATE="1000") as world:
        settings = {**world.sandbox.environment(), "REDIS_URL": redis_url, "WHATSAPP_RATE": "1000"}
        async with worker(settings):
            for number, kind in enumerate(SAMPLES):
                phone = f"+1202560000{number}"
                await world.sandbox.crowd("whatsapp", 1, first=int(phone))
                able = kind in WHATSAPP.traits.media
                who = f"tg:1001, wa:{phone}" if able else "tg:1001"
                card = await addressed(world, kind, who)
                preview = await world.tap_below(card, "✔ Done", "Preview ↑")
                shown = [m for m in await world.sandbox.messages() if m["message_id"] < preview["message_id"]]
                assert any(kind_on(m) == kind for m in shown if m["from"]["is_bot"] and "text" not in m)
                assert ("poll of their own" in preview["text"]) is (kind is MediaKind.POLL)
                await world.tap(preview, "✅ Send now")
                await world.turned(preview, "Sent to")
                assert kind_on(await newest(world.sandbox, TELEGRAM)) == kind
                calls = await world.sandbox.delivered(messenger="whatsapp")
                assert [one["recipient"] for one in calls].count(phone) == able


async def test_a_kind_that_a_messenger_lacks_is_one_question_with_ways_on(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await addressed(world, MediaKind.POLL, EVERYWHERE)
        asked = await world.tap_into(card, "✔ Done", "WhatsApp and Viber can't send polls.")
        assert "2 of 4 people are on WhatsApp and Viber. What should they get?" in asked["text"]
        assert labels(asked) == [
            ["📝 WhatsApp and Viber: in words"],
            ["Only on Telegram · 2"],
            ["✏ Edit message", "👥 People"],
            ["🗑 Delete draft"],
        ]
        preview = await world.tap_below(asked, "📝 WhatsApp and Viber: in words", "Preview ↑")
        words = [
            m["text"] for m in await world.sandbox.messages() if "1. Friday evening" in m.get("text", "")
        ]
        assert words
        await world.tap(preview, "✅ Send now")
        assert (await content(world)).text_only == {WHATSAPP, VIBER}

        card = await addressed(world, MediaKind.STICKER, "tg:1001, tg:1002, viber:alice")
        asked = await world.tap_into(card, "✔ Done", "Viber can't send stickers.")
        preview = await world.tap_below(asked, "Only on Telegram", "Preview ↑")
        assert "2: Telegram 2" in preview["text"] or "Telegram 2" in preview["text"]
        assert ["↩ Include Viber again"] in labels(preview)


async def test_text_that_a_sticker_cannot_carry_goes_its_own_way(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send tg:1001 | Doors open at 7", "Preview ↑")
        said = await sample(world, MediaKind.STICKER)
        asked = await world.below(said["message_id"], "On Telegram, a sticker can't carry text with it.")
        assert labels(asked) == [
            ["✂ Both, as two messages"],
            ["Only 1 sticker", "Only the text"],
            ["✏ Edit message", "👥 People"],
            ["🗑 Delete draft"],
        ]
        first = await world.tap_below(asked, "✂ Both, as two messages", "Preview ↑")
        await world.tap(first, "✅ Send now")
        assert [media.kind for media in (await content(world)).media] == [MediaKind.STICKER]

        await world.ask("/send tg:1001 | Bring a friend", "Preview ↑")
        said = await sample(world, MediaKind.LOCATION)
        asked = await world.below(said["message_id"], "a place on the map can't carry text with it.")
        await world.tap_below(asked, "📝 Telegram: in words", "Preview ↑")
        shown = [m.get("text", "") for m in await world.sandbox.messages()]
        assert any(text.startswith("Bring a friend\n\nClub house, Pariser Platz 1") for text in shown)


async def test_what_a_messenger_lacks_is_asked_before_what_goes_with_it(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send tg:1001, viber:alice | See you there", "Preview ↑")
        said = await sample(world, MediaKind.STICKER)
        asked = await world.below(said["message_id"], "Viber can't send stickers.")
        asked = await world.tap_into(
            asked, "📝 Viber: text only", "On Telegram, a sticker can't carry text with it."
        )
        assert "1 of 2 people is on Telegram. What should they get?" in asked["text"]
        assert ["✂ Both, as two messages"] in labels(asked)


async def test_a_live_location_stays_where_it_was_sent(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        said = await sample(world, MediaKind.LOCATION)
        offer = await world.below(said["message_id"], "Send this to people?")
        await world.sandbox.call(
            "POST", "edit", {"person": 100, "message_id": said["message_id"], "text": "moved"}
        )
        await world.tap_into(offer, "Choose who gets it", "Who should get it?")


async def test_a_contact_card_is_a_recipient_or_the_message_itself(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        contact = {"contact": {"phone_number": "12025550123", "first_name": "Zoe"}}
        said = await world.sandbox.call("POST", "say", {"person": 100, "other": contact})
        asked = await world.below(said["message_id"], "To: 1: WhatsApp 1")
        await world.tap_below(asked, "📇 Send the contact card itself", "Who should get it?")
        slots = await world.ask("tg:1001, viber:alice", "2: ")
        preview = await world.tap_below(slots, "✔ Done", "Preview ↑")
        await world.tap(preview, "✅ Send now")
        (card,) = (await content(world)).media
        assert card.contact is not None
        assert (card.contact.first_name, card.contact.phone_number) == ("Zoe", "+12025550123")


async def test_a_covered_photo_that_follows_its_text_stays_covered(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send tg:1001 | Guess what", "Preview ↑")
        photo = {"photo": [{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}]}
        await world.sandbox.call(
            "POST", "say", {"person": 100, "other": {**photo, "has_media_spoiler": True}}
        )

        async def covered() -> bool:
            awaiting = await world.core.prompts.current(100)
            draft = await world.core.drafts.get(awaiting[0]) if awaiting else None
            return draft is not None and draft.content is not None and draft.content.spoiler

        await world.sandbox.eventually(covered)
