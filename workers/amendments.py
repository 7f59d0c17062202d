"""Amendments: deletes or edits messages on the recipients' phones.

Works through units of a few deliveries, within the rate shared with sending. A unit counts when all of it is done;
until then another worker can start it over.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from redis.exceptions import RedisError

from core.domain.amendment import AmendmentKind, MessageIds
from core.domain.content.content import Content
from core.domain.content.rendering import carried
from core.domain.content.variables import MissingVariable, filled
from core.domain.delivery import OPEN, REACHED_MESSENGER, Delivery, DeliveryState
from core.domain.messengers.outcome import Answer, Outcome, Reason
from core.domain.messengers.retry import Again, Failed, RetryPolicy
from core.domain.messengers.traits import Messenger
from core.runtime import cancellable_sleep
from core.store.amendments import DONE, LEASE_MS, AmendmentStore, Unit
from core.store.bell import SAFETY_SECONDS, Bell, wait_for
from core.store.deliveries import DeliveryQueue
from workers.messengers.port import AmendPort, MessengerPort

log = logging.getLogger(__name__)

AT_ONCE: Final = 4
"""Units of one messenger that a worker does in parallel."""
_LONGEST_NAP: Final = 1.0
_RENEW_SECONDS: Final = LEASE_MS / 3000
_STILL_SENT_SECONDS: Final = 2.0
_UNKNOWN: Final = Answer(outcome=Outcome.UNKNOWN, reason=Reason.NO_ANSWER)


class AmendmentWorker:
    """Takes units of running amendments and does them."""

    def __init__(
        self,
        amendments: AmendmentStore,
        queue: DeliveryQueue,
        messengers: Mapping[Messenger, MessengerPort],
        policy: RetryPolicy,
        bell: Bell,
    ) -> None:
        self._amendments = amendments
        self._queue = queue
        self._bell = bell
        self._messengers = {name: one for name, one in messengers.items() if isinstance(one, AmendPort)}
        self._policy = policy

    async def run(self) -> None:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for messenger in self._messengers:
                begun, turn = self._bell.amend(), asyncio.Lock()
                for _ in range(AT_ONCE):
                    tasks.create_task(self._serve(messenger, begun, turn))

    async def _serve(self, messenger: Messenger, begun: asyncio.Event, turn: asyncio.Lock) -> None:
        while True:
            await cancellable_sleep(0)
            try:
                # One looks for all of them: the next one when it has found something to do.
                async with turn:
                    unit = await self._amendments.take(messenger)
                    if unit is None:
                        busy = await self._amendments.any_running()
                        await wait_for(begun, _STILL_SENT_SECONDS if busy else SAFETY_SECONDS)
                if unit is not None:
                    await self._carry_out(unit)
            except RedisError as error:
                log.warning("the store does not answer: %s", error)
                await cancellable_sleep(_LONGEST_NAP)
            except Exception:
                # The unit's lease will lapse. The error must not end the worker and everything in flight.
                log.exception("a part of an amendment on %s failed", messenger)
                await cancellable_sleep(_LONGEST_NAP)

    async def _carry_out(self, unit: Unit) -> None:
        deliveries, still_sent = await self._amendments.deliveries(unit)
        if still_sent and any(one.state in OPEN for one in deliveries):
            await self._amendments.put_off(unit, _STILL_SENT_SECONDS)
            return
        turn = _Turn(unit, self._amendments, self._queue, self._messengers[unit.messenger], self._policy)
        if await turn.work(deliveries):
            await self._amendments.finish(unit, turn.results)


class _Turn:
    """This worker's turn at one unit."""

    def __init__(
        self,
        unit: Unit,
        amendments: AmendmentStore,
        queue: DeliveryQueue,
        messenger: AmendPort,
        policy: RetryPolicy,
    ) -> None:
        self._unit = unit
        self._amendments = amendments
        self._queue = queue
        self._messenger = messenger
        self._policy = policy
        self._content: Content | None = None
        self._tries: Counter[str] = Counter()
        self._kept_at = asyncio.get_running_loop().time()
        self.results: Counter[str] = Counter()

    async def work(self, deliveries: Sequence[Delivery]) -> bool:
        """Amend the deliveries. Returns False if the unit is no longer ours and must not be counted."""
        amendment = await self._amendments.get(self._unit.broadcast_id)
        self._content = amendment.content if amendment else None
        now = await self._queue.now()
        waiting = [one for one in deliveries if self._is_to_be_asked(one, now)]
        while waiting:
            about = self._unit.broadcast_id
            granted, wait = await self._queue.permits(self._unit.messenger, len(waiting), about)
            wait = min(wait, _LONGEST_NAP)
            if granted:
                again = await self._ask(waiting[:granted])
                waiting = waiting[granted:] + again
                wait = max(self._pause(one) for one in again) if again and len(again) == len(waiting) else 0.0
            if not await self._still_ours(wait):
                return False
        return True

    def _is_to_be_asked(self, delivery: Delivery, now: datetime) -> bool:
        """True if the messenger must be asked. Counts those that need no request; skips those never reached."""
        if delivery.state is DeliveryState.UNKNOWN:
            self.results[Reason.NO_ANSWER] += 1
        elif delivery.state in REACHED_MESSENGER and not delivery.message_id:
            self.results[Reason.NOT_ALLOWED] += 1
        elif delivery.state in REACHED_MESSENGER and self._is_too_old(delivery, now):
            self.results[Reason.TOO_OLD] += 1
        else:
            return delivery.state in REACHED_MESSENGER
        return False

    def _is_too_old(self, delivery: Delivery, now: datetime) -> bool:
        within = self._unit.messenger.traits.deletes_within
        if self._unit.kind is not AmendmentKind.DELETE or within is None or delivery.at is None:
            return False
        return now - delivery.at > within

    async def _ask(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Make one request per delivery and count the settled ones. Returns those to ask again."""
        answers = await asyncio.gather(*(self._amend(one) for one in deliveries))
        again = [
            one
            for one, answer in zip(deliveries, answers, strict=True)
            if not await self._settle(one, answer)
        ]
        return again

    async def _amend(self, delivery: Delivery) -> Answer:
        address = delivery.recipient.address
        try:
            ids = MessageIds.parse(delivery.message_id or "")
            if self._unit.kind is AmendmentKind.DELETE or self._content is None:
                return await self._messenger.delete(address, ids)
            content = carried(filled(self._content, delivery.recipient.variables), self._unit.messenger)
            return await self._messenger.edit(address, ids, content)
        except MissingVariable:
            return Answer(outcome=Outcome.CONTENT_REFUSED, reason=Reason.CONTENT)
        except ValueError:
            return Answer(outcome=Outcome.RECIPIENT_REFUSED, reason=Reason.NOT_ALLOWED)
        except Exception:
            # Asking again does no harm.
            log.exception("delivery=%s the adapter failed", delivery.id)
            return _UNKNOWN

    async def _settle(self, delivery: Delivery, answer: Answer) -> bool:
        """True if the answer settles this delivery."""
        if answer.outcome is Outcome.SENT:
            self.results[DONE] += 1
            return True
        if answer.outcome is Outcome.UNKNOWN:
            answer = Answer(outcome=Outcome.TRANSIENT, reason=answer.reason, detail=answer.detail)
        move = self._policy.decide(answer, tries=self._tries[str(delivery.id)], jitter=0.0)
        log.info("delivery=%s amendment outcome=%s", delivery.id, answer.outcome)
        if isinstance(move, Failed):
            self.results[move.reason.value] += 1
            return True
        if isinstance(move, Again):
            self._tries[str(delivery.id)] += move.costs_try
            if move.halt is not None:
                await self._queue.halt(self._unit.messenger, move.halt, move.reason.sentence)
        return False

    def _pause(self, delivery: Delivery) -> float:
        return min(self._policy.retry_interval, 2.0 ** self._tries[str(delivery.id)] / 2)

    async def _still_ours(self, wait: float) -> bool:
        """Wait, renewing the lease. Returns False if another worker has the unit."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait
        while True:
            if loop.time() - self._kept_at > _RENEW_SECONDS or wait > _LONGEST_NAP:
                if not await self._amendments.keep(self._unit):
                    return False
                self._kept_at = loop.time()
            left = until - loop.time()
            if left <= 0:
                return True
            await cancellable_sleep(min(left, _LONGEST_NAP))
