"""Roles of buttons, commands and prompts: each has a row, and a button without one is for owners alone."""

from __future__ import annotations

import pytest

from bot.dispatcher import BUTTONS
from bot.handlers.commands import COMMANDS
from bot.handlers.typed_text import PROMPTS
from bot.permissions import Permissions
from bot.routes import ButtonTable, button
from bot.ui.callback_data import (
    APPROVALS,
    AUDIENCES,
    BOT,
    NO_ACTION,
    PEOPLE,
    Action,
    AnswerList,
    InboundPage,
    ListPage,
    LogPage,
    OnInbound,
    PurgeChoice,
    Release,
    StaleScreen,
    Subject,
    parse,
)
from bot.ui.screen import Button, Rows
from core.domain.messengers.traits import Messenger
from core.domain.team import Role

BROADCAST = Subject("b", "A7KQ", "g")


def rows_for(role: Role | None, rows: Rows) -> Rows:
    return Permissions(None, BUTTONS).rows_for(role, rows)  # type: ignore[arg-type]


def test_a_button_without_a_row_is_for_owners_alone_and_carries_nothing_out() -> None:
    unknown = BROADCAST.to("explode")
    assert BUTTONS.role_for(unknown) is Role.OWNER
    rows = ((Button("?", unknown),),)
    assert rows_for(Role.EDITOR, rows) == ()
    assert rows_for(Role.OWNER, rows) == rows
    with pytest.raises(StaleScreen):
        BUTTONS.read(unknown.encode())


def test_two_rows_for_one_button_are_refused_at_the_start() -> None:
    row = button(BOT.to("home"), Role.VIEWER, lambda _context, _press: None)  # type: ignore[arg-type, return-value]
    with pytest.raises(ValueError, match="two rows"):
        ButtonTable((row,), (row,))


# Every form of callback data that a screen has ever drawn: old chats still carry them.
@pytest.mark.parametrize(
    ("data", "action", "needed"),
    [
        ("x", NO_ACTION, Role.VIEWER),
        ("l:s:1:a", ListPage("s", 1), Role.VIEWER),
        ("i:5-17:2", InboundPage(5, 17, 2), Role.EDITOR),
        ("i:5:open", OnInbound(5, "open"), Role.EDITOR),
        ("i:5:file", OnInbound(5, "file"), Role.EDITOR),
        ("i:5:draft", OnInbound(5, "draft"), Role.EDITOR),
        ("l:q0a1b2c:2:f", ListPage("q0a1b2c", 2, "f"), Role.VIEWER),
        ("g:1:-", LogPage(1), Role.VIEWER),
        ("g:0:a", LogPage(0, api=True), Role.VIEWER),
        ("g:1:i", LogPage(1, important=True), Role.VIEWER),
        ("g:2:bA7KQ", LogPage(2, broadcast_id="A7KQ"), Role.VIEWER),
        ("g:99999:p999999999999999999", LogPage(99999, person=999999999999999999), Role.VIEWER),
        ("b:A7KQ:g:view:s1a", BROADCAST.to("view", ListPage("s", 1)), Role.VIEWER),
        ("b:A7KQ:g:view:q0a1b2c3c", BROADCAST.to("view", ListPage("q0a1b2c", 3, "c")), Role.VIEWER),
        ("b:A7KQ:g:csv", BROADCAST.to("csv"), Role.VIEWER),
        ("b:A7KQ:g:pause", BROADCAST.to("pause"), Role.EDITOR),
        ("b:A7KQ:g:retried:1f", BROADCAST.to("retried", "1f"), Role.EDITOR),
        ("b:A7KQ:g:set:29000000", BROADCAST.to("set", 29000000), Role.EDITOR),
        ("b:A7KQ:g:t:202612010900:1", BROADCAST.to("t", "202612010900:1"), Role.EDITOR),
        ("b:A7KQ:f:resent:0", Subject("b", "A7KQ", "f").to("resent", 0), Role.OWNER),
        ("d:A7KQ:3:go:5", Subject("d", "A7KQ", "3").to("go", 5), Role.EDITOR),
        ("d:A7KQ:3:who", Subject("d", "A7KQ", "3").to("who"), Role.EDITOR),
        ("d:A7KQ:3:pick:a7kqwx:2", Subject("d", "A7KQ", "3").to("pick", "a7kqwx:2"), Role.EDITOR),
        ("d:A7KQ:3:rset:w135:0900:1a2b", Subject("d", "A7KQ", "3").to("rset", "w135:0900:1a2b"), Role.EDITOR),
        ("d:A7KQ:3:rend:never", Subject("d", "A7KQ", "3").to("rend", "never"), Role.EDITOR),
        ("d:A7KQ:3:opt:silent", Subject("d", "A7KQ", "3").to("opt", "silent"), Role.EDITOR),
        ("s:A7KQ:3:edit:who", Subject("s", "A7KQ", "3").to("edit", "who"), Role.EDITOR),
        ("a::page:1", AUDIENCES.to("page", 1), Role.VIEWER),
        ("a::new", AUDIENCES.to("new"), Role.EDITOR),
        ("a:ABC:view", Subject("a", "ABC").to("view"), Role.VIEWER),
        ("a:ABC:dropped:3", Subject("a", "ABC").to("dropped", 3), Role.EDITOR),
        ("a:ABC:into:XYZ", Subject("a", "ABC").to("into", "XYZ"), Role.EDITOR),
        ("p:all", PurgeChoice("all"), Role.OWNER),
        ("p:all:3:yes", PurgeChoice("all", 3), Role.OWNER),
        ("k:1f:ask", Release("1f", ask=True), Role.EDITOR),
        ("k:1f:below", Release("1f", ask=True, below=True), Role.EDITOR),
        ("k:1f:all", Release("1f"), Role.EDITOR),
        ("k:1f:mt", Release("1f", messenger=Messenger.TELEGRAM), Role.EDITOR),
        ("k:1f:bA7KQ", Release("1f", broadcast_id="A7KQ"), Role.EDITOR),
        ("m:t:resume", Subject("m", "t").to("resume"), Role.EDITOR),
        ("h:home", BOT.to("home"), Role.VIEWER),
        ("h:panic", BOT.to("panic"), Role.EDITOR),
        ("h:purge", BOT.to("purge"), Role.OWNER),
        ("u:0:list", PEOPLE.to("list"), Role.VIEWER),
        ("u:101:owner", Subject("u", "101").to("owner"), Role.OWNER),
        ("u:100000000000000000:removed", Subject("u", str(10**17)).to("removed"), Role.OWNER),
        ("u:0:invite", PEOPLE.to("invite"), Role.OWNER),
        ("u:0:invite-editor", PEOPLE.to("invite-editor"), Role.OWNER),
        ("t:0123456789ab:yes", Subject("t", "0123456789ab").to("yes"), Role.OWNER),
        ("w:-:0:list", APPROVALS.to("list"), Role.VIEWER),
        ("f:A7KQWXYZ:1:12", AnswerList("A7KQWXYZ", 1, 12), Role.EDITOR),
        ("f:A7KQWXYZ:0:doc", AnswerList("A7KQWXYZ", kind="doc"), Role.EDITOR),
        ("w:A7KQ:1:view", Subject("w", "A7KQ", "1").to("view"), Role.VIEWER),
        ("w:A7KQWXYZBCDF:999999:refused", Subject("w", "A7KQWXYZBCDF", "999999").to("refused"), Role.EDITOR),
    ],
)  # fmt: skip
def test_what_callback_data_does_and_which_role_it_needs(data: str, action: Action, needed: Role) -> None:
    assert action.encode() == data
    assert parse(data) == action
    assert BUTTONS.read(data)[1].role is needed
    able = {role for role in Role if rows_for(role, ((Button("x", action),),))}
    assert able == {role for role in Role if role.may(needed)}


