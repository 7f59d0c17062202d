"""Recipient lists in files: encodings, separators, headers, errors."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook

from core.domain.errors import ValidationError
from core.domain.messengers.events import LeftOut, Reachable
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.files.left_out import left_out_rows
from core.files.questions import NeedsAnswer
from core.files.recipient_list import read_list
from core.files.results import MOST_BYTES, ReadList
from core.files.tables import MOST_ROWS

RUSSIAN = "Телефон;Имя\n+79161234567;Аня\n+79161234568;Щука из Ельца\n"
GERMAN = "WhatsApp;Name\n+4915112345678;Jürgen Groß\n+4915112345679;Zoë Ångström\n"


def labels(read: ReadList) -> list[str]:
    return [one.label for one in read.recipients]


def variables(read: ReadList) -> list[dict[str, str]]:
    return [dict(one.variables) for one in read.recipients]


def problem(data: bytes) -> str:
    with pytest.raises(ValidationError) as raised:
        read_list(data)
    (sentence,) = raised.value.problems
    return sentence


def workbook(rows: Sequence[Sequence[object]], *more_sheets: str) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "People"
    for row in rows:
        sheet.append(list(row))
    for title in more_sheets:
        book.create_sheet(title)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def packed(parts: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("codec", "said"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("cp1251", "Windows-1251"),
    ],
)
def test_a_russian_list_is_read_in_every_common_encoding(codec: str, said: str) -> None:
    read = read_list(RUSSIAN.encode(codec))
    assert read.form == f"CSV, semicolons, {said}"
    assert variables(read) == [{"имя": "Аня"}, {"имя": "Щука из Ельца"}]
    assert labels(read) == ["whatsapp:+79161234567", "whatsapp:+79161234568"]


@pytest.mark.parametrize(
    ("codec", "said"), [("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16"), ("cp1252", "Windows-1252")]
)
def test_a_western_list_is_read_without_any_mark(codec: str, said: str) -> None:
    read = read_list(GERMAN.encode(codec))
    assert read.form == f"CSV, semicolons, {said}"
    assert variables(read) == [{"name": "Jürgen Groß"}, {"name": "Zoë Ångström"}]


@pytest.mark.parametrize(
    ("separator", "said"), [(",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "bars")]
)
def test_the_separator_is_found(separator: str, said: str) -> None:
    rows = [["telegram", "name", "note"], ["1001", "Ann", '"a, b; c"'], ["1002", "Bob", ""]]
    read = read_list("\r\n".join(separator.join(row) for row in rows).encode())
    assert read.form == f"CSV, {said}, UTF-8"
    assert variables(read) == [{"name": "Ann", "note": "a, b; c"}, {"name": "Bob"}]


def test_a_typed_address_beside_words_of_headings_is_no_second_row_of_headings() -> None:
    (one,) = read_list(b"recipient,telegram\ntelegram:1,X\n").recipients
    assert (one.label, one.variables) == ("telegram:1", {"telegram": "X"})


def test_every_address_of_a_row_is_a_recipient_with_its_variables() -> None:
    """An empty cell is no variable: a message with a gap is asked about, never sent with a hole."""
    data = b"Telegram,Viber,Phone,First name,First name\n1001,alice,+12025550123,Alice,\n,bob,,Bob,B\n"
    read = read_list(data)
    assert labels(read) == ["telegram:1001", "viber:alice", "whatsapp:+12025550123", "viber:bob"]
    assert variables(read)[0] == {"first_name": "Alice"}
    assert variables(read)[3] == {"first_name": "Bob", "first_name_2": "B"}
    assert read.variables == ("first_name", "first_name_2")
    assert [one.person for one in read.recipients] == ["t1001", "t1001", "t1001", ""]


@pytest.mark.parametrize(
    "text",
    [
        "recipient,name\ntg:1001,Ann\nviber:bob,Bob\n",
        "name,who\nAnn,telegram:1001\nBob,viber:bob\n",
        "messenger,address,name\ntelegram,1001,Ann\nViber,bob,Bob\n",
        "service,uuid,name\ntg,1001,Ann\nviber,bob,Bob\n",
        "name,telegram id,viber_id\nAnn,1001,\nBob,,bob\n",
        "Name,Kontakt\nAnn,tg:1001\nBob,viber:bob\n",
        "tg:1001,Ann\nviber:bob,Bob\n",
        "Ann,tg:1001\nBob,viber:bob\n",
        "telegram,1001,Ann\nviber,bob,Bob\n",
    ],
)
def test_recipients_are_found_however_the_columns_are_named_or_not(text: str) -> None:
    read = read_list(text.encode())
    assert [(one.label, one.variables.get("name")) for one in read.recipients] == [
        ("telegram:1001", "Ann"),
        ("viber:bob", "Bob"),
    ]
    assert read.refused == ()


@pytest.mark.parametrize("text", ["tg:1001\n\n+12025550123\n@annshop\n", "tg:1001, +12025550123, @annshop"])
def test_a_plain_list_needs_no_header(text: str) -> None:
    assert labels(read_list(text.encode())) == ["telegram:1001", "whatsapp:+12025550123", "telegram:@annshop"]


def test_wrong_rows_are_refused_by_their_numbers_and_doubles_counted() -> None:
    """Rows count as in a spreadsheet: the header is row 1, empty rows count too."""
    read = read_list(b"phone,name\n+12025550123,Ann\n\n+1202,Bob\n+1 (202) 555-0123,Ann again\n,Nobody\n")
    assert labels(read) == ["whatsapp:+12025550123"]
    assert [(one.row, one.entry) for one in read.refused] == [(4, "+1202"), (6, "Nobody")]
    assert read.refused[0].reason.startswith("the phone number is too short")
    assert read.refused[1].reason == "there's no address in this row"
    assert [(one.row, one.reason) for one in read.doubles] == [
        (5, "is already in row 2, with different values")
    ]


def test_what_is_left_out_is_told_in_a_file_that_no_spreadsheet_program_runs() -> None:
    read = read_list(b"phone\n=1+1\n+12025550123\n")
    reason = LeftOut(recipient=read.recipients[0], reason=Reason.OPTED_OUT)
    rows = left_out_rows(read, Reachable(recipients=(), left_out=(reason,))).splitlines()
    assert rows[0] == '"row","recipient","why"'
    assert rows[1].startswith('''"2","'=1+1","''')
    assert rows[2].startswith('"","whatsapp:+12025550123","')


def test_nothing_left_out_makes_no_file() -> None:
    assert left_out_rows(read_list(b"phone\n+12025550123\n"), Reachable(recipients=())) == ""


def test_a_spreadsheet_is_read_with_its_numbers_and_dates_as_people_see_them() -> None:
    rows: list[list[object]] = [
        ["telegram", "name", "since", "points"],
        [1001, "Ann", date(2026, 11, 24), 2.5],
        [1002.0, "Bob", None, 3],
    ]
    read = read_list(workbook(rows, "Other"))
    assert read.form == "XLSX, sheet “People” of 2"
    assert labels(read) == ["telegram:1001", "telegram:1002"]
    assert variables(read) == [
        {"name": "Ann", "since": "2026-11-24", "points": "2.5"},
        {"name": "Bob", "points": "3"},
    ]


def test_a_hundred_thousand_rows_are_read_whole() -> None:
    rows = "".join(f"+1202{number:07},Name {number}\n" for number in range(100_000))
    read = read_list(f"phone,name\n{rows}".encode())
    assert len(read.recipients) == 100_000
    assert read.recipients[-1].variables == {"name": "Name 99999"}


def test_more_rows_than_can_be_read_are_refused() -> None:
    assert f"more than {MOST_ROWS:,} rows" in problem(b"tg:1001\n" * (MOST_ROWS + 2))


def test_more_than_20_mb_is_refused() -> None:
    assert "larger than 20 MB" in problem(b"x" * (MOST_BYTES + 1))


@pytest.mark.parametrize(
    ("name", "size"), [("xl/sharedStrings.xml", 60_000_000), ("xl/worksheets/sheet1.xml", 160_000_000)]
)
def test_a_spreadsheet_that_unpacks_to_far_more_is_refused_before_it_is(name: str, size: int) -> None:
    bomb = packed({"[Content_Types].xml": b"<x/>", name: b" " * size})
    assert len(bomb) < 1_000_000
    assert "too large for me to read" in problem(bomb)


def skipping_to(row: int) -> bytes:
    """A spreadsheet with its last row far below the others."""
    book = workbook([["telegram"], [1001], [1002]])
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b'r="3"', b'r="%d"' % row).replace(b'r="A3"', b'r="A%d"' % row)
    return packed(parts)


def test_a_row_numbered_in_the_billions_makes_no_billion_rows() -> None:
    assert labels(read_list(skipping_to(1_000_000_000))) == ["telegram:1001"]


def test_a_row_far_below_the_others_is_read_too() -> None:
    assert labels(read_list(skipping_to(MOST_ROWS * 2))) == ["telegram:1001", "telegram:1002"]


def test_entities_that_multiply_are_refused() -> None:
    book = workbook([["telegram"], [1001]])
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY e0 "{"x" * 100}">{levels}]>'
    parts["xl/worksheets/sheet1.xml"] = (
        f'{head}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        '<c r="A1" t="inlineStr"><is><t>&e9;</t></is></c></row></sheetData></worksheet>'
    ).encode()
    assert "I can't read this spreadsheet" in problem(packed(parts))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b" \r\n\r\n", "The file is empty."),
        (b"\x00\x01\x02\x03\x04", "I can't read this file"),
        (b"\xff\xfea", "I can't read this file"),
        (b"%PDF-1.4\n\x00", "This is a PDF, and I can't read people from it."),
        (b"\x89PNG\r\n\x1a\n", "This is a picture"),
        (packed({"word/document.xml": b"<w/>"}), "This is a Word document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "I can't read this spreadsheet"),
        (b"PK\x03\x04 and no more", "I can't read this spreadsheet"),
        (b"1001\n1002\n", "I can't find phone numbers"),
        (b"telegram,name\n", "This file has no people"),
    ],
)
def test_what_is_no_list_is_refused_with_a_sentence(data: bytes, sentence: str) -> None:
    assert sentence in problem(data)


def test_an_archive_that_is_no_spreadsheet_is_refused() -> None:
    assert "This is an archive" in problem(packed({"readme.txt": b"hello"}))


@given(st.binary(max_size=200))
@example(b"PK\x03\x04")
@example(b"\xff\xfe\x00\xd8")
def test_any_bytes_are_read_or_refused_with_a_sentence(data: bytes) -> None:
    read: ReadList | None = None
    problems: tuple[str, ...] = ()
    asked = ""
    try:
        read = read_list(data)
    except ValidationError as error:
        problems = error.problems
    except NeedsAnswer as needed:
        asked = needed.question.text
    assert (read.recipients or read.refused) if read else asked or problems[0].endswith((".", "?"))


@given(st.text(alphabet="a1+:@,;\t\n\" '=", max_size=60))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    read: ReadList | None = None
    problems: tuple[str, ...] = ()
    try:
        read = read_list(text.encode())
    except ValidationError as error:
        problems = error.problems
    except NeedsAnswer as needed:
        problems = (needed.question.text,)
    assert len(set(labels(read))) == len(read.recipients) if read else problems[0].endswith((".", "?"))


def test_a_variable_begins_with_what_a_formula_would_only_where_it_was_typed_so() -> None:
    """The mark that guards a value in our own files is taken off again."""
    read = read_list(b"recipient,note\ntg:1001,'=1+1\ntg:1002,'tis\n")
    assert variables(read) == [{"note": "=1+1"}, {"note": "'tis"}]


def test_a_list_may_name_the_messenger_in_the_cell_of_another_column() -> None:
    read = read_list(b"telegram\n1001\nviber:bob\n")
    assert read.recipients[1] == Recipient(messenger=Messenger.VIBER, address="bob")


def sheet(rows: str) -> bytes:
    """An XLSX file with these rows, as they are written."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    ties = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    sheets = '<sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets>'
    book = f'<workbook xmlns="{main}" xmlns:r="{ties}">{sheets}</workbook>'
    relations = '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>'
    return packed(
        {
            "xl/workbook.xml": book.encode(),
            "xl/_rels/workbook.xml.rels": relations.encode(),
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'.encode(),
        }
    )


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def row_of(number: int, name: str, attributes: str = "") -> str:
    phone = text_cell(f"A{number}", f"+491512000000{number}")
    return f'<row r="{number}"{attributes}>{phone}{text_cell(f"B{number}", name)}</row>'


