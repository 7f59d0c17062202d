"""Alerts to the admins: sent once when a problem begins, and once when it is over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from core.domain.messengers.account_status import Hold
from core.domain.messengers.remedies import remedy, with_words
from core.domain.messengers.traits import Messenger
from core.domain.translatable import Sentence, sentence, sentences
from core.services.account_problems import OF_ACCOUNT, account_problem_over, account_problems
from core.services.status import MessengerStatus, Status
from core.store.chat.alerts import AlertStore

MEMORY_SHARE: Final = 0.7
LONG_HALT: Final = timedelta(seconds=60)
LOOKS_BEFORE_ALERT: Final = 3
_FAILED_CHECK: Final = "unfit "
_HOLD: Final = "hold "
_HALT: Final = "halt "


@dataclass(frozen=True, slots=True)
class Alert:
    """`over`: the problem has ended, and `text` says so.

    `paused`: the messenger that waits until somebody resumes it; `until`: the end of a wait that ends by itself;
    `stuck`: the id of the broadcast that waits for a decision.
    """

    text: str
    over: bool
    paused: Messenger | None = None
    until: datetime | None = None
    stuck: str = ""


def troubles(status: Status, *, now: datetime) -> dict[str, str]:
    """Current problems: a name per cause, and its sentence."""
    found: dict[str, str] = {}
    waiting = sum(one.waiting for one in status.messengers.values())
    if waiting and status.workers == 0:
        found["workers"] = sentences(
            "The sending program isn't running, and {count} message is waiting. Nothing is lost. Sending "
            "continues once it's back.",
            "The sending program isn't running, and {count} messages are waiting. Nothing is lost. Sending "
            "continues once it's back.",
            waiting,
        )
    if status.scheduled and status.schedulers == 0:
        found["scheduler"] = sentence(
            "The scheduler isn't running. Until it's back, scheduled messages may start a little late."
        )
    if status.memory_limit and status.memory_used > MEMORY_SHARE * status.memory_limit:
        share = round(100 * status.memory_used / status.memory_limit)
        found["memory"] = sentence(
            "The storage uses {share} % of its memory. Delete history with /purge or raise maxmemory. When "
            "it's full, nothing new can be sent.",
            share=share,
        )
    if status.clock_ahead:
        found["clock"] = wrong_clock(status.clock_ahead)
    for messenger, one in status.messengers.items():
        if one.problem and not one.waits_for_resume:
            found[f"{_FAILED_CHECK}{messenger}"] = _failed_check(messenger, one)
        is_long = one.halted_until is not None and one.halted_until - now > LONG_HALT
        if one.waits_for_resume or (is_long and not one.problem):
            found[f"{_HALT}{messenger}"] = _halted(messenger, one)
    for broadcast_id, messenger, hold in status.holds:
        found[f"{_HOLD}{broadcast_id} {messenger}"] = held_back(broadcast_id, messenger, hold)
    if len(status.versions) > 1:
        found["versions"] = sentence(
            "Different versions are running together: {versions}. Start all of them from the same version.",
            versions=tuple(status.versions),
        )
    return found | account_problems(status.account_events) | oddities(status)


def wrong_clock(seconds_ahead: int) -> Sentence:
    minutes = max(1, round(abs(seconds_ahead) / 60))
    if seconds_ahead > 0:
        return sentences(
            "The clock here is {count} minute ahead, so scheduled messages go out too early. Set it right.",
            "The clock here is {count} minutes ahead, so scheduled messages go out too early. Set it right.",
            minutes,
        )
    return sentences(
        "The clock here is {count} minute behind, so scheduled messages go out too late. Set it right.",
        "The clock here is {count} minutes behind, so scheduled messages go out too late. Set it right.",
        minutes,
    )


def failed_checks(status: Status) -> list[Sentence]:
    """Problems of messengers whose check by a worker failed."""
    return [_failed_check(messenger, one) for messenger, one in status.messengers.items() if one.problem]


def _failed_check(messenger: Messenger, state: MessengerStatus) -> Sentence:
    return sentence(
        "{messenger} couldn't send: {complaint}",
        messenger=messenger.traits.title,
        complaint=state.problem,
    )


def oddities(status: Status) -> dict[str, str]:
    """Harmless oddities: refused jobs and rows set aside."""
    found: dict[str, str] = {}
    if status.refused_jobs:
        found["refused"] = sentences(
            "{count} job failed in RQ because another program made or ran it. RQ keeps it among its failed "
            "jobs for a day.",
            "{count} jobs failed in RQ because another program made or ran them. RQ keeps them among its "
            "failed jobs for a day.",
            status.refused_jobs,
        )
    if status.quarantined:
        found["set aside"] = sentences(
            "{count} record couldn't be read. That person counts as not confirmed.",
            "{count} records couldn't be read. Those people count as not confirmed.",
            status.quarantined,
        )
    return found


def _halted(messenger: Messenger, state: MessengerStatus) -> Sentence:
    reason = with_words(state.halt_reason, messenger, state.halt_words)
    fields = {"messenger": messenger.traits.title, "reason": reason}
    todo = remedy(messenger, state.halt_words)
    if state.halted_until is None and todo is not None:
        return sentence(
            "{messenger} is paused: {reason}. Messages are waiting. {mend} Then resume it.",
            mend=todo,
            **fields,
        )
    if state.halted_until is None:
        return sentence(
            "{messenger} is paused: {reason}. Messages are waiting until you resume it.",
            **fields,
        )
    return sentence("{messenger} is paused for a while: {reason}. Messages are waiting.", **fields)


def held_back(broadcast_id: str, messenger: Messenger, hold: Hold) -> Sentence:
    """A part of a broadcast waits for a decision, and why."""
    return sentence(
        "#{id} is stuck on {messenger}: {reason}. The rest wasn't tried. Open it to try again, send something "
        "else, or leave them out.",
        id=broadcast_id,
        messenger=messenger.traits.title,
        reason=with_words(hold.reason.sentence, messenger, hold.words),
    )


_OVER: Final[Mapping[str, str]] = {
    "workers": sentence("The sending program is back. Sending continues."),
    "scheduler": sentence("The scheduler is back. Scheduled messages start on time."),
    "memory": sentence("The storage has enough memory again."),
    "clock": sentence("The clock here is right again."),
    "versions": sentence("All programs have the same version again."),
    "refused": sentence("RQ no longer keeps refused jobs."),
    "set aside": sentence("No unreadable records are left."),
}


def _begun(name: str, text: str, status: Status) -> Alert:
    kind, _, about = name.partition(" ")
    if f"{kind} " == _HOLD:
        return Alert(text, over=False, stuck=about.partition(" ")[0])
    if f"{kind} " != _HALT:
        return Alert(text, over=False)
    messenger = Messenger(about)
    until = status.messengers[messenger].halted_until
    return Alert(text, over=False, paused=None if until else messenger, until=until)


def _ended(name: str, status: Status) -> str | None:
    """The sentence that a problem is over; None if another replaced it."""
    if name.startswith(OF_ACCOUNT):
        return account_problem_over(name, status.account_events)
    if name in _OVER:
        return _OVER[name]
    if name.startswith(_HOLD):
        broadcast_id, _, on = name.removeprefix(_HOLD).partition(" ")
        title = Messenger(on).traits.title
        return sentence("#{id} is no longer stuck on {messenger}.", id=broadcast_id, messenger=title)
    kind, _, messenger = name.partition(" ")
    title = Messenger(messenger).traits.title
    if f"{kind} " == _FAILED_CHECK:
        return sentence("{messenger} is ready to send.", messenger=title)
    return sentence("{messenger} is sending again.", messenger=title)


class AlertTracker:
    """Compares current problems with those already told, which the store remembers."""

    def __init__(self, store: AlertStore) -> None:
        self._store = store
        self._looks: dict[str, int] = {}

    @property
    def sees_trouble(self) -> bool:
        """True if anything was wrong at the last look."""
        return bool(self._looks)

    async def look(self, status: Status) -> list[Alert]:
        """The alerts to send. A new problem must be seen several times in a row, so that a restart alerts nobody."""
        wrong = troubles(status, now=await self._store.now())
        told = json.loads(await self._store.read() or "[]")
        self._looks = {name: self._looks.get(name, 0) + 1 for name in wrong}
        fresh = [name for name in wrong if name not in told and self._looks[name] >= LOOKS_BEFORE_ALERT]
        gone = [name for name in told if name not in wrong]
        if fresh or gone:
            await self._store.write(json.dumps([*(name for name in told if name in wrong), *fresh]))
        over = [Alert(text, over=True) for name in gone if (text := _ended(name, status)) is not None]
        return [*(_begun(name, wrong[name], status) for name in fresh), *over]
