"""Power loss: the store's file keeps all acknowledged writes, and a torn one at its end.

With `appendfsync always` a write is on the disk before it is answered, so a cut at any moment can only take what nobody
has been told of. A killed process often leaves its file whole; then the torn end of another write is added by hand.
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
    """Append the beginning of another write to the file of a stopped store, unless it ends in the middle of one."""
    path = max((data_dir / "appendonlydir").glob("*.incr.aof"), key=lambda one: int(one.name.split(".")[-3]))
    if not _is_whole(path.read_bytes()):
        return
    with path.open("ab") as file:
        file.write(_ENDS[path.stat().st_size % len(_ENDS)])


def _is_whole(data: bytes) -> bool:
    """True if it ends behind a command, and behind the EXEC of each MULTI. A kill may cut a long write."""
    at, parts = 0, 0
    words: list[bytes] = []
    is_open = False
    while at < len(data):
        end = data.find(b"\r\n", at)
        if end < 0:
            return False
        kind, size, at = data[at : at + 1], int(data[at + 1 : end]), end + 2
        if kind == b"*":
            parts, words = size, []
            continue
        words.append(data[at : at + size])
        at += size + 2
        if len(words) == parts and words[0] in (b"MULTI", b"EXEC"):
            is_open = words[0] == b"MULTI"
    return at == len(data) and len(words) == parts and not is_open
