"""Leaves those out of an order who cannot or will not be reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.domain.messengers import Messenger
from core.domain.outcome import Reason
from core.domain.receipts import LeftOut, Screened
from core.domain.recipients import Recipient
from core.domain.sentences import sentence
from core.ports import Reach


async def screen(recipients: Sequence[Recipient], reach: Reach) -> Screened:
    """Parts the list, in its order; chats that have moved are looked for where they are now, and named once."""
    recipients = await _where_now(recipients, reach)
    out: dict[tuple[Messenger, str], Reason] = {}
    for messenger in Messenger:
        addresses = [one.address for one in recipients if one.messenger is messenger]
        found = await reach.out_of_reach(messenger, addresses)
        out |= {(messenger, address): reason for address, reason in found.items()}
    if not out:
        return Screened(recipients=tuple(recipients))
    left_out = [
        LeftOut(recipient=one, reason=out[one.messenger, one.address])
        for one in recipients
        if (one.messenger, one.address) in out
    ]
    kept = tuple(one for one in recipients if (one.messenger, one.address) not in out)
    return Screened(recipients=kept, left_out=tuple(left_out))


async def _where_now(recipients: Sequence[Recipient], reach: Reach) -> Sequence[Recipient]:
    moved = {messenger: await reach.moved(messenger) for messenger in Messenger}
    if not any(one.address in moved[one.messenger] for one in recipients):
        return recipients
    found: dict[tuple[Messenger, str], Recipient] = {}
    for one in recipients:
        address = moved[one.messenger].get(one.address, one.address)
        found.setdefault((one.messenger, address), replace(one, address=address))
    return list(found.values())


def nobody_left(screened: Screened) -> list[str]:
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
