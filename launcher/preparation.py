"""The launcher's end of preparation_process.py: the part of the start that needs the settings and the store.

That process ends with the start, so the launcher, which lives as long as the programs, stays small: it imports neither
the settings nor the store's client.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from launcher.program import Program

START_TIMEOUT: Final = 60.0
"""Seconds, for each part."""


@dataclass(frozen=True, kw_only=True)
class Steps:
    """What to start, in this order. None: that part is not started."""

    environ: Mapping[str, str]
    store: Program | None
    sandbox: Program | None
    seed: Program | None
    programs: Sequence[Program]
    webhooks: Program | None


class Preparation:
    """A running preparation_process.py. The calls block."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            (sys.executable, "-m", "launcher.preparation_process"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def steps(self) -> Steps:
        """To be called first. Raises SystemExit when a setting is wrong, which it has told."""
        found = self._answer()
        if found is None:
            sys.exit(self._process.wait() or 1)
        programs = found.pop("programs")
        parts = {name: one and _program(one) for name, one in found.items() if name != "environ"}
        return Steps(environ=found["environ"], programs=[*map(_program, programs)], **parts)

    def is_up(self, part: str) -> bool:
        """Wait for the store or the sandbox. False when it did not start in time."""
        return bool(self._ask(part))

    def silent(self) -> list[str]:
        """Wait until every program has reported; the names of those that have not in time."""
        return list(self._ask("programs") or ())

    def banner(self, silent: Sequence[str]) -> str:
        return str(self._ask(f"banner {' '.join(silent)}") or "")

    def end(self) -> None:
        """What is being waited for ends too."""
        self._process.kill()
        self._process.wait()

    def _ask(self, question: str) -> Any:  # noqa: ANN401 - each question has its own answer
        with suppress(BrokenPipeError):
            assert self._process.stdin is not None  # noqa: S101
            self._process.stdin.write(f"{question}\n")
            self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:  # noqa: ANN401 - as above
        assert self._process.stdout is not None  # noqa: S101
        line = self._process.stdout.readline()
        return json.loads(line) if line else None


def _program(fields: dict[str, Any]) -> Program:
    return Program(**{**fields, "argv": tuple(fields["argv"])})
