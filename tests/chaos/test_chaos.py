"""Nobody twice, nobody lost, every state true: while workers, scheduler and store are killed again and again."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.chaos.faults import Run
from tests.chaos.harness import Plan, system
from tests.chaos.judge import judge

SHORT = Plan(recipients=1000, seconds=20, hits=10, pause=1.0, store_kills=1)
LONG = Plan(recipients=10_000, seconds=100, hits=80, pause=0.8, store_kills=4, freeze=12)


@pytest.mark.parametrize(
    "plan",
    [pytest.param(SHORT, marks=pytest.mark.chaos), pytest.param(LONG, marks=pytest.mark.chaos_long)],
    ids=["short", "long"],
)
async def test_the_promise_holds_whatever_is_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], plan: Plan
) -> None:
    async with system(tmp_path, plan) as running:
        run = Run(running, plan)
        await run.carry_out()
        await running.quieten()
        report = await judge(running, run)
    with capsys.disabled():
        sys.stdout.write(f"\n{report}\n")
    assert report.broken == []
    assert report.faults["SIGKILL worker"] + report.faults["SIGTERM worker"] == plan.hits
    assert report.faults["SIGKILL store"] == plan.store_kills
