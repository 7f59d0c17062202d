"""Once more: retry those who may be reached by now, resend to the unknown, use the whole order again."""

from __future__ import annotations

import asyncio

from core.domain.broadcast import Broadcast
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed, Move, Unknown
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
    return broadcast_id, await world.ask(f"/finished {broadcast_id}", "✔ Finished", person=person)


async def running(world: World) -> list[Broadcast]:
    return await world.core.broadcasts.running()


async def test_retry_names_who_can_be_reached_and_goes_through_the_preview(redis_url: str) -> None:
    """Reasons are ticked on and off, the hopeless are told why, and nothing is sent before the confirmation."""
    async with running_bot(redis_url) as world:
        broadcast_id, item = await ended(world, MIXED)
        question = await world.tap_into(item, "🔁 Retry 2", "2 people may be reached this time")
        assert "1 cannot: 1 blocked the bot" in question["text"]
        assert [row[0] for row in labels(question)] == [
            "☑ 1 · the messenger was busy",
            "☑ 1 · the messenger could not be reached",
            "🔁 Draft for 2",
            "« Back",
        ]
        await world.tap(question, "☑ 1 · the messenger could not")
        question = await world.turned(question, "once more?")
        assert labels(question)[1] == ["☐ 1 · the messenger could not be reached"]
        assert labels(question)[2] == ["🔁 Draft for 1"]
        preview = await world.tap_below(question, "🔁 Draft for 1", "This is what people get")
        assert f"(#{broadcast_id} again)" in preview["text"]
        assert "To 1: Telegram 1" in preview["text"]
        assert await running(world) == []
        await world.tap(preview, "✅ Send to 1 now")
        await world.turned(preview, f"(#{broadcast_id} again)")
        await world.start_due()
        (again,) = await running(world)
        assert again.again_of == broadcast_id
        await world.deliver()
        assert (await world.core.broadcasts.get(again.id)).progress.reached == 1


async def test_with_everything_left_out_there_is_nothing_to_tap(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        _, item = await ended(world, {"1001": Failed(Reason.BUSY)})
        question = await world.tap_into(item, "🔁 Retry 1", "1 person may be reached")
        await world.tap(question, "☑")
        question = await world.turned(question, "once more?")
        assert labels(question) == [["☐ 1 · the messenger was busy"], ["« Back"]]


async def test_a_double_tap_on_the_draft_makes_one_draft(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        _, item = await ended(world, {"1001": Failed(Reason.BUSY)})
        question = await world.tap_into(item, "🔁 Retry 1", "1 person may be reached")
        data, message_id = data_of(question, "🔁 Draft"), question["message_id"]
        answers = await asyncio.gather(*(world.sandbox.forge(data, message_id, wait=True) for _ in range(3)))
        assert sorted(answer["text"] for answer in answers)[:2] == ["Already done", "Already done"]
        previews = [
            m for m in await world.sandbox.messages() if "This is what people get" in str(m.get("text"))
        ]
        assert len(previews) == 1


async def test_resend_asks_first_and_two_admins_at_once_send_it_once(redis_url: str) -> None:
    """Only the unknown one gets it again, one time, though both admins tap at the same moment."""
    async with running_bot(redis_url, ADMIN_IDS=TWO_ADMINS) as world:
        await world.ask("/start", "you are an admin", person=BEN)
        broadcast_id, item = await ended(world, MIXED)
        bens = await world.ask(f"/finished {broadcast_id}", "✔ Finished", person=BEN)
        question = await world.tap_into(
            item, "❔ Unknown 1", "They may already have it. Resend can give it twice."
        )
        assert labels(question) == [["« No"], ["❔ Resend to 1"]]
        resend = data_of(question, "❔")
        answers = await asyncio.gather(
            world.sandbox.forge(resend, question["message_id"], ADMIN, wait=True),
            world.sandbox.forge(resend, bens["message_id"], BEN, wait=True),
            world.sandbox.forge(resend, question["message_id"], ADMIN, wait=True),
        )
        assert sorted(answer["text"] for answer in answers) == [
            "Already done",
            "Already done",
            "Sending again to 1",
        ]
        (sending,) = await running(world)
        assert (sending.id, sending.progress.open) == (broadcast_id, 1)
        await world.deliver()
        done = await world.core.broadcasts.get(broadcast_id)
        assert (done.progress.reached, done.resends) == (2, 1)
        await world.below(question["message_id"], "✔ Finished")
        late = await world.sandbox.forge(resend, question["message_id"], ADMIN, wait=True)
        assert late["text"] == "Already done"
        assert await running(world) == []


async def test_no_leaves_the_unknown_as_they_are(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        _, item = await ended(world, {"1003": Unknown(Reason.NO_ANSWER)})
        question = await world.tap_into(item, "❔ Unknown 1", "Resend can give it twice")
        await world.tap_into(question, "« No", "❔ 1 unknown")
        assert await running(world) == []


async def test_use_again_is_a_draft_with_the_same_text_and_people(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id, item = await ended(world, {})
        draft = await world.tap_below(item, "♻ Use again", "New broadcast #")
        assert broadcast_id not in draft["text"]
        assert "“Sale”" in draft["text"]
        assert "✔ 5: Telegram 5" in draft["text"]
        assert (await world.tap(item, "♻ Use again"))["text"] == "Already done"


async def test_forged_choices_are_old_screens(redis_url: str) -> None:
    """A choice without bits, of bits nobody has, or of another broadcast makes no draft."""
    async with running_bot(redis_url) as world:
        broadcast_id, item = await ended(world, {"1002": Failed(Reason.BLOCKED)})
        for data in (
            f"b:{broadcast_id}:f:retried",
            f"b:{broadcast_id}:f:retried:ffff",
            f"b:{broadcast_id}:f:retried:0",
        ):
            answer = await world.sandbox.forge(data, item["message_id"], wait=True)
            assert answer["text"] == "This screen is old"
        assert (await world.sandbox.forge(f"b:{broadcast_id}:f:resent:9", item["message_id"], wait=True))[
            "text"
        ] == "Already done"
        assert await running(world) == []
