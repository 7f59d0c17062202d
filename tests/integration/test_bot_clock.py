"""A bot whose clock is wrong: what it reads, shows and asks goes by the store's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.app import open_core
from core.settings import load_settings
from tests.support.bot import World, labels, variables
from tests.support.processes import running
from tests.support.sandbox_server import ADMIN, running_sandbox
from tests.support.wrong_clock import wrong_clock

BEN = 1001
APPROVAL = {"ADMIN_IDS": f"{ADMIN},{BEN}", "APPROVAL_ABOVE": "2"}


@pytest.mark.parametrize("ahead", [timedelta(days=31), timedelta(days=-31)], ids=["ahead", "behind"])
async def test_orders_cards_and_questions_go_by_the_clock_of_the_store(
    redis_url: str, tmp_path: Path, ahead: timedelta
) -> None:
    async with running_sandbox() as sandbox:
        settings = variables(sandbox, redis_url, **APPROVAL)
        async with (
            open_core(load_settings(settings, env_file=None)) as core,
            running(
                ("-m", "bot"),
                {**settings, **wrong_clock(tmp_path / "clock", ahead)},
                until_says="polling as",
            ),
        ):
            await core.ledger.remember_sent()
            world = World(sandbox, core)
            for person in (ADMIN, BEN):
                await world.ask("/start", "Hi, ", person=person)
            card = await world.ask("/send tg:1001 | in 2 hours | Hello", "Preview ↑")
            await world.tap(card, "✅")
            await world.turned(card, "🗓 Scheduled")
            (planned,) = (await core.broadcasts.scheduled(size=10)).items
            left = planned.send_at - datetime.now(UTC)
            assert abs(left - timedelta(hours=2)) < timedelta(minutes=5)
            card = await world.ask("/send tg:1001, tg:1002, tg:1003 | Sale", "needs to approve this")
            await world.tap(card, "✅")
            question = await world.below(0, "asks for your approval", BEN)
            assert labels(question)[0] == ["✅ Approve for 3 people"]
