"""Account check of each messenger: at the start until it succeeds, then a look once a minute.

Nobody is sent anything at night, and yet the admins learn that the token was revoked or the network is down, before the
first message of the morning is due. The look costs one request a minute, by one worker for all.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from redis.exceptions import RedisError

from core.app import Core
from core.domain.messengers.traits import Messenger
from core.runtime import cancellable_sleep
from core.services.broadcasts import not_set_up
from workers.messengers.port import MessengerPort

log = logging.getLogger(__name__)

TheirTime = Callable[[], datetime | None]
"""The time now by a messenger's clock; None if unknown."""

LOOK_SECONDS: float = 60.0
LOOK_AGAIN_SECONDS: float = 20.0
OUTAGE_SECONDS: float = 60.0
_SOONEST_SECONDS: Final = 5.0
_LATEST_SECONDS: Final = 300.0
_CLOCKS_DIFFER_SECONDS: Final = 120


async def preflight(
    messengers: Mapping[Messenger, MessengerPort],
    refused: Mapping[Messenger, str],
    core: Core,
    their_time: TheirTime,
) -> None:
    """Report each messenger that is not ready in one sentence, which /status shows until the messenger is ready.

    Stops no messenger: the next send may succeed. `refused`: sentences about those whose account is another one.
    """
    for messenger in set(Messenger) - messengers.keys():
        problem = refused.get(messenger)
        # In docker other programs do not get a messenger's secret, and take it for set up.
        if missing := core.settings.half_set_up(messenger):
            problem = not_set_up(messenger, missing)
            log.error("%s", problem)
        await core.health.report_problem(messenger, problem)
    await asyncio.gather(
        *(_Watch(messenger, port, core, their_time).run() for messenger, port in messengers.items())
    )


class _Watch:
    """One messenger's, in one worker."""

    def __init__(self, messenger: Messenger, port: MessengerPort, core: Core, their_time: TheirTime) -> None:
        self._messenger = messenger
        self._port = port
        self._core = core
        self._their_time = their_time
        self._me = secrets.token_hex(6)
        self._wrong_since: float | None = None
        self._reported: str | None = None
        self._took_over = True

    async def run(self) -> None:
        """Watch until cancelled."""
        await self._until_ready()
        while True:
            wrong = self._wrong_since is not None
            await cancellable_sleep(LOOK_AGAIN_SECONDS if wrong else LOOK_SECONDS)
            try:
                await self._look()
            except RedisError as error:
                log.warning("the state of %s could not be looked at: %s", self._messenger, error)
            except Exception:
                log.exception("%s could not be checked", self._messenger)

    async def _until_ready(self) -> None:
        before, pause = None, _SOONEST_SECONDS
        while (complaint := await self._port.check()) is not None:
            if complaint != before:
                log.error("%s", complaint)
            before = complaint
            await self._core.health.report_problem(self._messenger, complaint)
            await cancellable_sleep(pause)
            pause = min(2 * pause, _LATEST_SECONDS)
        await self._core.health.report_problem(self._messenger, None)
        log.info("%s is ready to send", self._messenger.traits.title)
        while not await self._remember():
            await cancellable_sleep(_SOONEST_SECONDS)

    async def _look(self) -> None:
        """Check, and report what has been wrong for a minute, and its end."""
        if not await self._core.health.may_watch(self._messenger, self._me):
            self._wrong_since = self._reported = None
            self._took_over = True
            return
        complaint = await self._port.check()
        if complaint is None:
            await self._well()
            return
        now = asyncio.get_running_loop().time()
        self._wrong_since = now if self._wrong_since is None else self._wrong_since
        if now - self._wrong_since >= OUTAGE_SECONDS and complaint != self._reported:
            log.error("%s", complaint)
            self._reported = complaint
            await self._core.health.report_problem(self._messenger, complaint)

    async def _well(self) -> None:
        # Another worker may have reported it, and ended. What the breaker of a worker reports, it takes back itself.
        left_over = self._took_over and await self._core.health.halt(self._messenger) is None
        if self._reported or left_over:
            await self._core.health.report_problem(self._messenger, None)
        if self._reported:
            log.info("%s is ready to send", self._messenger.traits.title)
        self._wrong_since = self._reported = None
        self._took_over = False
        await self._compare_clocks()

    async def _compare_clocks(self) -> None:
        """Schedules follow the store's clock. A messenger's is right."""
        theirs = self._their_time()
        if theirs is None:
            return
        ahead = round((await self._core.ledger.now() - theirs).total_seconds())
        await self._core.health.report_clock(ahead if abs(ahead) > _CLOCKS_DIFFER_SECONDS else 0)

    async def _remember(self) -> bool:
        """Keep the account. False where the store takes no writes for now."""
        try:
            await self._core.accounts.remember(self._messenger)
        except RedisError as error:
            log.warning("the account of %s could not be kept: %s", self._messenger.traits.title, error)
            return False
        return True
