"""The functions that RQ's jobs name. The engine carries the same jobs out without calling them; a stock `rq worker`
calls them one by one, slower and under the same promise."""

from __future__ import annotations

import asyncio
import logging
import os
from typing import Final

from rq import get_current_job

from core.app import open_core
from core.domain.delivery import DeliveryId
from core.domain.messengers.retry import RetryPolicy
from core.settings import Settings, load_settings
from workers.engine import Engine
from workers.messengers import build_messengers
from workers.messengers.transport import open_session
from workers.uploads import Uploads

log = logging.getLogger(__name__)

LONGEST_WAIT_SECONDS: Final = 15.0


def retry_policy(settings: Settings) -> RetryPolicy:
    return RetryPolicy(retry_count=settings.retry_count, retry_interval=settings.retry_interval)


async def start_broadcast(broadcast_id: str) -> None:
    """Starts a broadcast that is due; run twice, or too early, it does nothing."""
    async with open_core(load_settings()) as core:
        await core.ledger.start(broadcast_id)


async def make_occurrence(series_id: str) -> None:
    """Makes the broadcast of a series that is due; run twice, or too early, it does nothing."""
    async with open_core(load_settings()) as core:
        await core.recurring.make_due(series_id)


async def deliver(delivery_id: str) -> None:
    """Makes the attempt that this job stands for, if the ledger grants it."""
    settings, job = load_settings(), get_current_job()
    delivery = DeliveryId.parse(delivery_id)
    job_id = job.id if job is not None else f"d-{delivery_id}-0"
    async with open_core(settings) as core, open_session(1) as session:
        messengers = build_messengers(settings, session)
        if delivery.messenger not in messengers:
            # Not claimed, so it goes on waiting: the sweeper makes the job again for a worker that can do it.
            log.error("%s is not set up here: delivery=%s left alone", delivery.messenger, delivery)
            return
        name = f"rq-{os.getpid()}"
        uploads = Uploads(core.uploads, messengers)
        engine = Engine(core.moves, messengers, retry_policy(settings), uploads, name=name, concurrency=1)
        await _deliver(engine, delivery, job_id)


async def _deliver(engine: Engine, delivery_id: DeliveryId, job_id: str) -> None:
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + LONGEST_WAIT_SECONDS
    while True:
        asked_at = loop.time()
        claimed = await engine.claim(delivery_id.messenger, 1, jobs=[job_id])
        for claim in claimed.claims:
            await engine.attempt(claim, asked_at)
        # Without a claim and with a time to wait the rate is used up; past the limit the sweeper makes the job again.
        if claimed.claims or not claimed.wait or loop.time() + claimed.wait > give_up_at:
            return
        await asyncio.sleep(claimed.wait)
