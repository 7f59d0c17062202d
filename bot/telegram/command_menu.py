"""The menu of commands that Telegram shows: one for subscribers, one for each admin. It is help, not access control."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Final

from telegram import Bot, BotCommand, BotCommandScope, BotCommandScopeChat, BotCommandScopeDefault

from bot.telegram.errors import Rejected, translated_errors
from bot.text.translation import ENGLISH, LANGUAGES, in_language, language, translate
from core.domain.team import Role, TeamMember
from core.domain.translatable import sentence

log = logging.getLogger(__name__)

_SUBSCRIBERS: Final = (
    ("start", sentence("Subscribe")),
    ("stop", sentence("Unsubscribe")),
    ("help", sentence("What you can do")),
)


class CommandMenu:
    """Sets the menus. `commands`: name, role and description of each, in the order of the menu."""

    def __init__(self, bot: Bot, commands: Sequence[tuple[str, Role, str]]) -> None:
        self._bot = bot
        self._commands = commands

    async def set_all(self, people: Sequence[TeamMember]) -> None:
        """In every language: Telegram shows each person the one of their app."""
        for spoken in LANGUAGES:
            with in_language(spoken):
                await self._set(_SUBSCRIBERS, BotCommandScopeDefault())
        for person in people:
            await self.set_for(person.id, person.role)

    async def set_for(self, person: int, role: Role | None) -> None:
        """The commands of this role; without one, those of subscribers.

        A person who has not pressed Start yet gets the menu at the first /start.
        """
        scope = BotCommandScopeChat(person)
        able = [(name, about) for name, needed, about in self._commands if role and role.may(needed)]
        try:
            for spoken in LANGUAGES:
                with in_language(spoken):
                    await self._set(able, scope)
        except Rejected as error:
            log.info("no menu for %d yet: %s", person, error)

    async def _set(self, commands: Iterable[tuple[str, str]], scope: BotCommandScope) -> None:
        """Set the menu. A text that is not translated stays English; no commands: the menu of everybody."""
        code = None if language() == ENGLISH else language()
        listed = [BotCommand(name, translate(about)) for name, about in commands]
        with translated_errors():
            if listed:
                await self._bot.set_my_commands(listed, scope, language_code=code)
            else:
                await self._bot.delete_my_commands(scope, language_code=code)
