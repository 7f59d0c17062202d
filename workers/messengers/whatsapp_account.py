"""WhatsApp's webhook: events of the account, its templates and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

from core.domain.messengers.account_status import AccountEvent, Issue, Subject
from workers.messengers.outcomes import part
from workers.messengers.reports import Json, objects, text

_BANS: Final[Mapping[str, Issue | None]] = {
    "DISABLE": Issue.BARRED,
    "SCHEDULE_FOR_DISABLE": Issue.BAN_AHEAD,
    "REINSTATE": None,
}
_BARRING: Final = frozenset({"ACCOUNT_VIOLATION", "ACCOUNT_DELETED"})
_TEMPLATES: Final[Mapping[str, Issue | None]] = {
    "PAUSED": Issue.PAUSED,
    "DISABLED": Issue.DISABLED,
    "REJECTED": Issue.REJECTED,
    "FLAGGED": Issue.COMPLAINTS,
    **dict.fromkeys(
        ("APPROVED", "REINSTATED", "UNPAUSED", "UNARCHIVED", "DELETED", "PENDING_DELETION"), None
    ),
}
_NUMBERS: Final[Mapping[str, Issue | None]] = {
    "FLAGGED": Issue.COMPLAINTS,
    "DOWNGRADE": Issue.LOWERED,
    **dict.fromkeys(("UNFLAGGED", "UPGRADE", "THROUGHPUT_UPGRADE"), None),
}


def _of_account(value: Json, at: datetime) -> Iterator[AccountEvent]:
    event = text(value, "event")
    if event == "DISABLED_UPDATE":
        state = text(part(value, "ban_info"), "waba_ban_state")
        if state in _BANS:
            yield AccountEvent(subject=Subject.ACCOUNT, issue=_BANS[state], at=at)
    elif event in _BARRING or (event == "ACCOUNT_RESTRICTION" and _restricts_messages(value)):
        yield AccountEvent(subject=Subject.ACCOUNT, issue=Issue.BARRED, at=at)


def _restricts_messages(value: Json) -> bool:
    """An account may also be kept from nothing but getting more numbers."""
    kinds = [text(one, "restriction_type") for one in objects(value.get("restriction_info"))]
    return not kinds or any("MESSAGING" in kind for kind in kinds)


def _of_template(value: Json, at: datetime) -> Iterator[AccountEvent]:
    event = text(value, "event")
    name, language = text(value, "message_template_name"), text(value, "message_template_language")
    if not name:
        raise ValueError("no template is named")
    if event in _TEMPLATES:
        named = f"{name} {language}".strip()
        yield AccountEvent(subject=Subject.TEMPLATE, name=named, issue=_TEMPLATES[event], at=at)


def _of_number(value: Json, at: datetime) -> Iterator[AccountEvent]:
    event, number = text(value, "event"), text(value, "display_phone_number")
    if event in _NUMBERS:
        yield AccountEvent(subject=Subject.NUMBER, name=number, issue=_NUMBERS[event], at=at)


FIELDS: Final[Mapping[str, Callable[[Json, datetime], Iterator[AccountEvent]]]] = {
    "account_update": _of_account,
    "message_template_status_update": _of_template,
    "phone_number_quality_update": _of_number,
}
"""By the name under which one subscribes to them."""
