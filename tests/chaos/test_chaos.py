"""No doubles, no losses, every state true, under kills, lost answers, a full store and wrong clocks."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tests.chaos.harness import Plan, system
from tests.chaos.judge import judge
from tests.chaos.run import Run

SHORT = Plan(recipients=1000, seconds=18, hits=8, pause=0.8, store=("power", "full"), swaps=1)
LONG = Plan(
    recipients=10_000,
    seconds=100,
    hits=64,
    pause=0.8,
    store=("power", "full", "kill", "down", "power", "full", "kill"),
    freeze=25,
    swaps=3,
    small=True,
    chats=12,
)

FROZEN = Plan(recipients=600, seconds=15, hits=3, pause=0.8, store=(), freeze=25)
"""Little but a worker that is frozen for longer than its lease, with requests on their way."""


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(SHORT, marks=pytest.mark.chaos),
        pytest.param(FROZEN, marks=pytest.mark.chaos_long),
        pytest.param(LONG, marks=pytest.mark.chaos_long),
    ],
    ids=["short", "frozen", "long"],
)
async def test_the_promise_holds_whatever_is_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], plan: Plan
) -> None:
    began = asyncio.get_running_loop().time()
    async with system(tmp_path, plan) as running:
        run = Run(running, plan)
        await run.carry_out()
        await running.quieten()
        report = await judge(running, run, asyncio.get_running_loop().time() - began)
        tracebacks = running.tracebacks()
    with capsys.disabled():
        sys.stdout.write(f"\n{report}\n")
    if plan is LONG:
        report.keep()
    assert report.sentences == []
    assert tracebacks == [], "\n".join(tracebacks)
    assert sum(report.faults.get(f"{how} worker", 0) for how in ("SIGKILL", "SIGTERM")) == plan.hits
    assert report.faults.get("SIGSTOP worker", 0) == bool(plan.freeze)
    assert all(report.checked[name] for name in ("I1", "I2", "I3", "I5", "I6", "I7", "I8", "I9"))
    assert report.checked["I12"] or not plan.swaps
    assert report.checked["I11"] or not plan.small
