"""The latest claim of this machine, kept outside the store: a store that does not have it is an older copy."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

_LANE_SECONDS: Final = 3600
_NAME: Final = "last.claim"
_WIDTH: Final = 120
"""Bytes. Each line replaces the one before as a whole."""


def lane_seconds(late_after: int) -> int:
    """Seconds that the store keeps the last batch of a lane: at least `late_after`."""
    return max(_LANE_SECONDS, late_after)


@dataclass(frozen=True, slots=True)
class KeptClaim:
    """A batch of claims that the store has confirmed: see claim.lua."""

    store: str
    """The store's own id."""
    lane: str
    number: int
    """Of the batch in its lane."""
    at: int
    """ms by the store's clock."""


class ClaimMemory:
    """One line in a file of DATA_DIR, shared by the workers of a machine: the last one to claim writes it.

    A power cut may take the last lines, and then an older claim is looked for.
    """

    def __init__(self, folder: Path) -> None:
        self.store = ""
        """The id of the present store, once it is known. Without it nothing is kept."""
        self._path = folder / _NAME
        self._file: int | None = None
        self._cannot = False

    def kept(self) -> KeptClaim | None:
        """The claim that was kept last, by this process or an earlier one."""
        try:
            store, lane, number, at = self._path.read_text(encoding="ascii").split()
            return KeptClaim(store, lane, int(number), int(at))
        except (OSError, ValueError):
            return None

    def keep(self, lane: str, number: int, at: int) -> None:
        """Keep a batch. A folder that cannot be written costs this check alone."""
        if not self.store or self._cannot:
            return
        line = f"{self.store} {lane} {number} {at}".ljust(_WIDTH - 1) + "\n"
        try:
            if self._file is None:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            os.pwrite(self._file, line.encode("ascii"), 0)
        except OSError as error:
            self._cannot = True
            log.warning(
                "DATA_DIR: claims cannot be kept in %s (%s). A copy of the store that is put back while nothing runs "
                "is noticed only once it is older than LATE_AFTER.",
                self._path,
                error.strerror,
            )

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
