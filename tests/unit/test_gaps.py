"""Gaps as people write them, and values that stand out."""

from __future__ import annotations

import pytest

from core.domain.content.content import Content, Parameter, Template
from core.domain.content.formatting import Entity, Style
from core.domain.content.variables import filled
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.services.gaps import (
    gap_warnings,
    offered_gaps,
    with_chosen_defaults,
    with_known_gaps,
    with_offered_gaps,
)
from core.services.odd_values import odd_values

COLUMNS = ("name", "first_name", "имя")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Hi {Name}", "Hi {name}"),
        ("Hi {First Name}, {NAME}", "Hi {first_name}, {name}"),
        ("Привет, {Имя}", "Привет, {имя}"),
        ("Hi {firstname}", "Hi {first_name}"),
        ("Hi {{Name}}", "Hi {{Name}}"),
        ("Hi {city}", "Hi {city}"),
    ],
)
def test_a_gap_in_other_letters_is_the_columns(text: str, meant: str) -> None:
    assert with_known_gaps(Content(text=text), COLUMNS).text == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Привет, {Имя}!", "Привет, {name}!"),
        ("Hallo {Vorname|du}", "Hallo {name|du}"),
        ("Hi {first_name}", "Hi {name}"),
        ("Здравствуйте, {Фамилия}", "Здравствуйте, {Фамилия}"),
    ],
)
@pytest.mark.parametrize("columns", [("name", "class"), ()])
def test_another_languages_word_for_a_name_is_the_name(
    text: str, meant: str, columns: tuple[str, ...]
) -> None:
    assert with_known_gaps(Content(text=text), columns).text == meant


@pytest.mark.parametrize("written", ["Vorname", "FIRSTNAME", " first_name ", "Имя", "prénom"])
def test_a_word_for_a_first_name_is_the_column_of_first_names_and_not_the_name(written: str) -> None:
    columns = ("name", "first_name", "last_name")
    assert with_known_gaps(Content(text=f"Hi {{{written}}}"), columns).text == "Hi {first_name}"


def test_no_gap_changes_before_the_columns_are_known() -> None:
    for text in ("Hi {FIRSTNAME}", "Hi { first_name }", "Hallo {Vorname}"):
        assert with_chosen_defaults(Content(text=text), {}).text == text
    assert (
        with_chosen_defaults(Content(text="Hi {First Name}"), {"first_name": "you"}).text
        == "Hi {first_name|you}"
    )


def test_formats_stay_on_their_words() -> None:
    bold = Entity(style=Style.BOLD, offset=16, length=3)
    content = with_known_gaps(Content(text="Hi {First Name}, now!", entities=(bold,)), ("first_name",))
    assert content.text == "Hi {first_name}, now!"
    assert content.text[content.entities[0].offset :][:3] == content.text[16:19]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Hi [name], {{First Name}}", "Hi {name}, {first_name}"),
        ("Hi <Имя>, %name% ${name} «Name»", "Hi {имя}, {name} {name} {name}"),
        ("Hi [see below] <3 [name](https://example.org) 5 % name", None),
    ],
)
def test_gaps_of_other_programs_are_offered_and_filled_only_when_wanted(text: str, meant: str | None) -> None:
    content = Content(text=text)
    assert bool(offered_gaps(content, COLUMNS)) is (meant is not None)
    assert with_offered_gaps(content, COLUMNS).text == (meant or text)
    assert with_known_gaps(content, COLUMNS).text == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hi {First Name}", ["“{First Name}”"]),
        ("Hi {{name}} and [name]", ["“{{name}}”", "“[name]”"]),
        (
            "Hi %First Name%, *|FNAME|*, \uff5bname\uff5d",
            ["“%First Name%”", "“*|FNAME|*”", "“\uff5bname\uff5d”"],
        ),
        ("Hi {first name, pay {sum}", ["“{first name, pay”"]),
        ("50 % off, 20% for all :{ and 3 < 4", []),
        ("Dear %vorname%, <Имя>", ["“%vorname%”", "“<Имя>”"]),
        ("Hi {name}, 5 < 6 > 4, [see below], 100%", []),
    ],
)
def test_what_looks_like_a_gap_and_fills_nothing_is_said(text: str, said: list[str]) -> None:
    warnings = gap_warnings(Content(text=text))
    assert len(warnings) == len(said)
    assert all(text in warning for text, warning in zip(said, warnings, strict=True))


def test_a_parameter_of_a_template_is_one_line() -> None:
    """WhatsApp refuses line breaks, tabs and more than four blanks in them."""
    content = Content(
        text="", template=Template(name="visit", language="en", parameters=(Parameter("{note}"),))
    )
    notes = ("line 1\nline 2", "a\tb", "a     b", "fine")
    texts = [filled(content, {"note": note}).template for note in notes]
    assert [one.parameters[0].text for one in texts if one] == ["line 1 line 2", "a b", "a    b", "fine"]


def people(*names: str) -> list[Recipient]:
    return [
        Recipient(messenger=Messenger.TELEGRAM, address=str(number), variables={"name": name})
        for number, name in enumerate(names, start=1001)
    ]


def test_values_unlike_the_others_are_found_with_how_many_there_are() -> None:
    crowd = people(*["Anna", "Boris", "Carla"] * 10, "Dora 2", "Emil 3", "Fred\nGold", "Ольга")
    found = [(one.recipient.address, one.name, one.more) for one in odd_values(crowd, ["name"])]
    assert found == [("1033", "name", 0), ("1031", "name", 1), ("1034", "name", 0)]


def test_nobody_stands_out_where_all_are_alike() -> None:
    assert odd_values(people("12", "15", "17"), ["name"]) == []
    assert odd_values(people("Анна", "Ольга", "Пётр"), ["name"]) == []
