"""Updates for the bot: kept until confirmed, delivered by long poll or webhook."""

import asyncio
import time
from collections import Counter, deque
from itertools import islice
from typing import Any, Final

from sandbox.telegram.params import TelegramError

Json = dict[str, Any]
MAX_TIMEOUT: Final = 50
MAX_LIMIT: Final = 100
# Sent only if named in allowed_updates.
_ONLY_BY_NAME: Final = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_OTHER_POLLER: Final = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)


class _Poll:
    def __init__(self) -> None:
        self.wake = asyncio.Event()
        self.ended_by = ""


class Updates:
    """The queue of updates. Ids always grow, even when the state file was lost."""

    def __init__(self) -> None:
        self._next_id = int(time.time())
        self._pending: deque[Json] = deque()
        self._handed_out: Counter[int] = Counter()
        self.times = 1
        """Number of times each update is handed out; above 1 as if the bot's confirmation got lost."""
        self._poll: _Poll | None = None
        self._closed = False
        self.allowed: list[str] = []
        self.polled_at = 0.0
        self.arrived = asyncio.Event()

    def push(self, kind: str, payload: Json) -> None:
        """Queue an update, if its kind is allowed."""
        if kind not in self.allowed if self.allowed else kind in _ONLY_BY_NAME:
            return
        self._pending.append({"update_id": self._next_id, kind: payload})
        self._next_id += 1
        self.arrived.set()
        if self._poll is not None:
            self._poll.wake.set()

    def waiting(self) -> list[Json]:
        """Updates not yet confirmed, the oldest first."""
        return list(self._pending)

    def confirm(self, offset: int) -> None:
        """Drop updates with smaller ids; a negative offset keeps only that many of the last ones."""
        if offset < 0:
            offset = self._next_id + offset
        while self._pending and (first := self._pending[0]["update_id"]) < offset:
            if 0 < self._handed_out[first] < self.times:
                return
            self._pending.popleft()
            del self._handed_out[first]

    def drop_all(self) -> None:
        """Drop all updates."""
        self._pending.clear()

    def end_poll(self, reason: str) -> None:
        """End a waiting poll with a 409 that says why."""
        if self._poll is not None:
            self._poll.ended_by = reason
            self._poll.wake.set()

    def close(self) -> None:
        """End a waiting poll; later ones do not wait."""
        self._closed = True
        self.arrived.set()
        if self._poll is not None:
            self._poll.wake.set()

    async def poll(self, offset: int, limit: int, timeout: float) -> list[Json]:  # noqa: ASYNC109 - Telegram's word
        """Wait up to `timeout` seconds for updates. Raises TelegramError 409 when a later poll takes over."""
        self.end_poll(_OTHER_POLLER)
        poll = self._poll = _Poll()
        self.polled_at = time.time()
        self.confirm(offset)
        try:
            async with asyncio.timeout(min(max(timeout, 0), MAX_TIMEOUT)):
                while not (self._pending or poll.ended_by or self._closed):
                    await poll.wake.wait()
                    poll.wake.clear()
        except TimeoutError:
            pass
        finally:
            if self._poll is poll:
                self._poll = None
        if poll.ended_by:
            raise TelegramError(409, poll.ended_by)
        self.polled_at = time.time()
        handed = list(islice(self._pending, min(max(limit, 1), MAX_LIMIT)))
        self._handed_out.update(update["update_id"] for update in handed)
        return handed

    def to_json(self) -> Json:
        """For the state file."""
        return {"next_id": self._next_id, "pending": self.waiting(), "allowed": self.allowed}

    def load(self, saved: Json) -> None:
        """Restore what `to_json` returned."""
        self._next_id = max(self._next_id, saved["next_id"])
        self._pending.extend(saved["pending"])
        self.allowed = saved["allowed"]
        if self._pending:
            self.arrived.set()
