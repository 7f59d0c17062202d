"""Invitations to the team: a link alone lets nobody in, works once, and ends."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator

import pytest
from redis import Redis

from core.app import Core
from core.domain.audit import Actor, AuditAction
from core.domain.errors import Denied, NotFound
from core.domain.team import Role
from core.services.audit_log import set_actor
from core.services.invitations import LIFE, is_token
from tests.support.core import core_at

ANN, OLE, EVE, VIC, BEN, ZED = 100, 101, 102, 103, 200, 201


@pytest.fixture
async def core(redis_url: str) -> AsyncIterator[Core]:
    """Ann owns by the settings, Ole by the chat, Eve edits, Vic looks; Ben and Zed are strangers."""
    set_actor(Actor(f"telegram:{ANN}", "Ann"))
    async with core_at(redis_url, ADMIN_IDS=str(ANN), EDITOR_IDS=str(EVE), VIEWER_IDS=str(VIC)) as core:
        await core.team.give(ANN, OLE, Role.OWNER, "Ole")
        yield core


async def test_a_link_asks_and_an_owner_lets_in(core: Core) -> None:
    made, token = await core.invitations.make(ANN, Role.EDITOR)
    assert await core.invitations.open(token, BEN, "Ben", username="ben")
    assert await core.team.role(BEN) is None
    (waiting,) = await core.invitations.all()
    assert (waiting.person, waiting.name, waiting.username, waiting.asked) == (BEN, "Ben", "ben", False)
    found, fresh = await core.invitations.admit(OLE, made.id)
    assert (found.role, fresh) == (Role.EDITOR, True)
    assert await core.team.role(BEN) is Role.EDITOR
    assert await core.invitations.all() == []
    log = [(line.action, line.actor.name) for line in (await core.audit_log.page()).items]
    assert log[:3] == [
        (AuditAction.ROLE_GIVEN, "Ann"),
        (AuditAction.INVITATION_OPENED, "Ann"),
        (AuditAction.INVITED, "Ann"),
    ]


async def test_a_token_cannot_be_guessed_and_is_not_stored(core: Core, redis_url: str) -> None:
    made, token = await core.invitations.make(ANN, Role.OWNER)
    assert is_token(token)
    near = ("A" if token[0] != "A" else "B") + token[1:]
    for guess in (near, made.id, secrets.token_urlsafe(24), ""):
        assert not await core.invitations.open(guess, ZED, "Zed")
    (left,) = await core.invitations.all()
    assert left.person is None
    with Redis.from_url(redis_url, decode_responses=True) as store:
        kept = [str(store.hgetall(key)) for key in store.scan_iter(match="ms:invite:*")]
    assert kept
    assert not any(token in one for one in kept)


async def test_a_link_works_for_one_person_once(core: Core) -> None:
    made, token = await core.invitations.make(ANN, Role.VIEWER)
    opened = await asyncio.gather(*(core.invitations.open(token, one, "Name") for one in (BEN, ZED)))
    assert sorted(opened) == [False, True]
    (waiting,) = await core.invitations.all()
    assert waiting.person is not None
    # Pressing Start again asks nothing twice, and harms nothing.
    assert await core.invitations.open(token, waiting.person, "Name")
    await core.invitations.admit(ANN, made.id)
    for person in (BEN, ZED):
        assert not await core.invitations.open(token, person, "Name")
    with pytest.raises(NotFound):
        await core.invitations.admit(ANN, made.id)


async def test_of_two_owners_who_decide_at_once_one_does(core: Core) -> None:
    made, token = await core.invitations.make(ANN, Role.VIEWER)
    await core.invitations.open(token, BEN, "Ben")
    found = await asyncio.gather(
        core.invitations.admit(ANN, made.id), core.invitations.end(OLE, made.id), return_exceptions=True
    )
    assert sum(isinstance(one, NotFound) for one in found) == 1
    let_in = not isinstance(found[0], NotFound)
    assert (await core.team.role(BEN) is not None) == let_in


async def test_a_revoked_or_declined_link_is_dead(core: Core) -> None:
    for opened in (False, True):
        made, token = await core.invitations.make(ANN, Role.EDITOR)
        if opened:
            await core.invitations.open(token, BEN, "Ben")
        await core.invitations.end(ANN, made.id)
        assert not await core.invitations.open(token, BEN, "Ben")
        with pytest.raises(NotFound):
            await core.invitations.admit(ANN, made.id)
    assert await core.team.role(BEN) is None


async def test_a_link_and_its_question_end_after_a_day_by_the_clock_of_the_store(
    core: Core, redis_url: str
) -> None:
    with Redis.from_url(redis_url) as store:
        for opened in (False, True):
            made, token = await core.invitations.make(ANN, Role.EDITOR)
            if opened:
                await core.invitations.open(token, BEN, "Ben")
            key = f"ms:invite:{made.id}"
            assert LIFE.total_seconds() - 60 < store.ttl(key) <= LIFE.total_seconds()
            store.pexpire(key, 0)
            assert not await core.invitations.open(token, BEN, "Ben")
            with pytest.raises(NotFound):
                await core.invitations.admit(ANN, made.id)
    assert await core.invitations.all() == []
    assert await core.team.role(BEN) is None


@pytest.mark.parametrize("by", [EVE, VIC, ZED])
async def test_only_owners_invite_and_decide(core: Core, by: int) -> None:
    with pytest.raises(Denied):
        await core.invitations.make(by, Role.VIEWER)
    made, token = await core.invitations.make(ANN, Role.EDITOR)
    await core.invitations.open(token, BEN, "Ben")
    for decide in (core.invitations.admit, core.invitations.end):
        with pytest.raises(Denied):
            await decide(by, made.id)
    assert (await core.invitations.get(made.id)).person == BEN


async def test_links_end_with_the_role_of_the_owner_who_made_them(core: Core) -> None:
    _made, token = await core.invitations.make(OLE, Role.OWNER)
    await core.team.give(ANN, OLE, Role.VIEWER)
    assert not await core.invitations.open(token, ZED, "Zed")
    assert not await core.invitations.open(token, OLE, "Ole")


async def test_a_removed_colleague_does_not_come_back_by_the_link_they_came_by(core: Core) -> None:
    made, token = await core.invitations.make(ANN, Role.EDITOR)
    await core.invitations.open(token, BEN, "Ben")
    await core.invitations.admit(ANN, made.id)
    await core.team.give(ANN, BEN, None)
    assert not await core.invitations.open(token, BEN, "Ben")
    assert await core.invitations.all() == []
    assert await core.team.role(BEN) is None
