"""Complains about edits beyond one a second in a chat or 20 a minute in a group."""

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from sandbox.books import Books

_PER_MINUTE_IN_GROUP: Final = 20
# After a person's tap or message, the bot redraws a screen and removes an old keyboard.
_FREE_AFTER_ACTION: Final = 2


@dataclass(slots=True)
class _ChatEdits:
    free: int = 0
    edited_at: float = float("-inf")
    last_minute: deque[float] = field(default_factory=deque)


class EditRateMonitor:
    """Watches edits per chat. It only complains; faults refuse."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._chats: dict[int, _ChatEdits] = {}

    def person_acted(self, chat_id: int) -> None:
        """Expect the next edits: a person did something here."""
        self._chats.setdefault(chat_id, _ChatEdits()).free = _FREE_AFTER_ACTION

    def edited(self, chat_id: int) -> None:
        """Count an edit by the bot."""
        edits, now = self._chats.setdefault(chat_id, _ChatEdits()), time.monotonic()
        if edits.free:
            edits.free -= 1
        elif now - edits.edited_at < 1.0:
            self._books.complain("edits faster than 1 a second", f"chat {chat_id}", chat=chat_id)
        edits.edited_at = now
        if chat_id < 0:
            self._in_group(chat_id, edits, now)

    def _in_group(self, chat_id: int, edits: _ChatEdits, now: float) -> None:
        edits.last_minute.append(now)
        while now - edits.last_minute[0] > 60:
            edits.last_minute.popleft()
        if len(edits.last_minute) > _PER_MINUTE_IN_GROUP:
            self._books.complain("more than 20 edits a minute in a group", f"chat {chat_id}", chat=chat_id)
