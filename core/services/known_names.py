"""The @names of subscribers: a bot cannot write to a person by @name, but by the chat that a subscriber opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient, Subscriber
from core.domain.translatable import sentence, sentences
from core.files.questions import Choice, Question

KEY: Final = "names"
PEOPLE: Final = "people"
_PUBLIC: Final = "public"
_SAMPLES: Final = 3


def public_names(recipients: Iterable[Recipient]) -> list[str]:
    """The @names on Telegram among the addresses."""
    return [
        one.address for one in recipients if one.messenger is Messenger.TELEGRAM and one.address[0] == "@"
    ]


def question_on(found: Mapping[str, Subscriber]) -> Question:
    """Ask whether @names mean these subscribers."""
    return Question(
        key=KEY,
        text=sentences(
            "{count} @name belongs to a subscriber. Do you want to write to that person?",
            "{count} @names belong to subscribers. Do you want to write to those people?",
            len(found),
        ),
        samples=tuple(f"{name}: {who.name}" for name, who in list(found.items())[:_SAMPLES]),
        choices=(
            Choice(PEOPLE, sentence("Yes, to the subscribers")),
            Choice(_PUBLIC, sentence("No, these are public groups or channels")),
        ),
    )


def with_subscribers(
    recipients: Sequence[Recipient], found: Mapping[str, Subscriber]
) -> tuple[Recipient, ...]:
    """The recipients with subscribers in place of their @names, each once."""
    known = {one.key for one in recipients}
    people = []
    for one in recipients:
        who = found.get(one.address) if one.messenger is Messenger.TELEGRAM else None
        if who is None:
            people.append(one)
        elif (one.messenger, who.chat_id) not in known:
            variables = {"name": who.name, **one.variables}
            people.append(replace(one, address=who.chat_id, variables=variables))
    return tuple(people)
