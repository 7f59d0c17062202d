"""Shared parts of the benchmarks: store, sink, our programs as real processes, orders of any size."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, cast

import aiohttp
from redis.asyncio import Redis

from bench.workload import FIRST_ADDRESS, TEXT
from core.app import Core
from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, NewBroadcast
from core.domain.content.content import Content
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.settings import SECRETS, VARIABLES, Settings, load_settings
from core.store import embedded

ROOT: Final = Path(__file__).parent.parent
TOKEN: Final = "100000001:bench-token-0123456789abcdefghij"
STOP_SECONDS: Final = 25.0
STALLED_SECONDS: Final = 30.0
FASTEST: Final = 100_000.0
"""Messages/s that no run reaches."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The sink's counts at one moment; times in seconds since 1970."""

    count: int
    repeated: int
    refused: int
    first: float
    last: float

    @property
    def per_second(self) -> float:
        return (self.count - 1) / (self.last - self.first) if self.last > self.first else 0.0


class Sink:
    """Client of the sink's process."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self._session = session

    async def rules(self, *, latency: float = 0.0, rate: float | None = None, strict: bool = False) -> None:
        """Set latency (seconds) and limit (messages/s), and reset the counts."""
        rules = {"latency": latency, "rate": rate, "strict": strict}
        async with self._session.post(f"{self.url}/rules", json=rules) as response:
            response.raise_for_status()

    async def tally(self) -> Tally:
        books = await self._get("books")
        first, last = books["first"] or 0.0, books["last"] or 0.0
        return Tally(int(books["count"]), int(books["repeated"]), int(books["refused"]), first, last)

    async def arrivals(self) -> dict[int, float]:
        """Recipient -> time of its first accepted request."""
        return {int(recipient): at for recipient, at in (await self._get("arrivals")).items()}

    async def _get(self, path: str) -> dict[str, float]:
        async with self._session.get(f"{self.url}/{path}") as response:
            return cast("dict[str, float]", await response.json())

    async def reaches(self, count: int) -> Tally:
        """Wait until `count` requests were accepted, or none for half a minute."""
        seen, since = -1, time.monotonic()
        while True:
            tally = await self.tally()
            if tally.count >= count:
                return tally
            if tally.count != seen:
                seen, since = tally.count, time.monotonic()
            elif time.monotonic() - since > STALLED_SECONDS:
                return tally
            await asyncio.sleep(0.05)


@contextlib.contextmanager
def fresh_store() -> Iterator[str]:
    """An empty store of the product's own kind: Valkey, AOF with `appendfsync always`. Yields its URL."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, embedded.running(Path(folder)) as url:
        yield url


@contextlib.asynccontextmanager
async def listening(*argv: str) -> AsyncIterator[str]:
    """Run `python -m` with these arguments. Yields the address at the end of its first line."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *argv, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        yield (await process.stdout.readline()).decode().split()[-1]
    finally:
        process.kill()
        await process.wait()


@contextlib.asynccontextmanager
async def running_sink() -> AsyncIterator[Sink]:
    """Run a sink without latency or limit."""
    async with listening("bench.sink") as url, aiohttp.ClientSession() as session:
        yield Sink(url, session)


def environment(store_url: str, sink_url: str, **changes: object) -> dict[str, str]:
    """Settings of our programs against the sink; `changes`: variables in lower case."""
    empty = dict.fromkeys((*VARIABLES, *(f"{name}_FILE" for name in SECRETS)), "")
    ours = {
        "REDIS_URL": store_url,
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": sink_url,
        "TELEGRAM_RATE": str(FASTEST),
    }
    return {**empty, **ours, **{name.upper(): str(value) for name, value in changes.items()}}


def settings_of(variables: Mapping[str, str]) -> Settings:
    return load_settings(variables, env_file=None)


@contextlib.asynccontextmanager
async def process(argv: Sequence[str], variables: Mapping[str, str]) -> AsyncIterator[int]:
    """Run a command in the project's folder. Yields its process id and stops it at the end.

    Raises RuntimeError with what it wrote when it had ended by itself.
    """
    with tempfile.TemporaryFile() as said:
        running = await asyncio.create_subprocess_exec(
            *argv, cwd=ROOT, env={**os.environ, **variables}, stdout=said, stderr=said, start_new_session=True
        )
        try:
            yield running.pid
        finally:
            died = running.returncode
            await _stop(running)
        if died is not None:
            said.seek(0)
            raise RuntimeError(f"{argv} ended with {died}:\n{said.read().decode()[-3000:]}")


async def _stop(running: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGTERM)
    try:
        await asyncio.wait_for(running.wait(), STOP_SECONDS)
    except TimeoutError:
        os.killpg(running.pid, signal.SIGKILL)
        await running.wait()


def program(name: str) -> tuple[str, ...]:
    """Command of one of our programs: "workers", "workers.scheduler"."""
    return (sys.executable, "-m", name)


def order(count: int, *, first: int = FIRST_ADDRESS, send_at: datetime | None = None) -> NewBroadcast:
    """An order to `count` different Telegram users."""
    people = range(first, first + count)
    return NewBroadcast(
        content=Content(text=TEXT),
        recipients=tuple(Recipient(messenger=Messenger.TELEGRAM, address=str(person)) for person in people),
        send_at=send_at,
        created_by=Actor("bench"),
    )


async def accept(core: Core, new: NewBroadcast) -> Broadcast:
    return await core.broadcasts.accept(await core.broadcasts.prepare(new))


async def held(store: Redis) -> int:
    """Bytes of data in the store, without connection buffers, file buffers and scripts."""
    info = await store.info("memory")
    around = ("mem_clients_normal", "mem_aof_buffer", "used_memory_scripts")
    return int(info["used_memory"]) - sum(int(info.get(name, 0)) for name in around)


async def warm_up(core: Core) -> None:
    """Accept one broadcast for tomorrow, so that the store's fixed keys exist before the measurement."""
    await accept(core, order(1, first=1, send_at=datetime.now(UTC) + timedelta(days=1)))


async def store_cpu(store: Redis) -> float:
    """CPU seconds used by the store."""
    info = await store.info("cpu")
    return float(info["used_cpu_user"]) + float(info["used_cpu_sys"])


async def until(check: Callable[[], Awaitable[bool]], *, seconds: float = 60.0, every: float = 0.02) -> None:
    """Wait until `check` is true. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not await check():  # noqa: ASYNC110  # what is waited for happens in another process
            await asyncio.sleep(every)
