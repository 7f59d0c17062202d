"""Roles: by the settings and as changed in the chat, and what may never happen to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis import Redis

from core.app import Core
from core.domain.audit import Actor
from core.domain.errors import ConfigurationError, Conflict
from core.domain.team import Role
from core.services.audit_log import set_actor
from tests.support.core import core_at

ANN, BEN, EVE, VIC = 100, 101, 102, 103


@pytest.fixture
async def team_core(redis_url: str) -> AsyncIterator[Core]:
    """Ann and Ben own, Eve edits, Vic looks."""
    set_actor(Actor(f"telegram:{ANN}", "Ann"))
    async with core_at(redis_url, ADMIN_IDS=f"{ANN},{BEN}", EDITOR_IDS=str(EVE), VIEWER_IDS=str(VIC)) as core:
        yield core


def test_a_role_may_what_the_lower_ones_may() -> None:
    may = {(role, needed) for role in Role for needed in Role if role.may(needed)}
    assert may == {
        (Role.VIEWER, Role.VIEWER),
        (Role.EDITOR, Role.VIEWER),
        (Role.EDITOR, Role.EDITOR),
        *((Role.OWNER, needed) for needed in Role),
    }


async def test_the_settings_give_everybody_one_role_and_nobody_else_any(team_core: Core) -> None:
    roles = {person: await team_core.team.role(person) for person in (ANN, BEN, EVE, VIC, 999)}
    assert roles == {ANN: Role.OWNER, BEN: Role.OWNER, EVE: Role.EDITOR, VIC: Role.VIEWER, 999: None}
    assert await team_core.team.ids(Role.EDITOR) == [ANN, BEN, EVE]
    assert [one.id for one in await team_core.team.people()] == [ANN, BEN, EVE, VIC]


async def test_a_role_given_in_the_chat_goes_before_the_settings_and_outlives_a_restart(
    team_core: Core, redis_url: str
) -> None:
    assert await team_core.team.give(ANN, EVE, Role.VIEWER)
    assert await team_core.team.give(ANN, 999, Role.EDITOR, "Nina")
    assert await team_core.team.give(ANN, VIC, None)
    async with core_at(redis_url, ADMIN_IDS=str(ANN), EDITOR_IDS=str(EVE), VIEWER_IDS=str(VIC)) as other:
        roles = [await other.team.role(person) for person in (EVE, 999, VIC)]
        assert roles == [Role.VIEWER, Role.EDITOR, None]
        nina = await other.team.find(999)
        assert nina is not None
        assert nina.called == "Nina"


async def test_a_role_given_twice_is_written_down_once(team_core: Core) -> None:
    assert [await team_core.team.give(ANN, EVE, Role.OWNER) for _ in range(2)] == [True, False]
    (line,) = (await team_core.audit_log.page()).items
    assert line.actor.name == "Ann"
    assert (line.details["person"], line.details["role"], line.details["before"]) == (EVE, "owner", "editor")


async def test_nobody_takes_the_role_of_the_owners_that_the_settings_name(team_core: Core) -> None:
    await team_core.team.give(ANN, EVE, Role.OWNER)
    for by in (ANN, EVE):
        for role in (None, Role.EDITOR, Role.VIEWER):
            for person in (ANN, BEN):
                with pytest.raises(Conflict, match="This person is an owner because of ADMIN_IDS"):
                    await team_core.team.give(by, person, role)
    assert await team_core.team.ids(Role.OWNER) == [ANN, BEN, EVE]


async def test_two_owners_who_remove_each_other_at_once_leave_one(team_core: Core) -> None:
    for person in (EVE, VIC):
        await team_core.team.give(ANN, person, Role.OWNER)
    found = await asyncio.gather(
        team_core.team.give(EVE, VIC, None), team_core.team.give(VIC, EVE, None), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in found) == ["Conflict", "bool"]
    assert len(await team_core.team.ids(Role.OWNER)) == 3


@pytest.mark.parametrize("by", [EVE, VIC, 999])
async def test_nobody_but_an_owner_gives_roles(team_core: Core, by: int) -> None:
    with pytest.raises(Conflict, match="Only an owner"):
        await team_core.team.give(by, by, Role.OWNER)
    assert await team_core.team.role(by) is not Role.OWNER


async def test_whoever_the_settings_name_owns_again_once_no_owner_is_left(
    team_core: Core, redis_url: str
) -> None:
    """A store of an earlier version, in which the chat took Ann's role."""
    with Redis.from_url(redis_url) as client:
        client.hset("ms:staff", str(ANN), "viewer")
    assert await team_core.team.role(ANN) is Role.OWNER
    async with core_at(redis_url, ADMIN_IDS=str(ANN)) as other:
        assert await other.team.role(ANN) is Role.OWNER
        assert await other.team.give(ANN, EVE, Role.EDITOR)


async def test_names_are_kept_of_those_with_a_role_only(team_core: Core) -> None:
    assert await team_core.team.meet(EVE, "Eve") is Role.EDITOR
    assert await team_core.team.meet(999, "Mallory") is None
    assert {one.called for one in await team_core.team.people()} == {"100", "101", "Eve", "103"}


async def test_with_approvals_two_must_stay_who_can_give_them(redis_url: str) -> None:
    async with core_at(redis_url, ADMIN_IDS=str(ANN), EDITOR_IDS=str(EVE), APPROVAL_ABOVE="10") as core:
        await core.team.check()
        with pytest.raises(Conflict, match="APPROVAL_ABOVE"):
            await core.team.give(ANN, EVE, Role.VIEWER)
        await core.team.give(ANN, BEN, Role.EDITOR)
        await core.team.give(ANN, EVE, Role.VIEWER)
    async with core_at(redis_url, ADMIN_IDS=str(ANN), APPROVAL_ABOVE="10") as core:
        await core.team.check()


@pytest.mark.parametrize(("above", "refused"), [("0", False), ("10", True)])
async def test_approvals_with_a_single_person_are_a_mistake_in_the_settings(
    redis_url: str, above: str, refused: bool
) -> None:
    async with core_at(redis_url, ADMIN_IDS=str(ANN), VIEWER_IDS=str(VIC), APPROVAL_ABOVE=above) as core:
        if refused:
            with pytest.raises(ConfigurationError, match="APPROVAL_ABOVE: it needs two"):
                await core.team.check()
        else:
            await core.team.check()
