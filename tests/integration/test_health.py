"""The health check, as docker runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from redis import Redis

from core.store.health import beat_sync

ROOT = Path(__file__).parents[2]


def check(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "core.health", *arguments],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


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
def test_a_program_is_well_while_it_says_so(program: str, redis_url: str) -> None:
    before = check(program, REDIS_URL=redis_url)
    assert before.returncode == 1
    assert f"No {program} on this host" in before.stderr
    with Redis.from_url(redis_url) as client:
        beat_sync(client, program, 900)
    assert check(program, REDIS_URL=redis_url).returncode == 0


def test_one_program_does_not_speak_for_another(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        beat_sync(client, "bot", 900)
    assert check("worker", REDIS_URL=redis_url).returncode == 1


def test_the_api_is_well_when_its_health_page_says_so(port: int) -> None:
    assert check("api", API_PORT=str(port), API_HOST="0.0.0.0").returncode == 0


def test_a_page_that_answers_otherwise_is_a_complaint(port: int) -> None:
    said = check("sandbox", SANDBOX_PORT=str(port))
    assert said.returncode == 1
    assert "answered with 503" in said.stderr


def test_a_store_that_does_not_answer_is_a_complaint_without_a_trace() -> None:
    said = check("bot", REDIS_URL="redis://127.0.0.1:1/0")
    assert said.returncode == 1
    assert said.stderr == "The store does not answer.\n"


def test_nonsense_in_the_settings_is_told() -> None:
    said = check("bot", REDIS_URL="nonsense")
    assert said.returncode == 2
    assert said.stderr.startswith("REDIS_URL: ")


@pytest.mark.parametrize("arguments", [(), ("cook",), ("bot", "api")])
def test_an_unknown_program_is_refused_with_the_known_ones(arguments: tuple[str, ...]) -> None:
    said = check(*arguments)
    assert said.returncode == 1
    assert "bot, worker, scheduler, api, sandbox" in said.stderr
