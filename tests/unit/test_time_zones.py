"""Time zones: typed names, and callback data."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dispatcher import BUTTONS
from bot.handlers.commands import COMMANDS
from bot.text import formatting
from bot.text.reader import as_reader, clock
from bot.text.translation import in_language
from bot.ui.callback_data import (
    CALENDAR,
    DEFAULT,
    HELP,
    OFFER,
    PLANNED,
    REPEAT,
    ChooseZone,
    StaleScreen,
    parse,
)
from core.domain.team import Reader, Role
from core.parsing.time_zones import COMMON, UnknownZone, is_zone, read_zone
from core.settings import load_settings

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        (" Berlin ", "Europe/Berlin"),
        ("Munich", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("нью-йорк", "America/New_York"),
        ("Санкт-Петербург", "Europe/Moscow"),
        ("мск", "Europe/Moscow"),
        ("Алматы", "Asia/Almaty"),
        ("Киев", "Europe/Kyiv"),
        ("São Paulo", "America/Sao_Paulo"),
        ("Sao_Paulo", "America/Sao_Paulo"),
        ("Mumbai", "Asia/Kolkata"),
        ("Japan", "Asia/Tokyo"),
        ("Япония", "Asia/Tokyo"),
        ("UTC", "UTC"),
        ("GMT", "UTC"),
    ],
)
def test_a_zone_is_known_by_its_name_its_cities_and_its_country(typed: str, zone: str) -> None:
    assert read_zone(typed) == zone


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("Berln", "Europe/Berlin"),
        ("Моква", "Europe/Moscow"),
        ("Germany", "Europe/Berlin"),
        ("Россия", "Europe/Moscow"),
        ("UTC+9", "Asia/Tokyo"),
        ("-3", "America/Sao_Paulo"),
    ],
)
def test_what_could_be_several_or_is_misspelt_is_asked_about(typed: str, near: str) -> None:
    with pytest.raises(UnknownZone, match=r"time zone") as refusal:
        read_zone(typed)
    assert near in refusal.value.near


@given(words=st.text(max_size=80))
def test_any_words_are_a_zone_of_the_world_or_a_sentence_with_zones_of_the_world(words: str) -> None:
    try:
        found: tuple[str, ...] = (read_zone(words),)
    except UnknownZone as refusal:
        found = refusal.near
    assert len(found) <= 6
    assert all(map(is_zone, found))


def test_every_zone_can_be_carried_by_a_button_and_is_read_back() -> None:
    names = [name for name in available_timezones() if is_zone(name)]
    assert len(names) > 400
    for name in (*names, OFFER, DEFAULT):
        for place in (CALENDAR, REPEAT, PLANNED):
            tap = ChooseZone(place, "ABCDEFGHIJKL", name)
            assert len(tap.encode().encode()) <= 64
            assert parse(tap.encode()) == tap


@pytest.mark.parametrize(
    "data",
    [
        "z:h:-:Europe/Nowhere", "z:h:-:../../etc/passwd", "z:h:-:Factory", "z:h:-:localtime", "z:h:-:Etc/GMT+5",
        "z:h:A7KQ:Europe/Berlin", "z:d:-:Europe/Berlin", "z:x:-:Europe/Berlin", "z:d:a7kq:Europe/Berlin",
        "z:h:-:europe/berlin", "z:h:-", "z:h:-:Europe/Berlin:", "z:h:-:posix/Europe/Berlin",
    ],
)  # fmt: skip
def test_a_forged_zone_is_an_old_screen(data: str) -> None:
    with pytest.raises(StaleScreen):
        parse(data)


def test_everybody_may_change_their_own_zone_but_only_who_writes_orders_from_a_calendar() -> None:
    assert BUTTONS.role_for(ChooseZone(HELP)) is Role.VIEWER
    assert next(one.role for one in COMMANDS if one.name == "zone") is Role.VIEWER
    assert {BUTTONS.role_for(ChooseZone(place, "A7KQ")) for place in (CALENDAR, REPEAT, PLANNED)} == {
        Role.EDITOR
    }


def test_the_present_is_by_the_clock_of_who_reads_and_by_the_settings_for_everybody_else() -> None:
    settings = load_settings({"TZ": "Europe/Berlin"}, env_file=None)
    assert clock(NOON, settings).zone == ZoneInfo("Europe/Berlin")
    with as_reader(Reader(zone="Asia/Tokyo")):
        assert clock(NOON, settings).zone == ZoneInfo("Asia/Tokyo")
        with as_reader(Reader(language="ru")):
            assert clock(NOON, settings).zone == ZoneInfo("Europe/Berlin")
        assert clock(NOON, settings).zone == ZoneInfo("Asia/Tokyo")
    with as_reader(Reader(zone="Atlantis/Deep")):
        assert clock(NOON, settings).zone == ZoneInfo("Europe/Berlin")


def test_zones_are_named_by_their_city_in_the_language_of_the_reader() -> None:
    assert [formatting.city(ZoneInfo(name)) for name in COMMON[4:]] == [
        "Kolkata",
        "Singapore",
        "New York",
        "Los Angeles",
    ]
    with in_language("ru"):
        assert formatting.city(ZoneInfo("Europe/Kyiv")) == "Киев"
        assert formatting.city(ZoneInfo("Asia/Kolkata")) == "Калькутта"
        assert (
            formatting.moment_in_city(datetime(2026, 11, 23, 13, 20, tzinfo=UTC), ZoneInfo("UTC"))
            == "23 нояб. 13:20 UTC"
        )
