"""Check that a content fits everybody on a list: every gap filled, the longest result within the limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from core.domain.content import limits
from core.domain.content.content import Content
from core.domain.content.formatting import utf16_length
from core.domain.content.variables import defaults, filled, has_gaps, needed, placeholders
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.domain.translatable import sentence

_NAMED = 5


def problems(content: Content, recipients: Sequence[Recipient], messengers: Sequence[Messenger]) -> list[str]:
    """One sentence per reason why the content cannot go to these people on these messengers."""
    if not has_gaps(content):
        return limits.problems(content, messengers)
    names = placeholders(content)
    missing = [sentence for name in needed(content) for sentence in _without(name, recipients)]
    if missing:
        return missing
    fillings = _extremes(names, recipients, defaults(content)) or [dict.fromkeys(names, "")]
    found = [
        problem for values in fillings for problem in limits.problems(filled(content, values), messengers)
    ]
    return list(dict.fromkeys(found))


def as_written(content: Content, recipients: Iterable[Recipient]) -> Content:
    """The content of a program; "{name}" is a gap only if a recipient has a value for one of its gaps."""
    names = set(placeholders(content))
    meant = names and any(not names.isdisjoint(one.variables) for one in recipients)
    return content if meant or not has_gaps(content) else replace(content, verbatim=True)


MOST_KEPT: Final = 20_000_000
"""Characters of names and values of variables that a broadcast keeps for its results."""
_NAMES: Final = frozenset({"name", "first_name", "last_name"})


def trim_variables(
    recipients: Sequence[Recipient], content: Content, most: int = MOST_KEPT
) -> tuple[Recipient, ...]:
    """Keep all variables, as the results show them; of a list too long for that names, or only what the text needs."""
    needed = frozenset(placeholders(content))
    if _characters(recipients, None) <= most:
        return tuple(recipients)
    with_names = needed | _NAMES
    kept = with_names if _characters(recipients, with_names) <= most else needed
    return tuple(
        one
        if one.variables.keys() <= kept
        else replace(one, variables={key: one.variables[key] for key in kept & one.variables.keys()})
        for one in recipients
    )


def _characters(recipients: Iterable[Recipient], names: frozenset[str] | None) -> int:
    return sum(
        len(name) + len(value)
        for one in recipients
        for name, value in one.variables.items()
        if names is None or name in names
    )


def _without(name: str, recipients: Sequence[Recipient]) -> list[str]:
    lacking = [one.label for one in recipients if name not in one.variables]
    if not lacking:
        return []
    shown: object = tuple(lacking[:_NAMED])
    if len(lacking) > _NAMED:
        shown = sentence("{names} and {more} more", names=shown, more=len(lacking) - _NAMED)
    return [
        sentence(
            "No value for {name}: {people}. To send braces as they are, write {{{{{name}}}}}.",
            name=name,
            people=shown,
        )
    ]


def _extremes(
    names: Sequence[str], recipients: Sequence[Recipient], instead: Mapping[str, str]
) -> list[Mapping[str, str]]:
    """The values that make the content longest (in characters, in bytes) and shortest.

    `instead`: by name, for those without a value.
    """

    def extreme(measure: Callable[[str], int]) -> Mapping[str, str]:
        return max(recipients, key=lambda one: sum(measure(value) for value in values(one))).variables

    def values(one: Recipient) -> Iterable[str]:
        return (one.variables[name] if name in one.variables else instead[name] for name in names)

    if not recipients:
        return []
    return [
        extreme(utf16_length),
        extreme(lambda value: len(value.encode(errors="replace"))),
        extreme(lambda value: -len(value.strip())),
    ]
