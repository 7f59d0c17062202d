"""Actions of buttons, and the callback data that encodes them.

Callback data is `kind:subject:verb[:argument]`, with one letter for the kind; a few kinds have a form of their own. The
forms are kept: buttons in old chats carry them. A tap is input like any other: it is read strictly, and its subject is
looked up again where it acts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Protocol

from core.domain.broadcast import Broadcast, BroadcastStatus
from core.domain.messengers.traits import BY_CODE, Messenger
from core.domain.series import Series
from core.parsing.time_zones import is_zone
from core.store.chat.drafts import Draft


class StaleScreen(Exception):
    """The tap belongs to no screen that is drawn today."""


class Action(Protocol):
    @property
    def key(self) -> str:
        """Its row in the table of buttons."""

    def encode(self) -> str:
        """Its callback data."""


def matched(pattern: str, text: str) -> re.Match[str]:
    """Raises StaleScreen for a text of another form."""
    found = re.fullmatch(pattern, text)
    if found is None:
        raise StaleScreen
    return found


ID: Final = r"[A-Z0-9]{3,12}"
_PARTS: Final = {"h": 0, "a": 1, "u": 1, "m": 1, "t": 1, "d": 2, "b": 2, "s": 2, "w": 2}
"""By kind: how many parts name the subject."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The target of buttons: a draft ("d"), broadcast ("b"), series ("s"), audience ("a"), person ("u"), invitation to
    the team ("t"), request for approval ("w") or messenger ("m"), or just the bot ("h").

    `stamp`: the state that the screen shows; a button with another one belongs to an older screen.
    """

    kind: str
    id: str = ""
    stamp: str = ""

    def to(self, verb: str, argument: object = "") -> SubjectAction:
        """The action that carries out `verb`. `argument`: a value whose str() the verb's row reads."""
        return SubjectAction(self, verb, str(argument))

    def __str__(self) -> str:
        return ":".join((self.kind, self.id, self.stamp)[: 1 + _PARTS[self.kind]])


@dataclass(frozen=True, slots=True)
class SubjectAction:
    """`verb` carried out on a subject. `argument`: as callback data has it; the row of the verb reads it."""

    subject: Subject
    verb: str
    argument: str = ""

    @property
    def key(self) -> str:
        return f"{self.subject.kind}:{self.verb}"

    def encode(self) -> str:
        return f"{self.subject}:{self.verb}" + (f":{self.argument}" if self.argument else "")


_STATUS_STAMPS: Final = {
    BroadcastStatus.SENDING: "g",
    BroadcastStatus.PAUSED: "p",
    BroadcastStatus.FINISHED: "f",
    BroadcastStatus.CANCELLED: "c",
}
_EDITION_LETTERS: Final = "ghijklmnopqrstuvwxyz"


def subject(thing: Draft | Broadcast | Series) -> Subject:
    """The subject of a screen that shows this thing as it is now."""
    match thing:
        case Draft():
            return Subject("d", thing.id, str(thing.revision))
        case Series():
            return Subject("s", thing.id, str(thing.revision))
        case Broadcast():
            return Subject("b", thing.id, _broadcast_stamp(thing))


def open_sending(broadcast_id: str) -> SubjectAction:
    """Opens the card of a broadcast that was being sent, in place of the message with the button."""
    return Subject("b", broadcast_id, _STATUS_STAMPS[BroadcastStatus.SENDING]).to("view", RUNNING_LIST)


def _broadcast_stamp(broadcast: Broadcast) -> str:
    """Changes with the status; while it waits, also with the time, the edition and the approval request."""
    if broadcast.asked is not None:
        return f"a{broadcast.asked.number}"
    if broadcast.status in _STATUS_STAMPS:
        return _STATUS_STAMPS[broadcast.status]
    edition = _EDITION_LETTERS[broadcast.edition % len(_EDITION_LETTERS)] if broadcast.edition else ""
    return f"s{int(broadcast.send_at.timestamp()) // 60:x}{edition}"


BOT: Final = Subject("h")
AUDIENCES: Final = Subject("a")
AUDIENCE_LIST: Final = AUDIENCES.to("page", 1)
PEOPLE: Final = Subject("u", "0")
APPROVALS: Final = Subject("w", "-", "0")


@dataclass(frozen=True, slots=True)
class _NoAction:
    key: ClassVar = "x"

    def encode(self) -> str:
        return self.key


