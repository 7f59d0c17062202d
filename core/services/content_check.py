"""Check that a content fits everybody on a list: every gap filled, the longest result within the limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from core.domain.content import limits
from core.domain.content.content import Content
from core.domain.content.formatting import utf16_length
from core.domain.content.variables import filled, has_gaps, placeholders
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.domain.translatable import sentence

_NAMED = 5


def problems(content: Content, recipients: Sequence[Recipient], messengers: Sequence[Messenger]) -> list[str]:
    """One sentence per reason why the content cannot go to these people on these messengers."""
    if not has_gaps(content):
        return limits.problems(content, messengers)
    names = placeholders(content)
    missing = [sentence for name in names for sentence in _without(name, recipients)]
    if missing:
        return missing
    fillings = _extremes(names, recipients) or [dict.fromkeys(names, "")]
    found = [
        problem for values in fillings for problem in limits.problems(filled(content, values), messengers)
    ]
    return list(dict.fromkeys(found))


def as_written(text: str, recipients: Iterable[Recipient]) -> Content:
    """Read a text; "{name}" is a gap only if a recipient has a value for one of its gaps."""
    content = Content(text=text)
    names = set(placeholders(content))
    meant = names and any(not names.isdisjoint(one.variables) for one in recipients)
    return content if meant or not has_gaps(content) else Content(text=text, verbatim=True)


def trim_variables(recipients: Iterable[Recipient], content: Content) -> tuple[Recipient, ...]:
    names = frozenset(placeholders(content))
    return tuple(
        one
        if one.variables.keys() <= names
        else replace(one, variables={key: one.variables[key] for key in names & one.variables.keys()})
        for one in recipients
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
            "There is no {name} for {people}. To send braces as they are, write {{{{{name}}}}}.",
            name=name,
            people=shown,
        )
    ]


def _extremes(names: Sequence[str], recipients: Sequence[Recipient]) -> list[Mapping[str, str]]:
    """The values that make the content longest, in characters and in bytes, and shortest."""

    def extreme(measure: Callable[[str], int]) -> Mapping[str, str]:
        return max(recipients, key=lambda one: sum(measure(one.variables[name]) for name in names)).variables

    if not recipients:
        return []
    return [
        extreme(utf16_length),
        extreme(lambda value: len(value.encode(errors="replace"))),
        extreme(lambda value: -len(value.strip())),
    ]
