"""Formatting as marks in the text, for messengers that parse it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.content.formatting import Entity, Style, Utf16, utf16_length
from core.domain.content.markup import has_marks, marked
from core.domain.messengers.capabilities import Markup


def bold(offset: int, length: int) -> Entity:
    return Entity(style=Style.BOLD, offset=offset, length=length)


def italic(offset: int, length: int) -> Entity:
    return Entity(style=Style.ITALIC, offset=offset, length=length)


def link(offset: int, length: int, url: str = "https://example.com/") -> Entity:
    return Entity(style=Style.LINK, offset=offset, length=length, url=url)


@pytest.mark.parametrize(
    ("text", "entities", "written"),
    [
        ("Sale today", [bold(0, 4)], "*Sale* today"),
        ("😀 Sale 😀", [bold(3, 4), italic(8, 2)], "😀 *Sale* _😀_"),
        ("a b c", [bold(0, 5), italic(2, 1)], "*a _b_ c*"),
        ("a b", [bold(0, 3), italic(0, 3)], "*_a b_*"),
        ("a b\nc d", [bold(0, 7)], "*a b*\n*c d*"),
        (" a ", [bold(0, 3)], " *a* "),
        ("  ", [bold(0, 2)], "  "),
        ("unbreakable", [bold(2, 5)], "unbreakable"),
        ("2*3 is six", [bold(0, 3)], "2*3 is six"),
        ("old", [Entity(style=Style.STRIKETHROUGH, offset=0, length=3)], "~old~"),
        ("x = 1\ny", [Entity(style=Style.PRE, offset=0, length=7, language="py")], "```x = 1\ny```"),
        ("see here", [link(4, 4)], "see here (https://example.com/)"),
        ("see example.com", [link(4, 11)], "see example.com"),
        ("see here", [bold(4, 4), link(4, 4)], "see *here (https://example.com/)*"),
        ("quote", [Entity(style=Style.QUOTE, offset=0, length=5)], "quote"),
        ("secret", [Entity(style=Style.SPOILER, offset=0, length=6)], "secret"),
    ],
)
def test_formatting_becomes_marks(text: str, entities: list[Entity], written: str) -> None:
    assert marked(text, entities, Markup.MARKS) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Sale, now", "*Sale* , now"),
        ("Sale now", "*Sale* now"),
        ("Sale", "*Sale*"),
        ("Sale\nnow", "*Sale*\nnow"),
    ],
)
def test_a_blank_follows_the_marks_where_they_need_it(text: str, written: str) -> None:
    assert marked(text, [bold(0, 4)], Markup.SPACED_MARKS) == written


def test_without_marks_only_links_are_written_out() -> None:
    assert marked("Sale here", [bold(0, 4), link(5, 4)], Markup.NONE) == "Sale here (https://example.com/)"


@pytest.mark.parametrize("text", ["*sale*", "a _b c_.", "~old~", "say ```x = 1```", "*a*, *b*"])
def test_marks_that_somebody_typed_are_found(text: str) -> None:
    assert has_marks(text)


@pytest.mark.parametrize("text", ["", "2*3*4", "snake_case_name", "* item", "a * b * c", "~", "5 * 4 = 20"])
def test_signs_that_are_no_marks_are_not(text: str) -> None:
    assert not has_marks(text)


texts = st.text(alphabet="ab *_~`😀é\n(", max_size=12)
styles = st.sampled_from([Style.BOLD, Style.ITALIC, Style.CODE, Style.QUOTE, Style.LINK])


@given(texts, st.lists(st.tuples(styles, st.integers(0, 12), st.integers(1, 12)), max_size=4))
def test_marks_only_ever_add_to_the_text(text: str, ranges: list[tuple[Style, int, int]]) -> None:
    """Whatever is formatted how, every character stays, in its order."""
    entities = [
        Entity(style=style, offset=offset, length=length, url="u" if style is Style.LINK else "")
        for style, offset, length in ranges
        if offset + length <= utf16_length(text)
    ]
    written = iter(marked(text, entities, Markup.MARKS))
    assert all(character in written for character in text)


@given(st.text(alphabet="a😀é", max_size=8), st.integers(0, 8))
def test_places_and_offsets_translate_into_each_other(text: str, place: int) -> None:
    place = min(place, len(text))
    counted = Utf16(text)
    assert counted.units(place) == utf16_length(text[:place])
    assert counted.place(counted.units(place)) == place
