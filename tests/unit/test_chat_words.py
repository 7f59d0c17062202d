"""The words of the chat: retired ones are in no text, in no language. docs/glossary.md has those to use."""

from __future__ import annotations

import re
from typing import Final

from babel.messages.catalog import Message

from tools.catalogue import translated

RETIRED: Final = re.compile(
    r"\b(shall|whoever|any ?more|stands?|goes on|go on|let go|lets it|in the air|nobody gets|taken back)\b",
    re.IGNORECASE,
)
RETIRED_RUSSIAN: Final = re.compile(r"\b(в воздухе|кто бы ни|возвращено обратно)\b", re.IGNORECASE)


def english(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def russian(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def test_no_text_uses_a_retired_word() -> None:
    """Red: say it shortly and to "you", as a question or an offer."""
    messages = [message for message in translated("ru") if message.id]
    assert [text for message in messages for text in english(message) if RETIRED.search(text)] == []
    assert [text for message in messages for text in russian(message) if RETIRED_RUSSIAN.search(text)] == []
