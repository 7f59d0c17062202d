"""Phone numbers as people write them, read into the one form that messengers take: E.164 with plus."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, ValidationResult

from core.domain.translatable import Sentence, sentence

PLUS: Final = "+"
"""A region for numbers that begin with their country code and lack only the plus."""

_PUNCTUATION = re.compile(r"[\s().\-/\u2010-\u2015\u2212\ufe58\ufe63\uff0d\u00b7\u2022]+")
_DIALLED = re.compile(r"\+\d+")
_DIGITS = re.compile(r"\d+")
_START = re.compile(r"\+[1-9][0-9]{2}")
_MOST_STARTS: Final = 4_096
_GUARDED = re.compile(r"=\s*\"(.*)\"")
_QUOTES: Final = "'\"`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a"
_DECIMALS = re.compile(r"(\+?\d{6,17})[.,]0+")
_SCIENTIFIC = re.compile(r"\+?\d([.,]\d+)?[eE]\+?\d{1,2}")
_EXTENSION = re.compile(
    r"(?:;ext=|(?<![^\W\d_])(?:ext(?:ension)?|ex|durchwahl|dw|poste|int|interno|ramal|anexo|wew|доб|вн|dahili|내선|内線|分机|klapka|linka|mellék|εσωτ|toestel)\b\.?|#|(?<=\d)\s*x)"
    r"\s*:?\s*\d{1,6}\s*$",
    re.IGNORECASE,
)
_BETWEEN_NUMBERS = re.compile(
    r"\s*(?:/|\||;|,|\n|:::|\boder\b|\bor\b|\band\b|\bund\b|\bu\.|\bou\b|\bet\b|\bo\b|\by\b|\be\b|\blub\b|\bи\b|\bили\b|\bта\b|\bабо\b|\bveya\b|\bve\b|&)\s*|\s+(?=\+)"  # noqa: RUF001 - Russian and Ukrainian
)
_LETTER_FOR_DIGIT = re.compile(r"\+?[\dOoОоlI|\s().\-/]{7,}")  # noqa: RUF001 - Cyrillic O
_LINKS = re.compile(
    r"(?:(?:https?://)?(?:www\.)?(?:wa\.me|api\.whatsapp\.com|web\.whatsapp\.com|chat\.whatsapp\.com)\b"
    r"|(?:tel|callto|whatsapp|viber)://?|tel:|callto:)",
    re.IGNORECASE,
)

_SHORTEST, _LONGEST = 7, 17
"""Number of digits in a likely phone number."""

_LONGEST_CODE: Final = 3
_WITH_CODE = 10
"""Digits from which on a number may have its country code, and no plus."""
_UNCLEAR = sentence("this number could be from any country. Start it with a plus and the country code")
_TOO_SHORT = sentence("the phone number is too short")
_TOO_LONG = sentence("the phone number is too long")
_NOT_A_NUMBER = sentence("this isn't a phone number")
_NO_SUCH_COUNTRY = sentence("this number doesn't start with a known country code")

_UNREADABLE = {
    NumberParseException.INVALID_COUNTRY_CODE: _NO_SUCH_COUNTRY,
    NumberParseException.TOO_SHORT_AFTER_IDD: _TOO_SHORT,
    NumberParseException.TOO_SHORT_NSN: _TOO_SHORT,
    NumberParseException.TOO_LONG: _TOO_LONG,
}
_IMPOSSIBLE = {
    ValidationResult.INVALID_COUNTRY_CODE: _NO_SUCH_COUNTRY,
    ValidationResult.TOO_SHORT: _TOO_SHORT,
    ValidationResult.TOO_LONG: _TOO_LONG,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: sentence("the phone number has no area code"),
    ValidationResult.INVALID_LENGTH: sentence("numbers in that country don't have this many digits"),
}
# Renumbered countries: both forms reach the same account, the second one is dialled today.
_RENUMBERED: Final = (
    (re.compile(r"\+55([1-9]{2})([6-9]\d{7})"), r"+55\g<1>9\g<2>"),
    (re.compile(r"\+521(\d{10})"), r"+52\g<1>"),
    (re.compile(r"\+229([2-9]\d{7})"), r"+22901\g<1>"),
    (re.compile(r"\+225(\d[0-3]\d{6})"), r"+22501\g<1>"),
    (re.compile(r"\+225(\d[4-6]\d{6})"), r"+22505\g<1>"),
    (re.compile(r"\+225(\d[7-9]\d{6})"), r"+22507\g<1>"),
)
_RETIRED_PREFIXES: Final = {"MX": re.compile(r"^(?:01|044|045)(?=\d{10}$)")}
"""Prefixes that were dialled before national numbers until a few years ago."""
_RENUMBERED_CODES: Final = ("+55", "+521", "+229", "+225")
_ARGENTINA: Final = "+54"
_DATE = re.compile(r"(?:19|20)\d\d([-/.])(?:0?[1-9]|1[0-2])\1[0-3]?\d|[0-3]?\d([-/.])[0-3]?\d\2(?:19|20)\d\d")
_LABEL = r"(?:tel|telefon|telephone|phone|mob|mobil|mobile|handy|cell|celular|whatsapp|wa|portable|тел|телефон|моб)\.?"
_LABEL_IN_FRONT = re.compile(rf"^(?:{_LABEL}\s*:?|[pmthcw]\s*:)\s*(?=[+(\d])(?!.*:)", re.IGNORECASE)
_LABEL_BEHIND = re.compile(rf"(?<=\d)\s+\(?{_LABEL}\)?$", re.IGNORECASE)
_WITH_A_WORD = re.compile(
    r"(?:[^\W\d_]{2,15}\.?[\s:\-]+)?([+(\d][\d\s().\-/]{5,}\d)(?:[\s,\-]+\(?[^\W\d_]{2,15}\.?\)?)?"
)
_WITHIN = re.compile(r"(?<![\w+])\(?(?:\+|00)?\d[\d\s().\-/\u2010-\u2015]{5,}\d(?!\w)")
_DIGITS_OF_A_REMARK: Final = 4
_LONGEST_REMARK: Final = 60
_WORD = re.compile(r"[^\W\d_]{2}")
_EMAIL = re.compile(r"<?[^\s@<>,;/|]+@[^\s@<>,;/|]+\.[^\W\d_]{2,}>?")
_JID = re.compile(r"(\d{7,15})(?:[.:]\d+)?@(?:c\.us|s\.whatsapp\.net)", re.IGNORECASE)
"""Names of WhatsApp accounts in programs."""
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3}){2,4}")
_EARLIER_FORMS: Final = (
    (re.compile(r"\+55([1-9]{2})9([6-9]\d{7})"), r"+55\g<1>\g<2>"),
    (re.compile(r"\+52(\d{10})"), r"+521\g<1>"),
    (re.compile(r"\+54(\d{10})"), r"+549\g<1>"),
)
"""Forms that may be on lists read earlier."""
_ARGENTINE_MOBILE: Final = re.compile(r"\+549(\d{10})")


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

    `region`: the country that numbers without a country code are in ("DE"), or PLUS; empty: not known.
    With a code, only the code and the count of digits are judged: lists of the ranges in use are always behind, and
    a number that does not exist is for the messenger to refuse. Without one, the number has to be valid in the region.
    Raises ValueError with what is wrong; NoCountryCode, TwoNumbers.
    """
    if is_plain(text):
        return text
    plain = _without_decimals(bare(text))
    digits = _digits_of(plain)
    if is_plain(digits) and (len(plain) < 12 or not several(plain)):
        return digits
    _refuse_oddities(plain)
    if digits.startswith("+00") and not digits.startswith("+000"):
        digits = digits[1:]
    if _DIALLED.fullmatch(digits):
        return _renumbered(_parsed(digits))
    if not (_DIGITS.fullmatch(digits) and _SHORTEST <= len(digits) <= _LONGEST):
        raise ValueError(_NOT_A_NUMBER)
    if international := _from_abroad(digits):
        return _renumbered(_parsed(international))
    return _in_region(digits, region)


