"""The file of left-out rows with their reasons, which can be corrected and sent back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from core.domain.messengers.events import LeftOut, Reachable
from core.domain.translatable import Sentence, sentence
from core.files.csv_export import csv_rows, guarded
from core.files.headings import heading_of
from core.files.results import ReadList, Refused

_HEADS: Final = (sentence("row"), sentence("recipient"), sentence("why"))


def left_out_rows(read: ReadList, screened: Reachable, *, say: Callable[[str], str] = str) -> str:
    """Everything that was left out of a list or will be, with the reasons, as CSV; empty when there is nothing.

    The variables of each row are in it, so that a corrected file reads back whole. `say` translates the heads and
    the reasons.
    """
    rows = [
        (str(one.row), one.entry, one.reason, one.values)
        for one in sorted((*read.refused, *read.doubles), key=_row)
    ]
    rows += [
        ("", one.recipient.label, _gets_nothing(one), one.recipient.variables) for one in screened.left_out
    ]
    if not rows:
        return ""
    heads = tuple(say(head) for head in _HEADS)
    return csv_rows(
        [
            (*heads, *map(heading_of, read.variables)),
            *(
                (row, guarded(entry), say(why), *(guarded(values.get(name, "")) for name in read.variables))
                for row, entry, why, values in rows
            ),
        ]
    )


def _gets_nothing(one: LeftOut) -> Sentence:
    return sentence("{reason}: won't get it", reason=one.reason.sentence)


def _row(refused: Refused) -> int:
    return refused.row
