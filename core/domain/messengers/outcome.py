"""Outcomes of an attempt, common to all messengers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from core.domain.messengers.billing import Bill
from core.domain.translatable import Sentence, sentence


class Outcome(StrEnum):
    """Class of an answer, decided by the messenger's adapter; nothing above it reads HTTP codes."""

    SENT = "sent"
    TRANSIENT = "transient"
    """Not delivered, may work later: try again after a back-off."""
    RATE_LIMITED = "rate_limited"
    """Too fast, for this recipient or the whole messenger: wait, then try again; costs no try."""
    RECIPIENT_REFUSED = "recipient_refused"
    CONTENT_REFUSED = "content_refused"
    CONFIGURATION = "configuration"
    """Token, permission or payment: the messenger is halted."""
    UNKNOWN = "unknown"
    """The request may have arrived: never resent automatically."""


class Reason(StrEnum):
    """Why a delivery did not arrive, may not have arrived, or waits.

    An admin reads `sentence` of one person, and `counted` behind a number of people.
    """

    BLOCKED = "blocked"
    NOT_STARTED = "not_started"
    NOT_FOUND = "not_found"
    GONE = "gone"
    UNSUBSCRIBED = "unsubscribed"
    OPTED_OUT = "opted_out"
    OUTSIDE_WINDOW = "outside_window"
    NO_RIGHTS = "no_rights"
    NOT_ALLOWED = "not_allowed"
    DEVICE = "device"
    CONTENT = "content"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    TOO_FAST = "too_fast"
    CONFIGURATION = "configuration"
    CUT_OFF = "cut_off"
    NO_ANSWER = "no_answer"
    UNREADABLE = "unreadable"
    DUPLICATE = "duplicate"
    QUIET_HOURS = "quiet_hours"
    TOO_OLD = "too_old"
    DELETED_THERE = "deleted_there"
    RESTRICTED = "restricted"
    FILE = "file"
    TEMPLATE = "template"
    UNLISTED = "unlisted"
    CAPPED = "capped"
    EXPERIMENT = "experiment"
    NO_MARKETING = "no_marketing"
    COUNTRY = "country"
    UNDELIVERABLE = "undeliverable"
    NO_VALUE = "no_value"
    """Left out beforehand: there is no value for a gap of the text."""
    KIND = "kind"
    """Left out beforehand: the messenger has nothing of this kind."""
    NOT_SET_UP = "not_set_up"
    """Left out beforehand: the messenger has no account of ours."""
    UNNAMED = "unnamed"
    """Read for every reason that only another version knows; never written."""

    @classmethod
    def _missing_(cls, value: object) -> Reason:
        return cls.UNNAMED

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]

    def counted(self, on: str = "") -> str:
        """Text after a count: "blocked the bot". `on`: the messenger's name."""
        form = _COUNTED.get(self, _SENTENCES[self])
        if not isinstance(form, Sentence):
            return form(on or sentence("this messenger"))
        return sentence("{what} ({messenger})", what=form, messenger=on) if on else form

    @property
    def may_be_over(self) -> bool:
        """True when a later attempt may succeed."""
        return self in _MAY_BE_OVER

    @property
    def earliest_retry(self) -> timedelta:
        """The earliest sensible retry, counted from the failure."""
        return _EARLIEST_RETRY.get(self, timedelta())

    @property
    def means_failed(self) -> bool:
        """False if the message may have arrived."""
        return self not in _LEAVES_UNKNOWN


def said_again(text: str) -> str:
    """Make a stored text translatable when it is the sentence of a reason."""
    known = (*_SENTENCES.values(), NO_CLEAR_ANSWERS, NOT_REACHED)
    return next((one for one in known if one == text), text)


NO_CLEAR_ANSWERS = sentence("the messenger's answers are unclear, so I'm testing with one message at a time")
NOT_REACHED = sentence("the messenger can't be reached. Sending continues when it's back")
"""Why a messenger waits by itself, until its answers are clear again."""

