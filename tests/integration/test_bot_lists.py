"""/start, /scheduled, /finished, /purge, /status: lists, cards, and questions before anything is lost."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from core.domain.broadcast import BroadcastStatus
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed, Unknown
from core.domain.messengers.traits import Messenger
from tests.support.bot import World, data_of, labels, running_bot

Json = dict[str, Any]


def tomorrow(hours: int = 0) -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=1, hours=hours)


async def ended(world: World, text: str, *addresses: str) -> str:
    """A finished broadcast: 1003 has blocked the bot, of 1004 nobody knows, the others have it."""
    broadcast_id = await world.scheduled(text, None, *addresses)
    await world.deliver({"1003": Failed(Reason.BLOCKED), "1004": Unknown(Reason.NO_ANSWER)})
    return broadcast_id


async def test_home_counts_what_there_is(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await ended(world, "Done", "1001", "1003", "1004")
        await world.scheduled("Later", tomorrow())
        home = await world.ask("/start", "Hi, Ann!")
        assert "🗓 Next: " in home["text"]
        assert " · ✖ 1 failed today" in home["text"]
        assert await world.core.reports.failed_since(datetime.now(UTC) + timedelta(hours=1)) == 0
        listed = await world.tap_into(home, "🗓 Scheduled 1", "Scheduled · 1")
        home = await world.tap_into(listed, "« Home", "Hi, ")
        await world.tap_below(home, "✍", "What would you like to say?")


async def test_scheduled_ones_are_paged_and_one_is_moved_and_another_cancelled(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        ids = [await world.scheduled(f"Number {number} <b>", tomorrow(number)) for number in range(7)]
        page = await world.ask("/scheduled", "Scheduled · 7 · Berlin · page 1/2")
        assert labels(page)[0] == ["1", "2", "3", "4", "5"]
        assert f"#{ids[0]} · “Number 0 <b>” · 1 person" in page["text"]
        page = await world.tap_into(page, "›", "page 2/2")  # noqa: RUF001 - an arrow
        item = await world.tap_into(page, "2", f"Scheduled #{ids[6]}")
        asked = await world.tap_into(item, "🕒", "When should it go out?")
        item = await world.tap_into(asked, "Tomorrow 9:00", f"Scheduled #{ids[6]}")
        assert "09:00 Berlin" in item["text"]
        moved = await world.core.broadcasts.get(ids[6])
        assert f"{moved.send_at.astimezone(world.core.settings.zone):%H:%M}" == "09:00"
        question = await world.tap_into(item, "✖ Cancel", "Nothing will be sent")
        await world.tap_into(question, "« Keep it", "Scheduled #")
        question = await world.tap_into(item, "✖ Cancel", "Nothing will be sent")
        await world.tap_into(question, "✖ Yes, cancel", f"Cancelled. Nothing was sent.\n#{ids[6]}")
        assert (await world.core.broadcasts.get(ids[6])).status is BroadcastStatus.CANCELLED
        assert (await world.core.broadcasts.scheduled()).total == 6


async def test_an_empty_list_says_so_and_offers_to_write(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/scheduled", "Nothing scheduled.")
        assert labels(card)[0] == ["✍ New message"]
        await world.ask("/finished", "Nothing has been sent yet.")
        await world.ask("/purge", "There's nothing to delete.")


async def test_a_planned_one_is_moved_by_a_typed_moment(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id = await world.scheduled("Later", tomorrow())
        item = await world.ask(f"/scheduled #{broadcast_id.lower()}", "🗓 Scheduled")
        await world.tap_into(item, "🕒", "When should it go out?")
        await world.ask("31.2 9:00", "That month has 2")
        question = await world.ask("in 3 days", "Right?")
        await world.tap_into(question, "✅ Yes", "🗓 Scheduled")
        moved = (await world.core.broadcasts.get(broadcast_id)).send_at
        assert timedelta(days=2, hours=23) < moved - datetime.now(UTC) <= timedelta(days=3, minutes=1)
        again = await world.sandbox.forge(data_of(question, "✅"), question["message_id"], wait=True)
        assert again["text"] == "Already done"


async def test_a_planned_one_is_sent_now_after_a_question(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id = await world.scheduled("Early", tomorrow(), "1001", "1002")
        item = await world.ask(f"/scheduled {broadcast_id}", "🗓 Scheduled")
        question = await world.tap_into(item, "🚀", "to 2 people now?")
        yes = data_of(question, "✅ Yes")
        await world.tap_into(question, "✅ Yes, send to 2 people", "▶ Sending")
        assert (await world.sandbox.forge(yes, question["message_id"], wait=True))["text"] == "Already done"
        await world.deliver()
        await world.below(question["message_id"], "Sent to")


async def test_a_button_of_one_that_has_started_meanwhile_shows_it_live(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id = await world.scheduled("Early", tomorrow())
        item = await world.ask(f"/scheduled {broadcast_id}", "🗓 Scheduled")
        await world.core.broadcasts.send_now(broadcast_id)
        answer = await world.tap(item, "✖ Cancel")
        assert (answer["text"], answer["alert"]) == ("It's already being sent", True)
        await world.turned(item, "▶ Sending")


async def test_finished_shows_who_got_it_who_did_not_and_why(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        people = [str(number) for number in range(1001, 1013)]
        broadcast_id = await ended(world, "Sale", *people)
        await ended(world, "All well", "1001")
        page = await world.ask("/finished", "Sent · 2")
        assert f" · ✔10 ✖1 ❔1 · #{broadcast_id} · “Sale”" in page["text"]
        page = await world.tap_into(page, "Failures", "Sent · 1")
        page = await world.tap_into(page, "Cancelled", "Nothing here.")
        page = await world.tap_into(page, "All", "Sent · 2")
        item = await world.tap_into(page, "2", "⚠ Sent to 10 of 12")
        assert "Telegram 1003: blocked the bot" in item["text"]
        failed = await world.tap_into(item, "📋 1 failed · 1 not confirmed", "Who missed")
        assert "✖ Telegram 1003: blocked the bot" in failed["text"]
        assert "❔ Telegram 1004: the messenger's answer was unclear. It may have arrived" in failed["text"]
        assert "You can reach them once they press Start" in failed["text"]
        item = await world.tap_into(failed, "« Back", "Sent to")
        everyone = await world.tap_into(await world.more(item), "👥 Everyone 12", "page 1/2")
        assert "1 ✔ Telegram 1001: sent" in everyone["text"]
        everyone = await world.tap_into(everyone, "›", "page 2/2")  # noqa: RUF001 - an arrow
        assert "12 ✔ Telegram 1012: sent" in everyone["text"]
        await world.ask("/finished #NOPE", "Message #NOPE not found")


async def test_purge_asks_with_the_exact_count_and_leaves_alone_what_runs(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        for number in range(3):
            await ended(world, f"Old {number}", "1001", "1002")
        await world.scheduled("Later", tomorrow())
        running = await world.scheduled("Runs", None)
        await world.start_due()
        card = await world.ask("/purge", "What do you want to delete?")
        assert labels(card) == [["All finished · 3"], ["Cancel all scheduled · 1"], ["« Cancel"]]
        question = await world.tap_into(card, "All finished · 3", "Delete 3 sent messages with 6 results")
        assert "This can't be undone" in question["text"]
        assert "1 message is still being sent, so it stays" in question["text"]
        yes = data_of(question, "🗑")
        await world.tap_into(question, "🗑 Yes, delete 3", "Deleted 3.")
        assert (await world.core.broadcasts.finished()).total == 0
        assert (await world.core.broadcasts.scheduled()).total == 1
        assert (await world.core.broadcasts.get(running)).status is BroadcastStatus.SENDING
        assert (await world.sandbox.forge(yes, question["message_id"], wait=True))["text"] == "Already done"


async def test_a_count_that_has_changed_is_asked_again(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await ended(world, "One")
        question = await world.ask("/purge all", "Delete 1 sent message with 1 result")
        await ended(world, "Two")
        answer = await world.tap(question, "🗑")
        assert answer["alert"]
        question = await world.turned(question, "Delete 2 sent messages")
        assert (await world.core.broadcasts.finished()).total == 2
        await world.tap_into(question, "« Keep all", "Nothing changed")


async def test_all_that_waits_is_cancelled_only_by_its_own_question(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        for number in range(2):
            await world.scheduled(f"Later {number}", tomorrow(number))
        card = await world.ask("/purge", "What do you want to delete?")
        question = await world.tap_into(
            card, "Cancel all scheduled · 2", "Cancel 2 scheduled messages to 2 people?"
        )
        await world.tap_into(question, "✖ Yes, cancel 2", "Cancelled 2.")
        assert (await world.core.broadcasts.scheduled()).total == 0
        assert (await world.core.broadcasts.finished()).total == 2


async def test_status_names_what_is_missing_and_resumes_a_halted_messenger(redis_url: str) -> None:
    async with running_bot(redis_url, WHATSAPP_TOKEN="") as world:
        await world.core.deliveries.halt(Messenger.VIBER, 0.0, "token refused")
        card = await world.ask("/status", "⚙ Status")
        shown = card["text"].splitlines()
        assert shown[0].endswith("needs attention")
        assert "✔ Telegram · ✔ Webhook" in shown
        assert "Not set up: WhatsApp" in shown
        assert (
            "⚠ The sending program isn't running. Nothing is lost. Messages go out once it's back." in shown
        )
        assert "⚠ Viber waits: token refused" in shown
        assert not re.search(r"(?i)worker|scheduler|[A-Z]+_[A-Z]+|MB", card["text"])
        card = await world.tap_into(card, "🔧 Details", "Workers 0 · scheduler ✖ not running · bot ✔")
        assert "WhatsApp: not set up. Set WHATSAPP_TOKEN in .env." in card["text"]
        assert "Viber ⏸ paused until you resume it\n" in card["text"]
        card = await world.tap_into(card, "« Back", "⚙ Status")
        await world.core.heartbeat.beat("worker")
        card = await world.tap_into(card, "▶ Resume Viber", "✔ Telegram · ✔ Viber · ✔ Webhook")
        assert "✔ Messages go out." in card["text"]
