"""Repeated equal refusals or unclear answers stop a broadcast: at most ten of two thousand are spent."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from core.app import Core, rates_of
from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, BroadcastStatus, NewBroadcast
from core.domain.content.content import Content, Template
from core.domain.delivery import DeliveryState
from core.domain.messengers import retry
from core.domain.messengers.outcome import Answer, Reason
from core.domain.messengers.retry import Again
from core.domain.messengers.traits import Messenger
from core.store.deliveries import DeliveryQueue
from core.store.scripts import Scripts
from tests.contract.messenger_server import closed_port
from tests.support.core import accept, core_at, deliveries_of, people, reloaded, started, until
from tests.support.crowds import crowd
from tests.support.sandbox_server import Sandbox
from tests.support.webhooks import Json, failure, processor, status, whatsapp
from tests.support.worker import working
from workers import breaker
from workers.messengers.outcomes import IN_BETWEEN

pytestmark = pytest.mark.usefixtures("second_try_at_once")

TELEGRAM, WHATSAPP, VIBER = Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER
MANY = 2_000
SPENT = 10
LONG = timedelta(seconds=1)
RATES = {**dict.fromkeys(("TELEGRAM_RATE", "WHATSAPP_RATE", "VIBER_RATE"), "2000"), "RETRY_INTERVAL": "1"}
GREETINGS = Content(text="", template=Template(name="season_greetings", language="en_US", parameters=()))


@dataclass(frozen=True)
class Stage:
    """The sandbox, and a core whose worker a test starts by itself."""

    sandbox: Sandbox
    core: Core
    store: Redis

    async def begin(self, messenger: Messenger, content: Content, count: int = MANY) -> Broadcast:
        recipients = tuple(await crowd(self.sandbox, messenger, count))
        order = NewBroadcast(content=content, recipients=recipients, send_at=None, created_by=Actor("test"))
        broadcast = await accept(self.core, order)
        await self.core.ledger.start(broadcast.id)
        return broadcast

    async def fault(self, messenger: Messenger, **what: object) -> None:
        await self.sandbox.call("POST", "faults", {"messenger": messenger.value, **what})

    async def heal(self) -> None:
        await self.sandbox.call("DELETE", "faults")

    async def report(self, body: bytes) -> None:
        await self.core.receipt_inbox.put(WHATSAPP, [body.decode()])
        await processor(self.core).apply_some(WHATSAPP)

    async def is_held(self, broadcast: Broadcast) -> bool:
        """Held back, and everything in the air has come down."""
        current = await reloaded(self.core, broadcast)
        return bool(current.holds) and not current.progress.of(DeliveryState.SENDING)

    async def halted(self, messenger: Messenger) -> bool:
        return await self.core.health.halt(messenger) is not None


@pytest.fixture
async def stage(redis_url: str, store: Redis, sandbox: Sandbox) -> AsyncIterator[Stage]:
    async with core_at(redis_url, **RATES, **sandbox.environment()) as core:
        yield Stage(sandbox, core, store)


def spent(broadcast: Broadcast) -> int:
    return broadcast.progress.of(DeliveryState.FAILED, DeliveryState.UNKNOWN)


@pytest.mark.parametrize(
    ("messenger", "content", "fault", "reason"),
    [
        (
            WHATSAPP,
            GREETINGS,
            {"status": 404, "code": 132001, "description": "no such template"},
            Reason.TEMPLATE,
        ),
        (WHATSAPP, GREETINGS, {"status": 400, "code": 132015, "description": "paused"}, Reason.TEMPLATE),
        (WHATSAPP, GREETINGS, {"status": 400, "code": 132012, "description": "format"}, Reason.TEMPLATE),
        (WHATSAPP, GREETINGS, {"status": 400, "code": 139999, "description": "news"}, Reason.UNLISTED),
        (WHATSAPP, Content(text="Hi"), {"status": 400, "code": 100, "description": "no"}, Reason.CONTENT),
        (
            TELEGRAM,
            Content(text="Hi"),
            {"status": 400, "code": 400, "description": "Bad Request: strange"},
            Reason.UNLISTED,
        ),
        (
            TELEGRAM,
            Content(text="Hi"),
            {"status": 400, "code": 400, "description": "Bad Request: wrong file identifier specified"},
            Reason.FILE,
        ),
        (VIBER, Content(text="Hi"), {"code": 3, "description": "badData"}, Reason.CONTENT),
    ],
)
async def test_what_everybody_would_be_refused_is_held_back_and_continues_after_the_mend(
    stage: Stage, messenger: Messenger, content: Content, fault: dict[str, Any], reason: Reason
) -> None:
    broadcast = await stage.begin(messenger, content)
    await stage.fault(messenger, kind="error", **fault)
    async with working(stage.core):
        await until(lambda: stage.is_held(broadcast))
        current = await reloaded(stage.core, broadcast)
        assert spent(current) <= SPENT
        assert current.progress.of(DeliveryState.QUEUED) == MANY - spent(current)
        hold = current.holds[messenger]
        assert hold.reason is reason
        assert str(fault["description"]) in hold.words
        await stage.heal()
        await stage.core.broadcasts.try_again(broadcast.id, messenger)
        await until(lambda: _reached(stage, broadcast, 200))
        await stage.core.broadcasts.cancel(
            broadcast.id
        )  # to send to all of them takes long and shows nothing more
        await until(lambda: _nothing_in_the_air(stage, broadcast))
    ended = await reloaded(stage.core, broadcast)
    assert spent(ended) == spent(current)
    assert ended.progress.reached + ended.progress.of(DeliveryState.CANCELLED) == MANY - spent(current)
    assert not ended.holds


async def _ended(stage: Stage, broadcast: Broadcast) -> bool:
    return (await reloaded(stage.core, broadcast)).status is BroadcastStatus.FINISHED


async def test_a_template_paused_in_the_middle_costs_hardly_anybody(stage: Stage) -> None:
    broadcast = await stage.begin(WHATSAPP, GREETINGS)
    async with working(stage.core):
        await until(lambda: _reached(stage, broadcast, 200))
        await stage.fault(WHATSAPP, kind="error", status=400, code=132015, description="Template is paused")
        await until(lambda: stage.is_held(broadcast))
        assert spent(await reloaded(stage.core, broadcast)) <= SPENT


async def _reached(stage: Stage, broadcast: Broadcast, count: int) -> bool:
    return (await reloaded(stage.core, broadcast)).progress.reached >= count


async def test_three_go_ahead_of_the_rest_where_a_template_is_used(stage: Stage) -> None:
    broadcast = await stage.begin(WHATSAPP, GREETINGS, 300)
    await stage.fault(WHATSAPP, kind="delay", ms=500, times=3)
    async with working(stage.core):
        await until(lambda: _calls(stage, 3))
        claimed = (await reloaded(stage.core, broadcast)).progress
        assert claimed.of(DeliveryState.SENDING) <= 3
        assert await stage.core.deliveries.feed(WHATSAPP) == 0
        await until(lambda: _ended(stage, broadcast))
    assert (await reloaded(stage.core, broadcast)).progress.reached == 300


async def test_three_who_cannot_be_reached_hold_the_rest_up_no_longer(stage: Stage) -> None:
    broadcast = await stage.begin(WHATSAPP, GREETINGS, 100)
    await stage.fault(WHATSAPP, kind="error", status=400, code=131026, description="not there", times=7)
    async with working(stage.core):
        await until(lambda: _ended(stage, broadcast))
    assert (await reloaded(stage.core, broadcast)).progress.reached == 93


async def test_a_worker_that_dies_with_the_first_three_holds_the_rest_up_no_longer(stage: Stage) -> None:
    broadcast = await stage.begin(WHATSAPP, GREETINGS, 50)
    assert await stage.core.deliveries.feed(WHATSAPP) == 3
    lost = DeliveryQueue(stage.store, Scripts(stage.store), rates_of(stage.core.settings), lease_seconds=0.01)
    assert len((await lost.claim(WHATSAPP, 10, worker="lost")).claims) == 3
    await until(lambda: _reaped(stage))
    async with working(stage.core):
        await until(lambda: _ended(stage, broadcast))
    ended = (await reloaded(stage.core, broadcast)).progress
    assert (ended.reached, ended.of(DeliveryState.UNKNOWN)) == (47, 3)


async def _reaped(stage: Stage) -> bool:
    return await stage.core.deliveries.reap() == 3


async def _calls(stage: Stage, count: int, on: Messenger = WHATSAPP) -> bool:
    return (await stage.core.status.read()).messengers[on].sending >= count


async def test_a_few_people_whose_text_is_refused_hold_nothing_back(stage: Stage) -> None:
    broadcast = await stage.begin(TELEGRAM, Content(text="Hi"), 300)
    await stage.fault(
        TELEGRAM,
        kind="error",
        status=400,
        code=400,
        description="Bad Request: message is too long",
        share=0.05,
        seed=7,
    )
    async with working(stage.core):
        await until(lambda: _ended(stage, broadcast))
    ended = await reloaded(stage.core, broadcast)
    assert 0 < spent(ended) < 40
    assert ended.progress.reached == 300 - spent(ended)


@pytest.mark.parametrize("content", [Content(text="Hi"), GREETINGS])
async def test_people_who_cannot_be_reached_slow_nobody_down(stage: Stage, content: Content) -> None:
    """A list of numbers of which none is on WhatsApp: as many are in the air as ever."""
    broadcast = await stage.begin(WHATSAPP, content, 400)
    await stage.fault(WHATSAPP, kind="error", status=400, code=131026, description="undeliverable")
    await stage.fault(WHATSAPP, kind="delay", ms=300)
    most = 0

    async def ended() -> bool:
        nonlocal most
        current = await reloaded(stage.core, broadcast)
        most = max(most, current.progress.of(DeliveryState.SENDING))
        return current.status is BroadcastStatus.FINISHED

    async with working(stage.core):
        await until(ended, deadline=30)
    assert most > 5 * breaker.FIRST_IN_FLIGHT
    assert (await reloaded(stage.core, broadcast)).progress.reasons == {WHATSAPP: {Reason.UNDELIVERABLE: 400}}


async def test_what_is_held_back_can_be_left_out(stage: Stage) -> None:
    broadcast = await stage.begin(WHATSAPP, GREETINGS)
    await stage.fault(WHATSAPP, kind="error", status=404, code=132001, description="no such template")
    async with working(stage.core):
        await until(lambda: stage.is_held(broadcast))
        await stage.core.broadcasts.leave_out(broadcast.id, WHATSAPP)
    ended = await reloaded(stage.core, broadcast)
    assert ended.status is BroadcastStatus.FINISHED
    assert ended.progress.of(DeliveryState.CANCELLED) == MANY - spent(ended)
    states = Counter(one.state for one in await deliveries_of(stage.core, ended))
    assert states[DeliveryState.CANCELLED] == MANY - spent(ended)


@pytest.mark.parametrize(
    ("messenger", "fault"),
    [
        (WHATSAPP, {"kind": "html_error", "status": 503}),
        (WHATSAPP, {"kind": "html_error", "status": 200}),
        (WHATSAPP, {"kind": "drop_after"}),
        (WHATSAPP, {"kind": "invalid_json"}),
        (TELEGRAM, {"kind": "html_error"}),
        (VIBER, {"kind": "html_error"}),
        (VIBER, {"kind": "drop_before"}),
    ],
)
async def test_unclear_answers_make_the_messenger_wait_until_one_is_clear(
    stage: Stage, messenger: Messenger, fault: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "FIRST_PAUSE_SECONDS", 1.0)
    broadcast = await stage.begin(messenger, Content(text="Hi"), 500)
    sends = {TELEGRAM: "sendMessage", WHATSAPP: "messages", VIBER: "broadcast_message"}
    await stage.fault(messenger, method=sends[messenger], **fault)
    async with working(stage.core):
        await until(lambda: stage.halted(messenger))
        told = (await stage.core.status.read()).messengers[messenger]
        assert told.problem
        assert told.halt_words
        assert spent(await reloaded(stage.core, broadcast)) <= SPENT
        await stage.heal()
        await until(lambda: _ended(stage, broadcast))
    ended = await reloaded(stage.core, broadcast)
    assert spent(ended) <= SPENT
    assert (await stage.core.status.read()).messengers[messenger].problem == ""


class Unwell:
    """A messenger whose account check fails."""

    async def check(self) -> str | None:
        return "no"

    async def send(self, address: str, content: Content, reference: str) -> Answer:
        return IN_BETWEEN


async def test_who_never_left_waits_no_longer_than_the_messenger(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long that waits by now, it may be resumed at any time."""
    monkeypatch.setattr(breaker, "FIRST_PAUSE_SECONDS", 0.05)
    await started(core, people(TELEGRAM, 1))
    await core.deliveries.feed(TELEGRAM)
    claims = (await core.deliveries.claim(TELEGRAM, 1, worker="test")).claims
    judge = breaker.Breaker(core.deliveries, TELEGRAM, Unwell())
    move = Again(1.0, Reason.UNREACHABLE, costs_try=False)
    for _ in range(breaker.UNCLEAR_IN_A_ROW):
        await judge.judge(claims, [IN_BETWEEN], [move])

    async def waits_for_long() -> bool:
        halt = await core.health.halt(TELEGRAM)
        return halt is not None and halt.until is not None and halt.until - await core.ledger.now() > LONG

    await until(waits_for_long)
    (decided,) = await judge.judge(claims, [IN_BETWEEN], [move])
    judge.close()
    assert decided == Again(0.05, Reason.UNREACHABLE, costs_try=False)