def test_rows_of_a_spreadsheet_are_the_same_in_every_form() -> None:
    heading = f'<row r="1">{text_cell("A1", "phone")}{text_cell("B1", "name")}</row>'
    rows = (
        row_of(2, "Ann"),
        row_of(3, "A &amp; B"),
        "<row r='4' hidden='1'>" + row_of(4, "x").partition(">")[2],
        row_of(5, "x", ' hidden="true"'),
        row_of(6, "Kim", ' ht="12.8" hidden="false" spans="1:2"'),
        '<row r="7"/>\n' + row_of(8, "a\r\nb"),
        "<row>" + text_cell("A9", "+4915120000009") + '<c t="str"><f>1+1</f><v>Lee</v></c></row>',
        '<row r="10">'
        + text_cell("A10", "+4915120000010")
        + text_cell("B10", "<![CDATA[C & D]]>")
        + "</row>",
    )
    read = read_list(sheet(heading + "".join(rows)))
    assert {one.address[-2:]: one.variables["name"] for one in read.recipients} == {
        "02": "Ann", "03": "A & B", "06": "Kim", "08": "a\nb", "09": "Lee", "10": "C & D",
    }  # fmt: skip
    assert read.notes == ("Not read: 2 hidden or filtered rows (4, 5).",)


def test_a_row_in_a_comment_of_a_spreadsheet_is_none() -> None:
    heading = f'<row r="1">{text_cell("A1", "phone")}{text_cell("B1", "name")}</row>'
    read = read_list(
        sheet(f"{heading}{row_of(2, 'Ann')}<!-- {row_of(3, 'x')}{row_of(4, 'x')} -->{row_of(5, 'Bob')}")
    )
    assert [one.variables["name"] for one in read.recipients] == ["Ann", "Bob"]


