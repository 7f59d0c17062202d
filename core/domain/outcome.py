"""What one attempt came to, in words that hold for every messenger."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """Classes of answers. A messenger's adapter decides the class; nobody above it looks at HTTP codes."""

    SENT = "sent"
    TRANSIENT = "transient"
    """Certainly not delivered, and may work later: try again after a back-off."""
    RATE_LIMITED = "rate_limited"
    """Too fast, for this recipient or the whole messenger: wait, then try again; costs no try."""
    RECIPIENT_REFUSED = "recipient_refused"
    CONTENT_REFUSED = "content_refused"
    CONFIGURATION = "configuration"
    """Token, permission or payment: the whole messenger stops, what waits keeps waiting."""
    UNKNOWN = "unknown"
    """The request may have arrived and nobody can tell: never sent again by itself."""


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

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]

    def counted(self, on: str = "") -> str:
        """What stands behind a count, one or many: "blocked the bot". `on`: the messenger's name, to be said too."""
        form = _COUNTED[self]
        return f"{form} ({on})" if on and "{}" not in form else form.format(on or "this messenger")

    @property
    def may_be_over(self) -> bool:
        """Whether another try at another time may reach the same person."""
        return self in _MAY_BE_OVER

    @property
    def means_failed(self) -> bool:
        """False for reasons why nobody knows whether it arrived."""
        return self not in _LEAVES_UNKNOWN


_MAY_BE_OVER = frozenset({Reason.BUSY, Reason.UNREACHABLE, Reason.TOO_FAST, Reason.CONFIGURATION})
_LEAVES_UNKNOWN = frozenset({Reason.CUT_OFF, Reason.NO_ANSWER, Reason.UNREADABLE})

_SENTENCES = {
    Reason.BLOCKED: "blocked the bot",
    Reason.NOT_STARTED: "has never pressed Start in the bot",
    Reason.NOT_FOUND: "no such person on this messenger",
    Reason.GONE: "the account or chat was deleted",
    Reason.UNSUBSCRIBED: "is not subscribed",
    Reason.OPTED_OUT: "asked to get no messages",
    Reason.OUTSIDE_WINDOW: "has not written to you in 24 hours; a template is needed",
    Reason.NO_RIGHTS: "the bot may not write in this chat",
    Reason.NOT_ALLOWED: "the messenger does not let you write to this person",
    Reason.DEVICE: "their app is too old for this message",
    Reason.CONTENT: "the messenger refused the content",
    Reason.BUSY: "the messenger was busy",
    Reason.UNREACHABLE: "the messenger could not be reached",
    Reason.TOO_FAST: "the messenger asked to wait",
    Reason.CONFIGURATION: "the account is not set up right",
    Reason.CUT_OFF: "cut off while sending; they may have it",
    Reason.NO_ANSWER: "the messenger did not answer clearly; they may have it",
    Reason.UNREADABLE: "the ledger's row could not be read; it was set aside",
}

_COUNTED = {
    Reason.BLOCKED: "blocked the bot",
    Reason.NOT_STARTED: "never pressed Start in the bot",
    Reason.NOT_FOUND: "not on {}",
    Reason.GONE: "whose account or chat was deleted",
    Reason.UNSUBSCRIBED: "not subscribed",
    Reason.OPTED_OUT: "asked to get no messages",
    Reason.OUTSIDE_WINDOW: "silent for 24 hours; a template is needed",
    Reason.NO_RIGHTS: "where the bot may not write",
    Reason.NOT_ALLOWED: "whom {} does not let you write to",
    Reason.DEVICE: "with too old an app for this message",
    Reason.CONTENT: "refused by {} because of the content",
    Reason.BUSY: "failed while {} was busy",
    Reason.UNREACHABLE: "failed while {} could not be reached",
    Reason.TOO_FAST: "failed while {} asked to wait",
    Reason.CONFIGURATION: "failed because the account is not set up right",
    Reason.CUT_OFF: "cut off while sending; may have it",
    Reason.NO_ANSWER: "without a clear answer from {}; may have it",
    Reason.UNREADABLE: "unreadable in the ledger; set aside",
}


OUT_OF_REACH = frozenset({Reason.BLOCKED, Reason.GONE, Reason.UNSUBSCRIBED, Reason.OPTED_OUT})
"""Reasons that hold for every broadcast until the person comes back: later orders leave them out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The outcome of one attempt as an adapter tells it.

    `detail` is the messenger's own words, short, free of secrets, for the log.
    """

    outcome: Outcome
    reason: Reason | None = None
    detail: str = ""
    message_id: str = ""
    retry_after: float | None = None
    """Seconds the messenger asked to wait, when it named them."""
    whole_messenger: bool = False
    """With RATE_LIMITED: whether everybody on the messenger has to wait, not this recipient alone."""
    max_tries: int | None = None
    """With TRANSIENT: the messenger's own advice to give up earlier than the settings say."""
    migrated_to: str = ""
    """With RECIPIENT_REFUSED: nobody is at this address any more, but under this one they are reached."""
