"""Who may use which button and command: every one is listed, and what is not listed is for owners alone."""

from __future__ import annotations

import pytest

from bot import command_menu, permissions
from bot.handlers import commands
from bot.ui import callback_data
from bot.ui.callback_data import (
    NO_ACTION,
    ApprovalTap,
    AudienceTap,
    ListTap,
    LogTap,
    MenuTap,
    PurgeTap,
    ReleaseTap,
    StaffTap,
    Subject,
    Tap,
    parse,
)
from bot.ui.screen import Button
from core.domain.team import Role

TABLES = {"d": permissions.DRAFT, "b": permissions.BROADCAST, "s": permissions.SERIES}


@pytest.mark.parametrize("kind", TABLES)
def test_every_verb_of_a_thing_has_its_role(kind: str) -> None:
    assert set(callback_data._ARGUMENTS[kind]) == set(TABLES[kind])


def test_every_verb_of_lists_and_menus_and_every_command_has_its_role() -> None:
    assert set(callback_data._LIST_VERBS) | set(callback_data._OVERVIEW) == set(permissions.AUDIENCE)
    assert {tap.verb for verb in permissions.MENU if isinstance(tap := parse(f"h:{verb}"), MenuTap)} == set(
        permissions.MENU
    )
    assert set(callback_data._MENU.pattern[3:-1].split("|")) == set(permissions.MENU)
    assert set(commands.COMMANDS) == set(permissions.COMMANDS)
    assert {one.command for one in command_menu._admins()} <= set(permissions.COMMANDS)


def test_what_nobody_has_listed_is_for_owners_alone() -> None:
    unknown = Tap(Subject("b", "A7KQ", "g"), "explode", "")
    assert permissions.needed(unknown) is Role.OWNER
    assert permissions.needed(Tap(Subject("z", "A7KQ", "g"), "view", "")) is Role.OWNER
    rows = ((Button("?", "not:of:ours"),),)
    assert permissions.drawn_for(Role.EDITOR, rows) == ()
    assert permissions.drawn_for(Role.OWNER, rows) == rows


@pytest.mark.parametrize(
    ("data", "needed"),
    [
        (NO_ACTION, Role.VIEWER),
        (str(ListTap("s", 1, "a")), Role.VIEWER),
        (str(LogTap(1, "-")), Role.VIEWER),
        ("b:A7KQ:g:view:s1a", Role.VIEWER),
        ("b:A7KQ:g:csv", Role.VIEWER),
        ("b:A7KQ:g:pause", Role.EDITOR),
        ("b:A7KQ:f:resent:0", Role.OWNER),
        ("d:A7KQ:3:go:5", Role.EDITOR),
        (str(AudienceTap("ABC", "view")), Role.VIEWER),
        (str(AudienceTap("ABC", "dropped", "3")), Role.EDITOR),
        (str(PurgeTap("all", 3)), Role.OWNER),
        (str(ReleaseTap("1f", "all")), Role.EDITOR),
        (str(MenuTap("panic")), Role.EDITOR),
        (str(StaffTap(0, "list")), Role.VIEWER),
        (str(StaffTap(101, "owner")), Role.OWNER),
        (str(ApprovalTap("A7KQ", 1, "yes")), Role.EDITOR),
    ],
)
def test_the_role_that_a_button_needs(data: str, needed: Role) -> None:
    assert permissions.needed(parse(data)) is needed
    able = {role for role in Role if permissions.drawn_for(role, ((Button("x", data),),))}
    assert able == {role for role in Role if role.may(needed)}


def test_who_has_no_role_sees_no_button() -> None:
    assert permissions.drawn_for(None, ((Button("x", NO_ACTION),),)) == ()


@pytest.mark.parametrize(
    "data",
    [
        "g:1:", "g:1:zA7K", "g:100000:-", "g:1:b", "g:1:p0", "g:-1:-",
        "u:0:owner", "u:1:add", "u:01:view", "u:1:god", "u::list", "u:1",
        "a::page:0", "a:ZZZZZZ:view:1", "a:ZZZZZZ:into:x", "a:ZZZZZZ:", "a::view",
        "w:A7KQ:1:list", "w:-:1:list", "w:-:0:yes", "w:A7KQ::yes", "w:A7KQ:1:maybe", "w:a7kq:1:yes",
    ],
)  # fmt: skip
def test_data_that_no_screen_draws_is_an_old_screen(data: str) -> None:
    with pytest.raises(callback_data.StaleScreen):
        parse(data)


@pytest.mark.parametrize(
    "tap",
    [
        LogTap(99999, "p999999999999999999"),
        StaffTap(10**17, "removed"),
        ApprovalTap("A7KQWXYZBCDF", 999999, "refused"),
    ],
)
def test_the_longest_data_fits_and_reads_back(tap: LogTap | StaffTap | ApprovalTap) -> None:
    assert len(str(tap).encode()) <= 64
    assert parse(str(tap)) == tap
