"""Starts the sandbox and calls its control API.

`running_sandbox()` serves it in the test's event loop, `sandbox_process()` in a separate process.
Both yield a `Sandbox`, with which a test acts as people and reads what happened.
"""

import asyncio
import contextlib
import io
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import aiohttp
from telegram import Bot
from telegram.request import HTTPXRequest

from core.domain.messengers.traits import Messenger
from core.settings import load_settings
from launcher.plan import sandbox_variables
from sandbox.server import running
from tests.support import processes

Json = dict[str, Any]
ADMIN: Final = 100
STRANGER: Final = 200
TELEGRAM_TOKEN: Final = "100000001:sandbox-token-for-tests-0123456789"
WHATSAPP_TOKEN: Final = "sandbox-whatsapp"
WHATSAPP_PHONE_NUMBER_ID: Final = "100200300"
VIBER_TOKEN: Final = "sandbox-viber"
DEADLINE: Final = 15.0


class Sandbox:
    """A sandbox that listens at `url`. All times in seconds."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.http = session
        self.telegram_url = f"{url}/telegram"
        self.whatsapp_url = f"{url}/whatsapp/v26.0"
        self.viber_url = f"{url}/viber"

    def environment(self) -> dict[str, str]:
        """The settings with which the product's programs use this sandbox."""
        settings = load_settings({}, None)
        needed = {name for messenger in Messenger for name in settings.missing_for(messenger)}
        return {
            **{
                name: value
                for name, value in sandbox_variables(self.url).items()
                if name in needed or name.endswith("_API_URL")
            },
            "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN,
            "ADMIN_IDS": str(ADMIN),
        }

    async def call(self, verb: str, path: str, body: object = None, **query: str) -> Any:  # noqa: ANN401 - any JSON
        """Call the control API. Raises AssertionError with the sandbox's message if it refuses."""
        async with self.http.request(verb, f"{self.url}/sandbox/{path}", json=body, params=query) as response:
            answer = await response.json()
            assert response.status == 200, f"{verb} {path}: {answer}"
            return answer

    async def telegram(self, method: str, token: str = TELEGRAM_TOKEN, **params: object) -> tuple[int, Json]:
        """Call the Bot API as the bot; return HTTP status and answer."""
        async with self.http.post(f"{self.telegram_url}/bot{token}/{method}", json=params) as response:
            answer: Json = await response.json()
            return response.status, answer

    async def say(self, text: str, person: int = ADMIN, **more: object) -> Json:
        """Write to the bot as a person; return the message. `more`: chat, reply_to, forwarded_from."""
        message: Json = await self.call("POST", "say", {"person": person, "text": text, **more})
        return message

    async def send_file(self, name: str, content: bytes, person: int = ADMIN, **more: str) -> Json:
        """Send a file to the bot as a person. `more`: caption, content_type, album, kind."""
        said = {name: more.get(name, "") for name in ("caption", "album", "kind")}
        form = aiohttp.FormData({"person": str(person), **said}, quote_fields=False)
        kind = more.get("content_type", "application/octet-stream")
        form.add_field("file", io.BytesIO(content), filename=name, content_type=kind)
        async with self.http.post(f"{self.url}/sandbox/send-file", data=form) as response:
            message: Json = await response.json()
            assert response.status == 200, message
            return message

    async def upload(
        self, name: str, content: bytes, kind: str, number: str = WHATSAPP_PHONE_NUMBER_ID, **fields: str
    ) -> Json:
        """Upload a file to WhatsApp as the shop; return {"id"} or {"error"}. `kind`: its MIME type."""
        form = aiohttp.FormData({"messaging_product": "whatsapp", **fields})
        form.add_field("file", io.BytesIO(content), filename=name, content_type=kind)
        headers = {"Authorization": f"Bearer {WHATSAPP_TOKEN}"}
        url = f"{self.whatsapp_url}/{number}/media"
        async with self.http.post(url, data=form, headers=headers) as response:
            answer: Json = await response.json()
            return answer

    async def press(self, message_id: int, text: str, person: int = ADMIN, **more: object) -> Json:
        """Press the button with that text as a person; return {"query_id", "answered", "text", "alert"}.

        `wait=True` waits for the bot's answer to the press.
        """
        body = {"person": person, "message_id": message_id, "text": text, **more}
        answer: Json = await self.call("POST", "press", body)
        return answer

    async def forge(self, data: str, message_id: int = 0, person: int = ADMIN, **more: object) -> Json:
        """Send any callback data as any person, on any message of `chat` (else of the person's own)."""
        body = {"person": person, "message_id": message_id, "data": data, "forge": True, **more}
        answer: Json = await self.call("POST", "press", body)
        return answer

    async def chat(self, chat_id: int = ADMIN) -> Json:
        """A chat: {"messages", "commands", "pending", "answers", "typing"}."""
        state: Json = await self.call("GET", f"chats/{chat_id}")
        return state

    async def messages(self, chat_id: int = ADMIN) -> list[Json]:
        """The messages of a chat."""
        messages: list[Json] = (await self.chat(chat_id))["messages"]
        return messages

    async def until(
        self, seen: Callable[[list[Json]], bool], chat_id: int = ADMIN, deadline: float = DEADLINE
    ) -> list[Json]:
        """Wait until the messages of a chat satisfy `seen`; return them."""
        messages: list[Json] = []

        async def check() -> bool:
            nonlocal messages
            messages = await self.messages(chat_id)
            return seen(messages)

        try:
            await self.eventually(check, deadline)
        except TimeoutError:
            raise AssertionError(f"not seen within {deadline} s; the chat: {messages[-3:]}") from None
        return messages

    async def eventually(self, check: Callable[[], Awaitable[bool]], deadline: float = DEADLINE) -> None:
        """Wait until `check` holds; check again after every change. Raises TimeoutError."""
        async with asyncio.timeout(deadline):
            version = -1
            while True:
                version = (await self.call("GET", "changes", past=str(version)))["version"]
                if await check():
                    return

    async def bot_says(self, part: str, chat_id: int = ADMIN, deadline: float = DEADLINE) -> Json:
        """Wait for a message of the bot (new or edited) with `part` in its text; return the last one."""

        def said(messages: list[Json]) -> list[Json]:
            return [
                m for m in messages if m["from"]["is_bot"] and part in str(m.get("text") or m.get("caption"))
            ]

        return said(await self.until(lambda messages: bool(said(messages)), chat_id, deadline))[-1]

    async def act(self, messenger: str, address: str, action: str) -> Json:
        """Act as a person: start, block, unblock or leave."""
        answer: Json = await self.call("POST", f"people/{messenger}/{address}/{action}")
        return answer

    async def crowd(self, messenger: str, count: int, first: int | None = None) -> Json:
        """Create healthy recipients; return their {"first", "last", "count"} addresses."""
        body = {"messenger": messenger, "count": count, "first": first}
        answer: Json = await self.call("POST", "crowd", body)
        return answer

    async def fault(self, messenger: str, kind: str, **more: object) -> int:
        """Set a fault; return its id."""
        answer: Json = await self.call("POST", "faults", {"messenger": messenger, "kind": kind, **more})
        return int(answer["id"])

    async def hand_out_updates(self, times: int) -> None:
        """Deliver every update to the bot this many times, as when its confirmations are lost."""
        await self.call("POST", "updates", {"times": times})

    async def clear_faults(self) -> None:
        """Remove all faults and limits."""
        await self.call("DELETE", "faults")

    async def limits(self, **per_messenger: Mapping[str, float] | None) -> None:
        """Set limits, e.g. telegram={"messages_per_second": 30}; None removes one."""
        await self.call("POST", "limits", per_messenger)

    async def books(self) -> Json:
        """The summary: {"calls", "delivered", "recipients", "duplicates", "complaints"}."""
        summary: Json = await self.call("GET", "books")
        return summary

    async def calls(self, **query: str) -> list[Json]:
        """Calls, filtered by messenger, method, recipient."""
        calls: list[Json] = await self.call("GET", "books/calls", **query)
        return calls

    async def delivered(self, **query: str) -> list[Json]:
        """Delivered messages, filtered by messenger, recipient, text (a part of it)."""
        delivered: list[Json] = await self.call("GET", "books/delivered", **query)
        return delivered

    async def complaints(self) -> list[Json]:
        """Violations that users or messengers would object to."""
        complaints: list[Json] = await self.call("GET", "books/complaints")
        return complaints

    async def clear_books(self) -> None:
        """Empty the books."""
        await self.call("DELETE", "books")