async def test_with_no_retries_nobody_fails_while_the_messenger_cannot_be_reached(
    redis_url: str, store: Redis, sandbox: Sandbox
) -> None:
    unreachable = {"TELEGRAM_API_URL": f"http://127.0.0.1:{closed_port()}", "RETRY_COUNT": "0"}
    async with core_at(redis_url, **{**RATES, **sandbox.environment(), **unreachable}) as core:
        stage = Stage(sandbox, core, store)
        broadcast = await stage.begin(TELEGRAM, Content(text="Hi"), 20)
        async with working(core):
            await until(lambda: stage.halted(TELEGRAM))
            await until(lambda: _nothing_in_the_air(stage, broadcast))
        assert spent(await reloaded(core, broadcast)) == 0


async def test_a_third_of_unclear_answers_makes_the_messenger_wait_too(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "FIRST_PAUSE_SECONDS", 1.0)
    broadcast = await stage.begin(TELEGRAM, Content(text="Hi"), 500)
    await stage.fault(TELEGRAM, method="sendMessage", kind="html_error", status=503, share=0.34, seed=7)
    async with working(stage.core):
        await until(lambda: stage.halted(TELEGRAM))
        await until(lambda: _nothing_in_the_air(stage, broadcast))
        # In flight at that moment are as many as a second of the rate takes.
        assert spent(await reloaded(stage.core, broadcast)) <= 50
        await stage.heal()
        await until(lambda: _ended(stage, broadcast), deadline=30)


