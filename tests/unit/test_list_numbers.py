"""Numbers as programs and people damage them in lists: read right, asked about, or left out with a reason."""
# ruff: noqa: RUF001 - Cyrillic words

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment

from core.domain.errors import ValidationError
from core.files.questions import NeedsAnswer
from core.files.recipient_list import read_list
from tests.support.list_cases import phones
from tests.support.list_files import ods, saved, workbook
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
        ("+49,151,20000001", ""),
        ("+49 151, 20000001", ""),
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


FLAT_ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>
<table:table table:name="T">
<table:table-row><table:table-cell><text:p>Name</text:p></table:table-cell>
<table:table-cell><text:p>Phone</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell><text:p>Ann</text:p></table:table-cell>
<table:table-cell><text:p>+4915120000001</text:p></table:table-cell></table:table-row>
</table:table></office:spreadsheet></office:body></office:document>
"""
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


@pytest.mark.parametrize(
    ("file", "asked", "people"),
    [
        pytest.param(
            "ФИО;СНИЛС;Телефон матери;Телефон отца\nПетя;123-456-789 01;+79161234567;+79161234568\n",
            {"column-whatsapp": "“Телефон матери”"},
            ["whatsapp:+79161234567"],
            id="the number of an insurance is no choice beside those of parents",
        ),
        pytest.param(
            "Name;Mitgliedsnummer;Handy Mutter\nMia;0151200001;+4915120000001\n",
            {"column-whatsapp": "Yes"},
            [ANN],
            id="nor is the number of a member",
        ),
        pytest.param(
            "Name;Telefon;Geburtstag\nAnn;03.05.1990;+4915120000001\nBob;04.06.1991;+4915120000002\n",
            {"column-whatsapp": "Yes"},
            phones(4915120000001, 2),
            id="numbers and birthdays swapped",
        ),
        pytest.param(
            "Имя;Телефон;Телеграм\nОля;+79161234567;500001\nЯн;;500002\n",
            {},
            ["whatsapp:+79161234567", "telegram:500001", "telegram:500002"],
            id="Telegram in Cyrillic letters",
        ),
        pytest.param(
            "Имя;Вайбер;Ватсап\nОля;abcdef==;+380671234567\n",
            {},
            ["viber:abcdef==", "whatsapp:+380671234567"],
            id="Viber and WhatsApp in Cyrillic letters",
        ),
        pytest.param(
            "Name;Alte Nummer;Neue Nummer\nAnn;+4915120000009;+4915120000001\n",
            {},
            [ANN],
            id="old and new numbers",
        ),
        pytest.param(
            "Imię;Telefon domowy;Telefon komórkowy\nEwa;+48221234567;+48601234567\n",
            {},
            ["whatsapp:+48601234567"],
            id="Polish phones at home",
        ),
        pytest.param(
            "Name,Phone,OPTIN_IP\nAnn,+4915120000001,81.2.69.142\n", {}, [ANN], id="addresses of computers"
        ),
        pytest.param(
            'Kunde;Nummern\nAnn;"neu 0151 20000001 alt 0151 20000009"\nBob;0151 20000002 0151 20000008\n',
            {"pairs": "The first one", "country": GERMAN},
            phones(4915120000001, 2),
            id="two numbers with words, and with blanks between",
        ),
        pytest.param(
            "# members\n+4915120000001\n# +4915120000009\n// +4915120000008\n+4915120000002\n"
            "+4915120000003\n+4915120000004\n",
            {},
            phones(4915120000001, 4),
            id="numbers that are commented out",
        ),
        pytest.param(
            "Ann +4915120000001\n❌ Bob +4915120000009\nKim ✗ +4915120000008\nLee +4915120000002\n",
            {},
            phones(4915120000001, 2),
            id="people marked as crossed out",
        ),
        pytest.param(
            "Name;Phone\nAnn;+4915120000001\n~~Bob~~;~~+4915120000009~~\nK\u0336im;+4915120000008\n",
            {"crossed": "Leave them out"},
            [ANN],
            id="people crossed out with letters",
        ),
        pytest.param(
            "<table><tr><th>Name</th><th>Phone</th></tr><tr><td>Ann</td><td>+4915120000001</td></tr>"
            "<tr><td><s>Bob</s></td><td><del>+4915120000009</del></td></tr></table>",
            {"crossed": "Leave them out"},
            [ANN],
            id="people crossed out on a web page",
        ),
        pytest.param(
            "<table><tr><th>Name</th><th>Phone</th></tr><tr><td>Bob</td><td><s>+4915120000009</s></td></tr>"
            "<tr><td>Ann</td><td><s>+4915120000009</s> +4915120000001</td></tr></table>",
            {"crossed": "Leave them out"},
            [ANN],
            id="a number crossed out on a web page beside the new one",
        ),
        pytest.param(
            "Name;Phone\nBob;~~Bob~~ +4915120000009\nKim;+4915120000008 ~~old~~\n"
            "Ann;~~+4915120000009~~ +4915120000001\n",
            {"crossed": "Leave them out"},
            [ANN],
            id="cells crossed out in part",
        ),
        pytest.param("~~+4915120000009~~, +4915120000001\n", {}, [ANN], id="crossed out in a line of many"),
        pytest.param(
            "- [x] Ann +4915120000001\n- [ ] Bob +4915120000009\n",
            {"crossed": "Leave them out"},
            [ANN],
            id="people without a tick among ticked ones",
        ),
        pytest.param(
            "Paid;Name;Phone\n☐;Bob;+4915120000009\n☑;Ann;+4915120000001\n",
            {"crossed": "Leave them out"},
            [ANN],
            id="rows without a tick among ticked ones",
        ),
        pytest.param(
            "☐ Ann +4915120000001\n☐ Bob +4915120000002\n",
            {},
            phones(4915120000001, 2),
            id="empty boxes alone",
        ),
        pytest.param(
            "☑ Ann +4915120000001\n[x] Bob +4915120000002\n", {}, phones(4915120000001, 2), id="ticks alone"
        ),
        pytest.param(
            "Nr;Name;Phone;Comes\n1;❌ Bob;+4915120000009;\n2;Kim †;+4915120000008;\n3;Ann;+4915120000001;❌\n",
            {"crossed": "Leave them out"},
            [ANN],
            id="names with crosses",
        ),
        pytest.param(
            "Name,Phone\nAnn,+4915120000001\nSuppliers,\nCompany,Phone\nACME,+4915120000009\n",
            {},
            [ANN],
            id="another list below",
        ),
        pytest.param(
            "Name,Phone\nAnn,+4915120000001\nNAME,Phone\nBob,+4915120000002\n",
            {},
            phones(4915120000001, 2),
            id="the same headings on the next page",
        ),
        pytest.param(
            "Name,New phone,Old phone\nAnn,+4915120000001,+4915120000008\nBob,,+4915120000009\n",
            {},
            [ANN],
            id="an old number in place of the missing new one",
        ),
        pytest.param(
            "BEGIN:VCARD\nFN:Ann\nitem1.TEL:+4915120000009\nitem1.X-ABLabel:alte Nummer\nTEL;CELL:+4915120000001\n"
            "END:VCARD\nBEGIN:VCARD\nFN:Bob\nTEL;CELL:+4915120000008\nNOTE:please do not call\nEND:VCARD\n",
            {},
            [ANN],
            id="an old number and a remark in cards",
        ),
    ],
)
def test_nobody_is_written_to_at_a_number_that_is_none_of_theirs(
    file: str, asked: dict[str, str], people: list[str]
) -> None:
    read, tapped = answered(file.encode(), asked)
    assert labels(read) == people
    assert tapped == asked


def test_numbers_of_nobody_and_numbers_with_slips_are_said() -> None:
    read = read_list(
        b"Name,Phone\nAnn,+49 800 1234567\nBob,+1 900 555 0123\nKim,+44 7911 12345\nLee,+1 876 555 1234\n"
    )
    assert read.notes == (
        "2 numbers are toll-free, premium rate or the like (such as +498001234567), and no person's own.",
        "Check +44791112345 for typing errors: their countries have no such numbers.",
    )


@pytest.mark.parametrize("cell", ["+43=6641234567", "+43 ❤ 6641234567", "15120000001 49+"])
def test_no_number_loses_its_country_code(cell: str) -> None:
    read, tapped = answered(one_cell(cell), {})
    assert labels(read) == ["whatsapp:+4915120000009"]
    assert tapped == {}


@pytest.mark.parametrize(
    "cell", ["[+49]15120000001", "4915120000001+", "<tel:+4915120000001>", "%2B4915120000001"]
)
def test_marks_around_a_code_are_no_part_of_the_number(cell: str) -> None:
    assert labels(read_list(one_cell(cell))) == ["whatsapp:+4915120000009", ANN]


@pytest.mark.parametrize(
    ("data", "people", "names"),
    [
        pytest.param(
            "BEGIN:VCARD\nFN:Ann\nTEL;CELL:+4915120000001\nEND:VCARD\n".encode("utf-16"),
            1,
            ["Ann"],
            id="card in UTF-16",
        ),
        pytest.param(
            b"Ann\n+4915120000001\n\nBob\n+4915120000002\n", 2, ["Ann", "Bob"], id="a name above each number"
        ),
        pytest.param(
            b"+4915120000001\nAnn\n+4915120000002\nBob\n", 2, ["Ann", "Bob"], id="a name below each number"
        ),
        pytest.param(
            b"Verein XY\nStand: 03.05.2025\nAnsprechpartner: Kim, +49 30 1234567\n\nName;Handy\nAnn;+4915120000001\n",
            1,
            ["Ann"],
            id="more lines of text than people",
        ),
        pytest.param(
            b"Ann;+4915120000001\nBob;+4915120000002\nName;Handy\n", 2, ["Ann", "Bob"], id="headings below"
        ),
        pytest.param(
            b'{"Ann": "+4915120000001", "Bob": "+4915120000002"}',
            2,
            ["Ann", "Bob"],
            id="JSON, number by name",
        ),
        pytest.param(
            b'{"+4915120000001": {"name": "Ann"}, "+4915120000002": {"name": "Bob"}}',
            2,
            ["Ann", "Bob"],
            id="JSON, person by number",
        ),
        pytest.param(b'[["Name","Phone"],["Ann","+4915120000001"]]', 1, ["Ann"], id="JSON, rows"),
        pytest.param(
            FLAT_ODS.encode(),
            1,
            ["Ann"],
            id="LibreOffice, one XML file",
        ),
    ],
)
def test_files_of_more_forms_are_read_with_their_names(data: bytes, people: int, names: list[str]) -> None:
    read = read_list(data)
    assert labels(read) == phones(4915120000001, people)
    assert [one.name for one in read.recipients] == names


def test_two_tables_without_headings_give_everybody_their_own_name() -> None:
    file = b"Ann,+4915120000001,Bob,+4915120000002\nKim,+4915120000003,,\n"
    read, _tapped = answered(file, {"beside": "Yes, one below the other"})
    assert [one.name for one in read.recipients] == ["Ann", "Kim", "Bob"]


def test_several_numbers_in_quotation_marks_do_not_hide_the_separator() -> None:
    file = b'Name;Phone\nAnn;"+4915120000001, +4915120000002, +4915120000003"\n'
    read, _tapped = answered(file, {"pairs": "Both"})
    assert labels(read) == phones(4915120000001, 3)
    assert {one.name for one in read.recipients} == {"Ann"}


@pytest.mark.parametrize(
    "chat",
    [
        "31.12.25, 23:59 - +49 151 20000001: Frohes\nNeues\nallen\nhier\n01.01.26, 00:01 - Ann: danke\nauch\ndir\n",
        "[31/12/2025, 23:59:59] Ann: hi\nall\nof\nyou\n[1/1/2026, 12:01:02 AM] +49 151 20000001: hi\n",
    ],
)
def test_a_chat_of_long_messages_is_called_a_chat(chat: str) -> None:
    with pytest.raises(ValidationError, match="This is an exported chat"):
        read_list(chat.encode())


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Иван".encode().replace(b"\x98", b"?").decode("cp1251").replace("Р?", "Р\x98"), "Иван"),
        ("Jürgen".encode().decode("cp1252").encode().decode("cp1252"), "Jürgen"),
    ],
)
def test_letters_that_were_encoded_several_times_are_mended_whole(written: str, name: str) -> None:
    read, _tapped = answered(f"Name;Phone\n{written};+4915120000001\n".encode(), {"letters": "Fix them"})
    assert [one.name for one in read.recipients] == [name]


@pytest.mark.parametrize("name", ["?????? ????", "M?ller"])
def test_a_name_with_lost_letters_is_none(name: str) -> None:
    read = read_list(f"Name;Phone;Question\n{name};+4915120000001;ready?yes\n".encode())
    assert dict(read.recipients[0].variables) == {"question": "ready?yes"}
    assert read.notes == (f"Some letters are damaged in row 2, for example “{name}”.",)


def test_comments_on_cells_are_read_for_refusals_and_said() -> None:
    book = load_workbook(
        io.BytesIO(workbook([["Name", "Phone"], ["Ann", "+4915120000001"], ["Bob", "+4915120000002"]]))
    )
    book.active["B2"].comment = Comment("likes coffee", "Kim")
    book.active["B3"].comment = Comment("Wrong number, do not call", "Kim")
    read = read_list(saved(book))
    assert labels(read) == [ANN]
    assert [one.reason for one in read.refused] == [
        "the comment on this row says “Wrong number, do not call”"
    ]
    assert read.notes == ("Comments on cells aren't read: rows 2, 3, for example “likes coffee”.",)


def test_case_numbers_are_not_offered_as_mobiles() -> None:
    file = b"Aktenzeichen;Name;Telefon\n2026-0012345;Ann;+4915120000001\n2026-0012346;Bob;\n"
    read, tapped = answered(file, {})
    assert (labels(read), tapped) == ([ANN], {})
    assert [one.row for one in read.refused] == [3]


def test_crossed_out_parts_of_cells_are_left_out_and_said() -> None:
    struck, usual = InlineFont(strike=True), InlineFont()
    old, new = TextBlock(struck, "+4915120000009"), TextBlock(usual, " +4915120000001")
    noon = CellRichText(TextBlock(struck, "12:00"), TextBlock(usual, " 13:00"))
    bob = CellRichText(TextBlock(struck, "+49151"), TextBlock(struck, "20000002"))
    rows = [["Name", "Phone", "Time"], ["Ann", CellRichText(old, new), noon], ["Bob", bob, "12:00"]]
    parts = "<text:p>{}</text:p>".format
    style = '<style:style style:name="T1"><style:text-properties style:text-line-through-style="solid"/></style:style>'
    span = '<text:span text:style-name="T1">{}</text:span>'.format
    cells = (
        ["Ann", f"{span('+4915120000009')} +4915120000001", f"{span('12:00')} 13:00"],
        ["Bob", span("+4915120000002"), "12:00"],
    )
    more = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell>{parts(cell)}</table:table-cell>" for cell in row)
        + "</table:table-row>"
        for row in cells
    )
    for file in (workbook(rows), ods(rows[:1], more, styles=style)):
        read, _tapped = answered(file, {"crossed": "Leave them out"})
        assert by_label(read) == {ANN: {"name": "Ann", "time": "13:00"}}
        assert [one.row for one in read.refused] == [3]
        assert "Crossed-out parts of cells are left out in row 2, for example “+4915120000009”." in read.notes


def test_comments_in_ods_files_are_read_too() -> None:
    noted = (
        "<table:table-row><table:table-cell><text:p>Bob</text:p></table:table-cell><table:table-cell>"
        "<office:annotation><text:p>Wrong number, do not call</text:p></office:annotation>"
        "<text:p>+4915120000002</text:p></table:table-cell></table:table-row>"
    )
    read = read_list(ods([["Name", "Phone"], ["Ann", "+4915120000001"]], noted))
    assert labels(read) == [ANN]
    assert [one.reason for one in read.refused] == [
        "the comment on this row says “Wrong number, do not call”"
    ]


def test_an_address_book_in_ldif_keeps_names_and_one_number_each() -> None:
    read = read_list(
        b"version: 1\n\ndn: cn=Ann Lee,mail=ann@example.org\ngivenName: Ann\nsn: Lee\ncn: Ann\n  Lee\n"
        b"objectclass: person\ntelephoneNumber: +49 30 1234567\nmobile: +49 151 20000001\n\n"
        b"dn:: Y249SsO8cmdlbg==\ncn:: SsO8cmdlbiBNw7xsbGVy\nhomePhone: +49 151 20000002\ndescription: do not call\n"
    )
    assert by_label(read) == {
        ANN: {"name": "Ann Lee", "first_name": "Ann", "last_name": "Lee", "phone_2": "+49 30 1234567"}
    }
    assert [(one.entry, one.reason) for one in read.refused] == [
        ("Jürgen Müller +49 151 20000002", "the comment on this row says “do not call”")
    ]
    assert read.form.startswith("LDIF")


LINKS = ("https://wa.me/4915120000001", "tel:+4915120000002")


@pytest.mark.parametrize(
    ("heading", "words", "values"),
    [
        ("Phone", ("call", "call"), ({"name": "Ann"}, {"name": "Bob"})),
        ("Phone", ("WhatsApp", "+49 151 20000002"), ({"name": "Ann"}, {"name": "Bob"})),
        ("City", ("Bonn", "Ulm"), ({"name": "Ann", "city": "Bonn"}, {"name": "Bob", "city": "Ulm"})),
    ],
)
def test_a_link_under_a_word_is_read_like_a_number(
    heading: str, words: tuple[str, str], values: tuple[dict[str, str], ...]
) -> None:
    book = load_workbook(io.BytesIO(workbook([["Name", heading], ["Ann", words[0]], ["Bob", words[1]]])))
    book.active["B2"].hyperlink, book.active["B3"].hyperlink = LINKS
    cells = "".join(
        f'<tr><td>{name}</td><td><a href="{link}">{word}</a></td></tr>'
        for name, link, word in zip(("Ann", "Bob"), LINKS, words, strict=True)
    )
    page = f"<table><tr><th>Name</th><th>{heading}</th></tr>{cells}</table>"
    linked = [f'<text:a xlink:href="{link}">{word}</text:a>' for link, word in zip(LINKS, words, strict=True)]
    sheet = ods([["Name", heading], ["Ann", linked[0]], ["Bob", linked[1]]])
    for file in (saved(book), page.encode(), sheet):
        read = read_list(file)
        assert labels(read) == phones(4915120000001, 2)
        assert tuple(dict(one.variables) for one in read.recipients) == values


def test_a_number_counts_more_than_the_link_under_it() -> None:
    book = load_workbook(io.BytesIO(workbook([["Name", "Phone"], ["Ann", "+49 151 20000009"]])))
    book.active["B2"].hyperlink = LINKS[0]
    assert labels(read_list(saved(book))) == phones(4915120000009, 1)


def test_each_remark_beside_numbers_is_shown_once() -> None:
    cells = [
        "0151 20000001 (home)",
        "0151 20000002 (home)",
        "0151 20000003 (work)",
        "0151 20000004 (home)",
    ]
    with pytest.raises(NeedsAnswer) as asked:
        read_list("\n".join(["Phone", *cells]).encode())
    assert asked.value.question.samples == (cells[0], cells[2])


def test_nobody_in_the_first_row_is_lost_as_a_heading() -> None:
    file = b"#1 +4915120000001\n#2 +4915120000002\n"
    assert labels(read_list(file)) == phones(4915120000001, 2)


def test_a_heading_above_numbers_and_names_by_turns_is_nobodys_name() -> None:
    read = read_list(b"Name\n+4915120000001\nAnn\n+4915120000002\n")
    assert [one.name for one in read.recipients] == ["", ""]
