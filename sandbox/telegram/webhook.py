"""The webhook: posts updates in order, each until it is answered with 2xx."""

import asyncio
import contextlib
import logging
import time
from typing import Any, Final

import aiohttp

from sandbox.access import checked_webhook
from sandbox.telegram.updates import Updates

Json = dict[str, Any]
log = logging.getLogger(__name__)
_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0


class Webhook:
    """The address for updates and the task that posts them. Without an address, updates are polled."""

    def __init__(self, updates: Updates) -> None:
        self._updates = updates
        self._task: asyncio.Task[None] | None = None
        self._last_error: Json = {}
        self.url = ""
        self._secret = ""

    def set(self, url: str, secret: str) -> None:
        """Start posting to `url`, with `secret` in the header; an empty URL stops it."""
        self.url, self._secret, self._last_error = url, secret, {}
        self.stop()
        if url:
            self._task = asyncio.create_task(self._deliver())

    def stop(self) -> None:
        """Stop posting."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def info(self) -> Json:
        """Telegram's WebhookInfo object."""
        return {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates.waiting()),
            **self._last_error,
            **({"allowed_updates": self._updates.allowed} if self._updates.allowed else {}),
        }

    def to_json(self) -> Json:
        """For the state file."""
        return {"url": self.url, "secret": self._secret}

    def load(self, saved: Json) -> None:
        """Restore what `to_json` returned; needs a running event loop."""
        with contextlib.suppress(ValueError):
            self.set(checked_webhook(saved["url"]), saved["secret"])

    async def _deliver(self) -> None:
        pause = _FIRST_PAUSE
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
            while True:
                await self._updates.arrived.wait()
                waiting = self._updates.waiting()
                if not waiting:
                    self._updates.arrived.clear()
                elif await self._post(session, waiting[0]):
                    self._updates.confirm(waiting[0]["update_id"] + 1)
                    pause = _FIRST_PAUSE
                else:
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)

    async def _post(self, session: aiohttp.ClientSession, update: Json) -> bool:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self._secret} if self._secret else {}
        try:
            async with session.post(
                self.url, json=update, headers=headers, allow_redirects=False
            ) as response:
                if response.ok:
                    return True
                problem = f"Wrong response from the webhook: {response.status} {response.reason}"
        except (aiohttp.ClientError, TimeoutError) as error:
            problem = f"Connection failed: {type(error).__name__}"
        log.info("update %s was not taken: %s", update["update_id"], problem)
        self._last_error = {"last_error_date": int(time.time()), "last_error_message": problem}
        return False
