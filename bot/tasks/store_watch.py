"""Tells the people in ADMIN_IDS that the store is away, and when it is back. Needs no store, only Telegram."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Final

from bot.telegram.client import Chat
from bot.telegram.errors import Rejected
from bot.text.reader import as_reader
from bot.text.translation import translate
from bot.ui.screen import plain
from core.domain.team import Reader
from core.domain.translatable import Sentence, sentence
from core.runtime import cancellable_sleep
from core.settings import Settings
from core.store.chat.readers import ReaderStore
from core.store.checks import outage
from core.store.connection import STORE_ERRORS, connect
from core.store.embedded import DISK_IS_FULL, disk_is_full, store_url

log = logging.getLogger(__name__)

TOLD_AFTER_SECONDS: Final = 60.0
EVERY_SECONDS: float = 5.0
_READERS_SECONDS: Final = 60.0


class StoreWatch:
    """Runs beside everything else, from before the first connection to the store."""

    def __init__(self, settings: Settings, chat: Chat, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: read once at each look. Raises ConfigurationError without a store."""
        self._settings = settings
        self._url = store_url(settings)
        self._chat = chat
        self._clock = clock
        self._readers: dict[int, Reader] = {}
        """As last read: the store cannot be asked during its outage."""
        self._since: float | None = None
        self._told: set[int] = set()
        """Admins told of the outage, but not yet of its end."""

    async def run(self) -> None:
        """Look every few seconds, until cancelled."""
        async with connect(self._url) as client:
            readers, read_at = ReaderStore(client), float("-inf")
            while True:
                trouble = await outage(client)
                if trouble is None and time.monotonic() - read_at >= _READERS_SECONDS:
                    with suppress(*STORE_ERRORS):
                        self._readers = await readers.of_all(self._settings.admin_ids)
                        read_at = time.monotonic()
                await self.look(trouble)
                await cancellable_sleep(EVERY_SECONDS)

    async def look(self, trouble: Sentence | None) -> None:
        """`trouble`: what is wrong with the store now; None when it works."""
        now = self._clock()
        if trouble is None:
            self._since = None
            await self._tell(
                self._told, sentence("The storage is working again. Sending continues."), over=True
            )
            return
        self._since = now if self._since is None else self._since
        if now - self._since < TOLD_AFTER_SECONDS:
            return
        if disk_is_full(self._settings):
            trouble = DISK_IS_FULL
        words = sentence(
            "{trouble} Nothing is lost, but nothing is sent until it works again.", trouble=trouble
        )
        await self._tell(self._settings.admin_ids - self._told, words, over=False)

    async def _tell(self, people: Collection[int], words: Sentence, *, over: bool) -> None:
        for person in sorted(people):
            try:
                with as_reader(self._readers.get(person, Reader())):
                    await self._chat.send(person, plain(f"{'✔' if over else '⚠'} {translate(words)}"))
            except Rejected as error:
                log.info("%s is not told of the store: %s", person, error)
            except Exception as error:  # noqa: BLE001 - nothing of Telegram may end the watch
                log.warning("%s is not told of the store yet: %s", person, type(error).__name__)
                continue
            (self._told.discard if over else self._told.add)(person)
