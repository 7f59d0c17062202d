"""Recipients of the API: pairs of an address or contact id, and a messenger."""

from __future__ import annotations

import pytest

from core.domain.messengers.traits import Messenger
from core.parsing.recipients import ReadRecipients, read_pairs
from tests.support.address_book import ALICE, Contacts, recipient


async def pairs(*given: tuple[str, str]) -> ReadRecipients:
    return await read_pairs(given, Contacts(ALICE))


async def test_a_pair_may_name_a_contact_by_id() -> None:
    read = await pairs(("1", "telegram"), ("1", "whatsapp"))
    assert read.recipients == (
        recipient(Messenger.TELEGRAM, "1001", "1"),
        recipient(Messenger.WHATSAPP, "+12025550123", "1"),
    )
    assert [one.uuid for one in read.recipients] == ["1", "1"]


async def test_a_pair_that_names_no_contact_is_an_address() -> None:
    read = await pairs(("2", "telegram"), ("+1 202 555 0124", "whatsapp"), ("alice", "viber"))
    assert [(one.label, one.contact_id) for one in read.recipients] == [
        ("telegram:2", None),
        ("whatsapp:+12025550124", None),
        ("viber:alice", None),
    ]


async def test_a_contact_and_their_address_are_one_recipient() -> None:
    read = await pairs(("1", "telegram"), ("1001", "telegram"))
    assert read.recipients == (recipient(Messenger.TELEGRAM, "1001", "1"),)
    assert read.duplicates == 1


@pytest.mark.parametrize(
    ("uuid", "service", "sentence"),
    [
        ("1", "viber", "“viber:1”: contact 1 (Alice) has no address on Viber."),
        (
            "2",
            "whatsapp",
            "“whatsapp:2”: there's no contact “2”, and this isn't a phone number. WhatsApp needs",
        ),
        (
            "bob",
            "telegram",
            "“telegram:bob”: there's no contact “bob”, and this isn't a chat ID. Telegram needs",
        ),
        ("+1202", "whatsapp", "“whatsapp:+1202”: the phone number is too short. WhatsApp needs"),
        ("1", "sms", "“sms:1”: there's no messenger “sms”. Use telegram:, whatsapp:"),
        ("1", "", "“:1”: there's no messenger “”. Use telegram:, whatsapp:"),
        ("a\udc00", "viber", "“viber:a\udc00”: the ID has a space or an unprintable character in it."),
        ("", "telegram", "“telegram:”: the address is missing. Telegram needs"),
    ],
)
async def test_a_wrong_pair_is_refused_with_a_sentence(uuid: str, service: str, sentence: str) -> None:
    read = await pairs((uuid, service))
    assert read.recipients == ()
    (problem,) = read.problems
    assert problem.startswith(sentence)


async def test_a_hundred_thousand_pairs_are_read() -> None:
    numbers = [f"+1202{number}" for number in range(5_550_000, 5_650_000)]
    read = await pairs(*((number, "whatsapp") for number in numbers))
    assert [one.address for one in read.recipients] == numbers
