"""Outcomes of the numbers under Viber's `status`. Its words are spelled in several ways and decide nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from core.domain.messengers.billing import Bill
from core.domain.messengers.outcome import Answer, Reason
from workers.messengers.outcomes import (
    BUSY,
    CONFIGURATION,
    CONTENT,
    RESTRICTED,
    keyed,
    refused,
    too_fast,
)

BILLING: Final[Mapping[object, Bill]] = {
    0: Bill(False, "free", "0"),
    # In the 24 hours that the person has opened, or out of them; 2, 4, 5 with a bot that pays.
    1: Bill(False, "session", "1"),
    2: Bill(False, "session", "2"),
    3: Bill(False, "out_of_session", "3"),
    4: Bill(False, "out_of_session", "4"),
    5: Bill(True, "out_of_session", "5"),
}
"""By `billing_status`."""

STATUSES: Final[Mapping[int, Answer]] = {
    # 1 URL · 2, 8, 15 token · 10 no webhook · 18 no public chat · 20 may not broadcast
    # 23 free messages used up · 24 no balance
    **dict.fromkeys((1, 2, 8, 10, 15, 18, 20, 23, 24), CONFIGURATION),
    # 7, 9 bot blocked or suspended
    **dict.fromkeys((7, 9), RESTRICTED),
    # 3 bad data · 4 missing data · 14 API version · 16, 17 inline messages · 22 payment
    **dict.fromkeys((3, 4, 14, 16, 17, 22), CONTENT),
    5: refused(Reason.NOT_FOUND),
    6: refused(Reason.UNSUBSCRIBED),
    11: refused(Reason.DEVICE),
    13: refused(Reason.DEVICE),
    21: refused(Reason.COUNTRY),
    # A hundred messages in an hour to one person who never answered; said of many people at once, it is meant for all.
    12: too_fast(3600.0, whole_messenger=False),
    19: replace(BUSY, reason=Reason.CONFIGURATION, max_tries=2),
}

# Viber documents every other number, 99 and 999 too, as a general error, with the advice to try again.
_UNLISTED = replace(BUSY, reason=Reason.UNLISTED, max_tries=2)


def of_status(status: int) -> Answer:
    """The meaning of any number but 0."""
    return keyed(STATUSES.get(status, _UNLISTED), str(status))
