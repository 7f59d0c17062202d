"""The POST of the asyncio engines: one aiohttp session for all."""

from __future__ import annotations

import os

import aiohttp

IN_FLIGHT = 100
STORE = os.environ["BENCH_STORE"]
SINK = os.environ["BENCH_SINK"]


def open_session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))


async def send(session: aiohttp.ClientSession, address: int, text: str) -> dict[str, object]:
    """Sends; the answer's message id is the result."""
    message = {"chat_id": address, "text": text}
    async with session.post(f"{SINK}/bot1:bench/sendMessage", json=message) as response:
        answer = await response.json()
    return {"ok": answer["ok"], "message_id": answer["result"]["message_id"]}
