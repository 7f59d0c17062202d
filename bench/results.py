"""Results on disk, bench/results/<benchmark>.json, and their tables."""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent / "results"

Row = Mapping[str, object]


def machine() -> str:
    """One line: processors, memory, system, Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}"
    )


def save(benchmark: str, rows: Sequence[Row], **more: object) -> None:
    """Write the rows with machine, date and command, and print them as a table."""
    FOLDER.mkdir(exist_ok=True)
    document = {
        "machine": machine(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": shlex.join(["python", "-m", f"bench.{Path(sys.argv[0]).stem}", *sys.argv[1:]]),
        **more,
        "rows": [dict(row) for row in rows],
    }
    (FOLDER / f"{benchmark}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(table(rows))


def load(benchmark: str) -> dict[str, Any] | None:
    """The latest result, None if the benchmark was never run here."""
    path = FOLDER / f"{benchmark}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table; the columns are all keys, in order of appearance."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [columns, ["---"] * len(columns)]
    lines += [[_cell(row.get(name)) for name in columns] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
