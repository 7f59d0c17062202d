"""The admins hear of trouble by themselves: once when it lasts, and once when it is over."""

from __future__ import annotations

import json

from core.app import Core
from core.domain.delivery import DeliveryState
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.version import VERSION
from core.queue.control import ControlQueue
from core.services.alerts import LOOKS_BEFORE_ALERT, Alert, AlertTracker
from core.store.connection import connect_bytes as bytes_of
from core.store.health import BEAT_LIFE_SECONDS
from tests.support.core import accepted, core_at, deliver_all, in_an_hour, people, started, store_at


async def looks(tracker: AlertTracker, core: Core, times: int = LOOKS_BEFORE_ALERT) -> list[Alert]:
    """The alerts sent within a number of rounds."""
    return [alert for _ in range(times) for alert in await tracker.look(await core.status.read())]


async def test_what_waits_with_no_worker_is_told_once_and_its_end_once(redis_url: str) -> None:
    async with core_at(redis_url) as core:
        await started(core, people(Messenger.TELEGRAM, 3))
        tracker = AlertTracker(core.alerts)
        assert await looks(tracker, core, LOOKS_BEFORE_ALERT - 1) == []
        (alert,) = await looks(tracker, core, 5)
        assert "The sending program isn't running" in alert.text
        assert "3 messages are waiting" in alert.text
        await core.heartbeat.beat("worker")
        (over,) = await looks(tracker, core)
        assert over == Alert("The sending program is back. Sending continues.", over=True)


async def test_a_restarted_bot_tells_nothing_twice(redis_url: str) -> None:
    async with core_at(redis_url) as core:
        await started(core, people(Messenger.TELEGRAM, 1))
        assert len(await looks(AlertTracker(core.alerts), core)) == 1
        assert await looks(AlertTracker(core.alerts), core, 5) == []


async def test_a_silent_scheduler_is_told_only_while_something_is_scheduled(redis_url: str) -> None:
    async with core_at(redis_url) as core:
        assert await looks(AlertTracker(core.alerts), core) == []
        await accepted(core, people(Messenger.VIBER, 1), send_at=in_an_hour())
        (alert,) = await looks(AlertTracker(core.alerts), core)
        assert "scheduler" in alert.text


async def test_a_messenger_halted_until_resumed_is_told_with_its_reason_and_a_short_halt_is_not(
    redis_url: str,
) -> None:
    async with core_at(redis_url) as core:
        await core.deliveries.halt(Messenger.TELEGRAM, 5, "slow down")
        await core.deliveries.halt(Messenger.VIBER, 0, "the account isn't set up right")
        (alert,) = await looks(AlertTracker(core.alerts), core)
        assert "Viber is paused: " in alert.text
        assert "the account isn't set up right" in alert.text
        await core.status.resume_messenger(Messenger.VIBER)
        assert await looks(AlertTracker(core.alerts), core) == [Alert("Viber is sending again.", over=True)]


async def test_a_messenger_that_could_not_send_when_it_was_asked_is_told_until_it_could(
    redis_url: str,
) -> None:
    async with core_at(redis_url) as core:
        await core.health.report_problem(Messenger.VIBER, "Viber doesn't accept VIBER_AUTH_TOKEN.")
        (alert,) = await looks(AlertTracker(core.alerts), core)
        assert alert.text == ("Viber couldn't send: Viber doesn't accept VIBER_AUTH_TOKEN.")
        await core.health.report_problem(Messenger.VIBER, None)
        assert await looks(AlertTracker(core.alerts), core) == [Alert("Viber is ready to send.", over=True)]


async def test_a_store_filled_past_70_percent_is_told(redis_url: str) -> None:
    async with core_at(redis_url) as core, store_at(redis_url) as store:
        limit = (await core.health.memory())[1]
        used = (await core.health.memory())[0]
        await store.config_set("maxmemory", int(used * 1.3))
        try:
            (alert,) = await looks(AlertTracker(core.alerts), core)
        finally:
            await store.config_set("maxmemory", limit or 0)
        assert "of its memory" in alert.text


async def test_programs_of_two_versions_on_one_store_are_told(redis_url: str) -> None:
    async with core_at(redis_url) as core, store_at(redis_url) as store:
        await core.heartbeat.beat("worker")
        assert (await core.status.read()).versions == (VERSION,)
        soon = (await store.time())[0] + BEAT_LIFE_SECONDS
        await store.zadd("ms:alive", {"bot:elsewhere:1:0.0.1": soon})
        (alert,) = await looks(AlertTracker(core.alerts), core)
        assert f"0.0.1, {VERSION}" in alert.text


async def test_a_forged_job_is_told_until_rq_forgets_it(redis_url: str) -> None:
    async with core_at(redis_url) as core, store_at(redis_url) as store:
        await store.rpush("rq:queue:viber", "forged")
        await store.hset(
            "rq:job:forged", mapping={"data": '["os.system", null, ["true"], {}]', "status": "queued"}
        )
        assert (await core.deliveries.claim(Messenger.VIBER, 5, worker="test")).refused == ("forged",)
        (alert,) = await looks(AlertTracker(core.alerts), core)
        assert alert.text.startswith("1 job failed in RQ because another program made or ran it")
        await store.zadd("rq:failed:viber", {"forged": 1})
        assert await looks(AlertTracker(core.alerts), core) == [
            Alert("RQ no longer keeps refused jobs.", over=True)
        ]


async def test_a_forged_job_about_a_whole_broadcast_is_told_too(redis_url: str) -> None:
    data = json.dumps(["workers.jobs.start_broadcast", None, ["A7KQ", "more"], {}]).encode()
    async with core_at(redis_url) as core, store_at(redis_url) as store, bytes_of(redis_url) as raw:
        await store.hset("rq:job:forged", mapping={"data": data, "status": "queued"})
        await store.rpush("rq:queue:control", "forged")
        assert await ControlQueue(raw).take(wait=1) == []
        (alert,) = await looks(AlertTracker(core.alerts), core)
        assert alert.text.startswith("1 job failed in RQ")


async def test_a_quarantined_row_is_told_and_its_recipient_is_unknown(redis_url: str) -> None:
    async with core_at(redis_url) as core, store_at(redis_url) as store:
        broadcast = await started(core, people(Messenger.VIBER, 2))
        await store.hset(f"ms:s:{broadcast.id}:v:0", "1", "nonsense")
        await deliver_all(core)
        (alert,) = await looks(AlertTracker(core.alerts), core)
        assert alert.text.startswith("1 record couldn't be read.")
        (trouble,) = (await core.broadcasts.troubles(broadcast.id)).items
        assert (trouble.state, trouble.reason) == (DeliveryState.UNKNOWN, Reason.UNREADABLE)
        assert 0 < await store.ttl("ms:corrupt") <= 7 * 86_400
