"""Files read in a process of their own, which ends when it takes too long or too much memory."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.child_process import run_module
from core.domain.errors import ValidationError
from core.domain.messengers.traits import BY_CODE
from core.domain.recipients import Recipient
from core.domain.sentence_format import unpack_sentence
from core.domain.translatable import sentence
from core.files.questions import Choice, NeedsAnswer, Question
from core.files.results import ReadList, Refused, Why

log = logging.getLogger(__name__)

_SECONDS: Final = 120.0
_MOST_MEMORY: Final = 768 * 1024 * 1024
"""Of addresses, libraries among them; what is used of it is a third."""
_AT_ONCE: Final = 2

_TOO_MUCH: Final = sentence(
    "I couldn't read this file in time. Save only the list as CSV, or split the file, then send it again."
)


class FileReader:
    """Reads a few files at a time; the others wait."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def read(
        self, data: bytes, answers: Mapping[str, str] | None = None, likely: Sequence[str] = ()
    ) -> ReadList:
        """Run recipient_list.read_list. Raises ValidationError, NeedsAnswer."""
        order = json.dumps({"answers": answers or {}, "likely": list(likely), "memory": _MOST_MEMORY})
        try:
            async with self._turns, asyncio.timeout(_SECONDS):
                answer = await run_module("core.files.reader_process", order.encode() + b"\n" + data)
        except TimeoutError:
            answer = None
        if answer is None:
            raise ValidationError([_TOO_MUCH])
        # In a thread: a hundred thousand people take half a second, and nobody else waits for it.
        gc.disable()  # the garbage collector would take a third of the time, and all objects stay
        try:
            return await asyncio.to_thread(_unpacked, answer)
        finally:
            gc.enable()


def _unpacked(answer: bytes) -> ReadList:
    found = json.loads(answer)
    if "problems" in found:
        raise ValidationError([unpack_sentence(one) for one in found["problems"]])
    if "question" in found:
        raise NeedsAnswer(_question(found["question"]))
    reasons = [unpack_sentence(one) for one in found["reasons"]]
    return ReadList(
        recipients=tuple(
            Recipient(messenger=BY_CODE[code], address=address, variables=variables, person=person)
            for code, address, variables, person in found["recipients"]
        ),
        refused=tuple(_refused(one, reasons) for one in found["refused"]),
        doubles=tuple(_refused(one, reasons) for one in found["doubles"]),
        variables=tuple(found["variables"]),
        headings=found["headings"],
        form=unpack_sentence(found["form"]),
        notes=tuple(map(unpack_sentence, found["notes"])),
        region=found["region"],
        has_columns=found["has_columns"],
    )


def _refused(packed: Sequence[Any], reasons: Sequence[str]) -> Refused:
    row, entry, reason, values, why = packed
    return Refused(row=row, entry=entry, reason=reasons[reason], values=values, why=Why(why))


def _question(packed: Mapping[str, Any]) -> Question:
    return Question(
        key=packed["key"],
        text=unpack_sentence(packed["text"]),
        samples=tuple(packed["samples"]),
        choices=tuple(Choice(key, unpack_sentence(label)) for key, label in packed["choices"]),
    )
