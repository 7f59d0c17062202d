"""Lists of recipients in files: who is in them, which rows are left out and why, and what has to be asked first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from core.domain.errors import ValidationError
from core.domain.messengers.events import LeftOut, Reachable
from core.domain.messengers.traits import BY_ALIAS, AddressKind, Messenger
from core.domain.recipients import Recipient, own_person
from core.domain.translatable import Sentence, sentence, sentences
from core.domain.visible import looks_empty
from core.files.cell_kinds import is_person, kind_of
from core.files.columns import heading_of, layout_of
from core.files.countries import (
    BY_ROW,
    LEAVE,
    OTHER,
    REMEMBERED,
    as_read,
    country_question,
    read_with,
    region_named,
)
from core.files.countries import KEY as COUNTRY
from core.files.csv_export import csv_rows, guarded, unguarded
from core.files.heading_rows import Cells, letter
from core.files.headings import regions_of
from core.files.layout import Layout, Role, Variable
from core.files.messenger_names import messenger_named
from core.files.questions import Choice, NeedsAnswer, Question
from core.files.sheets import rows_named
from core.files.tables import Table, read_table
from core.files.values import is_damaged, is_nothing, without_entities
from core.parsing.addresses import account, read_address
from core.parsing.phone_numbers import (
    NoCountryCode,
    TwoNumbers,
    is_landline,
    is_plain,
    main_region_of,
    read_phone,
)
from core.parsing.recipients import read_recipient

_NO_ADDRESS: Final = sentence("there is no address in this row")
_NO_MESSENGER: Final = sentence("no messenger is named in this row")
_TOTAL: Final = sentence("this looks like a row of totals")
_CROSSED: Final = sentence("this row is crossed out")
_CROSSED_KEY: Final = "crossed"
_COMMENT: Final = sentence("this row looks like a comment, not like a person")
_ABOVE: Final = sentence("this row is above the headings")
_OTHER_VALUES: Final = "with other values"
_LOST: Final = sentence("a letter in the address cannot be read")

_HEADS: Final = (sentence("row"), sentence("recipient"), sentence("why"))
_TOTALS: Final = frozenset({
    "total", "totals", "sum", "grand total", "subtotal", "summe", "gesamt", "gesamtsumme", "zwischensumme",
    "somme", "sous-total",
    "suma", "totale", "somma", "razem", "łącznie", "итого", "всего", "сумма", "разом", "усього", "toplam",
    "genel toplam", "Σ",
    "average", "durchschnitt", "среднее", "ergebnis", "anzahl", "count", "количество", "gesamtergebnis", "gesamtanzahl",
})  # fmt: skip
_SAMPLE: Final = 200

_Entry = tuple[str, Recipient | ValueError, Mapping[str, str]]
"""What is in a cell, who that is or why it is refused, and the variables of the row."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A part of a row that is left out. `row` counts from 1, as spreadsheet programs do; 0: the whole file."""

    row: int
    entry: str
    reason: str
    values: Mapping[str, str] = field(default_factory=dict)
    """The variables of the row, so that it can be corrected and sent back whole."""

    @property
    def other_values(self) -> bool:
        """True if somebody is in the list twice, each time with other values."""
        return self.reason.endswith(_OTHER_VALUES)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadList:
    """What a file came to."""

    recipients: tuple[Recipient, ...]
    """Each once, in the order of the file, with the variables of the row where they are first."""
    refused: tuple[Refused, ...] = ()
    doubles: tuple[Refused, ...] = ()
    variables: tuple[str, ...] = ()
    """The columns that are no addresses."""
    form: str
    """How the file was read, in words: "CSV, semicolons, Windows-1251"."""
    notes: tuple[str, ...] = ()
    """What was not read, and what was understood in another way than it is written."""
    region: str = ""
    """Where its numbers without a country code are, if that was asked."""
    has_columns: bool = False
    """True if its columns can be told apart and changed."""


