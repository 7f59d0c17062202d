"""CPU and memory of a process tree, from Linux's /proc."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """Summed over a process and all its descendants."""

    cpu: float
    """CPU seconds since the start of each process."""
    peak_rss: int
    """Bytes: sum of the highest resident sets; shared pages count once per process."""
    processes: int


def usage_of(pid: int) -> Usage:
    """Usage of the tree under `pid`; ended processes count through the parent that reaped them."""
    tree = _tree(pid)
    return Usage(
        cpu=sum(_cpu(member) for member in tree),
        peak_rss=sum(_peak_rss(member) for member in tree),
        processes=len(tree),
    )


def pss_of(pid: int) -> int:
    """Bytes of memory of the tree under `pid`, each shared page divided by the processes that share it."""
    return sum(_kilobytes(_PROC / str(member) / "smaps_rollup", "Pss:") for member in _tree(pid))


def child_of(pid: int, command: str) -> int:
    """The process of the tree under `pid` whose command line ends so. Raises LookupError."""
    for member in _tree(pid):
        line = (
            (_PROC / str(member) / "cmdline")
            .read_bytes()
            .replace(b"\0", b" ")
            .decode(errors="replace")
            .strip()
        )
        if line.endswith(command):
            return member
    raise LookupError(f"no process {command!r} under {pid}")


def _tree(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for path in _PROC.iterdir():
        if path.name.isdigit() and (fields := _stat(int(path.name))):
            children.setdefault(int(fields[1]), []).append(int(path.name))
    tree = [root]
    for member in tree:
        tree += children.get(member, [])
    return tree


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may contain blanks. Empty if the process is gone."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _cpu(pid: int) -> float:
    fields = _stat(pid)
    return sum(map(int, fields[11:15])) / _TICKS if fields else 0.0


def _peak_rss(pid: int) -> int:
    return _kilobytes(_PROC / str(pid) / "status", "VmHWM:")


def _kilobytes(path: Path, field: str) -> int:
    """A field of a file in /proc, in bytes. 0 if the process is gone."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(field)), 0)
