"""Every code of the messengers has a row; each is walked against the sandbox, as an answer and as a receipt."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

import pytest

from core.domain.content.content import Content
from core.domain.messengers.account_status import AccountTrouble
from core.domain.messengers.events import Receipt
from core.domain.messengers.outcome import Answer, Outcome, Reason
from core.domain.messengers.traits import Messenger
from core.settings import load_settings
from tests.support.sandbox_server import Sandbox
from tests.support.webhooks import failure, status, whatsapp
from workers.messengers import REPORT_PARSERS, build_messengers
from workers.messengers.port import MessengerPort
from workers.messengers.telegram_errors import RULES
from workers.messengers.transport import Transport, open_session
from workers.messengers.viber_statuses import STATUSES
from workers.messengers.whatsapp_codes import CODES

ABOUT_WHAT_IS_SENT: Final = frozenset({Reason.CONTENT, Reason.FILE, Reason.TEMPLATE, Reason.UNLISTED})


class Offer(StrEnum):
    """Remedies that an admin has for an answer."""

    NOTHING = "nothing"
    """None needed: it resumes by itself, or this person cannot be reached."""
    RESUME = "resume"
    """The messenger has stopped: Resume in /status when the cause is mended."""
    DECIDE = "decide"
    """Alone: nothing. For many: that part of the broadcast waits for Try again or Leave out."""
    RETRY = "retry"
    """Retry under the result, not before the reason allows it."""
    RESEND = "resend"
    """Nobody knows whether it arrived: Resend under the result."""


def offer(answer: Answer) -> Offer:
    """The remedy that the chat offers after this answer."""
    if answer.outcome is Outcome.CONFIGURATION or answer.halts:
        return Offer.RESUME
    if answer.outcome is Outcome.UNKNOWN:
        return Offer.RESEND
    if answer.reason in ABOUT_WHAT_IS_SENT:
        return Offer.DECIDE
    if answer.reason is not None and answer.reason.may_be_over and answer.outcome is not Outcome.RATE_LIMITED:
        return Offer.RETRY
    return Offer.NOTHING


TELEGRAM, WHATSAPP, VIBER = Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER
DOCS: Final = (Path(__file__).parents[2] / "docs" / "messengers.md").read_text()
ADDRESSES: Final = {TELEGRAM: "1001", WHATSAPP: "+12025550123", VIBER: "jc9HsWTZ2Yf2NkRZ8KcNug=="}

# By Meta's own lists and the tables of other senders: what has to be known, whatever the table says of it.
WHATSAPP_CODES: Final = {
    Outcome.CONFIGURATION: (
        *(0, 190, 3, 10, 200, 299, 131005, 2635, 33, 368, 131031, 131042, 131037, 131045, 133010, 133000),
        *(133015, 131048, 131064, 131063),
    ),
    Outcome.TRANSIENT: (1, 2, 131000, 131016, 133004, 131057, 131052, 131053),
    Outcome.RATE_LIMITED: (4, 80007, 130429, 131056, 133016),
    Outcome.RECIPIENT_REFUSED: (130497, 131021, 131026, 131030, 131047, 131049, 131050, 130472, 131062),
    Outcome.CONTENT_REFUSED: (
        *(
            100,
            131008,
            131009,
            131051,
            135000,
            137000,
            132000,
            132001,
            132005,
            132007,
            132008,
            132012,
            132015,
        ),
        *(132016, 132068, 132069),
    ),
}
VIBER_STATUSES: Final = {
    Outcome.CONFIGURATION: (1, 2, 7, 8, 9, 10, 15, 18, 20, 23, 24),
    Outcome.TRANSIENT: (19, 99, 999),
    Outcome.RATE_LIMITED: (12,),
    Outcome.RECIPIENT_REFUSED: (5, 6, 11, 13, 21),
    Outcome.CONTENT_REFUSED: (3, 4, 14, 16, 17, 22),
}
# What the chat offers: by outcome, but for these codes and words.
OFFERS: Final = {
    Outcome.CONFIGURATION: Offer.RESUME,
    Outcome.TRANSIENT: Offer.RETRY,
    Outcome.RATE_LIMITED: Offer.NOTHING,
    Outcome.RECIPIENT_REFUSED: Offer.NOTHING,
    Outcome.CONTENT_REFUSED: Offer.DECIDE,
    Outcome.UNKNOWN: Offer.RESEND,
    Outcome.SENT: Offer.NOTHING,
}
OTHER_OFFERS: Final[dict[Messenger, dict[int | str, Offer]]] = {
    WHATSAPP: {
        **dict.fromkeys((131026, 131049, 130472), Offer.RETRY),
        **dict.fromkeys((1, 131052, 131053), Offer.DECIDE),
        130497: Offer.RESUME,
    },
    VIBER: {**dict.fromkeys((99, 999), Offer.DECIDE), 21: Offer.RETRY},
    TELEGRAM: {"failed to get http url content": Offer.DECIDE},
}
# Hours before which another try makes no sense; 0 for all others.
EARLIEST: Final[dict[int | str, int]] = {131026: 24, 131049: 24, 130472: 7 * 24}
# Seconds that the messenger, or this person, is left alone.
WAITS: Final[dict[Messenger, dict[int | str, float]]] = {
    WHATSAPP: {4: 60, 80007: 60, 133016: 60, 130429: 5, 131056: 4, 131057: 60},
    VIBER: {12: 3600},
}


def pairs(table: dict[Outcome, tuple[int, ...]]) -> list[tuple[int, Outcome]]:
    return [(code, outcome) for outcome, codes in table.items() for code in codes]


@pytest.fixture
async def ports(sandbox: Sandbox) -> AsyncIterator[dict[Messenger, MessengerPort]]:
    async with open_session(4) as session:
        yield build_messengers(load_settings({**sandbox.environment()}, None), Transport(session))


async def answered(
    sandbox: Sandbox, ports: dict[Messenger, MessengerPort], messenger: Messenger, **fault: object
) -> Answer:
    await sandbox.call("POST", "faults", {"messenger": messenger.value, "kind": "error", **fault})
    return await ports[messenger].send(ADDRESSES[messenger], Content(text="Hi"), "d-A7KQ-w1-0")


def check(answer: Answer, outcome: Outcome, messenger: Messenger, code: int | str) -> None:
    """Class, reason in words, what the chat offers, and how soon another try makes sense."""
    assert answer.outcome is outcome
    assert answer.reason is not None
    assert answer.reason.sentence
    assert offer(answer) is OTHER_OFFERS[messenger].get(code, OFFERS[outcome])
    assert bool(answer.key) is (offer(answer) is Offer.DECIDE)
    hours = EARLIEST.get(code, 0) if messenger is WHATSAPP else 0
    assert answer.reason.earliest_retry == timedelta(hours=hours)
    # Retry under the result takes those only who may be reached by then.
    assert answer.reason.may_be_over or not hours
    assert (answer.retry_after or 0) == WAITS.get(messenger, {}).get(code, 0)


@pytest.mark.parametrize(("code", "outcome"), pairs(WHATSAPP_CODES))
async def test_whatsapp_answers_each_code(
    sandbox: Sandbox, ports: dict[Messenger, MessengerPort], code: int, outcome: Outcome
) -> None:
    answer = await answered(sandbox, ports, WHATSAPP, status=400, code=code, description="the words")
    check(answer, outcome, WHATSAPP, code)
    assert answer.detail.startswith(f"{code}: the words")


@pytest.mark.parametrize(("code", "outcome"), pairs(WHATSAPP_CODES))
def test_whatsapp_reports_each_code(code: int, outcome: Outcome) -> None:
    body = whatsapp(statuses=[status("failed", "d-A7KQ-w1-0", errors=failure(code))])
    receipt, *account = REPORT_PARSERS[WHATSAPP](body.decode())
    assert isinstance(receipt, Receipt)
    assert receipt.reason is CODES[code].reason
    assert receipt.reason is not None
    assert receipt.reason.earliest_retry == timedelta(hours=EARLIEST.get(code, 0))
    assert receipt.words == f"{code}: m (d)"
    assert bool(receipt.key) is (offer(CODES[code]) is Offer.DECIDE)
    halts = outcome is Outcome.CONFIGURATION or CODES[code].halts
    assert [isinstance(one, AccountTrouble) for one in account] == ([True] if halts else [])


@pytest.mark.parametrize(("code", "outcome"), pairs(VIBER_STATUSES))
async def test_viber_answers_each_status(
    sandbox: Sandbox, ports: dict[Messenger, MessengerPort], code: int, outcome: Outcome
) -> None:
    check(await answered(sandbox, ports, VIBER, code=code, description="the words"), outcome, VIBER, code)


@pytest.mark.parametrize(("code", "words", "row"), [rule for rule in RULES if rule[0] != 500])
async def test_telegram_answers_each_sentence(
    sandbox: Sandbox, ports: dict[Messenger, MessengerPort], code: int, words: str, row: Answer
) -> None:
    said = f"Words: {words.upper() or 'never seen before'}"
    answer = await answered(sandbox, ports, TELEGRAM, status=code, code=code, description=said)
    check(answer, row.outcome, TELEGRAM, words)
    assert answer.reason is row.reason
    assert answer.detail.endswith(said)


def test_no_row_is_left_out_of_the_lists_above() -> None:
    assert {code for code, _ in pairs(WHATSAPP_CODES)} >= set(CODES) - {
        *range(200, 300),
        *range(133000, 133016),
    }
    assert {code for code, _ in pairs(VIBER_STATUSES)} >= set(STATUSES)


def test_the_documentation_has_each_code_and_each_reason() -> None:
    numbers = {int(one) for one in re.findall(r"\d+", DOCS)}
    spans = [range(int(a), int(b) + 1) for a, b in re.findall(r"(\d+)-(\d+)", DOCS)]
    for code in (*CODES, *STATUSES):
        assert code in numbers or any(code in span for span in spans), code
    assert [reason for reason in Reason if reason.sentence not in DOCS] == []
    assert [reason for reason in Reason if f"`{reason}`" not in DOCS] == []