def test_rows_of_an_ods_file_are_the_same_in_every_form() -> None:
    spaces = "urn:oasis:names:tc:opendocument:xmlns"
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>".format
    gap = '<table:table-cell table:number-columns-repeated="2"/>'
    last = '<table:table-cell table:number-columns-repeated="16379"/>'
    rows = (
        f"<table:table-row>{cell('phone')}{gap}{cell('name')}{last}</table:table-row>",
        f'<table:table-row table:style-name="ro1">{cell("+4915120000001")}{gap}{cell("Ann")}{last}</table:table-row>',
        f"<table:table-row>{cell('+4915120000002')}{gap}{cell('A &amp; <text:span>B</text:span>')}</table:table-row>",
        f'<table:table-row table:visibility="filter">{cell("+4915120000003")}</table:table-row>',
        f"<table:table-row>{cell('+4915120000004')}{gap}<table:table-cell><text:p>a</text:p><text:p>b</text:p>"
        "</table:table-cell></table:table-row>",
        '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>',
        f"<table:table-row>{cell('+4915120000009')}{gap}{cell('Bob')}</table:table-row>",
        f"<table:table-row>{cell('+1')}</table:table-row>",
    )
    content = (
        f'<office:document-content xmlns:office="{spaces}:office:1.0" xmlns:text="{spaces}:text:1.0" '
        f'xmlns:table="{spaces}:table:1.0"><table:table table:name="A">{"".join(rows)}</table:table>'
        "</office:document-content>"
    )
    read = read_list(
        packed(
            {
                "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
                "META-INF/manifest.xml": b"<manifest/>",
                "content.xml": content.encode(),
            }
        )
    )
    assert {one.address[-1]: one.variables["name"] for one in read.recipients} == {
        "1": "Ann", "2": "A & B", "4": "a\nb", "9": "Bob",
    }  # fmt: skip
    assert read.notes == ("Not read: 1 hidden or filtered row (4).",)
    assert [one.row for one in read.refused] == [10]
