"""Tells the team why the bot misses messages: a webhook takes them, or another copy polls with the same token.

A webhook is removed at once, as at each start of polling: while it is set, no message and no tap arrives here, so no
button could ask for it.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from bot.tasks.alerts import alert_screen
from bot.tasks.outbox import Outbox
from bot.tasks.periodic import PeriodicTask
from bot.telegram.errors import translated_errors
from core.app import Core
from core.domain.translatable import Sentence, sentence
from core.services.alerts import Alert

log = logging.getLogger(__name__)

# A poll that a stopped copy has left behind is answered within half a minute.
COPY_TOLD_AFTER_SECONDS: float = 30.0
COPY_GONE_SECONDS: float = 90.0
_MOST_TOLD: Final = 2
"""Alerts about the webhook of one host: when it is removed, and when it is back."""


class PollingWatch(PeriodicTask):
    name = "polling"
    every = 15.0

    def __init__(self, core: Core, outbox: Outbox) -> None:
        super().__init__(core, outbox)
        self._bot = outbox.chat.bot
        self._conflict: str | None = None
        """Telegram's words for the last one."""
        self._webhooks: Counter[str] = Counter()
        """Times that a webhook of each host was removed."""
        self._copy_since: float | None = None
        self._copy_at = 0.0
        self._copy_told = False
        self._untold: list[Alert] = []

    def conflict(self, words: str) -> None:
        """Look into a 409 of getUpdates. `words`: Telegram's."""
        self._conflict = words
        self.wake()

    async def before_polling(self) -> None:
        """Note a webhook that the start of polling is about to remove."""
        if host := await self._webhook_host():
            self._webhook_removed(host)

    async def round(self) -> None:
        if self._conflict is not None:
            await self._look(self._conflict)
            self._conflict = None
        self._copy_gone()
        self._untold = [
            alert
            for alert in self._untold
            if not await self._outbox.tell_team(alert.text, partial(alert_screen, alert))
        ]

    async def _webhook_host(self) -> str:
        """Empty without a webhook. Raises Unavailable and Rejected."""
        with translated_errors():
            url = (await self._bot.get_webhook_info()).url
        return (urlsplit(url).hostname or url) if url else ""

    async def _look(self, words: str) -> None:
        if host := await self._webhook_host():
            with translated_errors():
                await self._bot.delete_webhook(drop_pending_updates=False)
            self._webhook_removed(host)
        elif "webhook" not in words.lower():
            self._copy_polls()

    def _webhook_removed(self, host: str) -> None:
        log.error(
            "a webhook of %s is set for this token, so this bot gets no messages; removing it. "
            "If another program sets it again, give that program a token of its own",
            host,
        )
        self._webhooks[host] += 1
        if self._webhooks[host] <= _MOST_TOLD:
            again = self._webhooks[host] > 1
            self._untold.append(
                Alert(_webhook_is_back(host) if again else _webhook_was_set(host), over=False)
            )

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


def _webhook_was_set(host: str) -> Sentence:
    return sentence(
        "A webhook was set for this bot ({host}), so your messages and taps went there. I removed it. If another "
        "program needs it, give that program a bot of its own.",
        host=host,
    )


def _webhook_is_back(host: str) -> Sentence:
    return sentence(
        "The webhook of {host} is back, and I removed it again. Another program keeps setting it, and each takes "
        "messages from the other. Stop that program, or give it a bot of its own.",
        host=host,
    )
