"""Files of any format as tables: rows of cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from core.domain.errors import ValidationError
from core.domain.translatable import Sentence, sentence, sentences
from core.files.address_books import cards_of_ldif, is_vcard, vcard_rows, with_mobiles_first
from core.files.blocks import block_rows, paired_rows
from core.files.csv_tables import ADDRESS, SEPARATORS, CsvReading, csv_readings
from core.files.encoding import Decoded, readings
from core.files.json_lists import json_rows
from core.files.other_files import refuse_chats, refuse_other_files
from core.files.questions import Choice, NeedsAnswer, Question, answer_to
from core.files.results import MOST_BYTES, TOO_BIG
from core.files.sheets import Cells, Sheet, Workbook, rows_named, sheet_notes
from core.files.values import may_be_doubled, repaired, without_entities
from core.files.web_pages import decoded_page, is_page, read_page
from core.files.workbooks import is_workbook, read_workbook
from core.parsing.entries import STROKE, is_ticked
from core.parsing.phone_text import CROSSES, FEWEST_DIGITS

MOST_ROWS: Final = 200_000
"""Below the headings."""
_SAMPLE: Final = 200
_CROSSED: Final = re.compile(
    rf"~~.+?~~|(?<![^\W]|{STROKE})(?:(?:[^\w{STROKE}]{STROKE}?)*\w{STROKE})+(?:[^\w{STROKE}]{STROKE})*(?!\w)",
    re.DOTALL,
)
"""A part of a cell that is crossed out, as a whole word at least."""
_CROSS_BESIDE: Final = re.compile(rf"^[{CROSSES}]\ufe0f?\s*\w|\w\W?\s*[{CROSSES}]\ufe0f?$")
"""A name with a cross; a cross alone only says no, and one beside a number is read with it."""
_MARKS: Final = re.compile(rf"[{STROKE}{CROSSES}]")
_CROSSED_MARKS: Final = re.compile(rf"^~~|~~$|{STROKE}")
_BOXES: Final = frozenset("☐⬜🔲◻☑✅✔✓[-*•")
_EMPTY: Final = sentence("The file is empty.")
_RULES: Final = frozenset({"", "-", "=", "_", ":", "+", "*", "~"})
_RULER: Final = re.compile(r"[-=_:+*~ ]*")
_WORDS: Final = re.compile(r"[^\s,;|\t\"]*[^\x00-\x7f][^\s,;|\t\"]*")

Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """The rows that are not empty, as spreadsheet programs count them: the first is row 1, an empty one counts too."""

    rows: Sequence[tuple[int, Cells]]
    broken: Sequence[tuple[int, str, Sentence]] = ()
    """Rows that cannot be read: number, what is in them, why."""
    notes: Sequence[Sentence] = ()
    """Notes on what was not read."""
    form: str
    """Format in words: "CSV, semicolons, Windows-1251"."""
    text: bool = False
    """From a text file, where a row that is too long may have shifted cells."""
    hidden_columns: frozenset[int] = field(default_factory=frozenset)
    struck: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """By row: the columns whose cells are crossed out."""
    comments: Mapping[int, str] = field(default_factory=dict)
    """By row: what is commented on its cells."""


def read_table(data: bytes, answers: Mapping[str, str]) -> Table:
    """Read a file by its content, not its name. Raises ValidationError, NeedsAnswer."""
    if len(data) > MOST_BYTES:
        raise ValidationError([TOO_BIG])
    refuse_other_files(data)
    table = _of_workbook(read_workbook(data), answers) if is_workbook(data) else _of_text(data, answers)
    table = replace(table, rows=[row for row in table.rows if not _is_ruler(row[1])])
    if not table.rows and not table.broken:
        raise ValidationError([_EMPTY])
    if len(table.rows) > MOST_ROWS + 1:
        raise ValidationError(
            [
                sentence(
                    "The file has more than {most} rows. Split it and send the parts one by one.",
                    most=MOST_ROWS,
                )
            ]
        )
    return _with_mended_letters(_with_unticked_rows(_with_crossed_cells(_with_plain_letters(table))), answers)


def _is_ruler(cells: Cells) -> bool:
    """True for a line between rows: "|-----|-----|"."""
    return (
        cells[0][-1:] in _RULES and all(map(_RULER.fullmatch, cells)) and any(len(one) > 2 for one in cells)
    )


def _with_plain_letters(table: Table) -> Table:
    """The table with the codes of web pages as letters, and a note on them."""
    rows = list(table.rows)
    changed: list[tuple[int, str, str]] = []
    for place, (number, cells) in enumerate(rows):
        if "&" not in "".join(cells):
            continue
        plain = tuple(map(without_entities, cells))
        if plain != cells:
            rows[place] = (number, plain)
            changed += [(number, *pair) for pair in zip(cells, plain, strict=True) if pair[0] != pair[1]][:1]
    if not changed:
        return table
    _number, before, after = changed[0]
    note = sentence(
        "Web codes were read as letters in {rows}: “{before}” is “{after}”.",
        rows=rows_named(number for number, _before, _after in changed),
        before=before[:40],
        after=after[:40],
    )
    return replace(table, rows=rows, notes=[*table.notes, note])


def _with_crossed_cells(table: Table) -> Table:
    """The table without the crossed-out parts of cells ("~~Ann~~ Bob"), and with whole cells counted as crossed out."""
    rows = list(table.rows)
    struck = dict(table.struck)
    dropped: list[tuple[int, str]] = []
    for at, (number, cells) in enumerate(rows):
        text = "".join(cells)
        if "~~" not in text and (text.isascii() or not _MARKS.search(text)):
            continue
        kept = list(map(_without_crossed, cells))
        crossed = {place for place, rest in enumerate(kept) if rest is None}
        if crossed:
            struck[number] = frozenset(struck.get(number, frozenset()) | crossed)
        rests = [
            _CROSSED_MARKS.sub("", cell) if rest is None else rest
            for cell, rest in zip(cells, kept, strict=True)
        ]
        dropped += [
            (number, " ".join(_CROSSED.findall(cell)).strip())
            for cell, rest in zip(cells, kept, strict=True)
            if rest not in (None, cell)
        ]
        rows[at] = (number, tuple(rests))
    if not dropped:
        return replace(table, rows=rows, struck=struck)
    note = sentence(
        "Crossed-out parts of cells are left out in {rows}, for example “{sample}”.",
        rows=rows_named(number for number, _part in dropped),
        sample=_plain(dropped[0][1])[:60],
    )
    return replace(table, rows=rows, struck=struck, notes=[*table.notes, note])


def _with_unticked_rows(table: Table) -> Table:
    """The table with the rows that begin with an empty box counted as crossed out, where others have a ticked one."""
    boxed = {
        number: (ticked, cells)
        for number, cells in table.rows
        if cells[0][:1] in _BOXES and (ticked := is_ticked(cells[0])) is not None
    }
    if not {True, False} <= {ticked for ticked, _cells in boxed.values()}:
        return table
    unticked = {
        number: frozenset(range(len(cells))) for number, (ticked, cells) in boxed.items() if not ticked
    }
    return replace(table, struck={**table.struck, **unticked})


def _without_crossed(cell: str) -> str | None:
    """The cell without its crossed-out parts; None where all of it, its only number or part of a word is."""
    if _CROSS_BESIDE.search(cell) and not _has_number(cell):
        return None
    if "~~" not in cell and STROKE not in cell:
        return cell
    parts = "".join(_CROSSED.findall(cell))
    rest = _CROSSED.sub(" ", cell).strip()
    if STROKE in rest or (parts and not any(map(str.isalnum, rest))):
        return None
    return rest if not parts or _has_number(parts) == _has_number(rest) else None


def _has_number(text: str) -> bool:
    return sum(map(str.isdecimal, text)) >= FEWEST_DIGITS


def _plain(part: str) -> str:
    return part.replace(STROKE, "").replace("~~", "")


def _with_mended_letters(table: Table, answers: Mapping[str, str]) -> Table:
    """The table, with letters that were encoded twice mended if an admin says so. Raises NeedsAnswer."""
    mended = {
        place: (number, cells, better)
        for place, (number, cells) in enumerate(table.rows)
        if may_be_doubled("\n".join(cells)) and (better := tuple(map(repaired, cells))) != cells
    }
    if not mended:
        return table
    rows = rows_named(number for number, _cells, _better in mended.values())
    changes = [
        pair
        for _number, cells, better in mended.values()
        for pair in zip(cells, better, strict=True)
        if pair[0] != pair[1]
    ]
    question = Question(
        key="letters",
        text=sentence("Some letters in {rows} are damaged. Fix them?", rows=rows),
        samples=tuple(f"{before[:40]} → {after[:40]}" for before, after in dict(changes[:3]).items()),
        choices=(Choice("mend", sentence("Fix them")), Choice("keep", sentence("Keep them as they are"))),
    )
    if answer_to(question, answers) != "mend":
        return table
    before, after = changes[0]
    note = sentence(
        "Fixed letters in {rows}: “{before}” is “{after}”.",
        rows=rows,
        before=before[:40],
        after=after[:40],
    )
    better_rows = [
        (row[0], mended[place][2]) if place in mended else row for place, row in enumerate(table.rows)
    ]
    return replace(table, rows=better_rows, notes=[*table.notes, note])


def _of_workbook(book: Workbook, answers: Mapping[str, str]) -> Table:
    filled = [one for one in book.sheets if one.rows]
    if not filled:
        if any(one.hidden_rows for one in book.sheets) or book.hidden:
            raise ValidationError(
                [
                    sentence(
                        "Everything in this file is hidden. Unhide the sheet or the rows, then send it again."
                    )
                ]
            )
        raise ValidationError([_EMPTY])
    sheet = _sheet(filled, answers)
    form: str = book.kind
    if len(book.sheets) > 1 or book.hidden:
        form = sentence(
            "{kind}, sheet “{name}” of {sheets}",
            kind=book.kind,
            name=sheet.name,
            sheets=len(book.sheets) + len(book.hidden),
        )
    return Table(
        rows=sheet.rows,
        notes=list(sheet_notes(book, sheet)),
        form=form,
        hidden_columns=sheet.hidden_columns,
        struck=sheet.struck,
        comments=sheet.comments,
    )


def _sheet(filled: Sequence[Sheet], answers: Mapping[str, str]) -> Sheet:
    """The only sheet with people; else the one that is chosen."""
    peopled = [one for one in filled if _has_people(one)]
    if len(peopled) == 1 or len(filled) == 1:
        return (peopled or filled)[0]
    filled = peopled or filled
    answer = answer_to(
        Question(
            key="sheet",
            text=sentence("This file has several sheets. Which one is the list?"),
            samples=tuple(
                f"{one.name}: {', '.join(filter(None, one.rows[-1][1][:4]))}" for one in filled[:8]
            ),
            choices=tuple(
                Choice(
                    str(place),
                    sentences(
                        "“{name}”, {count} row", "“{name}”, {count} rows", len(one.rows), name=one.name
                    ),
                )
                for place, one in enumerate(filled[:8])
            ),
        ),
        answers,
    )
    return _chosen(filled, answer)


def _chosen(found: Sequence[Item], answer: str) -> Item:
    """The one at the place that was tapped; the first one where the file has changed since."""
    return found[int(answer)] if answer.isdecimal() and int(answer) < len(found) else found[0]


def _has_people(sheet: Sheet) -> bool:
    return any(ADDRESS.fullmatch(cell) for _number, cells in sheet.rows[:_SAMPLE] for cell in cells)


def _of_text(data: bytes, answers: Mapping[str, str]) -> Table:
    if is_vcard(data):
        decoded = _decoded(data, answers)
        form = sentence("vCard, {encoding}", encoding=decoded.encoding)
        return _of_cards(decoded.text, form)
    page = decoded_page(data)
    decoded = _decoded(data, answers) if page is None else Decoded(page, "")
    if not decoded.text.strip():
        raise ValidationError([_EMPTY])
    if (objects := json_rows(decoded.text)) is not None:
        return Table(rows=objects, form=sentence("JSON, {encoding}", encoding=decoded.encoding))
    if is_page(decoded.text) and (book := read_page(decoded.text)).sheets:
        return _of_workbook(book, answers)
    if cards := cards_of_ldif(decoded.text):
        return _of_cards(cards, f"LDIF, {decoded.encoding}")
    refuse_chats(decoded.text)
    if (blocks := block_rows(decoded.text)) is not None:
        form = sentence("lines for each person, {encoding}", encoding=decoded.encoding)
        return Table(rows=blocks, form=form)
    reading = _reading(csv_readings(decoded.text), answers)
    if not reading.separator and (pairs := paired_rows(reading.rows)) is not None:
        return Table(
            rows=pairs, form=sentence("names and numbers by turns, {encoding}", encoding=decoded.encoding)
        )
    rows, notes = with_mobiles_first(reading.rows)
    form = sentence("one column, {encoding}", encoding=decoded.encoding)
    if reading.separator:
        form = sentence(
            "CSV, {separators}, {encoding}",
            separators=SEPARATORS.get(reading.separator, f"“{reading.separator}”"),
            encoding=decoded.encoding,
        )
    return Table(rows=rows, broken=reading.broken, notes=notes, form=form, text=True)


def _of_cards(text: str, form: str) -> Table:
    rows, notes, remarks = vcard_rows(text)
    return Table(rows=rows, notes=notes, form=form, comments=remarks)


def _decoded(data: bytes, answers: Mapping[str, str]) -> Decoded:
    """The one reading; else the one that is chosen by how it shows names."""
    found = readings(data)
    if len(found) == 1:
        return found[0]
    answer = answers.get("encoding")
    if answer is None:
        samples = _differing(found)
        raise NeedsAnswer(
            Question(
                key="encoding",
                text=sentence("Which spelling of these names is right?"),
                choices=tuple(
                    Choice(str(place), f"{sample} ({one.encoding})")
                    for place, (one, sample) in enumerate(zip(found, samples, strict=True))
                ),
            )
        )
    return _chosen(found, answer)


def _differing(found: Sequence[Decoded]) -> list[str]:
    """The first two words that the readings spell differently, in each."""
    lines = [one.text.splitlines() for one in found]
    shown: list[list[str]] = [[] for _one in found]
    for line in zip(*lines, strict=False):
        if len(set(line)) == 1:
            continue
        words = [_WORDS.findall(part) for part in line]
        differing = next((one for one in zip(*words, strict=False) if len(set(one)) > 1), None)
        if differing is not None and len(shown[0]) < 2:
            for place, word in enumerate(differing):
                shown[place].append(word[:24])
    return [", ".join(part) or one.encoding for part, one in zip(shown, found, strict=True)]


def _reading(found: Sequence[CsvReading], answers: Mapping[str, str]) -> CsvReading:
    """The one reading; else the one that is chosen by how it cuts the first rows."""
    if len(found) == 1:
        return found[0]
    answer = answer_to(
        Question(
            key="separator",
            text=sentence("This file can be cut into columns in two ways. Which one is right?"),
            samples=tuple(" | ".join(cells) for one in found for _number, cells in one.rows[:3]),
            choices=tuple(
                Choice(
                    str(place),
                    sentence(
                        "{separators}: {count} columns",
                        separators=SEPARATORS[one.separator],
                        count=one.width,
                    ),
                )
                for place, one in enumerate(found)
            ),
        ),
        answers,
    )
    return _chosen(found, answer)
