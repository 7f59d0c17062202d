"""Receipts at a steady rate, from the messenger's POST to the ledger: `python -m bench.receipts`.

One status in each call, the most expensive way there is; WhatsApp puts up to a thousand into one.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import hmac
import json
import socket
import statistics
import time
from collections.abc import Sequence
from itertools import islice

import aiohttp
import uvloop
from redis.asyncio import Redis

from bench import rig
from bench.results import Row, save
from bench.usage import usage_of
from core.app import Core, open_core
from core.domain.audit import Actor
from core.domain.broadcast import NewBroadcast
from core.domain.content.content import Content
from core.domain.delivery import DeliveryState
from core.domain.messengers.retry import Sent
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.store.deliveries import RecordedOutcome

SECRET = "bench-app-secret"
CONNECTIONS = 64
STATES = ("sent", "delivered", "read")
PROGRAMS = ("api", "worker", "store")


def _request(reference: str, state: str, number: int) -> bytes:
    status = {
        "id": f"wamid.{number}",
        "status": state,
        "timestamp": "1750030073",
        "recipient_id": "12025550123",
    }
    value = {"messaging_product": "whatsapp", "statuses": [{**status, "biz_opaque_callback_data": reference}]}
    entry = [{"id": "1", "changes": [{"field": "messages", "value": value}]}]
    body = json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    head = (
        "POST /receipts/whatsapp HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"X-Hub-Signature-256: sha256={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _sent_to(core: Core, count: int) -> str:
    """Make a broadcast to `count` people that WhatsApp has accepted. Returns its id."""
    recipients = tuple(
        Recipient(messenger=Messenger.WHATSAPP, address=f"+1{2025600000 + n}") for n in range(count)
    )
    order = NewBroadcast(
        content=Content(text="Hello"), recipients=recipients, send_at=None, created_by=Actor("bench")
    )
    broadcast = await rig.accept(core, order)
    await core.ledger.start(broadcast.id)
    left = count
    while left:
        await core.deliveries.feed(Messenger.WHATSAPP)
        claims = (await core.deliveries.claim(Messenger.WHATSAPP, 200, worker="bench")).claims
        await core.deliveries.record([RecordedOutcome(claim, Sent("id")) for claim in claims])
        left -= len(claims)
    return broadcast.id


class _Caller:
    """One connection of the messenger, which makes its share of the calls."""

    def __init__(self, calls: Sequence[bytes], *, wait: float, gap: float) -> None:
        """`wait`: seconds before the first call, different per connection; `gap`: seconds between calls."""
        self._calls = calls
        self._wait = wait
        self._gap = gap
        self.answers: list[float] = []
        self.refused = 0

    async def run(self, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        due = time.monotonic() + self._wait
        for call in self._calls:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            due += self._gap
            asked = time.monotonic()
            writer.write(call)
            head = await reader.readuntil(b"\r\n\r\n")
            self.answers.append(time.monotonic() - asked)
            self.refused += b" 200 " not in head[:16]
        writer.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def _answers(port: int) -> bool:
    with contextlib.suppress(aiohttp.ClientError):
        async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/health") as response:
            return response.status == 200
    return False


async def _store_pid(url: str) -> int:
    async with Redis.from_url(url) as client:
        return int((await client.info("server"))["process_id"])


async def _measure(rate: float, seconds: float, store_url: str) -> Row:
    count, port = round(rate * seconds / len(STATES)), _free_port()
    given = {"whatsapp_token": "t", "whatsapp_phone_number_id": "100200300", "whatsapp_app_secret": SECRET}
    paces = {"whatsapp_rate": rig.FASTEST, "api_port": port, "api_password": "bench"}
    variables = rig.environment(store_url, "http://127.0.0.1:1", **given, **paces)
    async with contextlib.AsyncExitStack() as stack:
        core = await stack.enter_async_context(open_core(rig.settings_of(variables)))
        broadcast_id = await _sent_to(core, count)
        calls = [_request(f"d-{broadcast_id}-w{n}-0", state, n) for n in range(count) for state in STATES]
        api, worker = [
            await stack.enter_async_context(rig.process(rig.program(name), variables))
            for name in ("api", "workers")
        ]
        await rig.until(lambda: _answers(port))
        store = await _store_pid(store_url)
        callers = [
            _Caller(list(islice(calls, first, None, CONNECTIONS)), wait=first / rate, gap=CONNECTIONS / rate)
            for first in range(CONNECTIONS)
        ]
        before = [usage_of(one).cpu for one in (api, worker, store)]
        began = time.monotonic()
        await asyncio.gather(*(caller.run(port) for caller in callers))
        took = time.monotonic() - began

        async def all_applied() -> bool:
            return (await core.status.read()).messengers[Messenger.WHATSAPP].receipts.waiting == 0

        await rig.until(all_applied, seconds=600)
        behind = time.monotonic() - began - took
        read = (await core.broadcasts.get(broadcast_id)).progress.of(DeliveryState.READ)
        cpu = [usage_of(one).cpu - was for one, was in zip((api, worker, store), before, strict=True)]
    answers = sorted(answer for caller in callers for answer in caller.answers)
    return {
        "asked for/s": rate,
        "receipts": len(calls),
        "taken in/s": len(calls) / took,
        "refused": sum(caller.refused for caller in callers),
        "answered after ms, median": statistics.median(answers) * 1000,
        "p99": answers[int(len(answers) * 0.99)] * 1000,
        "applied s after the last": behind,
        **{
            f"{name} CPU s per 1,000": used / len(calls) * 1000
            for name, used in zip(PROGRAMS, cpu, strict=True)
        },
        "lost": count - read,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.receipts", description=__doc__)
    parser.add_argument("--rate", type=float, nargs="+", default=[1000, 3000], help="receipts/s")
    parser.add_argument("--seconds", type=float, default=60, help="of each run")
    asked = parser.parse_args()
    rows: list[Row] = []
    for rate in asked.rate:
        with rig.fresh_store() as store_url:
            rows.append(uvloop.run(_measure(rate, asked.seconds, store_url)))
            print(rows[-1], flush=True)
    save("receipts", rows)


if __name__ == "__main__":
    main()
