"""Unexpected input: callback data of another broadcast, answers to deleted messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.domain.broadcast import BroadcastStatus
from core.domain.content.content import Content
from tests.support.bot import Json, World, data_of, labels, running_bot
from tests.support.sandbox_server import ADMIN

STAMPED = (
    "send",
    "sure:1",
    "cancel",
    "cancelled",
    "stop",
    "stopped",
    "text",
    "people",
    "set:31557600",
    "undo",
)


async def planned(world: World, hours: int) -> str:
    at = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=1, hours=hours)
    return await world.scheduled(f"In {hours} h", at, "1001")


@pytest.mark.parametrize("verb", STAMPED)
async def test_a_button_with_the_id_of_another_broadcast_does_nothing_to_either(
    redis_url: str, verb: str
) -> None:
    """A button acts on the state it was drawn for; in any other it is stale."""
    async with running_bot(redis_url) as world:
        mine, other = await planned(world, 1), await planned(world, 2)
        item = await world.ask(f"/scheduled {mine}", f"Scheduled #{mine}")
        stamp = data_of(item, "✖").split(":")[2]
        answer = await world.sandbox.forge(f"b:{other}:{stamp}:{verb}", item["message_id"], wait=True)
        assert answer["text"] == "This screen is out of date"
        for broadcast_id in (mine, other):
            current = await world.core.broadcasts.get(broadcast_id)
            assert (current.status, current.edition, current.can_be_undone) == (
                BroadcastStatus.SCHEDULED,
                0,
                False,
            )


async def test_a_text_that_was_deleted_before_the_tap_is_kept(redis_url: str) -> None:
    """The offer stays good without the words that it replies to."""
    async with running_bot(redis_url) as world:
        said = await world.sandbox.say("Sale starts now")
        question = await world.below(said["message_id"], "Send this to people?")
        status, _ = await world.sandbox.telegram("deleteMessage", chat_id=100, message_id=said["message_id"])
        assert status == 200
        await world.tap_into(question, "Choose who gets it", "Who should get it?")
        awaited = await world.core.prompts.current(100)
        assert awaited is not None
        draft = await world.core.drafts.get(awaited.about)
        assert draft is not None
        assert draft.content == Content(text="Sale starts now")


async def test_a_command_that_was_deleted_at_once_is_still_answered(redis_url: str) -> None:
    """Telegram does not report deletions to bots; the answer has no message to reply to."""
    async with running_bot(redis_url) as world:
        said = await world.sandbox.say("/send everybody")
        await world.sandbox.telegram("deleteMessage", chat_id=100, message_id=said["message_id"])
        await world.below(said["message_id"], "Separate people and message with “|”.")
        assert await world.core.broadcasts.running() == []


async def test_what_cannot_be_sent_on_is_named_and_the_step_stays_open(redis_url: str) -> None:
    """A dice is refused, a pinned message passes in silence, a contact is a recipient."""
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        dice = {"dice": {"emoji": "🎲", "value": 3}}
        contact = {"contact": {"phone_number": "12025550123", "first_name": "Zoe"}}
        sent = await world.sandbox.call("POST", "say", {"person": 100, "other": dice})
        refused = await world.below(sent["message_id"], "I can't send this to people.")
        assert labels(refused) == [["✍ New message"]]
        sent = await world.sandbox.call("POST", "say", {"person": 100, "other": contact})
        await world.below(sent["message_id"], "To: 1: WhatsApp 1")
        pinned = {"pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 100, "type": "private"}}}
        silent = await world.sandbox.call("POST", "say", {"person": 100, "other": pinned})
        card = await world.ask("Hello", "Preview ↑")
        between = range(silent["message_id"] + 1, card["message_id"] - 2)
        assert not [m for m in await world.sandbox.messages() if m["message_id"] in between]
        sent = await world.sandbox.call("POST", "say", {"person": 100, "other": contact})
        await world.below(sent["message_id"], "Added: Zoe")


_CHAT: Json = {"id": -100, "type": "channel", "title": "News"}


@pytest.mark.parametrize(
    "other",
    [
        {"story": {"chat": _CHAT, "id": 1}},
        {"game": {"title": "Chess", "description": "Play", "photo": []}},
        {"paid_media": {"star_count": 5, "paid_media": [{"type": "preview"}]}},
        {"giveaway": {"chats": [_CHAT], "winners_selection_date": 1_800_000_000, "winner_count": 1}},
        {
            "giveaway_winners": {
                "chat": _CHAT,
                "giveaway_message_id": 1,
                "winners_selection_date": 1_700_000_000,
                "winner_count": 1,
                "winners": [{"id": 5, "is_bot": False, "first_name": "Eve"}],
            }
        },
        {
            "invoice": {
                "title": "T",
                "description": "",
                "start_parameter": "",
                "currency": "EUR",
                "total_amount": 1,
            }
        },
    ],
    ids=lambda other: next(iter(other)),
)
async def test_what_bots_cannot_send_is_answered(redis_url: str, other: Json) -> None:
    async with running_bot(redis_url) as world:
        sent = await world.sandbox.call("POST", "say", {"person": ADMIN, "other": other})
        refused = await world.below(sent["message_id"], "I can't send this to people.")
        assert labels(refused) == [["✍ New message"]]


async def test_a_checklist_is_sent_as_text(redis_url: str) -> None:
    tasks = [{"id": 1, "text": "Tent"}, {"id": 2, "text": "Lamp", "completion_date": 1_790_000_000}]
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        checklist = {"checklist": {"title": "Bring", "tasks": tasks}}
        sent = await world.sandbox.call("POST", "say", {"person": ADMIN, "other": checklist})
        await world.below(sent["message_id"], "the boxes to tick (people get the list as text)")
        await world.below(sent["message_id"], "Who should get it?")
        await world.ask("telegram:1001", "To 1")
        (draft,) = [
            await world.core.drafts.get(one.about) for one in [await world.core.prompts.current(ADMIN)] if one
        ]
        assert draft is not None
        assert draft.content == Content(text="Bring\n☐ Tent\n☑ Lamp")


async def test_the_words_below_paid_photos_are_sent_and_what_is_lost_is_said(redis_url: str) -> None:
    paid = {"star_count": 5, "paid_media": [{"type": "preview"}]}
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        other = {"paid_media": paid, "caption": "Behind the scenes"}
        sent = await world.sandbox.call("POST", "say", {"person": ADMIN, "other": other})
        await world.below(sent["message_id"], "the paid photos and videos")


async def test_an_update_that_cannot_be_read_holds_up_no_other(redis_url: str) -> None:
    """As after a change of Telegram's that the library does not know yet."""
    async with running_bot(redis_url) as world:
        await world.sandbox.call("POST", "say", {"person": 100, "other": {"poll": {"id": "half a poll"}}})
        await world.ask("/status", "⚙ Status")


async def test_words_that_telegram_lets_nobody_answer_just_now_are_answered_later(redis_url: str) -> None:
    """Once Telegram lets the bot write again it says what became of them, one time for all of them."""
    async with running_bot(redis_url) as world:
        await world.sandbox.fault("telegram", "rate_limit", method="sendMessage", times=2, retry_after=4)
        await world.sandbox.say("/help")
        said = await world.sandbox.say("/status")
        await world.below(said["message_id"], "Telegram didn't let me answer here for a while")
        written = [one for one in await world.sandbox.messages() if one["message_id"] > said["message_id"]]
        assert len(written) == 1