def _without_decimals(plain: str) -> str:
    """The number as it was before a spreadsheet showed it as 4915120000001.00 or 4,915,120,000,001."""
    if found := _DECIMALS.fullmatch(plain):
        return found[1]
    return plain.replace(",", "") if _THOUSANDS.fullmatch(plain) else plain


def _digits_of(plain: str) -> str:
    digits = _PUNCTUATION.sub("", plain)
    if "(0)" in plain and not _dialled_is_valid(digits):
        # Not all countries have a 0 to leave out, and it is written everywhere.
        without = _PUNCTUATION.sub("", plain.replace("(0)", "", 1))
        return without if _dialled_is_valid(without) else digits
    return digits


def bare(text: str) -> str:
    """The text without what surrounds a number: quotation marks, guards, marks without width, links."""
    if text.isascii() and text[:1] == "+" and text[-1:].isdecimal() and text.isprintable():
        return text.strip(" '\"")
    plain = "".join(map(_plain_character, text)).strip()
    if guarded := _GUARDED.fullmatch(plain):
        plain = guarded[1]
    plain = _without_pictures(plain.strip(f"{_QUOTES} \t").rstrip(";,. "))
    plain = _LABEL_IN_FRONT.sub("", _LABEL_BEHIND.sub("", plain))
    if account := _JID.fullmatch(plain):
        return f"+{account[1]}"
    if found := _LINKS.match(plain):
        return _linked(plain, found.end())
    return _without_email(plain) if "@" in plain else plain


