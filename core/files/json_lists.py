"""Lists of people in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from core.domain.errors import ValidationError
from core.domain.translatable import sentence
from core.files.cell_kinds import is_person
from core.files.other_files import EXPORTED_CHAT
from core.files.sheets import Rows

_MOST_NESTED: Final = 3
_KEY: Final = "address"
"""The column of the names under which objects are."""
_TELEGRAM_KEYS: Final = {"user_id": "telegram_user_id", "phone_number": "phone"}


def json_rows(text: str) -> Rows | None:
    """The objects of a JSON file as rows under their keys; None where it is no JSON. Raises ValidationError."""
    start = text.lstrip("\ufeff \r\n\t")[:1]
    if start not in ("{", "["):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        try:
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError:
            return None
    except RecursionError:
        return None
    if isinstance(found, dict) and "messages" in found:
        raise ValidationError([EXPORTED_CHAT])
    if (plain := _plain_rows(found)) is not None:
        return plain
    people = _list_of_objects(found)
    if people is None and isinstance(found, dict) and all(isinstance(one, dict) for one in found.values()):
        people = [{_KEY: key, **one} for key, one in found.items()]
    if not people:
        raise ValidationError(
            [sentence("This is JSON, but there's no list of people in it. Send me a CSV or XLSX file.")]
        )
    return _table_of(people)


def _plain_rows(found: object) -> Rows | None:
    """Rows of a JSON list of texts or lists, or of one object with a number under each name; None for others."""
    rows: list[list[object]] = []
    if isinstance(found, list) and found and all(isinstance(one, str | int) for one in found):
        rows = [[one] for one in found]
    elif isinstance(found, list) and found and all(isinstance(one, list) for one in found):
        rows = found
    elif isinstance(found, dict) and len(found) > 1 and all(map(is_person, map(str, found.values()))):
        rows = [[key, value] for key, value in found.items()]
    if not rows:
        return None
    cells = [tuple(map(_plain, row)) for row in rows]
    return [(number, row) for number, row in enumerate(cells, start=1) if any(row)]


def _list_of_objects(found: object, depth: int = 0) -> list[Mapping[str, object]] | None:
    if isinstance(found, list):
        objects: list[Mapping[str, object]] = [one for one in found if isinstance(one, dict)]
        return objects if objects and len(objects) == len(found) else None
    if isinstance(found, dict) and depth < 4:
        named = [found[key] for key in ("contacts", "list", "people", "users", "data") if key in found]
        for part in (*named, *found.values()):
            if (people := _list_of_objects(part, depth + 1)) is not None:
                return people
    return None


def _table_of(people: list[Mapping[str, object]]) -> Rows:
    telegram = any({"user_id", "phone_number"} <= one.keys() for one in people)
    people = [dict(_flattened(one)) for one in people]
    keys = list(dict.fromkeys(key for one in people for key in one))
    heads = [_TELEGRAM_KEYS.get(key, key) if telegram else key for key in keys]
    rows: Rows = [(1, tuple(heads))]
    rows += [
        (number, tuple(_plain(one.get(key)) for key in keys)) for number, one in enumerate(people, start=2)
    ]
    return rows


def _flattened(one: Mapping[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    """The values of an object, those of the objects in it under both keys: "phone mobile", "phones 2 value"."""
    for key, value in one.items():
        if isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
            value = {str(number): part for number, part in enumerate(value, start=1)}
        if isinstance(value, dict) and before.count(" ") < _MOST_NESTED:
            yield from _flattened(value, f"{before}{key} ")
        else:
            yield f"{before}{key}", value


def _plain(value: object) -> str:
    match value:
        case None:
            return ""
        case str() | bool() | int():
            return str(value).strip()
        case float():
            return f"{value:.15g}"
        case list() if all(isinstance(part, str | int) for part in value):
            return ", ".join(map(str, value))
        case _:
            return json.dumps(value, ensure_ascii=False)
