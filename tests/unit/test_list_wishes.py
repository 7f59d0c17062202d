"""Lists that say who wants no messages: in columns, statuses, notes, and beside numbers."""
# ruff: noqa: RUF001 - Cyrillic words

from __future__ import annotations

import pytest

from core.parsing.refusals import has_refusals, is_refusal
from tests.support.list_cases import phones
from tests.support.list_reading import answered, labels

ANN, BOB = phones(4915120000001, 2)
NO = "Only those with no"
YES = "Only those with yes"
WANTED = "Only those who want messages"


def list_of(heading: str, *cells: str) -> bytes:
    rows = [f"P{place};+{4915120000001 + place};{cell}" for place, cell in enumerate(cells)]
    return "\n".join((f"Name;Phone;{heading}", *rows)).encode()


@pytest.mark.parametrize(
    ("heading", "of_ann", "of_bob", "answer"),
    [
        ("Niet bellen", "ja", "", NO),
        ("Keine Werbung", "x", "", NO),
        ("Kontaktsperre", "ja", "nein", NO),
        ("Nicht kontaktieren", "1", "0", NO),
        ("Werbesperre seit", "01.02.2025", "", WANTED),
        ("Do not call", "Y", "N", NO),
        ("DND", "Yes", "No", NO),
        ("Opted Out", "TRUE", "FALSE", NO),
        ("Opt-out date", "May 3 2025", "", WANTED),
        ("Unsubscribed", "too many messages", "", WANTED),
        ("Suppressed", "true", "false", NO),
        ("No SMS", "x", "", NO),
        ("Ne pas contacter", "oui", "non", NO),
        ("No contactar", "sí", "no", NO),
        ("Non contattare", "sì", "no", NO),
        ("Não contatar", "sim", "não", NO),
        ("Nie dzwonić", "tak", "nie", NO),
        ("Rezygnacja", "2025-01-03", "", WANTED),
        ("Aranmasın", "evet", "hayır", NO),
        ("Не дзвонити", "так", "ні", NO),
        ("Чёрный список", "да", "нет", NO),
        ("Не звонить", "+", "", NO),
        ("Deleted", "1", "0", NO),
        ("Bounced", "true", "false", NO),
        ("Valid", "FALSE", "TRUE", YES),
        ("Active", "No", "Yes", YES),
        ("Status", "inactive", "active", WANTED),
        ("Статус", "заблокирован", "активен", WANTED),
        ("SMS Consent Status", "Never", "Opted-In", WANTED),
        ("Do you agree?", "No, thanks", "Yes, I agree", YES),
        ("Marketing status", "Non-marketing", "Marketing", "Only those with “Marketing”"),
        ("Samtycke", "nej", "ja", YES),
        ("Souhlas", "ne", "ano", YES),
        ("Hozzájárulás", "nem", "igen", YES),
        ("Acord marketing", "nu", "da", YES),
        ("الموافقة", "لا", "نعم", YES),
        ("הסכמה", "לא", "כן", YES),
        ("Συγκατάθεση", "όχι", "ναι", YES),
        ("Notes", "Please DON'T call!", "likes coffee", WANTED),
        ("Bemerkung", "falsche Nummer", "Mitglied seit 2020", WANTED),
        ("Комментарий", "НЕ ПИСАТЬ!", "любит кофе", WANTED),
    ],
)
def test_whoever_wants_no_messages_is_left_out_by_a_tap(
    heading: str, of_ann: str, of_bob: str, answer: str
) -> None:
    file = list_of(heading, of_ann, of_bob)
    read, _tapped = answered(file, {"consent2": answer})
    assert labels(read) == [BOB]
    assert [(one.row, one.reason) for one in read.refused] == [(2, f"“{heading}” says “{of_ann}”")]
    everyone, _tapped = answered(file, {"consent2": "Everyone on the list"})
    assert labels(everyone) == [ANN, BOB]


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("Newsletter", ("yes", "yes")),
        ("Unsubscribed", ("", "no")),
        ("OPTIN_TIME", ("2025-01-02 10:11:12", "2025-01-03 10:11:12")),
        ("Notes", ("do not call before 9", "keine Anrufe, nur WhatsApp")),
        ("Paid", ("yes", "no")),
        ("Notes", ("no contact person", "stop 5")),
        ("Város", ("Baja", "Pécs")),
        ("Side", ("left", "right")),
        ("Gültig bis", ("01.02.2027", "")),
        ("Marketing source", ("google", "facebook")),
        ("Active since", ("2019", "2020")),
    ],
)
def test_nothing_is_asked_where_nobody_would_be_left_out(heading: str, cells: tuple[str, str]) -> None:
    read, tapped = answered(list_of(heading, *cells), {})
    assert (labels(read), tapped) == ([ANN, BOB], {})


@pytest.mark.parametrize(
    ("heading", "usual", "late"), [("status", "subscribed", "unsubscribed"), ("dnc", "", "x")]
)
def test_a_refusal_far_below_counts_like_one_at_the_top(heading: str, usual: str, late: str) -> None:
    read, _tapped = answered(
        list_of(heading, *[usual] * 1_000, late), {"consent2": NO if late == "x" else WANTED}
    )
    assert len(read.recipients) == 1_000
    assert [one.row for one in read.refused] == [1_002]


def test_several_columns_of_wishes_count_together() -> None:
    file = (
        b"Name,Phone,WhatsApp,Newsletter,Unsubscribed\n"
        b"Ann,+4915120000001,yes,yes,\nBob,+4915120000002,no,yes,\nKim,+4915120000003,yes,no,\n"
        b"Lee,+4915120000004,yes,yes,x\n"
    )
    read, tapped = answered(file, {"flag2": YES, "consent3": YES, "consent4": NO})
    assert labels(read) == [ANN]
    assert len(tapped) == 3


@pytest.mark.parametrize(
    "cell",
    [
        "+49 151 20000002 (falsche Nummer)",
        "+4915120000002 не звонить",
        "+49 151 20000002 - wrong number",
        "do not call +4915120000002",
        "0151 20000002 nicht mehr gültig",
        "❌ +4915120000002",
        "0151 20000002 ✗",
    ],
)
def test_a_number_beside_words_not_to_write_to_it_is_left_out(cell: str) -> None:
    read, _tapped = answered(f"Name;Phone\nAnn;+4915120000001\nBob;{cell}\n".encode(), {})
    assert labels(read) == [ANN]
    assert [one.reason for one in read.refused] == ["the remark beside the number says not to write to it"]


def test_refusals_are_told_from_remarks_on_the_time_and_the_way() -> None:
    assert is_refusal("Bitte NICHT anrufen")
    assert is_refusal("désabonné le 3 mai")
    assert not is_refusal("не звонить, только писать")
    assert not is_refusal("не звонить до 10")
    assert not is_refusal("Bruno, knows nobody")
    assert has_refusals({"coffee", "просил не писать"})
    assert not has_refusals({"coffee", "no sugar", "not before 9", ""})


def test_a_row_that_repeats_the_headings_is_called_so() -> None:
    read, _tapped = answered(b"Name;Phone\nAnn;+4915120000001\nName;Phone\nBob;+4915120000002\n", {})
    assert labels(read) == [ANN, BOB]
    assert [(one.row, one.reason) for one in read.refused] == [(3, "this row repeats the headings")]
