"""Runs the launcher over small stand-ins for its programs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

# Reports as a program does, notes its start, its settings and its end, and obeys SIGTERM. It imports none of the
# product: the tests start a hundred of them.
PROGRAM = """
import os, pathlib, signal, socket, sys, time
from urllib.parse import urlsplit
name = {name!r}
notes = pathlib.Path(os.environ["NOTES"])
def note(what):
    with notes.open("a") as file:
        file.write(f"{{name}} {{what}}\\n")
def stop(*_):
    note("stopped")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
note(f"started {{os.getpid()}} {{os.environ['TELEGRAM_API_URL'] or '-'}} {{os.environ['DATA_DIR']}}")
print(name, "says hello", flush=True)
store = urlsplit(os.environ["REDIS_URL"])
with socket.create_connection((store.hostname, store.port)) as line, line.makefile() as answers:
    beat = f"ZADD ms:alive {{time.time()}} {{name}}:{{socket.gethostname()}}:{{os.getpid()}}"
    for command in (f"AUTH {{store.password}}", beat):
        line.sendall(f"{{command}}\\r\\n".encode())
        answer = answers.readline()
        assert answer[0] != "-", answer
"""
WAIT = "while True:\n    signal.pause()\n"
SERVE = """
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
import threading
server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["{port}"])), Page)
threading.Thread(target=server.serve_forever, daemon=True).start()
"""


def write_programs(folder: Path) -> None:
    for package in ("bot", "workers", "api", "sandbox"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").touch()
    start = {
        name: PROGRAM.format(name=name) for name in ("bot", "worker", "scheduler", "api", "sandbox", "seed")
    }
    (folder / "bot/__main__.py").write_text(start["bot"] + WAIT)
    (folder / "workers/__main__.py").write_text(start["worker"] + WAIT)
    (folder / "workers/scheduler.py").write_text(start["scheduler"] + WAIT)
    (folder / "api/__main__.py").write_text(start["api"] + SERVE.format(port="API_PORT") + WAIT)
    (folder / "sandbox/__main__.py").write_text(start["sandbox"] + SERVE.format(port="SANDBOX_PORT") + WAIT)
    (folder / "sandbox/seed.py").write_text(start["seed"])
    (folder / "workers/webhooks.py").touch()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Launched:
    """A running launcher: its output, and the notes of its programs."""

    def __init__(self, folder: Path, output: str = "", **environ: str) -> None:
        """`output`: a file to write to instead; nothing is read then."""
        self.folder = folder
        self.environ = {
            "PYTHONPATH": str(ROOT),
            "NOTES": str(folder / "notes"),
            "DATA_DIR": str(folder / "data"),
            "SANDBOX_PORT": str(free_port()),
            "API_PORT": str(free_port()),
            **environ,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "launcher"],
            cwd=folder,
            env={**os.environ, **self.environ},
            stdout=os.open(output, os.O_WRONLY) if output else subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def said(self) -> str:
        return "".join(self.lines)

    @property
    def notes(self) -> list[str]:
        path = self.folder / "notes"
        return path.read_text().splitlines() if path.exists() else []

    def _read(self) -> None:
        if self.process.stdout is None:
            return
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def wait_for(self, check: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + 60
        while not check():
            assert time.monotonic() < deadline, f"{what} did not happen:\n{self.said}"
            threading.Event().wait(0.02)

    def wait_until_up(self) -> None:
        self.wait_for(lambda: "and press Start" in self.said, "the banner")

    def pid_of(self, name: str) -> int:
        return int([note for note in self.notes if note.startswith(f"{name} started")][-1].split()[2])

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def wait(self) -> int:
        code = self.process.wait(timeout=60)
        self._reader.join(timeout=10)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


@contextmanager
def launched(folder: Path, output: str = "", **environ: str) -> Iterator[Launched]:
    running = Launched(folder, output, **environ)
    try:
        yield running
    finally:
        running.process.terminate()
        running.wait()


def has_ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
