"""Account events reported by messengers, kept for a week."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from core.domain.messengers.account_status import AccountEvent, AccountTrouble, Issue, Subject
from core.domain.messengers.traits import Messenger
from core.store.scripts import Store
from core.store.times import moment, to_ms

KEPT: Final = timedelta(days=7)
_LONGEST_NAME: Final = 120


class AccountStatusStore(Store):
    """`ms:standing:<m>`, which core/store/lua/account_status.lua writes."""

    async def note(self, messenger: Messenger, event: AccountEvent) -> bool:
        """Keep the event, and halt the messenger where it calls for it. False when known already, or old news."""
        field = f"{event.subject} {event.name[:_LONGEST_NAME]}"
        reason = event.halts.sentence if event.halts else ""
        code, issue = messenger.traits.code, event.issue or ""
        words = f"{field}: {issue}" if event.name and issue else ""
        told = (code, field, issue, to_ms(event.at), reason, words)
        return bool(await self._scripts.run("account_status", *told))

    async def halt(self, messenger: Messenger, trouble: AccountTrouble) -> bool:
        """Halt the messenger until an admin resumes it; False where it is halted, or was resumed since."""
        code, reason = messenger.traits.code, trouble.reason.sentence
        return bool(await self._scripts.run("halt", code, 0, reason, trouble.words, to_ms(trouble.at)))

    async def recent(self) -> dict[Messenger, tuple[AccountEvent, ...]]:
        """Events of the last week, resolved issues included; oldest first."""
        since = await self.now() - KEPT
        found = await self._hashes(f"ms:standing:{messenger.traits.code}" for messenger in Messenger)
        return {one: _read_all(fields, since) for one, fields in zip(Messenger, found, strict=True)}


def _read_all(fields: Mapping[str, str], since: datetime) -> tuple[AccountEvent, ...]:
    events = (_read(field, value) for field, value in fields.items())
    return tuple(sorted((one for one in events if one and one.at > since), key=lambda one: one.at))


def _read(field: str, value: str) -> AccountEvent | None:
    """None for an event that only another version knows."""
    subject, _, name = field.partition(" ")
    at, _, trouble = value.partition("|")
    if subject not in list(Subject) or (trouble and trouble not in list(Issue)):
        return None
    return AccountEvent(
        subject=Subject(subject),
        name=name,
        issue=Issue(trouble) if trouble else None,
        at=moment(at),
    )
