"""docs/privacy.md names every key of the store, so that nothing about people is kept that it does not tell of."""

from __future__ import annotations

import re
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_KEY = re.compile(r"(?<![\w`])ms:[a-z_]+")


def test_docs_privacy_names_every_key_of_the_store() -> None:
    sources = [
        path
        for room in ("core", "bot", "workers", "api")
        for path in (_ROOT / room).rglob("*")
        if path.suffix in {".py", ".lua"}
    ]
    used = {key for path in sources for key in _KEY.findall(path.read_text())}
    told = set(re.findall(r"ms:[a-z_]+", (_ROOT / "docs/privacy.md").read_text()))
    assert len(used) > 40
    assert used <= told, f"say in docs/privacy.md what these keep, and how long: {sorted(used - told)}"
    assert told <= used, f"docs/privacy.md names keys that are gone: {sorted(told - used)}"