@contextlib.asynccontextmanager
async def running_sandbox(
    state_file: Path | None = None, *, host: str = "127.0.0.1"
) -> AsyncIterator[Sandbox]:
    """A sandbox in this event loop."""
    async with running(host, state_file=state_file) as url, _session() as session:
        yield Sandbox(url, session)


@contextlib.asynccontextmanager
async def sandbox_process(state_file: Path, port: int = 0) -> AsyncIterator[Sandbox]:
    """A sandbox in a separate process, stopped by SIGTERM; checks that it exits with 0."""
    arguments = ("-m", "sandbox", "--port", str(port), "--state", str(state_file))
    async with processes.running(arguments, {}, until_says="\n") as process:
        line = process.said.strip()
        assert line.startswith("sandbox listening on "), line
        async with _session() as session:
            yield Sandbox(line.removeprefix("sandbox listening on "), session)
        process.signal(signal.SIGTERM)
        code = await process.ended(DEADLINE)
    assert code == 0, f"the sandbox exited with {code}"


@contextlib.asynccontextmanager
async def connected_bot(sandbox: Sandbox) -> AsyncIterator[Bot]:
    """An unmodified python-telegram-bot that talks to the sandbox."""
    # It asks http:// alone: loading the certificates would take more time than most tests.
    request, get_updates_request = (HTTPXRequest(httpx_kwargs={"verify": False}) for _ in range(2))
    async with Bot(
        TELEGRAM_TOKEN,
        base_url=f"{sandbox.telegram_url}/bot",
        base_file_url=f"{sandbox.telegram_url}/file/bot",
        request=request,
        get_updates_request=get_updates_request,
    ) as bot:
        yield bot


def _session() -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=0)
    return aiohttp.ClientSession(connector=connector, json_serialize=json.dumps)