_MAY_BE_OVER = frozenset(
    {
        Reason.BUSY,
        Reason.UNREACHABLE,
        Reason.TOO_FAST,
        Reason.CONFIGURATION,
        Reason.RESTRICTED,
        Reason.FILE,
        Reason.TEMPLATE,
        Reason.UNLISTED,
        Reason.CAPPED,
        Reason.EXPERIMENT,
        Reason.COUNTRY,
        Reason.UNDELIVERABLE,
    }
)
_EARLIEST_RETRY = {
    Reason.CAPPED: timedelta(hours=24),
    Reason.EXPERIMENT: timedelta(days=7),
    Reason.UNDELIVERABLE: timedelta(hours=24),
}
_LEAVES_UNKNOWN = frozenset({Reason.CUT_OFF, Reason.NO_ANSWER, Reason.UNREADABLE})

_SENTENCES: dict[Reason, Sentence] = {
    Reason.BLOCKED: sentence("blocked the bot"),
    Reason.NOT_STARTED: sentence("has never pressed Start in the bot"),
    Reason.NOT_FOUND: sentence("not found on this messenger"),
    Reason.GONE: sentence("the account or chat was deleted"),
    Reason.UNSUBSCRIBED: sentence("is not subscribed"),
    Reason.OPTED_OUT: sentence("opted out"),
    Reason.OUTSIDE_WINDOW: sentence("hasn't written to you in 24 hours, so a template is needed"),
    Reason.NO_RIGHTS: sentence("the bot isn't allowed to write in this chat"),
    Reason.NOT_ALLOWED: sentence("the messenger doesn't let you write to this person"),
    Reason.DEVICE: sentence("the app is too old for this message"),
    Reason.CONTENT: sentence("the messenger refused the content"),
    Reason.FILE: sentence("the file couldn't be passed to the messenger"),
    Reason.TEMPLATE: sentence("the messenger refused the template"),
    Reason.UNLISTED: sentence("the messenger refused it for an unknown reason"),
    Reason.CAPPED: sentence("has had enough marketing messages for now. Try again in a day"),
    Reason.EXPERIMENT: sentence("is in one of the messenger's test groups. Try again in a week"),
    Reason.NO_MARKETING: sentence("wants no marketing messages from you"),
    Reason.COUNTRY: sentence("the messenger doesn't let you write to this country"),
    Reason.UNDELIVERABLE: sentence("can't be reached right now: not on the messenger, or using an old app"),
    Reason.NO_VALUE: sentence("a value for the text is missing"),
    Reason.KIND: sentence("the messenger can't send this kind of message"),
    Reason.NOT_SET_UP: sentence("the messenger isn't set up"),
    Reason.UNNAMED: sentence("for a reason this version doesn't know"),
    Reason.BUSY: sentence("the messenger was busy"),
    Reason.UNREACHABLE: sentence("the messenger couldn't be reached"),
    Reason.TOO_FAST: sentence("the messenger asked to wait"),
    Reason.CONFIGURATION: sentence("the account isn't set up right"),
    Reason.RESTRICTED: sentence("the messenger has restricted or banned the account"),
    Reason.CUT_OFF: sentence("interrupted while sending. It may have arrived"),
    Reason.NO_ANSWER: sentence("the messenger's answer was unclear. It may have arrived"),
    Reason.UNREADABLE: sentence("the record couldn't be read"),
    Reason.DUPLICATE: sentence("is also on the list with a newer number or ID"),
    Reason.QUIET_HOURS: sentence("waiting for quiet hours to end"),
    Reason.TOO_OLD: sentence("older than two days, so it can't be deleted"),
    Reason.DELETED_THERE: sentence("the message no longer exists there"),
}

