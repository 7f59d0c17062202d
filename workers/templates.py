"""Fetches the lists of message templates that the chat asks for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from redis.exceptions import RedisError

from core.domain.content.templates import TemplateList
from core.domain.messengers.outcome import Answer
from core.domain.messengers.traits import Messenger
from core.runtime import cancellable_sleep
from core.store.bell import Bell, wait_for
from core.store.templates import TemplateStore
from workers.messengers.port import MessengerPort, TemplatePort

log = logging.getLogger(__name__)

_SAFETY_SECONDS: Final = 30.0
"""Requests ring the bell; one whose ring was lost is asked for again by its author."""


class TemplateFetcher:
    """One worker's share: of several, the first one to see a request fetches."""

    def __init__(
        self, store: TemplateStore, messengers: Mapping[Messenger, MessengerPort], bell: Bell
    ) -> None:
        self._store = store
        self._ports = {
            messenger: port for messenger, port in messengers.items() if isinstance(port, TemplatePort)
        }
        self._rings = {messenger: bell.templates(messenger) for messenger in self._ports}

    async def run(self) -> None:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for messenger, port in self._ports.items():
                tasks.create_task(self._serve(messenger, port))

    async def _serve(self, messenger: Messenger, port: TemplatePort) -> None:
        while True:
            await cancellable_sleep(0)
            try:
                if await self._store.take_request(messenger):
                    await self._store.put(messenger, await _fetched(port, await self._store.now()))
            except RedisError as error:
                log.warning("could not serve a request for templates: %s", error)
            except Exception:
                log.exception("the templates of %s could not be fetched", messenger)
            await wait_for(self._rings[messenger], _SAFETY_SECONDS)


async def _fetched(port: TemplatePort, now: datetime) -> TemplateList:
    found = await port.templates()
    if isinstance(found, Answer):
        log.warning("the templates could not be listed: %s", found.detail)
        return TemplateList(at=now, problem=found.detail or found.outcome)
    return TemplateList(at=now, templates=tuple(found))
