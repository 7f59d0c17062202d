"""The books: every call to the fakes, every delivered message, and complaints."""

import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

Json = dict[str, Any]
KEPT: Final = 1_000_000
KEPT_COMPLAINTS: Final = 10_000


@dataclass(slots=True)
class Call:
    """One request. `sends` marks those that put a message on a phone."""

    messenger: str
    method: str
    recipient: str = ""
    text: str = ""
    sends: bool = False
    fails_later: int = 0
    """The code under which the accepted message is reported as failed; 0: it is delivered."""
    account: str = ""
    """The sender: the id of Telegram's bot, WhatsApp's phone number id."""
    block: Sequence[str] = ()
    """The recipients, where one call is for many."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A call with its answer: `status` is HTTP's (0: nobody got the answer), `code` the messenger's own."""

    at: float
    call: Call
    status: int
    code: int

    def to_json(self) -> Json:
        """JSON for the control API; `at` in Unix seconds."""
        call = self.call
        return {
            "at": self.at,
            "messenger": call.messenger,
            "method": call.method,
            "recipient": call.recipient,
            "block": call.block,
            "account": call.account,
            "text": call.text,
            "status": self.status,
            "code": self.code,
        }


@dataclass(frozen=True, slots=True)
class Landed:
    """A message that reached a phone."""

    at: float
    messenger: str
    recipient: str
    text: str
    message_id: str

    def to_json(self) -> Json:
        """JSON for the control API; `at` in Unix seconds."""
        return {
            "at": self.at,
            "messenger": self.messenger,
            "recipient": self.recipient,
            "text": self.text,
            "message_id": self.message_id,
        }


class Books:
    """In memory; the last million entries."""

    def __init__(self) -> None:
        self._calls: deque[Entry] = deque(maxlen=KEPT)
        self._landed: deque[Landed] = deque(maxlen=KEPT)
        self._complaints: deque[Json] = deque(maxlen=KEPT_COMPLAINTS)
        self._texts: dict[str, str] = {}

    def record(self, call: Call, status: int, code: int) -> None:
        """Record an answered call (status 0: nobody got the answer)."""
        call.text = self._one_copy(call.text)
        self._calls.append(Entry(time.time(), call, status, code))

    def landed(self, messenger: str, recipient: str, text: str, message_id: str) -> None:
        """Record a message that reached a phone."""
        self._landed.append(Landed(time.time(), messenger, recipient, self._one_copy(text), message_id))

    def complain(self, kind: str, detail: str, **about: object) -> None:
        """Record what a user or the messenger would object to."""
        self._complaints.append({"at": time.time(), "kind": kind, "detail": detail, **about})

    def clear(self) -> None:
        """Empty the books."""
        self._calls.clear()
        self._landed.clear()
        self._complaints.clear()
        self._texts.clear()

    def calls(self, messenger: str = "", method: str = "", recipient: str = "") -> Iterator[Entry]:
        """Calls in order; an empty argument means any. Telegram methods match in any case."""
        for entry in self._calls:
            call = entry.call
            if messenger not in ("", call.messenger) or recipient not in ("", call.recipient):
                continue
            if not method or call.method.lower() == method.lower():
                yield entry

    def delivered(self, messenger: str = "", recipient: str = "", text: str = "") -> Iterator[Landed]:
        """Delivered messages in order; an empty argument means any, `text` is a part of the text."""
        for landed in self._landed:
            if messenger not in ("", landed.messenger) or recipient not in ("", landed.recipient):
                continue
            if text in landed.text:
                yield landed

    def complaints(self) -> list[Json]:
        """All complaints in order."""
        return list(self._complaints)

    def summary(self) -> Json:
        """Counts: calls per messenger, method and code; messages and distinct recipients per messenger;
        every (messenger, recipient, text) that was delivered more than once."""
        calls: dict[str, dict[str, Counter[str]]] = {}
        for entry in self._calls:
            methods = calls.setdefault(entry.call.messenger, {})
            methods.setdefault(entry.call.method, Counter())[str(entry.code)] += 1
        times = Counter((item.messenger, item.recipient, item.text) for item in self._landed)
        return {
            "calls": calls,
            "delivered": Counter(item.messenger for item in self._landed),
            "recipients": Counter(messenger for messenger, _ in {key[:2] for key in times}),
            "duplicates": [
                {"messenger": key[0], "recipient": key[1], "text": key[2], "times": count}
                for key, count in times.items()
                if count > 1
            ],
        }

    def _one_copy(self, text: str) -> str:
        # A broadcast repeats one text up to a hundred thousand times; keep one copy.
        if len(self._texts) > 10_000:
            self._texts.clear()
        return self._texts.setdefault(text, text)
