"""Questions to answer, by a tap, before a file can be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer. `key`: letters, digits, "-" and "+", as buttons carry it."""

    key: str
    label: str
    """A Sentence, or words from the file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One question about a file, with values from it."""

    key: str
    text: str
    """A Sentence."""
    samples: tuple[str, ...] = ()
    choices: tuple[Choice, ...]


class NeedsAnswer(Exception):
    """The file cannot be read further without an answer."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.text)
        self.question = question


def answer_to(question: Question, answers: Mapping[str, str]) -> str:
    """The key of the choice that was tapped. Raises NeedsAnswer while there is none."""
    answer = answers.get(question.key)
    if answer is None:
        raise NeedsAnswer(question)
    return answer
