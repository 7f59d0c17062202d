"""Recipients that cannot be reached, or are outside a messenger's customer service window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.messengers.events import LeftOut, Reachable
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger, is_open
from core.domain.recipients import Recipient
from core.domain.translatable import sentence
from core.settings import Settings
from core.store.reachability import ReachabilityStore


@dataclass(frozen=True, kw_only=True, slots=True)
class OutsideWindow:
    """Recipients on one messenger who are outside its service window at the time of sending."""

    messenger: Messenger
    total: int
    """Number of recipients on the messenger."""
    outside: tuple[Recipient, ...]
    missing: str = ""
    """The variable to set before the messenger can report who wrote. Until then all count as outside."""


@dataclass(frozen=True, slots=True)
class Reachability:
    _store: ReachabilityStore
    _settings: Settings

    @property
    def set_up(self) -> list[Messenger]:
        """The messengers that have all their settings."""
        return [messenger for messenger in Messenger if not self._settings.missing_for(messenger)]

    def split_set_up(
        self, recipients: Sequence[Recipient]
    ) -> tuple[tuple[Recipient, ...], tuple[Recipient, ...]]:
        """Recipients on messengers that are set up, and the others; all are kept where none is on such a messenger."""
        set_up = self.set_up
        kept = tuple(one for one in recipients if one.messenger in set_up)
        if not kept:
            return tuple(recipients), ()
        return kept, tuple(one for one in recipients if one.messenger not in set_up)

    async def split(self, recipients: Sequence[Recipient]) -> Reachable:
        """Split a list, keeping its order. Chats that have moved get their new address and count once."""
        recipients = await self._where_now(recipients)
        out: dict[tuple[Messenger, str], Reason] = {}
        for messenger in Messenger:
            addresses = [one.address for one in recipients if one.messenger is messenger]
            found = await self._store.out_of_reach(messenger, addresses)
            out |= {(messenger, address): reason for address, reason in found.items()}
        if not out:
            return Reachable(recipients=tuple(recipients))
        return Reachable(
            recipients=tuple(one for one in recipients if one.key not in out),
            left_out=tuple(
                LeftOut(recipient=one, reason=out[where]) for one in recipients if (where := one.key) in out
            ),
        )

    async def certain_to_fail(self, recipients: Sequence[Recipient]) -> set[tuple[Messenger, str]]:
        """Keys of the recipients that no message can reach, as known before sending."""
        found: set[tuple[Messenger, str]] = set()
        for messenger in Messenger:
            addresses = [one.address for one in recipients if one.messenger is messenger]
            if addresses and self._settings.missing_for(messenger):
                found.update((messenger, address) for address in addresses)
            elif addresses:
                out = await self._store.out_of_reach(messenger, addresses)
                found.update((messenger, address) for address in out)
        return found

    async def _where_now(self, recipients: Sequence[Recipient]) -> Sequence[Recipient]:
        moved = {messenger: await self._store.moved(messenger) for messenger in Messenger}
        if not any(one.address in moved[one.messenger] for one in recipients):
            return recipients
        found: dict[tuple[Messenger, str], Recipient] = {}
        for one in recipients:
            address = moved[one.messenger].get(one.address, one.address)
            found.setdefault((one.messenger, address), replace(one, address=address))
        return list(found.values())

    async def outside_window(
        self, recipients: Sequence[Recipient], at: datetime | None = None
    ) -> list[OutsideWindow]:
        """One for each messenger on the list that has a window. `at`: when it is sent; None = now."""
        found = []
        for messenger in Messenger:
            there = [one for one in recipients if one.messenger is messenger]
            if messenger.traits.window_hours and there:
                wrote = await self._store.last_wrote(messenger, [one.address for one in there])
                moment = at or await self._store.now()
                outside = (one for one in there if not is_open(messenger, wrote.get(one.address), moment))
                found.append(
                    OutsideWindow(
                        messenger=messenger,
                        total=len(there),
                        outside=tuple(outside),
                        missing=self._missing_key(messenger),
                    )
                )
        return found

    def _missing_key(self, messenger: Messenger) -> str:
        webhook = messenger.traits.webhook
        missing = webhook is not None and getattr(self._settings, webhook.key) is None
        return webhook.key.upper() if webhook is not None and missing else ""


def nobody_left(reachable: Reachable) -> list[str]:
    """One sentence if nobody on the list can be reached, otherwise none."""
    if reachable.recipients or not reachable.left_out:
        return []
    if len(reachable.left_out) == 1:
        (one,) = reachable.left_out
        return [
            sentence(
                "There's no one to send to: {recipient} {reason}.",
                recipient=one.recipient.label,
                reason=one.reason.sentence,
            )
        ]
    parts = tuple(
        sentence("{count} {why}", count=count, why=reason.counted(messenger.traits.title))
        for messenger, reasons in reachable.counts.items()
        for reason, count in reasons.items()
    )
    return [sentence("There's no one to send to ({reasons}).", reasons=parts)]
