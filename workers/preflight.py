"""Asks each messenger at the start whether its account could send."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from core.domain.messengers import Messenger
from workers.messengers.port import MessengerPort

log = logging.getLogger(__name__)


async def preflight(messengers: Mapping[Messenger, MessengerPort]) -> None:
    """Says one sentence for each messenger that is not ready, and stops none: the next send may find it cured."""
    await asyncio.gather(*(_ask(messenger, port) for messenger, port in messengers.items()))


async def _ask(messenger: Messenger, port: MessengerPort) -> None:
    complaint = await port.check()
    if complaint is None:
        log.info("%s is ready to send", messenger.traits.title)
    else:
        log.error("%s", complaint)
