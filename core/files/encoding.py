"""The text of a file whose encoding nobody has told."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from itertools import islice
from typing import Final

from core.domain.errors import ValidationError
from core.domain.translatable import sentence

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_SAMPLE: Final = 4096
_ZEROS_OF_UTF16: Final = 0.3
"""Latin letters, digits and separators have a zero byte each; a list of recipients is full of them."""
_LETTERS: Final = re.compile(rb"[\xc0-\xff]+")
"""Letters in both Windows-1251 and Windows-1252."""
_LONGEST_WESTERN: Final = 2
"""Letters with marks in a row, as in "größer"."""
_RUNS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and the encoding it was in, as people call it."""

    text: str
    encoding: str


def decoded(data: bytes) -> Decoded:
    """Reads UTF-8 and UTF-16, with or without their mark, Windows-1251 and Windows-1252. Raises ValidationError."""
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            return _strictly(data, codec, name)
    if (order := _utf16_without_mark(data)) is not None:
        return _strictly(data, order, "UTF-16")
    if b"\0" in data:
        raise _no_text()
    try:
        return Decoded(data.decode(), "UTF-8")
    except UnicodeDecodeError:
        codec = "cp1251" if _looks_cyrillic(data) else "cp1252"
        # Five bytes mean nothing in Windows-1252, one in Windows-1251: such a character is lost, its row is not.
        return Decoded(data.decode(codec, "replace"), f"Windows-{codec[2:]}")


def _strictly(data: bytes, codec: str, name: str) -> Decoded:
    try:
        return Decoded(data.decode(codec), name)
    except UnicodeDecodeError:
        raise _no_text() from None


def _no_text() -> ValidationError:
    return ValidationError(
        [
            sentence(
                "This is no text file that I can read. Save the list as CSV (UTF-8) or as XLSX, then send it again."
            )
        ]
    )


def _utf16_without_mark(data: bytes) -> str | None:
    """The byte order, where so many bytes of a text are zero that it must be UTF-16."""
    sample = data[:_SAMPLE]
    low, high = sample[::2], sample[1::2]
    if len(data) % 2 or len(sample) < 2:
        return None
    if high.count(0) >= len(high) * _ZEROS_OF_UTF16 and not low.count(0):
        return "utf-16-le"
    if low.count(0) >= len(low) * _ZEROS_OF_UTF16 and not high.count(0):
        return "utf-16-be"
    return None


def _looks_cyrillic(data: bytes) -> bool:
    """Cyrillic words are made of such letters alone; in western ones they stand between plain letters."""
    cyrillic = western = 0
    for run in islice(_LETTERS.finditer(data), _RUNS):
        beside = data[max(0, run.start() - 1) : run.start()] + data[run.end() : run.end() + 1]
        if len(run[0]) > _LONGEST_WESTERN or not any(bytes((byte,)).isalpha() for byte in beside):
            cyrillic += 1
        else:
            western += 1
    return cyrillic > western
