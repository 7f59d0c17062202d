"""A second person's approval, asked for and given in the chat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.app import run_until
from core.app import open_core
from core.domain.audit import Actor, AuditAction
from core.domain.broadcast import BroadcastStatus, NewBroadcast
from core.domain.content.content import Content
from core.domain.errors import ConfigurationError, ValidationError
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.domain.team import Role
from core.services.audit_log import set_actor
from core.settings import load_settings
from tests.support.bot import Json, World, data_of, labels, running_bot, serving, variables
from tests.support.core import accept, order, people
from tests.support.sandbox_server import ADMIN, running_sandbox

BEN, EVE = 1001, 1002
CAREFUL = {"ADMIN_IDS": f"{ADMIN},{BEN}", "EDITOR_IDS": str(EVE), "APPROVAL_ABOVE": "2"}
THREE = "telegram:1001, whatsapp:+12025550123, viber:alice"


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    """Ann and Ben own, Eve edits; three people are too many for one."""
    async with running_bot(redis_url, newcomer=False, **CAREFUL) as world:
        for person in (ADMIN, BEN, EVE):
            await world.ask("/start", "Hi, ", person=person)
        yield world


async def ordered(world: World, when: str = "") -> Json:
    """Ann confirms an order to three; returns her card."""
    card = await world.ask(
        f"/send {THREE} |{when} Sale", "Another admin needs to approve this before it's sent."
    )
    await world.tap(card, "✅")
    return await world.turned(card, "🖐 Needs approval")


async def only_one(world: World) -> str:
    """The id of the one broadcast there is."""
    (line,) = [
        one for one in (await world.core.audit_log.page(size=50)).items if one.action is AuditAction.ASKED
    ]
    return line.broadcast_id


async def status_of(world: World, name: str) -> BroadcastStatus:
    return (await world.core.broadcasts.get(name)).status


async def test_all_others_are_asked_with_the_preview_and_one_yes_sends_it(world: World) -> None:
    card = await ordered(world)
    name = await only_one(world)
    questions = {person: await world.below(0, "asks for your approval", person) for person in (BEN, EVE)}
    preview = [m for m in await world.sandbox.messages(BEN) if m.get("text") == "Sale"]
    assert preview
    assert labels(questions[BEN]) == [["✅ Approve for 3 people"], ["✖ Reject"]]
    own = [m for m in await world.sandbox.messages() if "asks for your approval" in str(m.get("text"))]
    assert own == []
    await world.start_due()
    assert await status_of(world, name) is BroadcastStatus.UNAPPROVED
    assert ["🖐 Needs approval 1"] in labels(await world.ask("/start", "Hi, ", person=BEN))
    assert (await world.tap(questions[BEN], "✅", person=BEN))["text"] == "Approved"
    await world.below(questions[EVE]["message_id"] - 1, "✔ Approved by Alice", EVE)
    await world.below(card["message_id"], "✔ Alice approved")
    await world.deliver()
    await world.turned(card, "✔ Sent to 3 people")
    result = await world.ask(f"/finished {name}", "Sent to 3 people")
    await world.tap_into(result, "More", "approved by Alice")


async def test_who_decides_sees_what_people_read_on_each_messenger(world: World) -> None:
    """When asked, and when the question is opened from the list."""
    bold = [{"type": "bold", "offset": 0, "length": 4}]
    text = await world.sandbox.say("Sale starts now", entities=bold)
    preview = await world.ask(
        f"/send {THREE}", "Another admin needs to approve this", reply_to=text["message_id"]
    )
    await world.tap(preview, "✅")
    elsewhere = "On WhatsApp and Viber it looks like this:\n*Sale* starts now"
    shown = await world.below(0, elsewhere, BEN)
    question = await world.below(shown["message_id"], "asks for your approval", BEN)
    name = await only_one(world)
    item = await world.ask(f"/scheduled {name}", "🖐 Needs approval", person=BEN)
    await world.tap(item, "👁", person=BEN)
    again = await world.below(question["message_id"], elsewhere, BEN)
    await world.below(again["message_id"], "asks for your approval", BEN)


async def test_two_who_decide_at_once_decide_once_and_the_other_reads_who_did(world: World) -> None:
    await ordered(world)
    name = await only_one(world)
    questions = {person: await world.below(0, "asks for your approval", person) for person in (BEN, EVE)}
    answers = await asyncio.gather(
        *(
            world.sandbox.forge(data_of(one, "✅"), one["message_id"], person, wait=True)
            for person, one in questions.items()
        )
    )
    texts = {answer["text"] for answer in answers}
    who = (await world.core.broadcasts.get(name)).last_actions[AuditAction.APPROVED].name
    assert texts == {"Approved", f"{who} already approved #{name}."}
    deeds = [line.action for line in (await world.core.audit_log.page()).items]
    assert deeds == [AuditAction.APPROVED, AuditAction.ASKED]
    again = await world.sandbox.forge(
        data_of(questions[BEN], "✅"), questions[BEN]["message_id"], BEN, wait=True
    )
    assert f"already approved #{name}." in again["text"]


async def test_nobody_decides_on_an_order_of_their_own_whatever_they_press(world: World) -> None:
    await ordered(world)
    name = await only_one(world)
    item = await world.ask("/scheduled", "Nothing scheduled.")
    listed = await world.tap_into(item, "🖐 Needs approval 1", "is waiting for approval")
    item = await world.tap_into(listed, "1", "🖐 Needs approval")
    question = await world.tap_below(item, "👁 Review", "asks for your approval")
    for data in (data_of(question, "✅"), data_of(question, "✖ Reject").replace(":no", ":refused")):
        answer = await world.sandbox.forge(data, question["message_id"], wait=True)
        assert answer["text"] == f"You created #{name}, so another admin has to approve it."
    assert await status_of(world, name) is BroadcastStatus.UNAPPROVED


async def test_a_no_is_asked_about_and_returns_the_order_to_who_made_it(world: World) -> None:
    card = await ordered(world)
    name = await only_one(world)
    question = await world.below(0, "asks for your approval", EVE)
    await world.tap(question, "✖ Reject", person=EVE)
    sure = await world.below(question["message_id"] - 1, "Reject ", EVE)
    await world.tap(sure, "« Back", person=EVE)
    back = await world.below(question["message_id"] - 1, "asks for your approval", EVE)
    await world.tap(back, "✖ Reject", person=EVE)
    await world.tap(
        await world.below(question["message_id"] - 1, "Reject ", EVE), "✖ Yes, reject", person=EVE
    )
    told = await world.below(card["message_id"], "✖ Bob rejected")
    assert await status_of(world, name) is BroadcastStatus.CANCELLED
    await world.below(0, "✖ Rejected by Bob", BEN)
    await world.tap_below(told, "♻ Send again", "Preview ↑")
    await world.deliver()
    assert await world.sandbox.delivered(text="Sale", messenger="viber") == []


async def test_another_time_asks_anew_and_the_earlier_question_is_void(world: World) -> None:
    card = await ordered(world, " tomorrow 18:30 |")
    name = await only_one(world)
    first = await world.below(0, "asks for your approval", BEN)
    later = datetime.now(UTC) + timedelta(days=3)
    set_actor(Actor(f"telegram:{ADMIN}", "Ann"))
    await world.core.broadcasts.reschedule(name, later)
    second = await world.below(first["message_id"], "asks for your approval", BEN)
    await world.below(first["message_id"] - 1, "was changed. See the new request below", BEN)
    old = await world.sandbox.forge(data_of(first, "✅"), first["message_id"], BEN, wait=True)
    assert old["text"] == f"#{name} has changed. See its newer card."
    assert (await world.tap(second, "✅", person=BEN))["text"] == "Approved"
    await world.turned(card, "🗓 Scheduled")
    assert (await world.core.broadcasts.get(name)).send_at.timestamp() == pytest.approx(
        later.timestamp(), abs=1
    )


async def test_moving_an_approved_one_in_the_chat_says_that_it_is_asked_about_again(world: World) -> None:
    await ordered(world, " tomorrow 18:30 |")
    name = await only_one(world)
    question = await world.below(0, "asks for your approval", BEN)
    await world.tap(question, "✅", person=BEN)
    item = await world.ask(f"/scheduled {name}", "🗓 Scheduled", person=BEN)
    await world.tap(item, "🚀 Send now", person=BEN)
    sure = await world.below(item["message_id"] - 1, "now", BEN)
    answer = await world.tap(sure, "✅", person=BEN)
    assert answer["text"] == "Waiting for another admin's approval"
    asked = await world.below(0, "Alice asks for your approval", EVE)
    assert questions_in(await world.sandbox.messages()) == []
    assert (await world.tap(asked, "✅", person=EVE))["text"] == "Approved"


def by_program(count: int, send_at: datetime | None = None) -> NewBroadcast:
    """As the API orders."""
    new = order(people(Messenger.TELEGRAM, count), text="Sale", send_at=send_at)
    return replace(new, created_by=Actor("api:admin", "admin"))


def questions_in(messages: list[Json]) -> list[Json]:
    return [m for m in messages if "asks for your approval" in str(m.get("text"))]


async def test_what_was_asked_outlives_restarts_and_nobody_is_asked_twice(redis_url: str) -> None:
    """Asked before, decided while the bot was away; ordered over HTTP while it was away, decided after."""
    async with running_sandbox() as sandbox:
        settings = load_settings(variables(sandbox, redis_url, **CAREFUL), env_file=None)
        async with open_core(settings) as core:
            world = World(sandbox, core)
            await core.ledger.remember_sent()
            async with serving(settings):
                for person in (ADMIN, BEN):
                    await world.ask("/start", "Hi, ", person=person)
                card = await ordered(world)
                question = await world.below(0, "Ann asks for your approval", BEN)
                await sandbox.act("telegram", str(EVE), "start")
                await world.below(0, "Ann asks for your approval", EVE)
            set_actor(Actor(f"telegram:{BEN}", "Ben"))
            name = await only_one(world)
            await core.approvals.approve(name, 1)
            second = await accept(core, by_program(3))
            async with serving(settings):
                await world.below(question["message_id"] - 1, "✔ Approved by Ben", BEN)
                await world.below(card["message_id"], "✔ Ben approved")
                asked = await world.below(card["message_id"], "admin asks for your approval")
                assert (await world.tap(asked, "✅"))["text"] == "Approved"
                await world.below(0, "✔ Approved by Ann", EVE)
            assert len(await core.approval_requests.all()) == 0
            assert (await core.broadcasts.get(second.id)).status is BroadcastStatus.SCHEDULED


async def test_whoever_becomes_editor_meanwhile_is_asked_too(world: World) -> None:
    await ordered(world)
    await world.below(0, "asks for your approval", EVE)
    nina = 200
    await world.ask("/start", "Welcome", person=nina)
    await world.core.team.give(ADMIN, nina, Role.EDITOR, "Sam")
    question = await world.below(0, "asks for your approval", nina)
    assert (await world.tap(question, "✅", person=nina))["text"] == "Approved"
    await world.below(0, "✔ Approved by Sam", EVE)
    assert questions_in(await world.sandbox.messages(EVE)) == []


async def test_when_its_time_has_come_the_one_who_asked_is_told_to_reschedule(world: World) -> None:
    set_actor(Actor(f"telegram:{ADMIN}", "Ann"))
    new = replace(
        by_program(3, datetime.now(UTC) + timedelta(seconds=2)),
        created_by=Actor(f"telegram:{ADMIN}", "Ann"),
    )
    broadcast = await accept(world.core, new)
    question = await world.below(0, "asks for your approval", BEN)
    told = await world.below(0, "⌛ Not approved in time")
    assert labels(told) == [["🕒 Reschedule", "✖ Cancel"]]
    await world.below(question["message_id"] - 1, "wasn't approved in time", BEN)
    late = await world.sandbox.forge(data_of(question, "✅"), question["message_id"], BEN, wait=True)
    assert late["text"] == f"It's too late to approve #{broadcast.id}. Reschedule it first."
    await world.tap(told, "🕒 Reschedule")
    await world.ask("tomorrow 18:30", "Right?")
    await world.tap((await world.sandbox.messages())[-1], "✅")
    again = await world.below(question["message_id"], "asks for your approval", BEN)
    assert (await world.tap(again, "✅", person=BEN))["text"] == "Approved"
    assert (await world.core.broadcasts.get(broadcast.id)).status is BroadcastStatus.SCHEDULED


async def test_approvals_with_a_single_admin_are_refused_at_the_start(redis_url: str) -> None:
    async with running_sandbox() as sandbox:
        settings = load_settings(variables(sandbox, redis_url, APPROVAL_ABOVE="2"), env_file=None)
        with pytest.raises(ConfigurationError, match="APPROVAL_ABOVE: it needs two"):
            await run_until(settings, asyncio.Event())


async def test_who_decides_sees_what_fills_the_gaps_of_others_and_gets_all_of_it_as_a_file(
    world: World,
) -> None:
    """The first recipient reads Hello; the others would read a link."""
    text = "Dear {name}, our summer sale begins on Monday and ends on Friday. Come and see! {more}"
    values = ["Hello", "http://evil.example/x", "call +1 202 555 0123", "x"]
    addresses = [Recipient(messenger=Messenger.TELEGRAM, address=str(1001 + n)) for n in range(4)]
    recipients = tuple(
        replace(one, variables={"name": "Al", "more": more})
        for one, more in zip(addresses, values, strict=True)
    )
    new = replace(by_program(4), content=Content(text=text), recipients=recipients)
    await accept(world.core, replace(new, created_by=Actor(f"telegram:{ADMIN}", "Ann")))
    question = await world.below(0, "asks for your approval", BEN)
    for part in (
        "{name}: 1 value", "{more}: 4 different values", "Shortest: “x” · longest: “http://evil.example/x”",
        "⚠ 2 with links or phone numbers: “http://evil.example/x”, “call +1 202 555 0123”",
        f"Ann ({ADMIN}) also wrote the text and chose the people.",
    ):  # fmt: skip
        assert part in question["text"], question["text"]
    await world.tap(question, "📄", person=BEN)

    def files(messages: list[Json]) -> list[Json]:
        return [m for m in messages if m.get("document")]

    await world.sandbox.until(lambda messages: bool(files(messages)), BEN)


async def test_a_text_that_is_mostly_gaps_is_refused_above_the_limit(world: World) -> None:
    recipients = tuple(
        Recipient(messenger=Messenger.TELEGRAM, address=str(1001 + n), variables={"msg": "Buy now " * 20})
        for n in range(3)
    )
    new = replace(by_program(3), content=Content(text="Hi {msg}"), recipients=recipients)
    with pytest.raises(ValidationError, match="Most of this text comes from fields"):
        await accept(world.core, new)
    await accept(world.core, replace(new, recipients=recipients[:2]))


async def test_where_every_approver_is_an_author_it_is_said_with_the_way_on(redis_url: str) -> None:
    async with running_bot(redis_url, ADMIN_IDS=f"{ADMIN},{BEN}", APPROVAL_ABOVE="2") as world:
        ben = Actor(f"telegram:{BEN}", "Ben")
        set_actor(ben)
        parents = await world.core.audiences.create("parents", created_by=ben)
        await world.core.audiences.add(parents.id, people(Messenger.TELEGRAM, 3))
        preview = await world.ask("/send parents | now | Hello", "No one can approve this")
        assert "in parts of up to 2 people" in preview["text"]
        await world.tap(preview, "✅")
        told = await world.below(preview["message_id"], "No one can approve this")
        assert labels(told) == [["👤 Team"], ["✖ Cancel"]]