def _without_email(text: str) -> str:
    """The number in "ann@example.org / 0151 2345678"; the whole text where there is none."""
    rest = _EMAIL.sub(" ", text).strip(" ,;/|")
    return rest if sum(map(str.isdecimal, rest)) >= _SHORTEST else text


def without_remark(text: str) -> str:
    """The only number in "0151 2345678 after 6 pm"; empty where nothing is beside it, and for extensions."""
    found = _WITHIN.findall(text := bare(text))
    if len(found) != 1 or has_extension(text) or _DATE.search(text):
        return ""
    rest = text.replace(found[0], "", 1)
    few = sum(map(str.isdecimal, rest)) <= _DIGITS_OF_A_REMARK and len(rest) <= _LONGEST_REMARK
    letter = any(map(str.isalpha, rest)) and not _WORD.search(
        rest
    )  # "2345678 x": a slip, or the start of an extension
    return found[0].strip() if few and rest.strip() and not letter and "@" not in rest else ""


def _without_pictures(text: str) -> str:
    """Without the symbols that people put before and behind a number."""
    first, last = 0, len(text)
    while first < last and unicodedata.category(text[first]) == "So":
        first += 1
    while last > first and unicodedata.category(text[last - 1]) == "So":
        last -= 1
    return text[first:last].strip()


def _plain_character(character: str) -> str:
    if character.isascii():
        return character
    if unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return ""
    if character in "\u2800\u3164\u115f\u1160\uffa0":
        return ""
    if (digit := unicodedata.digit(character, None)) is not None and character.isdecimal():
        return str(digit)
    return "+" if character in "\uff0b\ufe62\u208a\u207a" else character


def _linked(link: str, start: int) -> str:
    """The number that a link opens a chat with, its country code in front as such links have it."""
    if link[:start].casefold().rstrip("/:") in ("tel", "callto"):
        return unquote(link[start:]).partition(";")[0].partition("?")[0].strip("/ ")
    parts = urlsplit(link if "://" in link else f"https://{link}")
    query = parse_qs(parts.query)
    named = (query.get("phone") or query.get("number") or [unquote(parts.path).strip("/")])[0]
    digits = _PUNCTUATION.sub("", named).lstrip("+ ")
    return f"+{digits}" if digits.isdecimal() else link


def several(text: str) -> tuple[str, ...]:
    """Return the phone numbers in a text of two or more, else nothing."""
    parts = [part for part in _BETWEEN_NUMBERS.split(text) if part]
    if len(parts) < 2:
        return ()
    counts = [sum(map(str.isdecimal, part)) for part in parts]
    if all(count >= _SHORTEST for count in counts) and not _is_one(text):
        return tuple(parts)
    # "... 2345678/79": the next line too.
    has_next_line = "/" in text and 0 < counts[-1] <= 2 and sum(counts[:-1]) >= 9
    return tuple(parts) if has_next_line else ()


def _is_one(text: str) -> bool:
    """True if a slash only sets the area code apart: "0049 (0)151 / 20 00 00 02"."""
    if "/" not in text or not text.startswith(("+", "00")):
        return False
    whole, first = (_PUNCTUATION.sub("", part) for part in (text, text.partition("/")[0]))
    return _dialled_is_valid(whole) and not _dialled_is_valid(first)


