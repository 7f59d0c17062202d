"""Alerts to the admins: sent once when a problem begins, and once when it is over."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from core.domain.messengers.account_status import AccountEvent, Hold, Issue, Subject
from core.domain.messengers.mends import mend, with_words
from core.domain.messengers.traits import Messenger
from core.domain.translatable import Sentence, sentence, sentences
from core.services.status import MessengerStatus, Status
from core.store.chat.alerts import AlertStore

AccountEvents = Mapping[Messenger, Sequence[AccountEvent]]

MEMORY_SHARE: Final = 0.7
LONG_HALT: Final = timedelta(seconds=60)
LOOKS_BEFORE_ALARM: Final = 3
_UNFIT: Final = "unfit "
_HOLD: Final = "hold "


@dataclass(frozen=True, slots=True)
class Alert:
    """`over`: the problem has ended, and `text` says so."""

    text: str
    over: bool


def troubles(status: Status, *, now: datetime) -> dict[str, str]:
    """Current problems: a name per cause, and its sentence."""
    found: dict[str, str] = {}
    waiting = sum(one.waiting for one in status.messengers.values())
    if waiting and status.workers == 0:
        found["workers"] = sentences(
            "No worker has reported for 30 s, and {count} message waits. Nothing is lost; sending continues "
            "when a worker starts.",
            "No worker has reported for 30 s, and {count} messages wait. Nothing is lost; sending continues "
            "when a worker starts.",
            waiting,
        )
    if status.scheduled and status.schedulers == 0:
        found["scheduler"] = sentence(
            "The scheduler has not reported for 30 s. Until it is back, the workers start what is due."
        )
    if status.memory_limit and status.memory_used > MEMORY_SHARE * status.memory_limit:
        share = round(100 * status.memory_used / status.memory_limit)
        found["memory"] = sentence(
            "The store uses {share} % of its memory. Delete history with /purge or give it more (maxmemory): "
            "when it is full, no new orders can be accepted.",
            share=share,
        )
    for messenger, one in status.messengers.items():
        until_resumed = one.halted and one.halted_until is None
        if one.complaint and not until_resumed:
            found[f"{_UNFIT}{messenger}"] = _unfit(messenger, one)
        is_long = one.halted_until is not None and one.halted_until - now > LONG_HALT
        if until_resumed or (is_long and not one.complaint):
            found[f"halt {messenger}"] = _halted(messenger, one)
    for broadcast_id, messenger, hold in status.holds:
        found[f"{_HOLD}{broadcast_id} {messenger}"] = held_back(broadcast_id, messenger, hold)
    if len(status.versions) > 1:
        found["versions"] = sentence(
            "Programs of different versions share one store: {versions}. Start all of them from one version.",
            versions=tuple(status.versions),
        )
    return found | account_problems(status.account_events) | oddities(status)


def unfit(status: Status) -> list[Sentence]:
    """Answers of the messengers that could not send when a worker checked them."""
    return [_unfit(messenger, one) for messenger, one in status.messengers.items() if one.complaint]


def _unfit(messenger: Messenger, state: MessengerStatus) -> Sentence:
    return sentence(
        "{messenger} could not send when it was asked: {complaint}",
        messenger=messenger.traits.title,
        complaint=state.complaint,
    )


def oddities(status: Status) -> dict[str, str]:
    """Harmless oddities: refused jobs and rows set aside."""
    found: dict[str, str] = {}
    if status.refused_jobs:
        found["refused"] = sentences(
            "{count} job was refused or failed in RQ: not made by Message Sender, or run by a worker that is not ours. "
            "RQ keeps it for a day among its failed jobs.",
            "{count} jobs were refused or failed in RQ: not made by Message Sender, or run by a worker that is not "
            "ours. RQ keeps them for a day among its failed jobs.",
            status.refused_jobs,
        )
    if status.quarantined:
        found["set aside"] = sentences(
            "{count} row of the ledger could not be read. It was set aside, and its recipient counts as unknown.",
            "{count} rows of the ledger could not be read. They were set aside, and their recipients count as unknown.",
            status.quarantined,
        )
    return found


def _halted(messenger: Messenger, state: MessengerStatus) -> Sentence:
    reason = with_words(state.halt_reason, messenger, state.halt_words)
    fields = {"messenger": messenger.traits.title, "reason": reason}
    todo = mend(messenger, state.halt_words)
    if state.halted_until is None and todo is not None:
        return sentence(
            "{messenger} has stopped until it is resumed in /status: {reason}. Messages keep waiting. {mend}",
            mend=todo,
            **fields,
        )
    if state.halted_until is None:
        return sentence(
            "{messenger} has stopped until it is resumed in /status: {reason}. Messages keep waiting.",
            **fields,
        )
    return sentence("{messenger} has stopped for a while: {reason}. Messages keep waiting.", **fields)


def held_back(broadcast_id: str, messenger: Messenger, hold: Hold) -> Sentence:
    """A part of a broadcast waits for a decision, and why."""
    return sentence(
        "#{id} waits on {messenger}: {reason}. The rest was not tried. On its card, try again or leave them out.",
        id=broadcast_id,
        messenger=messenger.traits.title,
        reason=with_words(hold.reason.sentence, messenger, hold.words),
    )


_OVER: Final[Mapping[str, str]] = {
    "workers": sentence("A worker is back; sending continues."),
    "scheduler": sentence("The scheduler is back."),
    "memory": sentence("The store has enough memory again."),
    "versions": sentence("All programs have the same version again."),
    "refused": sentence("RQ no longer keeps refused jobs."),
    "set aside": sentence("No unreadable rows are left."),
}


def _ended(name: str, status: Status) -> str | None:
    """The sentence that a problem is over; None when another has taken its place."""
    if name.startswith(PREFIX):
        return account_problem_over(name, status.account_events)
    if name in _OVER:
        return _OVER[name]
    if name.startswith(_HOLD):
        broadcast_id, _, on = name.removeprefix(_HOLD).partition(" ")
        title = Messenger(on).traits.title
        return sentence("#{id} no longer waits on {messenger}.", id=broadcast_id, messenger=title)
    kind, _, messenger = name.partition(" ")
    title = Messenger(messenger).traits.title
    if f"{kind} " == _UNFIT:
        return sentence("{messenger} is ready to send.", messenger=title)
    return sentence("{messenger} is sending again.", messenger=title)


class Alarm:
    """Compares current problems with those already told, which the store remembers."""

    def __init__(self, store: AlertStore) -> None:
        self._store = store
        self._looks: dict[str, int] = {}

    async def look(self, status: Status) -> list[Alert]:
        """The alerts to send. A new problem must be seen several times in a row, so that a restart alerts nobody."""
        wrong = troubles(status, now=datetime.now(UTC))
        told = json.loads(await self._store.read() or "[]")
        self._looks = {name: self._looks.get(name, 0) + 1 for name in wrong}
        fresh = [name for name in wrong if name not in told and self._looks[name] >= LOOKS_BEFORE_ALARM]
        gone = [name for name in told if name not in wrong]
        if fresh or gone:
            await self._store.write(json.dumps([*(name for name in told if name in wrong), *fresh]))
        over = [Alert(text, over=True) for name in gone if (text := _ended(name, status)) is not None]
        return [*(Alert(wrong[name], over=False) for name in fresh), *over]


PREFIX: Final = "standing "

_Words = Callable[[str, str], Sentence]
"""From the messenger's title and the name of its template or number."""

