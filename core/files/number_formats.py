"""Cells as a sheet shows them: number formats of XLSX and XLS files applied to the values below them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

BUILT_IN: Final = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;-#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
"""By id. Where Excel follows the computer's language (14, 22), the form that everybody reads the same."""

_TOKEN: Final = re.compile(
    r'"([^"]*)"|\\(.)|_(.)|\*(.)|\[\$([^\]-]*)(?:-([0-9A-Fa-f,]+))?\]|(\[[hms]+\])|\[[^\]]*\]'
    r"|(AM/PM|A/P)|(General)|(y+|m+|d+|h+|s+|e+(?![+-]))|([0#?][0#?,]*(?:\.[0#?]*)?|\.[0#?]+)|(E[+-]0+)|([%.,/])|(.)",
    re.IGNORECASE | re.DOTALL,
)
_COMMA_DECIMALS: Final = frozenset({
    "407", "807", "c07", "40c", "80c", "40a", "c0a", "410", "413", "415", "416", "816", "419", "422", "423", "405",
    "41b", "40e", "418", "402", "408", "41d", "414", "406", "40b", "41f", "421", "42a", "427", "426", "425", "424",
    "41a", "43f",
})  # fmt: skip
"""Windows' ids of languages that write 1.234,50."""
_DATE_PARTS: Final = re.compile(r"[ymdhs]", re.IGNORECASE)
_LITERALS: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[\$[^\]]*\]|\[(?![hms]+\])[^\]]*\]|AM/PM', re.IGNORECASE)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_LONG_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Show = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Style:
    """Marks and orders that the file writes numbers and dates with."""

    decimal: str = "."
    group: str = ","
    epoch: datetime = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock, as sheets have it


def style_of(formats: Iterable[str], *, date_1904: bool = False) -> Style:
    """The style that the formats in use give away: languages, days before months with points between, "0 %", "0 €"."""
    votes: Counter[bool] = Counter()
    for one in formats:
        for code in re.findall(r"\[\$[^\]]*-([0-9A-Fa-f]+)\]", one):
            votes[code[-3:].lower() in _COMMA_DECIMALS] += 2
        plain = _LITERALS.sub("", one).lower()
        if re.search(r"d{1,2}\\?\.m{1,2}", one.lower()):
            votes[True] += 1
        if re.search(r"m{1,2}/d{1,2}/y", plain) or re.search(r'(?:\[\$\$[^\]]*\]|"?[$£]"?)\s*[#0]', one):
            votes[False] += 1
        if re.search(r'[0#]\s*\\?\s+(?:"?€"?|%|\[\$€)', one) or re.search(r'[0#]"?[\s\u00a0]+€', one):
            votes[True] += 1
    epoch = datetime(1904, 1, 1) if date_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - as above
    return Style(",", ".", epoch) if votes[True] > votes[False] else Style(epoch=epoch)


def is_date(code: str) -> bool:
    """True if a format shows moments."""
    return code.lower() != "general" and bool(_DATE_PARTS.search(_LITERALS.sub("", code)))


def shower(code: str, style: Style) -> Show:
    """Return a function that shows a number in a format; plainly if the format is not understood."""
    sections = _sections(code)
    if is_date(sections[0]):
        return lambda value: _moment(value, sections[0], style)
    if sections[0].strip().lower() in ("general", "@", "") and len(sections) == 1:
        return lambda value: plain(value, style)
    return lambda value: _number(value, sections, style)


