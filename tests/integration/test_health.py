"""The health check, as docker runs it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from redis import Redis

from core.store.heartbeat import beat_sync
from tests.support.processes import running


async def check(*arguments: str, **variables: str) -> tuple[int, str]:
    """The exit code, and what it said."""
    async with running(("-m", "core.health", *arguments), variables) as program:
        code = await program.ended()
    return code, program.said


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a server whose /health is well and whose every other page is not."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/health" else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize("program", ["bot", "worker", "scheduler"])
async def test_a_program_is_well_while_it_says_so(program: str, redis_url: str) -> None:
    code, said = await check(program, REDIS_URL=redis_url)
    assert code == 1
    assert f"No {program} on this host" in said
    with Redis.from_url(redis_url) as client:
        beat_sync(client, program, 900)
    assert await check(program, REDIS_URL=redis_url) == (0, "")


async def test_one_program_does_not_speak_for_another(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        beat_sync(client, "bot", 900)
    assert (await check("worker", REDIS_URL=redis_url))[0] == 1


async def test_the_api_is_well_when_its_health_page_says_so(port: int) -> None:
    assert (await check("api", API_PORT=str(port), API_HOST="0.0.0.0"))[0] == 0


async def test_a_page_that_answers_otherwise_is_a_complaint(port: int) -> None:
    code, said = await check("sandbox", SANDBOX_PORT=str(port))
    assert code == 1
    assert "answered with 503" in said


async def test_a_store_that_does_not_answer_is_a_complaint_without_a_trace() -> None:
    assert await check("bot", REDIS_URL="redis://127.0.0.1:1/0") == (1, "The store does not answer.\n")


async def test_nonsense_in_the_settings_is_told() -> None:
    code, said = await check("bot", REDIS_URL="nonsense")
    assert code == 2
    assert said.startswith("REDIS_URL: ")


@pytest.mark.parametrize("arguments", [(), ("cook",), ("bot", "api")])
async def test_an_unknown_program_is_refused_with_the_known_ones(arguments: tuple[str, ...]) -> None:
    code, said = await check(*arguments)
    assert code == 1
    assert "bot, worker, scheduler, api, sandbox" in said