async def test_a_messenger_that_hangs_in_the_middle_gets_no_more_than_a_moments_messages(
    redis_url: str, store: Redis, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "SILENT_SECONDS", 0.3)
    async with core_at(redis_url, **sandbox.environment(), TELEGRAM_RATE="100") as core:
        stage = Stage(sandbox, core, store)
        broadcast = await stage.begin(TELEGRAM, Content(text="Hi"), 300)
        async with working(core, concurrency=400):
            await until(lambda: _reached(stage, broadcast, 60))
            await stage.fault(TELEGRAM, method="sendMessage", kind="delay", ms=2000, times=400)
            await until(lambda: _calls(stage, 20, TELEGRAM))
            before = (await reloaded(core, broadcast)).progress.reached
            await until(lambda: _reached(stage, broadcast, before + 10))
            most = (await reloaded(core, broadcast)).progress.of(DeliveryState.SENDING)
            await stage.heal()
            await until(lambda: _ended(stage, broadcast), deadline=40)
        assert most < 120
        assert (await reloaded(core, broadcast)).progress.reached == 300


async def test_an_unclear_answer_now_and_then_makes_nobody_wait(stage: Stage) -> None:
    broadcast = await stage.begin(TELEGRAM, Content(text="Hi"), 500)
    await stage.fault(TELEGRAM, method="sendMessage", kind="html_error", status=503, share=0.03, seed=7)
    async with working(stage.core):
        await until(lambda: _ended(stage, broadcast), deadline=30)
        assert not await stage.halted(TELEGRAM)
    assert (await stage.core.status.read()).messengers[TELEGRAM].problem == ""


