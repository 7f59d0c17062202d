"""What buttons carry: `kind:id:stamp:verb[:argument]` for things, `kind:argument...` for lists and questions.

`kind` is one letter; each has one pattern and one way to read what it matches: GRAMMAR.
A tap is input like any other: it is read strictly here, and what it names is looked up again where it acts. `stamp` is
the state of the thing that the screen showed; a button with another stamp belongs to an older screen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from core.domain.broadcast import Broadcast, BroadcastStatus
from core.domain.messengers.traits import BY_CODE, Messenger
from core.domain.series import Series
from core.parsing.time_zones import is_zone
from core.store.chat.drafts import Draft

NO_ACTION = "x"
"""Data of a button that is only drawn: past days, titles."""


class StaleScreen(Exception):
    """The tap belongs to no screen that is drawn today."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What the buttons of a screen act on: a draft ("d"), broadcast ("b") or series ("s"), in the state of `stamp`."""

    kind: str
    id: str
    stamp: str

    def to(self, verb: str, argument: str = "") -> str:
        """Data of a button that does `verb` to it."""
        head = f"{self.kind}:{self.id}:{self.stamp}:{verb}"
        return f"{head}:{argument}" if argument else head


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


def _broadcast_stamp(broadcast: Broadcast) -> str:
    """Changes with the status; while it waits, also with the time, the edition and the approval request."""
    if broadcast.asked is not None:
        return f"a{broadcast.asked.number}"
    if broadcast.status in _STATUS_STAMPS:
        return _STATUS_STAMPS[broadcast.status]
    edition = _EDITION_LETTERS[broadcast.edition % len(_EDITION_LETTERS)] if broadcast.edition else ""
    return f"s{int(broadcast.send_at.timestamp()) // 60:x}{edition}"


@dataclass(frozen=True, slots=True)
class Tap:
    """A tap on a button of a draft's, a broadcast's or a series' screen."""

    subject: Subject
    verb: str
    argument: str


SEARCH = "q"


@dataclass(frozen=True, slots=True)
class ListTap:
    """A page of a list. `which`: "s" scheduled, "f" finished, "r" running, SEARCH and a stamp: what a search found;
    `shown`: the filter's letter."""

    which: str
    page: int
    shown: str

    def __str__(self) -> str:
        return f"l:{self.which}:{self.page}:{self.shown}"


@dataclass(frozen=True, slots=True)
class PurgeTap:
    """A kind of purge; with `count` it is the answer to the question that named this count."""

    kind: str
    count: int | None = None

    def __str__(self) -> str:
        return f"p:{self.kind}" if self.count is None else f"p:{self.kind}:{self.count}:yes"


@dataclass(frozen=True, slots=True)
class ResumeTap:
    """Let a halted messenger go on."""

    messenger: Messenger

    def __str__(self) -> str:
        return f"m:{self.messenger.traits.code}:resume"


@dataclass(frozen=True, slots=True)
class MenuTap:
    """One of the screens that belong to no thing."""

    verb: str

    def __str__(self) -> str:
        return f"h:{self.verb}"


ASK, ALL = "ask", "all"


@dataclass(frozen=True, slots=True)
class ReleaseTap:
    """After everything was stopped. `stamp`: which stop is meant; `what`: ASK, ALL, m<messenger> or b<broadcast>."""

    stamp: str
    what: str

    def __str__(self) -> str:
        return f"k:{self.stamp}:{self.what}"


@dataclass(frozen=True, slots=True)
class AudienceTap:
    """A tap on a list of recipients, or on their overview. `list_id`: empty for the overview."""

    list_id: str
    verb: str
    argument: str = ""

    def __str__(self) -> str:
        head = f"a:{self.list_id}:{self.verb}"
        return f"{head}:{self.argument}" if self.argument else head


CSV: Final = 0
"""The page of the log that stands for all of it as a file."""
EVERYBODY: Final = "-"
"""The log of all, not of one broadcast or one person."""


@dataclass(frozen=True, slots=True)
class LogTap:
    """A page of the log. `of`: EVERYBODY, b<broadcast>, p<person's id>, or "a" for what came in over HTTP."""

    page: int
    of: str

    def __str__(self) -> str:
        return f"g:{self.page}:{self.of}"


@dataclass(frozen=True, slots=True)
class StaffTap:
    """A tap on the list of people (`person` 0) or on the card of one."""

    person: int
    verb: str

    def __str__(self) -> str:
        return f"u:{self.person}:{self.verb}"


@dataclass(frozen=True, slots=True)
class ApprovalTap:
    """A tap on a question for approval. `number`: which question about this broadcast it was."""

    broadcast_id: str
    number: int
    verb: str

    def __str__(self) -> str:
        return f"w:{self.broadcast_id}:{self.number}:{self.verb}"


