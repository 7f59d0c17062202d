"""Programs stay small while nothing is done: what is large and seldom used is imported when it is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SELDOM = ("matplotlib", "dateparser", "segno", "xlrd", "core.files.tables")
"""Charts, days in words, QR codes, spreadsheets."""


@pytest.mark.parametrize(
    ("program", "absent"),
    [
        ("bot.app", (*SELDOM, "aiohttp", "fastapi", "phonenumbers", "rq")),
        ("workers.__main__", (*SELDOM, "babel", "telegram", "fastapi", "phonenumbers", "aiohttp_socks")),
        ("workers.scheduler", (*SELDOM, "babel", "phonenumbers", "aiohttp", "telegram", "fastapi")),
        ("api.__main__", (*SELDOM, "babel", "aiohttp", "telegram", "phonenumbers", "rq")),
        ("launcher.__main__", ("pydantic", "redis", "rq")),
    ],
)
def test_a_program_starts_without_what_it_may_never_use(program: str, absent: tuple[str, ...]) -> None:
    code = f"import sys, {program}; print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert not set(absent) & set(shown.stdout.split())
