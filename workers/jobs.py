"""The functions that RQ's jobs name.

The engine does the same work without calling them. A stock `rq worker` calls them one by one: slower, with the same
guarantees.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from typing import Final

from rq import get_current_job

from core.app import open_core
from core.domain.delivery import DeliveryId
from core.domain.messengers.retry import RetryPolicy
from core.domain.messengers.traits import Messenger
from core.settings import Settings, load_settings
from core.store.deliveries import DeliveryQueue, RecordedOutcome
from workers.attempts import Attempts
from workers.content_cache import ContentCache
from workers.messengers import build_messengers
from workers.messengers.transport import Transport, open_session
from workers.uploads import Uploads

log = logging.getLogger(__name__)

LONGEST_WAIT_SECONDS: Final = 15.0


def retry_policy(settings: Settings) -> RetryPolicy:
    return RetryPolicy(retry_count=settings.retry_count, retry_interval=settings.retry_interval)


async def start_broadcast(broadcast_id: str) -> None:
    """Start a broadcast that is due. No-op when run twice or too early."""
    async with open_core(load_settings()) as core:
        await core.ledger.start(broadcast_id)


async def make_occurrence(series_id: str) -> None:
    """Make the broadcast of a series that is due. No-op when run twice or too early."""
    async with open_core(load_settings()) as core:
        await core.series.make_due(series_id)


async def deliver(delivery_id: str) -> None:
    """Make the attempt of this job, if the ledger grants the claim."""
    settings, job = load_settings(), get_current_job()
    delivery = DeliveryId.parse(delivery_id)
    job_id = job.id if job is not None else f"d-{delivery_id}-0"
    async with open_core(settings) as core, open_session(1) as session:
        messengers = build_messengers(settings, Transport(session))
        port = messengers.get(delivery.messenger)
        if trouble := (await core.accounts.refused()).get(delivery.messenger):
            log.error("%s", trouble)
            return
        if port is None:
            # Not claimed, so it stays queued: the sweeper makes the job again for a worker that can do it.
            log.error("%s is not set up here: delivery=%s left alone", delivery.messenger, delivery)
            return
        uploads = Uploads(core.uploads, messengers)
        policy, contents = retry_policy(settings), ContentCache(core.deliveries)
        attempts = Attempts(core.deliveries, delivery.messenger, port, policy, contents, uploads)
        await _deliver(core.deliveries, attempts, delivery.messenger, job_id)
        await uploads.settle()


async def _deliver(deliveries: DeliveryQueue, attempts: Attempts, messenger: Messenger, job_id: str) -> None:
    give_up_at = time.monotonic() + LONGEST_WAIT_SECONDS
    while True:
        claimed = await deliveries.claim(messenger, 1, worker=f"rq-{os.getpid()}", jobs=[job_id])
        for (claim,) in await attempts.groups(claimed.claims):
            await deliveries.record([RecordedOutcome(claim, await attempts.one(claim))])
        # Without a claim and with a time to wait the rate is used up; past the limit the sweeper makes the job again.
        if claimed.claims or not claimed.wait or time.monotonic() + claimed.wait > give_up_at:
            return
        await asyncio.sleep(claimed.wait)
