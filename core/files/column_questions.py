"""Questions about the columns of a list, which come up while it is decided what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.domain.messengers.traits import AddressKind, Messenger
from core.domain.translatable import Sentence, sentence
from core.files.cell_kinds import LONGEST_TELEGRAM_ID
from core.files.column_changes import UNUSED, unmistakable
from core.files.column_facts import Facts
from core.files.questions import Choice, Question

YES: Final = "yes"
AND: Final = "+"
"""Between the places of columns that are all written to."""
_ELSE: Final = "-"
"""Between the places of two columns of which the second is written to where the first is empty."""
_MOST_WITH_ELSE: Final = 4
"""Columns to choose from, with which "this one, else that one" is offered too."""


def messengers_question(one: Facts) -> Question:
    asked = sentence("“{name}” names messengers. Should each person get the message there?", name=one.title)
    return _yes_or_no(f"messengers{one.place}", asked, one)


def user_ids_question(one: Facts) -> Question:
    asked = sentence(
        "Are the numbers in “{name}” the Telegram IDs of the people to write to?", name=one.title
    )
    return _yes_or_no(f"ids{one.place}", asked, one)


def only_numbers_question(one: Facts) -> Question:
    """For the one column of numbers that may be others than phone numbers. Yes is its place."""
    asked = sentence("Is “{name}” the number to write to on WhatsApp?", name=one.title)
    return _yes_or_no(_which(Messenger.WHATSAPP), asked, one, yes=str(one.place))


def _yes_or_no(key: str, asked: Sentence, one: Facts, *, yes: str = YES) -> Question:
    choices = (Choice(yes, sentence("Yes")), Choice(UNUSED, sentence("No")))
    return Question(key=key, text=asked, samples=tuple(one.samples), choices=choices)


def phones_under_question(one: Facts, messenger: Messenger) -> Question:
    """For phone numbers under the name of a messenger that takes none; the answer is a messenger."""
    longest = max(len(sample.lstrip("-+")) for sample in one.samples)
    choices = [Choice(str(Messenger.WHATSAPP), sentence("Phone numbers, use WhatsApp"))]
    if messenger is Messenger.TELEGRAM and longest <= LONGEST_TELEGRAM_ID:
        choices.insert(0, Choice(str(messenger), sentence("Telegram IDs")))
    choices.append(Choice(UNUSED, sentence("Don't use this column")))
    return Question(
        key=f"under{one.place}",
        text=sentence(
            "The numbers in “{name}” look like phone numbers, but {messenger} doesn't use those. What are they?",
            name=one.title,
            messenger=messenger.traits.title,
        ),
        samples=tuple(one.samples),
        choices=tuple(choices),
    )


def which_question(messenger: Messenger, columns: Sequence[Facts], *, may_be_none: bool) -> Question:
    """For several columns with addresses for a messenger; read_which() reads the answer."""
    titles = {one.place: unmistakable(one, columns) for one in columns}
    choices = [Choice(str(one.place), sentence("“{name}”", name=titles[one.place])) for one in columns]
    if 2 <= len(columns) <= _MOST_WITH_ELSE and messenger.traits.address is AddressKind.PHONE:
        for one, two in (columns[:2], columns[1::-1]):
            label = sentence("“{name}”, else “{other}”", name=titles[one.place], other=titles[two.place])
            choices.append(Choice(f"{one.place}{_ELSE}{two.place}", label))
        both = sentence("Both") if len(columns) == 2 else sentence("All of them")
        choices.append(Choice(AND.join(str(one.place) for one in columns), both))
    if may_be_none:
        choices.append(Choice(UNUSED, sentence("None of them")))
    return Question(
        key=_which(messenger),
        text=sentence(
            "There are several columns with addresses for {messenger}. Which one do you want to write to?",
            messenger=messenger.traits.title,
        ),
        samples=tuple(f"{one.title}: {', '.join(one.samples)}" for one in columns),
        choices=tuple(choices),
    )


def read_which(answer: str, columns: Sequence[Facts]) -> list[Facts]:
    """The chosen columns, in the chosen order."""
    by_place = {str(one.place): one for one in columns}
    places = answer.replace(AND, _ELSE).split(_ELSE)
    return [by_place[place] for place in places if place in by_place]


def _which(messenger: Messenger) -> str:
    return f"column-{messenger}"
