"""The chart of a broadcast: shares by messenger, and over time only where there is something to see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.tasks.chart_data import ChartData
from bot.tasks.charts import chart_of
from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, BroadcastStatus, Progress
from core.domain.content.content import Content
from core.domain.delivery import DeliveryState
from core.domain.messengers.traits import Messenger
from core.domain.timeline import Timeline

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
COUNTS = {
    Messenger.TELEGRAM: {DeliveryState.SENT: 3, DeliveryState.FAILED: 1},
    Messenger.WHATSAPP: {DeliveryState.READ: 2},
}


def chart(seconds: int) -> ChartData:
    timeline = Timeline(NOW)
    for counts in COUNTS.values():
        for state, count in counts.items():
            for number in range(count):
                timeline.add(state, NOW + timedelta(seconds=seconds * number / 4))
    broadcast = Broadcast(
        id="A7KQ",
        status=BroadcastStatus.FINISHED,
        content=Content(text="Sale"),
        created_by=Actor("telegram:100"),
        accepted_at=NOW,
        send_at=NOW,
        planned=False,
        started_at=NOW,
        finished_at=NOW + timedelta(seconds=seconds),
        progress=Progress(counts=COUNTS),
    )
    return chart_of(broadcast, timeline, ZoneInfo("Europe/Berlin"))


def test_each_messenger_is_a_bar_of_shares() -> None:
    drawn = chart(10)
    assert [one.name for one in drawn.states] == ["read", "sent", "failed"]
    assert [(one.name, one.people, one.shares) for one in drawn.bars] == [
        ("Telegram", "4 people", [0, 0.75, 0.25]),
        ("WhatsApp", "2 people", [1, 0, 0]),
    ]


@pytest.mark.parametrize(("seconds", "shown"), [(1, False), (60, False), (600, True)])
def test_time_is_drawn_where_sending_took_longer_than_a_minute(seconds: int, shown: bool) -> None:
    drawn = chart(seconds)
    assert bool(drawn.over_time) is shown
    assert bool(drawn.ticks) is shown
    if shown:
        assert drawn.ticks[0] == (0, "10:00")
        assert sum(sum(one.slices) for one in drawn.states) == 6


def test_it_survives_the_way_to_the_process_that_draws_it() -> None:
    drawn = chart(600)
    read = ChartData.from_json(drawn.to_json())
    assert (read.states, read.bars, read.over_time) == (drawn.states, drawn.bars, drawn.over_time)
