"""Saved lists of recipients."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from unicodedata import category

from core.domain.audit import Actor
from core.domain.errors import ValidationError
from core.domain.messengers.traits import Messenger
from core.domain.quiet_hours import QuietHours
from core.domain.recipients import Contact, Recipient
from core.domain.segment import Rule
from core.domain.translatable import Sentence, one_of, sentence

EVERYBODY: Final = "all"
"""Stands for all subscribers where audiences are named; not a valid audience name or list id."""
EVERYTHING: Final = frozenset({EVERYBODY, "все", "всё", "всем"})
"""Words that people write for it, and for all of something else."""
LONGEST_NAME: Final = 32

_WORD: Final = re.compile(rf"[\w-]{{1,{LONGEST_NAME}}}")
_MOST_WORDS: Final = 6
_BETWEEN: Final = frozenset(".'’()&\u200d\ufe0f")  # noqa: RUF001 - an apostrophe
"""Signs of names, and what joins the parts of an emoji."""
_PICTURES: Final = frozenset({"So", "Sk"})
"""The categories of emoji and their skin tones."""
_DIGITS_OF_A_NUMBER: Final = 10


class AudienceChange(StrEnum):
    NAMED = "named"
    TAKEN = "taken"
    """Another audience has that name."""
    DROPPED = "dropped"
    CHANGED = "changed"
    """Not done: it has another number of recipients than expected."""
    GONE = "gone"


@dataclass(frozen=True, kw_only=True, slots=True)
class Audience:
    """A saved list without its recipients: name, counts and settings."""

    id: str
    name: str
    """Empty for a list from a file that was not saved: it is kept for a day."""
    counts: Mapping[Messenger, int] = field(default_factory=dict)
    """Addresses per messenger, without zeros."""
    further: int = 0
    """Number of these addresses whose person is counted by another one."""
    variables: tuple[str, ...] = ()
    """Names of variables that some of its recipients have."""
    headings: Mapping[str, str] = field(default_factory=dict)
    """Headings in its file by variable, where they differ."""
    source: str = ""
    """The name of the file that an unsaved list was read from."""
    joinable: bool = False
    """True when people can join by a link to the bot."""
    link_token: str = ""
    """Token in its link; empty for a link made before there were tokens, which has the name or the id."""
    created_by: Actor
    authors: tuple[Actor, ...] = ()
    """Actors who put people on it; none of them approves an order to it."""
    created_at: datetime
    quiet_hours: QuietHours | None = None
    """Its own quiet hours; None = the general ones."""

    messenger_order: tuple[Messenger, ...] = ()
    """The first of these messengers that a person has is used; empty: the usual order."""
    rule: Rule | None = None
    """The conditions of a segment, which has no people of its own; None for any other list."""
    base: str = ""
    """The title of the list that a segment selects from; empty for all subscribers."""

    @property
    def total(self) -> int:
        """Number of people."""
        return sum(self.counts.values()) - self.further

    @property
    def title(self) -> str:
        """Name in the chat."""
        return self.name or self.source


class Chosen(NamedTuple):
    """An audience of an order, as it was when chosen; its members are read when the order is sent."""

    id: str
    """EVERYBODY: those who subscribed."""
    title: str
    counts: Mapping[Messenger, int]
    further: int = 0

    @classmethod
    def of(cls, audience: Audience) -> Chosen:
        return cls(id=audience.id, title=audience.title, counts=audience.counts, further=audience.further)

    @property
    def total(self) -> int:
        """Number of people."""
        return sum(self.counts.values()) - self.further


@dataclass(frozen=True, kw_only=True, slots=True)
class LookedUp:
    """Audiences found by the words as typed."""

    found: Mapping[str, Chosen]
    near: Mapping[str, Sequence[Chosen]]
    """Similar names, for words that match no audience."""
    people: Mapping[str, Contact] = field(default_factory=dict)
    """The one known person of that name, for words that match no audience."""
    like: Mapping[str, Sequence[Contact]] = field(default_factory=dict)
    """People who may be meant, for words that match neither."""
    spelt_like: Mapping[str, Sequence[Contact]] = field(default_factory=dict)
    """People with a similar name, for words that nobody is called."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """All recipients of an order, named one by one and in audiences."""

    recipients: tuple[Recipient, ...]
    """Each once."""
    duplicates: int
    problems: tuple[str, ...] = ()
    """One for each audience that is gone or empty."""
    authors: tuple[Actor, ...] = ()
    """Actors who put people on the audiences."""
    orders: Mapping[tuple[Messenger, str], tuple[Messenger, ...]] = field(default_factory=dict)
    """By account: the order of messengers of their first list that has its own."""
    shut_out: tuple[Recipient, ...] = ()
    """Recipients who are only on messengers that the order leaves out."""
    not_set_up: tuple[Recipient, ...] = ()
    """Recipients who are only on messengers that are not set up."""
    passed_on: tuple[tuple[Messenger, Recipient], ...] = ()
    """For recipients that their first messenger cannot reach: that messenger, and the address used instead."""


def read_name(text: str) -> str:
    """The name of an audience as typed. Raises ValidationError."""
    name = " ".join(text.split())
    if folded(name) == EVERYBODY:
        raise ValidationError(
            [sentence("“{name}” already means everyone who subscribed. Choose another name.", name=name)]
        )
    if len(name) > LONGEST_NAME or not may_be_a_name(name) or _may_be_a_number(name):
        raise ValidationError(
            [
                sentence(
                    "“{name}” can't be a name. Use up to {most} letters, digits and spaces, for "
                    "example: {example}",
                    name=name if len(name) <= 2 * LONGEST_NAME else f"{name[: 2 * LONGEST_NAME]}…",
                    most=LONGEST_NAME,
                    example=_likely(name),
                )
            ]
        )
    return name


def _likely(name: str) -> str:
    """A name nearest to what was typed."""
    words = re.sub(r"[^\w-]+", " ", name).split()[:_MOST_WORDS]
    return " ".join(words)[:LONGEST_NAME].strip(" -_") or "Regular guests"


def _may_be_a_number(name: str) -> bool:
    """True for words that an order would take for a phone number."""
    digits = sum(map(str.isdecimal, name))
    return " " in name and (digits >= _DIGITS_OF_A_NUMBER or not any(map(str.isalpha, name)))


def may_be_a_name(text: str) -> bool:
    """True for what may be the name of an audience or of a person."""
    plain = "".join(one for one in text if one not in _BETWEEN and category(one) not in _PICTURES)
    words = plain.split()
    return 0 < len(words) <= _MOST_WORDS and all(_WORD.fullmatch(word) for word in words)


def folded(name: str) -> str:
    """Key under which names are equal; EVERYBODY for its synonyms."""
    plain = " ".join(name.split()).casefold()
    return EVERYBODY if plain in EVERYTHING else plain


def counts_of(recipients: Iterable[Recipient]) -> dict[Messenger, int]:
    counts = dict.fromkeys(Messenger, 0)
    for recipient in recipients:
        counts[recipient.messenger] += 1
    return {messenger: count for messenger, count in counts.items() if count}


LIST_GONE: Final = sentence("List not found. It was deleted, or the file was read more than a day ago.")


def list_deleted(name: str) -> Sentence:
    return sentence("The list “{name}” was deleted. Choose who gets it again.", name=name)


def name_taken(name: str) -> Sentence:
    return sentence("You already have a list called {name}. Choose another name.", name=name)


_WAYS: Final = {
    Messenger.TELEGRAM: sentence("pressing Start in the Telegram bot"),
    Messenger.WHATSAPP: sentence("writing to your WhatsApp number"),
    Messenger.VIBER: sentence("opening your Viber account"),
}


def nobody_in(chosen: Chosen) -> Sentence:
    """For all subscribers, `counts` names the messengers that are set up."""
    if chosen.id == EVERYBODY:
        return sentence(
            "“{all}” is empty: no one has subscribed yet. People subscribe by {ways}.",
            all=EVERYBODY,
            ways=one_of(tuple(_WAYS[one] for one in chosen.counts if one in _WAYS)),
        )
    return sentence("The list {name} is empty.", name=chosen.title)