async def test_a_store_that_answers_late_leaves_no_worker_asleep_after_a_halt(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last of several claims under way brings nothing, while the worker waits for what they hold."""
    claim = stage.core.deliveries.claim

    async def late(*arguments: Any, **more: Any) -> Any:  # noqa: ANN401 - as it is called
        claimed = await claim(*arguments, **more)
        await asyncio.sleep(0.05 if claimed.claims else 0.2)
        return claimed

    monkeypatch.setattr(stage.core.deliveries, "claim", late)
    monkeypatch.setattr(breaker, "FIRST_PAUSE_SECONDS", 1.0)
    broadcast = await stage.begin(WHATSAPP, Content(text="Hi"), 60)
    await stage.fault(WHATSAPP, method="messages", kind="html_error", status=503)
    async with working(stage.core):
        await until(lambda: stage.halted(WHATSAPP))
        await stage.heal()
        await until(lambda: _ended(stage, broadcast))


ACCOUNT_CODES = (131048, 131042, 131031, 368, 130497, 131064, 190, 10, 200, 2635, 133010, 33)


@pytest.mark.parametrize("code", ACCOUNT_CODES)
async def test_trouble_of_the_account_halts_whichever_way_it_comes(stage: Stage, code: int) -> None:
    broadcast = await stage.begin(WHATSAPP, Content(text="Hi"), 60)
    await stage.fault(WHATSAPP, kind="error", status=400, code=code, description="account trouble")
    async with working(stage.core):
        await until(lambda: stage.halted(WHATSAPP))
        await until(lambda: _nothing_in_the_air(stage, broadcast))
        current = await reloaded(stage.core, broadcast)
        assert spent(current) <= (SPENT if code == 130497 else 0)
        await stage.heal()
        await stage.core.status.resume_messenger(WHATSAPP)
        await until(lambda: _ended(stage, broadcast))
    job = f"d-{broadcast.id}-w5-0"
    # Reports tell whole seconds, and what was said before the messenger was resumed halts nothing.
    later = str(int(time.time()) + 1)
    await stage.report(whatsapp(statuses=[status("failed", job, timestamp=later, errors=failure(code))]))
    halt = await stage.core.health.halt(WHATSAPP)
    assert halt is not None
    assert halt.words.startswith(f"{code}: ")


async def _nothing_in_the_air(stage: Stage, broadcast: Broadcast) -> bool:
    return not (await reloaded(stage.core, broadcast)).progress.of(DeliveryState.SENDING)


async def test_trouble_of_the_account_that_begins_in_the_middle_halts_with_its_first_receipt(
    stage: Stage,
) -> None:
    """By then the messenger has said yes to as many as go out in the time a receipt takes. Retry takes those."""
    broadcast = await stage.begin(WHATSAPP, Content(text="Hi"))
    async with working(stage.core):
        await until(lambda: _reached(stage, broadcast, 500))
        told = status("failed", f"d-{broadcast.id}-w400-0", message_id="wamid.x", errors=failure(131042))
        await stage.report(whatsapp(statuses=[told]))
        assert await stage.halted(WHATSAPP)
        await until(lambda: _nothing_in_the_air(stage, broadcast))
        assert (await stage.core.deliveries.claim(WHATSAPP, 10, worker="another")).claims == ()
        current = await reloaded(stage.core, broadcast)
        assert current.progress.of(DeliveryState.QUEUED) > 0
        assert current.progress.reasons == {WHATSAPP: {Reason.CONFIGURATION: 1}}
        await stage.core.status.resume_messenger(WHATSAPP)
        await until(lambda: _reached(stage, broadcast, current.progress.reached + 1))
        await stage.core.broadcasts.cancel(broadcast.id)
        await until(lambda: _nothing_in_the_air(stage, broadcast))
    assert Reason.CONFIGURATION.may_be_over


async def test_what_was_said_before_an_admin_resumed_halts_nothing(stage: Stage) -> None:
    said = whatsapp(statuses=[status("failed", "", timestamp="1700000000", errors=failure(131042))])
    await stage.core.status.resume_messenger(WHATSAPP)
    await stage.report(said)
    assert not await stage.halted(WHATSAPP)


async def test_a_wait_of_hours_that_an_admin_ends_holds_nobody_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not those either who were told to wait."""
    monkeypatch.setattr(retry, "DEFAULT_RATE_LIMIT_PAUSE", 0.5)
    broadcast = await stage.begin(TELEGRAM, Content(text="Hi"), 60)
    await stage.fault(TELEGRAM, method="sendMessage", kind="rate_limit", retry_after=86_400, times=2)
    async with working(stage.core):
        await until(lambda: stage.halted(TELEGRAM))
        await until(lambda: _nothing_in_the_air(stage, broadcast))
        await stage.heal()
        await stage.core.status.resume_messenger(TELEGRAM)
        await until(lambda: _ended(stage, broadcast), deadline=20)
    assert (await reloaded(stage.core, broadcast)).progress.reached == 60


async def test_a_missing_object_is_the_account_and_not_the_content(stage: Stage) -> None:
    broadcast = await stage.begin(WHATSAPP, Content(text="Hi"), 300)
    words = "Unsupported post request. Object with ID '1' does not exist, cannot be loaded due to missing permissions"
    await stage.fault(WHATSAPP, kind="error", method="messages", status=400, code=100, description=words)
    async with working(stage.core):
        await until(lambda: stage.halted(WHATSAPP))
        await until(lambda: _nothing_in_the_air(stage, broadcast))
    assert spent(await reloaded(stage.core, broadcast)) == 0


async def test_refusals_that_come_later_hold_back_too(stage: Stage) -> None:
    broadcast = await stage.begin(WHATSAPP, GREETINGS, 300)
    statuses = [
        status("failed", f"d-{broadcast.id}-w{n}-0", message_id=f"wamid.{n}", errors=failure(132015))
        for n in range(3)
    ]
    await stage.report(whatsapp(statuses=statuses))
    assert (await reloaded(stage.core, broadcast)).holds[WHATSAPP].reason is Reason.TEMPLATE


def _refused_later(broadcast: Broadcast, index: int) -> Json:
    return status(
        "failed", f"d-{broadcast.id}-w{index}-0", message_id=f"wamid.{index}", errors=failure(139999)
    )


async def test_refusals_by_receipt_hold_nothing_back_while_others_are_sent_on(stage: Stage) -> None:
    """Six of 300 are no row of five, in whatever calls they come."""
    broadcast = await stage.begin(WHATSAPP, GREETINGS, 300)
    for start in range(0, 300, 50):
        sent_on = [
            status("sent", f"d-{broadcast.id}-w{n}-0", message_id=f"wamid.{n}")
            for n in range(start + 1, start + 50)
        ]
        await stage.report(whatsapp(statuses=[_refused_later(broadcast, start), *sent_on]))
    assert not (await reloaded(stage.core, broadcast)).holds


async def test_a_receipt_that_comes_again_and_again_counts_once(stage: Stage) -> None:
    broadcast = await stage.begin(WHATSAPP, GREETINGS, 300)
    for index in (0, 0, 0, 0, 1, 1, 2, 3):
        await stage.report(whatsapp(statuses=[_refused_later(broadcast, index)]))
    assert not (await reloaded(stage.core, broadcast)).holds
    await stage.report(whatsapp(statuses=[_refused_later(broadcast, 4)]))
    assert (await reloaded(stage.core, broadcast)).holds[WHATSAPP].reason is Reason.UNLISTED


async def test_a_template_that_is_taken_away_holds_back_what_uses_it(stage: Stage) -> None:
    broadcast = await stage.begin(WHATSAPP, GREETINGS, 300)
    await stage.core.receipt_inbox.put(WHATSAPP, [_template_news("season_greetings")])
    await processor(stage.core).apply_some(WHATSAPP)
    assert (await reloaded(stage.core, broadcast)).holds[WHATSAPP].words == "season_greetings en_US: paused"


def _template_news(name: str) -> str:
    value = f'{{"event":"PAUSED","message_template_name":"{name}","message_template_language":"en_US"}}'
    change = f'{{"field":"message_template_status_update","value":{value}}}'
    return f'{{"entry":[{{"time":1795996800,"changes":[{change}]}}]}}'
