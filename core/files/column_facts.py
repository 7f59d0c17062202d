"""Facts about a column: its heading and the kinds of its values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from core.domain.messengers.traits import Messenger
from core.files.cell_kinds import is_date, kind_of
from core.files.consent import is_wish
from core.files.countries import region_named
from core.files.heading_rows import letter
from core.files.headings import Means, meaning
from core.files.messenger_names import messenger_named, names_other_way
from core.files.sheets import Cells
from core.files.values import is_blank
from core.parsing.phone_text import without_remark

FITS: Final = 0.5
"""The share of values of a kind from which the column counts as one of that kind."""
_LONG_ID: Final = 20
_FIRST: Final = 100
"""Values that show row numbers; of a long list, those behind them are from here and there."""
_MOST_COUNTRIES: Final = 50
"""Different ones among the first rows: to look for a name among those of all languages takes long."""


@dataclass(slots=True)
class Facts:
    """The heading of a column and the kinds of its values."""

    place: int
    heading: str
    means: Means
    filled: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    samples: list[str] = field(default_factory=list)
    messengers: set[Messenger] = field(default_factory=set)
    """Messengers that its cells name."""
    sequence: bool = False
    repeats: bool = False
    """True if short values come again and again, as answers do and ids do not."""

    def share(self, *kinds: str) -> float:
        return sum(self.kinds[kind] for kind in kinds) / self.filled if self.filled else 0.0

    @property
    def has_phones(self) -> bool:
        if self.means & Means.COUNTRY:
            return False
        return self.share("phone", "national", "several", "long", "cut") >= FITS

    @property
    def has_people(self) -> bool:
        """True if any value is certainly an address."""
        return any(self.kinds[kind] for kind in ("phone", "national", "several", "typed", "at"))

    @property
    def title(self) -> str:
        return self.heading or letter(self.place)


def facts_of(place: int, headings: Sequence[str], rows: Sequence[Cells]) -> Facts:
    heading = headings[place] if place < len(headings) else ""
    facts = Facts(place, heading, meaning(heading))
    means_numbers = bool(facts.means & (Means.PHONE | Means.OTHER_PHONE | Means.NUMBER))
    numbers: list[str] = []
    for cells in rows:
        cell = cells[place] if place < len(cells) else ""
        if not cell or is_blank(cell):
            continue
        facts.filled += 1
        facts.kinds[kind_of((means_numbers and without_remark(cell)) or cell)] += 1
        if is_wish(cell):
            facts.kinds["wish"] += 1
        elif is_date(cell):
            facts.kinds["date"] += 1
        if cell[:1].isalpha() and (messenger := messenger_named(cell)):
            facts.kinds["messenger"] += 1
            facts.messengers.add(messenger)
        elif names_other_way(cell):
            facts.kinds["elsewhere"] += 1
        numbers.append(cell)
        if len(facts.samples) < 3 and cell not in facts.samples:
            facts.samples.append(cell)
    facts.sequence = _is_sequence(numbers[:_FIRST])
    values = set(numbers)
    may_be_countries = 0 < len(values) <= _MOST_COUNTRIES and not facts.kinds["flag"]
    if may_be_countries and not facts.means.is_address and all(map(_names_country, values)):
        facts.means |= Means.COUNTRY
    facts.repeats = len(numbers) > 3 and len(values) * 2 <= len(numbers) and max(map(len, values)) < _LONG_ID
    return facts


def _names_country(cell: str) -> bool:
    """True for "+49", "0049" and "Austria"; "7" may be anything."""
    return (not cell.isdecimal() or cell.startswith("00")) and bool(region_named(cell))


def _is_sequence(cells: Sequence[str]) -> bool:
    """0, 1, 2 or 1, 2, 3: row numbers."""
    first = cells[0] if cells else ""
    return first in ("0", "1") and all(cell == str(int(first) + place) for place, cell in enumerate(cells))
