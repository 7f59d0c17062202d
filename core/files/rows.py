"""The rows of a list as entries: who is in each, with which variables, or why it is left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from core.domain.messengers.traits import BY_ALIAS, AddressKind, Messenger
from core.domain.recipients import Recipient, is_part_of_name
from core.domain.translatable import Sentence, sentence
from core.files.cell_kinds import is_person, kind_of
from core.files.countries import BY_ROW, LEAVE, REMEMBERED, region_named
from core.files.countries import KEY as COUNTRY
from core.files.csv_export import unguarded
from core.files.heading_rows import letter
from core.files.headings import Means, meaning
from core.files.layout import LANDLINES, MOBILE, SPARE, Layout, Role, Variable
from core.files.messenger_names import messenger_named
from core.files.results import LeftOutRow, Why
from core.files.sheets import Cells
from core.files.tables import Table
from core.files.values import has_lost_letters, is_blank, is_damaged, is_no_name, is_nothing
from core.parsing.addresses import read_address
from core.parsing.number_remarks import NO_USE, number_in_use
from core.parsing.numbering_plans import is_landline, is_plain, main_region_of
from core.parsing.phone_numbers import NoCountryCode, TwoNumbers, read_phone
from core.parsing.phone_text import CROSSES, without_remark, without_word
from core.parsing.prose import is_note
from core.parsing.recipients import read_recipient
from core.parsing.refusals import is_refusal

CROSSED: Final = "crossed"
"""The question about rows that are crossed out."""
WRITE: Final = "write"
PAIRS: Final = "pairs"
"""The question about cells with two numbers."""
FIRST: Final = "first"
BOTH: Final = "both"
NOTES: Final = "notes"
"""The question about rows below a list whose name is a note."""
WORDS: Final = "words"
"""The question about numbers with a word beside them."""
_NO_ADDRESS: Final = sentence("there's no address in this row")
_NO_MESSENGER: Final = sentence("this row doesn't name a messenger")
_TOTAL: Final = sentence("this looks like a row of totals")
_CROSSED: Final = sentence("this row is crossed out or not ticked")
_COMMENT: Final = sentence("this row looks like a comment, not like a person")
_NOT_WANTED: Final = sentence("the remark beside the number says not to write to it")
_REPEATED: Final = sentence("this row repeats the headings")
_OTHER_LIST: Final = sentence("other headings begin another list here")
_LOST: Final = sentence("a letter in the address can't be read")

_TOTALS: Final = frozenset({
    "total", "totals", "sum", "grand total", "subtotal", "summe", "gesamt", "gesamtsumme", "zwischensumme",
    "somme", "sous-total",
    "suma", "totale", "somma", "razem", "łącznie", "итого", "всего", "сумма", "разом", "усього", "toplam",
    "genel toplam",
    "average", "durchschnitt", "среднее", "ergebnis", "anzahl", "count", "количество", "gesamtergebnis", "gesamtanzahl",
})  # fmt: skip
_LAST_ROWS: Final = 5
"""Rows at the end of a list among which notes are looked for."""
_BEGIN_TOTALS: Final = frozenset({
    "total", "totals", "totale", "totaux", "subtotal", "summe", "gesamt", "gesamtsumme", "gesamtergebnis",
    "gesamtanzahl", "zwischensumme", "mittelwert", "durchschnitt", "average", "итого", "всего", "разом", "усього",
    "razem", "łącznie", "toplam", "totaal", "totalt", "σ", "∑",
})  # fmt: skip
"""Also with other words behind: "Summe (2 Personen)"."""
_COMMENTED: Final = ("# ", "#+", "//", "; ")
_SAMPLE: Final = 200

_WHATSAPP: Final = Messenger.WHATSAPP
"""Looked up once: members of an Enum are found slowly."""
_LABELLED: Final = frozenset(one for one in Messenger if one.traits.address is not AddressKind.PHONE)

Entry = tuple[str, Recipient | ValueError, Mapping[str, str]]
"""Text of the cell; the recipient, or the error that refuses it; variables of the row."""


class RowReader:
    """Reads the rows of one list whose columns are known."""

    def __init__(self, table: Table, layout: Layout, answers: Mapping[str, str]) -> None:
        self._table = table
        self._layout = layout
        self._answers = answers
        self.rows = table.rows[layout.heading_row + 1 :]
        self._width = self._expected_width()
        self.places: list[tuple[int, Messenger | Role]] = [
            (place, column)
            for place, column in enumerate(layout.columns)
            if isinstance(column, Messenger) or column is Role.RECIPIENT
        ]
        heads = table.rows[layout.heading_row][1] if layout.heading_row >= 0 else ()
        headed = (place for place, _column in self.places if cell_at(heads, place))
        self._head = next(((place, heads[place]) for place in headed), None)
        """The first column of addresses with a heading, and that. The same words below are another page's."""
        self._heads = {cell.casefold() for cell in heads if cell}
        self._below_others = False
        """True for the headings of another list and the rows below them."""
        self._section = ""
        """The words above the people of the section, if those want no messages: "Unsubscribed"."""
        self._named = next((p for p, column in enumerate(layout.columns) if column is Role.MESSENGER), None)
        self.variables = [(p, c.name) for p, c in enumerate(layout.columns) if isinstance(c, Variable)]
        self._names = frozenset(name for _place, name in self.variables if is_part_of_name(name))
        self.region = answers.get(COUNTRY, "")
        if not self.region and layout.country is None:
            self.region = answers.get(REMEMBERED, "")
        self.pairs = answers.get(PAIRS, "")
        self.takes_mobiles = answers.get(LANDLINES) == MOBILE
        comments = [self._is_comment(cells, _first(cells)) for _number, cells in self.rows[:_SAMPLE]]
        self._comments = sum(comments) * 2 < len(comments)
        """False in a list that writes all its people like comments: "#1"."""
        self.has_names = False
        self.nothing: Counter[str] = Counter()
        self.damaged: list[tuple[int, str]] = []
        self.crossed: list[int] = []
        self.notes: list[int] = []
        """Rows at the end whose name is a note."""
        self._notes_from = self.rows[-_LAST_ROWS:][0][0] if self.rows else 0
        self.with_words: list[str] = []
        """Cells with a word beside the number."""
        self.with_old: list[str] = []
        """Cells with an old number beside the one that is read."""
        self.landlines: list[tuple[str, str]] = []
        """Landlines, each with the mobile in another column of its row."""
        self._takes_spare = answers.get(SPARE) == MOBILE
        self.spare: list[tuple[str, str]] = []
        """Mobiles in another column of rows without a number, each behind what the row begins with."""
        self._region_here = ""
        titles = self.titles()
        self._without_words = (
            without_remark
            if any(
                meaning(titles[place]) & (Means.PHONE | Means.OTHER_PHONE | Means.NUMBER)
                for place, _ in self.places
            )
            else without_word
        )
        """Under a heading of numbers any remark may follow one, elsewhere one word."""

    def titles(self) -> list[str]:
        """The headings of the columns, or their letters."""
        heads = self._table.rows[self._layout.heading_row][1] if self._layout.heading_row >= 0 else ()
        return [cell_at(heads, place) or letter(place) for place in range(len(self._layout.columns))]

    def _expected_width(self) -> int:
        """Most cells a row may have without being cut wrongly; 0: any number."""
        if not self._table.text or self._layout.flat:
            return 0
        if self._layout.heading_row >= 0:
            return len(self._table.rows[self._layout.heading_row][1])
        widths = Counter(len(cells) for _number, cells in self.rows[:_SAMPLE])
        return max(widths, key=lambda width: (widths[width], width))

    def people(self) -> Iterator[tuple[int, Cells, list[Entry]]]:
        """Each row with its number, its cells and its entries."""
        self._region_here = "" if self.region == LEAVE else self.region
        self._below_others, self._section = False, ""
        for number, cells in self.rows:
            if self.region == BY_ROW:
                self._region_here = region_named(cell_at(cells, self._layout.country))
            if self._layout.flat:
                yield number, cells, self._flat_entries(number, cells)
                continue
            values = self._values(number, cells)
            if why := self._refusal(number, cells):
                yield number, cells, [_left_out(cells, why, values)]
            else:
                yield number, cells, self._entries(cells, values)

    def _flat_entries(self, number: int, cells: Cells) -> list[Entry]:
        """Each cell as an entry of its own."""
        struck = self._table.struck.get(number, ())
        return [
            (cell, LeftOutRow(_CROSSED) if place in struck else self._read(cell, "", {}), {})
            for place, cell in enumerate(cells)
            if cell
        ]

    def _refusal(self, number: int, cells: Cells) -> ValueError | None:
        """Reason why the whole row is left out; None for a row that is read."""
        if 0 < self._width < len(cells) and any(cells[self._width :]):
            return ValueError(self._too_many(len(cells)))
        if why := self._refusal_answered(number, cells):
            return why
        if (comment := self._table.comments.get(number, "")) and is_refusal(comment):
            said = sentence("the comment on this row says “{words}”", words=comment[:60])
            return LeftOutRow(said, Why.UNWANTED)
        if why := self._refusal_above(cells):
            return why
        for only in self._layout.only:
            if not only.wants(flag := cell_at(cells, only.place)):
                said = sentence("“{name}” says “{flag}”", name=only.title, flag=flag or " ")
                return LeftOutRow(said, Why.UNWANTED if only.is_wish else Why.UNUSED)
        first = _first(cells)
        if self._comments and self._is_comment(cells, first):
            return LeftOutRow(_COMMENT)
        return LeftOutRow(_TOTAL) if _is_total(first) else None

    def _refusal_answered(self, number: int, cells: Cells) -> LeftOutRow | None:
        """The answer about such rows. Collects those that are still to be asked about."""
        crossed = bool(self._table.struck) and self._is_crossed(number, cells)
        note = number >= self._notes_from and self._is_note(cells)
        for key, is_so, rows, why in (
            (CROSSED, crossed, self.crossed, _CROSSED),
            (NOTES, note, self.notes, _COMMENT),
        ):
            if is_so and self._answers.get(key) == LEAVE:
                return LeftOutRow(why)
            if is_so and self._answers.get(key) != WRITE:
                rows.append(number)
        return None

    def _refusal_above(self, cells: Cells) -> LeftOutRow | None:
        """Reason that the rows above give."""
        if self._is_of_headings(cells) or self._below_others:
            return LeftOutRow(_OTHER_LIST if self._below_others else _REPEATED)
        if words := self._section_of(cells):
            return LeftOutRow(sentence("this row is below “{words}”", words=words[:60]), Why.UNWANTED)
        return None

    def _is_of_headings(self, cells: Cells) -> bool:
        """True for a row that repeats the headings; others among them begin another list."""
        if self._head is None or cell_at(cells, self._head[0]) != self._head[1]:
            return False
        self._below_others = any(cell and cell.casefold() not in self._heads for cell in cells)
        return True

    def _too_many(self, count: int) -> Sentence:
        if self._layout.heading_row < 0:
            return sentence(
                "this row has {count} cells, but most rows have {most}", count=count, most=self._width
            )
        return sentence(
            "this row has {count} cells, but there are {most} headings", count=count, most=self._width
        )

    def _section_of(self, cells: Cells) -> str:
        """The words above the section of a row; a row of words alone begins another one, and is in none."""
        filled = [cell for cell in cells if cell]
        if len(filled) > 1 or is_person(filled[0]):
            return self._section
        words = filled[0].strip(":- ")
        refused = len(self._layout.columns) > 1 and (is_refusal(words) or meaning(words) & Means.OPT_OUT)
        self._section = words if refused else ""
        return ""

    def _is_crossed(self, number: int, cells: Cells) -> bool:
        """True if the first cell, a name or an address in the row is crossed out."""
        struck = self._table.struck.get(number)
        if not struck or not any(cell_at(cells, place) for place, _column in self.places):
            return False
        first = next((place for place, cell in enumerate(cells) if cell), None)
        names = (place for place, name in self.variables if name in self._names)
        return first in struck or any(one in struck for one in (*names, *(place for place, _ in self.places)))

    def _entries(self, cells: Cells, values: dict[str, str]) -> list[Entry]:
        entries: list[Entry] = []
        by_row, named = self._named is not None, cell_at(cells, self._named)
        for place, column in self._places_of(cells, named) if named else self.places:
            cell = cell_at(cells, place) or cell_at(cells, self._layout.backup.get(place))
            if not cell or is_blank(cell):
                continue
            if self.pairs == BOTH and (numbers := _numbers_in(cell)):
                entries += [(one, self._read(one, column, values), values) for one in numbers]
                continue
            read = self._read_beside(cell, named, values) if by_row else self._read(cell, column, values)
            if self._layout.others and column is _WHATSAPP and isinstance(read, Recipient):
                cell, read = self._mobile_for(cell, read, cells)
            entries.append((_labelled(cell, column), read, values))
        return entries or self._without_number(cells, values)

    def _without_number(self, cells: Cells, values: Mapping[str, str]) -> list[Entry]:
        """The mobile in another column if an admin chose that, else the row as left out."""
        if spare := self._spare_mobile(cells, values):
            self.spare.append((_first(cells), spare[0]))
            if self._takes_spare:
                return [(*spare, values)]
        return [_left_out(cells, ValueError(self._why_nobody(cells)), values)]

    def _mobile_for(self, cell: str, read: Recipient, cells: Cells) -> tuple[str, Recipient]:
        """The mobile in another column in place of a landline, if an admin chose that."""
        if not is_landline(read.address):
            return cell, read
        region = self._region_here or main_region_of(read.address)
        for place in self._layout.others:
            other = cell_at(cells, place)
            try:
                mobile = read_phone(other, region) if other else read.address
            except ValueError:
                continue
            if not is_landline(mobile):
                self.landlines.append((cell, other))
                return (other, replace(read, address=mobile)) if self.takes_mobiles else (cell, read)
        return cell, read

    def _spare_mobile(
        self, cells: Cells, values: Mapping[str, str]
    ) -> tuple[str, Recipient | NoCountryCode] | None:
        """The mobile in another column of a row without a number; perhaps one as long as its country is not known."""
        for place in self._layout.others:
            cell = cell_at(cells, place)
            try:
                number = read_phone(cell, self._region_here) if cell else ""
            except NoCountryCode as error:
                if not self._region_here:
                    return cell, error
                continue
            except ValueError:
                continue
            if number and not is_landline(number):
                return cell, Recipient(messenger=_WHATSAPP, address=number, variables=values)
        return None

    def _is_comment(self, cells: Cells, first: str) -> bool:
        """True for "# Bob", "// Bob" and "Office:" in front of an address, and for "# +49..."."""
        if first[:1] not in "#/;" and first[-1:] != ":":
            return False
        place = cells.index(first)
        addresses = [other for other, _column in self.places if cell_at(cells, other)]
        if place in addresses:
            return first.startswith(_COMMENTED)
        if not addresses or is_nothing(first):
            return False
        return first.startswith(("#", "//")) or first.endswith(":")

    def _is_note(self, cells: Cells) -> bool:
        """True for a number beside "Questions? Mrs. Smith"."""
        if not any(cell_at(cells, place) for place, _column in self.places):
            return False
        return any(name in self._names and is_note(cell_at(cells, place)) for place, name in self.variables)

    def _places_of(self, cells: Cells, named: str) -> list[tuple[int, Messenger | Role]]:
        """The columns of addresses; of several for messengers, the one that the row names."""
        messenger = messenger_named(named)
        own: list[tuple[int, Messenger | Role]] = [
            (place, one) for place, one in self.places if one is messenger and cell_at(cells, place)
        ]
        return own or self.places

    def _why_nobody(self, cells: Cells) -> Sentence:
        """The reason for a row without an address. Names the column of a number that is not written to."""
        read = {place for place, _column in self.places}
        for place, title in enumerate(self.titles()):
            if (
                place not in read
                and cell_at(cells, place)
                and kind_of(cells[place]) in ("phone", "national", "several")
            ):
                return sentence("the number is under “{name}”, and I don't write to that column", name=title)
        return _NO_ADDRESS

    def _read_beside(self, cell: str, named: str, values: Mapping[str, str]) -> Recipient | ValueError:
        """Read a cell by the messenger that its row names."""
        messenger = messenger_named(named)
        if messenger is not None:
            traits = messenger.traits
            if traits.address is AddressKind.PHONE or traits.takes_phone_numbers or not _is_phone(cell):
                return self._read(cell, messenger, values)
            return ValueError(
                sentence("this is a phone number, and {messenger} doesn't use them", messenger=traits.title)
            )
        if named:
            return ValueError(
                sentence("I can't write to “{name}”: it isn't one of the messengers here", name=named[:40])
            )
        read = self._read(cell, "", values)
        return read if isinstance(read, Recipient) and ":" in cell else ValueError(_NO_MESSENGER)

    def _read(
        self, cell: str, column: Messenger | Role | str, values: Mapping[str, str]
    ) -> Recipient | ValueError:
        if column is _WHATSAPP and is_plain(cell):
            return Recipient(messenger=_WHATSAPP, address=cell, variables=values)
        if "\ufffd" in cell:
            return ValueError(_LOST)
        try:
            return self._recipient(cell, column, values)
        except NoCountryCode as error:
            return error
        except ValueError as error:
            in_use = number_in_use(cell) if column is _WHATSAPP else None
            if in_use is not None:
                self.with_old += [cell] if in_use else []
                return self._read(in_use, column, values) if in_use else _not_to_write_to(cell)
            if isinstance(error, TwoNumbers):
                return self._one_of(error, column, values)
            number = self._without_words(cell) if column is _WHATSAPP else ""
            if number and (is_refusal(cell) or any(mark in cell for mark in CROSSES)):
                return _not_to_write_to(cell)
            if number and self._answers.get(WORDS) == WRITE:
                return self._read(number, column, values)
            self.with_words += [cell] if number else []
            return error

    def _one_of(
        self, several: TwoNumbers, column: Messenger | Role | str, values: Mapping[str, str]
    ) -> Recipient | ValueError:
        """The number to write to among those in one cell, as answered."""
        if self.pairs not in (FIRST, MOBILE):
            return several
        first, *others = (self._read(one, column, values) for one in several.numbers)
        if self.pairs == MOBILE and isinstance(first, Recipient) and is_landline(first.address):
            mobiles = (one for one in others if isinstance(one, Recipient) and not is_landline(one.address))
            return next(mobiles, first)
        return first

    def _recipient(self, cell: str, column: Messenger | Role | str, values: Mapping[str, str]) -> Recipient:
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
            variables, self.has_names = {**typed.variables, **values}, True
        return Recipient(messenger=typed.messenger, address=typed.address, variables=variables)

    def _values(self, number: int, cells: Cells) -> dict[str, str]:
        """The variables of a row. An empty cell is no value, so that a message with a gap is asked about."""
        values = {}
        for place, name in self.variables:
            cell = cells[place] if place < len(cells) else ""
            if not cell:
                continue
            if is_blank(cell):
                self.nothing[cell if is_nothing(cell) else ""] += 1
                continue
            if name in self._names and is_no_name(cell):
                self.nothing[cell] += 1
                continue
            if "?" in cell and name in self._names and has_lost_letters(cell):
                self.damaged.append((number, cell))
                continue
            if not cell.isascii() and is_damaged(cell):
                self.damaged.append((number, cell))
                if "\ufffd" in cell:
                    continue
            if cell[0] in "'~":
                cell = unguarded(cell) if cell[0] == "'" else _own_name(cell) if name in self._names else cell
            values[name] = cell
        return values


