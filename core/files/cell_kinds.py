"""The kinds of cells in a list: phone number, address, digits, flag, text."""

from __future__ import annotations

import re
from typing import Final

from core.domain.messengers.traits import BY_ALIAS
from core.files.consent import FLAGS
from core.parsing.addresses import is_telegram_link
from core.parsing.phone_numbers import NoCountryCode, TwoNumbers, read_phone
from core.parsing.phone_text import bare

_DIGITS: Final = re.compile(r"-?\d+(?:\.0+)?")
_CUT: Final = re.compile(r"\+?\d(?:[.,]\d+)?E\+?\d{1,3}", re.IGNORECASE)
"""A phone number that a spreadsheet has cut to its first digits: 4.91512E+12."""
_NO_PHONE: Final = re.compile(
    r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\.?(?:[ T]\d.*)?|\d{1,2}:\d{2}.*"
    r"|[^\d]*\d{1,3}(?:[ .,]\d{3})*[.,]\d{2}[^\d]*|.*[%€$£₽]|(?!\d\d(?:\.\d\d){3}$)\d{1,3}(?:\.\d{1,3}){3}"
)
"""Dates, times, sums, addresses of computers."""
_AS_A_NUMBER: Final = re.compile(r"\d{1,3}(?:[ ,.'\u2019]\d{3}){3,4}[.,]0{1,2}")
"""A phone number in the format of sums."""
_DATE: Final = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\.?(?:[ T]\d.*)?")
_AT_NAME: Final = re.compile(r"@\w+")
LONGEST_TELEGRAM_ID: Final = 10


def is_person(cell: str) -> bool:
    """True if a cell is certainly an address: a number that may be a year or a sum is not."""
    return bool(cell) and kind_of(cell) in ("phone", "national", "several", "typed", "at")


def is_value(cell: str) -> bool:
    """True if a cell is an address, and not the name of a column."""
    return bool(cell) and kind_of(cell) in (
        "phone", "national", "several", "long", "cut", "typed", "at", "mail", "digits",
    )  # fmt: skip


def kind_of(cell: str) -> str:
    """Name the kind of a value: phone, national, several, long, digits, cut, typed, at, mail, flag or text."""
    if cell.casefold() in FLAGS:
        return "flag"
    before, colon, behind = cell.partition(":")
    if colon and behind.strip() and before.strip().strip("'").casefold() in BY_ALIAS:
        return "typed"
    if is_telegram_link(cell):
        return "typed"
    if _AT_NAME.fullmatch(cell):
        return "at"
    if "@" in cell and "@" in (cell := bare(cell)):
        return "mail"
    if _CUT.fullmatch(cell):
        return "cut"
    if _AS_A_NUMBER.fullmatch(cell):
        return "long"
    if _DIGITS.fullmatch(cell):
        return _kind_of_digits(cell)
    if not any(map(str.isdecimal, cell)) or _NO_PHONE.fullmatch(cell):
        return "text"
    return _kind_of_phone(cell)


def _kind_of_digits(cell: str) -> str:
    digits = cell.partition(".")[0]
    if digits.startswith("00") and len(digits) > 9:
        return _kind_of_phone(digits)
    if digits.startswith("0") and len(digits) > 6:
        return "national"
    return "long" if len(digits.lstrip("-")) >= LONGEST_TELEGRAM_ID and digits[0] != "-" else "digits"


def _kind_of_phone(cell: str) -> str:
    try:
        read_phone(cell)
    except NoCountryCode as error:
        return "national" if len(error.digits) >= 7 and not re.search(r"\d[.,]\d\d$", cell) else "text"
    except TwoNumbers:
        return "several"
    except ValueError:
        return "phone" if bare(cell).startswith("+") else "text"
    return "phone"


def is_date(cell: str) -> bool:
    return _DATE.fullmatch(cell) is not None
