"""One run: give orders, inject faults, and watch until everything has ended."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from core.domain.broadcast import ENDED, Broadcast, BroadcastStatus, Index
from core.domain.delivery import Delivery, DeliveryState
from core.domain.errors import Conflict
from core.domain.messengers.traits import Messenger
from core.domain.quiet_hours import QuietHours
from core.domain.recipients import Recipient
from tests.chaos.customers import Admin
from tests.chaos.customers import Program as Customer
from tests.chaos.faults import Faults
from tests.chaos.harness import Plan, System, insist
from tests.support.core import accept, deliveries_of, order
from tests.support.crowds import crowd

LEASE: Final = 20.0
LOOK_EVERY: Final = 0.3
QUIET_AT_LEAST: Final = timedelta(seconds=20)
IN_A_CHAT: Final = 20
"""Recipients of an order in the chat."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """`share` of all recipients. When it is given and when it is due, in thirds of the run; None = at once.

    `quiet`: it is given in its recipients' quiet hours, which end during the run.
    """

    messenger: Messenger
    share: float
    given: float = 0
    planned: float | None = None
    cancelled: float | None = None
    quiet: bool = False


LARGE: Final = (
    Order(messenger=Messenger.TELEGRAM, share=0.3),
    Order(messenger=Messenger.WHATSAPP, share=0.3),
    Order(messenger=Messenger.VIBER, share=0.1, cancelled=0.5),
    Order(messenger=Messenger.TELEGRAM, share=0.2, given=0.5, planned=1),
    Order(messenger=Messenger.VIBER, share=0.1, given=1, planned=1.5),
)
SMALL: Final = tuple(
    Order(messenger=messenger, share=0.005, given=0.4 * number, planned=planned)
    for number, (messenger, planned) in enumerate(
        (messenger, planned)
        for planned in (None, 0.3, 0.6)
        for messenger in (Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER)
    )
) + tuple(
    Order(messenger=messenger, share=0.005, given=0.3, quiet=True)
    for messenger in (Messenger.TELEGRAM, Messenger.VIBER)
)
"""Small orders, all the time beside the large ones."""


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """An accepted order, identified by its text."""

    text: str
    recipients: Sequence[Recipient]
    not_before: datetime | None = None
    """The end of quiet hours."""


class Run:
    """Gives orders and checks that no delivery is ever missing from the counts."""

    def __init__(self, running: System, plan: Plan) -> None:
        self._system = running
        self._plan = plan
        self._third = plan.seconds / 3
        self._orders = LARGE + (SMALL if plan.small else ())
        self._wanted = len(self._orders) + plan.chats
        self.customer = Customer(running)
        self.admin = Admin(running)
        self.faults = Faults(running, plan, self.customer)
        self.accepted: list[Accepted] = []
        self.looks = 0
        self.miscounted: list[str] = []
        self.unfinished: list[str] = []
        self.unknown: list[Delivery] = []
        """Unknown deliveries at the end, before the resend."""
        self.looked_at = 0.0
        """When they were looked for, Unix seconds."""
        self.texts: dict[str, str] = {}
        """Text of each broadcast, by its id."""
        self.unknown_arrived = 0
        """Those of them whose message is on the phone."""
        self.resent: set[tuple[str, str]] = set()
        """Recipient and text of the resent deliveries."""
        self.resend_broken: list[str] = []

    async def carry_out(self) -> None:
        """Run until every broadcast has ended, or the deadline, and one was resent to its unknown."""
        async with asyncio.TaskGroup() as tasks:
            for number, wanted in enumerate(self._orders):
                tasks.create_task(self._order(number, wanted))
            tasks.create_task(self._write_in_chat())
            tasks.create_task(self.faults.throw())
            tasks.create_task(self._watch())
        # One that has just gone on after a freeze may still read the answers that came meanwhile.
        await self._system.settle()
        await self._look_at_unknown()
        await self._resend()

    async def _order(self, number: int, wanted: Order) -> None:
        count = round(wanted.share * self._plan.recipients)
        recipients = await crowd(self._system.sandbox, wanted.messenger, count)
        await asyncio.sleep(wanted.given * self._third)
        wait = None if wanted.planned is None else timedelta(seconds=wanted.planned * self._third)
        text = f"text of order {number}"
        if wanted.quiet:
            await self._order_in_quiet_hours(text, recipients)
            return
        await self.customer.order(text, recipients, wait)
        self.accepted.append(Accepted(text=text, recipients=recipients))
        if wanted.cancelled is not None:
            await asyncio.sleep(wanted.cancelled * self._third)
            await self._cancel(text)

    async def _order_in_quiet_hours(self, text: str, recipients: Sequence[Recipient]) -> None:
        core = self._system.core
        now = await insist(core.ledger.now)
        end = (now + QUIET_AT_LEAST + timedelta(minutes=1)).replace(second=0, microsecond=0)
        hours = QuietHours((end - timedelta(hours=1)).time(), end.time(), "UTC")
        sleepers = [replace(one, quiet_hours=hours) for one in recipients]
        new = order(sleepers, text=text)
        broadcast_id = await insist(core.ledger.reserve_id)
        await insist(partial(accept, core, new, broadcast_id=broadcast_id))
        self.accepted.append(Accepted(text=text, recipients=sleepers, not_before=end))

    async def _cancel(self, text: str) -> None:
        (broadcast,) = [one for one in await self.found() if one.content.text == text]
        # Repeated after a lost answer, it finds the broadcast cancelled already.
        with contextlib.suppress(Conflict):
            await insist(lambda: self._system.core.broadcasts.cancel(broadcast.id))

    async def _write_in_chat(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(self._plan.chats):
            await asyncio.sleep(began + number * self._plan.seconds / self._plan.chats - loop.time())
            recipients = await crowd(self._system.sandbox, Messenger.TELEGRAM, IN_A_CHAT)
            text = f"typed order {number}"
            await self.admin.order(text, recipients)
            self.accepted.append(Accepted(text=text, recipients=recipients))

    async def found(self) -> list[Broadcast]:
        """Every broadcast once: lists are read in the order in which broadcasts pass through them."""
        read = partial(self._system.core.ledger.page, start=0, count=-1, newest_first=False)
        indexes = (Index.SCHEDULED, Index.RUNNING, Index.ENDED)
        pages = [await insist(partial(read, index)) for index in indexes]
        return list({one.id: one for page in pages for one in page}.values())

    async def _watch(self) -> None:
        """Check the counts of every broadcast again and again: no delivery may be missing at any moment."""
        loop, over_at = asyncio.get_running_loop(), None
        found: list[Broadcast] = []
        # In the worst case nothing was sent during the faults, and everything is sent afterwards.
        while over_at is None or loop.time() < over_at + self._plan.seconds + 2 * LEASE:
            await asyncio.sleep(LOOK_EVERY)
            over_at = over_at or (loop.time() if self.faults.over else None)
            found = await self.found()
            self._count(found)
            done = len(self.accepted) == self._wanted and self.faults.over
            if done and all(one.status in ENDED and one.progress.open == 0 for one in found):
                break
        else:
            self.unfinished = [f"#{one.id} {one.status}: {one.progress}" for one in found]

    async def _look_at_unknown(self) -> None:
        self.looked_at = time.time()
        landed = await self._system.sandbox.delivered()
        arrived = {(f"{one['messenger']}:{one['recipient']}", str(one["text"])) for one in landed}
        for broadcast in await self.found():
            if broadcast.progress.of(DeliveryState.UNKNOWN):
                self.texts[broadcast.id] = broadcast.content.text
                for one in await deliveries_of(self._system.core, broadcast):
                    if one.state is DeliveryState.UNKNOWN:
                        self.unknown.append(one)
                        self.unknown_arrived += (one.recipient.label, broadcast.content.text) in arrived

    def _count(self, found: Sequence[Broadcast]) -> None:
        sizes = {one.text: len(one.recipients) for one in self.accepted}
        for broadcast in found:
            size = sizes.get(broadcast.content.text)
            self.looks += 1
            if size is not None and broadcast.progress.total != size:
                self.miscounted.append(f"#{broadcast.id}: {broadcast.progress} of {size}")

    async def _resend(self) -> None:
        """Tap "send again to the unknown" twice, on the broadcast with the most."""
        found = [one for one in await self.found() if one.status is BroadcastStatus.FINISHED]
        chosen = max(found, key=lambda one: one.progress.of(DeliveryState.UNKNOWN), default=None)
        if chosen is None or not chosen.progress.of(DeliveryState.UNKNOWN):
            return
        before = {one.id: one for one in await deliveries_of(self._system.core, chosen)}
        tap = self._system.core.retries.resend_unknown
        taps = await asyncio.gather(tap(chosen), tap(chosen), return_exceptions=True)
        unknown = {key for key, one in before.items() if one.state is DeliveryState.UNKNOWN}
        if [one for one in taps if not isinstance(one, Conflict)] != [len(unknown)]:
            self.resend_broken.append(f"two taps for {len(unknown)} unknown came to {taps}")
        self.resent = {(before[key].recipient.label, chosen.content.text) for key in unknown}
        after = await self._ended_again(chosen.id)
        for one in await deliveries_of(self._system.core, after):
            if one.id not in unknown and one != before[one.id]:
                self.resend_broken.append(f"{one.id} was {before[one.id].state} and was touched")
            if one.id in unknown and one.attempts <= before[one.id].attempts:
                self.resend_broken.append(f"{one.id} was not sent again")

    async def _ended_again(self, broadcast_id: str) -> Broadcast:
        async with asyncio.timeout(self._plan.seconds + 2 * LEASE):
            while True:
                broadcast = await self._system.core.broadcasts.get(broadcast_id)
                if broadcast.status in ENDED and broadcast.progress.open == 0:
                    return broadcast
                await asyncio.sleep(LOOK_EVERY)
