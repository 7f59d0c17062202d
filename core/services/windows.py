"""Whom a messenger takes anything for, as they wrote lately, and whom it takes a template for alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from core.domain.messengers import Messenger
from core.domain.recipients import Recipient
from core.domain.windows import is_open
from core.ports import Letters
from core.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Outside:
    """Who of a list is outside the window of one messenger, at the time of sending as far as it is known now."""

    messenger: Messenger
    total: int
    """How many there are on the messenger."""
    outside: tuple[Recipient, ...]
    missing: str = ""
    """The variable without which nobody knows who wrote: the messenger cannot report. Then all count as outside."""


class Windows:
    """Looks up when people last wrote."""

    def __init__(self, letters: Letters, settings: Settings) -> None:
        self._letters = letters
        self._settings = settings

    async def look(self, recipients: Sequence[Recipient], at: datetime | None = None) -> list[Outside]:
        """One for each messenger on the list that has a window. `at`: when it will be sent; None = now."""
        found = []
        for messenger in Messenger:
            if messenger.traits.window_hours:
                there = [one for one in recipients if one.messenger is messenger]
                found += [await self._on(messenger, there, at)] if there else []
        return found

    async def _on(self, messenger: Messenger, there: Sequence[Recipient], at: datetime | None) -> Outside:
        wrote = await self._letters.last_wrote(messenger, [one.address for one in there])
        moment = at or datetime.now(UTC)
        outside = (one for one in there if not is_open(messenger, wrote.get(one.address), moment))
        return Outside(
            messenger=messenger, total=len(there), outside=tuple(outside), missing=self._missing(messenger)
        )

    def _missing(self, messenger: Messenger) -> str:
        webhook = messenger.traits.webhook
        deaf = webhook is not None and getattr(self._settings, webhook.key) is None
        return webhook.key.upper() if webhook is not None and deaf else ""
