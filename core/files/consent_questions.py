"""Questions about columns that select who on a list is written to: yes and no beside the number, consent, refusals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Set
from typing import Final

from core.domain.translatable import Sentence, sentence
from core.files.column_facts import FITS, Facts
from core.files.consent import Only, Wanted, flag_of, is_agreement, is_understood
from core.files.headings import Means
from core.files.questions import Choice, Question
from core.parsing.refusals import has_refusals, may_be_refusal

Ask = Callable[[Question], str]
"""Returns the answer to a question, or raises NeedsAnswer."""
CellsOf = Callable[[int], Set[str]]
"""All different cells of a column below the headings, by its place; "" for empty ones."""
_WISHES: Final = Means.CONSENT | Means.OPT_OUT
_MOST_VALUES: Final = 4
"""Different ones, up to which one of them can be chosen."""
_ALL: Final = "all"
_NEGATED: Final = re.compile(r"(?:non|not|no|un|kein|nicht|ohne|sans|sin|не|без|ні)", re.IGNORECASE)
"""At the beginning of a value."""


def ask_flag(columns: Iterable[Facts], means: Means, ask: Ask) -> Only | None:
    """A column "WhatsApp" with yes and no beside the phone numbers. `means`: of the messenger's columns."""
    for one in columns:
        if one.means & means and not one.means & _WISHES and one.filled and one.share("flag") == 1:
            some = Choice("yes", sentence("Only those with yes"))
            question = _question(f"flag{one.place}", one, _yes_or_no(one), some)
            return Only(one.place, one.title, is_wish=False) if ask(question) == some.key else None
    return None


def ask_consent(columns: Iterable[Facts], cells_of: CellsOf, ask: Ask) -> Iterator[Only]:
    """Columns of people who agreed to messages, or want none. Each that would leave anybody out is asked about."""
    for one in columns:
        cells = cells_of(one.place)
        if one.means & _WISHES or (one.means & Means.STATE and one.share("flag") == 1):
            found = _by_heading(one, cells, ask)
        elif _has_refusals(one, cells):
            found = _unless_refused(one, ask)
        else:
            continue
        if found is not None:
            yield found


def _has_refusals(one: Facts, cells: Set[str]) -> bool:
    """True if anybody wants no messages, by words that mean nothing else or stand beside words of agreement."""
    agreed = one.share("flag", "wish") >= FITS and any(map(is_agreement, cells))
    return has_refusals(cells) or (agreed and any(map(may_be_refusal, cells)))


def _by_heading(one: Facts, cells: Set[str], ask: Ask) -> Only | None:
    refusal = bool(one.means & Means.OPT_OUT)
    only = Only(one.place, one.title, Wanted.FLAG_IS_NO if refusal else Wanted.FLAG_IS_YES)
    filled = cells - {""}
    unclear = any(not is_understood(cell) and one.share("date") < 1 for cell in filled)
    if unclear and len(filled) > 1 and len(filled) <= _MOST_VALUES and _may_refuse(one, filled):
        return _by_value(one, sorted(filled), ask)
    if not filled or all(map(only.wants, cells)):
        return None
    if all(flag_of(cell) is not None for cell in filled):
        text = _yes_or_no(one)
        label = sentence("Only those with no") if refusal else sentence("Only those with yes")
    else:
        text, label = _may_say(one), sentence("Only those who want messages")
    some = Choice("some", label)
    question = _question(f"consent{one.place}", one, text, some)
    return only if ask(question) == some.key else None


def _may_refuse(one: Facts, filled: Set[str]) -> bool:
    """False under "Marketing source" and the like, where no value says no."""
    return "marketing" not in one.heading.casefold() or any(map(_NEGATED.match, filled))


def _unless_refused(one: Facts, ask: Ask) -> Only | None:
    some = Choice("some", sentence("Only those who want messages"))
    question = _question(f"consent{one.place}", one, _may_say(one), some)
    return Only(one.place, one.title, Wanted.NOT_REFUSED) if ask(question) == some.key else None


def _by_value(one: Facts, values: list[str], ask: Ask) -> Only | None:
    """One of a few values that say neither yes nor no: "Marketing contact", "Non-marketing contact"."""
    choices = [
        Choice(f"is{place}", sentence("Only those with “{value}”", value=value[:40]))
        for place, value in enumerate(values)
    ]
    answer = ask(_question(f"consent{one.place}", one, _may_say(one), *choices))
    place = answer.removeprefix("is")
    if not place.isdecimal() or int(place) >= len(values):
        return None
    return Only(one.place, one.title, Wanted.VALUE, values[int(place)])


def _yes_or_no(one: Facts) -> Sentence:
    return sentence("“{name}” says yes or no. Who do you want to write to?", name=one.title)


def _may_say(one: Facts) -> Sentence:
    return sentence("“{name}” may say who wants no messages. Who do you want to write to?", name=one.title)


def _question(key: str, one: Facts, text: Sentence, *some: Choice) -> Question:
    everyone = Choice(_ALL, sentence("Everyone on the list"))
    return Question(key=key, text=text, samples=tuple(one.samples), choices=(*some, everyone))
