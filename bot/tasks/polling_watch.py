"""Tells the team why the bot misses messages: a webhook takes them, or another copy polls with the same token.

A webhook is left alone: another program may live on it, and would lose its customers' messages without a word. While
it is set, no tap arrives here, so the way on is a command.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Final
from urllib.parse import urlsplit

from bot.tasks.alerts import tell_alerts
from bot.tasks.outbox import Outbox
from bot.tasks.periodic import PeriodicTask
from bot.telegram.errors import Rejected, Unavailable, translated_errors
from core.app import Core
from core.domain.translatable import Sentence, sentence
from core.services.alerts import Alert

log = logging.getLogger(__name__)

# A poll that a stopped copy has left behind is answered within half a minute.
COPY_TOLD_AFTER_SECONDS: float = 30.0
COPY_GONE_SECONDS: float = 90.0


class PollingWatch(PeriodicTask):
    name = "polling"
    every = 15.0

    def __init__(self, core: Core, outbox: Outbox) -> None:
        super().__init__(core, outbox)
        self._bot = outbox.chat.bot
        self._conflict: str | None = None
        """Telegram's words for the last one."""
        self._webhook = ""
        """The host that gets the messages."""
        self._copy_since: float | None = None
        self._copy_at = 0.0
        self._copy_told = False
        self._untold: list[Alert] = []

    def conflict(self, words: str) -> None:
        """Look into a 409 of getUpdates. `words`: Telegram's."""
        self._conflict = words
        self.wake()

    async def until_free(self) -> None:
        """Wait until no webhook is set. To begin polling removes one without a question."""
        while True:
            pause = self.every
            try:
                await self._look("")
            except Rejected as error:
                log.warning("the webhook could not be looked at: %s", error)
                return
            except Unavailable as error:
                pause = error.wait
            else:
                if not self._webhook:
                    return
                self.wake()
            await asyncio.sleep(pause)

    async def round(self) -> None:
        if self._conflict is not None or self._webhook:
            await self._look(self._conflict or "webhook")
            self._conflict = None
        self._copy_gone()
        self._untold = await tell_alerts(self._outbox, self._untold)

    async def _webhook_host(self) -> str:
        """Empty without a webhook. Raises Unavailable and Rejected."""
        with translated_errors():
            url = (await self._bot.get_webhook_info()).url
        return (urlsplit(url).hostname or url) if url else ""

    async def _look(self, words: str) -> None:
        host = await self._webhook_host()
        if host != self._webhook:
            self._webhook_changed(host)
        elif not host and words and "webhook" not in words.lower():
            self._copy_polls()

    def _webhook_changed(self, host: str) -> None:
        self._webhook = host
        if host:
            log.error(
                "a webhook of %s is set for this token, so this bot gets no messages and no taps. Stop the program "
                "there, or give it a bot of its own; then run: python -m workers.webhooks telegram remove",
                host,
            )
        else:
            log.info("no webhook is set for this token: this bot gets the messages again")
        self._untold.append(Alert(_webhook_takes(host) if host else _WEBHOOK_GONE, over=not host))

    def _copy_polls(self) -> None:
        log.error(
            "another copy of this bot is running with the same token; only one of them gets each message"
        )
        now = time.monotonic()
        self._copy_at = now
        self._copy_since = now if self._copy_since is None else self._copy_since
        if now - self._copy_since >= COPY_TOLD_AFTER_SECONDS and not self._copy_told:
            self._copy_told = True
            self._untold.append(Alert(_ANOTHER_COPY, over=False))

    def _copy_gone(self) -> None:
        if self._copy_since is None or time.monotonic() - self._copy_at < COPY_GONE_SECONDS:
            return
        self._copy_since = None
        if self._copy_told:
            self._copy_told = False
            self._untold.append(Alert(_COPY_GONE, over=True))


_ANOTHER_COPY: Final = sentence(
    "Another copy of this bot is running with the same token. Each of your messages reaches only one of the two. "
    "Stop the other copy, or give it a bot of its own."
)
_COPY_GONE: Final = sentence("The other copy of this bot is gone. All your messages reach me again.")


_WEBHOOK_GONE: Final = sentence(
    "I hear you again: the other program's webhook is gone. Please repeat what I didn't answer."
)


def _webhook_takes(host: str) -> Sentence:
    return sentence(
        "I can't hear you: another program has set a webhook for this bot, so your messages and taps go to {host}. "
        "Everything planned still goes out. The person who set me up can fix it: stop that program or give it a bot "
        "of its own, then run: python -m workers.webhooks telegram remove. I'll write here when I hear you again.",
        host=host,
    )
