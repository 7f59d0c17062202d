"""Programs whose wall clock is wrong."""

from __future__ import annotations

import struct
from datetime import timedelta
from pathlib import Path

from tests.support.processes import ROOT


def wrong_clock(path: Path, ahead: timedelta) -> dict[str, str]:
    """The variables of a program whose clock is `ahead`. Written again, `path` steps the clock while it runs."""
    path.write_bytes(struct.pack("d", ahead.total_seconds()))
    return {"CLOCK_STEP": str(path), "PYTHONPATH": f"{ROOT / 'tests/chaos/clock'}:{ROOT}"}
