"""Segments: lists of those people of another list, or of all subscribers, who fulfil a condition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

LAST: Final = "LAST"
"""In place of a broadcast's id: the one that was sent last when the segment is read."""


class Condition(StrEnum):
    IS = "is"
    IS_NOT = "not"
    GOT = "got"
    MISSED = "missed"
    READ = "read"
    UNREAD = "unread"

    @property
    def opposite(self) -> Condition:
        return _OPPOSITES[self]

    @property
    def is_of_a_column(self) -> bool:
        return self in (Condition.IS, Condition.IS_NOT)

    @property
    def is_negative(self) -> bool:
        return self in (Condition.IS_NOT, Condition.MISSED, Condition.UNREAD)


_PAIRS: Final = (
    (Condition.IS, Condition.IS_NOT),
    (Condition.GOT, Condition.MISSED),
    (Condition.READ, Condition.UNREAD),
)
_OPPOSITES: Final = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """One condition, for example "class is 3B"."""

    condition: Condition
    subject: str
    """A column, or the id of a broadcast, or LAST."""
    value: str = ""
    """Of the column."""


MOST_CLAUSES: Final = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """All its clauses hold. `of`: the id of the list, or EVERYBODY; the first clause is in the fields of the rule."""

    of: str
    condition: Condition
    subject: str
    value: str = ""
    more: tuple[Clause, ...] = ()

    @property
    def clauses(self) -> tuple[Clause, ...]:
        return (Clause(condition=self.condition, subject=self.subject, value=self.value), *self.more)

    @property
    def opposite(self) -> Rule | None:
        """Fulfilled by all others of the list; None where no rule says that."""
        return None if self.more else replace(self, condition=self.condition.opposite)

    def narrowed(self, by: Rule) -> Rule:
        """With the clauses of another rule too."""
        return replace(self, more=(*self.more, *by.clauses))
