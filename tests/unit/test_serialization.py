"""Sentences that were kept are the same sentences when they are read again, in every language."""

from __future__ import annotations

import json
from datetime import date

import pytest

from bot.text.translation import in_language, translate
from core.domain.messengers.outcome import Reason
from core.domain.sentence_format import pack_sentence, unpack_sentence
from core.domain.translatable import Day, sentence, sentences


@pytest.mark.parametrize(
    "kept",
    [
        sentence("Add at least one recipient, for example telegram:1001."),
        sentence("The list “{name}” was deleted. Choose who gets it again.", name="vip"),
        sentence("Series #{id} not found. It may have been deleted.", id="A7KQ"),
        sentence("{what} ({messenger})", what=Reason.BLOCKED.counted(), messenger="Telegram"),
        sentences("{count} row was left out.", "{count} rows were left out.", 3),
        sentence("{names} and {more} more", names=("a", "b"), more=3),
        sentence("On {day}", day=Day(date(2026, 11, 24), year=True)),
        "words of somebody else",
    ],
)
def test_a_kept_sentence_is_said_as_before(kept: str) -> None:
    again = unpack_sentence(json.loads(json.dumps(pack_sentence(kept))))
    assert again == kept
    with in_language("ru"):
        assert translate(again) == translate(kept)
