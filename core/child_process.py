"""Runs a module in a process of its own, which ends when its caller is cancelled or times out."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

_ROOT: Final = Path(__file__).parents[1]
_PASSED_ON: Final = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT")
"""The process gets these variables and no other: it needs no secret."""


async def run_module(module: str, order: bytes) -> bytes | None:
    """Run `python -m module` with the order as its input. Return its output, None after a failure, which is logged."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
    )  # fmt: skip
    try:
        output, errors = await process.communicate(order)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == 0:
        return output
    log.warning("%s failed: %s", module, errors.decode(errors="replace")[-500:])
    return None
