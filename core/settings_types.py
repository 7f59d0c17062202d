"""Types of settings: each parses a string and raises ValueError with a message that never contains a secret."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Annotated, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, SecretStr

from core.domain.broadcast import Late
from core.domain.quiet_hours import read_span

_LARGEST_ID: Final = 2**52 - 1
TOKEN_FORM = re.compile(r"\d{5,}:[A-Za-z0-9_-]{20,}")


def _whole_number(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,18}", text.strip(), re.ASCII):
        raise ValueError(f'"{text}" is not a whole number')
    return int(text)


def _whole(low: int, high: int) -> BeforeValidator:
    def read(value: object) -> int:
        number = value if isinstance(value, int) else _whole_number(str(value))
        if not low <= number <= high:
            raise ValueError(f'"{value}" is not between {low} and {high}')
        return number

    return BeforeValidator(read)


def _rate(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        raise ValueError(f'"{value}" is not a number') from None
    if not math.isfinite(number) or not 0 < number <= 100_000:
        raise ValueError(f'"{value}" is not above 0 and at most 100000 messages per second')
    return number


def _admin_id(text: str) -> int:
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII) or int(text) == 0:
        raise ValueError(
            f'"{text}" is not a number' if not text.lstrip("-").isdigit() else f'"{text}" is not a user id'
        )
    if int(text) > _LARGEST_ID:
        raise ValueError(f'"{text}" is too large for a user id')
    return int(text)


def _admin_ids(value: object) -> frozenset[int]:
    if isinstance(value, frozenset | set | tuple | list):
        return frozenset(_admin_id(str(part)) for part in value)
    return frozenset(_admin_id(part) for part in re.split(r"[,;\s]+", str(value).strip()) if part)


def _url(*schemes: str) -> AfterValidator:
    return AfterValidator(_url_check(*schemes))


def _url_check(*schemes: str) -> Callable[[str], str]:
    allowed = " or ".join(f"{scheme}://" for scheme in schemes)

    def check(value: str) -> str:
        try:
            parts = urlsplit(value)
            usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable or re.search(r"\s", value):
            raise ValueError(f"is not an address that starts with {allowed} and names a host")
        return value.rstrip("/")

    return check


def _of_telegram(value: str) -> str:
    if re.search(r"/bot(\d+:[^/]*)?$", urlsplit(value).path):
        raise ValueError("ends in /bot, which belongs to each call: leave it out")
    return value


def _of_graph(value: str) -> str:
    parts = urlsplit(value)
    if parts.hostname == "graph.facebook.com" and not re.fullmatch(r"/v\d+\.\d+", parts.path):
        raise ValueError("does not end in a version of the Graph API, and nothing behind it")
    return value


_SENTINEL_URL: Final = re.compile(
    r"(?:sentinel|rediss\+sentinel)://([^/@\s]*@)?[^/@\s,]+(,[^/@\s,]+)*/[^/\s?]+(/\d+)?(\?[\w.=&%/-]+)?"
)
_plain_store_url: Final[Callable[[str], str]] = _url_check("redis", "rediss")


def _store_url(value: str) -> str:
    if not value.partition("://")[0].endswith("sentinel"):
        return _plain_store_url(value)
    if not _SENTINEL_URL.fullmatch(value.rstrip("/")):
        raise ValueError("does not name Sentinels and their master: sentinel://host1,host2,host3/name")
    return value.rstrip("/")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, LookupError):
        raise ValueError(f'"{value}" is not a time zone of the IANA list') from None
    return value


def _quiet_span(value: str) -> str:
    try:
        start, end = read_span(value)
    except ValueError:
        raise ValueError(f'"{value}" is no span of hours like 22:00-08:00') from None
    return f"{start:%H:%M}-{end:%H:%M}"


def _one_of(*choices: str) -> AfterValidator:
    def read(value: str) -> str:
        for choice in choices:
            if value.casefold() == choice.casefold():
                return choice
        raise ValueError(f'"{value}" is none of {", ".join(choices)}')

    return AfterValidator(read)


def _secret(form: re.Pattern[str], message: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if not form.fullmatch(value.get_secret_value()):
            raise ValueError(message)
        return value

    return AfterValidator(check)


def _text(form: str, message: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(form, value, re.ASCII):
            raise ValueError(f'"{value}" {message}')
        return value

    return AfterValidator(check)


def _at_most(length: int) -> Callable[[str], str]:
    def check(value: str) -> str:
        if len(value) > length:
            raise ValueError(f'"{value}" has {len(value)} characters, at most {length} are allowed')
        return value

    return check


Secret = Annotated[
    SecretStr,
    _secret(
        re.compile(r"[^\s\x00-\x1f\x7f]+"), "has a blank, a line break or another unprintable character in it"
    ),
]
Token = Annotated[
    Secret,
    _secret(
        re.compile(r"[\x00-\x7f]+"), "has a letter in it that is not from A to Z, and only looks like one"
    ),
]
Password = Annotated[
    SecretStr,
    _secret(re.compile(r"[^\x00-\x1f\x7f]+"), "has a line break or another unprintable character in it"),
]
TelegramToken = Annotated[
    SecretStr,
    _secret(
        TOKEN_FORM, "is not a bot token: digits, a colon, then letters and digits, as @BotFather gives it"
    ),
]
Port = Annotated[int, _whole(1, 65535)]
Attempts = Annotated[int, _whole(0, 100)]
Seconds = Annotated[int, _whole(1, 10 * 365 * 86_400)]
Replicas = Annotated[int, _whole(0, 10)]
Slots = Annotated[int, _whole(1, 10_000)]
RecipientCount = Annotated[int, _whole(0, 100_000_000)]
LineCount = Annotated[int, _whole(100, 100_000)]
UndoSeconds = Annotated[int, _whole(0, 300)]
Rate = Annotated[float, BeforeValidator(_rate)]
AdminIds = Annotated[frozenset[int], BeforeValidator(_admin_ids)]
HttpUrl = Annotated[str, _url("http", "https")]
TelegramUrl = Annotated[HttpUrl, AfterValidator(_of_telegram)]
WhatsAppUrl = Annotated[HttpUrl, AfterValidator(_of_graph)]
KeyPrefix = Annotated[
    str, _text(r"[A-Za-z0-9:._-]{1,50}", "is no prefix of keys: up to 50 letters, digits, and any of : . _ -")
]
StoreUrl = Annotated[str, AfterValidator(_store_url)]
Zone = Annotated[str, AfterValidator(_zone)]
QuietSpan = Annotated[str, AfterValidator(_quiet_span)]
LateChoice = Annotated[str, _one_of(*(one.value for one in Late))]
Level = Annotated[str, _one_of("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")]
Host = Annotated[str, _text(r"[A-Za-z0-9.:_-]+", "is not a host name or an IP address")]
UserName = Annotated[str, _text(r"[^:\x00-\x1f\x7f]+", "may not have a colon or a control character in it")]
PhoneNumberId = Annotated[str, _text(r"\d{5,}", "is not an id of digits only")]
SenderName = Annotated[str, AfterValidator(_at_most(28))]
