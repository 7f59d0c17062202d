"""The preview: what each messenger shows, a test to oneself, warnings, and the second tap."""

from __future__ import annotations

from core.domain.audit import Actor
from core.domain.broadcast import NewBroadcast
from core.domain.content.content import Content
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from tests.support.bot import EVERYBODY, Json, World, data_of, labels, running_bot
from tests.support.core import accept

PREVIEW = "Preview ↑"


async def between(world: World, first: Json, last: Json | None = None) -> list[str]:
    """The bot's messages between two of them."""
    end = float("inf") if last is None else last["message_id"]
    messages = await world.sandbox.messages()
    return [str(m["text"]) for m in messages if first["message_id"] < m["message_id"] < end]


async def sending(world: World) -> int:
    """Number of accepted broadcasts."""
    running, planned = await world.core.broadcasts.running(), await world.core.broadcasts.scheduled()
    return len(running) + planned.total


async def test_other_messengers_are_shown_where_people_read_something_else(redis_url: str) -> None:
    """Bold words come with signs on WhatsApp and on Viber; plain ones are shown once for all."""
    async with running_bot(redis_url) as world:
        bold = [{"type": "bold", "offset": 0, "length": 4}]
        text = await world.sandbox.say("Sale starts now", entities=bold)
        await world.below(text["message_id"], "Send this to people?")
        order = await world.sandbox.say(f"/send {EVERYBODY}", reply_to=text["message_id"])
        card = await world.below(order["message_id"], PREVIEW)
        assert await between(world, order, card) == [
            "Sale starts now",
            "On WhatsApp and Viber it looks like this:\n*Sale* starts now",
        ]
        order = await world.sandbox.say(f"/send {EVERYBODY} | Sale <now>")
        card = await world.below(order["message_id"], PREVIEW)
        assert await between(world, order, card) == ["Sale <now>"]


async def test_a_text_that_only_viber_takes_is_shown_in_parts(redis_url: str) -> None:
    """Longer than a message of the bot can be: cut between words, nothing lost."""
    async with running_bot(redis_url) as world:
        text = " ".join(f"word{number}" for number in range(700))
        order = NewBroadcast(
            content=Content(text=text),
            recipients=(Recipient(messenger=Messenger.VIBER, address="alice"),),
            send_at=None,
            created_by=Actor("test"),
        )
        broadcast = await accept(world.core, order)
        await world.deliver()
        item = await world.ask(f"/finished {broadcast.id}", "Sent to")
        card = await world.tap_below(item, "♻ Send again", PREVIEW)
        first, second = await between(world, item, card)
        head, _, rest = first.partition("\n")
        assert head == "On Viber it looks like this:"
        assert f"{rest} {second}" == text


async def test_a_test_to_me_is_marked_filled_and_no_broadcast(redis_url: str) -> None:
    """As the first person of the list gets it; the card stays good, and nothing is sent to anybody else."""
    async with running_bot(redis_url) as world:
        made = await world.core.audiences.create("vip", created_by=Actor("telegram:7", "Ann"))
        people = [
            Recipient(messenger=Messenger.TELEGRAM, address=address, variables={"name": name})
            for address, name in (("1001", "Ben <b>"), ("1002", "Cat <b>"))
        ]
        await world.core.audiences.add(made.id, people)
        card = await world.ask("/send vip | Hello {name}", PREVIEW)
        menu = await world.tap_into(card, "✏ Edit", "What would you like to change?")
        data = data_of(menu, "📱 Send me a test")
        answer = await world.tap(menu, "📱 Send me a test")
        assert answer["text"] == "Only you got it."
        again = await world.sandbox.forge(data, menu["message_id"], wait=True)
        assert again["text"] == "Already done"
        card = await world.below(card["message_id"], PREVIEW)
        marked, content = await between(world, menu, card)
        name = content.removeprefix("Hello ")
        assert name in ("Ben <b>", "Cat <b>")
        assert marked == f"📱 Test: this is what {name} will get. Only you can see it."
        assert await sending(world) == 0
        assert await world.sandbox.messages(1001) == []
        await world.tap_into(card, "✅ Send now", "Starting")


async def test_the_same_text_to_the_same_people_within_a_day_is_warned_of(redis_url: str) -> None:
    """Running, sent or planned; other words, or other people, are no reason to warn."""
    async with running_bot(redis_url) as world:
        await world.scheduled("Sale", None, "1001", "1002")
        await world.start_due()
        card = await world.ask("/send tg:1002, tg:1003 | Sale", PREVIEW)
        assert "⚠ 1 of 2 is getting the same message right now" in card["text"]
        await world.deliver()
        card = await world.ask("/send tg:1002, tg:1003 | Sale", PREVIEW)
        assert "⚠ 1 of 2 already got this message " in card["text"]
        card = await world.ask("/send tg:1003 | Sale", PREVIEW)
        assert "same message" not in card["text"]
        card = await world.ask("/send tg:1002 | in 3 h | Sale again", PREVIEW)
        assert "same message" not in card["text"]
        await world.tap_into(card, "✅ Schedule", "🗓 Scheduled")
        card = await world.ask("/send tg:1002 | SALE, again!", PREVIEW)
        assert "⚠ 1 of 1 will get the same message " in card["text"]


async def test_the_first_broadcast_ever_takes_a_second_tap(redis_url: str) -> None:
    """Where it could not be undone. A planned one does not; nor does any after the first."""
    async with running_bot(redis_url, newcomer=True) as world:
        card = await world.ask("/send tg:1001 | Hello", PREVIEW)
        question = await world.tap_into(card, "✅ Send now", "to 1 person now?")
        assert labels(question) == [["« Back"], ["✅ Yes, send to 1 person"]]
        assert await sending(world) == 0
        await world.tap_into(question, "✅ Yes", "Starting")
        card = await world.ask("/send tg:1002 | Hello", PREVIEW)
        await world.tap_into(card, "✅ Send now", "Starting")
        assert await sending(world) == 2


async def test_the_first_broadcast_that_can_be_undone_takes_one_tap(redis_url: str) -> None:
    async with running_bot(redis_url, newcomer=True, UNDO_SECONDS="60") as world:
        card = await world.ask("/send tg:1001 | Hello", PREVIEW)
        card = await world.tap_into(card, "✅ Send now", "⏳ Starting in")
        await world.tap_into(card, "↩ Undo", "Nothing was sent.")
        assert await sending(world) == 0


async def test_a_number_that_changed_since_the_preview_is_shown_again(redis_url: str) -> None:
    """Somebody asked for no messages in between: the tap that meant two sends nothing."""
    async with running_bot(redis_url) as world:
        card = await world.ask("/send tg:1001, tg:1002 | Hello", PREVIEW)
        await world.core.subscribers.mark_unreachable(Messenger.TELEGRAM, "1001", Reason.OPTED_OUT)
        answer = await world.tap(card, "✅ Send now")
        assert (answer["alert"], answer["text"]) == (True, "It's 1 person now. Please check again.")
        card = await world.below(card["message_id"], PREVIEW)
        assert labels(card)[0] == ["✅ Send now"]
        assert await sending(world) == 0
