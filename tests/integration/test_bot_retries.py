"""Sending again: to those who missed it and can be reached by now, to unconfirmed recipients, to all."""

from __future__ import annotations

import asyncio

from core.domain.broadcast import Broadcast
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed, Move, Unknown
from core.domain.messengers.traits import Messenger
from tests.support.bot import Json, World, data_of, labels, running_bot
from tests.support.sandbox_server import ADMIN

BEN = 1001
TWO_ADMINS = f"{ADMIN},{BEN}"
FIVE = ("1001", "1002", "1003", "1004", "1005")
MIXED: dict[str, Move] = {
    "1001": Failed(Reason.BUSY),
    "1002": Failed(Reason.BLOCKED),
    "1003": Unknown(Reason.CUT_OFF),
    "1004": Failed(Reason.UNREACHABLE),
}


async def ended(world: World, outcomes: dict[str, Move], person: int = ADMIN) -> tuple[str, Json]:
    """A broadcast to five that came to these outcomes; its id and its item under /finished."""
    broadcast_id = await world.scheduled("Sale", None, *FIVE)
    await world.deliver(outcomes)
    return broadcast_id, await world.ask(f"/finished {broadcast_id}", "Sent to", person=person)


async def running(world: World) -> list[Broadcast]:
    return await world.core.broadcasts.running()


async def test_those_who_missed_it_are_previewed_and_sent_to_in_two_taps(redis_url: str) -> None:
    """Only those who can be reached by now; the others are named with the reason."""
    async with running_bot(redis_url) as world:
        broadcast_id, item = await ended(world, MIXED)
        assert "⚠ Sent to 1 of 5" in item["text"]
        assert "1 blocked the bot (Telegram)" in item["text"]
        assert labels(item)[0] == ["↻ Send to all 2 who missed it"]
        preview = await world.tap_below(item, "↻", "Preview ↑")
        assert f"(#{broadcast_id} again)" in preview["text"]
        assert "To 2: Telegram 2" in preview["text"]
        assert await running(world) == []
        await world.tap(preview, "✅ Send now")
        await world.turned(preview, f"(#{broadcast_id} again)")
        await world.start_due()
        (again,) = await running(world)
        assert again.again_of == broadcast_id
        await world.deliver()
        assert (await world.core.broadcasts.get(again.id)).progress.reached == 2


async def test_who_presses_start_after_all_can_be_sent_to(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id, item = await ended(world, {"1002": Failed(Reason.BLOCKED)})
        assert labels(item) == [["📋 1 failed"], ["♻ Send again", "More"], ["« List"]]
        answer = await world.sandbox.forge(f"b:{broadcast_id}:f:retry", item["message_id"], wait=True)
        assert answer["text"] == "None of them can be reached right now."
        await world.core.subscribers.mark_reachable(Messenger.TELEGRAM, "1002")
        item = await world.ask(f"/finished {broadcast_id}", "⚠ Sent to 4 of 5")
        await world.tap_below(item, "↻ Send to the one who missed it", "To 1: Telegram 1")


async def test_a_double_tap_makes_one_draft(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        _, item = await ended(world, {"1001": Failed(Reason.BUSY)})
        data, message_id = data_of(item, "↻"), item["message_id"]
        answers = await asyncio.gather(*(world.sandbox.forge(data, message_id, wait=True) for _ in range(3)))
        assert sorted(answer["text"] for answer in answers)[:2] == ["Already done", "Already done"]
        previews = [m for m in await world.sandbox.messages() if "Preview ↑" in str(m.get("text"))]
        assert len(previews) == 1


async def test_resend_asks_first_and_two_admins_at_once_send_it_once(redis_url: str) -> None:
    """Only the unknown one gets it again, one time, though both admins tap at the same moment."""
    async with running_bot(redis_url, ADMIN_IDS=TWO_ADMINS) as world:
        await world.ask("/start", "Hi, ", person=BEN)
        broadcast_id, item = await ended(world, MIXED)
        bens = await world.ask(f"/finished {broadcast_id}", "Sent to", person=BEN)
        question = await world.tap_into(
            await world.more(item), "❔ Resend to 1 not confirmed", "Resending may send it twice."
        )
        assert question["text"].endswith("\n1003")  # so that this person can be asked first
        assert labels(question) == [["« Cancel"], ["❔ Resend to 1 person"]]
        resend = data_of(question, "❔")
        answers = await asyncio.gather(
            world.sandbox.forge(resend, question["message_id"], ADMIN, wait=True),
            world.sandbox.forge(resend, bens["message_id"], BEN, wait=True),
            world.sandbox.forge(resend, question["message_id"], ADMIN, wait=True),
        )
        assert sorted(answer["text"] for answer in answers) == [
            "Already done",
            "Already done",
            "Resending to 1 person",
        ]
        (sending,) = await running(world)
        assert (sending.id, sending.progress.open) == (broadcast_id, 1)
        await world.deliver()
        done = await world.core.broadcasts.get(broadcast_id)
        assert (done.progress.reached, done.resends) == (2, 1)
        await world.turned(question, "⚠ Sent to 2 of 5")
        late = await world.sandbox.forge(resend, question["message_id"], ADMIN, wait=True)
        assert late["text"] == "Already done"
        assert await running(world) == []


async def test_no_leaves_the_unknown_as_they_are(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        _, item = await ended(world, {"1003": Unknown(Reason.NO_ANSWER)})
        question = await world.tap_into(await world.more(item), "❔ Resend to 1", "may send it twice")
        await world.tap_into(question, "« Cancel", "⚠ Sent to 4 of 5")
        assert await running(world) == []


async def test_send_again_previews_the_same_text_to_the_same_people_two_taps_in_all(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id, item = await ended(world, {})
        preview = await world.tap_below(item, "♻ Send again", "Preview ↑")
        assert broadcast_id not in preview["text"]
        assert "To 5: Telegram 5" in preview["text"]
        assert "⚠ All of them already got this message " in preview["text"]
        assert (await world.tap(item, "♻ Send again"))["text"] == "Already done"
        await world.tap(preview, "✅ Send now")
        await world.deliver()
        await world.turned(preview, "✔ Sent to 5 people")


async def test_forged_choices_are_old_screens(redis_url: str) -> None:
    """A choice without bits, of bits nobody has, or of another broadcast makes no draft."""
    async with running_bot(redis_url) as world:
        broadcast_id, item = await ended(world, {"1002": Failed(Reason.BLOCKED)})
        for bits, told in (
            ("", "This screen is out of date"),
            (":ffff", "None of them can be reached right now."),
            (":0", "None of them can be reached right now."),
        ):
            data = f"b:{broadcast_id}:f:retried{bits}"
            answer = await world.sandbox.forge(data, item["message_id"], wait=True)
            assert answer["text"] == told
        assert (await world.sandbox.forge(f"b:{broadcast_id}:f:resent:9", item["message_id"], wait=True))[
            "text"
        ] == "Already done"
        assert await running(world) == []
