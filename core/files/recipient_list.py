"""Lists of recipients in files: who stands in them, and which rows are refused and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from core.domain.errors import ValidationError
from core.domain.messengers.events import LeftOut, Reachable
from core.domain.messengers.traits import BY_ALIAS, Messenger
from core.domain.recipients import Recipient
from core.domain.translatable import Sentence, sentence
from core.files.columns import Cells, Layout, Role, Variable, layout_of
from core.files.csv_export import csv_rows, guarded, unguarded
from core.files.tables import read_table
from core.parsing.addresses import read_address
from core.parsing.recipients import read_recipient

_SAMPLE: Final = 50
_NO_ADDRESS: Final = sentence("there is no address in this row")

_HEADS: Final = (sentence("row"), sentence("recipient"), sentence("why"))

Row = tuple[int, Cells]


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A part of a row that is left out. `row` counts from 1, as spreadsheet programs do."""

    row: int
    entry: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadList:
    """What a file came to."""

    recipients: tuple[Recipient, ...]
    """Each once, in the order of the file, with the variables of the row where they stand first."""
    refused: tuple[Refused, ...]
    doubles: tuple[Refused, ...]
    variables: tuple[str, ...]
    """The columns that are no addresses."""
    form: str
    """How the file was read, in words: "CSV, semicolons, Windows-1251"."""


def read_list(data: bytes) -> ReadList:
    """Takes seconds for a hundred thousand rows: to be called in a thread. Raises ValidationError."""
    table = read_table(data)
    numbered = ((number, row) for number, row in enumerate(table.rows, start=1) if any(row))
    sample = list(islice(numbered, _SAMPLE))
    layout = layout_of([row for _, row in sample])
    rows = chain(sample[1:] if layout.headed else sample, numbered)
    found: dict[tuple[Messenger, str], tuple[int, Recipient]] = {}
    refused: list[Refused] = []
    doubles: list[Refused] = []
    for number, entry, read in _entries(rows, layout):
        if isinstance(read, str):
            refused.append(Refused(row=number, entry=entry, reason=read))
            continue
        first, _ = found.setdefault((read.messenger, read.address), (number, read))
        if found[read.messenger, read.address][1] is not read:
            doubles.append(
                Refused(row=number, entry=entry, reason=sentence("stands in row {row} already", row=first))
            )
    if not found and not refused:
        raise ValidationError(
            [sentence("There is nobody in this file: it has no rows below the names of its columns.")]
        )
    return ReadList(
        recipients=tuple(recipient for _, recipient in found.values()),
        refused=tuple(refused),
        doubles=tuple(doubles),
        variables=layout.variables,
        form=table.form,
    )


def left_out_rows(read: ReadList, screened: Reachable, *, say: Callable[[str], str] = str) -> str:
    """Everything that was left out of a list or will be, with the reasons, as CSV; empty when there is nothing.

    `say` translates the heads and the reasons.
    """
    rows = [(str(one.row), one.entry, one.reason) for one in sorted((*read.refused, *read.doubles), key=_row)]
    rows += [("", one.recipient.label, _gets_nothing(one)) for one in screened.left_out]
    if not rows:
        return ""
    heads = tuple(say(head) for head in _HEADS)
    return csv_rows([heads, *((row, guarded(entry), say(why)) for row, entry, why in rows)])


def _gets_nothing(one: LeftOut) -> Sentence:
    return sentence("{reason}: gets nothing", reason=one.reason.sentence)


def _row(refused: Refused) -> int:
    return refused.row


def _entries(rows: Iterable[Row], layout: Layout) -> Iterator[tuple[int, str, Recipient | str]]:
    """The row's number, the entry as it stands there, and who that is or why it is refused."""
    for number, row in rows:
        variables = _variables(row, layout)
        named = next(
            (cell for cell, column in zip(row, layout.columns, strict=False) if column is Role.MESSENGER), ""
        )
        entries = [
            (cell, column)
            for cell, column in zip(row, layout.columns, strict=False)
            if cell and (isinstance(column, Messenger) or column is Role.RECIPIENT)
        ]
        if not entries:
            yield number, " ".join(cell for cell in row if cell), _NO_ADDRESS
        for cell, column in entries:
            yield number, cell, _read(cell, column if isinstance(column, Messenger) else named, variables)


def _variables(row: Cells, layout: Layout) -> dict[str, str]:
    """An empty cell is no value: a message with a hole in it is asked about, not sent."""
    return {
        column.name: unguarded(cell)
        for cell, column in zip(row, layout.columns, strict=False)
        if cell and isinstance(column, Variable)
    }


def _read(cell: str, messenger: Messenger | str, variables: Mapping[str, str]) -> Recipient | str:
    try:
        return _recipient(cell, messenger, variables)
    except ValueError as error:
        return str(error)


def _recipient(cell: str, messenger: Messenger | str, variables: Mapping[str, str]) -> Recipient:
    before, colon, _ = cell.partition(":")
    if not messenger or (colon and before.strip().casefold() in BY_ALIAS):
        typed = read_recipient(cell)
        return Recipient(messenger=typed.messenger, address=typed.address, variables=variables)
    if not isinstance(messenger, Messenger):
        return _recipient(f"{messenger}:{cell}", "", variables)
    return Recipient(messenger=messenger, address=read_address(messenger, cell), variables=variables)
