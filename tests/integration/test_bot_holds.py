"""A part of a broadcast that a messenger refused again and again: its card says why, and what can be done."""

from __future__ import annotations

from bot.dispatcher import BUTTONS
from bot.permissions import Permissions
from bot.tasks.alerts import AlertNotifier
from bot.tasks.outbox import Outbox
from bot.telegram.client import Chat
from core.domain.messengers.outcome import Answer, Outcome, Reason
from core.domain.messengers.traits import Messenger
from core.services.alerts import LOOKS_BEFORE_ALERT
from tests.support.bot import Json, World, labels, running_bot
from tests.support.sandbox_server import connected_bot

FIVE = ("1001", "1002", "1003", "1004", "1005")


async def held(world: World) -> tuple[str, Json]:
    """A broadcast to five that Telegram refuses; its id and its card."""
    broadcast_id = await world.scheduled("Sale", None, *FIVE)
    await world.start_due()
    refusal = Answer(
        outcome=Outcome.CONTENT_REFUSED,
        reason=Reason.UNLISTED,
        detail="Bad Request: strange",
        key="400 strange",
    )
    for _ in range(5):
        await world.core.deliveries.holds.strike(broadcast_id, Messenger.TELEGRAM, refusal, in_the_air=0)
    return broadcast_id, await world.ask(f"/finished {broadcast_id}", "waiting for you")


async def look(world: World) -> None:
    """As the bot's own task does every few seconds."""
    async with connected_bot(world.sandbox) as bot:
        chat = Chat(bot, Permissions(world.core.team, BUTTONS).filter)
        alerts = AlertNotifier(world.core, Outbox(world.core, chat))
        for _ in range(LOOKS_BEFORE_ALERT):
            await alerts.round()


async def test_the_card_says_why_it_waits_and_lets_it_try_again(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        _, card = await held(world)
        assert (
            "the messenger refused it for an unknown reason (Telegram says: Bad Request: strange)"
            in (card["text"])
        )
        assert labels(card)[:2] == [["▶ Try Telegram again"], ["✏ Change it or leave them out"]]
        status = await world.ask("/status", "Status")
        assert "all good" not in status["text"]
        assert "Messages go out." not in status["text"]
        assert "is stuck on Telegram: the messenger refused it" in status["text"]
        await world.tap(card, "▶ Try Telegram again")
        await world.turned_without(card, "waiting for you")
        await world.deliver()
        await world.turned(card, "Sent to")


async def test_a_halted_messenger_is_resumed_from_the_alert_or_the_card_which_stay(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id = await world.scheduled("Sale", None, *FIVE)
        await world.start_due()
        await world.core.heartbeat.beat("worker")
        await world.core.deliveries.halt(Messenger.TELEGRAM, 0.0, "the token is wrong", words="Unauthorized")
        card = await world.ask(f"/finished {broadcast_id}", "paused until you resume it")
        assert labels(card)[0] == ["▶ Resume Telegram"]
        await look(world)
        alert = await world.sandbox.bot_says("Telegram is paused: the token is wrong")
        assert labels(alert) == [["▶ Resume Telegram"]]
        await world.tap(alert, "▶ Resume Telegram")
        assert not (await world.core.status.read()).messengers[Messenger.TELEGRAM].halted
        await look(world)
        await world.sandbox.bot_says("✔ Telegram is sending again.")
        await world.turned_without(card, "paused until")


async def test_an_alert_opens_the_broadcast_that_waits(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id, _ = await held(world)
        await look(world)
        alert = await world.sandbox.bot_says(f"#{broadcast_id} is stuck on Telegram")
        assert labels(alert) == [["📋 Open"]]
        card = await world.tap_into(alert, "📋 Open", "waiting for you")
        question = await world.tap_below(card, "✏ Change it", "5 people are waiting on Telegram")
        await world.tap(question, "⏭ Leave out 5 people")
        await look(world)
        await world.sandbox.bot_says(f"✔ #{broadcast_id} is no longer stuck on Telegram.")


async def test_those_who_wait_can_be_left_out_after_a_question(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id, card = await held(world)
        question = await world.tap_below(card, "✏ Change it", "5 people are waiting on Telegram")
        await world.tap(question, "⏭ Leave out 5 people")
        await world.turned(card, "✖ Sent to 0 of 5")
        ended = await world.core.broadcasts.get(broadcast_id)
        assert ended.progress.reached == 0


async def test_those_who_wait_can_be_sent_something_else(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id, card = await held(world)
        question = await world.tap_below(card, "✏ Change it", "5 people are waiting on Telegram")
        await world.tap(question, "✏ Send them something else")
        draft = await world.ask("Another text", f"(#{broadcast_id} again)")
        assert "5: Telegram 5" in draft["text"]
