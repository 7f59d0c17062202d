"""Variables in a content, filled for each recipient."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.content.content import Button, Content, Media, Parameter, Template
from core.domain.content.formatting import Entity, Style, utf16_length
from core.domain.content.variables import (
    MissingVariable,
    as_words,
    filled,
    has_gaps,
    needed,
    placeholders,
    with_default,
)
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.services.content_check import as_written, problems, trim_variables

TELEGRAM = Messenger.TELEGRAM


def bold(offset: int, length: int) -> Entity:
    return Entity(style=Style.BOLD, offset=offset, length=length)


def person(number: int, **variables: str) -> Recipient:
    return Recipient(messenger=TELEGRAM, address=str(number), variables=variables)


@pytest.mark.parametrize(
    ("text", "filled_text", "names"),
    [
        ("Hello {name}", "Hello Ann", ("name",)),
        ("{name}{name}", "AnnAnn", ("name",)),
        ("Привет, {имя}!", "Привет, Аня!", ("имя",)),
        ("{{name}}", "{name}", ()),
        ("{{name}", "{name}", ()),
        ("{{ and {name}", "{ and Ann", ("name",)),
        ('{"a": {"b": 1}}', '{"a": {"b": 1}}', ()),
        ("{not a name}", "{not a name}", ()),
        ("{} {1} { name }", "{} {1} { name }", ()),
    ],
)
def test_a_name_in_braces_is_a_gap_and_two_braces_are_one(
    text: str, filled_text: str, names: tuple[str, ...]
) -> None:
    content = Content(text=text)
    assert placeholders(content) == names
    assert filled(content, {"name": "Ann", "имя": "Аня"}).text == filled_text
    assert has_gaps(content) is (text != filled_text)


def test_every_part_of_a_content_has_gaps_and_addresses_are_safe() -> None:
    content = Content(
        text="{a}",
        entities=(Entity(style=Style.LINK, offset=0, length=3, url="https://x.de/{b}"),),
        media=(Media(kind=MediaKind.PHOTO, link="{c}"),),
        buttons=((Button("{d}", "https://x.de/?q={e}"),),),
        template=Template(name="t", language="en", parameters=(Parameter("{f}"),)),
    )
    values = {name: f"{name}&/" for name in "abdef"} | {"c": "https://x.de/a.jpg"}
    assert placeholders(content) == ("a", "b", "c", "d", "e", "f")
    got = filled(content, values)
    assert got.text == "a&/"
    assert got.entities == (Entity(style=Style.LINK, offset=0, length=3, url="https://x.de/b%26%2F"),)
    assert got.media[0].link == "https://x.de/a.jpg"
    assert got.buttons == ((Button("d&/", "https://x.de/?q=e%26%2F"),),)
    assert got.template == Template(name="t", language="en", parameters=(Parameter("f&/"),))


def test_a_missing_value_is_named() -> None:
    with pytest.raises(MissingVariable, match="city"):
        filled(Content(text="{name} in {city}"), {"name": "Ann"})


def test_braces_of_a_verbatim_content_are_nothing_but_braces() -> None:
    content = Content(text="{name} {{x}}", verbatim=True)
    assert (placeholders(content), has_gaps(content), filled(content, {})) == ((), False, content)


@pytest.mark.parametrize(
    ("entity", "moved"),
    [
        (bold(0, 2), bold(0, 2)),
        (bold(3, 6), bold(3, 2)),
        (bold(0, 12), bold(0, 8)),
        (bold(10, 2), bold(6, 2)),
        (bold(4, 2), bold(3, 2)),
        (bold(8, 4), bold(3, 5)),
    ],
)
def test_formatting_around_beside_and_within_a_gap_goes_with_it(entity: Entity, moved: Entity) -> None:
    """Over "😀 {name} 😀", whose gap is filled with one emoji of two units."""
    got = filled(Content(text="😀 {name} 😀", entities=(entity,)), {"name": "🎉"})
    assert (got.text, got.entities) == ("😀 🎉 😀", (moved,))


def test_formatting_of_an_empty_value_is_gone() -> None:
    assert filled(Content(text="a{x}", entities=(bold(1, 3),)), {"x": ""}).entities == ()


pieces = st.lists(
    st.tuples(st.sampled_from(["text", "gap"]), st.text(alphabet="a😀é ", max_size=4), st.booleans()),
    max_size=8,
)


@given(pieces)
def test_formatted_pieces_keep_their_text_whatever_fills_the_gaps(
    parts: list[tuple[str, str, bool]],
) -> None:
    """A text put together of pieces, some of them gaps, some bold: filled, the same pieces are bold."""
    text, whole = "", ""
    entities, wanted = [], []
    values: dict[str, str] = {}
    for number, (kind, words, is_bold) in enumerate(parts):
        written = f"{{v{number}}}" if kind == "gap" else words
        values |= {f"v{number}": words} if kind == "gap" else {}
        if is_bold and words:
            entities.append(bold(utf16_length(text), utf16_length(written)))
            wanted.append(bold(utf16_length(whole), utf16_length(words)))
        text, whole = text + written, whole + words
    got = filled(Content(text=text, entities=tuple(entities)), values)
    assert (got.text, got.entities) == (whole, tuple(wanted))


def test_the_people_without_a_value_are_named() -> None:
    people = [person(1001, name="Ann"), *(person(number) for number in range(1002, 1010))]
    assert problems(Content(text="Hello {name}"), people, [TELEGRAM]) == [
        "No value for name: telegram:1002, telegram:1003, telegram:1004, telegram:1005, telegram:1006 and 3 more. "
        "To send braces as they are, write {{name}}."
    ]


def test_limits_hold_for_the_longest_and_the_shortest_of_the_filled_texts() -> None:
    content = Content(text="{name}")
    fits = [person(1, name="x" * 4096), person(2, name="y")]
    assert problems(content, fits, [TELEGRAM]) == []
    (long,) = problems(content, [*fits, person(3, name="😀" * 2049)], [TELEGRAM])
    assert long.startswith("The text has 4,098 characters, but Telegram allows 4,096.")
    (empty,) = problems(content, [*fits, person(3, name=" ")], [TELEGRAM])
    assert empty.startswith("The text is empty.")


def test_without_any_gap_nobody_needs_a_value() -> None:
    assert problems(Content(text="{{name}}"), [person(1)], [TELEGRAM]) == []


@pytest.mark.parametrize(
    ("most", "kept"),
    [
        (100, {"name": "Ann", "city": "Rome", "class": "3B"}),
        (20, {"name": "Ann", "city": "Rome"}),
        (10, {"city": "Rome"}),
    ],
)
def test_all_values_are_kept_for_the_results_unless_the_list_is_too_long(
    most: int, kept: dict[str, str]
) -> None:
    people = [person(1, **{"name": "Ann", "city": "Rome", "class": "3B"}), person(2)]
    found = trim_variables(people, Content(text="in {city}"), most)
    assert [dict(one.variables) for one in found] == [kept, {}]


@pytest.mark.parametrize(
    ("text", "verbatim"),
    [("Hello {name}", False), ("Hello {x}", True), ("{{", True), ("{name} {x}", False), ("Hello", False)],
)
def test_braces_are_gaps_where_somebody_has_a_value_for_one(text: str, verbatim: bool) -> None:
    assert as_written(Content(text=text), [person(1), person(2, name="Ann")]) == Content(
        text=text, verbatim=verbatim
    )


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("Hi {name|friend}", {}, "Hi friend"),
        ("Hi {name|friend}", {"name": "Ann"}, "Hi Ann"),
        ("Hi{name|}!", {}, "Hi!"),
        ("Hi {name| dear friend }", {}, "Hi dear friend"),
        ("{{name|friend}} and {name|x}", {}, "{name|friend} and x"),
        ("a | b {c|d} | e", {}, "a | b d | e"),
    ],
)
def test_a_gap_may_have_a_default(text: str, values: dict[str, str], expected: str) -> None:
    content = Content(text=text)
    assert needed(content) == ()
    assert filled(content, values).text == expected


def test_a_default_is_put_into_the_gaps_without_one() -> None:
    content = with_default(Content(text="{fee} {{fee}} {fee|1} {name}"), "fee", "0")
    assert content.text == "{fee|0} {{fee}} {fee|1} {name}"
    assert needed(content) == ("name",)


def test_a_gap_becomes_words() -> None:
    content = as_words(Content(text="{fee} {{fee}} {name}"), "fee")
    assert filled(content, {"name": "Ann"}).text == "{fee} {fee} Ann"
