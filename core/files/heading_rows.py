"""The row of a list that names its columns, and the names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from core.domain.messengers.traits import BY_ALIAS
from core.files.cell_kinds import is_person, is_value
from core.files.csv_tables import ADDRESS
from core.files.headings import Means, meaning
from core.files.sheets import Cells
from core.parsing.phone_text import NUMBER

GAP: Final = re.compile(r"\{([^\W\d]\w{0,63})\}")
_NUMBER: Final = re.compile(r"-?\d+(?:\.0+)?")
_PHONE: Final = re.compile(r"\+\d[\d\s().\-/]{6,}\d")
_EXAMPLE: Final = re.compile(
    r"[(\[].*\d|\b(?:e\.? ?g|z\.? ?b|bsp|beispiel|example|format|like|wie|ex|p\. ?ex|ej|np|напр|например)\b",
    re.IGNORECASE,
)
"""In a heading with a number."""
_YEAR: Final = re.compile(r"(?:19|20)\d\d")


def letter(place: int) -> str:
    """The column's letter, as spreadsheet programs show it."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def headings(head: Sequence[Cells], row: int) -> list[str]:
    """The names of the columns; an empty one is named by the cell above, where headings go over two rows."""
    if row < 0:
        return []
    names = list(head[row])
    above = head[row - 1] if row else ()
    if sum(map(bool, above)) < 2 or any(map(is_value, above)):
        return names
    names += [""] * (len(above) - len(names))
    groups, group = [], ""
    for place in range(len(names)):
        group = (above[place] if place < len(above) else "") or group
        groups.append(group)
    # One heading over several columns tells columns of the same name apart: "Mother: phone", "Father: phone".
    return [
        (f"{groups[place]} {name}".strip() if names.count(name) > 1 else name)
        or (above[place] if place < len(above) else "")
        for place, name in enumerate(names)
    ]


def heading_row(head: Sequence[Cells]) -> int:
    """Find the first row with a heading of addresses and no address, else the one above the first address.

    Returns its index, -1 for none.
    """
    if _names_messengers(head):
        return -1
    people_above = False
    for index, cells in enumerate(head):
        if _holds_values(cells) and not _names_columns_and_years(cells):
            people_above = people_above or any(map(is_person, cells))
            continue
        if people_above and (sum(map(bool, cells)) < 2 or index + 1 == len(head)):
            continue  # words among people: "I am using WhatsApp"; headings below them
        if any(GAP.fullmatch(cell) or _names_addresses(cell) for cell in cells):
            return index + 1 if _is_heading_too(head[index + 1 : index + 2]) else index
    for index, cells in enumerate(head):
        if _holds_values(cells):
            return _heading_above(head[:index])
    return 0 if head and _names_columns(head[0]) else -1


def _holds_values(cells: Sequence[str]) -> bool:
    """True with a value among the cells, also one with words: "Mum's phone: +49 151 2345678" beside no heading."""
    cells = [cell for cell in cells if not _EXAMPLE.search(cell)]
    if any(map(is_value, cells)):
        return True
    numbered = list(filter(NUMBER.search, cells))
    return bool(numbered) and not any(meaning(cell) for cell in cells if cell not in numbered)


def _is_heading_too(following: Sequence[Cells]) -> bool:
    """True for the second row of headings: "Emergency" over "Name" and "Phone"."""
    return any(
        sum(map(bool, cells)) > 1
        and any(map(_names_addresses, cells))
        and all(map(meaning, filter(None, cells)))
        and not any(map(ADDRESS.search, cells))
        for cells in following
    )


def _names_columns_and_years(cells: Sequence[str]) -> bool:
    """True for "name, phone, 2025, 2026"."""
    others = [cell for cell in cells if cell and not _YEAR.fullmatch(cell)]
    named = all(map(meaning, others)) and any(map(_names_addresses, others))
    return len(others) > 1 and named and not _holds_values(others)


def _heading_above(rows: Sequence[Cells]) -> int:
    """Find the headings above the first person: the row with most known words, else the first with several cells.

    Returns -1 for none. A row with a number among its words belongs to a person.
    """
    naming = [
        index
        for index, cells in enumerate(rows)
        if _names_columns(cells) and not any(map(ADDRESS.search, cells))
    ]
    wide = [index for index in naming if sum(map(bool, rows[index])) > 1]
    known = {index: sum(bool(meaning(cell)) for cell in rows[index]) for index in wide}
    if any(known.values()):
        return max(known, key=lambda index: (known[index], index))
    return wide[0] if wide else naming[-1] if naming else -1


def _names_addresses(cell: str) -> bool:
    means = meaning(cell)
    return (
        means.is_address
        or bool(means & Means.MESSENGER)
        or (bool(means & Means.PERHAPS_RECIPIENT) and bool(cell))
    )


def _names_columns(cells: Cells) -> bool:
    filled = [cell for cell in cells if cell]
    known = any(meaning(cell) for cell in filled)
    numbers = any(_NUMBER.fullmatch(cell) or _PHONE.search(cell) for cell in filled)
    return bool(filled) and (len(filled) > 1 or known) and not numbers


def _names_messengers(head: Sequence[Cells]) -> bool:
    """ "telegram,1001,Ann": the messengers' names are values, not headings."""
    return len(head) > 1 and any(
        one.casefold() in BY_ALIAS and two.casefold() in BY_ALIAS
        for one, two in zip(head[0], head[1], strict=False)
    )
