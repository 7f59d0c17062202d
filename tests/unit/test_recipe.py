"""The recipe for a new messenger lists exactly the files that name the smallest one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
RECIPE: Final = ROOT / "docs" / "adding-a-messenger.md"
ROOMS: Final = ("api", "bench", "bot", "core", "docs", "launcher", "sandbox", "tests", "workers")
# Telegram, WhatsApp and Viber report over webhooks too: the messenger of that name is told apart by how it is written.
NAMED: Final = re.compile(
    r"""\bWEBHOOK(?:_(?:URL|SECRET|RATE))?\b | \bwebhook_(?:url|secret|rate)\b
    | \bwebhook:\s"Webhook" | Viber\s\|\sWebhook\b | ^\.webhook\s\{ | a\swebhook\sof\syour\sown
    | \bmessengers[./]webhook\b""",
    re.VERBOSE | re.MULTILINE,
)


def listed() -> set[str]:
    """The paths in the first column of the recipe's table."""
    rows = re.findall(r"^\| (`.*?`) \|", RECIPE.read_text(encoding="utf-8"), re.MULTILINE)
    return {path.replace("<name>", "webhook") for row in rows for path in re.findall(r"`([^`]+)`", row)}


def naming() -> set[str]:
    """The paths of the files that name the messenger, but for the recipe and this test of it."""
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file()]
    files += [path for path in ROOT.iterdir() if path.is_file()]
    mine = {RECIPE, Path(__file__), ROOT / ".env"}
    return {
        str(path.relative_to(ROOT))
        for path in files
        if path not in mine
        # How to set it up: not every messenger needs a page.
        and path != ROOT / "docs" / "webhook.md"
        # What benchmarks install and keep is none of ours.
        and not {"__pycache__", ".venv", "results"}.intersection(path.parts)
        and NAMED.search(path.read_bytes().decode(errors="ignore"))
    }


def test_every_file_that_names_the_smallest_messenger_stands_in_the_recipe_and_no_other() -> None:
    assert naming() - {"CHANGELOG.md", "README.md"} == listed()
