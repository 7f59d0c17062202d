"""Deleting and changing messages on the recipients' phones, by taps in the chat and with a worker's hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.domain.amendment import AmendmentStatus
from core.domain.audit import Actor
from core.domain.broadcast import BroadcastStatus, NewBroadcast
from core.domain.content.content import Content
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from tests.support.bot import World, data_of, labels, running_bot
from tests.support.core import accept, until
from tests.support.sandbox_server import ADMIN
from tests.support.worker import working

PEOPLE = tuple(
    Recipient(messenger=Messenger(messenger), address=address)
    for messenger, address in (
        ("telegram", "1001"),
        ("telegram", "1002"),
        ("viber", "alice"),
        ("whatsapp", "+12025550123"),
    )
)


async def accepted(world: World, text: str = "Oops") -> str:
    """Started, and waiting for a worker."""
    order = NewBroadcast(
        content=Content(text=text), recipients=PEOPLE, send_at=None, created_by=Actor("test")
    )
    broadcast = await accept(world.core, order)
    await world.core.ledger.start(broadcast.id)
    return broadcast.id


async def sent(world: World, text: str = "Oops") -> str:
    """Everybody has it."""
    broadcast_id = await accepted(world, text)

    async def finished() -> bool:
        return (await world.core.broadcasts.get(broadcast_id)).status is BroadcastStatus.FINISHED

    await until(finished)
    return broadcast_id


async def on_phone(world: World, chat: int) -> list[str]:
    return [str(one["text"]) for one in await world.sandbox.messages(chat)]


@asynccontextmanager
async def stage(redis_url: str, *, telegram_rate: str = "1000", **changes: str) -> AsyncIterator[World]:
    async with (
        running_bot(redis_url, TELEGRAM_RATE=telegram_rate, WHATSAPP_RATE="1000", **changes) as world,  # type: ignore[arg-type] # mypy takes them for `newcomer` too
        working(world.core),
    ):
        yield world


async def test_it_is_deleted_after_a_question_that_names_who_keeps_it(redis_url: str) -> None:
    """The open card says how it ended, and the broadcast keeps the result."""
    async with stage(redis_url) as world:
        broadcast_id = await sent(world)
        item = await world.ask(f"/finished {broadcast_id}", "Sent to")
        phones = await world.tap_into(
            await world.more(item), "📱 Edit or delete", f"Edit or delete #{broadcast_id}"
        )
        assert "It can't be deleted for 2 people on WhatsApp and Viber." in phones["text"]
        assert labels(phones) == [["✏ Change text for 2 people"], ["🗑 Delete for 2 people"], ["« Back"]]
        question = await world.tap_into(phones, "🗑 Delete for 2", "from 2 phones?")
        assert labels(question) == [["« Keep it"], ["🗑 Yes, delete for 2 people"]]
        assert await on_phone(world, 1001) == ["Oops"]
        answer = await world.tap(question, "🗑 Yes")
        assert answer["text"] == "Deleting"
        done = await world.turned(question, "🗑 Deleted from 2 of 2 phones by Ann")
        assert (await on_phone(world, 1001), await on_phone(world, 1002)) == ([], [])
        phones = await world.tap_into(done, "📱 Edit or delete", "Deleted from 2 of 2 phones by Ann")
        await world.tap_into(phones, "« Back", "Sent to")


async def test_the_text_is_changed_after_it_was_shown_and_asked_about(redis_url: str) -> None:
    async with stage(redis_url) as world:
        broadcast_id = await sent(world, "Doors open at <7>")
        item = await world.ask(f"/finished {broadcast_id}", "Sent to")
        phones = await world.tap_into(await world.more(item), "📱 Edit or delete", "Edit or delete")
        await world.tap_into(phones, "✏ Change text for 2", "Send me the new text")
        refused = await world.ask("Hello {name}", "have no value for name")
        assert "reply_markup" not in refused
        question = await world.ask("Doors open at <8>", "on 2 phones?")
        assert await on_phone(world, 1001) == ["Doors open at <7>"]
        await world.tap(question, "✏ Yes, change for 2 people")
        await world.turned(question, "✏ Text changed on 2 of 2 phones by Ann")
        assert await on_phone(world, 1001) == await on_phone(world, 1002) == ["Doors open at <8>"]
        await world.ask("Doors open at <9>", "Send this to people?")
        item = await world.ask(f"/finished {broadcast_id}", "Sent to")
        await world.tap_below(item, "♻ Send again", "Doors open at <8>")


async def test_new_words_for_more_phones_than_one_admin_may_decide_on_are_refused_in_words(
    redis_url: str,
) -> None:
    async with stage(redis_url) as world:
        broadcast_id = await sent(world)
    async with stage(redis_url, ADMIN_IDS=f"{ADMIN},1001", APPROVAL_ABOVE="1") as world:
        item = await world.ask(f"/finished {broadcast_id}", "Sent to")
        phones = await world.tap_into(await world.more(item), "📱 Edit or delete", "Edit or delete")
        await world.tap_into(phones, "✏ Change text", "Send me the new text")
        question = await world.ask("Better", "on 2 phones?")
        answer = await world.tap(question, "✏ Yes, change for 2 people")
        assert "needs approval. Send a new message instead." in answer["text"]
        await world.turned(question, "Edit or delete")
        assert await world.core.amendments.latest(broadcast_id) is None


async def test_two_admins_and_double_presses_delete_once(redis_url: str) -> None:
    """The first tap begins it; the others are told that it is done already, and see how it goes."""
    async with stage(redis_url, ADMIN_IDS=f"{ADMIN},1001") as world:
        broadcast_id = await sent(world)
        await world.ask("/start", "Hi, ", person=1001)
        item = await world.ask(f"/finished {broadcast_id}", "Sent to")
        theirs = await world.ask(f"/finished {broadcast_id}", "Sent to", person=1001)
        phones = await world.tap_into(await world.more(item), "📱 Edit or delete", "Edit or delete")
        question = await world.tap_into(phones, "🗑", "from 2 phones?")
        data = data_of(question, "🗑")
        answers = await asyncio.gather(
            world.sandbox.forge(data, question["message_id"], wait=True),
            world.sandbox.forge(data, question["message_id"], wait=True),
            world.sandbox.forge(data, theirs["message_id"], 1001, wait=True),
        )
        assert sorted(one["text"] for one in answers) == ["Already done", "Already done", "Deleting"]
        latest = await world.core.amendments.latest(broadcast_id)
        assert latest is not None
        assert latest.serial == 1


async def test_while_it_is_sent_the_rest_is_called_off_with_it(redis_url: str) -> None:
    """From below the live card, which stays and shows that it was cancelled."""
    async with stage(redis_url, telegram_rate="20") as world:
        first = int((await world.sandbox.crowd("telegram", 60))["first"])
        addresses = [str(first + number) for number in range(60)]
        broadcast_id = await world.scheduled("Oops", None, *addresses)
        await world.start_due()
        card = await world.ask(f"/finished {broadcast_id}", "▶ Sending")

        async def some_have_it() -> bool:
            return (await world.core.broadcasts.get(broadcast_id)).progress.reached > 0

        await until(some_have_it)
        phones = await world.tap_below(card, "📱 Edit or delete", "Edit or delete")
        question = await world.tap_into(phones, "🗑", "not sent yet will be cancelled.")
        await world.tap(question, "🗑 Yes")
        await world.turned(question, "🗑 Deleted from ")
        await world.turned(card, "⏹ Stopped")
        assert [text for one in addresses for text in await on_phone(world, int(one))] == []


async def test_stop_ends_it(redis_url: str) -> None:
    """Stopped while nobody works: the card says how far it came."""
    async with running_bot(redis_url, TELEGRAM_RATE="1000") as world:
        async with working(world.core):
            broadcast_id = await sent(world)
        item = await world.ask(f"/finished {broadcast_id}", "Sent to")
        phones = await world.tap_into(await world.more(item), "📱 Edit or delete", "Edit or delete")
        question = await world.tap_into(phones, "🗑", "from 2 phones?")
        card = await world.tap_into(question, "🗑 Yes", "🗑 Deleting: 0 of 2 (by Ann)")
        assert "░░░░░░░░░░░░ 0 %" in card["text"]
        answer = await world.tap(card, "⏹ Stop")
        assert answer["text"] == "Stopped. Changes already made will stay."
        await world.turned(card, "⏹ Deletion stopped")
        latest = await world.core.amendments.latest(broadcast_id)
        assert latest is not None
        assert latest.status is AmendmentStatus.STOPPED
        assert await on_phone(world, 1001) == ["Oops"]


async def test_a_forged_question_about_a_broadcast_that_waits_changes_nothing(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id = await world.scheduled("Later", None)
        item = await world.ask(f"/scheduled {broadcast_id}", "")
        for verb in ("erased:0", "fixed:0", "halt:0", "fix", "erase"):
            stamp = data_of(item, "✖").split(":")[2]
            data = f"b:{broadcast_id}:{stamp}:{verb}"
            await world.sandbox.forge(data, item["message_id"], wait=True)
        assert await world.core.amendments.latest(broadcast_id) is None
