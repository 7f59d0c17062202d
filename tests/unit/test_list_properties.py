"""No file in which an address or a value differs from its cell without a word."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from core.domain.errors import ValidationError
from core.files.questions import NeedsAnswer
from core.files.recipient_list import read_list
from core.files.results import ReadList
from core.files.values import is_nothing

Row = tuple[str, str, str]
NUMBERS = st.integers(4_915_120_000_000, 4_915_129_999_999).map(lambda number: f"+{number}")
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Co"]), max_size=14).map(
    lambda text: " ".join(text.split())
)
TRICKY = st.sampled_from(
    ['"', "'", ",", ";", "|", '5"', 'Lee, "Ann"', "a;b", "=1+1", "+1", "-", "NULL", "12,50"]
)
CELLS = st.one_of(TEXTS, TRICKY)
ROWS = st.lists(st.tuples(NUMBERS, CELLS, CELLS), min_size=1, max_size=6, unique_by=lambda row: row[0])


def read(file: bytes) -> ReadList | None:
    """None where something is asked or refused: nobody is written to then."""
    try:
        return read_list(file)
    except (ValidationError, NeedsAnswer):
        return None


def check(found: ReadList | None, rows: Sequence[Row]) -> None:
    """Everybody is there once with their own values, or left out with a reason."""
    if found is None:
        return
    people = {one.address: one.variables for one in found.recipients}
    assert people.keys() <= {number for number, _name, _note in rows}
    refused = " ".join(one.entry for one in found.refused)
    for number, name, note in rows:
        if number not in people:
            assert number in refused
            continue
        for key, value in (("name", name), ("note", note)):
            got = people[number].get(key)
            if got is None:
                said = any("empty" in one or "damaged" in one for one in found.notes)
                assert not value or is_nothing(value) or said
            elif key == "name" and value[0] == "~":
                assert got == (value.lstrip("~ ") or value)
            else:
                assert got in (value, value[1:])
                assert got == value or value[0] == "'"


@settings(max_examples=60, deadline=None)
@given(ROWS, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\n", "\r\n", "\r"]))
@example([("+4915120000001", 'Ann "the boss" Lee', "a, b; c")], ",", "\n")
@example([("+4915120000001", "~", "~"), ("+4915120000002", "~ Ann", "~ 5")], ",", "\n")
def test_a_well_written_csv_is_read_as_it_is(rows: list[Row], separator: str, end: str) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator=end)
    writer.writerows([("phone", "name", "note"), *rows])
    check(read(text.getvalue().encode()), rows)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.sampled_from([",", ";", "\t"]))
@example([("+4915120000001", '"Ann', ""), ("+4915120000002", "Bob", ""), ("+4915120000003", 'Kim"', "")], ",")
@example([("+4915120000001", "Ray, Bob", "15"), ("+4915120000002", "Ann", "12")], ",")
@example([("+4915120000000", "", ""), ("+4915120000001", "", '"'), ("+4915120000002", "", '"')], ",")
def test_a_carelessly_written_csv_gives_nobody_the_values_of_somebody_else(
    rows: list[Row], separator: str
) -> None:
    """Cells joined without quotation marks, whatever is in them."""
    lines = [separator.join(row) for row in [("phone", "name", "note"), *rows]]
    found = read("\n".join(lines).encode())
    if found is None:
        return
    own = {number: f"{name}{separator}{note}" for number, name, note in rows}
    for one in found.recipients:
        assert one.address in own
        for value in one.variables.values():
            assert not any(number in value for number in own if number != one.address)
            assert value.strip('"').replace('""', '"') in own[one.address].replace('""', '"')
    told = {one.address for one in found.recipients}
    refused = " ".join(one.entry for one in found.refused)
    assert all(number in told or number in refused for number in own)


@settings(max_examples=25, deadline=None)
@given(ROWS)
def test_a_spreadsheet_is_read_as_it_is(rows: list[Row]) -> None:
    book, file = Workbook(), io.BytesIO()
    book.active.append(["phone", "name", "note"])
    for row in rows:
        for column, cell in enumerate(row, start=1):
            place = book.active.cell(row=rows.index(row) + 2, column=column)
            place.value, place.data_type = cell or None, "s" if cell else "n"
    book.save(file)
    check(read(file.getvalue()), rows)


WRITTEN = st.tuples(
    st.sampled_from(["+49", "0049", "(+49)", "tel:+49", "+49 (0)", "\u200e+49", "'+49", "“+49"]),
    st.integers(15_120_000_000, 15_129_999_999).map(str),
    st.sampled_from(["", " ", "-", "/", ".", "\u00a0", "\u2011"]),
)


@given(WRITTEN)
def test_a_number_is_the_same_however_it_is_written(parts: tuple[str, str, str]) -> None:
    prefix, digits, gap = parts
    written = f"{prefix}{gap}{digits[:3]}{gap}{digits[3:]}"
    found = read(f"phone;name\n{written};Ann\n".encode())
    assert found is not None
    assert [one.address for one in found.recipients] == [f"+49{digits}"]
