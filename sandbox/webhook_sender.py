"""Posts the events of WhatsApp and Viber to the product: signed, repeated until answered."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any, Final

import aiohttp

Json = dict[str, Any]
WHATSAPP_APP_SECRET: Final = "sandbox-app-secret"  # noqa: S105 - the fake's only one, printed in its README
VIBER_TOKEN: Final = "sandbox-viber"  # noqa: S105 - the fake's only token, printed in its README
_AT_ONCE: Final = 8
_TRIES: Final = 120
_PAUSE_SECONDS: Final = 1.0
_MOST_WAITING: Final = 500_000
_LIMIT: Final = aiohttp.ClientTimeout(total=10)


class WebhookSender:
    """The webhook of one messenger. Without a `url`, events are dropped."""

    def __init__(
        self, most: int, compose: Callable[[list[Json]], Json], sign: Callable[[bytes], dict[str, str]]
    ) -> None:
        """`most`: events in one call; `compose`: the body for them; `sign`: the header for a body."""
        self.url = ""
        self._most = most
        self._compose = compose
        self._sign = sign
        self._waiting: asyncio.Queue[Json] = asyncio.Queue(_MOST_WAITING)

    def send(self, event: Json) -> None:
        """Queue an event, if there is a `url`."""
        if self.url and not self._waiting.full():
            self._waiting.put_nowait(event)

    async def run(self) -> None:
        """Post queued events until cancelled."""
        async with aiohttp.ClientSession(timeout=_LIMIT) as session, asyncio.TaskGroup() as tasks:
            for _ in range(_AT_ONCE):
                tasks.create_task(self._go(session))

    async def _go(self, session: aiohttp.ClientSession) -> None:
        while True:
            events = [await self._waiting.get()]
            while len(events) < self._most and not self._waiting.empty():
                events.append(self._waiting.get_nowait())
            body = json.dumps(self._compose(events)).encode()
            for _ in range(_TRIES):
                if not self.url or await call(session, self.url, body, self._sign(body)):
                    break
                await asyncio.sleep(_PAUSE_SECONDS)


async def call(session: aiohttp.ClientSession, url: str, body: bytes, headers: dict[str, str]) -> bool:
    """Call a webhook; return True if it answered 200."""
    try:
        async with session.post(
            url, data=body, headers={**headers, "Content-Type": "application/json"}, allow_redirects=False
        ) as response:
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return False


def whatsapp_sender() -> WebhookSender:
    """Up to 200 statuses, messages and preferences in one call; account events have an entry each."""

    def compose(events: list[Json]) -> Json:
        value: Json = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "100200300"}}
        news = [event for event in events if "field" in event]
        said = [event for event in events if "field" not in event]
        for event in said:
            for name, item in event.items():
                value.setdefault(name, []).append(item)
        entries: list[Json] = [
            {
                "id": "100",
                "time": event["time"],
                "changes": [{"field": event["field"], "value": event["value"]}],
            }
            for event in news
        ]
        if said:
            entries.append({"id": "100", "changes": [{"field": "messages", "value": value}]})
        return {"object": "whatsapp_business_account", "entry": entries}

    return WebhookSender(
        200, compose, lambda body: {"X-Hub-Signature-256": f"sha256={_hmac(WHATSAPP_APP_SECRET, body)}"}
    )


def viber_sender() -> WebhookSender:
    """One event in each call."""
    return WebhookSender(1, lambda events: events[0], viber_signature)


def viber_signature(body: bytes) -> dict[str, str]:
    """Viber's signature header."""
    return {"X-Viber-Content-Signature": _hmac(VIBER_TOKEN, body)}


def _hmac(key: str, body: bytes) -> str:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def seconds() -> str:
    """Now, as WhatsApp writes it."""
    return str(int(time.time()))


def milliseconds() -> int:
    """Now, as Viber writes it."""
    return int(time.time() * 1000)
