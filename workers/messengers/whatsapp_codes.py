"""Outcomes of the Cloud API's codes, in answers and in receipts alike: never the HTTP status or the title.

Sources: Meta's list of error codes, December 2025; for 131062-131064 and 137000 the client library pywa.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from core.domain.messengers.outcome import Answer, Outcome, Reason
from workers.messengers.outcomes import (
    BUSY,
    CONFIGURATION,
    CONTENT,
    RESTRICTED,
    keyed,
    part,
    refused,
    too_fast,
)

_NOT_ALLOWED = refused(Reason.NOT_ALLOWED)
NO_FILE: Final = replace(BUSY, reason=Reason.FILE, max_tries=2)
_TEMPLATE = replace(CONTENT, reason=Reason.TEMPLATE)
_NO_TEMPLATE = replace(_TEMPLATE, for_all=True)
_BUSY_FOR_A_MINUTE = replace(BUSY, retry_after=60.0)

CODES: Final[Mapping[int, Answer]] = {
    # The token: invalid, expired, taken back.
    **dict.fromkeys((0, 190), CONFIGURATION),
    # A permission or capability is missing; the Graph version has ended.
    **dict.fromkeys((3, 10, *range(200, 300), 2635, 131005), CONFIGURATION),
    # The phone number: deleted, not registered, its name not approved; marketing switched off.
    **dict.fromkeys((33, 131037, 131045, 131063, *range(133000, 133016)), CONFIGURATION),
    # Payment.
    131042: CONFIGURATION,
    # Restricted, locked, unwanted by too many, templates sorted wrongly: only a person can put that right.
    **dict.fromkeys((368, 131031, 131048, 131064), RESTRICTED),
    # Restricted for this person's country: others may be reached once somebody has looked.
    130497: replace(refused(Reason.COUNTRY), halts=True),
    # Too fast; these are the first waits.
    **dict.fromkeys((4, 80007, 133016), too_fast(60.0, whole_messenger=True)),
    130429: too_fast(5.0, whole_messenger=True),
    131056: too_fast(4.0, whole_messenger=False),
    # Not now.
    1: replace(BUSY, reason=Reason.CONTENT, max_tries=2),
    **dict.fromkeys((2, 131000, 131016, 133004), BUSY),
    131057: _BUSY_FOR_A_MINUTE,
    **dict.fromkeys((131052, 131053), NO_FILE),
    # Not this person.
    131026: refused(Reason.UNDELIVERABLE),
    131047: refused(Reason.OUTSIDE_WINDOW),
    131049: refused(Reason.CAPPED),
    131050: refused(Reason.NO_MARKETING),
    130472: refused(Reason.EXPERIMENT),
    **dict.fromkeys((131021, 131030, 131062), _NOT_ALLOWED),
    # Not this content.
    **dict.fromkeys((100, 131008, 131009, 131051, 135000, 137000), CONTENT),
    # Not this template: its parameters, or the template itself, which then reaches nobody.
    **dict.fromkeys((132000, 132005, 132008, 132012, 132068, 132069), _TEMPLATE),
    **dict.fromkeys((132001, 132007, 132015, 132016), _NO_TEMPLATE),
}


def of_code(code: int) -> Answer | None:
    """None for a code that is not listed."""
    answer = CODES.get(code)
    return None if answer is None else keyed(answer, str(code))


def halting_reason(code: int) -> Reason | None:
    """The reason to halt the whole messenger after this code; None for any other code."""
    answer = CODES.get(code)
    if answer is None or not (answer.halts or answer.outcome is Outcome.CONFIGURATION):
        return None
    return Reason.RESTRICTED if answer.halts else answer.reason


def error_words(code: int, error: Mapping[str, object]) -> str:
    """WhatsApp's own words, behind the code."""
    message = str(error.get("message") or error.get("title") or "").removeprefix(f"(#{code}) ")
    details = str(part(error, "error_data").get("details") or "").removeprefix(f"(#{code}) ")
    more = f" ({details})" if details and details != message else ""
    return f"{code}: {message}{more}"
