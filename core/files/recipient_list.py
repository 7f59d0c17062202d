"""Reads lists of recipients from files: the people, the rows left out with reasons, and questions to answer first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from core.domain.errors import ValidationError
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient, own_person
from core.domain.translatable import Sentence, sentence, sentences
from core.files.cell_kinds import is_person
from core.files.columns import layout_of
from core.files.countries import BY_ROW, LEAVE, OTHER, as_read, country_question, read_with, region_named
from core.files.headings import regions_of
from core.files.layout import LANDLINES, SPARE, Layout
from core.files.questions import Choice, NeedsAnswer, Question
from core.files.rearranged import rearranged
from core.files.results import LeftOutRow, ReadList, Refused, Why, names_note
from core.files.row_questions import (
    crossed_question,
    landlines_question,
    notes_question,
    pairs_question,
    spare_question,
    words_question,
)
from core.files.rows import WORDS, RowReader, cell_at
from core.files.sheets import Cells, rows_named
from core.files.tables import Table, read_table
from core.parsing.addresses import account
from core.parsing.numbering_plans import is_landline, is_mobile, is_service, is_valid, main_region_of
from core.parsing.phone_numbers import NoCountryCode, TwoNumbers

_ABOVE: Final = sentence("this row is above the headings")
_SAMPLE: Final = 200
_MOST_SHOWN: Final = 3
_MOST_CHECKED: Final = 2_000
"""Numbers that only the slow way of checking tells about, as those of the smaller countries that share a code."""


def read_list(data: bytes, answers: Mapping[str, str] | None = None, likely: Sequence[str] = ()) -> ReadList:
    """Read a file. Takes seconds for 100,000 rows: call it in its own process (core.files.file_reader).

    `answers`: answers so far, by the question's key. `likely`: likely countries of its numbers.
    Raises ValidationError, NeedsAnswer.
    """
    known = answers or {}
    table = read_table(data, known)
    if not table.rows:
        return _nobody(table)
    table = rearranged(table, known)
    try:
        layout = layout_of(table.rows, known, text=table.text)
    except ValidationError as error:
        raise ValidationError([*error.problems, *table.notes]) from None
    reading = _Reading(table, layout, known, likely)
    return reading.read()


def _nobody(table: Table) -> ReadList:
    refused = tuple(Refused(row=row, entry=entry, reason=why) for row, entry, why in table.broken)
    return ReadList(recipients=(), refused=refused, form=table.form, notes=tuple(table.notes))


class _Reading:
    """Reads one file whose columns are known."""

    def __init__(
        self, table: Table, layout: Layout, answers: Mapping[str, str], likely: Sequence[str]
    ) -> None:
        self._table = table
        self._layout = layout
        self._answers = answers
        self._likely = likely
        self._rows = RowReader(table, layout, answers)
        self._by_row: list[tuple[str, Cells]] = []
        """Numbers without a country code, each with its row."""

    def read(self) -> ReadList:
        found: dict[tuple[Messenger, str], tuple[int, Recipient]] = {}
        refused = [Refused(row=row, entry=entry, reason=why) for row, entry, why in self._table.broken]
        refused += self._people_above()
        doubles: list[Refused] = []
        codeless: list[str] = []
        pairs: list[str] = []
        for number, cells, entries in self._rows.people():
            added: list[Recipient] = []
            for entry, read, values in entries:
                if isinstance(read, Recipient):
                    if self._add(found, doubles, number, entry, read):
                        added.append(read)
                    continue
                if isinstance(read, NoCountryCode) and not self._rows.region:
                    codeless.append(read.digits)
                    if self._layout.country is not None:
                        self._by_row.append((read.digits, cells))
                elif isinstance(read, TwoNumbers) and not self._rows.pairs:
                    pairs.append(entry)
                why = read.why if isinstance(read, LeftOutRow) else Why.UNREADABLE
                refused.append(Refused(row=number, entry=entry, reason=str(read), values=values, why=why))
            if len(added) > 1 and not self._layout.flat:
                found |= {account(one): (number, one) for one in _one_person(added)}
        if not found and not refused:
            nobody = sentence("This file has no people: there are no rows below the headings.")
            raise ValidationError([nobody, *self._table.notes])
        people = [one for _number, one in found.values()]
        self._ask(pairs, codeless, people)
        return ReadList(
            recipients=tuple(people),
            refused=tuple(refused),
            doubles=tuple(doubles),
            variables=self._layout.variables + (("name",) if self._names_beside() else ()),
            headings=self._layout.headings,
            form=self._table.form,
            notes=tuple(self._notes(people)),
            region=self._rows.region,
            has_columns=not self._layout.flat and len(self._layout.columns) > 1,
        )

    def _names_beside(self) -> bool:
        """True if names came with the numbers, in one cell."""
        return self._rows.has_names and "name" not in self._layout.variables

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
            why = sentence("is already in row {row}, with different values", row=first)
        doubles.append(Refused(row=number, entry=entry, reason=why, values=read.variables))
        return False

    def _ask(self, pairs: Sequence[str], codeless: Sequence[str], people: Sequence[Recipient]) -> None:
        """Raises NeedsAnswer with the first question that is open."""
        rows = self._rows
        if rows.crossed:
            raise NeedsAnswer(crossed_question(rows))
        if rows.notes:
            raise NeedsAnswer(notes_question(rows))
        if pairs:
            raise NeedsAnswer(pairs_question(pairs))
        if rows.with_words and WORDS not in self._answers:
            raise NeedsAnswer(words_question(rows))
        if codeless and rows.region != LEAVE:
            raise NeedsAnswer(self._country(codeless, people, everywhere=False))
        if rows.region == OTHER:
            raise NeedsAnswer(self._country(self._codeless_again(), people, everywhere=True))
        if rows.landlines and LANDLINES not in self._answers:
            raise NeedsAnswer(landlines_question(rows, self._layout))
        if rows.spare and SPARE not in self._answers:
            raise NeedsAnswer(spare_question(rows, self._layout))

    def _codeless_again(self) -> list[str]:
        self._rows.region = ""
        found = [
            read.digits
            for _number, _cells, entries in self._rows.people()
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
            region = region_named(cell_at(cells, self._layout.country))
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
        if self._rows.nothing:
            shown = tuple(word or "…" for word, _count in self._rows.nothing.most_common(4))
            yield sentences(
                "{count} cell counts as empty ({words}).",
                "{count} cells count as empty ({words}).",
                self._rows.nothing.total(),
                words=shown,
            )
        if self._rows.damaged:
            yield sentence(
                "Some letters are damaged in {rows}, for example “{sample}”.",
                rows=rows_named(number for number, _cell in self._rows.damaged),
                sample=self._rows.damaged[0][1][:30].replace("\ufffd", "?"),
            )
        if with_old := self._rows.with_old:
            yield sentences(
                "{count} cell has an old number beside another one, which I took: “{sample}”.",
                "{count} cells have an old number beside another one, which I took: “{sample}”.",
                len(with_old),
                sample=with_old[0][:60],
            )
        if self._rows.takes_mobiles and self._rows.landlines:
            yield sentences(
                "For {count} person, I use the mobile and not the landline.",
                "For {count} people, I use the mobile and not the landline.",
                len(self._rows.landlines),
            )
        yield from _notes_on(people)
        if self._rows.region == BY_ROW:
            name = self._table.rows[self._layout.heading_row][1][self._layout.country or 0]
            yield sentence("Numbers without a country code follow “{name}” in their row.", name=name)
        elif self._rows.region and self._rows.region not in (LEAVE, OTHER):
            yield read_with(self._rows.region)

    def _people_above(self) -> Iterator[Refused]:
        """Rows of people above the headings, which are refused with a reason."""
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
        named = dict(self._rows.variables)
        names = tuple(
            named.get(place, title)
            for place, title in enumerate(self._rows.titles())
            if place in self._table.hidden_columns
            and (place in named or any(place == one for one, _column in self._rows.places))
        )
        if names:
            yield sentence("Hidden columns are read too: {names}.", names=names)


def _one_person(added: Sequence[Recipient]) -> list[Recipient]:
    """The first addresses of a row on each messenger as those of one person; a second number is somebody else's."""
    first = {one.messenger: one for one in reversed(added)}
    if len(first) < 2:
        return []
    return [replace(one, person=own_person(added[0])) for one in added if one is first[one.messenger]]


