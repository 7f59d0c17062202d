"""Series: each occurrence is a broadcast of its own, made once, for the audiences' members at that time."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.audience import Chosen
from core.domain.broadcast import BroadcastStatus, Late, Occurrence
from core.domain.content.content import Content, Media, Poll
from core.domain.errors import Conflict
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.domain.series import NewSeries, Series, SeriesStatus
from core.queue.control import ControlQueue
from core.queue.jobs import MAKE
from core.store.connection import connect_bytes
from tests.contract.test_full_store import full
from tests.support.core import VARIABLES, deliver_all, deliveries_of, keys, order, people, until
from tests.support.processes import SCHEDULER, alive, running, worker
from tests.support.series_orders import AUTHOR, DAILY, accepted, due, to
from workers.__main__ import control


async def test_what_is_due_becomes_a_broadcast_that_goes_out(core: Core, store: Redis, vip: Chosen) -> None:
    series = await due(core, store, to(vip))
    await core.series.make_all_due()
    made = await core.broadcasts.get(series.next_id)
    assert (made.status, made.series_id, made.send_at) == (BroadcastStatus.SENDING, series.id, series.next_at)
    assert sum((await deliver_all(core)).values()) == 3
    moved = await core.series.get(series.id)
    assert moved.next_at == DAILY.following(datetime.now(UTC), made=1)
    assert (moved.made, moved.made_ids) == (1, (made.id,))
    assert moved.next_id != series.next_id


async def test_however_many_make_it_at_once_it_is_there_once(core: Core, store: Redis, vip: Chosen) -> None:
    """Without the turns that they take: what counts is the step that accepts it."""
    series = await due(core, store, to(vip))
    makers = [core.series.make_due(series.id) for _ in range(4)]
    for _ in makers:
        await store.delete(f"ms:making:{series.id}")
    await asyncio.gather(*makers, _forget_turns(store, series))
    assert (await core.series.get(series.id)).made == 1
    assert sum((await deliver_all(core)).values()) == 3
    await core.series.make_all_due()
    assert not await deliver_all(core)


async def _forget_turns(store: Redis, series: Series) -> None:
    for _ in range(50):
        await store.delete(f"ms:making:{series.id}")


async def test_a_maker_that_slept_while_the_series_moved_on_makes_nothing(
    core: Core, store: Redis, vip: Chosen
) -> None:
    series = await due(core, store, to(vip))
    assert series.next_at is not None
    await core.series.skip_next(series)
    place = Occurrence(series.id, series.next_at, None, "NEXT")
    late = replace(order(people(Messenger.VIBER, 3), send_at=series.next_at), occurrence=place)
    with pytest.raises(Conflict):
        await core.ledger.accept(series.next_id, late)
    assert await keys(store, f"ms:b:{series.next_id}", "ms:a:*") == []


async def test_the_audience_is_read_when_it_is_due(core: Core, store: Redis, vip: Chosen) -> None:
    series = await due(core, store, to(vip))
    await core.audiences.remove(vip.id, people(Messenger.VIBER, 2))
    await core.audiences.add(vip.id, people(Messenger.TELEGRAM, 5))
    made = await core.series.make_due(series.id)
    assert made is not None
    assert (made.progress.total_on(Messenger.VIBER), made.progress.total_on(Messenger.TELEGRAM)) == (1, 5)


async def test_a_time_at_which_there_is_nobody_is_left_out_and_told(
    core: Core, store: Redis, vip: Chosen
) -> None:
    series = await due(core, store, to(vip))
    await core.audiences.delete(vip.id, expected=3)
    assert await core.series.make_due(series.id) is None
    moved = await core.series.get(series.id)
    assert moved.status is SeriesStatus.ACTIVE
    assert moved.next_at == DAILY.following(datetime.now(UTC), made=0)
    assert "vip" in moved.trouble[0]
    assert await core.overdue.waiting() == [f"series:{series.id}"]


async def test_what_is_named_one_by_one_stays_as_long_as_the_series(core: Core, store: Redis) -> None:
    """Lists without a name live for a day; those of a series do not, and go with it."""
    kept = await core.audiences.pin((), people(Messenger.VIBER, 2), source="#A7KQ", created_by=AUTHOR)
    series = await accepted(core, to(*kept))
    own = f"ms:aud:{kept[0].id}"
    assert {await store.ttl(key) for key in await keys(store, f"{own}*")} == {-1}
    await core.series.stop(series)
    lives = {await store.ttl(key) for key in await keys(store, f"{own}*")}
    assert 0 < min(lives) <= max(lives) <= 86_400


async def test_of_several_times_missed_one_is_asked_about(core: Core, store: Redis, vip: Chosen) -> None:
    """After days of downtime only the last occurrence is made, and waits for an answer."""
    series = await due(core, store, to(vip, late=Late.ASK), timedelta(days=4, hours=1))
    made = await core.series.make_due(series.id)
    assert made is not None
    now = await core.broadcasts.get(made.id)
    last = max(moment for moment in _nines() if moment <= datetime.now(UTC))
    assert now.send_at == last
    too_late = datetime.now(UTC) - last > timedelta(minutes=15)
    assert (now.late_since is not None) == too_late
    assert (await core.series.get(series.id)).made == 1


def _nines() -> list[datetime]:
    first = datetime.now(UTC) - timedelta(days=3)
    found: list[datetime] = []
    while (moment := DAILY.following(first, made=0)) is not None and len(found) < 6:
        found.append(moment)
        first = moment
    return found


async def test_the_scheduler_calls_for_it_in_time(
    core: Core, redis_url: str, store: Redis, vip: Chosen
) -> None:
    """One entry of rq-scheduler, moved to the control queue by the real program; never early."""
    series = await due(core, store, to(vip), -timedelta(seconds=1.2))
    assert series.next_at is not None
    await core.starter.make_at(series.id, series.next_at)
    async with running(SCHEDULER, {**VARIABLES, "REDIS_URL": redis_url}), connect_bytes(redis_url) as client:
        await until(lambda: alive(store, "scheduler"))
        control = ControlQueue(client)
        calls: list[tuple[str, str]] = []
        async with asyncio.timeout(20):
            while not calls:
                calls = await control.take(wait=1)
    assert calls == [(MAKE, series.id)]
    assert datetime.now(UTC) >= series.next_at


async def test_a_worker_makes_what_came_due_while_it_was_away(
    core: Core, redis_url: str, store: Redis, vip: Chosen
) -> None:
    """Killed in the middle of it and started again, with nothing but the store left: once, and once only."""
    series = await due(core, store, to(vip))

    async def made() -> bool:
        return (await core.series.get(series.id)).made > 0

    nowhere = {f"{name}_API_URL": "http://127.0.0.1:9" for name in ("TELEGRAM", "WHATSAPP", "VIBER")}
    async with worker({**VARIABLES, **nowhere, "REDIS_URL": redis_url}) as first:
        await first.kill()
        await store.delete(f"ms:making:{series.id}")
        await first.start()
        await until(made)
    found = await core.series.get(series.id)
    assert found.made == 1
    assert len(await core.broadcasts.running()) + (await core.broadcasts.scheduled()).total <= 1


async def test_one_that_cannot_be_read_holds_up_no_other(
    core: Core, store: Redis, vip: Chosen, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = await due(core, store, to(vip), timedelta(seconds=5)), await due(core, store, to(vip))
    await store.hset(f"ms:ser:{broken.id}", "repeat", "scribble")
    await core.series.make_all_due()
    assert f"series={broken.id} cannot be read" in caplog.text
    assert (await core.series.get(sound.id)).made == 1


async def test_one_for_which_there_is_no_room_does_not_end_the_worker_that_was_to_make_it(
    core: Core, store: Redis, redis_url: str, vip: Chosen
) -> None:
    await core.audiences.add(vip.id, people(Messenger.VIBER, 20_000, 10))
    series = await due(core, store, to(vip))
    await core.starter.make_at(series.id, datetime.now(UTC))
    job = f"series-{series.id}"
    await store.rpush("rq:queue:control", job)
    room = (await core.health.memory())[0] + 300_000
    async with aclosing(connect_bytes(redis_url)) as raw, full(store, room):
        working = asyncio.create_task(control(core, ControlQueue(raw)))

        async def given_up() -> bool:
            tried = not await store.exists(f"rq:job:{job}", f"ms:making:{series.id}")
            return tried and (working.done() or not await store.exists("rq:queue:control"))

        await until(given_up)
        await store.rpush("rq:queue:control", "nothing")
        await until(lambda: taken(store, working))
        assert not working.done()
        working.cancel()
        await asyncio.wait([working])
    assert (await core.series.get(series.id)).made == 0
    await core.series.make_all_due()
    assert (await core.series.get(series.id)).made == 1


async def taken(store: Redis, working: asyncio.Task[None]) -> bool:
    """True if the control queue is empty, or no worker is left to empty it."""
    return working.done() or not await store.exists("rq:queue:control")


async def test_a_series_keeps_to_its_messengers(core: Core, store: Redis) -> None:
    """At all addresses of a person if that was chosen; else at one, in the order of the series, then of the list."""
    made = await core.audiences.create("Club", created_by=AUTHOR)
    both = [
        Recipient(messenger=Messenger.TELEGRAM, address="1", person="t1"),
        Recipient(messenger=Messenger.WHATSAPP, address="+4915120000001", person="t1"),
        Recipient(messenger=Messenger.VIBER, address="eva", person="t1"),
    ]
    await core.audiences.add(made.id, both)
    club = await core.audiences.choose(made.id)
    usual = to(club)

    async def sent(new: NewSeries) -> set[str]:
        series = await due(core, store, new)
        broadcast = await core.series.make_due(series.id)
        assert broadcast is not None
        return {one.recipient.label for one in await deliveries_of(core, broadcast)}

    assert await sent(usual) == {"telegram:1"}
    assert await sent(replace(usual, everywhere=True)) == {one.label for one in both}
    await core.audiences.put_first(made.id, Messenger.VIBER)
    listed = await core.audiences.put_first(made.id, Messenger.WHATSAPP)
    assert listed.messenger_order[:3] == (Messenger.WHATSAPP, Messenger.VIBER, Messenger.TELEGRAM)
    assert await sent(usual) == {"whatsapp:+4915120000001"}
    first = (Messenger.VIBER, Messenger.TELEGRAM, Messenger.WHATSAPP)
    assert await sent(replace(usual, messenger_order=first)) == {"viber:eva"}
    await core.subscribers.mark_unreachable(Messenger.VIBER, "eva", Reason.BLOCKED)
    assert await sent(replace(usual, messenger_order=first)) == {"telegram:1"}


async def test_a_kind_that_a_messenger_lacks_leaves_out_who_has_no_other(core: Core, store: Redis) -> None:
    """Somebody on several messengers gets it on the next one; where nobody is left, the series says why."""
    made = await core.audiences.create("Club", created_by=AUTHOR)
    both = [
        Recipient(messenger=Messenger.VIBER, address="eva", person="veva"),
        Recipient(messenger=Messenger.TELEGRAM, address="1", person="veva"),
    ]
    await core.audiences.add(made.id, [*both, *people(Messenger.VIBER, 2)])
    poll = Media(kind=MediaKind.POLL, poll=Poll(question="Lunch?", options=("Pizza", "Pasta")))
    weekly = replace(
        to(await core.audiences.choose(made.id)),
        content=Content(text="", media=(poll,)),
        messenger_order=(Messenger.VIBER, Messenger.TELEGRAM),
    )
    series = await due(core, store, weekly)
    broadcast = await core.series.make_due(series.id)
    assert broadcast is not None
    assert {one.recipient.label for one in await deliveries_of(core, broadcast)} == {"telegram:1"}
    assert broadcast.left_out == {Messenger.VIBER: {Reason.KIND: 2}}
    # Everybody at all addresses: those on Viber are left out alike.
    broadcast = await core.series.make_due((await due(core, store, replace(weekly, everywhere=True))).id)
    assert broadcast is not None
    assert broadcast.left_out == {Messenger.VIBER: {Reason.KIND: 3}}
    await core.audiences.remove(made.id, both)
    series = await due(core, store, weekly)
    assert await core.series.make_due(series.id) is None
    assert (await core.series.get(series.id)).trouble == ("Viber can't send polls.",)
