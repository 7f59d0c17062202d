"""The countries that phone numbers without a country code may be from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from core.parsing.numbering_plans import is_mobile, is_valid
from core.parsing.phone_numbers import PLUS, read_phone

# The countries that are offered first, by how many people write numbers without a code there.
_USUAL: Final = (
    "DE", "US", "GB", "RU", "UA", "FR", "ES", "IT", "PL", "TR", "BR", "MX", "IN", "AT", "CH", "NL", "BE", "PT", "AR",
    "KZ", "BY", "UZ", "IL", "AE", "ID", "NG", "ZA", "KE", "EG", "CO", "CL", "PE", "CZ", "SK", "HU", "RO", "BG", "GR",
    "SE", "NO", "DK", "FI", "IE", "AU", "NZ", "CA", "JP", "KR", "CN", "PH", "VN", "TH", "MY", "SG", "PK", "BD",
)  # fmt: skip
_FITTING: Final = 0.6


def fitting_regions(numbers: Sequence[str], likely: Iterable[str]) -> list[str]:
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
    return sum(bool(number) and is_mobile(number) for number in read) * 2 > len(read)


def _valid_in(number: str, region: str) -> str:
    try:
        read = read_phone(number, region)
    except ValueError:
        return ""
    return read if region != PLUS or is_valid(read) else ""