def _not_to_write_to(cell: str) -> LeftOutRow:
    """A number whose remark says so, or says that it is of no use."""
    if number_in_use(cell) == "" and not is_refusal(cell):
        return LeftOutRow(NO_USE)
    return LeftOutRow(_NOT_WANTED, Why.UNWANTED)


def _is_total(first: str) -> bool:
    words = re.findall(r"[^\W\d_-]+(?:-[^\W\d_]+)*|∑", first.casefold())
    if not words or not (first[0].isalpha() or first[0] == "∑"):
        return False
    return words[0] in _BEGIN_TOTALS or first.casefold().partition(":")[0].strip() in _TOTALS


def _own_name(cell: str) -> str:
    """Without the tilde that WhatsApp sets before the names that people gave themselves."""
    return cell.lstrip("~ ") or cell


def _first(cells: Cells) -> str:
    """The first cell that is not empty."""
    return cells[0] or next(filter(None, cells), "")


def _left_out(cells: Cells, why: ValueError, values: Mapping[str, str]) -> Entry:
    """A whole row as one entry that is refused."""
    return " ".join(filter(None, cells)), why, values


def _labelled(cell: str, column: Messenger | Role) -> str:
    """Put the messenger in front where the cell does not imply it."""
    return f"{column}:{cell}" if column in _LABELLED and ":" not in cell else cell


def _numbers_in(cell: str) -> tuple[str, ...]:
    try:
        read_phone(cell)
    except TwoNumbers as error:
        return error.numbers if number_in_use(cell) is None else ()
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


def cell_at(cells: Cells, place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""
