"""The stop of everything: obeyed by feeding, claiming and starting alike, and let go on piece by piece."""

from __future__ import annotations

import pytest

from core.app import Core
from core.domain.audit import Actor
from core.domain.broadcast import BroadcastStatus
from core.domain.delivery import DeliveryState
from core.domain.errors import Conflict
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Again, Sent
from core.domain.messengers.traits import Messenger
from core.domain.panic import PanicStop
from tests.support.core import (
    accepted,
    deliver_all,
    everywhere,
    feed_and_claim,
    in_an_hour,
    people,
    record,
    reloaded,
    started,
    states_of,
)

TELEGRAM, WHATSAPP, VIBER = Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER
SENT = DeliveryState.SENT


async def stopped(core: Core) -> PanicStop:
    return (await core.panic.stop(Actor("telegram:100", "Ann"))).stop


async def test_nothing_is_fed_claimed_or_started_while_everything_is_stopped(core: Core) -> None:
    """Jobs that stand in the queue already are not claimed either; what is in the air ends as the messenger says."""
    running = await started(core, everywhere(5))
    (in_the_air, *_) = await feed_and_claim(core, TELEGRAM, 1)
    stop = await stopped(core)
    assert stop.by == Actor("telegram:100", "Ann")
    planned = await accepted(core, people(TELEGRAM, 3, first=50))
    assert await core.ledger.start(planned.id) is BroadcastStatus.SCHEDULED
    assert await deliver_all(core) == {}
    assert await record(core, (in_the_air, Sent("id"))) == 1
    states = await states_of(core, running)
    assert (states.count(SENT), states.count(DeliveryState.QUEUED)) == (1, len(states) - 1)


async def test_everything_goes_on_where_it_was(core: Core) -> None:
    """After the release each of them gets it once, those of the retries and of the queue included."""
    running = await started(core, everywhere(5))
    claims = await feed_and_claim(core, VIBER, 3)
    stop = await stopped(core)
    await record(core, *((claim, Again(0.0, Reason.BUSY, costs_try=True)) for claim in claims))
    assert await deliver_all(core) == {}
    assert await core.panic.release(stop) is None
    sent = await deliver_all(core)
    assert sorted(sent.values()) == [1] * 5 * len(Messenger)
    assert (await reloaded(core, running)).status is BroadcastStatus.FINISHED


async def test_one_messenger_goes_on_alone(core: Core) -> None:
    running = await started(core, everywhere(4))
    stop = await stopped(core)
    left = await core.panic.release(stop, messenger=VIBER)
    assert left is not None
    assert left.released_messengers == {VIBER}
    assert {label.partition(":")[0] for label in await deliver_all(core)} == {"viber"}
    *rest, last = [messenger for messenger in Messenger if messenger is not VIBER]
    for messenger in rest:
        assert await core.panic.release(stop, messenger=messenger) is not None
    assert await core.panic.release(stop, messenger=last) is None
    assert len(await deliver_all(core)) == 4 * (len(Messenger) - 1)
    assert (await reloaded(core, running)).status is BroadcastStatus.FINISHED


async def test_one_broadcast_goes_on_alone_and_the_others_lose_nothing(core: Core) -> None:
    """Jobs of the others that stand in the same queue wait until they are let go on, and are then sent once."""
    first, second = await started(core, people(TELEGRAM, 30)), await started(core, people(TELEGRAM, 30, 100))
    await core.deliveries.feed(TELEGRAM)
    stop = await stopped(core)
    left = await core.panic.release(stop, broadcast_id=second.id)
    assert left is not None
    assert left.released_broadcasts == {second.id}
    assert len(await deliver_all(core)) == 30
    assert (await reloaded(core, second)).status is BroadcastStatus.FINISHED
    assert set(await states_of(core, first)) == {DeliveryState.QUEUED}
    await core.panic.release(stop)
    sent = await deliver_all(core)
    assert sorted(sent.values()) == [1] * 30
    assert (await reloaded(core, first)).status is BroadcastStatus.FINISHED


async def test_a_broadcast_that_is_paused_meanwhile_stays_paused(core: Core) -> None:
    running = await started(core, people(TELEGRAM, 10))
    await core.deliveries.feed(TELEGRAM)
    stop = await stopped(core)
    await core.broadcasts.pause(running.id)
    await core.panic.release(stop)
    assert await deliver_all(core) == {}
    await core.broadcasts.resume(running.id)
    assert len(await deliver_all(core)) == 10


async def test_an_empty_queue_is_not_polled_while_everything_is_stopped(core: Core) -> None:
    await stopped(core)
    assert (await core.deliveries.claim(TELEGRAM, 10, worker="test")).wait is None


async def test_resuming_a_paused_one_does_not_end_the_stop(core: Core) -> None:
    running = await started(core, people(TELEGRAM, 10))
    await core.broadcasts.pause(running.id)
    stop = await stopped(core)
    await core.broadcasts.resume(running.id)
    assert await deliver_all(core) == {}
    await core.panic.release(stop)
    assert len(await deliver_all(core)) == 10


async def test_a_second_stop_stops_what_was_let_go_on(core: Core) -> None:
    """And a button of the first stop does not end the second."""
    await started(core, people(TELEGRAM, 5))
    first = await stopped(core)
    assert not (await core.panic.stop(Actor("telegram:200", "Ben"))).fresh
    await core.panic.release(first, messenger=TELEGRAM)
    second = await core.panic.stop(Actor("telegram:200", "Ben"))
    assert second.fresh
    assert second.stop.by.name == "Ben"
    assert await deliver_all(core) == {}
    with pytest.raises(Conflict):
        await core.panic.release(first)
    assert await core.panic.current() == second.stop


async def test_what_is_sent_now_while_stopped_starts_when_it_goes_on(core: Core) -> None:
    """The wish is kept, though it was planned for later."""
    planned = await accepted(core, people(TELEGRAM, 3), send_at=in_an_hour())
    stop = await stopped(core)
    assert (await core.broadcasts.send_now(planned.id)).status is BroadcastStatus.SCHEDULED
    await core.panic.release(stop)
    assert await core.ledger.start(planned.id) is BroadcastStatus.SENDING


async def test_a_cancelled_one_stays_cancelled_after_the_release(core: Core) -> None:
    running = await started(core, people(TELEGRAM, 5))
    await core.deliveries.feed(TELEGRAM)
    stop = await stopped(core)
    await core.broadcasts.cancel(running.id)
    await core.panic.release(stop)
    assert await deliver_all(core) == {}
    assert set(await states_of(core, running)) == {DeliveryState.CANCELLED}


async def test_changes_on_phones_go_on_only_where_it_was_let_go_on(core: Core) -> None:
    stop = await stopped(core)
    await core.panic.release(stop, messenger=Messenger.WHATSAPP)
    await core.panic.release(stop, broadcast_id="GOOD")
    permits = core.deliveries.permits
    assert await permits(Messenger.TELEGRAM, 5, "BAD") == (0, 1.0)
    assert (await permits(Messenger.TELEGRAM, 5, "GOOD"))[0] == 5
    assert (await permits(Messenger.WHATSAPP, 5, "BAD"))[0] == 5
