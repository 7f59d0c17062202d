"""The one-line order of the chat."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import ValidationError
from core.parsing.order_line import OrderLine, Unfinished, read_line


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("telegram:1001 | Hello", OrderLine("telegram:1001", None, "Hello")),
        ("tg:1, tg:2 | tomorrow 18:30 | Hello", OrderLine("tg:1, tg:2", "tomorrow 18:30", "Hello")),
        ("tg:1 || Hello", OrderLine("tg:1", None, "Hello")),
        ("tg:1|now|Hello", OrderLine("tg:1", "now", "Hello")),
        # Only the first two bars count.
        ("tg:1 | now | a | b || c", OrderLine("tg:1", "now", "a | b || c")),
        # Line breaks: between recipients, and inside the text.
        (
            "tg:1\ntg:2 |\nfri 9:00 |\nDear all,\n\n  Bye",
            OrderLine("tg:1\ntg:2", "fri 9:00", "Dear all,\n\n  Bye"),
        ),
        (
            "tg:1 | Dear all\ntemplate: order en_US | 7",
            OrderLine("tg:1", None, "Dear all\ntemplate: order en_US | 7"),
        ),
        ('tg:1 | <b>&"😀 שלום', OrderLine("tg:1", None, '<b>&"😀 שלום')),
    ],
)
def test_a_line_is_split_at_its_first_two_bars(line: str, parts: OrderLine) -> None:
    assert read_line(line) == parts


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "Separate people and message with “|”."),
        ("telegram:1001 Hello", "Separate people and message with “|”."),
        (" | Hello", "Add people before the first “|”."),
        ("| now | Hello", "Add people before the first “|”."),
        ("telegram:1001 | ", "Add a text after the first “|”."),
        ("telegram:1001 | tomorrow 18:30 |  \n ", "Add a text after the second “|”."),
    ],
)
def test_a_part_that_is_missing_is_named_with_an_example(line: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_line(line)
    (problem,) = refused.value.problems
    assert problem.startswith(sentence)
    assert read_line(problem.partition("for example: ")[2]).text == "Hello"


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("tg:1 | ", OrderLine("tg:1", None, "")),
        ("tg:1 | fri 9:00 |", OrderLine("tg:1", "fri 9:00", "")),
        ("| Hello", OrderLine("", None, "Hello")),
        ("| fri 9:00 | Hello", OrderLine("", "fri 9:00", "Hello")),
    ],
)
def test_a_line_without_text_or_recipients_still_tells_the_rest(line: str, rest: OrderLine) -> None:
    with pytest.raises(Unfinished) as refused:
        read_line(line)
    assert refused.value.line == rest


def test_every_missing_part_is_reported() -> None:
    with pytest.raises(ValidationError) as refused:
        read_line("||")
    assert len(refused.value.problems) == 2


@given(
    who=st.from_regex(r"[^|\s]+", fullmatch=True),
    when=st.text(st.characters(exclude_characters="|{\n")),
    text=st.from_regex(r"\S(.*\S)?", fullmatch=True),
)
def test_whatever_stands_in_the_parts_comes_out_unchanged(who: str, when: str, text: str) -> None:
    assert read_line(f"{who} |{when}| {text}") == OrderLine(who, when.strip() or None, text.strip())
