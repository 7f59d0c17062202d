"""Lists that describe each person in lines of their own: "Name: Ann", "Phone: +49 151 2345678", or only both values."""

from __future__ import annotations

import re
from typing import Final

from core.domain.recipients import is_part_of_name
from core.files.cell_kinds import is_person
from core.files.headings import Means, meaning, word
from core.files.sheets import Rows

_FIELD: Final = re.compile(r"\s*(?:[-•*]\s+)?([^\W\d_][^:=\t\n]{0,39}?)\s*[:=\t]\s*(.*?)\s*")
_RULE: Final = re.compile(r"\s*[-=_*~#]{2,}\s*")
_MOST_OTHER_LINES: Final = 0.2
_FIRST_LINES: Final = 1_000
"""By which most other texts are known: a table of 200,000 rows is not read to its end for it."""
_MOST_FIELDS: Final = 40
_NAME: Final = re.compile(r"[^\W\d_][^\d:;@+]{0,59}")
_FEWEST_PAIRS: Final = 2


def block_rows(text: str) -> Rows | None:
    """A row of headings and one for each person, numbered by the person's first line; None for any other text."""
    blocks = _blocks(text)
    if blocks is None:
        return None
    heads = list(dict.fromkeys(key for _number, block in blocks for key in block))
    if not _names_people(heads) or len(heads) > _MOST_FIELDS:
        return None
    rows: Rows = [(0, tuple(heads))]
    rows += [(number, tuple(block.get(key, "") for key in heads)) for number, block in blocks]
    return rows


def _names_people(heads: list[str]) -> bool:
    """True if a field holds a name and another one a number: "Mom: +49..." alone is a name beside a number."""
    return any(is_part_of_name(word(one)) for one in heads) and any(
        meaning(one) & (Means.PHONE | Means.RECIPIENT) for one in heads
    )


def _blocks(text: str) -> list[tuple[int, dict[str, str]]] | None:
    """The fields of each person; a blank line, a rule, or the first field again begins the next one."""
    blocks: list[tuple[int, dict[str, str]]] = []
    fields, others, open_ = 0, 0, False
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or _RULE.fullmatch(line):
            open_ = False
            continue
        found = _FIELD.fullmatch(line)
        if found is None:
            others += 1
            if others > max(fields, _FIRST_LINES):
                return None
            continue
        fields += 1
        key = found[1]
        if not open_ or key == next(iter(blocks[-1][1])):
            blocks.append((number, {}))
            open_ = True
        _put(blocks[-1][1], key, found[2])
    if not fields or others > fields * _MOST_OTHER_LINES:
        return None
    return blocks


def _put(block: dict[str, str], key: str, value: str) -> None:
    """A second number of a person stays beside the first."""
    name, number = key, 2
    while name in block:
        name, number = f"{key} {number}", number + 1
    block[name] = value


def paired_rows(rows: Rows) -> Rows | None:
    """Names and numbers in lines of their own, one by one, as rows of both; None for any other column."""
    cells = [cells[0] for _number, cells in rows]
    for names, numbers in ((cells[::2], cells[1::2]), (cells[1::2], cells[::2])):
        by_turns = len(names) == len(numbers) >= _FEWEST_PAIRS and all(map(is_person, numbers))
        if by_turns and all(map(_NAME.fullmatch, names)) and not any(map(meaning, names)):
            pairs = zip(names, numbers, strict=True)
            return [(number, pair) for (number, _cells), pair in zip(rows[::2], pairs, strict=True)]
    return None
