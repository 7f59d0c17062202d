"""Which role each command and each button needs. What stands in none of these tables is for owners alone.

The same tables say what is shown and what is carried out: a button that somebody may not use is not drawn for them,
and a tap on one that was drawn before is refused where it would act.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from bot import prompts
from bot.context import Admin, BotContext
from bot.ui.callback_data import (
    HELP,
    ZONE_TYPED,
    AnyTap,
    ApprovalTap,
    AudienceTap,
    ListTap,
    LogTap,
    MenuTap,
    PendingListTap,
    ReleaseTap,
    ResumeTap,
    StaffTap,
    StaleScreen,
    Tap,
    ZoneTap,
    parse,
)
from bot.ui.screen import Rows
from core.domain.team import Role
from core.services.team import TeamService

_LOOK, _EDIT, _OWN = Role.VIEWER, Role.EDITOR, Role.OWNER


def _table(viewer: str = "", editor: str = "", owner: str = "") -> dict[str, Role]:
    """From words between bars."""
    listed = {_LOOK: viewer, _EDIT: editor, _OWN: owner}
    return {word: role for role, words in listed.items() for word in words.split("|") if word}


COMMANDS: Final[Mapping[str, Role]] = _table(
    viewer="start|help|zone|status|scheduled|finished|audiences|log|admins|cancel",
    editor="send|panic|resume",
    owner="purge",
)
_PICKER: Final = "when|cal|mon|yrs|day|t|set"
BROADCAST: Final[Mapping[str, Role]] = _table(
    viewer="view|back|look|failed|got|csv|chart|phones",
    editor=f"{_PICKER}|send|sure|undo|cancel|cancelled|pause|resume|stop|stopped|retry|retried|again|text|people|"
    "fix|fixed|erase|erased|halt",
    owner="resend|resent",
)
DRAFT: Final[Mapping[str, Role]] = _table(
    editor=f"{_PICKER}|rep|rtime|rset|rend|late|loud|home|who|pick|near|save|text|link|clear|now|view|test|drop|dropped|"
    "go|sure|replace|split|opt"
)
SERIES: Final[Mapping[str, Role]] = _table(viewer="view", editor="skip|pause|resume|stop|stopped|edit")
AUDIENCE: Final[Mapping[str, Role]] = _table(
    viewer="page|view|csv",
    editor="new|add|remove|rename|drop|dropped|use|left|save|join|into|outof|quiet|hush",
)
MENU: Final[Mapping[str, Role]] = _table(
    viewer="home|status|close|search|help", editor="new|take|panic", owner="purge"
)
STAFF: Final[Mapping[str, Role]] = _table(viewer="list|view", owner="add|viewer|editor|owner|remove|removed")
APPROVAL: Final[Mapping[str, Role]] = _table(viewer="list|view", editor="yes|no|refused|back")
_THINGS: Final[Mapping[str, Mapping[str, Role]]] = {"d": DRAFT, "b": BROADCAST, "s": SERIES}


def needed(tap: AnyTap) -> Role:
    """The role without which this tap is refused."""
    match tap:
        case None | ListTap() | LogTap():
            return _LOOK
        case ResumeTap() | ReleaseTap() | PendingListTap():
            return _EDIT
        case Tap():
            return _THINGS.get(tap.subject.kind, {}).get(tap.verb, _OWN)
        case AudienceTap():
            return AUDIENCE.get(tap.verb, _OWN)
        case MenuTap():
            return MENU.get(tap.verb, _OWN)
        case StaffTap():
            return STAFF.get(tap.verb, _OWN)
        case ZoneTap():
            return _LOOK if tap.place == HELP else _EDIT
        case ApprovalTap():
            return APPROVAL.get(tap.verb, _OWN)
    return _OWN


class Permissions:
    """What the people of each chat get to see."""

    def __init__(self, staff: TeamService) -> None:
        self._staff = staff

    async def draw(self, chat_id: int, rows: Rows) -> Rows:
        """Those of the buttons that the person may use; a private chat has the id of its person."""
        return drawn_for(await self._staff.role(chat_id), rows)

    def acting(self, admin: Admin) -> Callable[[int, Rows], Awaitable[Rows]]:
        """The same while an update of this person is handled: their role has been read already."""

        async def draw(chat_id: int, rows: Rows) -> Rows:
            return drawn_for(admin.role, rows) if chat_id == admin.id else await self.draw(chat_id, rows)

        return draw


def drawn_for(role: Role | None, rows: Rows) -> Rows:
    """The buttons that somebody with this role may use; who has none gets those of screens for everybody."""
    kept = (tuple(button for button in row if _may(role, button.data)) for row in rows)
    return tuple(row for row in kept if row)


def _may(role: Role | None, data: str) -> bool:
    try:
        return role is not None and role.may(needed(parse(data)))
    except StaleScreen:
        return role is Role.OWNER


async def demand(context: BotContext, admin: Admin, role: Role) -> None:
    """Raises Denied, which says who may."""
    if not admin.role.may(role):
        await context.core.staff.demand(admin.id, role)


async def demand_for_words(context: BotContext, admin: Admin) -> None:
    """Bare words write an order or change a list, unless what is searched for or a zone was asked for."""
    waiting = await context.core.drafts.awaiting(admin.id)
    if waiting is None or not (waiting[1] == prompts.SEARCH or waiting[1].startswith(f"{ZONE_TYPED}{HELP}:")):
        await demand(context, admin, _EDIT)
