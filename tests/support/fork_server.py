"""Starts programs as forks of a process that has imported them already; importing costs a second of CPU each time.

A fork is a process of its own as `python -m MODULE` is: its pid, environment, arguments, output, `__main__` and exit
code. Only what happens before a program's first line is the server's: PYTHONPATH, sitecustomize, ignored signals.
A run of pytest has one server. When pytest ends or is killed, the server kills the programs that still run.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import gc
import importlib.util
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Fork:
    """A started program with the interface of asyncio.subprocess.Process."""

    def __init__(self, pid: int, stdout: asyncio.StreamReader, end: asyncio.Task[int]) -> None:
        self.pid = pid
        self.stdout = stdout
        self._end = end

    @property
    def returncode(self) -> int | None:
        return self._end.result() if self._end.done() else None

    async def wait(self) -> int:
        return await asyncio.shield(self._end)

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class _Output(asyncio.StreamReaderProtocol):
    """Closes at the end of what it reads; uvloop leaves that to the protocol."""

    def eof_received(self) -> bool:
        super().eof_received()
        return False


async def fork(module: str, arguments: tuple[str, ...], environment: Mapping[str, str]) -> Fork:
    """Start `python -m MODULE ARGUMENTS` in the product's folder, with stderr on stdout."""
    ours, theirs = socket.socketpair()
    read_end, write_end = os.pipe()
    with theirs:
        socket.send_fds(_server(), [b"."], [theirs.fileno(), write_end])
    os.close(write_end)
    reader, writer = await asyncio.open_connection(sock=ours)
    order = {"module": module, "arguments": arguments, "environment": {**environment}}
    writer.write(f"{json.dumps(order)}\n".encode())
    stdout = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: _Output(stdout), os.fdopen(read_end, "rb", buffering=0)
    )
    pid = int(await reader.readline())

    async def end() -> int:
        code = int(await reader.readline())
        writer.close()
        return code

    return Fork(pid, stdout, asyncio.create_task(end()))


@functools.cache
def _server() -> socket.socket:
    """Start the server; return the socket for orders, which ends it when closed."""
    ours, theirs = socket.socketpair()
    with theirs:
        server = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )

    def end() -> None:
        ours.close()
        server.wait()

    atexit.register(end)
    return ours


def main() -> None:
    """Serve; in a fork, become the program."""
    with socket.socket(fileno=int(sys.argv[1])) as orders:
        order = _serve(orders)
    if order is None:
        return
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    sys.argv = [order["module"], *order["arguments"]]
    del sys.modules[_import(order["module"])]
    runpy.run_module(order["module"], run_name="__main__", alter_sys=True)


def _serve(orders: socket.socket) -> dict[str, Any] | None:
    """Start programs and report their ends. Returns the order in each fork, and None when `orders` is closed."""
    lines: dict[int, socket.socket] = {}
    child_ended, wakes = socket.socketpair()
    wakes.setblocking(False)
    signal.set_wakeup_fd(wakes.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with child_ended, wakes:
        while True:
            ready, _, _ = select.select([orders, child_ended], [], [])
            if child_ended in ready:
                child_ended.recv(4096)
                _report(lines)
            if orders in ready:
                message, (*descriptors,), _, _ = socket.recv_fds(orders, 1, 2)
                if not message:
                    break
                line, output = socket.socket(fileno=descriptors[0]), descriptors[1]
                with line.makefile() as said:
                    order: dict[str, Any] = json.loads(said.readline())
                _import(order["module"])
                pid = os.fork()
                if pid == 0:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    os.dup2(output, 1)
                    os.dup2(output, 2)
                    os.close(output)
                    for one in (line, *lines.values()):
                        one.close()
                    return order
                os.close(output)
                lines[pid] = line
                line.sendall(f"{pid}\n".encode())
    for pid in lines:
        os.kill(pid, signal.SIGKILL)
    return None


def _report(lines: dict[int, socket.socket]) -> None:
    """Write the exit code of each ended program to its line."""
    while lines:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        with lines.pop(pid) as line, contextlib.suppress(OSError):
            line.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


@functools.cache
def _import(module: str) -> str:
    """Import a program and all that it imports; return the name of its main module."""
    spec = importlib.util.find_spec(module)
    assert spec is not None, module
    main_module = module if spec.submodule_search_locations is None else f"{module}.__main__"
    importlib.import_module(main_module)
    gc.collect()
    gc.freeze()  # so that the collector of a fork writes to no page that it shares with the server
    return main_module


if __name__ == "__main__":
    main()
