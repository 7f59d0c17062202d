"""Other versions of the product: copies of the code with small changes."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.support.processes import ROOT

_COPIED: Final = ("api", "bot", "core", "workers")


def version(folder: Path, changes: Mapping[str, tuple[str, str]]) -> Path:
    """A copy of the programs. `changes`: by file, a text that occurs once in it, and its replacement."""
    for name in _COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name, (words, others) in changes.items():
        text = (folder / name).read_text()
        assert text.count(words) == 1, f"{name} has changed: {words!r} occurs {text.count(words)} times"
        (folder / name).write_text(text.replace(words, others))
    return folder
