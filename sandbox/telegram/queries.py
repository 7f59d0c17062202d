"""Callback queries: one for each press of a button."""

import itertools
import time
from dataclasses import dataclass
from typing import Any, Final

from sandbox.books import Books
from sandbox.telegram.params import TelegramError, bad_request

Json = dict[str, Any]
LATE_SECONDS: Final = 5.0
EXPIRY_SECONDS: Final = 30.0
_KEPT: Final = 500
_TOO_OLD: Final = "query is too old and response timeout expired or query ID is invalid"


@dataclass(slots=True)
class Query:
    """A press, and the answer to it. Times are Unix seconds."""

    id: str
    person: int
    chat_id: int
    message_id: int
    data: str
    asked_at: float
    number: int
    answered_at: float | None = None
    text: str = ""
    alert: bool = False
    expired: bool = False

    @property
    def open(self) -> bool:
        """True while the button shows a spinner."""
        return self.answered_at is None and not self.expired


class Queries:
    """Recent presses; lost on restart, when they have expired anyway."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._numbers = itertools.count(int(time.time() * 1000))
        self._queries: dict[str, Query] = {}

    def ask(self, person: int, chat_id: int, message_id: int, data: str) -> Query:
        """Open a query for a press."""
        number = next(self._numbers)
        query = Query(f"43{number}", person, chat_id, message_id, data, time.time(), number)
        self._queries[query.id] = query
        if len(self._queries) > _KEPT:
            del self._queries[next(iter(self._queries))]
        return query

    def answer(self, query_id: str, text: str, alert: bool) -> Query:
        """Answer a query. Raises TelegramError if it is unknown, expired or already answered."""
        if len(text) > 200:
            raise bad_request("MESSAGE_TOO_LONG")
        self._expire()
        query = self._queries.get(query_id)
        if query is None or not query.open:
            if query is not None and query.answered_at is not None:
                self._books.complain("doubled answer", query.data, person=query.person)
            raise TelegramError(400, _TOO_OLD)
        query.answered_at, query.text, query.alert = time.time(), text, alert
        if query.answered_at - query.asked_at > LATE_SECONDS:
            self._books.complain("late callback answer", query.data, person=query.person)
        return query

    def get(self, query_id: str) -> Query | None:
        """The query with that id, or None."""
        self._expire()
        return self._queries.get(query_id)

    def expire_all(self) -> None:
        """Expire all open queries."""
        self._expire(EXPIRY_SECONDS)

    def of(self, chat_id: int) -> list[Query]:
        """The queries from one chat, the oldest first."""
        self._expire()
        return [query for query in self._queries.values() if query.chat_id == chat_id]

    def _expire(self, ahead: float = 0.0) -> None:
        now = time.time() + ahead
        for query in self._queries.values():
            if query.open and now - query.asked_at >= EXPIRY_SECONDS:
                query.expired = True
                self._books.complain("unanswered callback", query.data, person=query.person)

    def overdue(self) -> list[Json]:
        """Complaints about overdue open queries."""
        self._expire()
        now = time.time()
        return [
            {"at": now, "kind": "unanswered callback", "detail": query.data, "person": query.person}
            for query in self._queries.values()
            if query.open and now - query.asked_at > LATE_SECONDS
        ]
