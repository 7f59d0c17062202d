"""Reads lists in tests: taps through the questions, and looks at what comes out."""

from __future__ import annotations

from collections.abc import Mapping

from core.files.questions import NeedsAnswer
from core.files.recipient_list import read_list
from core.files.results import ReadList


def answered(file: bytes, asked: Mapping[str, str]) -> tuple[ReadList, dict[str, str]]:
    """Taps through the questions; returns the list and the keys of the questions with what was tapped."""
    answers: dict[str, str] = {}
    tapped: dict[str, str] = {}
    while True:
        try:
            return read_list(file, answers), tapped
        except NeedsAnswer as needed:
            question = needed.question
            wanted = asked[question.key]
            (choice,) = [one for one in question.choices if str(one.label) == wanted]
            answers[question.key], tapped[question.key] = choice.key, wanted


def labels(read: ReadList) -> list[str]:
    return [one.label for one in read.recipients]


def values(read: ReadList) -> list[dict[str, str]]:
    return [dict(one.variables) for one in read.recipients]


def by_label(read: ReadList) -> dict[str, dict[str, str]]:
    return dict(zip(labels(read), values(read), strict=True))
