"""The engines that bench.throughput compares, and the environments of those that are not ours."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.rig import program

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, kw_only=True, slots=True)
class Engine:
    """One row of the comparison."""

    name: str
    in_flight: int
    share: float
    """Share of the message count of our engine: slow engines would take minutes for all."""
    work: tuple[str, ...]
    """Command of the worker."""
    enqueue: tuple[str, ...] = ()
    """Command that enqueues, without the count. Empty = our engine, whose broadcast is accepted through the core."""

    @property
    def ours(self) -> bool:
        return not self.enqueue

    @property
    def installed(self) -> bool:
        return Path(self.work[0]).exists()


def _binary(peer: str, name: str) -> str:
    return str(FOLDER / ".venv" / peer / "bin" / name)


def _ours(in_flight: int) -> Engine:
    return Engine(name=f"message-sender-{in_flight}", in_flight=in_flight, share=1, work=program("workers"))


def _rq(name: str, verb: str, *, in_flight: int, share: float) -> Engine:
    command = program("bench.peers.rq_peer")
    return Engine(
        name=name, in_flight=in_flight, share=share, work=(*command, verb), enqueue=(*command, "enqueue")
    )


def _asyncio(peer: str, share: float, *work: str) -> Engine:
    script = (_binary(peer, "python"), "-m", f"bench.peers.{peer}_peer")
    return Engine(
        name=f"{peer}-100",
        in_flight=100,
        share=share,
        work=work or (*script, "work"),
        enqueue=(*script, "enqueue"),
    )


ENGINES: Final = (
    _ours(200),
    _ours(500),
    _rq("rq-simple", "work", in_flight=1, share=0.02),
    _rq("rq-pool-8", "pool", in_flight=8, share=0.1),
    _asyncio("saq", 0.5),
    _asyncio("arq", 0.4),
    _asyncio(
        "taskiq",
        0.4,
        *(_binary("taskiq", "taskiq"), "worker", "bench.peers.taskiq_peer:broker"),
        *("--workers", "1", "--max-async-tasks", "100", "--log-level", "WARNING"),
    ),
)


def install_peers() -> None:
    """Make an environment for each engine of bench/requirements: they need different versions of redis-py."""
    for requirements in sorted((FOLDER / "requirements").glob("*.txt")):
        home = FOLDER / ".venv" / requirements.stem
        stamp = home / "installed.txt"
        if stamp.exists() and stamp.read_bytes() == requirements.read_bytes():
            continue
        print(f"Installing {requirements.stem}")
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        pip = [str(home / "bin" / "pip"), "install", "-qq", "--disable-pip-version-check"]
        if subprocess.run([*pip, "-r", str(requirements)], check=False).returncode == 0:
            stamp.write_bytes(requirements.read_bytes())
