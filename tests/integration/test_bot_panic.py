"""/panic and /resume in the chat: all sending stops, all admins are told, and only what is named resumes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from core.domain.broadcast import BroadcastStatus
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from tests.support.bot import EVERYBODY, Json, World, data_of, labels, running_bot, variables
from tests.support.core import store_at, until
from tests.support.crowds import crowd, received_counts
from tests.support.processes import worker
from tests.support.sandbox_server import ADMIN

BEN = 1001
TWO_ADMINS = f"{ADMIN},{BEN}"


async def confirmed(world: World, who: str = EVERYBODY) -> Json:
    card = await world.ask(f"/send {who} | Sale", "Preview ↑")
    await world.tap(card, "✅")
    await world.start_due()
    return card


async def reached(world: World, people: list[Recipient], count: int) -> bool:
    found = await received_counts(world.sandbox, "Sale")
    return sum(found[one.label] for one in people) >= count


async def sending(world: World) -> int:
    """Number of messages in flight."""
    return sum(one.sending for one in (await world.core.status.read()).messengers.values())


async def test_panic_tells_every_admin_who_did_it_and_anybody_of_them_lets_it_go_on(redis_url: str) -> None:
    async with running_bot(redis_url, ADMIN_IDS=TWO_ADMINS) as world:
        await world.ask("/start", "Hi, ", person=BEN)
        card = await confirmed(world)
        asked = await world.ask("/panic", "🛑 All sending paused by Ann")
        assert "3 messages wait" in asked["text"]
        told = await world.below(0, "🛑 Ann paused all sending.", BEN)
        await world.turned(card, "🛑 Stopped by Ann")
        await world.deliver_some(Messenger.TELEGRAM, 10)
        assert (await world.core.broadcasts.running())[0].progress.reached == 0
        await world.tap(told, "▶ Resume", person=BEN)
        question = await world.below(0, "What do you want to resume?", BEN)
        assert labels(question)[:2] == [["▶ Everything"], ["Telegram only", "WhatsApp only"]]
        await world.tap(question, "▶ Everything", person=BEN)
        await world.below(asked["message_id"], "resumed all sending.")
        assert await world.core.panic.current() is None
        await world.deliver()
        await world.turned(card, "✔ Sent to 3 people")


async def test_the_message_of_the_stop_says_who_resumed_and_loses_its_button(redis_url: str) -> None:
    async with running_bot(redis_url, ADMIN_IDS=TWO_ADMINS) as world:
        await world.sandbox.call("POST", "language", {"person": BEN, "language": "ru"})
        await world.ask("/start", "Здравствуйте", person=BEN)
        asked = await world.ask("/panic", "🛑 All sending paused by Ann")
        told = await world.below(0, "🛑 Вся отправка остановлена (Ann).", BEN)
        await world.tap_into(asked, "▶ Everything", "resumed all sending.")

        def is_settled(messages: list[Json]) -> bool:
            (shown,) = [one for one in messages if one["message_id"] == told["message_id"]]
            return str(shown["text"]).startswith("▶") and not labels(shown)

        await world.sandbox.until(is_settled, BEN)


async def test_the_message_of_the_stop_says_what_was_resumed_while_the_rest_stays_paused(
    redis_url: str,
) -> None:
    async with running_bot(redis_url, ADMIN_IDS=TWO_ADMINS) as world:
        await world.ask("/start", "Hi, ", person=BEN)
        await confirmed(world)
        asked = await world.ask("/panic", "What do you want to resume?")
        told = await world.below(0, "🛑 Ann paused all sending.", BEN)
        asked = await world.tap_into(asked, "Viber only", "Already resumed: Viber")
        resumed = "▶ Ann resumed Viber. The rest stays paused."
        newer = await world.below(told["message_id"], resumed, BEN)

        def say(wanted: list[tuple[str, int]]) -> Callable[[list[Json]], bool]:
            """True where both messages say this, and have so many rows of buttons."""
            ids = [told["message_id"], newer["message_id"]]
            return lambda messages: (
                [(one["text"], len(labels(one))) for one in messages if one["message_id"] in ids] == wanted
            )

        await world.sandbox.until(say([(resumed, 0), (resumed, 1)]), BEN)
        await world.tap_into(asked, "▶ Everything", "resumed all sending.")
        await world.sandbox.until(say([(resumed, 0), ("▶ Ann resumed all sending.", 0)]), BEN)


async def test_the_card_of_a_stopped_message_has_the_button_to_resume(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await confirmed(world)
        await world.ask("/panic", "🛑 All sending paused by Ann")
        card = await world.turned(card, "🛑 Stopped by Ann")
        assert "/resume" not in card["text"]
        asked = await world.tap_below(card, "▶ Resume", "What do you want to resume?")
        await world.tap_into(asked, "▶ Everything", "resumed all sending.")
        card = await world.turned_without(card, "🛑 Stopped")
        assert ["▶ Resume"] not in labels(card)
        await world.deliver()
        await world.turned(card, "✔ Sent to 3 people")


async def test_the_workers_send_nothing_after_a_panic(redis_url: str) -> None:
    """With a real worker in the middle of 400: no request a second after the stop, and after the release each once."""
    async with running_bot(redis_url, TELEGRAM_RATE="100") as world:
        people = await crowd(world.sandbox, Messenger.TELEGRAM, 400)
        async with worker(variables(world.sandbox, redis_url, TELEGRAM_RATE="100")):
            await confirmed(world, ", ".join(one.label for one in people))
            await until(lambda: reached(world, people, 40))
            await world.ask("/panic", "🛑 All sending paused")
            stopped_at = time.time()
            while time.time() < stopped_at + 3 or await sending(world):
                await world.ask("/status", "All sending paused by")
            released_at = time.time()
            await world.ask("/resume all", "resumed all sending")
            await until(lambda: reached(world, people, 400), 30.0)
        calls = [call for call in await world.sandbox.calls(messenger="telegram") if call["text"] == "Sale"]
        assert len(calls) >= 400
        assert [call for call in calls if stopped_at + 1 < call["at"] < released_at] == []
        labels_of_all = {one.label for one in people}
        found = await received_counts(world.sandbox, "Sale")
        assert {label: found[label] for label in labels_of_all} == dict.fromkeys(labels_of_all, 1)


async def test_one_messenger_or_one_broadcast_goes_on_by_tap_or_by_word(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await confirmed(world)
        other = await world.scheduled("Other", None, "1002", "1004")
        await world.start_due()
        asked = await world.ask("/panic", "What do you want to resume?")
        asked = await world.tap_into(asked, "Viber only", "Already resumed: Viber")
        assert labels(asked)[1][:2] == ["Telegram only", "WhatsApp only"]
        one = await world.tap_into(asked, "One message", "Which message do you want to resume?")
        line = next(line for line in one["text"].splitlines() if f"#{other}" in line)
        asked = await world.tap_into(one, line[0], "Already resumed: Viber and 1 message")
        assert "« Keep paused" in [label for row in labels(asked) for label in row]
        await world.deliver_some(Messenger.VIBER, 10)
        await world.deliver_some(Messenger.TELEGRAM, 10)
        assert (await world.core.broadcasts.get(other)).status is BroadcastStatus.FINISHED
        (running,) = await world.core.broadcasts.running()
        assert running.progress.reached == 1
        await world.ask(f"/resume {running.id}", "Already resumed: Viber and 2 messages")
        await world.deliver()
        await world.ask("/resume tg", "Already resumed")
        await world.ask("/resume", "What do you want to resume?")


async def test_a_button_of_an_earlier_stop_does_nothing_to_a_later_one(redis_url: str) -> None:
    """Taps twice, and taps on old messages, never let go on what somebody has stopped since."""
    async with running_bot(redis_url) as world:
        asked = await world.ask("/panic", "What do you want to resume?")
        everything, message_id = data_of(asked, "▶ Everything"), asked["message_id"]
        answers = await asyncio.gather(
            *(world.sandbox.forge(everything, message_id, wait=True) for _ in range(2))
        )
        assert sorted(answer["text"] for answer in answers) == ["Already done", "Resumed"]
        await world.ask("/panic", "What do you want to resume?")
        late = await world.sandbox.forge(everything, message_id, wait=True)
        assert late["text"] == "This screen is out of date"
        assert await world.core.panic.current() is not None


async def test_the_status_screen_stops_everything_with_one_tap(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        status = await world.ask("/status", "⚙ Status")
        assert labels(status)[0] == ["🛑 Stop everything"]
        asked = await world.tap_into(status, "🛑", "What do you want to resume?")
        status = await world.tap_into(asked, "« Keep paused", "All sending paused by Ann")
        assert labels(status)[0] == ["▶ Resume"]
        home = await world.ask("/start", "All sending paused by Ann")
        assert ["▶ Resume"] in labels(home)


async def test_resume_with_nothing_stopped_says_so_and_lets_a_paused_one_go_on(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/resume", "Sending isn't paused.")
        await world.ask("/resume NONE", "Message #NONE not found")
        broadcast_id = await world.scheduled("Sale", None)
        await world.start_due()
        await world.core.broadcasts.pause(broadcast_id)
        await world.ask(f"/resume {broadcast_id}", f"#{broadcast_id} resumed.")
        await world.deliver()
        assert (await world.core.broadcasts.get(broadcast_id)).progress.reached == 1


async def test_the_admins_are_asked_after_an_older_copy_was_put_back(redis_url: str) -> None:
    """The copy has an old last sign of life; nothing is sent before somebody answers."""
    async with running_bot(redis_url) as world, store_at(redis_url) as store:
        await confirmed(world)
        signs = await store.zrange("ms:alive", 0, -1)
        assert signs
        await store.zadd("ms:alive", dict.fromkeys(map(str, signs), time.time() - 1000))
        await world.core.heartbeat.beat("worker")
        asked = await world.below(0, "🛑 All sending paused by Message Sender")
        assert "Nothing has happened here since" in asked["text"]
        await world.deliver_some(Messenger.TELEGRAM, 10)
        assert (await world.core.broadcasts.running())[0].progress.reached == 0
        await world.ask("/status", "All sending paused by Message Sender")
        await world.tap(asked, "▶ Everything")
        await world.deliver()
        assert await world.core.panic.current() is None
