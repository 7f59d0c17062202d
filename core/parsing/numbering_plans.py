"""Numbering plans of countries: lengths, prefixes, landlines and mobiles of numbers in E.164 with plus."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

from core.parsing import phone_library as phonenumbers

_START = re.compile(r"\+[1-9][0-9]{2}")
_MOST_STARTS: Final = 4_096
_LONGEST_CODE: Final = 3
# Renumbered countries: both forms reach the same account, the second one is dialled today.
_RENUMBERED: Final = (
    (re.compile(r"\+55([1-9]{2})([6-9]\d{7})"), r"+55\g<1>9\g<2>"),
    (re.compile(r"\+521(\d{10})"), r"+52\g<1>"),
    (re.compile(r"\+229([2-9]\d{7})"), r"+22901\g<1>"),
    (re.compile(r"\+225(\d[0-3]\d{6})"), r"+22501\g<1>"),
    (re.compile(r"\+225(\d[4-6]\d{6})"), r"+22505\g<1>"),
    (re.compile(r"\+225(\d[7-9]\d{6})"), r"+22507\g<1>"),
)
_RENUMBERED_CODES: Final = ("+55", "+521", "+229", "+225")
_ARGENTINA: Final = "+54"
_EARLIER_FORMS: Final = (
    (re.compile(r"\+55([1-9]{2})9([6-9]\d{7})"), r"+55\g<1>\g<2>"),
    (re.compile(r"\+52(\d{10})"), r"+521\g<1>"),
    (re.compile(r"\+54(\d{10})"), r"+549\g<1>"),
)
"""Forms that may be on lists read earlier."""
_ARGENTINE_MOBILE: Final = re.compile(r"\+549(\d{10})")
_ARGENTINE_MOBILES_BEGIN: Final = "+549"


def is_plain(text: str) -> bool:
    """True if read_phone() would return the text unchanged.

    Found without read_phone(), which takes 20 times as long: with it, an order to 100,000 phones would wait
    for seconds. True for digits that no rule of their country could change, in a count that is possible there.
    """
    rule = _rule(text[: 1 + _LONGEST_CODE], len(text))
    if rule is None or not text.isascii():
        return False
    national = text[rule[0] :]
    return national.isdecimal() and rule[1].match(national) is None


def is_valid(number: str) -> bool:
    """True if a number in E.164 is in a range that its country has given out."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def is_valid_as_dialled(digits: str) -> bool:
    """As is_valid(), for digits behind 00 or a plus."""
    return is_valid(f"+{digits[2:]}" if digits.startswith("00") else digits)


def is_landline(number: str) -> bool:
    """True if a number in E.164 is a landline and nothing else. Fast: for lists of a hundred thousand."""
    kinds = _kinds(number[: 1 + _LONGEST_CODE])
    if kinds is None or number.startswith(_ARGENTINA):
        return False  # Argentine mobiles are written like landlines, but for a 9 that many leave out
    begins, fixed, mobile, _service = kinds
    national = number[begins:]
    return bool(fixed.fullmatch(national)) and not mobile.fullmatch(national)


def is_mobile(number: str) -> bool:
    kinds = _kinds(number[: 1 + _LONGEST_CODE])
    return kinds is not None and bool(kinds[2].fullmatch(number[kinds[0] :]))


def is_service(number: str) -> bool:
    """True if a number in E.164 is toll-free, premium rate or the like: nobody's own."""
    kinds = _kinds(number[: 1 + _LONGEST_CODE])
    national = number[kinds[0] :] if kinds else ""
    return kinds is not None and bool(kinds[3].fullmatch(national)) and not kinds[2].fullmatch(national)


def main_region_of(number: str) -> str:
    """Return the largest country with the code of a number in E.164, or an empty string."""
    code = _code_of(number)
    region = phonenumbers.region_code_for_country_code(code) if code else ""
    return region if region in phonenumbers.SUPPORTED_REGIONS else ""


def renumbered(number: str) -> str:
    if not number.startswith(_RENUMBERED_CODES):
        return number
    for before, today in _RENUMBERED:
        if before.fullmatch(number):
            return before.sub(today, number)
    return number


def account_of(number: str) -> str:
    """Return the key that two forms of one account share. Argentine mobiles have a 9 or not."""
    return (
        _ARGENTINE_MOBILE.sub(r"+54\g<1>", number) if number.startswith(_ARGENTINE_MOBILES_BEGIN) else number
    )


def accounts_of(numbers: Sequence[str]) -> Sequence[str]:
    """account_of() each. Fast: for a million, of which it changes few."""
    return list(map(account_of, numbers)) if _ARGENTINE_MOBILES_BEGIN in "\n".join(numbers) else numbers


def forms_of(number: str) -> set[str]:
    """All forms of a number in E.164 under which its account may be known."""
    today_form = renumbered(number)
    forms = {number, today_form, account_of(today_form)}
    for today, before in _EARLIER_FORMS:
        if today.fullmatch(today_form):
            forms.add(today.sub(before, today_form))
    return forms


def _code_of(number: str) -> int | None:
    for length in (2, 1, _LONGEST_CODE):
        code = number[1 : 1 + length]
        if code.isdecimal() and int(code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return int(code)
    return None


@cache
def _metadata(code: int) -> phonenumbers.PhoneMetadata | None:
    region = phonenumbers.region_code_for_country_code(code)
    return phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, region)


@lru_cache(_MOST_STARTS)
def _kinds(start: str) -> tuple[int, re.Pattern[str], re.Pattern[str], re.Pattern[str]] | None:
    """Where the national part of a number with that start begins; patterns of landlines, mobiles and services."""
    code = _code_of(start)
    if code is None:
        return None
    metadata = _metadata(code)
    never = r"(?!)"
    fixed = metadata and metadata.fixed_line and metadata.fixed_line.national_number_pattern
    mobile = metadata and metadata.mobile and metadata.mobile.national_number_pattern
    return (
        1 + len(str(code)),
        re.compile(fixed or never),
        re.compile(mobile or never),
        re.compile(_services(metadata) or never),
    )


def _services(metadata: phonenumbers.PhoneMetadata | None) -> str:
    """The pattern of toll-free, premium rate and company numbers; empty where the country has none."""
    if metadata is None:
        return ""
    kinds = (metadata.toll_free, metadata.premium_rate, metadata.shared_cost, metadata.uan)
    patterns = [kind.national_number_pattern for kind in kinds if kind is not None]
    return "|".join(f"(?:{one})" for one in patterns if one)


@lru_cache(_MOST_STARTS)
def _rule(start: str, length: int) -> tuple[int, re.Pattern[str]] | None:
    """Where the national part of a number with that start begins, and the prefixes to take off it.

    None where no number begins like that, or has that length, or where it may have been renumbered.
    """
    if not _START.fullmatch(start) or not 8 <= length <= 16 or start.startswith(_RENUMBERED_CODES):
        return None
    code = _code_of(start)
    if code is None:
        return None
    begins = 1 + len(str(code))
    return (begins, _domestic_prefix(code)) if _is_possible(code, length - begins) else None


def _domestic_prefix(code: int) -> re.Pattern[str]:
    """National prefix to take off: 0 in Germany, 8 in Russia."""
    metadata = _metadata(code)
    prefix = None if metadata is None else metadata.national_prefix_for_parsing
    return re.compile(prefix or r"(?!)")


def _is_possible(code: int, length: int) -> bool:
    number = phonenumbers.PhoneNumber(country_code=code, national_number=10 ** (length - 1))
    return phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