def has_extension(text: str) -> bool:
    """True for "+49 30 1234567 ext. 5"."""
    return _EXTENSION.search(text) is not None


def without_word(text: str) -> str:
    """The number in "Mama 0151 2345678" and "0151 2345678 (Mama)"; empty where no word is beside a number."""
    found = _WITH_A_WORD.fullmatch(text)
    return found[1] if found and found[1] != text else ""


def _dialled_is_valid(digits: str) -> bool:
    return is_valid(f"+{digits[2:]}" if digits.startswith("00") else digits)


def _refuse_oddities(text: str) -> None:
    if _DATE.fullmatch(text):
        raise ValueError(sentence("this is a date"))
    if _SCIENTIFIC.fullmatch(text):
        raise ValueError(
            sentence(
                "the spreadsheet has cut this number. Format the column as text, and enter the number again"
            )
        )
    if _EXTENSION.search(text) and sum(map(str.isdecimal, text)) >= _SHORTEST:
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
        return _renumbered(_parsed(f"+{digits}"))
    if before := _RETIRED_PREFIXES.get(region):
        digits = before.sub("", digits)
    code = phonenumbers.country_code_for_region(region)
    if digits.startswith(str(code)) and is_valid(f"+{digits}"):
        return _renumbered(_parsed(f"+{digits}"))  # its own code is there: never read as an area code
    try:
        number = phonenumbers.parse(digits, region)
    except NumberParseException:
        raise ValueError(_no_number_of(region)) from None
    read = _renumbered(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    if not is_valid(read):
        raise ValueError(_no_number_of(region))
    with_plus = f"+{digits}"
    if len(digits) >= _WITH_CODE and is_landline(read) and is_valid(with_plus) and not is_landline(with_plus):
        raise ValueError(_UNCLEAR)  # 79161234567 in a German list: Moscow, or a landline without its 0
    return read


def _no_number_of(region: str) -> Sentence:
    return sentence(
        "phone numbers with +{code} don't look like this",
        code=str(phonenumbers.country_code_for_region(region)),
    )


def _parsed(digits: str) -> str:
    earlier = _renumbered(digits)
    try:
        number = phonenumbers.parse(earlier)
    except NumberParseException as error:
        raise ValueError(_UNREADABLE.get(error.error_type, _NOT_A_NUMBER)) from None
    verdict = phonenumbers.is_possible_number_with_reason(number)
    if verdict != ValidationResult.IS_POSSIBLE:
        raise ValueError(_IMPOSSIBLE.get(verdict, _NOT_A_NUMBER))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _renumbered(number: str) -> str:
    if not number.startswith(_RENUMBERED_CODES):
        return number
    for before, today in _RENUMBERED:
        if before.fullmatch(number):
            return before.sub(today, number)
    return number


def account_of(number: str) -> str:
    """Return the key that two forms of one account share. Argentine mobiles have a 9 or not."""
    return _ARGENTINE_MOBILE.sub(r"+54\g<1>", number) if number.startswith("+549") else number


def forms_of(number: str) -> set[str]:
    """All forms of a number in E.164 under which its account may be known."""
    renumbered = _renumbered(number)
    forms = {number, renumbered, account_of(renumbered)}
    for today, before in _EARLIER_FORMS:
        if today.fullmatch(renumbered):
            forms.add(today.sub(before, renumbered))
    return forms


def is_valid(number: str) -> bool:
    """True if a number in E.164 is in a range that its country has given out."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number))
    except NumberParseException:
        return False


def is_landline(number: str) -> bool:
    """True if a number in E.164 is a landline and nothing else. Fast: for lists of a hundred thousand."""
    kinds = _kinds(number[: 1 + _LONGEST_CODE])
    if kinds is None or number.startswith(_ARGENTINA):
        return False  # Argentine mobiles are written like landlines, but for a 9 that many leave out
    begins, fixed, mobile = kinds
    national = number[begins:]
    return bool(fixed.fullmatch(national)) and not mobile.fullmatch(national)


def main_region_of(number: str) -> str:
    """Return the largest country with the code of a number in E.164, or an empty string."""
    code = _code_of(number)
    region = phonenumbers.region_code_for_country_code(code) if code else ""
    return region if region in phonenumbers.SUPPORTED_REGIONS else ""


# The countries that are offered first, by how many people write numbers without a code there.
_USUAL: Final = (
    "DE", "US", "GB", "RU", "UA", "FR", "ES", "IT", "PL", "TR", "BR", "MX", "IN", "AT", "CH", "NL", "BE", "PT", "AR",
    "KZ", "BY", "UZ", "IL", "AE", "ID", "NG", "ZA", "KE", "EG", "CO", "CL", "PE", "CZ", "SK", "HU", "RO", "BG", "GR",
    "SE", "NO", "DK", "FI", "IE", "AU", "NZ", "CA", "JP", "KR", "CN", "PH", "VN", "TH", "MY", "SG", "PK", "BD",
)  # fmt: skip
_FITTING: Final = 0.6


def fitting_regions(numbers: Sequence[str], likely: Iterable[str] = ()) -> list[str]:
    """Countries in which most of these numbers without a country code are valid; a likely one if any number is.

    Likely ones first, those that read most numbers before the others. PLUS: the numbers are valid with a plus alone.
    Countries that read every number the same come once.
    """
    first = {PLUS, *(likely := tuple(likely))}
    found: dict[tuple[str, ...], str] = {}
    for region in (PLUS, *dict.fromkeys((*likely, *_USUAL))):
        found.setdefault(tuple(_valid_in(number, region) for number in numbers), region)
    counts = {region: sum(map(bool, read)) for read, region in found.items()}
    enough = len(numbers) * _FITTING
    fitting = [one for one in counts if counts[one] >= enough or (one in likely and counts[one])]
    return sorted(
        fitting or [one for one in counts if counts[one]],
        key=lambda one: (
            counts[one] < enough,
            one not in first,
            -counts[one],
            not (mobile := _mobile(found, one)),
            one == PLUS and not mobile,
        ),
    )


def _mobile(found: Mapping[tuple[str, ...], str], region: str) -> bool:
    """True if most of the numbers are mobiles when read in that region."""
    read = next(numbers for numbers, named in found.items() if named == region)
    return sum(bool(number) and _is_mobile(number) for number in read) * 2 > len(read)


def _is_mobile(number: str) -> bool:
    kinds = _kinds(number[: 1 + _LONGEST_CODE])
    return kinds is not None and bool(kinds[2].fullmatch(number[kinds[0] :]))


def _valid_in(number: str, region: str) -> str:
    try:
        read = read_phone(number, region)
    except ValueError:
        return ""
    return read if region != PLUS or is_valid(read) else ""


def is_plain(text: str) -> bool:
    """True if the full reading would return the text unchanged.

    Found without that reading, which takes 20 times as long: with it, an order to 100,000 phones would wait
    for seconds. True for digits that no rule of their country could change, in a count that is possible there.
    """
    rule = _rule(text[: 1 + _LONGEST_CODE], len(text))
    if rule is None or not text.isascii():
        return False
    national = text[rule[0] :]
    return national.isdecimal() and rule[1].match(national) is None


def _code_of(number: str) -> int | None:
    for length in (2, 1, _LONGEST_CODE):
        code = number[1 : 1 + length]
        if code.isdecimal() and int(code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return int(code)
    return None


@cache
def _metadata(code: int) -> PhoneMetadata | None:
    region = phonenumbers.region_code_for_country_code(code)
    return PhoneMetadata.metadata_for_region_or_calling_code(code, region)


@lru_cache(_MOST_STARTS)
def _kinds(start: str) -> tuple[int, re.Pattern[str], re.Pattern[str]] | None:
    """Where the national part of a number with that start begins, and the patterns of landlines and mobiles."""
    code = _code_of(start)
    if code is None:
        return None
    metadata = _metadata(code)
    never = r"(?!)"
    fixed = metadata and metadata.fixed_line and metadata.fixed_line.national_number_pattern
    mobile = metadata and metadata.mobile and metadata.mobile.national_number_pattern
    return 1 + len(str(code)), re.compile(fixed or never), re.compile(mobile or never)


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
    number = PhoneNumber(country_code=code, national_number=10 ** (length - 1))
    return phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
