"""How fast the bot edits: what goes beyond one a second in a chat or 20 a minute in a group is written down."""

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from sandbox.books import Books

_PER_MINUTE_IN_GROUP: Final = 20
# A person's tap or message asks for an answer at once: a screen redrawn and an old keyboard taken away.
_FREE_AFTER_ACTION: Final = 2


@dataclass(slots=True)
class _ChatPace:
    free: int = 0
    edited_at: float = float("-inf")
    last_minute: deque[float] = field(default_factory=deque)


class Pace:
    """Watches edits per chat. It only complains; refusing is left to faults."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._paces: dict[int, _ChatPace] = {}

    def person_acted(self, chat_id: int) -> None:
        """A person did something here, so the next edits are expected."""
        self._paces.setdefault(chat_id, _ChatPace()).free = _FREE_AFTER_ACTION

    def edited(self, chat_id: int) -> None:
        """The bot edited a message in this chat."""
        pace, now = self._paces.setdefault(chat_id, _ChatPace()), time.monotonic()
        if pace.free:
            pace.free -= 1
        elif now - pace.edited_at < 1.0:
            self._books.complain("edits faster than 1 a second", f"chat {chat_id}", chat=chat_id)
        pace.edited_at = now
        if chat_id < 0:
            self._in_group(chat_id, pace, now)

    def _in_group(self, chat_id: int, pace: _ChatPace, now: float) -> None:
        pace.last_minute.append(now)
        while now - pace.last_minute[0] > 60:
            pace.last_minute.popleft()
        if len(pace.last_minute) > _PER_MINUTE_IN_GROUP:
            self._books.complain("more than 20 edits a minute in a group", f"chat {chat_id}", chat=chat_id)