NO_ACTION: Final = _NoAction()
"""For a button that is only drawn: past days, titles."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list. `which`: "s" scheduled, "f" finished, "r" running, "q" and a stamp: what a search found;
    `shown`: the filter's letter."""

    key: ClassVar = "l"
    which: str
    page: int
    shown: str = "a"

    def encode(self) -> str:
        return f"l:{self.which}:{self.page}:{self.shown}"

    def __str__(self) -> str:
        return f"{self.which}{self.page}{self.shown}"

    @classmethod
    def parse(cls, data: str) -> ListPage:
        found = matched(r"l:([sfr]|q[0-9a-f]{6}):([1-9]\d{0,4}):([afcr])", data)
        return cls(found[1], int(found[2]), found[3])

    @classmethod
    def read(cls, argument: str) -> ListPage:
        """Parse what str() wrote: the page that a "view" returns to."""
        found = matched(r"([sfr]|q[0-9a-f]{6})(\d{1,5})([afcr])", argument)
        return cls(found[1], max(1, int(found[2])), found[3])

    @property
    def search(self) -> str:
        """The stamp of the search; empty for another list."""
        return self.which[1:] if self.which.startswith("q") else ""


SCHEDULED_LIST: Final = ListPage("s", 1)
SENT_LIST: Final = ListPage("f", 1)
RUNNING_LIST: Final = ListPage("r", 1)
"""The first pages."""


@dataclass(frozen=True, slots=True)
class PurgeChoice:
    """A kind of purge; with `count` it is the answer to the question that named this count."""

    key: ClassVar = "p"
    what: str
    count: int | None = None

    def encode(self) -> str:
        return f"p:{self.what}" if self.count is None else f"p:{self.what}:{self.count}:yes"

    @classmethod
    def parse(cls, data: str) -> PurgeChoice:
        found = matched(r"p:([a-z]{1,8})(?::(0|[1-9]\d{0,8}):yes)?", data)
        return cls(found[1], int(found[2]) if found[2] else None)