_SAID: Final[Mapping[tuple[Subject, Issue], _Words]] = {
    (Subject.PERSON, Issue.MOVED): lambda on, name: sentence(
        "Somebody has a new number on {messenger}: {name}. Contact, lists, subscription and opt-out have moved along.",
        messenger=on,
        name=name,
    ),
    (Subject.ACCOUNT, Issue.BAN_AHEAD): lambda on, _: sentence(
        "{messenger} warns that it will ban the account soon.", messenger=on
    ),
    (Subject.TEMPLATE, Issue.PAUSED): lambda on, name: sentence(
        "{messenger} has paused the template {name}: it reaches nobody until it is back.",
        messenger=on,
        name=name,
    ),
    (Subject.TEMPLATE, Issue.DISABLED): lambda on, name: sentence(
        "{messenger} has disabled the template {name}: it reaches nobody now.", messenger=on, name=name
    ),
    (Subject.TEMPLATE, Issue.REJECTED): lambda on, name: sentence(
        "{messenger} has rejected the template {name}: it reaches nobody.", messenger=on, name=name
    ),
    (Subject.TEMPLATE, Issue.COMPLAINTS): lambda on, name: sentence(
        "{messenger} may soon pause the template {name}, as people complain about it.",
        messenger=on,
        name=name,
    ),
    (Subject.NUMBER, Issue.LOWERED): lambda on, name: sentence(
        "{messenger} has lowered how many people the number {name} may write to in a day.",
        messenger=on,
        name=name,
    ),
}
_WITHDRAWN: Final[Mapping[Subject, _Words]] = {
    Subject.ACCOUNT: lambda on, _: sentence("{messenger} no longer objects to the account.", messenger=on),
    Subject.TEMPLATE: lambda on, name: sentence(
        "{messenger} no longer objects to the template {name}.", messenger=on, name=name
    ),
    Subject.NUMBER: lambda on, name: sentence(
        "{messenger} no longer objects to the number {name}.", messenger=on, name=name
    ),
}


def account_problems(events: AccountEvents) -> dict[str, Sentence]:
    """Account problems: a name for each, and its sentence. Those that halt a messenger are told with the halt."""
    return {
        f"{_about(messenger, one)}{one.issue}": _SAID[one.subject, one.issue](
            messenger.traits.title, one.name
        )
        for messenger, found in events.items()
        for one in found
        if one.issue and not one.halts and (one.subject, one.issue) in _SAID
    }


def account_problem_over(name: str, events: AccountEvents) -> Sentence | None:
    """The sentence that it has ended; None when another has taken its place, or it was not reported."""
    return next(
        (
            _WITHDRAWN[one.subject](messenger.traits.title, one.name)
            for messenger, found in events.items()
            for one in found
            if one.issue is None and name.startswith(_about(messenger, one))
        ),
        None,
    )


def _about(messenger: Messenger, event: AccountEvent) -> str:
    return f"{PREFIX}{messenger} {event.subject} {event.name}: "
