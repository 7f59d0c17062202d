"""What must hold whatever was done to the system; each broken invariant becomes a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.domain.delivery import Delivery, DeliveryState
from core.domain.messengers import Messenger
from tests.chaos.faults import Accepted, Run
from tests.chaos.harness import SLOTS, WORKERS, System
from tests.core_on_store import deliveries_of

NOT_SENT = (DeliveryState.FAILED, DeliveryState.CANCELLED, DeliveryState.QUEUED)
Landed = dict[tuple[str, str], list[float]]
"""When messages landed, by recipient and text; Unix seconds."""


@dataclass
class Report:
    """What was done and what came of it."""

    faults: Counter[str]
    dropped: int
    states: Counter[DeliveryState] = field(default_factory=Counter)
    doubles: int = 0
    lost: int = 0
    unknown_allowed: int = 0
    latest_start: float = 0.0
    broken: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        faults = ", ".join(f"{count} x {name}" for name, count in sorted(self.faults.items()))
        states = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        lines = [
            f"faults: {faults}, {self.dropped} x answer dropped",
            f"deliveries: {states}",
            f"doubles: {self.doubles}, lost: {self.lost}, unknown allowed: {self.unknown_allowed}",
            f"planned broadcasts started at most {self.latest_start:.1f} s late",
            *(f"BROKEN {sentence}" for sentence in self.broken),
        ]
        return "\n".join(lines)


async def judge(system: System, run: Run) -> Report:
    """To be called when the run is over and the system is quiet."""
    calls = await system.sandbox.calls()
    report = Report(run.faults, dropped=sum(call["status"] == 0 for call in calls))
    landed = await _landed(system)
    report.broken += [f"I1 miscounted: {sentence}" for sentence in run.miscounted[:3]]
    report.broken += [f"I2 not over in time: {sentence}" for sentence in run.unfinished]
    for one in run.accepted:
        broadcast = await system.core.ledger.get(one.broadcast.id)
        if broadcast is None:
            report.broken.append(f"I6 accepted and gone: #{one.broadcast.id}")
            continue
        deliveries = await deliveries_of(system.core, broadcast)
        report.states.update(delivery.state for delivery in deliveries)
        report.broken += _judged(one, deliveries, landed, report)
    _judge_books(report, landed, run)
    report.broken += [f"a program was ended by an error: {words}" for words in system.tracebacks()]
    return report


async def _landed(system: System) -> Landed:
    found: Landed = {}
    for message in await system.sandbox.delivered():
        key = (f"{message['messenger']}:{message['recipient']}", str(message["text"]))
        found.setdefault(key, []).append(float(message["at"]))
    return found


def _judged(one: Accepted, deliveries: list[Delivery], landed: Landed, report: Report) -> Iterator[str]:
    text = one.broadcast.content.text
    if [delivery.recipient for delivery in deliveries] != list(one.recipients):
        yield f"I6 other recipients than accepted: #{one.broadcast.id}"
    times = []
    for delivery in deliveries:
        here = landed.get((delivery.recipient.label, text), [])
        times += here
        if delivery.state is DeliveryState.SENT and not here:
            report.lost += 1
            yield f"I3 sent, and the phone has nothing: {delivery.id}"
        if delivery.state in NOT_SENT and here:
            yield f"I4 {delivery.state}, and the phone has it: {delivery.id}"
    if one.broadcast.planned and times:
        lateness = min(times) - one.broadcast.send_at.timestamp()
        report.latest_start = max(report.latest_start, lateness)
        if lateness < 0:
            yield f"I8 before its time: #{one.broadcast.id} by {-lateness:.3f} s"


def _judge_books(report: Report, landed: Landed, run: Run) -> None:
    doubled = [key for key, times in landed.items() if len(times) > 1]
    report.doubles = len(doubled)
    if doubled:
        report.broken.append(f"I5 sent twice: {len(doubled)}, for example {doubled[0]}")
    wanted = {(r.label, one.broadcast.content.text) for one in run.accepted for r in one.recipients}
    if foreign := landed.keys() - wanted:
        report.broken.append(f"I9 nobody ordered this: {foreign}")
    in_the_air = SLOTS * len(Messenger)
    # SIGTERM is not among them: a worker that is asked to stop finishes what is in the air.
    cut_off = run.faults["SIGKILL worker"] + run.faults["SIGSTOP worker"]
    cut_off += run.faults["SIGKILL store"] * len(WORKERS)
    report.unknown_allowed = cut_off * in_the_air + report.dropped
    if report.states[DeliveryState.UNKNOWN] > report.unknown_allowed:
        report.broken.append(f"I7 more unknown than were in the air: {report.states[DeliveryState.UNKNOWN]}")
