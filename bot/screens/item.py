"""The card of a broadcast that was opened from a list or by its id."""

from __future__ import annotations

from bot.pick import Present
from bot.screen import Screen
from bot.screens.approval import unapproved
from bot.screens.broadcast import is_due, live, unstarted, waiting
from bot.screens.ended import ended
from bot.screens.late import late
from bot.wire import ListTap
from core.domain.broadcast import ENDED, Broadcast, BroadcastStatus
from core.services.status import Status


def screen_of(broadcast: Broadcast, status: Status | None, present: Present, back: ListTap) -> Screen:
    """The card of a broadcast in whatever state it is. `back`: the page of the list it was opened from."""
    if broadcast.is_late:
        return late(broadcast, present, back)
    if broadcast.status is BroadcastStatus.SCHEDULED:
        at_rest = not broadcast.held and not is_due(broadcast, present)
        return waiting(broadcast, present, back) if at_rest else unstarted(broadcast, status, present)
    if broadcast.status is BroadcastStatus.UNAPPROVED:
        return unapproved(broadcast, present, back)
    if broadcast.status in ENDED:
        return ended(broadcast, present, back)
    return live(broadcast, status, present)
