"""What an admin is told without having asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from bot.telegram.client import Chat
from bot.telegram.errors import Rejected, Unavailable
from bot.text.reader import as_reader
from bot.text.translation import _
from bot.ui.screen import Screen, plain
from core.app import Core
from core.store.connection import STORE_ERRORS

log = logging.getLogger(__name__)


async def tell(core: Core, chat: Chat, admin: int, screen: Callable[[], Screen]) -> bool:
    """Writes in their language, by their clock. False when Telegram could not be reached: it may work later."""
    try:
        with as_reader(await core.readers.of(admin)):
            await chat.send(admin, screen())
    except Rejected as error:
        # An admin who never pressed Start cannot be written to; the others still must hear of it.
        log.info("admin %s could not be told: %s", admin, error)
    except Unavailable as error:
        log.warning("admin %s could not be told just now: %s", admin, error)
        return False
    return True


class DeferredApology:
    """For whoever wrote while Telegram let us answer nothing: one message once it does."""

    def __init__(self, core: Core, chat: Chat) -> None:
        self._core = core
        self._chat = chat
        self._owed: dict[int, asyncio.Task[None]] = {}

    def schedule(self, admin: int, wait: float) -> None:
        """`wait`: the seconds that Telegram asked for."""
        if admin not in self._owed:
            self._owed[admin] = asyncio.create_task(self._say(admin, wait), name=f"owed {admin}")
            self._owed[admin].add_done_callback(lambda _task: self._owed.pop(admin))

    async def _say(self, admin: int, wait: float) -> None:
        told = False
        while not told:
            await asyncio.sleep(wait)
            with suppress(*STORE_ERRORS):
                told = await tell(self._core, self._chat, admin, _what_became_of_it)


def _what_became_of_it() -> Screen:
    return plain(
        _(
            "Telegram let me write nothing here for a while; nothing was lost. /start shows how things stand; if what "
            "you wrote is not there, please send it again."
        )
    )
