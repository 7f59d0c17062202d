"""The catalogue of each language: complete, up to date, with the same fields as the English texts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Final

import pytest
from babel.messages.catalog import Catalog, Message

from tools.catalogue import ROOT, TRANSLATED, extracted, translated

SAYS: Final = {"_", "ngettext", "plural", "sentence", "sentences"}
SHOWS: Final = {"Button", "Screen", "screen", "plain", "CallbackAnswer", "BotCommand"}
REFUSES: Final = {"NotFound", "Conflict", "ValidationError", "WrongMoment", "SenderError"}
"""Errors that people read. Errors of settings are in a program's log, in English."""
TALKING: Final = sorted(
    path for path in (ROOT / "bot").rglob("*.py") if path.name not in {"__main__.py", "app.py"}
)
"""Starting and stopping are for the log."""
FOR_THE_LOG: Final = {
    "ValueError",
    "RuntimeError",
    "ConfigurationError",
    "getLogger",
    "NetworkError",
    "NotTelegramError",
    "Unreachable",
}
RULING: Final = sorted(
    path
    for room in ("domain", "files", "parsing", "services")
    for path in (ROOT / "core" / room).rglob("*.py")
)
CHECKING: Final = sorted((ROOT / "workers" / "messengers").glob("*.py"))
WORDS: Final = re.compile(r"[A-Za-z]{2,},? [a-z]{2,}")
TAGS: Final = re.compile(r"</?\w+>")
languages: Final = pytest.mark.parametrize("language", TRANSLATED)


def texts(message: Message) -> list[str]:
    """The English of a message: one text, or the singular and the plural."""
    return [message.id] if isinstance(message.id, str) else list(message.id)


def forms(message: Message) -> list[str]:
    """Its translations: one, or one for each plural form."""
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@languages
def test_every_text_is_translated_and_none_is_left_over(language: str) -> None:
    catalogue = translated(language)
    found = messages(catalogue)
    assert len(found) > 300
    assert [texts(message)[0] for message in found if message.fuzzy or not all(forms(message))] == []
    assert [str(text) for text in catalogue.obsolete] == []
    assert {len(forms(message)) for message in found if message.pluralizable} == {catalogue.num_plurals}


@languages
def test_the_catalogue_is_what_the_code_says_now(language: str) -> None:
    """Red: .venv/bin/python -m tools.catalogue, then translate what is new."""
    stored = {tuple(texts(message)) for message in messages(translated(language))}
    said = {tuple(texts(message)) for message in messages(extracted())}
    assert sorted(said - stored) == []
    assert sorted(stored - said) == []


@languages
def test_translations_have_the_fields_and_the_tags_of_the_english(language: str) -> None:
    wrong = [
        form
        for message in messages(translated(language))
        for form in forms(message)
        if fields(form) != set().union(*map(fields, texts(message)))
        or sorted(TAGS.findall(form)) != sorted(TAGS.findall(texts(message)[-1]))
    ]
    assert wrong == []


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a plain name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node


def read(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", [*TALKING, *RULING, *CHECKING], ids=lambda path: path.name)
def test_the_extraction_finds_every_text(path: Path) -> None:
    """It reads literals only, and on some versions of Python none inside an f-string."""
    tree = read(path)
    inside = [
        ast.unparse(call)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for name, call in calls(node)
        if name in SAYS
    ]
    assert inside == []
    if path.name not in {"translation.py", "sentence_format.py"}:
        first = [call.args[0] for name, call in calls(tree) if name in SAYS]
        assert [ast.unparse(one) for one in first if not isinstance(one, ast.Constant)] == []


def bare(node: ast.AST) -> Iterator[str]:
    """English in the text constants below a node that goes through no translation; docstrings and logs are for us."""
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if name in SAYS or name in FOR_THE_LOG:
            return
        if isinstance(owner, ast.Name) and owner.id in {"log", "re"}:
            return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and WORDS.search(node.value):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from bare(child)


@pytest.mark.parametrize("path", TALKING, ids=lambda path: path.name)
def test_nothing_is_said_in_the_chat_that_is_not_in_the_catalogue(path: Path) -> None:
    """Sentences anywhere, and single words where they are shown."""
    tree = read(path)
    assert {text for text in bare(tree) if not text.startswith(NOT_SAID)} == set()
    shown = [call.args[0] for name, call in calls(tree) if name in SHOWS and call.args]
    labels = [one.value for one in shown if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    if path.name != "command_menu.py":  # the commands themselves are the same in every language
        assert [label for label in labels if re.search("[A-Za-z]", label)] == []


NOT_SAID: Final = (
    # Names of tasks.
    "live cards",
    "amendment cards",
    "approval requests",
    # What Telegram answers to a bot.
    "there is no text in the message",
    "message to edit not found",
    "message can't be edited",
    "message is not modified",
    "query is too old",
    "too big",
)


@pytest.mark.parametrize("path", RULING, ids=lambda path: path.name)
def test_every_refusal_of_core_is_a_sentence_that_can_be_translated(path: Path) -> None:
    plain = [
        ast.unparse(part)
        for name, call in calls(read(path))
        if name in REFUSES and call.args
        for part in (call.args[0].elts if isinstance(call.args[0], ast.List) else call.args[:1])
        if isinstance(part, ast.Constant | ast.JoinedStr)
    ]
    assert plain == []
