"""Power loss: the store's file keeps all acknowledged writes, and a torn one at its end.

With `appendfsync always` a write is on the disk before it is answered, so a cut at any moment can only take what nobody
has been told of. A killed process leaves its file whole; the torn end of the write after it is put there by hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

TORN_KEY: Final = "chaos:torn"

_WHOLE: Final = f"*3\r\n$3\r\nSET\r\n${len(TORN_KEY)}\r\n{TORN_KEY}\r\n$1\r\n1\r\n".encode()
_ENDS: Final = (
    # A script's writes are between MULTI and EXEC: without EXEC none of them may count.
    b"*1\r\n$5\r\nMULTI\r\n" + _WHOLE,
    b"*1\r\n$5\r\nMULTI\r\n" + _WHOLE + _WHOLE[:-4],
    _WHOLE[:-9],
)


def tear(data_dir: Path) -> None:
    """Append the beginning of another write to the file of a stopped store."""
    path = max((data_dir / "appendonlydir").glob("*.incr.aof"), key=lambda one: int(one.name.split(".")[-3]))
    with path.open("ab") as file:
        file.write(_ENDS[path.stat().st_size % len(_ENDS)])
