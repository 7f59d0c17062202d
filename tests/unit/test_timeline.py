"""The timeline of a broadcast: everything is counted once, at its time, in bounded memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.domain.delivery import OPEN, DeliveryState
from core.domain.timeline import MOST_SLICES, Timeline

START = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
STATES = st.sampled_from([state for state in DeliveryState if state not in OPEN])
MOMENTS = st.lists(st.tuples(STATES, st.integers(-5_000, 10**10)), max_size=200)
"""States, and milliseconds after the start."""


@given(MOMENTS)
def test_everything_is_counted_once_and_stands_in_its_slice(
    moments: list[tuple[DeliveryState, int]],
) -> None:
    timeline = Timeline(START)
    for state, ms in moments:
        timeline.add(state, START + timedelta(milliseconds=ms))
    for state, counts in timeline.slices.items():
        assert len(counts) == MOST_SLICES
        assert sum(counts) == sum(one is state for one, _ in moments)
    for place in range(MOST_SLICES):
        within = sum(counts[place] for counts in timeline.slices.values())
        first, last = place * timeline.slice_seconds, (place + 1) * timeline.slice_seconds
        assert within == sum(first <= max(0, ms) / 1000 < last for _, ms in moments)


def test_what_is_open_or_was_never_tried_has_no_place() -> None:
    timeline = Timeline(START)
    timeline.add(DeliveryState.QUEUED, START)
    timeline.add(DeliveryState.SENDING, START)
    timeline.add(DeliveryState.CANCELLED, None)
    assert timeline.slices == {}
    assert timeline.used == 0


def test_slices_stay_short_while_it_is_short() -> None:
    timeline = Timeline(START)
    timeline.add(DeliveryState.SENT, START + timedelta(seconds=7))
    assert timeline.slice_seconds == 0.125
    timeline.add(DeliveryState.SENT, START + timedelta(seconds=8))
    assert (timeline.slice_seconds, timeline.used) == (0.25, 33)
