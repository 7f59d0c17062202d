"""Roles in the chat: what each may do, who gives them, and what those who may not are told."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.domain.audit import AuditAction
from core.domain.broadcast import BroadcastStatus
from core.domain.team import Role
from tests.support.bot import Json, World, data_of, labels, running_bot
from tests.support.core import in_an_hour
from tests.support.sandbox_server import ADMIN

EVE, VIC, NINA = 1001, 1002, 200


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    """Ann owns, Eve edits, Vic looks; Nina is a stranger."""
    async with running_bot(redis_url, EDITOR_IDS=str(EVE), VIEWER_IDS=str(VIC)) as world:
        for person in (ADMIN, EVE, VIC):
            await world.ask("/start", "Hi, ", person=person)
        yield world


def all_labels(message: Json) -> list[str]:
    return [label for row in labels(message) for label in row]


async def menu_of(world: World, person: int) -> list[str]:
    chat = await world.sandbox.chat(person)
    return [str(command["command"]) for command in chat["commands"]]


async def test_each_is_greeted_in_their_role_and_sees_only_what_they_may_use(world: World) -> None:
    await world.scheduled("Sale", in_an_hour())
    owner = await world.ask("/start", "Hi, Ann!")
    editor = await world.ask("/start", "Hi, Alice!", person=EVE)
    viewer = await world.ask("/start", "You can see everything but can't send messages.", person=VIC)
    assert all_labels(owner) == all_labels(editor)
    shown = {}
    for person, home in ((ADMIN, owner), (EVE, editor)):
        await world.tap(home, "More", person=person)
        more = await world.sandbox.bot_says("More", person)
        shown[person] = set(all_labels(more))
    assert shown[ADMIN] - shown[EVE] == {"🗑 Delete history"}
    assert set(all_labels(editor)) - set(all_labels(viewer)) == {"✍ New message"}
    listed = await world.ask("/scheduled", "Scheduled", person=VIC)
    await world.tap(listed, "1", person=VIC)
    item = await world.below(0, "🗓 Scheduled #", VIC)
    assert all_labels(item) == ["More", "« List"]
    await world.tap(item, "More", person=VIC)
    await world.sandbox.until(lambda messages: all_labels(messages[-1]) == ["👁 Preview", "« Back"], VIC)


async def test_the_menu_of_commands_follows_the_role(world: World) -> None:
    menus = {person: await menu_of(world, person) for person in (ADMIN, EVE, VIC)}
    assert menus[ADMIN] == menus[EVE] == ["send", "scheduled", "sent", "lists", "help"]
    assert menus[VIC] == ["scheduled", "sent", "lists", "help"]


async def test_a_viewer_changes_nothing_by_word_or_file(world: World) -> None:
    told: Json = {}
    for text in ("/send telegram:1001 | Hello", "/panic", "/resume all", "/purge", "Just words"):
        told = await world.ask(text, "can do that: ", person=VIC)
        assert "Ann" in told["text"]
    await world.sandbox.send_file("people.csv", b"telegram:1001\n", person=VIC)
    await world.below(told["message_id"], "Only editors and owners can do that", VIC)
    assert await world.core.panic.current() is None
    assert (await world.core.broadcasts.scheduled()).total == 0


async def test_a_viewer_may_search_by_typing(world: World) -> None:
    found = await world.ask("/finished", "Sent · ", person=VIC)
    await world.tap(found, "🔎", person=VIC)
    await world.ask("sale", "sale", person=VIC)


async def test_an_editor_writes_and_steers_but_neither_purges_nor_gives_roles(world: World) -> None:
    card = await world.ask("/send telegram:1003, telegram:1001 | Hello", "Preview ↑", person=EVE)
    await world.tap(card, "✅", person=EVE)
    assert [line.action for line in (await world.core.audit_log.page()).items] == [AuditAction.ORDERED]
    await world.ask("/purge", "Only an owner can do that: Ann.", person=EVE)
    await world.ask(f"/admins {VIC}", "Only an owner can do that: Ann.", person=EVE)
    forged = await world.sandbox.forge(f"u:{EVE}:owner", 0, EVE, wait=True)
    assert forged["text"] == "Only an owner can do that: Ann."
    assert await world.core.team.role(EVE) is Role.EDITOR


async def test_a_keyboard_from_before_a_demotion_does_nothing(world: World) -> None:
    name = await world.scheduled("Sale", in_an_hour())
    card = await world.ask(f"/scheduled {name}", "🗓 Scheduled", person=EVE)
    question = data_of(card, "✖ Cancel")
    await world.core.team.give(ADMIN, EVE, Role.VIEWER)
    for data in (question, question.replace(":cancel", ":cancelled"), question.replace(":cancel", ":sure:1")):
        answer = await world.sandbox.forge(data, card["message_id"], EVE, wait=True)
        assert answer["text"] == "Only editors and owners can do that: Ann."
    assert (await world.core.broadcasts.get(name)).status is BroadcastStatus.SCHEDULED
    await world.core.team.give(ADMIN, EVE, None)
    answer = await world.sandbox.forge(question, card["message_id"], EVE, wait=True)
    assert answer["text"] in ("", None)


async def test_a_person_without_a_role_gets_no_more_live_cards_or_summaries(world: World) -> None:
    preview = await world.ask("/send telegram:1003, telegram:1001 | Hello", "Preview ↑", person=EVE)
    await world.tap(preview, "✅", person=EVE)
    await world.start_due()
    await world.sandbox.bot_says("▶ Sending", EVE)
    await world.core.team.give(ADMIN, EVE, None)
    await world.deliver()
    await world.no_cards()
    told = [message["text"] for message in await world.sandbox.messages(EVE) if message["from"]["is_bot"]]
    assert not [text for text in told if "Finished" in text], told


async def test_an_owner_finds_people_gives_roles_and_takes_them_back(world: World) -> None:
    """The colleague is told, and gets the menu of the new role."""
    await world.ask("/start", "Welcome", person=NINA)
    people = await world.ask("/admins", "👤 Team · 3")
    assert "Ann · owner\nAlice · editor\nBob · viewer" in people["text"]
    await world.tap_into(people, "Invite a colleague", "What should your colleague be?")
    people = await world.turned_to(people, "By Telegram ID")
    await world.tap_into(people, "By Telegram ID", "Send me their Telegram user ID")
    await world.ask("nonsense", "“nonsense” isn't a Telegram user ID.")
    await world.ask(str(NINA), "Sam · no role yet")
    card = await world.ask(f"/admins {NINA}", "Sam · no role yet")
    card = await world.tap_into(card, "Editor", "Sam · editor")
    await world.below(0, "Ann made you an editor", NINA)
    assert "send" in await menu_of(world, NINA)
    await world.ask("/send", "What would you like to say?", person=NINA)
    assert (await world.tap(card, "• Editor"))["text"] == "Already done"
    sure = await world.tap_into(card, "🗑 Remove", "Remove Sam from the team?")
    people = await world.tap_into(sure, "🗑 Yes, remove", "👤 Team · 3")
    await world.below(0, "Ann removed you from the team", NINA)
    assert await menu_of(world, NINA) == ["start", "stop", "help"]
    await world.ask("/send", "This account only sends updates.", person=NINA)
    deeds = [(line.action, line.details["role"]) for line in (await world.core.audit_log.page()).items]
    assert deeds == [(AuditAction.ROLE_GIVEN, "none"), (AuditAction.ROLE_GIVEN, "editor")]


async def test_people_have_the_names_that_telegram_gives_before_they_have_said_anything(
    redis_url: str,
) -> None:
    """Telegram gives those of people who pressed Start once; of anybody else it is said that they did not."""
    async with running_bot(redis_url, EDITOR_IDS=str(EVE), VIEWER_IDS="1004") as world:
        people = await world.ask("/admins", "👤 Team · 3")
        assert people["text"].endswith(
            "Ann · owner\nAlice · editor\n1004 · viewer · hasn't pressed Start yet"
        )
        assert all_labels(people)[1:4] == ["Ann", "Alice", "1004"]
        await world.ask("/admins 1002", "Bob · no role yet")


async def test_nobody_unknown_gets_a_role_and_the_last_owner_keeps_it(world: World) -> None:
    await world.ask("/admins 424242", "I don't know 424242 yet")
    forged = await world.sandbox.forge("u:424242:owner", 0, wait=True)
    assert forged["text"] == "This screen is out of date"
    assert await world.core.team.role(424242) is None
    card = await world.ask(f"/admins {ADMIN}", "Ann · owner")
    assert "This person is listed in ADMIN_IDS in .env and is always an owner" in card["text"]
    for verb in ("viewer", "removed"):
        forged = await world.sandbox.forge(f"u:{ADMIN}:{verb}", card["message_id"], wait=True)
        assert "This person is an owner because of ADMIN_IDS" in forged["text"]
    assert await world.core.team.role(ADMIN) is Role.OWNER


async def test_every_change_of_a_role_is_told_to_the_other_owners(world: World) -> None:
    await world.core.team.give(ADMIN, EVE, Role.OWNER)
    card = await world.ask(f"/admins {VIC}", "viewer")
    await world.tap(card, "Editor")
    told = await world.below(0, " editor. See /admins.", EVE)
    assert f"Ann ({ADMIN}) made " in told["text"]
    assert f"({VIC})" in told["text"]


async def test_trouble_and_stops_are_told_to_everybody_with_a_role(world: World) -> None:
    await world.ask("/panic", "All sending paused", person=EVE)
    for person in (ADMIN, VIC):
        told = await world.below(0, "🛑 Alice paused all sending.", person)
        assert ("▶ Resume" in all_labels(told)) == (person == ADMIN)


async def test_the_log_tells_who_did_what_and_finds_one_person_or_broadcast(world: World) -> None:
    name = await world.scheduled("Sale <b>", in_an_hour())
    card = await world.ask(f"/scheduled {name}", "🗓 Scheduled", person=EVE)
    sure = await world.tap(card, "✖ Cancel", person=EVE)
    assert sure is not None
    question = await world.below(0, "Cancel #", EVE)
    await world.tap(question, "✖ Yes, cancel", person=EVE)
    log = await world.ask("/log", "Log · 2", person=VIC)
    assert f"Alice · cancelled #{name}" in log["text"]
    assert "Sale" not in log["text"]
    await world.ask(f"/log {name.lower()}", f"Log: #{name} · 2", person=VIC)
    await world.ask("/log alice", "Log: Alice · 1", person=VIC)
    await world.ask("/log <nobody>", "I found nothing about “<nobody>” in the log", person=VIC)
    await world.tap(log, "⬇ CSV", person=VIC)
    sent = await world.sandbox.until(
        lambda messages: any((m.get("document") or {}).get("file_name") == "log.csv" for m in messages), VIC
    )
    assert sent
    item = await world.ask(f"/finished {name}", "⏹ Cancelled")
    assert "cancelled by Alice" in item["text"]
    await world.core.team.give(ADMIN, NINA, Role.VIEWER)
    everything = await world.ask("/log", f"cancelled #{name}")
    important = await world.tap_into(everything, "❗ Important", "Log, important only · 2")
    assert "gave the person 200 the role of viewer" in important["text"]
    assert f"cancelled #{name}" not in important["text"]
    await world.tap_into(important, "📜 All", f"cancelled #{name}")
