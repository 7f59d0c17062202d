"""The question which country the numbers without a country code are from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from babel import Locale
from babel.core import get_global

from core.domain.translatable import Country, Sentence, sentence, sentences
from core.files.questions import Choice, Question
from core.parsing import phone_library as phonenumbers
from core.parsing.phone_numbers import PLUS, read_phone
from core.parsing.phone_regions import fitting_regions

KEY: Final = "country"
REMEMBERED: Final = "country-before"
"""The country answered for an earlier file of the same list; a column of countries goes before it."""
LEAVE: Final = "leave"
BY_ROW: Final = "row"
"""Each number is in the country that a column of its row names."""
OTHER: Final = "other"
_SAMPLE: Final = 200
_LANGUAGES: Final = ("en", "de", "fr", "es", "pt", "it", "pl", "tr", "ru", "uk", "nl")
_CALLING_CODE: Final = re.compile(r"(?:\+|00)?([1-9]\d{0,2})")
_ALSO_CALLED: Final = {
    "usa": "US", "u.s": "US", "u.s.a": "US", "uk": "GB", "u.k": "GB", "england": "GB", "scotland": "GB",
    "great britain": "GB", "holland": "NL", "brd": "DE", "сша": "US", "рф": "RU", "uae": "AE", "america": "US",
}  # fmt: skip
_FIRST: Final = 4
_FLAG_OF_A: Final = 0x1F1E6
_MOST: Final = 24


def country_question(
    numbers: Sequence[str], likely: Sequence[str], *, everywhere: bool = False, file: bool = True
) -> Question:
    """Each country with the first number as it would be read there. `likely`: those that come first.

    `everywhere`: all countries, not the usual ones; `file`: numbers can be left out, and countries looked for.
    """
    sample = list(dict.fromkeys(numbers))[:_SAMPLE]
    regions = fitting_regions(sample, likely)
    if everywhere:
        regions = list(
            dict.fromkeys([*regions, *fitting_regions(sample, sorted(phonenumbers.SUPPORTED_REGIONS))])
        )
    shown = regions[: _MOST if everywhere else _FIRST if file else 2 * _FIRST]
    choices = [Choice(region, _label(region, sample)) for region in shown]
    if file and not everywhere:
        choices.append(Choice(OTHER, sentence("Another country")))
    if file:
        choices.append(Choice(LEAVE, sentence("Leave them out")))
    return Question(
        key=KEY,
        text=sentences(
            "{count} number has no country code. Which country is it from?",
            "{count} numbers have no country code. Which country are they from?",
            len(numbers),
        ),
        samples=tuple(sample[:3]),
        choices=tuple(choices),
    )


def read_with(region: str) -> Sentence:
    """The note on numbers that were read with the answered country."""
    if region == PLUS:
        return sentence("A plus is added in front of numbers without one.")
    code = str(phonenumbers.country_code_for_region(region))
    return sentence("Numbers without a country code get +{code}.", code=code)


def _label(region: str, sample: Sequence[str]) -> Sentence:
    """For example "Germany +49: +49 1512 0005003"."""
    read = next((shown for number in sample if (shown := as_read(number, region))), "")
    if region == PLUS:
        return sentence("They already have the code: {sample}", sample=read)
    code = str(phonenumbers.country_code_for_region(region))
    return sentence("{country} +{code}: {sample}", country=Country(region), code=code, sample=read)


@cache
def _regions_by_name() -> Mapping[str, str]:
    """Countries by their names in the languages that lists are written in, and by three letters."""
    found: dict[str, str] = {}
    for code, regions in get_global("territory_aliases").items():
        if len(code) == len("DEU") and code.isalpha() and len(regions) == 1:
            found[code.casefold()] = regions[0]
    for language in _LANGUAGES:
        for region, name in Locale(language).territories.items():
            if region in phonenumbers.SUPPORTED_REGIONS:
                found.setdefault(name.casefold(), region)
    return found


def _letter_of_flag(character: str) -> str:
    """ "D" for the first half of the picture of the German flag."""
    return (
        chr(ord(character) - _FLAG_OF_A + ord("A"))
        if "\U0001f1e6" <= character <= "\U0001f1ff"
        else character
    )


@cache
def region_named(text: str) -> str:
    """The country that a cell names: "DE", "Germany", "Deutschland", "DEU", "+49"; empty for anything else."""
    word = "".join(map(_letter_of_flag, text)).strip(" '\"=().")
    if code := _CALLING_CODE.fullmatch(word):
        region = phonenumbers.region_code_for_country_code(int(code[1]))
        return region if region in phonenumbers.SUPPORTED_REGIONS else ""
    if word.upper() in phonenumbers.SUPPORTED_REGIONS:
        return word.upper()
    region = _ALSO_CALLED.get(word.casefold()) or _regions_by_name().get(word.casefold(), "")
    return region if region in phonenumbers.SUPPORTED_REGIONS else ""


def as_read(number: str, region: str) -> str:
    """A number as people write it, read in a country; empty if it is not valid there."""
    try:
        parsed = phonenumbers.parse(read_phone(number, region))
    except (ValueError, phonenumbers.NumberParseException):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
