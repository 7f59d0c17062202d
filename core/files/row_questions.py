"""Questions about rows of a list, which come up while its people are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from core.domain.messengers.traits import Messenger
from core.domain.translatable import Sentence, sentence, sentences
from core.files.countries import LEAVE
from core.files.layout import LANDLINES, MOBILE, SPARE, Layout
from core.files.questions import Choice, Question
from core.files.rows import BOTH, CROSSED, FIRST, NOTES, PAIRS, WORDS, WRITE, RowReader

_SAMPLES: Final = 3


def crossed_question(rows: RowReader) -> Question:
    asked = sentences(
        "{count} row is crossed out or not ticked. Do you want to write to that person?",
        "{count} rows are crossed out or not ticked. Do you want to write to those people?",
        len(rows.crossed),
    )
    return _about_rows(CROSSED, asked, rows, rows.crossed)


def notes_question(rows: RowReader) -> Question:
    asked = sentences(
        "{count} row at the end looks like a note. Do you want to write to the number in it?",
        "{count} rows at the end look like notes. Do you want to write to the numbers in them?",
        len(rows.notes),
    )
    return _about_rows(NOTES, asked, rows, rows.notes)


def _about_rows(key: str, asked: Sentence, rows: RowReader, numbers: Sequence[int]) -> Question:
    """Ask whether to write to the people of these rows, which are shown whole."""
    cells = dict(rows.rows)
    return _question(
        key,
        asked,
        (", ".join(filter(None, cells[number])) for number in numbers),
        Choice(LEAVE, sentence("Leave them out")),
        Choice(WRITE, sentence("Write to them")),
    )


def pairs_question(pairs: Sequence[str]) -> Question:
    """`pairs`: cells with two numbers."""
    return _question(
        PAIRS,
        sentences(
            "{count} cell holds two phone numbers. Which one do you want to write to?",
            "{count} cells hold two phone numbers. Which one do you want to write to?",
            len(pairs),
        ),
        pairs,
        Choice(FIRST, sentence("The first one")),
        Choice(MOBILE, sentence("The mobile, else the first one")),
        Choice(BOTH, sentence("Both")),
        Choice(LEAVE, sentence("Leave them out")),
    )


def words_question(rows: RowReader) -> Question:
    return _question(
        WORDS,
        sentences(
            "{count} number has a word beside it. Do you want to write to that number?",
            "{count} numbers have a word beside them. Do you want to write to those numbers?",
            len(rows.with_words),
        ),
        _with_other_words(rows.with_words),
        Choice(WRITE, sentence("Write to them")),
        Choice(LEAVE, sentence("Leave them out")),
    )


def _with_other_words(cells: Sequence[str]) -> list[str]:
    """The first cell with each remark: "(old)" is not hidden behind many of "(home)"."""
    first: dict[str, str] = {}
    for cell in cells:
        first.setdefault("".join(filter(str.isalpha, cell)).casefold(), cell)
    return list(first.values())


def landlines_question(rows: RowReader, layout: Layout) -> Question:
    first, others = _phone_columns(rows, layout)
    return _question(
        LANDLINES,
        sentences(
            "{count} number under “{name}” is a landline, and there is a mobile under {others}. Which one do you "
            "want to write to?",
            "{count} numbers under “{name}” are landlines, and there are mobiles under {others}. Which ones do "
            "you want to write to?",
            len(rows.landlines),
            name=first,
            others=others,
        ),
        (f"{landline} → {mobile}" for landline, mobile in rows.landlines),
        Choice(MOBILE, sentence("The mobile")),
        Choice(FIRST, sentence("The one under “{name}”", name=first)),
    )


def spare_question(rows: RowReader, layout: Layout) -> Question:
    first, others = _phone_columns(rows, layout)
    return _question(
        SPARE,
        sentences(
            "{count} person has no number under “{name}”, but a mobile under {others}. Do you want to write to it?",
            "{count} people have no number under “{name}”, but a mobile under {others}. Do you want to write to "
            "those?",
            len(rows.spare),
            name=first,
            others=others,
        ),
        (f"{person}: {mobile}" for person, mobile in rows.spare),
        Choice(MOBILE, sentence("Write to the mobile")),
        Choice(LEAVE, sentence("Leave them out")),
    )


def _phone_columns(rows: RowReader, layout: Layout) -> tuple[str, tuple[Sentence, ...]]:
    """The heading of the column that is written to on WhatsApp, and those of further numbers."""
    titles = rows.titles()
    first = next(place for place, column in rows.places if column is Messenger.WHATSAPP)
    return titles[first], tuple(sentence("“{name}”", name=titles[one]) for one in layout.others)


def _question(key: str, text: Sentence, samples: Iterable[str], *choices: Choice) -> Question:
    return Question(key=key, text=text, samples=tuple(islice(samples, _SAMPLES)), choices=choices)
