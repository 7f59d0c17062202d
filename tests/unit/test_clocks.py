"""Everything is decided by the store's clock: no program asks its own, which may be wrong."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PROGRAMS: Final = ("api", "bot", "core", "launcher", "workers")
WALL_CLOCKS: Final = {
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "asctime", "strftime"},
    "datetime": {"now", "today", "utcnow"},
    "date": {"today"},
}
ALLOWED: Final = {
    ("core/logging.py", "time.gmtime"): "lines of the log",
    ("core/parsing/time_zones.py", "datetime.now"): "the places offered for “UTC+9”; one of them is chosen",
    ("core/store/deliveries.py", "datetime.now"): "fields for RQ's own tools; nothing reads them here",
    ("workers/messengers", "datetime.now"): "the clock that TLS compares with a certificate",
    ("workers/messengers", "time.time"): "signed; the service that is called compares it with its own clock",
}


def wall_clocks(path: Path) -> Iterator[str]:
    """What a module asks the machine's wall clock by."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            of = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if node.attr in WALL_CLOCKS.get(of, ()):
                yield f"{of}.{node.attr}"
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (f"time.{one.name}" for one in node.names if one.name in WALL_CLOCKS["time"])


def place(path: Path) -> str:
    """The module; of the messengers the folder."""
    module = path.relative_to(ROOT)
    return str(module.parent if module.parent.name == "messengers" else module)


def test_no_program_asks_the_clock_of_its_machine() -> None:
    found = {
        (place(path), clock)
        for program in PROGRAMS
        for path in (ROOT / program).rglob("*.py")
        for clock in wall_clocks(path)
    }
    assert found == set(ALLOWED)


def test_a_wall_clock_is_found_however_it_is_asked(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "import time, datetime\nfrom time import time as now\nfrom datetime import datetime as d, date\n"
        "time.time()\ndatetime.datetime.now()\ndate.today()\ntime.monotonic()\n"
    )
    assert sorted(wall_clocks(module)) == ["date.today", "datetime.now", "time.time", "time.time"]
