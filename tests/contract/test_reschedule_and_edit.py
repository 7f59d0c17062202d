"""A broadcast that waits for its time is given other words, people or another time, as one step."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.domain.audit import Actor
from core.domain.broadcast import BroadcastStatus, NewBroadcast
from core.domain.content.content import Content
from core.domain.delivery import DeliveryState
from core.domain.errors import Conflict, ValidationError
from core.domain.messengers.traits import Messenger
from tests.support.core import (
    accept,
    change,
    core_at,
    deliver_all,
    in_an_hour,
    keys,
    order,
    people,
    reloaded,
    states_of,
    store_at,
)

ANN, BEN, CAT = people(Messenger.TELEGRAM, 3)
(VIC,) = people(Messenger.VIBER, 1)


async def test_words_people_and_time_change_and_the_rest_stays(redis_url: str) -> None:
    """The same id, author and moment of acceptance; the people who were taken off get nothing."""
    async with core_at(redis_url) as core:
        first = await accept(
            core,
            NewBroadcast(
                content=Content(text="Hello"),
                recipients=(ANN, BEN),
                send_at=in_an_hour(),
                created_by=Actor("telegram:100", "Ann"),
            ),
        )
        later = in_an_hour() + timedelta(hours=1)
        changed = await change(
            core, first.id, order((BEN, CAT, VIC), text="Good evening", send_at=later), edition=first.edition
        )
        assert changed.id == first.id
        assert changed.created_by == Actor("telegram:100", "Ann")
        assert (changed.accepted_at, changed.edition) == (first.accepted_at, 1)
        assert (changed.content.text, changed.progress.total) == ("Good evening", 3)
        assert abs(changed.send_at - later) < timedelta(seconds=1)
        assert (await core.broadcasts.scheduled()).total == 1
        await core.broadcasts.send_now(changed.id)
        assert sorted(await deliver_all(core)) == [BEN.label, CAT.label, VIC.label]
        assert set(await states_of(core, changed)) == {DeliveryState.SENT}


async def test_the_people_of_before_leave_nothing_behind_and_those_of_now_stay(redis_url: str) -> None:
    """Emptying the trash, at whatever time, takes the old list and no row of the new one."""
    async with core_at(redis_url) as core, store_at(redis_url) as store:
        first = await accept(core, order((ANN, BEN), send_at=in_an_hour()))
        lists = await keys(store, "ms:a:*")
        await change(core, first.id, order((CAT,), send_at=in_an_hour()), edition=0)
        await core.broadcasts.send_now(first.id)
        await deliver_all(core)
        await core.ledger.empty_trash()
        assert set(lists).isdisjoint(await keys(store, "ms:a:*"))
        assert await states_of(core, first) == [DeliveryState.SENT]


async def test_of_two_who_change_it_at_once_the_second_is_told(redis_url: str) -> None:
    async with core_at(redis_url) as core, store_at(redis_url) as store:
        first = await accept(core, order((ANN,), send_at=in_an_hour()))
        outcomes = await asyncio.gather(
            *(
                change(core, first.id, order((BEN,), text=text, send_at=in_an_hour()), edition=first.edition)
                for text in ("One", "Two")
            ),
            return_exceptions=True,
        )
        (refused,) = [one for one in outcomes if isinstance(one, Conflict)]
        assert "Another admin changed" in str(refused)
        current = await reloaded(core, first)
        assert (current.edition, current.content.text in ("One", "Two")) == (1, True)
        await core.ledger.empty_trash()
        assert len(await keys(store, "ms:a:*")) == 1


async def test_one_that_has_started_or_was_cancelled_stays_as_it_is(redis_url: str) -> None:
    async with core_at(redis_url) as core:
        started = await accept(core, order((ANN,), send_at=in_an_hour()))
        await core.broadcasts.send_now(started.id)
        cancelled = await accept(core, order((ANN,), send_at=in_an_hour()))
        await core.broadcasts.cancel(cancelled.id)
        held = await accept(core, replace(order((ANN,)), undo_time=timedelta(minutes=1)))
        for broadcast, why in (
            (started, "is already being sent"),
            (cancelled, "was cancelled"),
            (held, "hasn't started"),
        ):
            with pytest.raises(Conflict, match=why):
                await change(core, broadcast.id, order((BEN,), text="No"), edition=0)
            assert (await reloaded(core, broadcast)).content.text == "Hello"
        assert sum((await deliver_all(core)).values()) == 1


async def test_a_wrong_order_changes_nothing(redis_url: str) -> None:
    async with core_at(redis_url) as core:
        first = await accept(core, order((ANN,), send_at=in_an_hour()))
        with pytest.raises(ValidationError):
            await change(core, first.id, order((), send_at=in_an_hour()), edition=0)
        with pytest.raises(ValidationError):
            await change(core, first.id, order((ANN,), send_at=datetime.now(UTC)), edition=0)
        assert (await reloaded(core, first)).edition == 0


async def test_changed_to_go_out_at_once_it_can_still_be_taken_back_to_its_time(redis_url: str) -> None:
    async with core_at(redis_url) as core:
        first = await accept(core, order((ANN,), send_at=in_an_hour()))
        now = replace(order((BEN,), text="Now"), undo_time=timedelta(minutes=1))
        changed = await change(core, first.id, now, edition=0)
        assert (changed.can_be_undone, changed.content.text) == (True, "Now")
        undone = await core.broadcasts.undo(first.id)
        assert (undone.status, undone.can_be_undone, undone.send_at) == (
            BroadcastStatus.SCHEDULED,
            False,
            first.send_at,
        )
