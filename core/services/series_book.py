"""Where series are kept, as the services need it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.domain.series import NewSeries, Series, SeriesStatus


class SeriesBook(Protocol):
    """All series. Each change names the revision that was seen; False: somebody was faster, and nothing was changed."""

    async def get(self, series_id: str) -> Series | None: ...

    async def get_many(self, series_ids: Sequence[str]) -> list[Series]:
        """Those that are there."""

    async def create(
        self, series_id: str, order: NewSeries, *, next_at: datetime, next_id: str, now: datetime
    ) -> bool:
        """False when there is one of that id."""

    async def change(
        self,
        seen: Series,
        *,
        next_at: datetime | None,
        next_id: str,
        status: SeriesStatus | None = None,
        order: NewSeries | None = None,
        trouble: Sequence[str] | None = None,
    ) -> bool:
        """`trouble`: why an occurrence could not be made; the admins are to be told. Empty: there is none any more."""

    async def places(self) -> list[tuple[str, datetime | None]]:
        """All that go on, paused ones too, soonest first: their ids and next times."""

    async def due(self, now: datetime) -> list[str]: ...

    async def take_turn(self, series_id: str) -> bool:
        """False while somebody else makes the next broadcast of it. A turn that is not given back lapses."""

    async def end_turn(self, series_id: str) -> None: ...
