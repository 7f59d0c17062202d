"""Steps the wall clock of one program: by as many seconds as the file named by CLOCK_STEP says at that moment.

A folder on PYTHONPATH is all it needs: Python reads this module before the program, and no line of the program knows.
The monotonic clock, which no step of a real machine's clock moves either, stays.
"""

from __future__ import annotations

import datetime
import mmap
import os
import struct
import time
from datetime import datetime as TrueDatetime  # noqa: N812 - beside the one that takes its place
from pathlib import Path
from typing import Final

_PATH: Final = Path(os.environ["CLOCK_STEP"])
_true_time = time.time

with _PATH.open("rb") as file:
    _step: Final = mmap.mmap(file.fileno(), 8, prot=mmap.PROT_READ)


def stepped_time() -> float:
    (seconds,) = struct.unpack_from("d", _step)
    return _true_time() + float(seconds)


class _Kind(type):
    def __instancecheck__(cls, thing: object) -> bool:
        return isinstance(thing, TrueDatetime)


class SteppedDatetime(TrueDatetime, metaclass=_Kind):
    """Returns true datetimes of the stepped clock."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> TrueDatetime:  # type: ignore[override] # not of this class
        return TrueDatetime.fromtimestamp(stepped_time(), tz)

    @classmethod
    def utcnow(cls) -> TrueDatetime:  # type: ignore[override] # not of this class
        return cls.now(datetime.UTC).replace(tzinfo=None)


time.time = stepped_time
time.time_ns = lambda: int(stepped_time() * 1e9)
datetime.datetime = SteppedDatetime  # type: ignore[misc] # that is the point
