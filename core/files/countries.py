"""The question which country the numbers without a country code are from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import phonenumbers

from core.domain.translatable import Country, Sentence, sentence, sentences
from core.files.questions import Choice, Question
from core.parsing.phone_numbers import PLUS, fitting_regions, read_phone

KEY: Final = "country"
LEAVE: Final = "leave"
OTHER: Final = "other"
_SAMPLE: Final = 200
_FIRST: Final = 4
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
    """What is said of numbers that were read with an answer."""
    if region == PLUS:
        return sentence("A plus is added in front of numbers without one.")
    code = str(phonenumbers.country_code_for_region(region))
    return sentence("Numbers without a country code are read with +{code}.", code=code)


def _label(region: str, sample: Sequence[str]) -> Sentence:
    """For example "Germany +49: +49 1512 0005003"."""
    read = next((shown for number in sample if (shown := _shown(number, region))), "")
    if region == PLUS:
        return sentence("The code is there: {sample}", sample=read)
    code = str(phonenumbers.country_code_for_region(region))
    return sentence("{country} +{code}: {sample}", country=Country(region), code=code, sample=read)


def _shown(number: str, region: str) -> str:
    try:
        parsed = phonenumbers.parse(read_phone(number, region))
    except (ValueError, phonenumbers.NumberParseException):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
