"""Reads one file in a process of its own: python -m core.files.reader_process

Standard input: a line of JSON (answers, likely countries, greatest size of the process), then the file. Standard
output: one JSON object, read back by core.files.file_reader.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
from collections.abc import Mapping
from typing import Any

from core.domain.errors import ValidationError
from core.domain.sentence_format import pack_sentence
from core.files.questions import NeedsAnswer, Question
from core.files.recipient_list import read_list
from core.files.results import ReadList, Refused

Json = dict[str, Any]


def main() -> None:
    order = json.loads(sys.stdin.buffer.readline())
    most = int(order["memory"])
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    gc.disable()  # the garbage collector would take a third of the time, and all objects stay
    written = json.dumps(
        answer(order, sys.stdin.buffer.read()),
        separators=(",", ":"),
        ensure_ascii=False,
        check_circular=False,
    )
    sys.stdout.buffer.write(written.encode("utf-8", "surrogatepass"))
    sys.stdout.flush()
    os._exit(0)  # taking a million objects apart would take longer than all that is left to do


def answer(order: Mapping[str, Any], data: bytes) -> Json:
    """The list, what is wrong with it, or the question to answer first."""
    try:
        return _packed(read_list(data, order["answers"], order["likely"]))
    except ValidationError as error:
        return {"problems": [pack_sentence(one) for one in error.problems]}
    except NeedsAnswer as error:
        return {"question": _question(error.question)}


def _question(question: Question) -> Json:
    return {
        "key": question.key,
        "text": pack_sentence(question.text),
        "samples": list(question.samples),
        "choices": [[one.key, pack_sentence(one.label)] for one in question.choices],
    }


def _packed(read: ReadList) -> Json:
    reasons: dict[str, int] = {}
    return {
        "recipients": [
            [one.messenger.traits.code, one.address, one.variables, one.person] for one in read.recipients
        ],
        "refused": [_refused(one, reasons) for one in read.refused],
        "doubles": [_refused(one, reasons) for one in read.doubles],
        "reasons": [pack_sentence(one) for one in reasons],
        "variables": read.variables,
        "headings": read.headings,
        "form": pack_sentence(read.form),
        "notes": [pack_sentence(one) for one in read.notes],
        "region": read.region,
        "has_columns": read.has_columns,
    }


def _refused(one: Refused, reasons: dict[str, int]) -> list[object]:
    """Reasons are written once each: a hundred thousand rows can have the same."""
    return [one.row, one.entry, reasons.setdefault(one.reason, len(reasons)), one.values, one.why]


if __name__ == "__main__":
    main()
