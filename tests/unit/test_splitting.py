"""Splitting texts that are too long for a messenger."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.message_parts import with_continuation
from core.domain.content.content import Button, Content, Media
from core.domain.content.formatting import Entity, Style, utf16_length
from core.domain.content.limits import problems
from core.domain.content.splitting import split
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.traits import Messenger

TELEGRAM = (Messenger.TELEGRAM,)


def test_what_fits_is_not_split() -> None:
    assert split(Content(text="x" * 4096), TELEGRAM) is None


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("word " * 500 + "\n\n" + "word " * 900, "word"),
        ("A line. " * 300 + "\n" + "word " * 900, "A line."),
        ("It is said. " * 600, "said."),
    ],
)
def test_the_cut_is_at_a_paragraph_or_a_sentence_or_a_word(text: str, ends: str) -> None:
    parts = split(Content(text=text), TELEGRAM)
    assert parts is not None
    first, rest = parts
    assert first.text.endswith(ends)
    assert [*first.text.split(), *rest.text.split()] == text.split()
    assert problems(first, TELEGRAM) == []


def test_a_formatted_part_stays_whole() -> None:
    text = "word " * 800 + "this is all bold " + "word " * 300
    bold = Entity(style=Style.BOLD, offset=4030, length=120)
    parts = split(Content(text=text, entities=(bold,)), TELEGRAM)
    assert parts is not None
    first, rest = parts
    assert first.entities == ()
    assert [one.length for one in rest.entities] == [120]


def test_a_formatted_part_longer_than_a_message_goes_on_in_the_second() -> None:
    text = "😀 word " * 900
    all_bold = Entity(style=Style.BOLD, offset=0, length=utf16_length(text))
    parts = split(Content(text=text, entities=(all_bold,)), [Messenger.TELEGRAM, Messenger.WHATSAPP])
    assert parts is not None
    for part in parts:
        assert [(one.offset, one.style) for one in part.entities] == [(0, Style.BOLD)]
    assert problems(parts[0], [Messenger.TELEGRAM, Messenger.WHATSAPP]) == []


def test_files_go_with_the_first_part_and_buttons_with_the_second() -> None:
    photo = Media(kind=MediaKind.PHOTO, link="https://example.com/a.jpg")
    shop = ((Button("Shop", "https://example.com"),),)
    parts = split(Content(text="word " * 400, media=(photo,), buttons=shop), TELEGRAM)
    assert parts is not None
    first, rest = parts
    assert (first.media, first.buttons, rest.media, rest.buttons) == ((photo,), (), (), shop)
    assert utf16_length(first.text) <= 1024


def test_what_an_app_has_sent_in_two_messages_is_one_text_again() -> None:
    bold = Entity(style=Style.BOLD, offset=0, length=3)
    whole = with_continuation(
        Content(text="😀 It ends here. "), Content(text="And goes on", entities=(bold,))
    )
    assert whole.text == "😀 It ends here.\nAnd goes on"
    assert whole.entities == (Entity(style=Style.BOLD, offset=17, length=3),)
    assert with_continuation(Content(text="cut between"), Content(text="words")).text == "cut between words"


@given(st.text(st.sampled_from("ab \n😀."), max_size=50))
def test_nothing_is_lost_and_the_first_part_fits(piece: str) -> None:
    text = f"a{piece}b" * (4300 // (len(piece) + 2) + 1)
    parts = split(Content(text=text), TELEGRAM)
    assert parts is not None
    first, rest = parts
    assert "".join((first.text + rest.text).split()) == "".join(text.split())
    assert 0 < utf16_length(first.text) <= 4096