def read_list(data: bytes, answers: Mapping[str, str] | None = None, likely: Sequence[str] = ()) -> ReadList:
    """Takes seconds for a hundred thousand rows: to be called in a process of its own (core.files.reading).

    `answers`: to the questions about this file so far, by key; `likely`: countries that its numbers may be of.
    Raises ValidationError, NeedsAnswer.
    """
    known = answers or {}
    table = read_table(data, known)
    if not table.rows:
        return _nobody(table)
    table = _without_entities(table)
    try:
        layout = layout_of(table.rows, known, text=table.text)
    except ValidationError as error:
        raise ValidationError([*error.problems, *table.notes]) from None
    reading = _Reading(table, layout, known, likely)
    return reading.read()


def _without_entities(table: Table) -> Table:
    """The table with the codes of web pages as letters, and a note on them."""
    rows = list(table.rows)
    changed: list[tuple[int, str, str]] = []
    for place, (number, cells) in enumerate(rows):
        if not any("&" in cell for cell in cells):
            continue
        plain = tuple(map(without_entities, cells))
        if plain != cells:
            rows[place] = (number, plain)
            changed += [(number, *pair) for pair in zip(cells, plain, strict=True) if pair[0] != pair[1]][:1]
    if not changed:
        return table
    _number, before, after = changed[0]
    note = sentence(
        "Codes of web pages are read as letters in {rows}: “{before}” is “{after}”.",
        rows=rows_named(number for number, _before, _after in changed),
        before=before[:40],
        after=after[:40],
    )
    return replace(table, rows=rows, notes=[*table.notes, note])


def _nobody(table: Table) -> ReadList:
    refused = tuple(Refused(row=row, entry=entry, reason=why) for row, entry, why in table.broken)
    return ReadList(recipients=(), refused=refused, form=table.form, notes=tuple(table.notes))


