"""Answers with a line per recipient, written while they are made: a large one is never whole in memory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Final

from fastapi import Response
from fastapi.responses import StreamingResponse

Lists = Mapping[str, AsyncIterator[object]]
"""The lines of an answer, or objects, under the names of its lists."""
_CHUNK: Final = 64 * 1024
_JSON: Final = "application/json"


async def each(lines: Iterable[str]) -> AsyncIterator[str]:
    """Lines that need no waiting."""
    for line in lines:
        yield line


async def as_json(lists: Lists) -> AsyncIterator[bytes]:
    """A JSON object of the lists, as JsonResponse writes it, in chunks."""
    written = bytearray()
    for number, (name, lines) in enumerate(lists.items()):
        written += f'{", " if number else "{"}"{name}": ['.encode()
        separator = b""
        async for line in lines:
            # A line may hold lone surrogates, which JSON can hold and UTF-8 cannot.
            written += separator + json.dumps(line, ensure_ascii=False).encode(errors="replace")
            separator = b", "
            if len(written) >= _CHUNK:
                yield bytes(written)
                written.clear()
        written += b"]"
    yield bytes(written + b"}")


async def respond(chunks: AsyncIterator[bytes]) -> Response:
    """A short answer whole, a long one streamed. What fails before its second chunk is answered as an error."""
    first = await anext(chunks)
    second = await anext(chunks, None)
    if second is None:
        return Response(first, media_type=_JSON)
    return StreamingResponse(_behind(first, second, chunks), media_type=_JSON)


async def _behind(first: bytes, second: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    yield second
    async for chunk in rest:
        yield chunk
