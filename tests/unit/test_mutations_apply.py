"""The mutations of the chaos suite change what they name: code that moved on would leave them nothing to break."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.test_mutations import SAFETIES, Mutation

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("mutation", SAFETIES.values(), ids=SAFETIES)
def test_each_change_finds_its_place(mutation: Mutation) -> None:
    for file, before, after in mutation.changes:
        assert (ROOT / file).read_text(encoding="utf-8").count(before) == 1, file
        assert before != after
