"""Decides which buttons each person sees, and refuses what they may not do.

The table of buttons says both what is shown and what is carried out: a button that a person may not use is not drawn
for them, and a tap on one that was drawn before is refused where it would act.
"""

from __future__ import annotations

from bot.context import BotContext
from bot.requests import Admin
from bot.routes import ButtonTable
from bot.telegram.client import RowFilter
from bot.ui.screen import Rows
from core.domain.team import Role
from core.services.team import Team


class Permissions:
    """Filters a screen's buttons for the person of a chat; a private chat has the id of its person."""

    def __init__(self, team: Team, buttons: ButtonTable) -> None:
        self._team = team
        self._buttons = buttons

    async def filter(self, chat_id: int, rows: Rows) -> Rows:
        return self.rows_for(await self._team.role(chat_id), rows)

    def filter_for(self, admin: Admin) -> RowFilter:
        """As filter(), while an update of this person is handled: their role has been read already."""

        async def rows_of(chat_id: int, rows: Rows) -> Rows:
            return (
                self.rows_for(admin.role, rows) if chat_id == admin.id else await self.filter(chat_id, rows)
            )

        return rows_of

    def rows_for(self, role: Role | None, rows: Rows) -> Rows:
        """The buttons for this role; none without one."""
        if role is None:
            return ()
        kept = (tuple(one for one in row if role.may(self._buttons.role_for(one.action))) for row in rows)
        return tuple(row for row in kept if row)


async def demand(context: BotContext, admin: Admin, role: Role) -> None:
    """Raises Denied, which says who may."""
    if not admin.role.may(role):
        await context.core.team.demand(admin.id, role)
