"""What the admins must hear of by themselves: told once when it begins, and once when it is over."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from core.domain.messengers.account_status import AccountEvent, Issue, Subject
from core.domain.messengers.traits import Messenger
from core.domain.translatable import Sentence, sentence, sentences
from core.services.status import MessengerStatus, Status
from core.store.chat.alerts import AlertStore

MEMORY_SHARE: Final = 0.7
LONG_HALT: Final = timedelta(seconds=60)
LOOKS_BEFORE_ALARM: Final = 3
_UNFIT: Final = "unfit "


@dataclass(frozen=True, slots=True)
class Alert:
    """`over`: it has ended, and `text` says so."""

    text: str
    over: bool


def troubles(status: Status, *, now: datetime) -> dict[str, str]:
    """What is wrong now: a name for each cause, and its sentence."""
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
        if one.complaint and not one.halted:
            found[f"{_UNFIT}{messenger}"] = _unfit(messenger, one)
        if one.halted and (one.halted_until is None or one.halted_until - now > LONG_HALT):
            found[f"halt {messenger}"] = _halted(messenger, one)
    if len(status.versions) > 1:
        found["versions"] = sentence(
            "Programs of different versions share one store: {versions}. Start all of them from one version.",
            versions=tuple(status.versions),
        )
    return found | standings(status.standings) | oddities(status)


def unfit(status: Status) -> list[Sentence]:
    """What the messengers answered that could not send when a worker asked them."""
    return [_unfit(messenger, one) for messenger, one in status.messengers.items() if one.complaint]


def _unfit(messenger: Messenger, state: MessengerStatus) -> Sentence:
    return sentence(
        "{messenger} could not send when it was asked: {complaint}",
        messenger=messenger.traits.title,
        complaint=state.complaint,
    )


def oddities(status: Status) -> dict[str, str]:
    """What should never be there, and harms nothing: it was refused or set aside."""
    found: dict[str, str] = {}
    if status.refused_jobs:
        found["refused"] = sentences(
            "{count} job was refused or failed in RQ: not made by Message Sender, or run by a worker that is not ours. "
            "RQ keeps it for a day among its failed jobs.",
            "{count} jobs were refused or failed in RQ: not made by Message Sender, or run by a worker that is not "
            "ours. RQ keeps them for a day among its failed jobs.",
            status.refused_jobs,
        )
    if status.set_aside:
        found["set aside"] = sentences(
            "{count} row of the ledger could not be read. It was set aside, and its recipient counts as unknown.",
            "{count} rows of the ledger could not be read. They were set aside, and their recipients count as unknown.",
            status.set_aside,
        )
    return found


def _halted(messenger: Messenger, state: MessengerStatus) -> Sentence:
    fields = {"messenger": messenger.traits.title, "reason": state.halt_reason}
    if state.halted_until is None:
        return sentence(
            "{messenger} has stopped until it is resumed in /status: {reason}. Messages keep waiting.",
            **fields,
        )
    return sentence("{messenger} has stopped for a while: {reason}. Messages keep waiting.", **fields)


_OVER: Final[Mapping[str, str]] = {
    "workers": sentence("A worker is back; sending continues."),
    "scheduler": sentence("The scheduler is back."),
    "memory": sentence("The store has enough memory again."),
    "versions": sentence("All programs have the same version again."),
    "refused": sentence("RQ no longer keeps refused jobs."),
    "set aside": sentence("No unreadable rows are left."),
}


def _over(name: str) -> str:
    if name in _OVER:
        return _OVER[name]
    if name.startswith(_UNFIT):
        messenger = Messenger(name.removeprefix(_UNFIT))
        return sentence("{messenger} is ready to send.", messenger=messenger.traits.title)
    messenger = Messenger(name.removeprefix("halt "))
    return sentence("{messenger} is sending again.", messenger=messenger.traits.title)


def _ended(name: str, status: Status) -> str | None:
    """That a trouble is over; None where something else has taken its place."""
    if name.startswith(PREFIX):
        return over(name, status.standings)
    return _over(name)


class Alarm:
    """Compares what is wrong with what was told before; the memory of it lives in the store."""

    def __init__(self, board: AlertStore) -> None:
        self._board = board
        self._looks: dict[str, int] = {}

    async def look(self, status: Status) -> list[Alert]:
        """What is to be told now. Something new must be seen a few times in a row, so that a restart rings no bell."""
        wrong = troubles(status, now=datetime.now(UTC))
        told = json.loads(await self._board.read() or "[]")
        self._looks = {name: self._looks.get(name, 0) + 1 for name in wrong}
        fresh = [name for name in wrong if name not in told and self._looks[name] >= LOOKS_BEFORE_ALARM]
        gone = [name for name in told if name not in wrong]
        if fresh or gone:
            await self._board.write(json.dumps([*(name for name in told if name in wrong), *fresh]))
        over = [Alert(text, over=True) for name in gone if (text := _ended(name, status)) is not None]
        return [*(Alert(wrong[name], over=False) for name in fresh), *over]


Standings = Mapping[Messenger, Sequence[AccountEvent]]

PREFIX: Final = "standing "

_Words = Callable[[str, str], Sentence]
"""Out of the messenger's title and the name of what it speaks of."""

_SAID: Final[Mapping[tuple[Subject, Issue], _Words]] = {
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
    (Subject.NUMBER, Issue.COMPLAINTS): lambda on, name: sentence(
        "{messenger} may soon lower the limits of the number {name}, as people complain about its messages.",
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


def standings(found: Standings) -> dict[str, Sentence]:
    """What stands against us: a name for each, and its sentence. What halts a messenger is told by the halt."""
    return {
        _name(messenger, one): _SAID[one.subject, one.trouble](messenger.traits.title, one.name)
        for messenger, standing in found.items()
        for one in standing
        if one.trouble and (one.subject, one.trouble) in _SAID
    }


def over(name: str, found: Standings) -> Sentence | None:
    """That it has ended; None where something else has taken its place, or nobody has said so."""
    return next(
        (
            _WITHDRAWN[one.subject](messenger.traits.title, one.name)
            for messenger, standing in found.items()
            for one in standing
            if one.trouble is None and name.startswith(_about(messenger, one))
        ),
        None,
    )


def _about(messenger: Messenger, standing: AccountEvent) -> str:
    return f"{PREFIX}{messenger} {standing.subject} {standing.name}: "


def _name(messenger: Messenger, standing: AccountEvent) -> str:
    return f"{_about(messenger, standing)}{standing.trouble}"
