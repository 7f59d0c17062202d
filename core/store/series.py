"""Series of broadcasts.

Keys: `ms:ser:<series>` (hash) · `ms:ser:<series>:made` (its latest broadcasts) · `ms:i:series` (open ones, by
their next time) · `ms:i:series:due` (the same without the paused ones) · `ms:making:<series>` (a lease for making the
next broadcast). Ids are those of broadcasts: a series keeps its own, and that of its next broadcast.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final, cast

from core.domain.audit import Actor
from core.domain.broadcast import Late
from core.domain.messengers.traits import BY_CODE
from core.domain.sentence_format import pack_sentence, unpack_sentence
from core.domain.series import NewSeries, Series, SeriesStatus
from core.store.connection import take_first
from core.store.scripts import Store
from core.store.serialization import (
    CHOSEN,
    REPEAT,
    pack_content,
    unpack_content,
)
from core.store.times import from_ms, moment, to_ms

log = logging.getLogger(__name__)

_OPEN: Final = "ms:i:series"
_DUE: Final = "ms:i:series:due"
_TURN_SECONDS: Final = 30


def _fields(order: NewSeries) -> dict[str, str]:
    return {
        "text": order.content.text,
        "content": pack_content(order.content),
        "who": CHOSEN.dump_json(order.audiences).decode(),
        "repeat": REPEAT.dump_json(order.repeat).decode(),
        "late": order.late.value if order.late else "",
        "quiet": str(int(not order.ignore_quiet_hours)),
        "again_days": str(order.try_again_days),
        "everywhere": str(int(order.everywhere)),
        "order": "".join(messenger.traits.code for messenger in order.messenger_order),
        "created_by": order.created_by.id,
        "creator_name": order.created_by.name,
        "co_authors": json.dumps([(one.id, one.name) for one in order.co_authors]),
    }


def _read(series_id: str, fields: dict[str, str], made_ids: Sequence[str]) -> Series | None:
    """None, and a line in the log, for one that this version cannot read."""
    try:
        return _read_series(series_id, fields, made_ids)
    except (KeyError, ValueError, TypeError) as error:
        log.error("series=%s cannot be read by this version: %s", series_id, type(error).__name__)
        return None


def _read_series(series_id: str, fields: dict[str, str], made_ids: Sequence[str]) -> Series:
    order = NewSeries(
        content=unpack_content(fields["text"], fields["content"]),
        audiences=CHOSEN.validate_json(fields["who"]),
        repeat=REPEAT.validate_json(fields["repeat"]),
        late=Late(fields["late"]) if fields["late"] else None,
        ignore_quiet_hours=fields["quiet"] == "0",
        try_again_days=int(fields.get("again_days", "0")),
        everywhere=fields.get("everywhere") == "1",
        messenger_order=tuple(BY_CODE[code] for code in fields.get("order", "")),
        created_by=Actor(fields["created_by"], fields["creator_name"]),
        co_authors=tuple(Actor(*one) for one in json.loads(fields.get("co_authors", "[]"))),
    )
    return Series(
        id=series_id,
        status=SeriesStatus(fields["status"]),
        revision=int(fields["revision"]),
        order=order,
        next_at=from_ms(fields["next_at"]),
        next_id=fields["next_id"],
        made=int(fields.get("made", "0")),
        made_ids=tuple(made_ids),
        trouble=tuple(map(unpack_sentence, json.loads(fields.get("trouble", "[]")))),
        created_at=moment(fields["created_at"]),
    )


class SeriesStore(Store):
    async def get(self, series_id: str) -> Series | None:
        found = await self.get_many([series_id])
        return found[0] if found else None

    async def get_many(self, series_ids: Sequence[str]) -> list[Series]:
        pipe = self._client.pipeline(transaction=False)
        for series_id in series_ids:
            pipe.hgetall(f"ms:ser:{series_id}")
            pipe.lrange(f"ms:ser:{series_id}:made", 0, -1)
        found = await pipe.execute()
        read = (
            _read(series_id, fields, made)
            for series_id, fields, made in zip(series_ids, found[::2], found[1::2], strict=True)
            if fields
        )
        return [series for series in read if series is not None]

    async def create(
        self, series_id: str, order: NewSeries, *, next_at: datetime, next_id: str, now: datetime
    ) -> bool:
        """False when the id is taken."""
        fields = _fields(order) | {"status": SeriesStatus.ACTIVE, "created_at": str(to_ms(now))}
        return await self._move(series_id, 0, next_at, next_id, fields)

    async def change(
        self,
        seen: Series,
        *,
        next_at: datetime | None,
        status: SeriesStatus | None = None,
        order: NewSeries | None = None,
        trouble: Sequence[str] | None = None,
    ) -> bool:
        """Each change names the revision that was seen. False: it has changed since, and nothing was written.

        `trouble`: why an occurrence could not be made, to tell the admins; empty: solved.
        """
        fields = _fields(order or seen.order) | {"status": status or seen.status}
        if trouble is not None:
            fields["trouble"] = json.dumps([pack_sentence(one) for one in trouble])
        return await self._move(seen.id, seen.revision, next_at, seen.next_id, fields, tell=bool(trouble))

    async def _move(
        self,
        series_id: str,
        revision: int,
        next_at: datetime | None,
        next_id: str,
        fields: dict[str, str],
        *,
        tell: bool = False,
    ) -> bool:
        pairs = [part for pair in fields.items() for part in pair]
        at = to_ms(next_at) if next_at else ""
        return bool(await self._scripts.run("series", series_id, revision, at, next_id, int(tell), *pairs))

    async def places(self) -> list[tuple[str, datetime | None]]:
        """Ids and next times of all open series, paused ones included, soonest first."""
        found = cast("list[tuple[str, float]]", await self._client.zrange(_OPEN, 0, -1, withscores=True))
        return [(series_id, from_ms(str(int(at)))) for series_id, at in found]

    async def next_due(self) -> datetime | None:
        """The time at which the first of them is due, or was."""
        found = await self._client.zrange(_DUE, 0, 0, withscores=True)
        return from_ms(str(int(found[0][1]))) if found else None

    async def due(self, now: datetime) -> list[str]:
        found = await self._client.zrange(_DUE, 0, to_ms(now), byscore=True)
        return [str(series_id) for series_id in found]

    async def take_turn(self, series_id: str) -> bool:
        """Lease the making of the next broadcast. False while another process has it."""
        return await take_first(self._client, f"ms:making:{series_id}", _TURN_SECONDS)

    async def end_turn(self, series_id: str) -> None:
        await self._client.unlink(f"ms:making:{series_id}")
