"""Tables put right before their columns are judged: people in columns, tables side by side, numbers in two columns.

None of it is done without a question: all of it changes what is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, zip_longest
from typing import Final

from core.domain.translatable import sentence
from core.files.cell_kinds import is_person, is_value
from core.files.countries import region_named
from core.files.heading_rows import heading_row, headings, letter
from core.files.headings import Means, meaning
from core.files.messenger_names import messenger_named
from core.files.questions import Choice, Question, answer_to
from core.files.sheets import Cells
from core.files.tables import Table

_TURN: Final = "turn"
_STACK: Final = "beside"
_JOIN: Final = "area"
_YES: Final = "yes"
_NO: Final = "no"
_MOST_ROWS: Final = 60
"""Of a table with people in columns."""
_HEAD: Final = 20
_SAMPLE: Final = 200
_AREA_CODE: Final = re.compile(r"\(?\d{1,6}\)?")
_CODE_WITH_ZERO: Final = re.compile(r"\(?0\d{1,5}\)?")
_REST: Final = re.compile(r"[1-9][\d\s.\-/]{3,9}")
_FITS: Final = 0.6


def rearranged(table: Table, answers: Mapping[str, str]) -> Table:
    """The table as it is meant. Raises NeedsAnswer."""
    return _with_area_codes(_stacked(_turned(table, answers), answers), answers)


def _turned(table: Table, answers: Mapping[str, str]) -> Table:
    rows = [cells for _number, cells in table.rows]
    if not _has_people_in_columns(rows):
        return table
    width = max(map(len, rows))
    columns = list(zip_longest(*rows, fillvalue=""))
    answer = answer_to(
        Question(
            key=_TURN,
            text=sentence("Each person seems to be a column of this table. Read it like that?"),
            samples=tuple(", ".join(filter(None, cells)) for cells in columns[1:4]),
            choices=(
                Choice(_YES, sentence("Yes, a person in each column")),
                Choice(_NO, sentence("No, a person in each row")),
            ),
        ),
        answers,
    )
    if answer != _YES:
        return table
    hidden = [place for place in range(1, width) if place in table.hidden_columns]
    notes = [*table.notes, sentence("Each column is a person. Row 2 is column B, row 3 is column C.")]
    if hidden:
        notes.append(sentence("Not read: hidden columns {names}.", names=tuple(map(letter, hidden))))
    struck: dict[int, frozenset[int]] = {}
    for place in range(width):
        crossed = [
            at for at, (number, _cells) in enumerate(table.rows) if place in table.struck.get(number, ())
        ]
        if crossed:
            struck[place + 1] = frozenset(crossed)
    people = [(place + 1, cells) for place, cells in enumerate(columns) if any(cells) and place not in hidden]
    return replace(table, rows=people, notes=notes, hidden_columns=frozenset(), struck=struck)


def _has_people_in_columns(rows: Sequence[Cells]) -> bool:
    """True if the first column has the headings, one of addresses among them, and addresses are beside that."""
    first = next((cells for cells in rows if sum(map(bool, cells)) > 1), ())
    if not 1 < len(rows) <= _MOST_ROWS or not first or sum(map(bool, map(meaning, first))) > 1:
        return False
    known = [meaning(cells[0]) for cells in rows if cells[0]]
    mostly_known = len(known) > 1 and sum(map(bool, known)) * 2 >= len(known)
    for cells in rows:
        addresses = [cell for cell in cells[1:] if cell]
        if _is_one_address(cells[0]) or not addresses or not all(map(is_value, addresses)):
            continue
        if not meaning(cells[0]).is_address:
            continue
        # The only row with a heading, or the name of a messenger in front of one address, may be a person's row.
        if len(addresses) > 1 or (mostly_known and messenger_named(cells[0]) is None):
            return True
    return False


def _is_one_address(cell: str) -> bool:
    """True for "viber:ab", which is no heading."""
    messenger, _colon, address = cell.partition(":")
    return bool(address.strip()) and messenger_named(messenger) is not None


def _stacked(table: Table, answers: Mapping[str, str]) -> Table:
    """Tables with the same headings that are side by side, one below the other."""
    head = [cells for _number, cells in table.rows[:_HEAD]]
    row = heading_row(head)
    starts = _tables_beside(headings(head, row)) if row >= 0 else _halves(head)
    if not starts:
        return table
    ends = [*starts[1:], max(len(cells) for _number, cells in table.rows)]
    parts = [
        [(number, cells[start:end]) for number, cells in table.rows[row + 1 :] if any(cells[start:end])]
        for start, end in zip(starts, ends, strict=True)
    ]
    answer = answer_to(
        Question(
            key=_STACK,
            text=sentence(
                "There are {count} lists side by side in this table. Read all of them?", count=len(parts)
            ),
            samples=tuple(", ".join(filter(None, part[0][1])) for part in parts[:3] if part),
            choices=(
                Choice(_YES, sentence("Yes, one below the other")),
                Choice(_NO, sentence("No, each row is about one person")),
            ),
        ),
        answers,
    )
    if answer != _YES:
        return table
    width = starts[1] - starts[0]
    struck: dict[int, frozenset[int]] = {
        number: frozenset((place - starts[0]) % width for place in places)
        for number, places in table.struck.items()
    }
    above = [*table.rows[:row], (table.rows[row][0], head[row][starts[0] : ends[0]])] if row >= 0 else []
    return replace(
        table,
        rows=[*above, *(one for part in parts for one in part)],
        hidden_columns=frozenset((place - starts[0]) % width for place in table.hidden_columns),
        struck=struck,
    )


def _tables_beside(names: Sequence[str]) -> list[int]:
    """Where tables with the same headings begin; empty unless there are two or more, each with addresses."""
    folded = [name.casefold() for name in names]
    first = next((place for place, name in enumerate(folded) if name), 0)
    starts = [place for place, name in enumerate(folded) if place >= first and name == folded[first] and name]
    blocks = [folded[start:end] for start, end in zip(starts, [*starts[1:], len(folded)], strict=True)]
    for block in blocks:
        while block and not block[-1]:
            block.pop()
    same = len(blocks) > 1 and all(block == blocks[0] for block in blocks) and len(blocks[0]) > 1
    even = len({two - one for one, two in pairwise(starts)}) == 1
    return starts if same and even and any(meaning(name).is_address for name in blocks[0]) else []


def _halves(rows: Sequence[Cells]) -> list[int]:
    """Where two tables without headings begin: in each row names and a number, and the same again; else empty."""
    width = max(map(len, rows), default=0)
    half = width // 2
    if width % 2 or half < 2 or not all(any(cells[half:]) for cells in rows[:-1]):
        return []
    kinds = [[is_person(cell) for cell in cells] for cells in rows if any(cells[half:])]
    alike = kinds and all(one[:half] == one[half:] and sum(one[:half]) == 1 for one in kinds)
    return [0, half] if alike else []


def _with_area_codes(table: Table, answers: Mapping[str, str]) -> Table:
    """The table with area codes in front of the numbers that they belong to."""
    head = [cells for _number, cells in table.rows[:_HEAD]]
    row = heading_row(head)
    found = (
        _area_and_phone(headings(head, row), table.rows[row + 1 : row + 1 + _SAMPLE]) if row >= 0 else None
    )
    if found is None:
        return table
    area, phone = found
    name = head[row][phone]
    pairs = [pair for _number, cells in table.rows[row + 1 :] if (pair := _pair(cells, area, phone))]
    answer = answer_to(
        Question(
            key=_JOIN,
            text=sentence(
                "“{area}” looks like the first part of the numbers in “{name}”. Put them together?",
                area=head[row][area],
                name=name,
            ),
            samples=tuple(f"{one} {two}" for one, two in pairs[:3]),
            choices=(
                Choice(_YES, sentence("Put them together")),
                Choice(_NO, sentence("No, “{name}” is complete", name=name)),
            ),
        ),
        answers,
    )
    if answer != _YES:
        return table
    rows = list(table.rows)
    for place, (number, cells) in enumerate(rows[row + 1 :], start=row + 1):
        if pair := _pair(cells, area, phone):
            whole = list(cells)
            whole[phone] = " ".join(pair)
            rows[place] = (number, tuple(whole))
    return replace(table, rows=rows)


def _area_and_phone(names: Sequence[str], rows: Sequence[tuple[int, Cells]]) -> tuple[int, int] | None:
    """The columns of area codes and of numbers without them; None where there are none."""
    means = [meaning(name) for name in names]
    for area, one in enumerate(means):
        if not one & (Means.AREA_CODE | Means.COUNTRY) and not _may_be_area_codes(area, means, rows):
            continue
        others = [place for place, other in enumerate(means) if place != area and other.is_address]
        if not others and one & Means.AREA_CODE and area + 1 < len(names):
            others = [area + 1]
        phone = min(others, key=lambda place: abs(place - area), default=None)
        if phone is None:
            continue
        filled = [
            cells for _number, cells in rows if max(area, phone) < len(cells) and cells[area] and cells[phone]
        ]
        pairs = [pair for cells in filled if (pair := _pair(cells, area, phone))]
        if one & Means.COUNTRY and sum(bool(region_named(code)) for code, _rest in pairs) * 2 > len(pairs):
            continue
        if pairs and len(pairs) >= len(filled) * _FITS:
            return area, phone
    return None


def _may_be_area_codes(place: int, means: Sequence[Means], rows: Sequence[tuple[int, Cells]]) -> bool:
    """True for "0151" and "(030)" under any heading in front of that of the numbers."""
    if means[place] & Means.ELSEWHERE or not any(one.is_address for one in means[place + 1 : place + 2]):
        return False
    values = [cells[place] for _number, cells in rows if place < len(cells) and cells[place]]
    return bool(values) and all(map(_CODE_WITH_ZERO.fullmatch, values))


def _pair(cells: Cells, area: int, phone: int) -> tuple[str, str] | None:
    """The area code and the rest of the number of a row; None where the number is complete, or there is none."""
    if max(area, phone) >= len(cells):
        return None
    code, rest = cells[area], cells[phone]
    return (code, rest) if _AREA_CODE.fullmatch(code) and _REST.fullmatch(rest) else None
