"""Throughput measured from running broadcasts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, BroadcastStatus, Progress
from core.domain.content.content import Content
from core.domain.delivery import DeliveryState
from core.domain.messengers.traits import Messenger
from core.services.status import Throughput

LEG = ("A7KQ", Messenger.VIBER)


def sending(done: int, status: BroadcastStatus = BroadcastStatus.SENDING) -> Broadcast:
    """A thousand people on Viber."""
    counts = {DeliveryState.SENT: done, DeliveryState.QUEUED: 1000 - done}
    now = datetime(2026, 11, 23, 13, 20, tzinfo=UTC)
    return Broadcast(
        id="A7KQ",
        content=Content(text="Hello"),
        status=status,
        created_by=Actor("telegram:100", "Ann"),
        accepted_at=now,
        send_at=now,
        planned=False,
        started_at=now,
        finished_at=None,
        progress=Progress(counts={Messenger.VIBER: counts}),
    )


def test_two_looks_tell_the_messages_a_second() -> None:
    throughput = Throughput()
    assert throughput.look([sending(0)], 100.0) == {}
    assert throughput.look([sending(40)], 102.0) == {LEG: 20.0}


def test_only_the_last_seconds_count() -> None:
    """After a minute at 10 a second it goes 40 a second: the old speed is forgotten."""
    throughput = Throughput()
    for second in range(60):
        throughput.look([sending(10 * second)], float(second))
    for second in range(60, 72):
        throughput.look([sending(590 + 30 * (second - 59))], float(second))
    assert throughput.look([], 71.1) == {LEG: 30.0}


def test_a_pause_does_not_make_it_look_slow() -> None:
    """After a pause the rate counts from the resumption."""
    throughput = Throughput()
    throughput.look([sending(0)], 0.0)
    throughput.look([sending(20)], 1.0)
    assert throughput.look([sending(20, BroadcastStatus.PAUSED)], 2.0) == {}
    throughput.look([sending(20)], 6.0)
    assert throughput.look([sending(40)], 7.0) == {LEG: 20.0}


@pytest.mark.parametrize("done", [20, 5])
def test_what_stands_still_or_is_sent_again_has_no_speed(done: int) -> None:
    throughput = Throughput()
    throughput.look([sending(20)], 0.0)
    assert throughput.look([sending(done)], 5.0) == {}


def test_looks_right_after_each_other_are_one() -> None:
    """Two admins who ask at once do not make a wild number of it."""
    throughput = Throughput()
    throughput.look([sending(0)], 0.0)
    throughput.look([sending(20)], 1.0)
    assert throughput.look([replace(sending(25))], 1.01) == {LEG: 20.0}
