"""Account check of each messenger at the start, repeated until it succeeds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from redis.exceptions import RedisError

from core.app import Core
from core.domain.messengers.traits import Messenger
from core.runtime import cancellable_sleep
from core.services.broadcasts import not_set_up
from workers.messengers.port import MessengerPort

log = logging.getLogger(__name__)

_SOONEST_SECONDS: Final = 5.0
_LATEST_SECONDS: Final = 300.0


async def preflight(
    messengers: Mapping[Messenger, MessengerPort], refused: Mapping[Messenger, str], core: Core
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
    await asyncio.gather(*(_watch(messenger, port, core) for messenger, port in messengers.items()))


async def _watch(messenger: Messenger, port: MessengerPort, core: Core) -> None:
    """Check until it is ready."""
    before, pause = None, _SOONEST_SECONDS
    while (complaint := await port.check()) is not None:
        if complaint != before:
            log.error("%s", complaint)
        before = complaint
        await core.health.report_problem(messenger, complaint)
        await cancellable_sleep(pause)
        pause = min(2 * pause, _LATEST_SECONDS)
    await core.health.report_problem(messenger, None)
    await _remember(messenger, core)
    log.info("%s is ready to send", messenger.traits.title)


async def _remember(messenger: Messenger, core: Core) -> None:
    try:
        await core.accounts.remember(messenger)
    except RedisError as error:
        log.warning("the account of %s could not be kept: %s", messenger.traits.title, error)