def test_who_has_no_role_sees_no_button() -> None:
    assert rows_for(None, ((Button("x", NO_ACTION),),)) == ()


def test_every_command_and_prompt_has_one_row() -> None:
    names = [one.name for one in COMMANDS]
    assert len(set(names)) == len(names)
    assert [one.name for one in COMMANDS if one.about] == ["send", "scheduled", "sent", "lists", "help"]
    owners = {one.name for one in COMMANDS if one.role is Role.OWNER} | {
        one.field for one in PROMPTS if one.role is Role.OWNER
    }
    assert owners == {"purge", "staff-add", "forget"}
    viewers = {one.field for one in PROMPTS if one.role is Role.VIEWER}
    assert viewers == {"audience-people", "search", "zone:h"}


@pytest.mark.parametrize(
    ("field", "row"),
    [("who", "who"), ("save:A7KQWX", "save"), ("zone:h:", "zone:h"), ("zone:d:when", "zone"), ("whom", None)],
)
def test_what_the_store_keeps_of_a_question_finds_its_row(field: str, row: str | None) -> None:
    assert next((one.field for one in PROMPTS if one.answers(field)), None) == row


@pytest.mark.parametrize(
    "data",
    [
        "g:1:", "g:1:zA7K", "g:100000:-", "g:1:b", "g:1:p0", "g:-1:-",
        "u:0:owner", "u:1:add", "u:01:view", "u:1:god", "u::list", "u:1",
        "a::page:0", "a:ZZZZZZ:view:1", "a:ZZZZZZ:into:x", "a:ZZZZZZ:", "a::view",
        "w:A7KQ:1:list", "w:-:1:list", "w:-:0:yes", "w:A7KQ::yes", "w:A7KQ:1:maybe", "w:a7kq:1:yes",
        "b:A7KQ:g:pause:1", "b:A7KQ:g:pause:", "b:A7KQ:g:failed", "b:A7KQ::pause", "b:A7KQ:g:view:z1a",
        "d:A7KQ:3:pick:a7kqwx", "d:A7KQ:3:day:20261399", "d:A7KQ:3:opt:loud", "s:A7KQ:3:edit:why",
        "k:1f:mz", "m:z:resume", "h:home:1", "h:", "x:", "l:s:0:a", "p:all:03:yes",
    ],
)  # fmt: skip
def test_data_that_no_screen_draws_is_an_old_screen(data: str) -> None:
    with pytest.raises(StaleScreen):
        BUTTONS.read(data)
