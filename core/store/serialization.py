"""Domain objects as JSON in the store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Final

from pydantic import BeforeValidator, PlainSerializer, TypeAdapter

from core.domain.audience import Chosen
from core.domain.content.content import Content
from core.domain.content.formatting import Entity
from core.domain.recurrence import Recurrence
from core.domain.series import Repeat

_CONTENT: Final = TypeAdapter(Content)
_ENTITY_FIELDS: Final = 5
"""Fields that every version reads. Further ones are written only if they are set."""


def pack_content(content: Content) -> str:
    """All but the text; empty for plain text, which is most of what is sent."""
    if content.is_plain and not content.verbatim:
        return ""
    packed = _CONTENT.dump_python(content, mode="json", exclude={"text"}, exclude_defaults=True)
    if content.entities:
        packed["entities"] = [_entity_fields(one) for one in content.entities]
    return json.dumps(packed, ensure_ascii=False, separators=(",", ":"))


def _entity_fields(entity: Entity) -> Sequence[str | int]:
    plain = Entity(entity.style, entity.offset, entity.length)
    more = [place for place, value in enumerate(entity) if value != plain[place]]
    return entity[: max([_ENTITY_FIELDS, *(place + 1 for place in more)])]


def unpack_content(text: str, packed: str | None) -> Content:
    """The content that `text` and pack_content() came from."""
    return _CONTENT.validate_python({"text": text, **json.loads(packed)}) if packed else Content(text=text)


def read_content(text: str, packed: str | None) -> Content | None:
    """As unpack_content(); None for one that cannot be read."""
    try:
        return unpack_content(text, packed)
    except (ValueError, TypeError):
        return None


def _read_repeat(fields: Sequence[str | int | None]) -> Repeat:
    rule, zone, until, times = fields
    return Repeat(
        rule=Recurrence.parse(str(rule)),
        zone=str(zone),
        until=date.fromisoformat(str(until)) if until else None,
        times=times if isinstance(times, int) else None,
    )


def _repeat_fields(repeat: Repeat) -> tuple[str, str, date | None, int | None]:
    return str(repeat.rule), repeat.zone, repeat.until, repeat.times


StoredRepeat = Annotated[Repeat, BeforeValidator(_read_repeat), PlainSerializer(_repeat_fields)]
"""[rule as a cron line, zone, last day, how often in all]."""
REPEAT: Final = TypeAdapter[Repeat](StoredRepeat)
CHOSEN: Final = TypeAdapter(tuple[Chosen, ...])
