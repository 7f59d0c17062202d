"""Command menus by scope and language."""

import re
from typing import Any, Final

from sandbox.people import Reach
from sandbox.telegram.chats import Chats
from sandbox.telegram.params import Params, bad_request

Json = dict[str, Any]
_COMMAND: Final = re.compile(r"[a-z0-9_]{1,32}")
_MAX_COMMANDS: Final = 100


class Menus:
    """The menus set by setMyCommands."""

    def __init__(self, chats: Chats) -> None:
        self._chats = chats
        self._menus: dict[str, list[Json]] = {}

    def set(self, params: Params) -> bool:
        """setMyCommands."""
        commands = params.structure("commands")
        if not isinstance(commands, list) or len(commands) > _MAX_COMMANDS:
            raise bad_request("can't parse commands: expected an Array of BotCommand")
        self._menus[self._key(params)] = [_command(entry) for entry in commands]
        return True

    def get(self, params: Params) -> list[Json]:
        """getMyCommands: exactly this scope and language."""
        return self._menus.get(self._key(params), [])

    def delete(self, params: Params) -> bool:
        """deleteMyCommands."""
        self._menus.pop(self._key(params), None)
        return True

    def seen_by(self, person: int) -> list[Json]:
        """The menu a person sees in the chat with the bot: the narrowest scope that has one, in their language."""
        chat = self._chats.find(person)
        language = chat.language if chat else ""
        for scope in (f"chat:{person}", "all_private_chats", "default"):
            for code in (language, ""):
                if menu := self._menus.get(f"{scope}|{code}"):
                    return menu
        return []

    def _key(self, params: Params) -> str:
        scope = params.structure("scope") or {"type": "default"}
        kind = scope.get("type") if isinstance(scope, dict) else None
        if kind == "chat" and isinstance(scope, dict):
            chat = self._chats.named(Params(scope))
            if chat.reach is Reach.NEVER_STARTED:
                raise bad_request("chat not found")
            kind = f"chat:{chat.id}"
        elif kind not in ("default", "all_private_chats"):
            raise bad_request("can't parse BotCommandScope: unsupported type specified")
        return f"{kind}|{params.text('language_code')}"

    def to_json(self) -> Json:
        """For the state file."""
        return dict(self._menus)

    def load(self, saved: Json) -> None:
        """Restore what `to_json` returned."""
        self._menus.update(saved)


def _command(entry: object) -> Json:
    if not isinstance(entry, dict):
        raise bad_request("can't parse commands: BotCommand must be an Object")
    command = str(entry.get("command", "")).removeprefix("/")
    description = str(entry.get("description", "")).strip()
    if not _COMMAND.fullmatch(command):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": command, "description": description}
