"""Every admin hears of what goes wrong, once, and of its end, once."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from bot.dispatcher import BUTTONS
from bot.permissions import Permissions
from bot.screens.status import status_screen
from bot.tasks.alerts import AlertNotifier
from bot.tasks.outbox import Outbox
from bot.telegram.client import Chat
from bot.text.clock import Clock
from core.app import Core
from core.domain.messengers.traits import Messenger
from core.services.alerts import LOOKS_BEFORE_ALERT
from tests.support.core import accepted, core_at, in_an_hour, people, started, store_at
from tests.support.sandbox_server import ADMIN, Sandbox, connected_bot, running_sandbox

BEN = 1001
UTC = ZoneInfo("UTC")
WRONG = (
    "⚠ The sending program isn't running, and ",
    "⚠ The scheduler isn't running. Until it's back",
    "⚠ The storage uses",
    "⚠ Viber is paused: the account is closed",
)
OVER = (
    "✔ The sending program is back. Sending continues.",
    "✔ The scheduler is back.",
    "✔ The storage has enough memory again.",
    "✔ Viber is sending again.",
)


async def told(sandbox: Sandbox, person: int) -> list[str]:
    return [m["text"] for m in await sandbox.messages(person) if m["from"]["is_bot"]]


async def look(core: Core, chat: Chat, times: int) -> None:
    alerts = AlertNotifier(core, Outbox(core, chat))  # as after a restart
    for _ in range(times):
        await alerts.round()


async def test_all_admins_are_told_once_when_it_begins_and_once_when_it_is_over(redis_url: str) -> None:
    async with (
        running_sandbox() as sandbox,
        core_at(redis_url, ADMIN_IDS=f"{ADMIN},{BEN}") as core,
        store_at(redis_url) as store,
        connected_bot(sandbox) as bot,
    ):
        chat = Chat(bot, Permissions(core.team, BUTTONS).filter)
        await started(core, people(Messenger.TELEGRAM, 3))
        await accepted(core, people(Messenger.TELEGRAM, 3), send_at=in_an_hour())
        await core.deliveries.halt(Messenger.VIBER, 0, "the account is closed")
        used, room = await core.health.memory()
        await store.config_set("maxmemory", int(used * 1.2))
        try:
            for _ in range(2):
                await look(core, chat, LOOKS_BEFORE_ALERT + 1)
        finally:
            await store.config_set("maxmemory", room or 0)
        for person in (ADMIN, BEN):
            _same(await told(sandbox, person), WRONG)
        await core.heartbeat.beat("worker")
        await core.heartbeat.beat("scheduler")
        await core.status.resume_messenger(Messenger.VIBER)
        for _ in range(2):
            await look(core, chat, LOOKS_BEFORE_ALERT + 1)
        for person in (ADMIN, BEN):
            _same((await told(sandbox, person))[len(WRONG) :], OVER)


async def test_who_could_not_be_reached_is_told_at_the_next_look_and_nobody_twice(redis_url: str) -> None:
    async with (
        running_sandbox() as sandbox,
        core_at(redis_url, ADMIN_IDS=f"{ADMIN},{BEN}") as core,
        connected_bot(sandbox) as bot,
    ):
        await core.deliveries.halt(Messenger.VIBER, 0, "the account is closed")
        alerts = AlertNotifier(core, Outbox(core, Chat(bot, Permissions(core.team, BUTTONS).filter)))
        await sandbox.fault("telegram", "drop_before", method="sendMessage", recipient=str(ADMIN))
        for _ in range(LOOKS_BEFORE_ALERT):
            await alerts.round()
        assert await told(sandbox, ADMIN) == []
        await sandbox.clear_faults()
        await alerts.round()
        await alerts.round()
        for person in (ADMIN, BEN):
            _same(await told(sandbox, person), ("⚠ Viber is paused",))


def _same(found: list[str], expected: tuple[str, ...]) -> None:
    assert len(found) == len(expected), found
    for beginning in expected:
        assert [text for text in found if text.startswith(beginning)], (beginning, found)


async def test_a_wait_that_ends_by_itself_is_told_with_its_end(redis_url: str) -> None:
    async with (
        running_sandbox() as sandbox,
        core_at(redis_url, ADMIN_IDS=str(ADMIN)) as core,
        connected_bot(sandbox) as bot,
    ):
        chat = Chat(bot, Permissions(core.team, BUTTONS).filter)
        await core.deliveries.halt(Messenger.VIBER, 86_400, "the messenger asked to wait", "slow down")
        await look(core, chat, LOOKS_BEFORE_ALERT)
        (alert,) = await told(sandbox, ADMIN)
        # Tomorrow, so the day is named.
        assert re.search(r"(?s)Viber is paused for a while: .*It lasts until \d+ \w{3} \d\d:\d\d\.", alert)
        shown = status_screen(await core.status.read(), Clock(await core.ledger.now(), UTC)).html
        assert re.search(r"Viber waits until \d+ \w{3} \d\d:\d\d: the messenger asked to wait", shown)
