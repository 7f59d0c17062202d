"""Tells the team when something is wrong, and when it is over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from typing import Final

from bot.screens.status import resume_button
from bot.tasks.outbox import Outbox
from bot.tasks.periodic import PeriodicTask
from bot.text import formatting
from bot.text.clock import Clock
from bot.text.translation import _, translate
from bot.ui.callback_data import open_sending
from bot.ui.screen import Button, Screen, plain
from core.app import Core
from core.services.alerts import Alert, AlertTracker

log = logging.getLogger(__name__)

_CALM_SECONDS: Final = 10.0
_TROUBLE_SECONDS: Final = 5.0


class AlertNotifier(PeriodicTask):
    name = "alerts"
    every = _TROUBLE_SECONDS

    def __init__(self, core: Core, outbox: Outbox) -> None:
        super().__init__(core, outbox)
        self._tracker = AlertTracker(core.alerts)
        self._untold: list[Alert] = []

    async def run(self) -> None:
        # Programs that start together get the time to report themselves.
        await asyncio.sleep(self.every)
        await super().run()

    async def round(self) -> None:
        for alert in await self._tracker.look(await self._core.status.read()):
            log.log(logging.INFO if alert.over else logging.WARNING, "telling the admins: %s", alert.text)
            self._untold.append(alert)
        self._untold = await tell_alerts(self._outbox, self._untold)
        self.every = _TROUBLE_SECONDS if self._tracker.sees_trouble or self._untold else _CALM_SECONDS


async def tell_alerts(outbox: Outbox, alerts: Sequence[Alert]) -> list[Alert]:
    """Tell the team; return the alerts that somebody has not got yet, for the next call."""
    return [one for one in alerts if not await outbox.tell_team(one.text, partial(_alert_screen, one))]


def _alert_screen(alert: Alert, clock: Clock) -> Screen:
    lines = [f"{'✔' if alert.over else '⚠'} {translate(alert.text)}"]
    if alert.until is not None:
        end = formatting.end_of_wait(alert.until, now=clock.now, zone=clock.zone)
        lines.append(_("It lasts until {time}.").format(time=end))
    way_on = resume_button(alert.paused) if alert.paused is not None else None
    if alert.stuck:
        way_on = Button(_("📋 Open"), open_sending(alert.stuck))
    return plain("\n".join(lines), way_on)
