"""XML documents run through three functions, without what makes small documents large."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import IO, Final
from xml.parsers import expat

_CHUNK: Final = 65_536

Start = Callable[[str, Mapping[str, str]], None]


def parse(source: IO[bytes], start: Start, end: Callable[[str], None], text: Callable[[str], None]) -> None:
    """Runs an XML document through the three, names without their namespaces. No document types: entities multiply."""
    parser = expat.ParserCreate(namespace_separator=None)
    parser.buffer_text = True

    def refuse(*_arguments: object) -> None:
        raise ValueError("a document type")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    while chunk := source.read(_CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def local_name(name: str) -> str:
    return name.rpartition(":")[2]