@dataclass(frozen=True, slots=True)
class PendingListTap:
    """An answer to a question about a list of people.

    `step`: how many answers there were before; `answer`: the number of the button; LIST or DOCUMENT: what a file is.
    """

    list_id: str
    step: int
    answer: str

    def __str__(self) -> str:
        return f"f:{self.list_id}:{self.step}:{self.answer}"


LIST: Final = "list"
DOCUMENT: Final = "doc"


StaffTaps = LogTap | StaffTap | ApprovalTap | PendingListTap


HELP: Final = "h"
CALENDAR: Final = "d"
REPEAT: Final = "r"
PLANNED: Final = "b"
NOTHING: Final = "-"
OFFER: Final = ""
DEFAULT: Final = "default"
ZONE_TYPED: Final = "zone:"
"""What is awaited, before the letter of the place, while a city may be typed."""


@dataclass(frozen=True, slots=True)
class ZoneTap:
    """A zone is chosen, or the choice opened (OFFER). DEFAULT: that of the settings.

    `place`: the screen that it was opened from and comes back to: HELP, the CALENDAR or the REPEAT picker of a draft,
    the calendar of a PLANNED broadcast; `about`: the id of that, or NOTHING.
    """

    place: str
    about: str = NOTHING
    zone: str = OFFER

    def __str__(self) -> str:
        return f"z:{self.place}:{self.about}:{self.zone}"


AnyTap = (
    ZoneTap | Tap | AudienceTap | ListTap | PurgeTap | ResumeTap | ReleaseTap | MenuTap | StaffTaps | None
)

_WALL = r"\d{12}(?::[01])?"
_PICKER = {
    "when": "",
    "cal": r"\d{8}",
    "mon": r"\d{4}",
    "yrs": "",
    "day": r"\d{8}",
    "t": _WALL,
    "set": r"\d{1,9}",
}
_REPEAT = r"(?:[dk]|w[1-7]{1,7}|m(?:[1-9]|[12]\d|3[01]|l)):(?:[01]\d|2[0-3])[0-5]\d"
_WHICH = r"[sfr]|q[0-9a-f]{6}"
_PAGE = rf"(?:{_WHICH})\d{{1,5}}[afc]"
_LIST_ID = r"[a-z0-9]{3,12}"
_ARGUMENTS: dict[str, dict[str, str]] = {
    "d": _PICKER
    | {"home": "", "who": r"(?:[1-9]\d{0,3})?", "pick": r"[a-z0-9]{3,12}:[1-9]\d{0,3}", "near": _LIST_ID}
    | {
        "save": _LIST_ID,
        "text": "",
        "link": "",
        "clear": "",
        "now": "",
        "view": "",
        "drop": "",
        "dropped": "",
    }
    | {
        "rep": r"(?:w[1-7]{0,7}|m)?",
        "rtime": _REPEAT,
        "rset": rf"{_REPEAT}:[0-9a-f]{{4}}",
        "rend": r"never|\d{1,3}",
    }
    | {"late": "", "loud": ""}
    | {
        "go": r"\d{1,7}",
        "sure": r"\d{1,7}",
        "replace": "",
        "split": "",
        "test": "",
        "opt": "(?:silent|protected|paid)?",
    },
    "b": _PICKER
    | {"look": "", "text": "", "people": "", "back": ""}
    | {"phones": "", "erase": "", "erased": r"\d{1,6}", "fix": "", "fixed": r"\d{1,6}", "halt": r"\d{1,6}"}
    | {"view": _PAGE, "send": "", "sure": r"\d{1,7}", "undo": "", "cancel": "", "cancelled": ""}
    | {"pause": "", "resume": "", "stop": "", "stopped": "", "failed": r"\d{1,6}", "got": r"\d{1,6}"}
    | {"retry": r"[0-9a-f]{0,4}", "retried": r"[0-9a-f]{1,4}", "again": ""}
    | {"resend": "", "resent": r"\d{1,6}", "csv": "", "chart": ""},
    "s": {
        "view": _PAGE,
        "skip": "",
        "pause": "",
        "resume": "",
        "stop": "",
        "stopped": "",
        "edit": "text|who|when",
    },
}
_OVERVIEW = {"page": r"[1-9]\d{0,4}", "new": ""}
_NAMED_LIST = r"[A-Z0-9]{3,12}"
_LIST_VERBS = {
    **dict.fromkeys(("view", "add", "remove", "rename", "csv", "drop", "use", "left", "save", "quiet"), ""),
    "dropped": r"\d{1,9}",
    "join": "[01]",
    "hush": "[DN]",
    "into": _NAMED_LIST,
    "outof": _NAMED_LIST,
}
_AUDIENCE = re.compile(rf"a:({_NAMED_LIST})?:([a-z]{{1,9}})(?::([A-Z0-9]{{1,12}}))?")
_THING = re.compile(r"([dbs]):([A-Z0-9]{3,12}):([a-z0-9]{1,9}):([a-z]{1,9})(?::([a-z0-9:]{1,20}))?")
_BACK = re.compile(rf"({_WHICH})(\d{{1,5}})([afc])")
_LIST = re.compile(rf"l:({_WHICH}):([1-9]\d{{0,4}}):([afc])")
_PURGE = re.compile(r"p:([a-z]{1,8})(?::(0|[1-9]\d{0,8}):yes)?")
_RESUME = re.compile(r"m:([a-z]):resume")
_RELEASE = re.compile(r"k:([0-9a-f]{1,12}):(ask|all|m[a-z]|b[A-Z0-9]{3,12})")
_MENU = re.compile(r"h:(home|status|new|purge|take|close|panic|search|help)")