class _Reading:
    """One file, its columns known."""

    def __init__(
        self, table: Table, layout: Layout, answers: Mapping[str, str], likely: Sequence[str]
    ) -> None:
        self._table = table
        self._layout = layout
        self._answers = answers
        self._likely = likely
        self._rows = table.rows[layout.heading_row + 1 :]
        self._width = self._expected_width()
        self._places: list[tuple[int, Messenger | Role]] = [
            (place, column)
            for place, column in enumerate(layout.columns)
            if isinstance(column, Messenger) or column is Role.RECIPIENT
        ]
        self._named = next((p for p, column in enumerate(layout.columns) if column is Role.MESSENGER), None)
        self._variables = [(p, c.name) for p, c in enumerate(layout.columns) if isinstance(c, Variable)]
        self._region = answers.get(COUNTRY, "")
        if not self._region and layout.country is None:
            self._region = answers.get(REMEMBERED, "")
        self._pairs = answers.get("pairs", "")
        people = [
            cells for _number, cells in self._rows if any(_at(cells, place) for place, _c in self._places)
        ]
        self._comments = sum(map(_is_comment, people)) * 2 < len(people)
        """False in a list that writes all its people like comments: "#1"."""
        self._has_names = False
        self._nothing: Counter[str] = Counter()
        self._damaged: list[tuple[int, str]] = []
        self._crossed: list[int] = []
        self._cells: Cells = ()
        """The row that is being read."""
        self._region_here = ""
        self._by_row: list[tuple[str, Cells]] = []
        """Numbers without a country code, each with its row."""

    def _expected_width(self) -> int:
        """How many cells a row may have before it must have been cut wrongly; 0: any number."""
        if not self._table.text or self._layout.flat:
            return 0
        if self._layout.heading_row >= 0:
            return len(self._table.rows[self._layout.heading_row][1])
        widths = Counter(len(cells) for _number, cells in self._rows[:_SAMPLE])
        return max(widths, key=lambda width: (widths[width], width))

    def read(self) -> ReadList:
        found: dict[tuple[Messenger, str], tuple[int, Recipient]] = {}
        refused = [Refused(row=row, entry=entry, reason=why) for row, entry, why in self._table.broken]
        refused += self._people_above()
        doubles: list[Refused] = []
        codeless: list[str] = []
        pairs: list[str] = []
        for number, entries in self._people():
            added: list[Recipient] = []
            for entry, read, values in entries:
                if isinstance(read, Recipient):
                    if self._add(found, doubles, number, entry, read):
                        added.append(read)
                    continue
                if isinstance(read, NoCountryCode) and not self._region:
                    codeless.append(read.digits)
                    if self._layout.country is not None:
                        self._by_row.append((read.digits, self._cells))
                elif isinstance(read, TwoNumbers) and not self._pairs:
                    pairs.append(entry)
                refused.append(Refused(row=number, entry=entry, reason=str(read), values=values))
            if len(added) > 1 and not self._layout.flat:
                found |= {account(one): (number, replace(one, person=own_person(added[0]))) for one in added}
        if not found and not refused:
            nobody = sentence("There is nobody in this file: it has no rows below the names of its columns.")
            raise ValidationError([nobody, *self._table.notes])
        people = [one for _number, one in found.values()]
        self._ask(pairs, codeless, people)
        return ReadList(
            recipients=tuple(people),
            refused=tuple(refused),
            doubles=tuple(doubles),
            variables=self._layout.variables + (("name",) if self._names_beside() else ()),
            form=self._table.form,
            notes=tuple(self._notes(people)),
            region=self._region,
            has_columns=not self._layout.flat and len(self._layout.columns) > 1,
        )

    def _names_beside(self) -> bool:
        """True if names came with the numbers, in one cell."""
        return self._has_names and "name" not in self._layout.variables

    def _add(
        self,
        found: dict[tuple[Messenger, str], tuple[int, Recipient]],
        doubles: list[Refused],
        number: int,
        entry: str,
        read: Recipient,
    ) -> bool:
        first, before = found.setdefault(account(read), (number, read))
        if before is read:
            return True
        why = sentence("is in row {row} already", row=first)
        if dict(before.variables) != dict(read.variables):
            why = sentence("is in row {row} already, with other values", row=first)
        doubles.append(Refused(row=number, entry=entry, reason=why, values=read.variables))
        return False

    def _people(self) -> Iterator[tuple[int, list[_Entry]]]:
        """The row's number; its entries as they are there, who that is or why it is refused."""
        for number, cells in self._rows:
            self._cells, self._region_here = cells, self._region_of(cells)
            if self._layout.flat:
                yield number, [(cell, self._read(cell, "", {}), {}) for cell in cells if cell]
                continue
            values = self._values(number, cells)
            if 0 < self._width < len(cells) and any(cells[self._width :]):
                why = sentence(
                    "this row has {count} cells, and the headings are {most}",
                    count=len(cells),
                    most=self._width,
                )
                yield number, [(" ".join(filter(None, cells)), ValueError(why), values)]
                continue
            if (answer := self._answers.get(_CROSSED_KEY)) != "write" and self._is_crossed(number, cells):
                if answer == LEAVE:
                    yield number, [(" ".join(filter(None, cells)), ValueError(_CROSSED), values)]
                    continue
                self._crossed.append(number)
            yield number, self._entries(cells, values)

    def _is_crossed(self, number: int, cells: Cells) -> bool:
        """True if the first cell or an address in the row is crossed out."""
        struck = self._table.struck.get(number)
        if not struck or not any(_at(cells, place) for place, _column in self._places):
            return False
        first = next((place for place, cell in enumerate(cells) if cell), None)
        return first in struck or any(place in struck for place, _column in self._places)

    def _region_of(self, cells: Cells) -> str:
        """Where the numbers of a row are that have no country code; empty: not known."""
        if self._region == BY_ROW:
            return region_named(_at(cells, self._layout.country))
        return "" if self._region == LEAVE else self._region

    def _entries(self, cells: Cells, values: dict[str, str]) -> list[_Entry]:
        entries: list[_Entry] = []
        only = self._layout.only
        if only is not None and not only.wants(flag := _at(cells, only.place)):
            why = sentence("“{name}” says “{flag}”", name=only.title, flag=flag or " ")
            return [(" ".join(filter(None, cells)), ValueError(why), values)]
        if self._comments and _is_comment(cells) and any(_at(cells, place) for place, _c in self._places):
            return [(" ".join(filter(None, cells)), ValueError(_COMMENT), values)]
        named = _at(cells, self._named) if self._named is not None else ""
        for place, column in self._places_of(cells, named):
            cell = _at(cells, place) or _at(cells, self._layout.backup.get(place))
            if not cell or is_nothing(cell) or looks_empty(cell):
                continue
            if _is_total(cells):
                return [(" ".join(filter(None, cells)), ValueError(_TOTAL), values)]
            if self._pairs == "both" and (numbers := _numbers_in(cell)):
                entries += [(one, self._read(one, column, values), values) for one in numbers]
                continue
            read = self._read_beside(cell, named, column, values)
            entries.append((_labelled(cell, column), read, values))
        if not entries:
            why = _TOTAL if _is_total(cells) else self._why_nobody(cells)
            return [(" ".join(filter(None, cells)), ValueError(why), values)]
        return entries

    def _places_of(self, cells: Cells, named: str) -> list[tuple[int, Messenger | Role]]:
        """The columns of addresses; of several for messengers, the one that the row names."""
        if not named:
            return self._places
        messenger = messenger_named(named)
        own: list[tuple[int, Messenger | Role]] = [
            (place, one) for place, one in self._places if one is messenger and _at(cells, place)
        ]
        return own or self._places

    def _why_nobody(self, cells: Cells) -> Sentence:
        """Why there is nobody in a row; a number in a column that is not written to is named."""
        read = {place for place, _column in self._places}
        for place, title in enumerate(self._titles()):
            if (
                place not in read
                and _at(cells, place)
                and kind_of(cells[place]) in ("phone", "national", "several")
            ):
                return sentence("the number is under “{name}”, and I don't write to that column", name=title)
        return _NO_ADDRESS

    def _read_beside(
        self, cell: str, named: str, column: Messenger | Role, values: Mapping[str, str]
    ) -> Recipient | ValueError:
        """In a list with a column of messengers, each row's own messenger decides."""
        if self._named is None:
            return self._read(cell, column, values)
        messenger = messenger_named(named)
        if messenger is None:
            if not named and isinstance(self._read(cell, "", values), Recipient) and ":" in cell:
                return self._read(cell, "", values)
            why = (
                sentence("“{name}” is no messenger that I write to", name=named[:40])
                if named
                else _NO_MESSENGER
            )
            return ValueError(why)
        traits = messenger.traits
        if traits.address is not AddressKind.PHONE and not traits.takes_phone_numbers and _is_phone(cell):
            return ValueError(
                sentence(
                    "this is a phone number, and {messenger} takes none", messenger=messenger.traits.title
                )
            )
        return self._read(cell, messenger, values)

    def _read(
        self, cell: str, column: Messenger | Role | str, values: Mapping[str, str]
    ) -> Recipient | ValueError:
        if "\ufffd" in cell:
            return ValueError(_LOST)
        try:
            return self._recipient(cell, column, values)
        except TwoNumbers as error:
            if self._pairs == "first":
                return self._read(error.numbers[0], column, values)
            return error
        except ValueError as error:
            return error

    def _recipient(self, cell: str, column: Messenger | Role | str, values: Mapping[str, str]) -> Recipient:
        if column is Messenger.WHATSAPP and is_plain(cell):
            return Recipient(messenger=column, address=cell, variables=values)
        region = self._region_here
        if isinstance(column, Messenger):
            before, colon, _behind = cell.partition(":")
            if not (colon and unguarded(before).strip().casefold() in BY_ALIAS):
                return Recipient(
                    messenger=column, address=read_address(column, cell, region), variables=values
                )
        typed = read_recipient(unguarded(cell), region)
        variables = values
        if typed.variables:
            variables, self._has_names = {**values, **typed.variables}, True
        return Recipient(messenger=typed.messenger, address=typed.address, variables=variables)

    def _values(self, number: int, cells: Cells) -> dict[str, str]:
        """An empty cell is no value: a message with a hole in it is asked about, not sent."""
        values = {}
        for place, name in self._variables:
            cell = cells[place] if place < len(cells) else ""
            if not cell:
                continue
            if is_nothing(cell) or looks_empty(cell):
                self._nothing[cell if is_nothing(cell) else ""] += 1
                continue
            if not cell.isascii() and is_damaged(cell):
                self._damaged.append((number, cell))
                if "\ufffd" in cell:
                    continue
            values[name] = unguarded(cell)
        return values

    def _ask(self, pairs: Sequence[str], codeless: Sequence[str], people: Sequence[Recipient]) -> None:
        if self._crossed:
            raise NeedsAnswer(self._question_on_crossed())
        if pairs:
            raise NeedsAnswer(
                Question(
                    key="pairs",
                    text=sentences(
                        "{count} cell holds two phone numbers. Which one do you want to write to?",
                        "{count} cells hold two phone numbers. Which one do you want to write to?",
                        len(pairs),
                    ),
                    samples=tuple(pairs[:3]),
                    choices=(
                        Choice("first", sentence("The first one")),
                        Choice("both", sentence("Both")),
                        Choice(LEAVE, sentence("Leave them out")),
                    ),
                )
            )
        if codeless and self._region != LEAVE:
            raise NeedsAnswer(self._country(codeless, people, everywhere=False))
        if self._region == OTHER:
            raise NeedsAnswer(self._country(self._codeless_again(), people, everywhere=True))

    def _question_on_crossed(self) -> Question:
        rows = dict(self._rows)
        return Question(
            key=_CROSSED_KEY,
            text=sentences(
                "{count} row is crossed out. Do you want to write to that person?",
                "{count} rows are crossed out. Do you want to write to those people?",
                len(self._crossed),
            ),
            samples=tuple(", ".join(filter(None, rows[number])) for number in self._crossed[:3]),
            choices=(Choice(LEAVE, sentence("Leave them out")), Choice("write", sentence("Write to them"))),
        )

    def _codeless_again(self) -> list[str]:
        self._region = ""
        found = [
            read.digits
            for _number, entries in self._people()
            for _entry, read, _values in entries
            if isinstance(read, NoCountryCode)
        ]
        return found

    def _country(self, codeless: Sequence[str], people: Sequence[Recipient], *, everywhere: bool) -> Question:
        phones = [one.address for one in people[:_SAMPLE] if one.messenger is Messenger.WHATSAPP]
        beside = [region for region, _count in Counter(map(main_region_of, phones)).most_common() if region]
        headings = self._table.rows[self._layout.heading_row][1] if self._layout.heading_row >= 0 else ()
        likely = [*beside, *regions_of(headings), *self._likely]
        question = country_question(codeless, likely, everywhere=everywhere)
        if choice := self._as_rows_say():
            return replace(question, choices=(choice, *question.choices))
        return question

    def _as_rows_say(self) -> Choice | None:
        """The choice to read each number by the country that its row names, with up to three samples."""
        if self._layout.country is None:
            return None
        shown: dict[str, str] = {}
        for digits, cells in self._by_row[:_SAMPLE]:
            region = region_named(_at(cells, self._layout.country))
            if region and region not in shown and (read := as_read(digits, region)):
                shown[region] = read
        if not shown:
            return None
        name = self._table.rows[self._layout.heading_row][1][self._layout.country]
        samples = tuple(shown.values())[:3]
        return Choice(BY_ROW, sentence("As “{name}” says: {samples}", name=name, samples=samples))

    def _notes(self, people: Sequence[Recipient]) -> Iterator[Sentence]:
        yield from self._table.notes
        yield from self._above()
        yield from self._layout.notes
        if self._nothing:
            shown = tuple(word or "…" for word, _count in self._nothing.most_common(4))
            yield sentences(
                "{count} cell counts as empty ({words}).",
                "{count} cells count as empty ({words}).",
                self._nothing.total(),
                words=shown,
            )
        if self._damaged:
            yield sentence(
                "Letters are damaged in {rows}, for example “{sample}”.",
                rows=rows_named(number for number, _cell in self._damaged),
                sample=self._damaged[0][1][:30].replace("\ufffd", "?"),
            )
        yield from _notes_on(people)
        if self._region == BY_ROW:
            name = self._table.rows[self._layout.heading_row][1][self._layout.country or 0]
            yield sentence("Numbers without a country code are read by “{name}” of their row.", name=name)
        elif self._region and self._region not in (LEAVE, OTHER):
            yield read_with(self._region)

    def _titles(self) -> list[str]:
        """The headings of the columns, or their letters."""
        heads = self._table.rows[self._layout.heading_row][1] if self._layout.heading_row >= 0 else ()
        return [_at(heads, place) or letter(place) for place in range(len(self._layout.columns))]

    def _people_above(self) -> Iterator[Refused]:
        """Rows of people above the headings: not read, and never dropped without a word."""
        for number, cells in self._table.rows[: max(0, self._layout.heading_row)]:
            if any(map(is_person, cells)):
                yield Refused(row=number, entry=" ".join(filter(None, cells)), reason=_ABOVE)

    def _above(self) -> Iterator[Sentence]:
        above = [
            number
            for number, cells in self._table.rows[: max(0, self._layout.heading_row)]
            if not any(map(is_person, cells))
        ]
        if above:
            yield sentence("Not read: {rows}, above the headings.", rows=rows_named(above))
        named = dict(self._variables)
        names = tuple(
            named.get(place, title)
            for place, title in enumerate(self._titles())
            if place in self._table.hidden_columns
            and (place in named or any(place == one for one, _column in self._places))
        )
        if names:
            yield sentence("Hidden columns are read too: {names}.", names=names)