_COUNTED: dict[Reason, Sentence | Callable[[str], Sentence]] = {
    # Those that are not worded like the sentence of one person.
    Reason.NOT_STARTED: sentence("never pressed Start in the bot"),
    Reason.NOT_FOUND: lambda on: sentence("not on {messenger}", messenger=on),
    Reason.GONE: sentence("deleted their account or chat"),
    Reason.UNSUBSCRIBED: sentence("not subscribed"),
    Reason.OUTSIDE_WINDOW: sentence("without a template (no message from them in 24 hours)"),
    Reason.NO_RIGHTS: sentence("in chats where the bot isn't allowed to write"),
    Reason.NOT_ALLOWED: lambda on: sentence("can't be messaged on {messenger}", messenger=on),
    Reason.DEVICE: sentence("using an app too old for this message"),
    Reason.CONTENT: lambda on: sentence("refused by {messenger} because of the content", messenger=on),
    Reason.FILE: lambda on: sentence(
        "failed because the file couldn't be passed to {messenger}", messenger=on
    ),
    Reason.TEMPLATE: lambda on: sentence("failed because {messenger} refused the template", messenger=on),
    Reason.UNLISTED: lambda on: sentence("refused by {messenger} for an unknown reason", messenger=on),
    Reason.CAPPED: lambda on: sentence(
        "had enough marketing messages on {messenger}. Try again in a day", messenger=on
    ),
    Reason.EXPERIMENT: lambda on: sentence(
        "in one of {messenger}'s test groups. Try again in a week", messenger=on
    ),
    Reason.NO_MARKETING: sentence("not accepting marketing messages from you"),
    Reason.COUNTRY: lambda on: sentence("in a country {messenger} doesn't let you write to", messenger=on),
    Reason.UNDELIVERABLE: lambda on: sentence(
        "can't be reached on {messenger} right now (no account, or an old app)", messenger=on
    ),
    Reason.NO_VALUE: sentence("with a missing value"),
    Reason.KIND: lambda on: sentence("on {messenger}, which can't send this kind of message", messenger=on),
    Reason.NOT_SET_UP: lambda on: sentence("on {messenger}, which isn't set up", messenger=on),
    Reason.BUSY: lambda on: sentence("failed while {messenger} was busy", messenger=on),
    Reason.UNREACHABLE: lambda on: sentence("failed while {messenger} couldn't be reached", messenger=on),
    Reason.TOO_FAST: lambda on: sentence("failed while {messenger} asked to wait", messenger=on),
    Reason.CONFIGURATION: sentence("failed because the account isn't set up right"),
    Reason.RESTRICTED: lambda on: sentence(
        "failed because {messenger} has restricted or banned the account", messenger=on
    ),
    Reason.CUT_OFF: sentence("interrupted while sending, may have arrived"),
    Reason.NO_ANSWER: lambda on: sentence(
        "without a clear answer from {messenger}, may have arrived", messenger=on
    ),
    Reason.UNREADABLE: sentence("with an unreadable record"),
    Reason.DUPLICATE: sentence("on the list twice"),
    Reason.TOO_OLD: lambda on: sentence("too old to be deleted on {messenger}", messenger=on),
    Reason.DELETED_THERE: sentence("on whose phone the message no longer exists"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The outcome of one attempt, from an adapter.

    `detail` is the messenger's own words, short, free of secrets, for the log.
    """

    outcome: Outcome
    reason: Reason | None = None
    detail: str = ""
    message_id: str = ""
    retry_after: float | None = None
    """Seconds the messenger asked to wait."""
    whole_messenger: bool = False
    """With RATE_LIMITED: the whole messenger has to wait, not only this recipient."""
    halts: bool = False
    """With RECIPIENT_REFUSED: the whole messenger stops too, as with CONFIGURATION."""
    key: str = ""
    """Refusals that others of the broadcast will meet too have the same key, for example the messenger's code."""
    for_all: bool = False
    """With `key`: it will be refused for everybody, so one such answer is enough."""
    max_tries: int | None = None
    """With TRANSIENT: a limit on tries below that of the settings."""
    bill: Bill | None = None
    """With SENT: what the messenger charges, where its answer says so."""
    migrated_to: str = ""
    """With RECIPIENT_REFUSED: the new address of the recipient."""
