"""Customers: give orders during the faults, and repeat each until they know that it was accepted."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import aiohttp

from bot.ui.callback_data import StaleScreen, SubjectAction, parse
from core.domain.recipients import Recipient
from core.services.broadcasts import PAST_DATE
from tests.chaos.harness import API_PASSWORD, API_USER, System, insist
from tests.support.api_server import basic
from tests.support.sandbox_server import ADMIN

Json = dict[str, Any]
_AGAIN: Final = 0.3
_PATIENCE: Final = 12.0
"""Seconds without a reaction in the chat after which an order is written again."""


class Program:
    """Orders over HTTP, each with its own idempotency key, each posted twice at the same time."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._known = {"Authorization": basic(f"{API_USER}:{API_PASSWORD}".encode())}
        self.posts: Counter[str] = Counter()
        """Number of posts per order."""
        self.broken: list[str] = []

    async def order(self, text: str, recipients: Sequence[Recipient], wait: timedelta | None) -> None:
        """Post the order until it is accepted. A time that has passed meanwhile is moved, under the same key."""
        answers: set[bytes] = set()
        while not answers:
            body = _body(text, recipients, None if wait is None else datetime.now(UTC) + wait)
            # At the same time, then once more.
            tries = [*await asyncio.gather(*(self._insist(text, body) for _ in range(2)))]
            tries.append(await self._insist(text, body))
            answers = {one for one in tries if one is not None}
        if len(answers) > 1:
            self.broken.append(f"the same call was answered in {len(answers)} ways: {text}")
        (lines,) = [one for one in json.loads(answers.pop()).values() if one]
        if len(lines) != len(recipients):
            self.broken.append(f"{len(lines)} lines for {len(recipients)} recipients: {text}")

    async def _insist(self, key: str, body: Json) -> bytes | None:
        """The answer to the accepted order; None if its time has passed."""
        while True:
            status, content = await self.post(key, body)
            if status == 200:
                return content
            if status == 400 and json.loads(content)["error"] == PAST_DATE:
                return None
            # Another refusal stays what it is, however often the order is repeated.
            assert status in (0, 409, 503, 507), f"{key}: answered with {status} {content.decode()[:200]}"
            await asyncio.sleep(_AGAIN)

    async def post(self, key: str, body: Json) -> tuple[int, bytes]:
        """Status and content; status 0 = no answer."""
        self.posts[key] += 1
        headers, timeout = {**self._known, "Idempotency-Key": key}, aiohttp.ClientTimeout(20)
        address = f"{self._system.api}/send_message"
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as http,
                http.post(address, json=body, headers=headers) as reply,
            ):
                return reply.status, await reply.read()
        except (aiohttp.ClientError, TimeoutError):
            return 0, b""

    async def refused_for_room(self) -> None:
        """Order on a full store, from an API that may be just starting: it must be refused with a sentence."""
        text = f"refused at {datetime.now(UTC):%H:%M:%S}"
        body = {"body": text, "recipients": [{"uuid": "1001", "service": "telegram"}]}
        status, content = 0, b""
        while status == 0:
            status, content = await self.post(text, body)
            await asyncio.sleep(_AGAIN)
        if status != 507 or b"The store is full" not in content:
            self.broken.append(f"a full store was answered with {status} {content.decode()[:200]}")


def _body(text: str, recipients: Iterable[Recipient], send_at: datetime | None) -> Json:
    named = [{"uuid": one.address, "service": one.messenger.value} for one in recipients]
    order: Json = {"body": text, "recipients": named}
    return order if send_at is None else {**order, "send_at": f"{send_at:%Y-%m-%d %H:%M:%S}"}


class Admin:
    """Orders in the chat: a line, then a tap on its preview, repeated until it is accepted."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.taps = 0

    async def order(self, text: str, recipients: Iterable[Recipient]) -> None:
        """Write the order until it is accepted."""
        who = ", ".join(f"tg:{one.address}" for one in recipients)
        accepted = False
        while not accepted:
            said = await self._system.sandbox.say(f"/send {who} | {text}")
            accepted = await self._confirmed(text, int(said["message_id"]))

    async def _confirmed(self, text: str, said: int) -> bool:
        """True if it was accepted; False if its preview failed or never came."""
        loop = asyncio.get_running_loop()
        chosen, alive_at = "", loop.time()
        while loop.time() < alive_at + _PATIENCE:
            buttons = await self._confirmations(text, said)
            chosen = chosen or next(iter(buttons), "")
            if chosen and await insist(partial(self._system.core.ledger.get, chosen)) is not None:
                return True
            if chosen in buttons:
                alive_at = loop.time()
                await self._press(*buttons[chosen])
            await asyncio.sleep(1.0)
        return False

    async def _press(self, message_id: int, label: str) -> None:
        try:
            await self._system.sandbox.press(message_id, label)
            self.taps += 1
        except AssertionError:
            return  # the card was changed in the same moment

    async def _confirmations(self, text: str, said: int) -> dict[str, tuple[int, str]]:
        """The confirm buttons of the cards below for an order of that text, by draft id."""
        found = {}
        for message in await self._system.sandbox.messages(ADMIN):
            button = _confirming(message) if message["message_id"] > said else None
            if button is not None:
                draft = await insist(partial(self._system.core.drafts.get, button[0]))
                if draft is not None and draft.content and draft.content.text == text:
                    found[button[0]] = (int(message["message_id"]), button[1])
        return found


def _confirming(message: Json) -> tuple[str, str] | None:
    """The draft that a card's button confirms, and the label of the button."""
    for row in (message.get("reply_markup") or {"inline_keyboard": []})["inline_keyboard"]:
        for button in row:
            if button["text"].startswith("✅"):
                try:
                    tap = parse(button["callback_data"])
                except StaleScreen:
                    continue
                if isinstance(tap, SubjectAction) and tap.subject.kind == "d":
                    return tap.subject.id, button["text"]
    return None