@dataclass(frozen=True, slots=True)
class Release:
    """Resume what the panic stop of `stamp` halted: one messenger, one broadcast, or all.

    `ask`: ask which first, with `below` in a new message; `one`: ask which broadcast.
    """

    key: ClassVar = "k"
    stamp: str
    ask: bool = False
    messenger: Messenger | None = None
    broadcast_id: str | None = None
    one: bool = False
    below: bool = False

    def encode(self) -> str:
        if self.ask or self.one:
            return f"k:{self.stamp}:{'below' if self.below else 'ask' if self.ask else 'one'}"
        if self.messenger is not None:
            return f"k:{self.stamp}:m{self.messenger.traits.code}"
        return f"k:{self.stamp}:b{self.broadcast_id}" if self.broadcast_id else f"k:{self.stamp}:all"

    @classmethod
    def parse(cls, data: str) -> Release:
        found = matched(
            rf"k:([0-9a-f]{{1,12}}):(?:(ask|below|one)|all|m([{''.join(BY_CODE)}])|b({ID}))", data
        )
        messenger = BY_CODE[found[3]] if found[3] else None
        asks, below, one = found[2] in {"ask", "below"}, found[2] == "below", found[2] == "one"
        return cls(found[1], asks, messenger, found[4], one=one, below=below)


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of the log: of a broadcast, a person, the HTTP API, important acts, or all. Page CSV: all as a file."""

    key: ClassVar = "g"
    page: int
    broadcast_id: str = ""
    person: int | None = None
    api: bool = False
    important: bool = False

    def encode(self) -> str:
        of = f"p{self.person}" if self.person else f"b{self.broadcast_id}" if self.broadcast_id else "-"
        return f"g:{self.page}:{'a' if self.api else 'i' if self.important else of}"

    @classmethod
    def parse(cls, data: str) -> LogPage:
        found = matched(rf"g:(\d{{1,5}}):(?:-|([ai])|b({ID})|p([1-9]\d{{0,17}}))", data)
        person = int(found[4]) if found[4] else None
        return cls(int(found[1]), found[3] or "", person, found[2] == "a", found[2] == "i")


CSV: Final = 0
"""The page of the log that is all of it as a file."""
HELP: Final = "h"
WELCOME: Final = "w"
CALENDAR: Final = "d"
REPEAT: Final = "r"
PLANNED: Final = "b"
NOTHING: Final = "-"
OFFER: Final = ""
DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True)
class ChooseZone:
    """Choose a time zone, or open the choice (OFFER). DEFAULT: the zone of the settings.

    `place`: the screen that it was opened from and goes back to: HELP, the first /start (WELCOME), the CALENDAR or the
    REPEAT picker of a draft, the calendar of a PLANNED broadcast; `about`: the id of that, or NOTHING.
    """

    place: str
    about: str = NOTHING
    zone: str = OFFER

    @property
    def key(self) -> str:
        return f"z:{self.place}"

    def encode(self) -> str:
        return f"z:{self.place}:{self.about}:{self.zone}"

    @classmethod
    def parse(cls, data: str) -> ChooseZone:
        found = matched(rf"z:(?:([hw]):(-)|([drb]):({ID})):([A-Za-z0-9_+/-]{{0,40}})", data)
        if found[5] not in (OFFER, DEFAULT) and not is_zone(found[5]):
            raise StaleScreen
        return cls(found[1] or found[3], found[2] or found[4], found[5])


LIST: Final = "list"
DOCUMENT: Final = "doc"
COLUMN: Final = "col"
NOTES: Final = "notes"
CARD: Final = "card"
MESSAGE: Final = "msg"
LEAVE: Final = "no"


@dataclass(frozen=True, slots=True)
class AnswerList:
    """An answer to a question about a list of people: the number of the choice, or what a file is: LIST or DOCUMENT.
    COLUMN: the columns are to be shown and changed. NOTES: all that is known of it; CARD: back from there. MESSAGE:
    typed words are a part of the message. LEAVE: back to what it was for.

    `step`: how many answers there were before.
    """

    key: ClassVar = "f"
    list_id: str
    step: int = 0
    choice: int = 0
    kind: str = ""

    def encode(self) -> str:
        return f"f:{self.list_id}:{self.step}:{self.kind or self.choice}"

    @classmethod
    def parse(cls, data: str) -> AnswerList:
        found = matched(r"f:([A-Z0-9]{8}):(\d{1,2}):(?:(\d{1,2})|(list|doc|col|notes|card|msg|no))", data)
        return cls(found[1], int(found[2]), int(found[3] or 0), found[4] or "")


INBOUND_PAGE_SIZE: Final = 5


@dataclass(frozen=True, slots=True)
class InboundPage:
    """A page of the messages that people wrote, from number `first` to `last`."""

    key: ClassVar = "i"
    first: int
    last: int
    page: int

    def encode(self) -> str:
        return f"i:{self.first}-{self.last}:{self.page}"

    @property
    def pages(self) -> int:
        return -(-(self.last - self.first + 1) // INBOUND_PAGE_SIZE)

    @property
    def numbers(self) -> range:
        """Of the messages on the page."""
        start = self.first + (self.page - 1) * INBOUND_PAGE_SIZE
        return range(start, min(self.last + 1, start + INBOUND_PAGE_SIZE))


@dataclass(frozen=True, slots=True)
class OnInbound:
    """`verb` carried out on the message of a person: "open" it, show its "file", begin a "draft" to them, "answer" it
    with what was offered to many, send the answer that was refused in "words", send it "too" beside another admin's."""

    number: int
    verb: str

    @property
    def key(self) -> str:
        return f"i:{self.verb}"

    def encode(self) -> str:
        return f"i:{self.number}:{self.verb}"


def _inbound(data: str) -> InboundPage | OnInbound:
    found = matched(r"i:(\d{1,12})(?:-(\d{1,12}):([1-9]\d{0,8})|:(open|file|draft|answer|words|too))", data)
    if found[4]:
        return OnInbound(int(found[1]), found[4])
    here = InboundPage(int(found[1]), int(found[2]), int(found[3]))
    if here.last < here.first or here.page > here.pages:
        raise StaleScreen
    return here


_PARSERS: Final[Mapping[str, Callable[[str], Action]]] = {
    "l": ListPage.parse,
    "p": PurgeChoice.parse,
    "k": Release.parse,
    "g": LogPage.parse,
    "z": ChooseZone.parse,
    "f": AnswerList.parse,
    "i": _inbound,
}


def parse(data: str) -> Action:
    """The action that callback data names. Raises StaleScreen; a subject and an argument are checked by their row."""
    if data == NO_ACTION.encode():
        return NO_ACTION
    kind, *rest = data.split(":")
    if kind in _PARSERS:
        return _PARSERS[kind](data)
    count = _PARTS.get(kind)
    if count is None or len(rest) <= count:
        raise StaleScreen
    action = Subject(kind, *rest[:count]).to(rest[count], ":".join(rest[count + 1 :]))
    if action.encode() != data:
        raise StaleScreen
    return action
