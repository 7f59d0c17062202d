"""The columns as they are shown, and changed by taps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from core.domain.messengers.traits import Messenger
from core.domain.translatable import sentence
from core.files.column_facts import Facts
from core.files.heading_rows import letter
from core.files.layout import Column, Role, Variable, is_address
from core.files.questions import Choice, Question

COLUMNS: Final = "columns"
"""The question that shows the columns; its answer is the one to change, ALL while none is chosen."""
ALL: Final = "all"
_DONE: Final = "done"
ROLE: Final = "role"
TEXT: Final = "text"
ELSE: Final = "else"
_SHOWN: Final = 7
"""Columns on one screen."""
_NEXT: Final = "from"
UNUSED: Final = "none"


def with_answer(answers: Mapping[str, str], question: str, answer: str) -> dict[str, str]:
    """The answers so far with one more. A changed column leads back to the question that shows them all."""
    known = dict(answers)
    if question == COLUMNS:
        known.pop(f"{ROLE}{answer}", None)
        known[COLUMNS] = answer
        if answer == _DONE:
            del known[COLUMNS]
        return known
    known.pop(question, None)
    known[question] = answer
    if question.startswith(ROLE):
        known[COLUMNS] = ALL
    return known


def columns_question(facts: Sequence[Facts], columns: Sequence[Column | None], answer: str) -> Question:
    """All columns with three values each; or what the one at the place `answer` is."""
    if answer.isdecimal() and int(answer) < len(facts):
        return _column_question(facts[int(answer)], facts, columns)
    shown = [one for one in facts if one.filled or one.heading]
    shown.sort(key=lambda one: not is_address(columns[one.place]))
    first = int(answer.removeprefix(_NEXT)) if answer.startswith(_NEXT) else 0
    page = shown[first : first + _SHOWN]
    choices = [
        Choice(
            str(one.place),
            sentence("“{name}”: {role}", name=unmistakable(one, shown), role=_role(columns[one.place])),
        )
        for one in page
    ]
    if len(shown) > first + _SHOWN:
        choices.append(Choice(f"{_NEXT}{first + _SHOWN}", sentence("More columns")))
    return Question(
        key=COLUMNS,
        text=sentence("These are the columns. Tap one to change what it's for."),
        samples=tuple(f"{one.title}: {', '.join(one.samples)}" for one in page),
        choices=(*choices, Choice(_DONE, sentence("Read it like this"))),
    )


def _column_question(one: Facts, facts: Sequence[Facts], columns: Sequence[Column | None]) -> Question:
    choices = [
        Choice(str(messenger), sentence("Addresses for {messenger}", messenger=messenger.traits.title))
        for messenger in Messenger
    ]
    main = next((f for f in facts if columns[f.place] is Messenger.WHATSAPP), None)
    if main is not None and main is not one:
        choices.append(
            Choice(ELSE, sentence("Numbers for WhatsApp where “{name}” is empty", name=main.title))
        )
    choices.append(Choice(TEXT, sentence("Use it in the text")))
    choices.append(Choice(UNUSED, sentence("Don't use this column")))
    return Question(
        key=f"{ROLE}{one.place}",
        text=sentence("What's in “{name}”?", name=one.title),
        samples=tuple(one.samples),
        choices=tuple(choices),
    )


def _role(column: Column | None) -> object:
    """Name the use of a column for a label."""
    match column:
        case Messenger() as messenger:
            return messenger.traits.title
        case Variable():
            return sentence("for the text")
        case Role.RECIPIENT:
            return sentence("recipients")
        case Role.MESSENGER:
            return sentence("messengers")
        case _:
            return sentence("not used")


def unmistakable(one: Facts, among: Sequence[Facts]) -> str:
    """The heading, with the column's letter where another one has the same."""
    same = sum(other.title == one.title for other in among)
    return f"{one.title} ({letter(one.place)})" if same > 1 else one.title
