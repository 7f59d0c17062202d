# ruff: noqa: RUF001  # Cyrillic letters and typographic marks are meant
"""The words and the typography of the chat, in each language. docs/glossary.md has the words to use."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

import pytest
from babel.messages.catalog import Message

from tools.catalogue import ROOT, translated

RETIRED: Final = re.compile(
    r"(?i:\b(shall|whoever|whichever|whom|any ?more|stands?|goes on|go on|let go|lets it|in the air|nobody|taken back"
    r"|thereby|upon|blanks?|cannot|could not|do not|does not|did not|has not|have not|audiences?|ledger|queues?|stores?"
    r"|recipients?|click(s|ed)?)\b)|\bids?\b",
)
RETIRED_RUSSIAN: Final = re.compile(
    r"\b(в воздухе|кто бы ни|возвращено обратно|аудитори\w+|рассылк[аиуе]|рассылок|диаграмм\w+|неясно|является|данный"
    r"|знаков)\b|\w\([а-яё]{1,2}\)|[а-я,] (Вы|Вас|Вам|Ваш\w*)\b",
)
KEPT: Final = {
    "id",
    "recipient",
    "recipients",
    "You wrote #{id} or chose its recipients, so another admin has to approve it.",
    "Add at least one recipient, for example telegram:1001.",
}
"""The field "To" of a message and columns of files, where people are recipients."""
KEPT_RUSSIAN: Final = {
    "рассылка",
    "Спасибо! Здесь только рассылка новостей. Что можно сделать, покажет /help.",
}
"""A column of the log as a file, and the product as strangers know it."""
PLACEHOLDER: Final = re.compile(r"\{\w*\}")
SENTENCE_END: Final = re.compile(r"(?<=[.?!:…])\s")
LONGEST_SENTENCE: Final = 20
"""Words."""
LONGEST_LABEL: Final = 30
"""Characters of a button, without its placeholders."""
YO: Final = re.compile(r"\w*ё\w*", re.IGNORECASE)
LINKING: Final = {", then", ", потом", "and", "и"}
"""Between the items of a list, with their blanks."""
TWO_WORDS: Final = {"все", "звезды"}
"""Words without ё that differ in meaning from the one with it."""


def english(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def russian(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


MESSAGES: Final = [message for message in translated("ru") if message.id]
ENGLISH: Final = sorted({text for message in MESSAGES for text in english(message)})
RUSSIAN: Final = sorted({text for message in MESSAGES for text in russian(message)})
both: Final = pytest.mark.parametrize("texts", [ENGLISH, RUSSIAN], ids=["en", "ru"])


def labels() -> Iterator[str]:
    """The English texts of buttons."""
    for path in (ROOT / "bot").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Button":
                yield from _texts(call.args[0])


def _texts(node: ast.expr) -> Iterator[str]:
    """Of _("..."), ngettext("...", "...", n), each with or without .format()."""
    if not isinstance(node, ast.Call):
        return
    if isinstance(node.func, ast.Attribute):
        yield from _texts(node.func.value)
    elif isinstance(node.func, ast.Name) and node.func.id in {"_", "ngettext", "plural"}:
        for text in node.args:
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield text.value


def words(sentence: str) -> list[str]:
    return [word for word in sentence.split() if re.search(r"\w", word)]


def bare(text: str) -> str:
    """Without the names of placeholders."""
    return PLACEHOLDER.sub("{}", text)


def test_no_text_uses_a_retired_word() -> None:
    """Red: say it shortly and to "you", as a question or an offer."""
    assert [text for text in ENGLISH if RETIRED.search(bare(text)) and text not in KEPT] == []
    assert [text for text in RUSSIAN if RETIRED_RUSSIAN.search(bare(text)) and text not in KEPT_RUSSIAN] == []


def test_sentences_are_short() -> None:
    long = [
        sentence
        for text in ENGLISH
        for sentence in SENTENCE_END.split(text)
        if len(words(sentence)) > LONGEST_SENTENCE
    ]
    assert long == []


@both
def test_no_text_joins_sentences_by_a_semicolon(texts: list[str]) -> None:
    """A list of days may: its parts have commas themselves."""
    assert [text for text in texts if re.search(r"\w\)?;", PLACEHOLDER.sub("", text))] == []


@both
def test_two_sentences_end_in_a_stop(texts: list[str]) -> None:
    """But an example after a colon. A reason, in lower case, is part of a longer sentence, which ends itself."""
    two = re.compile(r"[A-ZА-ЯЁ{].*[a-zа-яё][.?!] [A-ZА-ЯЁ]")
    ended = re.compile(r"[.?!:…|}>]$|: (?:(?![.?!] ).)+$")
    assert [text for text in texts if two.match(text) and not ended.search(text)] == []


@both
def test_no_blanks_are_doubled_or_hang_over(texts: list[str]) -> None:
    assert [text for text in texts if re.search(r"  |^ | $", text) and text.strip() not in LINKING] == []


def test_quotation_marks_and_dashes_are_of_one_kind() -> None:
    assert [text for text in ENGLISH if re.search(r'["’‘»—]', text)] == []
    assert [text for text in RUSSIAN if re.search(r'["“”’‘\']| – ', text)] == []


@both
def test_nothing_is_shouted(texts: list[str]) -> None:
    """At most one exclamation mark, and not in a question."""
    assert [text for text in texts if len(re.findall(r"!(?!\[)", text)) > 1 or "?!" in text] == []


def test_labels_are_short_and_end_in_no_stop() -> None:
    found = sorted(set(labels()))
    assert len(found) > 150
    assert [label for label in found if len(PLACEHOLDER.sub("", label)) > LONGEST_LABEL] == []
    assert [label for label in found if label.endswith(".")] == []


def test_each_russian_word_has_its_yo_everywhere_or_nowhere() -> None:
    used = {word.lower() for text in RUSSIAN for word in re.findall(r"\w+", text)}
    without = {word.replace("ё", "е") for word in used if YO.fullmatch(word)}
    assert sorted((without & used) - TWO_WORDS) == []
    assert {"еще", "ее", "нее", "придет", "ждет", "уйдет", "счет"} & used == set()