def _notes_on(people: Sequence[Recipient]) -> Iterator[Sentence]:
    landlines = [
        one.address for one in people if one.messenger is Messenger.WHATSAPP and is_landline(one.address)
    ]
    if landlines:
        yield sentences(
            "{count} number is a landline ({sample}): few of those are on WhatsApp.",
            "{count} numbers are landlines ({sample}, for example): few of those are on WhatsApp.",
            len(landlines),
            sample=landlines[0],
        )
    yield from names_note(people)


def names_note(people: Sequence[Recipient]) -> list[Sentence]:
    """What bots can do with the @names on Telegram; empty where there are none."""
    names = [one.address for one in people if one.messenger is Messenger.TELEGRAM and one.address[0] == "@"]
    if not names:
        return []
    return [
        sentences(
            "{count} is a @name ({sample}): bots can write by it to public groups and channels, not to people.",
            "{count} are @names ({sample}, for example): bots can write by them to public groups and channels, "
            "not to people.",
            len(names),
            sample=names[0],
        )
    ]


def _labelled(cell: str, column: Messenger | Role) -> str:
    """With its messenger in front, where the cell alone would not say it in another file."""
    named = (
        isinstance(column, Messenger) and column.traits.address is not AddressKind.PHONE and ":" not in cell
    )
    return f"{column}:{cell}" if named else cell


