"""Time zones as people name them: "Europe/Berlin", "Berlin", "нью-йорк", "Kazan", "Japan", "UTC+3"."""
# ruff: noqa: RUF001 - names of cities in Cyrillic

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global

from core.domain.errors import ValidationError
from core.domain.translatable import Sentence, sentence

COMMON: Final = (
    "Europe/London",
    "Europe/Berlin",
    "Europe/Moscow",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Singapore",
    "America/New_York",
    "America/Los_Angeles",
)
"""The zones that everyone is offered."""

_LANGUAGES: Final = ("en", "ru")
_NOT_PLACES: Final = ("Etc/", "SystemV/")
_MOST_NEAR: Final = 6
_QUOTED: Final = 60
_OFFSET: Final = re.compile(r"(?:utc|gmt|z)?\s*([+-])\s*(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE)
_UTC: Final = re.compile(r"utc|gmt|z|0|utc\s*[+-]\s*0", re.IGNORECASE)

# Large cities after which no zone is named, as they are written and as they are said.
_CITIES: Final = {
    "Europe/London": "manchester edinburgh birmingham лондон манчестер",
    "Europe/Berlin": "munich münchen hamburg frankfurt cologne köln stuttgart мюнхен гамбург франкфурт кёльн",
    "Europe/Moscow": "saint_petersburg st_petersburg spb msk kazan nizhny_novgorod sochi rostov krasnodar "
    "санкт-петербург петербург питер спб мск казань нижний_новгород сочи ростов ростов-на-дону краснодар",
    "Europe/Samara": "tolyatti izhevsk тольятти ижевск",
    "Asia/Yekaterinburg": "ekaterinburg chelyabinsk ufa perm tyumen екб челябинск уфа пермь тюмень",
    "Asia/Almaty": "astana almaty алматы астана",
    "Asia/Dubai": "abu_dhabi абу-даби",
    "Asia/Kolkata": "delhi new_delhi mumbai bangalore bengaluru chennai дели нью-дели мумбаи бангалор",
    "Asia/Singapore": "",
    "Asia/Shanghai": "beijing shenzhen guangzhou пекин шэньчжэнь гуанчжоу",
    "Asia/Tokyo": "osaka kyoto осака киото",
    "Asia/Ho_Chi_Minh": "hanoi saigon ханой сайгон",
    "Asia/Jerusalem": "haifa хайфа",
    "Europe/Istanbul": "ankara antalya анкара анталья",
    "Europe/Madrid": "barcelona valencia барселона валенсия",
    "Europe/Rome": "milan milano naples милан неаполь",
    "Europe/Paris": "lyon marseille лион марсель",
    "Europe/Zurich": "geneva genf женева",
    "Europe/Warsaw": "krakow gdansk wroclaw краков гданьск вроцлав",
    "Europe/Kyiv": "kiev odesa odessa lviv kharkiv одесса львов харьков",
    "America/New_York": "nyc boston washington miami philadelphia atlanta бостон вашингтон майами филадельфия",
    "America/Chicago": "houston dallas austin san_antonio хьюстон даллас остин",
    "America/Denver": "salt_lake_city",
    "America/Los_Angeles": "la san_francisco seattle san_diego las_vegas portland сан-франциско сиэтл лас-вегас",
    "America/Toronto": "ottawa оттава",
    "America/Sao_Paulo": "rio rio_de_janeiro brasilia рио рио-де-жанейро бразилиа",
    "Africa/Johannesburg": "cape_town durban кейптаун",
    "Australia/Sydney": "",
}


class UnknownZone(ValidationError):
    """Words that name no zone, or several. `near`: those that may have been meant, IANA."""

    def __init__(self, problem: Sentence, near: Sequence[str]) -> None:
        super().__init__([problem])
        self.near = tuple(near)


def is_zone(name: str) -> bool:
    """True for a zone that can be chosen."""
    # Those that are offered need not wait for the list, which is read from many files.
    return name in COMMON or name in _names()


@cache
def is_american(zone: str) -> bool:
    """True for the time zones of the United States."""
    return _known(zone) in {_known(one) for one in get_global("territory_zones").get("US", ())}


def read_zone(words: str) -> str:
    """The IANA name of the zone that is meant. Raises UnknownZone."""
    plain = _plain(words)
    if _UTC.fullmatch(words.strip()):
        return "UTC"
    if (exact := {_plain(name): name for name in _names()}.get(plain)) is not None:
        return exact
    if (city := _cities().get(plain)) is not None:
        return city
    country = _countries().get(plain, ())
    if len(country) == 1:
        return country[0]
    if country:
        several = sentence("“{words}” has several time zones. Name a city there.", words=words[:_QUOTED])
        raise UnknownZone(several, country[:_MOST_NEAR])
    raise UnknownZone(
        sentence(
            "I don't know the time zone “{words}”. Type a city, or a zone like Europe/Berlin.",
            words=words[:_QUOTED],
        ),
        _at_offset(words) or _near(plain),
    )


def zone_names(name: str) -> Iterator[str]:
    """The name and those that it had before or got later, as tables of places may know only one of them."""
    yield name
    aliases = get_global("zone_aliases")
    now = aliases.get(name, name)
    yield now
    yield from sorted(old for old, new in aliases.items() if new == now)


def _near(plain: str) -> list[str]:
    cities = _cities()
    begins = [name for name in cities if len(plain) > 1 and name.startswith(plain)]
    alike = get_close_matches(plain, cities, n=_MOST_NEAR, cutoff=0.7)
    return _each_once(cities[name] for name in (*alike, *begins))


def _at_offset(words: str) -> list[str]:
    """Well-known places whose clocks show that offset today."""
    match = _OFFSET.fullmatch(words.strip())
    if match is None:
        return []
    away = timedelta(hours=int(match[2]), minutes=int(match[3] or 0)) * (-1 if match[1] == "-" else 1)
    now = datetime.now(UTC)
    return _each_once(
        name for name in (*COMMON, *_CITIES) if now.astimezone(ZoneInfo(name)).utcoffset() == away
    )


def _each_once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))[:_MOST_NEAR]