def plain(value: float, style: Style) -> str:
    """A number without a format: no point behind whole ones, no digits that only computing has added."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}".replace(".", style.decimal)


def _sections(code: str) -> list[str]:
    found, inside, start = [], False, 0
    for place, one in enumerate(code):
        if one == '"':
            inside = not inside
        elif one == ";" and not inside:
            found.append(code[start:place])
            start = place + 1
    return [*found, code[start:]]


def _number(value: float, sections: list[str], style: Style) -> str:
    if any("[<" in one or "[>" in one or "[=" in one for one in sections):
        return plain(value, style)
    section, minus = sections[0], "-" if value < 0 else ""
    if value < 0 and len(sections) > 1:
        section, minus = sections[1], ""
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    tokens = list(_TOKEN.finditer(section))
    numbers = [one for one in tokens if one[11]]
    if any(one[9] for one in tokens):
        shown = plain(abs(value), style)
        return minus + "".join(shown if one[9] else _literal(one) for one in tokens)
    if any(one[12] or one[13] == "/" for one in tokens) or (len(numbers) > 1 and "/" in section):
        return plain(value, style)
    scaled = Decimal(repr(abs(value))) * (100 ** sum(one[13] == "%" for one in tokens))
    return _placed(scaled, tokens, numbers, minus, style).strip()


def _placed(
    scaled: Decimal, tokens: list[re.Match[str]], numbers: list[re.Match[str]], minus: str, style: Style
) -> str:
    if not numbers:
        return "".join(map(_literal, tokens))
    if len(numbers) > 1:  # "000-0000": the digits fill the places from the right
        digits = str(int(scaled.to_integral_value(ROUND_HALF_UP)))
        return minus + _spread(digits, tokens)
    pattern = numbers[0][11]
    whole, _point, fraction = pattern.partition(".")
    thousands = len(whole) - len(whole.rstrip(","))
    scaled /= Decimal(1000) ** thousands
    shown = _digits(scaled, whole.rstrip(","), fraction, style)
    return minus + "".join(shown if one[11] else _literal(one) for one in tokens)


def _digits(value: Decimal, whole: str, fraction: str, style: Style) -> str:
    rounded = value.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP)
    integer, _point, decimals = f"{rounded:f}".partition(".")
    least = sum(one == "0" for one in whole)
    integer = integer.lstrip("0").rjust(least, "0")
    if "," in whole and len(integer) > 3:
        groups = [integer[max(0, end - 3) : end] for end in range(len(integer), 0, -3)]
        integer = style.group.join(reversed(groups))
    kept = len(fraction.rstrip("#?"))
    while len(decimals) > kept and decimals.endswith("0"):
        decimals = decimals[:-1]
    return f"{integer}{style.decimal}{decimals}" if decimals else integer or "0"


def _spread(digits: str, tokens: list[re.Match[str]]) -> str:
    places = sum(len(one[11].replace(",", "")) for one in tokens if one[11])
    rest, parts = digits.rjust(places, "0"), []
    extra = len(rest) - places
    for one in tokens:
        if one[11]:
            take = len(one[11].replace(",", "")) + extra
            parts.append(rest[:take])
            rest, extra = rest[take:], 0
        else:
            parts.append(_literal(one))
    return "".join(parts)


def _literal(token: re.Match[str]) -> str:
    quoted, escaped, blank, _fill, symbol = token[1], token[2], token[3], token[4], token[5]
    if quoted is not None:
        return str(quoted)
    if escaped is not None:
        return str(escaped)
    if symbol is not None:
        return str(symbol)
    if blank is not None:
        return " "
    return str(token[13] or token[14] or token[10] or "")


def _moment(value: float, code: str, style: Style) -> str:
    try:
        moment = style.epoch + timedelta(days=value)
    except OverflowError:
        return plain(value, style)
    moment = (moment + timedelta(milliseconds=1)).replace(microsecond=0)
    tokens = list(_TOKEN.finditer(code))
    twelve = any(one[8] for one in tokens)
    parts: list[str] = []
    for place, token in enumerate(tokens):
        if token[7]:
            parts.append(_elapsed(value, token[7]))
        elif token[8]:
            parts.append("AM" if moment.hour < 12 else "PM")
        elif token[10]:
            parts.append(_part(moment, token[10].lower(), _is_minute(tokens, place), twelve))
        elif token[11]:
            parts.append("0" * len(token[11].lstrip(".")) if set(token[11]) <= set(".0") else "")
        else:
            parts.append(_literal(token))
    return "".join(parts).strip().rstrip(";@ ")


def _elapsed(value: float, token: str) -> str:
    seconds = round(value * 86_400)
    per = {"h": 3600, "m": 60, "s": 1}[token[1].lower()]
    return str(seconds // per).rjust(len(token) - 2, "0")


def _is_minute(tokens: list[re.Match[str]], place: int) -> bool:
    """ "m" means minutes behind hours and in front of seconds."""
    before = next((t[10] or t[7] for t in reversed(tokens[:place]) if t[10] or t[7]), "") or ""
    behind = next((t[10] or t[7] for t in tokens[place + 1 :] if t[10] or t[7]), "") or ""
    return "h" in before.lower() or "s" in behind.lower()


def _part(moment: datetime, token: str, minute: bool, twelve: bool) -> str:
    length = len(token)
    match token[0]:
        case "y" | "e":
            return f"{moment.year:04}" if length > 2 or token[0] == "e" else f"{moment.year % 100:02}"
        case "d":
            if length > 2:
                return (_DAYS if length == 3 else _LONG_DAYS)[moment.weekday()]
            return f"{moment.day:0{min(length, 2)}}"
        case "h":
            hour = (moment.hour % 12 or 12) if twelve else moment.hour
            return f"{hour:0{min(length, 2)}}"
        case "s":
            return f"{moment.second:0{min(length, 2)}}"
        case _ if minute:
            return f"{moment.minute:0{min(length, 2)}}"
        case _:
            if length > 2:
                return (_MONTHS if length == 3 else _LONG_MONTHS)[moment.month - 1]
            return f"{moment.month:0{min(length, 2)}}"