def parse(data: str) -> AnyTap:
    """What was tapped; None for a button that is only drawn. Raises StaleScreen for everything else."""
    if data == NO_ACTION:
        return None
    if data[:1] not in GRAMMAR:
        raise StaleScreen
    pattern, read = GRAMMAR[data[:1]]
    found = pattern.fullmatch(data)
    tap = None if found is None else read(found)
    if tap is None:
        raise StaleScreen
    return tap


def read_back(argument: str) -> ListTap:
    """The page of a list that a "view" tap names, to go back to. Raises StaleScreen."""
    match = _BACK.fullmatch(argument)
    if match is None:
        raise StaleScreen
    return ListTap(match[1], max(1, int(match[2])), match[3])


def _thing(found: re.Match[str]) -> Tap | None:
    kind, thing_id, stamp, verb, argument = found[1], found[2], found[3], found[4], found[5] or ""
    pattern = _ARGUMENTS[kind].get(verb)
    if pattern is None or not re.fullmatch(pattern, argument):
        return None
    return Tap(Subject(kind, thing_id, stamp), verb, argument)


def _audience(found: re.Match[str]) -> AudienceTap | None:
    list_id, verb, argument = found[1] or "", found[2], found[3] or ""
    pattern = (_LIST_VERBS if list_id else _OVERVIEW).get(verb)
    if pattern is None or not re.fullmatch(pattern, argument):
        return None
    return AudienceTap(list_id, verb, argument)


def _purge(found: re.Match[str]) -> PurgeTap:
    return PurgeTap(found[1], int(found[2]) if found[2] else None)


def _resume(found: re.Match[str]) -> ResumeTap | None:
    return ResumeTap(BY_CODE[found[1]]) if found[1] in BY_CODE else None


_LOG: Final = re.compile(r"g:(\d{1,5}):(-|a|b[A-Z0-9]{3,12}|p[1-9]\d{0,17})")
_STAFF: Final = re.compile(r"u:(?:(0):(list|add)|([1-9]\d{0,17}):(view|viewer|editor|owner|remove|removed))")
_APPROVAL: Final = re.compile(r"w:(?:(-):(0):(list)|([A-Z0-9]{3,12}):(\d{1,6}):(yes|no|refused|view|back))")


def _staff(found: re.Match[str]) -> StaffTap:
    return StaffTap(int(found[1] or found[3]), found[2] or found[4])


def _approval(found: re.Match[str]) -> ApprovalTap:
    return ApprovalTap(found[1] or found[4], int(found[2] or found[5]), found[3] or found[6])


_PENDING: Final = re.compile(r"f:([A-Z0-9]{8}):(\d{1,2}):(\d{1,2}|list|doc)")
_ZONE: Final = re.compile(r"z:(?:(h):(-)|([drb]):([A-Z0-9]{3,12})):([A-Za-z0-9_+/-]{0,40})")


def _zone(found: re.Match[str]) -> ZoneTap | None:
    """None for what names no zone of the world."""
    if found[5] not in (OFFER, DEFAULT) and not is_zone(found[5]):
        return None
    return ZoneTap(found[1] or found[3], found[2] or found[4], found[5])


GRAMMAR: Final[Mapping[str, tuple[re.Pattern[str], Callable[[re.Match[str]], AnyTap]]]] = {
    **dict.fromkeys("dbs", (_THING, _thing)),
    "a": (_AUDIENCE, _audience),
    "l": (_LIST, lambda found: ListTap(found[1], int(found[2]), found[3])),
    "p": (_PURGE, _purge),
    "h": (_MENU, lambda found: MenuTap(found[1])),
    "k": (_RELEASE, lambda found: ReleaseTap(found[1], found[2])),
    "m": (_RESUME, _resume),
    "g": (_LOG, lambda found: LogTap(int(found[1]), found[2])),
    "u": (_STAFF, _staff),
    "w": (_APPROVAL, _approval),
    "z": (_ZONE, _zone),
    "f": (_PENDING, lambda found: PendingListTap(found[1], int(found[2]), found[3])),
}
"""By kind; what reads as None belongs to no screen."""