def _is_comment(cells: Cells) -> bool:
    """True for "# Bob", "// Bob" and "Office:" in the first cell."""
    first = next(filter(None, cells), "")
    return (first.startswith(("#", "//")) and not is_nothing(first)) or (
        first.endswith(":") and len(cells) > 1
    )


def _is_total(cells: Cells) -> bool:
    first = next(filter(None, cells), "")
    return first.casefold().partition(":")[0].strip() in _TOTALS


def _numbers_in(cell: str) -> tuple[str, ...]:
    try:
        read_phone(cell)
    except TwoNumbers as error:
        return error.numbers
    except ValueError:
        return ()
    return ()


def _is_phone(cell: str) -> bool:
    try:
        read_phone(cell)
    except (NoCountryCode, TwoNumbers) as error:
        return isinstance(error, TwoNumbers) or len(error.digits) > 10 or not cell.isdecimal()
    except ValueError:
        return False
    return True


def _at(cells: Cells, place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""


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
    names = read.variables
    heads = tuple(say(head) for head in _HEADS)
    return csv_rows(
        [
            (*heads, *map(heading_of, names)),
            *(
                (row, guarded(entry), say(why), *(guarded(values.get(name, "")) for name in names))
                for row, entry, why, values in rows
            ),
        ]
    )


def _gets_nothing(one: LeftOut) -> Sentence:
    return sentence("{reason}: gets nothing", reason=one.reason.sentence)


def _row(refused: Refused) -> int:
    return refused.row
