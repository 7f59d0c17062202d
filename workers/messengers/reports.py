"""Parsing of webhook bodies: the parts shared by all messengers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from core.domain.messengers.events import Unreadable
from core.domain.visible import plain_name

Json = Mapping[str, object]

_LONGEST: Final = 512
_LONGEST_PROSE: Final = 3000
_UNPRINTABLE: Final = re.compile("[\ud800-\udfff\x00-\x08\x0b-\x1f\x7f]")
_BROKEN: Final = re.compile("[\ud800-\udfff\x00-\x1f\x7f]")


def read_object(body: str) -> Json:
    """The JSON object in a body. Raises ValueError for anything else."""
    try:
        value = json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(value, dict):
        raise ValueError("no JSON object")
    return value


def objects(value: object) -> list[Json]:
    """The objects in a list; empty for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(part: Json, name: str) -> str:
    """The text under `name`, "" if there is none. Raises ValueError if it is unusable."""
    value = part.get(name, "")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > _LONGEST or _BROKEN.search(value):
        raise ValueError(f"{name} is no usable text")
    return value


def prose(value: object) -> str:
    """A person's text, shortened to what one message of ours can show; empty for anything but text."""
    return _UNPRINTABLE.sub("", value)[:_LONGEST_PROSE] if isinstance(value, str) else ""


def person_name(value: object) -> str:
    """A person's name as it may be shown; empty for anything but text."""
    return plain_name(prose(value))


def moment(value: object, *, per_second: int = 1) -> datetime:
    """A time since 1970, as a number or as digits. Raises ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("no time is given")
    try:
        return datetime.fromtimestamp(max(0, int(value)) / per_second, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError("this is no time") from error


def unreadable(error: Exception) -> Unreadable:
    """A malformed part, for the log: short, without its content."""
    return Unreadable(f"{type(error).__name__}: {error}"[:120])
