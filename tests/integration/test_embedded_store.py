"""The embedded store: a real server on a directory of its own."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import AuthenticationError, Redis

from core.domain.errors import ConfigurationError
from core.settings import load_settings
from core.store import embedded
from core.store.embedded import EmbeddedStore

ROOT = Path(__file__).parents[2]


def start(data_dir: Path) -> subprocess.Popen[str]:
    environ = {**os.environ, "DATA_DIR": str(data_dir)}
    command = [sys.executable, "-m", "core.store.embedded"]
    return subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def store(tmp_path: Path) -> EmbeddedStore:
    return embedded.prepare(tmp_path / 'my "data"')


@pytest.fixture
def server(store: EmbeddedStore) -> Iterator[subprocess.Popen[str]]:
    """The server as a program of its own, answering."""
    with start(store.data_dir) as process:
        deadline = time.monotonic() + 30
        while not embedded.answers(store.url):
            assert time.monotonic() < deadline, "the store does not answer"
        yield process
        process.kill()


def test_what_was_written_is_there_after_a_stop_and_a_new_start(tmp_path: Path) -> None:
    for expected in (None, b"1"):
        with embedded.running(tmp_path) as url, Redis.from_url(url) as client:
            assert client.get("kept") == expected
            client.set("kept", "1")


def test_what_was_answered_survives_kill_9(store: EmbeddedStore, server: subprocess.Popen[str]) -> None:
    with Redis.from_url(store.url) as client:
        client.set("kept", "1")
    server.kill()
    server.wait()
    with embedded.running(store.data_dir) as url, Redis.from_url(url) as client:
        assert client.get("kept") == b"1"


def test_it_runs_with_the_settings_the_promise_rests_on(store_url: str) -> None:
    wanted = {
        "appendonly": "yes",
        "appendfsync": "always",
        "no-appendfsync-on-rewrite": "no",
        "maxmemory-policy": "noeviction",
        "save": "",
        "bind": "127.0.0.1",
        "hash-max-listpack-entries": "512",
        "hash-max-listpack-value": "256",
    }
    with Redis.from_url(store_url, decode_responses=True) as client:
        assert {name: client.config_get(name)[name] for name in wanted} == wanted


def test_nobody_gets_in_without_the_password(store: EmbeddedStore, server: subprocess.Popen[str]) -> None:
    with Redis.from_url(f"redis://127.0.0.1:{store.port}") as client, pytest.raises(AuthenticationError):
        client.ping()


def test_files_that_hold_the_password_are_for_the_owner_alone(store: EmbeddedStore) -> None:
    for name in ("store.password", "store.conf"):
        assert stat.S_IMODE((store.data_dir / name).stat().st_mode) == 0o600


def test_port_and_password_stay_the_same(store: EmbeddedStore) -> None:
    assert embedded.prepare(store.data_dir) == store


def test_a_port_taken_by_another_program_is_replaced_before_the_start(store: EmbeddedStore) -> None:
    with socket.socket() as other:
        other.bind((embedded.HOST, store.port))
        other.listen()
        assert embedded.prepare(store.data_dir).port != store.port


def test_a_server_that_comes_back_says_so_when_its_port_is_taken(store: EmbeddedStore) -> None:
    with socket.socket() as other:
        other.bind((embedded.HOST, store.port))
        other.listen()
        with start(store.data_dir) as process:
            _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert f"Port {store.port}" in said


def test_a_second_copy_on_the_same_data_is_refused(
    store: EmbeddedStore, server: subprocess.Popen[str]
) -> None:
    with start(store.data_dir) as second:
        _, said = second.communicate(timeout=30)
    assert second.returncode == 2
    assert "already works on" in said
    assert "Traceback" not in said
    assert server.poll() is None


def test_a_directory_that_cannot_be_written_is_refused_with_the_variable(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    with pytest.raises(ConfigurationError, match="DATA_DIR"):
        embedded.prepare(in_the_way)


def test_without_redis_url_the_programs_find_the_embedded_store(store: EmbeddedStore) -> None:
    settings = load_settings({"DATA_DIR": str(store.data_dir)}, None)
    assert embedded.store_url(settings) == store.url


def test_without_any_store_the_refusal_names_the_variable(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="REDIS_URL"):
        embedded.store_url(load_settings({"DATA_DIR": str(tmp_path)}, None))
