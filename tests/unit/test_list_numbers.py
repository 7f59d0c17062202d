"""Numbers as programs and people damage them in lists: read right, asked about, or left out with a reason."""
# ruff: noqa: RUF001 - Cyrillic words

from __future__ import annotations

import pytest

from core.domain.errors import ValidationError
from core.files.recipient_list import read_list
from tests.support.list_cases import phones
from tests.support.list_reading import answered, by_label, labels

ANN = "whatsapp:+4915120000001"
WITH_CODE = "They already have the code: +49 1512 0000001"
GERMAN = "DE +49: +49 1512 0000001"


def one_cell(cell: str) -> bytes:
    doubled = cell.replace('"', '""')
    return f'Name;Phone\nBob;+4915120000009\nAnn;"{doubled}"\n'.encode()


@pytest.mark.parametrize(
    ("cell", "country"),
    [
        ("4915120000001,0", WITH_CODE),
        ("4 915 120 000 001.00", WITH_CODE),
        ("4,915,120,000,001.00", WITH_CODE),
        ("4.915.120.000.001,00", WITH_CODE),
        ("4'915'120'000'001", WITH_CODE),
        ("+49 151 20000001.0", ""),
        ("++4915120000001", ""),
        ("+0049 151 20000001", ""),
        ("0+49 151 20000001", ""),
        ("+0151 20000001", GERMAN),
    ],
)
def test_a_number_is_read_for_what_it_was_before_a_program_or_a_slip(cell: str, country: str) -> None:
    asked = {"country": country} if country else {}
    read, tapped = answered(one_cell(cell), asked)
    assert labels(read) == ["whatsapp:+4915120000009", ANN]
    assert tapped == asked


def test_a_russian_eight_behind_a_plus_is_no_country_code() -> None:
    file = "Имя;Телефон\nОля;+8 916 123-45-67\nЯн;+8 (495) 123-45-67\nИра;8-495-123-45-68\n".encode()
    read, _tapped = answered(file, {"country": "RU +7: +7 916 123-45-67"})
    assert labels(read) == ["whatsapp:+79161234567", "whatsapp:+74951234567", "whatsapp:+74951234568"]


@pytest.mark.parametrize(
    "cell",
    [
        "+7 495 123-45-67 (доб. 12)",
        "+7 495 123-45-67, доб 12",
        "+7 495 123-45-67 добавочный 12",
        "+49 30 1234567 App. 12",
        "+1 202 555 0125 (ext 5)",
        "+1 202 555 0125 EXT3",
        "+1 202 555 0125,,5#",
        "+12025550125p5",
    ],
)
def test_an_extension_is_never_left_out_of_a_number(cell: str) -> None:
    read, tapped = answered(one_cell(cell), {})
    assert labels(read) == ["whatsapp:+4915120000009"]
    assert "this number has an extension" in read.refused[0].reason
    assert tapped == {}


@pytest.mark.parametrize("cell", ["4.91512E12", "4.91512e+012", "4E+11"])
def test_a_number_that_was_cut_is_called_so_in_every_spelling(cell: str) -> None:
    read, _tapped = answered(f"Name;Phone\nAnn;{cell}\n".encode(), {})
    assert [one.row for one in read.refused] == [2]
    assert "the spreadsheet has cut this number" in read.refused[0].reason


RUSSIAN = "ФИО;Телефон\nИванов Пётр;+79161234567\nЩукина Анна;+79161234568\n"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xef\xbb\xbf" + RUSSIAN.encode("cp1251"), id="mark of UTF-8 before Windows-1251"),
        pytest.param(b"\xef\xbb\xbf" + RUSSIAN.encode("utf-16"), id="mark of UTF-8 before UTF-16"),
        pytest.param(b"\xff\xfe" + RUSSIAN.encode(), id="mark of UTF-16 before UTF-8"),
        pytest.param(RUSSIAN.encode() + b"\0\0\0", id="zero bytes at the end"),
        pytest.param(
            RUSSIAN[:-27].encode("utf-8-sig") + RUSSIAN[-27:].encode("utf-8-sig"), id="a mark in the middle"
        ),
    ],
)
def test_the_mark_of_another_encoding_hides_nobody(data: bytes) -> None:
    read = read_list(data)
    assert labels(read) == phones(79161234567, 2)
    assert [one.name for one in read.recipients] == ["Иванов Пётр", "Щукина Анна"]
    assert read.refused == ()


def test_a_file_in_utf_16_may_lack_its_last_byte() -> None:
    read = read_list(RUSSIAN.encode("utf-16")[:-1])
    assert labels(read) == phones(79161234567, 1)
    assert [one.reason for one in read.refused] == ["a letter in the address can't be read"]
    with pytest.raises(ValidationError, match="I can't read this file"):
        read_list(b"\xff\xfea")


def test_numbers_that_a_card_labels_as_somebody_elses_are_not_written_to_unasked() -> None:
    file = (
        b"BEGIN:VCARD\nFN:Ann\nitem1.TEL:+49 151 20000009\nitem1.X-ABLabel:Mom\nTEL;type=CELL:+49 151 20000001\n"
        b"END:VCARD\nBEGIN:VCARD\nFN:Bob\nTEL;X-Papa:+49 151 20000008\nEND:VCARD\n"
        b"BEGIN:VCARD\nFN:Kim\nitem1.TEL:+49 30 1234567\nitem1.X-ABLabel:_$!<HomeFAX>!$_\n"
        b"item2.TEL:+49 151 20000002\nitem2.X-ABLabel:_$!<Mobile>!$_\nEND:VCARD\n"
    )
    read, tapped = answered(file, {"spare": "Leave them out"})
    assert labels(read) == phones(4915120000001, 2)
    assert [one.row for one in read.refused] == [3]
    assert list(tapped) == ["spare"]


@pytest.mark.parametrize(
    "file",
    [
        "Name;Handy;;Name;Handy\nAnn;+4915120000001;;Bob;+4915120000002\nKim;+4915120000003;;;\n",
        "Name,Handy,Name,Handy\nAnn,+4915120000001,Bob,+4915120000002\nKim,+4915120000003,,\n",
    ],
)
def test_lists_side_by_side_give_everybody_their_own_name(file: str) -> None:
    read, _tapped = answered(file.encode(), {"beside": "Yes, one below the other"})
    assert by_label(read) == {
        "whatsapp:+4915120000001": {"name": "Ann"},
        "whatsapp:+4915120000003": {"name": "Kim"},
        "whatsapp:+4915120000002": {"name": "Bob"},
    }
