"""A colleague comes to the team by a link: role by tap, one person, one yes of an owner."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from core.domain.audit import AuditAction
from core.domain.team import Role
from tests.support.bot import Json, World, data_of, labels, running_bot
from tests.support.sandbox_server import ADMIN, STRANGER

VIC, ALICE = 1002, 1001
NINA = STRANGER
ENDED = "This invitation has ended. Ask the person who sent it for a new one."


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    """Ann owns, Vic looks; all others are strangers."""
    async with running_bot(redis_url, VIEWER_IDS=str(VIC)) as world:
        for person in (ADMIN, VIC):
            await world.ask("/start", "Hi, ", person=person)
        yield world


async def invited(world: World, role: str) -> tuple[Json, str]:
    """Invite a colleague by taps; return the card and the words that the link says."""
    team = await world.ask("/admins", "👤 Team")
    await world.tap_into(team, "Invite a colleague", "What should your colleague be?")
    team = await world.turned_to(team, role.capitalize())
    card = await world.tap_into(team, role.capitalize(), f"Invitation as {role}")
    (start,) = re.findall(r"https://t\.me/\w+\?start=(i_[\w-]+)", card["text"])
    return card, f"/start {start}"


async def test_a_colleague_is_let_in_by_a_link_and_a_tap(world: World) -> None:
    card, link = await invited(world, "editor")
    assert "It works once, until" in card["text"]
    assert "I'll ask you before I add anyone." in card["text"]
    assert labels(card) == [["Share", "🗑 Revoke"], ["« Team"]]
    # The owner who tries the link does not use it up.
    await world.ask(link, "You're already on the team as owner")
    await world.ask(link, "I've asked if you may join the team", person=NINA)
    asked = await world.below(card["message_id"], "Add Sam to the team as editor?")
    used = await world.turned(card, "Sam opened the link, so it no longer works for others.")
    assert labels(used) == [["« Team"]]
    assert f"Telegram ID {NINA}" in asked["text"]
    assert await world.core.team.role(NINA) is None
    assert await world.core.subscribers.since(NINA) is None
    team = await world.ask("/admins", "👤 Team · 2")
    assert "❓ Sam: editor?" in [label for row in labels(team) for label in row]
    await world.tap_into(asked, "Yes", "Sam is on the team as editor.")
    told = await world.below(0, "Ann made you an editor", NINA)
    await world.tap(told, "✍ New message", person=NINA)
    await world.below(told["message_id"], "What would you like to say?", NINA)
    # A link works once, and its question too.
    await world.ask(link, ENDED, person=ALICE)
    again = await world.sandbox.forge(data_of(asked, "No"), asked["message_id"], wait=True)
    assert again["text"] == "This screen is out of date"
    assert await world.core.team.role(NINA) is Role.EDITOR
    log = await world.ask("/log", "Log")
    for line in (
        "Ann · gave Sam the role of editor",
        "asked to join the team as editor",
        "invited a colleague as editor",
    ):
        assert line in log["text"]


async def test_nobody_comes_in_against_an_owners_will(world: World) -> None:
    card, link = await invited(world, "viewer")
    await world.ask(link, "I've asked if you may join the team", person=NINA)
    await world.ask(link, ENDED, person=ALICE)
    asked = await world.below(card["message_id"], "Add Sam to the team as viewer?")
    # A viewer neither invites nor lets in, whatever their app sends; a stranger hears nothing.
    for data in (data_of(asked, "Yes"), data_of(asked, "No"), "u:0:invite", "u:0:invite-owner"):
        refused = await world.sandbox.forge(data, asked["message_id"], VIC, chat=ADMIN, wait=True)
        assert refused["text"] == "Only an owner can do that: Ann."
        unheard = await world.sandbox.forge(data, asked["message_id"], NINA, chat=ADMIN, wait=True)
        assert not unheard["text"]
    await world.tap_into(asked, "No", "Sam wasn't added.")
    await world.below(0, "You weren't added to the team.", NINA)
    await world.ask(link, ENDED, person=NINA)
    card, link = await invited(world, "owner")
    team = await world.ask("/admins", "👤 Team")
    elsewhere = await world.tap_into(team, "✉ Invitation", "No one has opened the link yet.")
    await world.tap_into(elsewhere, "🗑 Revoke", "The link no longer works.")
    gone = await world.turned(card, "This invitation has ended.")
    assert labels(gone) == [["Invite a colleague"], ["« Team"]]
    await world.ask(link, ENDED, person=NINA)
    await world.ask("/start i_" + "A" * 32, ENDED, person=NINA)
    # What only resembles an invitation is a tag of a flyer, as before.
    await world.ask("/start i_summer", "our news", person=ALICE)
    assert await world.core.team.ids() == [ADMIN, VIC]
    actions = [line.action for line in (await world.core.audit_log.page()).items]
    assert AuditAction.INVITATION_DECLINED in actions
    assert AuditAction.INVITATION_REVOKED in actions


async def test_a_question_that_could_not_be_asked_is_asked_after_a_restart(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        _made, token = await world.core.invitations.make(ADMIN, Role.VIEWER)
        await world.core.invitations.open(token, NINA, "Sam")
    async with running_bot(redis_url) as world:
        await world.sandbox.act("telegram", str(ADMIN), "start")
        await world.sandbox.bot_says("Add Sam to the team as viewer?")
