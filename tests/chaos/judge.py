"""The invariants, checked in the ledger and in the messengers' records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from core.domain.broadcast import Broadcast
from core.domain.delivery import Delivery, DeliveryState
from tests.chaos.faults import JOINED
from tests.chaos.harness import OTHER_ACCOUNTS, System, insist
from tests.chaos.powerloss import TORN_KEY
from tests.chaos.report import Report
from tests.chaos.run import LEASE, Accepted, Run
from tests.support.core import deliveries_of
from tests.support.sandbox_server import ADMIN

NOT_SENT = (DeliveryState.FAILED, DeliveryState.CANCELLED, DeliveryState.QUEUED)
OTHER_ACCOUNT_IDS: Final = {value.partition(":")[0] for value in OTHER_ACCOUNTS.values()}
BUSY: Final = 503
Json = dict[str, Any]
Landed = dict[tuple[str, str], list[float]]
"""Arrival times of messages, by recipient and text; Unix seconds."""


@dataclass
class Requests:
    """The requests for one recipient and text, as the messenger saw them; Unix seconds."""

    cut_off: int = 0
    """Nobody got the answer: it was dropped, or the caller had gone."""
    answered: list[float] = field(default_factory=list)
    to_be_tried_again: bool = False
    """True if the last answer was "not now": another claim came after it."""


async def judge(system: System, run: Run, seconds: float) -> Report:
    """Call it when the run is over and the system is quiet."""
    calls = await system.sandbox.calls(limit="1000000")
    requests = _requests(calls, {one.text for one in run.accepted}, run.looked_at)
    posts = sum(run.customer.posts.values())
    done = {
        **run.faults.counts,
        "answer of a messenger cut off": sum(one.cut_off for one in requests.values()),
        "order posted once more": posts - len(run.customer.posts),
        "tap in the chat": run.admin.taps,
    }
    report = Report(sum(len(one.recipients) for one in run.accepted), seconds, done)
    report.look("I1", run.looks, *run.miscounted)
    landed, found = await _landed(system), await run.found()
    for one in run.accepted:
        await _judge_order(one, found, landed, system, report)
    _judge_ends(report, run, found)
    _judge_books(report, landed, run)
    torn = await insist(partial(system.store.exists, TORN_KEY))
    report.look("I6", 1, *(["half a write counted"] if torn else []))
    _judge_unknown(report, run, requests)
    foreign = [call["method"] for call in calls if call["account"] in OTHER_ACCOUNT_IDS]
    broken = [f"called {method} with another account" for method in foreign]
    report.look("I12", run.faults.counts[JOINED], *broken, *run.faults.stranger_broken)
    return report


def _requests(
    calls: Iterable[Json], texts: Container[str], until: float
) -> Mapping[tuple[str, str], Requests]:
    """By recipient and text. `until`: later ones are what was sent again to the unknown."""
    found: defaultdict[tuple[str, str], Requests] = defaultdict(Requests)
    for call in calls:
        if call["text"] not in texts or call["at"] > until:
            continue
        for recipient in call["block"] or [call["recipient"]]:
            requests = found[f"{call['messenger']}:{recipient}", call["text"]]
            if call["status"] == 0:
                requests.cut_off += 1
            else:
                requests.answered.append(call["at"])
                requests.to_be_tried_again = call["status"] == BUSY
    return found


async def _landed(system: System) -> Landed:
    found: Landed = {}
    for message in await system.sandbox.delivered():
        label = f"{message['messenger']}:{message['recipient']}"
        if label != f"telegram:{ADMIN}":  # the bot's own words
            found.setdefault((label, str(message["text"])), []).append(float(message["at"]))
    return found


async def _judge_order(
    one: Accepted, found: Sequence[Broadcast], landed: Landed, system: System, report: Report
) -> None:
    mine = [broadcast for broadcast in found if broadcast.content.text == one.text]
    if len(mine) != 1:
        report.look("I6", 1, f"one order became {len(mine)} broadcasts: {one.text}")
        return
    deliveries = await deliveries_of(system.core, mine[0])
    report.states.update(delivery.state.value for delivery in deliveries)
    same = [delivery.recipient for delivery in deliveries] == list(one.recipients)
    report.look("I6", len(deliveries), *([] if same else [f"other recipients than ordered: {one.text}"]))
    for delivery in deliveries:
        _judge_delivery(delivery, landed.get((delivery.recipient.label, one.text), []), report)
    times = [at for recipient in one.recipients for at in landed.get((recipient.label, one.text), [])]
    if one.not_before is not None:
        early = sum(at < one.not_before.timestamp() for at in times)
        report.look("I11", len(times), *([f"{early} within quiet hours: {one.text}"] if early else []))
    if mine[0].planned:
        _judge_times(mine[0], times, report)


def _judge_delivery(delivery: Delivery, here: Iterable[float], report: Report) -> None:
    if delivery.state is DeliveryState.SENT:
        report.look("I3", 1, *([] if here else [f"sent, and the phone has nothing: {delivery.id}"]))
    if delivery.state in NOT_SENT:
        report.look("I4", 1, *([f"{delivery.state}, and the phone has it: {delivery.id}"] if here else []))


def _judge_times(broadcast: Broadcast, times: Sequence[float], report: Report) -> None:
    due = broadcast.send_at.timestamp()
    early = [f"#{broadcast.id} {due - at:.3f} s before its time" for at in times if at < due]
    report.look("I8", len(times), *early)
    report.latest_start = max(report.latest_start, min(times, default=due) - due)


def _judge_ends(report: Report, run: Run, found: Sequence[Broadcast]) -> None:
    report.look("I2", len(found), *run.unfinished)
    report.look("I6", len(found), *run.customer.broken)
    report.look("I10", len(run.resent), *run.resend_broken)


def _judge_books(report: Report, landed: Landed, run: Run) -> None:
    wanted = {(r.label, one.text) for one in run.accepted for r in one.recipients}
    for key, times in landed.items():
        twice = len(times) > 1 + (key in run.resent)
        report.look("I5", 1, *([f"{len(times)} times: {key}"] if twice else []))
        report.look("I9", 1, *([f"nobody ordered this: {key}"] if key not in wanted else []))


def _judge_unknown(report: Report, run: Run, requests: Mapping[tuple[str, str], Requests]) -> None:
    """Each one's answer was cut off: on its way, or with the worker that was killed before it had written it.

    The one other cause is a claim that died with its worker before any messenger saw a request. An answer older than a
    lease is no cause: its claim ended before the worker did.
    """
    for one in run.unknown:
        seen = requests.get((one.recipient.label, run.texts[one.id.broadcast_id]), Requests())
        killed_at = run.faults.held.get(str(one.id))
        if seen.cut_off:
            report.unknown_cut_off += 1
        elif killed_at is None:
            report.look("I7", 0, f"unknown without a cause: {one.id}")
        elif not seen.answered:
            report.unknown_unseen += 1
        elif (late := run.faults.store_was_there(seen.answered[-1], killed_at)) <= LEASE:
            report.unknown_unwritten += 1
        elif seen.to_be_tried_again:
            report.unknown_unseen += 1
        else:
            report.look("I7", 0, f"answered {late:.1f} s before its worker was killed: {one.id}")
    report.look("I7", len(run.unknown))
    report.unknown_arrived = run.unknown_arrived
