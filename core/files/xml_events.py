"""Feeds XML documents to three callbacks. Document types are refused: their entities make small files large."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Final
from xml.parsers import expat

_CHUNK: Final = 262_144
_LONGEST_ROW: Final = 1_048_576
_HIDES_ROWS: Final = re.compile(rb"<!|<\?(?!xml\s)|encoding=(?![\"']utf-8[\"'])", re.IGNORECASE)
"""Comments and the like, in which a row is none, and other encodings."""

Start = Callable[[str, Mapping[str, str]], None]


@dataclass(frozen=True, slots=True)
class UsualRows:
    """Rows that are read at once where they have the usual form: an event for each of their parts takes long."""

    end: bytes
    """The end tag."""
    read: Callable[[bytes], bool]
    """Takes a row up to its end tag; False: it has another form, and nothing of it was read."""


def parse(
    source: IO[bytes],
    start: Start,
    end: Callable[[str], None],
    text: Callable[[str], None],
    rows: UsualRows | None = None,
) -> None:
    """Call the three for each tag and text; names come without namespaces. Raises ValueError for a document type."""
    parser = expat.ParserCreate(namespace_separator=None)
    parser.buffer_text = True

    def refuse(*_arguments: object) -> None:
        raise ValueError("a document type")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    chunks = iter(lambda: source.read(_CHUNK), b"")
    for chunk in _without_usual(chunks, rows) if rows else chunks:
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _without_usual(chunks: Iterable[bytes], rows: UsualRows) -> Iterator[bytes]:
    """All pieces of a document but the rows that were read, which are read in their places among the pieces."""
    usual, rest = True, b""
    for chunk in chunks:
        *pieces, rest = (rest + chunk).split(rows.end)
        for piece in pieces:
            if usual and rows.read(piece):
                continue
            usual = usual and not _HIDES_ROWS.search(piece)
            yield piece + rows.end
        if len(rest) > _LONGEST_ROW:
            yield rest
            usual, rest = False, b""
    yield rest


def local_name(name: str) -> str:
    return name.rpartition(":")[2]
