"""Phone numbers as people write them, read into the one form that messengers take: E.164 with plus."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from core.domain.translatable import Sentence, sentence
from core.parsing import phone_library as phonenumbers
from core.parsing.numbering_plans import is_landline, is_plain, is_valid, is_valid_as_dialled, renumbered
from core.parsing.phone_text import (
    DATE,
    FEWEST_DIGITS,
    PUNCTUATION,
    bare,
    flag_region,
    has_extension,
    several,
)

PLUS: Final = "+"
"""A region for numbers that begin with their country code and lack only the plus."""
_DIALLED = re.compile(r"\+\d+")
_DIGITS = re.compile(r"\d+")
_PLUSES = re.compile(r"^(?:\+00(?!0)|[+0]{1,2}\+)")
"""+0049, ++49, 00+49."""
_DECIMALS = re.compile(
    r"(\+?\d{6,17})[.,]0+"
    r"|(\+?\d[\d\s()\-]*\d{5})[.,]0{1,2}"  # +49 151 20000001.0
    r"|(\d{1,3}([\s.,'\u2019])\d{3}(?:\4\d{3}){2,3})(?:(?!\4)[.,]0{1,2})?"  # 4,915,120,000,001.00
)
_SCIENTIFIC = re.compile(r"\+?\d([.,]\d+)?[eE]\+?\d{1,3}")
_LETTER_FOR_DIGIT = re.compile(r"\+?[\dOoОоlI|\s().\-/]{7,}")  # noqa: RUF001 - Cyrillic O
_WITH_COMMAS = re.compile(r"\+\d{1,3}(?:[\s,]+\d{2,4})*,\s?\d{5,}")
"""+49,151,20000001"""
_LETTERS = str.maketrans("Oo\u041e\u043elI", "000011")
_MOST_DIGITS: Final = 17
"""Of a likely phone number."""
_WITH_CODE = 10
"""Digits from which on a number may have its country code, and no plus."""
_UNCLEAR = sentence("this number could be from any country. Start it with a plus and the country code")
_TOO_SHORT = sentence("the phone number is too short")
_TOO_LONG = sentence("the phone number is too long")
_NOT_A_NUMBER = sentence("this isn't a phone number")
_NO_SUCH_COUNTRY = sentence("this number doesn't start with a known country code")
_NO_AREA_CODE = sentence("the phone number has no area code")
_WRONG_LENGTH = sentence("numbers in that country don't have this many digits")
_RETIRED_PREFIXES: Final = {"MX": re.compile(r"^(?:01|044|045)(?=\d{10}$)")}
"""Prefixes that were dialled before national numbers until a few years ago."""


_DIALS_8: Final = frozenset({"RU", "KZ", "BY", "UZ", "TM", "LT"})
"""Countries where calls to another area begin with 8."""


class NoCountryCode(ValueError):
    """A number that may be complete but for its country code. `digits`: what was written."""

    def __init__(self, digits: str) -> None:
        super().__init__(sentence("the phone number has no country code. Start it with a plus and the code"))
        self.digits = digits


class TwoNumbers(ValueError):
    """More than one number where one is expected."""

    def __init__(self, numbers: tuple[str, ...]) -> None:
        super().__init__(sentence("there are two phone numbers in one place. Keep one of them"))
        self.numbers = numbers


def read_phone(text: str, region: str = "") -> str:
    """The number in E.164 with plus, for example "+12025550123".

    `region`: the country that numbers without a country code are in ("DE"), or PLUS; empty: not known. A flag beside
    the number goes first.
    With a code, only the code and the count of digits are judged: lists of the ranges in use are always behind, and
    a number that does not exist is for the messenger to refuse. Without one, the number has to be valid in the region.
    Raises ValueError with what is wrong; NoCountryCode, TwoNumbers.
    """
    if is_plain(text):
        return text
    if (flag := flag_region(text)) in phonenumbers.SUPPORTED_REGIONS:
        region = flag
    plain = _without_decimals(bare(text))
    digits = _digits_of(plain)
    if national := _behind_a_wrong_plus(plain, digits):
        return _in_region(national, region)
    if is_plain(digits) and (len(plain) < 12 or not several(plain)):
        return digits
    if _WITH_COMMAS.fullmatch(plain) and is_valid(whole := digits.replace(",", "")):
        return renumbered(_parsed(whole))
    if twice := _given_twice(plain):
        return read_phone(twice, region)
    if _DIALLED.fullmatch(digits):
        return renumbered(_parsed(digits))
    if not (_DIGITS.fullmatch(digits) and FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS):
        raise ValueError(_NOT_A_NUMBER)
    if international := _from_abroad(digits):
        return renumbered(_parsed(international))
    return _in_region(digits, region)


def with_digits_for_letters(text: str) -> str:
    """The number in "+49 151 2OOO00l1" as it may have been meant; empty where that is no number."""
    if not text.startswith("+") or not _LETTER_FOR_DIGIT.fullmatch(text) or not any(map(str.isalpha, text)):
        return ""
    digits = PUNCTUATION.sub("", text.translate(_LETTERS))
    return digits if is_valid(digits) else ""


def _behind_a_wrong_plus(plain: str, digits: str) -> str:
    """The number in "+0151 2345678" and "+8 (916) 123-45-67", which no country code follows; else empty."""
    if digits.startswith("+0") and is_valid(f"+{digits[2:]}"):
        raise ValueError(_UNCLEAR)
    if digits.startswith("+0"):
        return digits[1:]
    russian = len(digits) == len("+89161234567") and digits.startswith("+8")
    return digits[1:] if russian and (plain[2] in " (-" or not is_valid(digits)) else ""


def _without_decimals(plain: str) -> str:
    """The number as it was before a spreadsheet showed it as 4915120000001.00 or 4'915'120'000'001."""
    found = _DECIMALS.fullmatch(plain)
    if found is None:
        return plain
    return found[1] or found[2] or found[3].replace(found[4], "")


def _digits_of(plain: str) -> str:
    digits = _PLUSES.sub("+", PUNCTUATION.sub("", plain))
    if "(0)" in plain and not is_valid_as_dialled(digits):
        # Not all countries have a 0 to leave out, and it is written everywhere.
        without = PUNCTUATION.sub("", plain.replace("(0)", "", 1))
        return without if is_valid_as_dialled(without) else digits
    return digits


def _given_twice(text: str) -> str:
    """The number in "+49 151 2345678 / +491512345678"; empty for a single one. Raises as _refuse_oddities()."""
    try:
        _refuse_oddities(text)
    except TwoNumbers as error:
        if len({PUNCTUATION.sub("", one) for one in error.numbers}) > 1:
            raise
        return error.numbers[0]
    return ""


def _refuse_oddities(text: str) -> None:
    if DATE.fullmatch(text):
        raise ValueError(sentence("this is a date"))
    if _SCIENTIFIC.fullmatch(text):
        raise ValueError(
            sentence(
                "the spreadsheet has cut this number. Format the column as text, and enter the number again"
            )
        )
    if has_extension(text) and sum(map(str.isdecimal, text)) >= FEWEST_DIGITS:
        raise ValueError(sentence("this number has an extension, and messengers can't reach those"))
    if numbers := several(text):
        raise TwoNumbers(numbers)
    if _LETTER_FOR_DIGIT.fullmatch(text) and any(map(str.isalpha, text)) and any(map(str.isdecimal, text)):
        raise ValueError(sentence("the phone number has a letter, O or l, in place of a digit"))


def _from_abroad(digits: str) -> str:
    """With a plus, where the number begins as calls abroad do; else empty."""
    if digits.startswith("00") and not digits.startswith("000"):
        return f"+{digits[2:]}"
    # As dialled in North America. In a dozen countries 011 is an area code too, of much shorter numbers.
    if digits.startswith("011") and len(digits) >= 14 and is_valid(f"+{digits[3:]}"):
        return f"+{digits[3:]}"
    return ""


def _in_region(digits: str, region: str) -> str:
    if not region:
        raise NoCountryCode(digits)
    if region == PLUS:
        if digits.startswith("0"):
            raise NoCountryCode(digits)
        return renumbered(_parsed(f"+{digits}"))
    if before := _RETIRED_PREFIXES.get(region):
        digits = before.sub("", digits)
    code = phonenumbers.country_code_for_region(region)
    if digits.startswith(str(code)) and is_valid(f"+{digits}"):
        return renumbered(_parsed(f"+{digits}"))  # its own code is there: never read as an area code
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        raise ValueError(_no_number_of(region)) from None
    read = renumbered(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    if not is_valid(read):
        raise ValueError(_no_number_of(region))
    with_plus = f"+{digits}"
    if digits.startswith("8") and region in _DIALS_8:
        return read
    if len(digits) >= _WITH_CODE and is_landline(read) and is_valid(with_plus) and not is_landline(with_plus):
        raise ValueError(_UNCLEAR)  # 79161234567 in a German list: Moscow, or a landline without its 0
    return read


def _no_number_of(region: str) -> Sentence:
    return sentence(
        "phone numbers with +{code} don't look like this",
        code=str(phonenumbers.country_code_for_region(region)),
    )


def _parsed(digits: str) -> str:
    earlier = renumbered(digits)
    try:
        number = phonenumbers.parse(earlier)
    except phonenumbers.NumberParseException as error:
        raise ValueError(_unreadable().get(error.error_type, _NOT_A_NUMBER)) from None
    verdict = phonenumbers.is_possible_number_with_reason(number)
    if verdict != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise ValueError(_impossible().get(verdict, _NOT_A_NUMBER))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@cache
def _unreadable() -> dict[int, Sentence]:
    error = phonenumbers.NumberParseException
    return {
        error.INVALID_COUNTRY_CODE: _NO_SUCH_COUNTRY,
        error.TOO_SHORT_AFTER_IDD: _TOO_SHORT,
        error.TOO_SHORT_NSN: _TOO_SHORT,
        error.TOO_LONG: _TOO_LONG,
    }


@cache
def _impossible() -> dict[int, Sentence]:
    verdict = phonenumbers.ValidationResult
    return {
        verdict.INVALID_COUNTRY_CODE: _NO_SUCH_COUNTRY,
        verdict.TOO_SHORT: _TOO_SHORT,
        verdict.TOO_LONG: _TOO_LONG,
        verdict.IS_POSSIBLE_LOCAL_ONLY: _NO_AREA_CODE,
        verdict.INVALID_LENGTH: _WRONG_LENGTH,
    }
