"""Leaves those out of an order who cannot or will not be reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core.domain.messengers.events import LeftOut, Reachable
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger, is_open
from core.domain.recipients import Recipient
from core.domain.translatable import sentence
from core.settings import Settings
from core.store.reachability import InboundMessageStore, ReachabilityStore


async def split_reachable(recipients: Sequence[Recipient], reach: ReachabilityStore) -> Reachable:
    """Parts the list, in its order; chats that have moved are looked for where they are now, and named once."""
    recipients = await _where_now(recipients, reach)
    out: dict[tuple[Messenger, str], Reason] = {}
    for messenger in Messenger:
        addresses = [one.address for one in recipients if one.messenger is messenger]
        found = await reach.out_of_reach(messenger, addresses)
        out |= {(messenger, address): reason for address, reason in found.items()}
    if not out:
        return Reachable(recipients=tuple(recipients))
    left_out = [
        LeftOut(recipient=one, reason=out[one.messenger, one.address])
        for one in recipients
        if (one.messenger, one.address) in out
    ]
    kept = tuple(one for one in recipients if (one.messenger, one.address) not in out)
    return Reachable(recipients=kept, left_out=tuple(left_out))


async def _where_now(recipients: Sequence[Recipient], reach: ReachabilityStore) -> Sequence[Recipient]:
    moved = {messenger: await reach.moved(messenger) for messenger in Messenger}
    if not any(one.address in moved[one.messenger] for one in recipients):
        return recipients
    found: dict[tuple[Messenger, str], Recipient] = {}
    for one in recipients:
        address = moved[one.messenger].get(one.address, one.address)
        found.setdefault((one.messenger, address), replace(one, address=address))
    return list(found.values())


def nobody_left(screened: Reachable) -> list[str]:
    """One sentence when everybody on the list had to be left out, else none."""
    if screened.recipients or not screened.left_out:
        return []
    if len(screened.left_out) == 1:
        (one,) = screened.left_out
        return [
            sentence(
                "Nobody is left to send to: {recipient} {reason}.",
                recipient=one.recipient.label,
                reason=one.reason.sentence,
            )
        ]
    parts = tuple(
        sentence("{count} {why}", count=count, why=reason.counted(messenger.traits.title))
        for messenger, reasons in screened.counts.items()
        for reason, count in reasons.items()
    )
    return [sentence("Nobody is left to send to ({reasons}).", reasons=parts)]


@dataclass(frozen=True, kw_only=True, slots=True)
class OutsideWindow:
    """Who of a list is outside the window of one messenger, at the time of sending as far as it is known now."""

    messenger: Messenger
    total: int
    """How many there are on the messenger."""
    outside: tuple[Recipient, ...]
    missing: str = ""
    """The variable without which nobody knows who wrote: the messenger cannot report. Then all count as outside."""


class ServiceWindows:
    """Looks up when people last wrote."""

    def __init__(self, letters: InboundMessageStore, settings: Settings) -> None:
        self._letters = letters
        self._settings = settings

    async def look(self, recipients: Sequence[Recipient], at: datetime | None = None) -> list[OutsideWindow]:
        """One for each messenger on the list that has a window. `at`: when it will be sent; None = now."""
        found = []
        for messenger in Messenger:
            if messenger.traits.window_hours:
                there = [one for one in recipients if one.messenger is messenger]
                found += [await self._on(messenger, there, at)] if there else []
        return found

    async def _on(
        self, messenger: Messenger, there: Sequence[Recipient], at: datetime | None
    ) -> OutsideWindow:
        wrote = await self._letters.last_wrote(messenger, [one.address for one in there])
        moment = at or datetime.now(UTC)
        outside = (one for one in there if not is_open(messenger, wrote.get(one.address), moment))
        return OutsideWindow(
            messenger=messenger, total=len(there), outside=tuple(outside), missing=self._missing(messenger)
        )

    def _missing(self, messenger: Messenger) -> str:
        webhook = messenger.traits.webhook
        deaf = webhook is not None and getattr(self._settings, webhook.key) is None
        return webhook.key.upper() if webhook is not None and deaf else ""