def _plain(words: str) -> str:
    """Keep letters and digits, so that "São Paulo", "sao-paulo" and "Sao_Paulo" are equal."""
    apart = unicodedata.normalize("NFKD", words.casefold())
    return "".join(letter for letter in apart if letter.isalnum())


@cache
def _names() -> frozenset[str]:
    found = (name for name in available_timezones() if "/" in name and not name.startswith(_NOT_PLACES))
    return frozenset((*found, "UTC"))


@cache
def _cities() -> dict[str, str]:
    """Plain names of cities in every language we read, and their zones."""
    found = {_plain(city): zone for zone, cities in _CITIES.items() for city in cities.split()}
    for language in _LANGUAGES:
        for zone, data in Locale(language).time_zones.items():
            if "city" in data and (known := _known(zone)):
                found.setdefault(_plain(data["city"]), known)
    for name in sorted(_names()):
        found.setdefault(_plain(name.rpartition("/")[2]), name)
    return found


@cache
def _countries() -> dict[str, tuple[str, ...]]:
    zones = get_global("territory_zones")
    found: dict[str, tuple[str, ...]] = {}
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            there = {known for zone in zones.get(code, ()) if (known := _known(zone))}
            if there:
                # Well-known places come first.
                found.setdefault(
                    _plain(name), tuple(sorted(there, key=lambda zone: (zone not in _CITIES, zone)))
                )
    return found


def _known(zone: str) -> str:
    """Under the name that it has today; empty for what this machine has no clock for."""
    today = get_global("zone_aliases").get(zone, zone)
    return next((name for name in (today, zone) if name in _names()), "")