def _notes_on(people: Sequence[Recipient]) -> Iterator[Sentence]:
    whatsapp = Messenger.WHATSAPP
    unusual = [one.address for one in people if one.messenger is whatsapp and not is_mobile(one.address)]
    if landlines := list(filter(is_landline, unusual)):
        yield sentences(
            "{count} number is a landline ({sample}). Few landlines are on WhatsApp.",
            "{count} numbers are landlines (such as {sample}). Few landlines are on WhatsApp.",
            len(landlines),
            sample=landlines[0],
        )
    if services := list(filter(is_service, unusual)):
        yield sentences(
            "{count} number is toll-free, premium rate or the like ({sample}), and no person's own.",
            "{count} numbers are toll-free, premium rate or the like (such as {sample}), and no person's own.",
            len(services),
            sample=services[0],
        )
    if unknown := tuple(islice(_in_no_range(unusual), _MOST_SHOWN)):
        yield sentence(
            "Check {samples} for typing errors: their countries have no such numbers.", samples=unknown
        )
    yield from names_note(people)


def _in_no_range(numbers: Iterable[str]) -> Iterator[str]:
    """Numbers in no range that their country has given out, among the first that may be."""
    doubtful = (one for one in numbers if one[0] == "+" and not (is_landline(one) or is_service(one)))
    return (one for one in islice(doubtful, _MOST_CHECKED) if not is_valid(one))
