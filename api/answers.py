"""How answers are written down."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Response
from pydantic import BaseModel

MOST_SHOWN = 20
"""How many problems of one order an answer lists."""


class JsonAnswer(Response):
    """JSON as people print it, a blank after comma and colon, every letter itself."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:  # noqa: ANN401  # whatever JSON can hold, as in the base class
        # JSON can hold halves of characters, and an error may quote them: they shall not cost the answer.
        return json.dumps(content, ensure_ascii=False).encode("utf-8", errors="replace")


class Accepted(BaseModel):
    """One line for each recipient, in the list that says whether it waits for its time."""

    scheduled: list[str]
    started: list[str]


class Scheduled(BaseModel):
    """One line for each recipient of what waits for its time."""

    scheduled: list[str]


class Finished(BaseModel):
    """One line for each recipient: reached at once, reached at a set time, not reached for certain."""

    finished_main: list[str]
    finished_scheduled: list[str]
    finished_with_fail: list[str]


class Refused(BaseModel):
    """What is wrong, one line for each problem."""

    error: str


def error(status: int, sentence: str, headers: dict[str, str] | None = None) -> JsonAnswer:
    """An error as every route answers it."""
    return JsonAnswer({"error": sentence}, status_code=status, headers=headers)


def refusal(problems: tuple[str, ...]) -> str:
    """The problems of an order, one on each line."""
    shown = list(problems[:MOST_SHOWN])
    if len(problems) > MOST_SHOWN:
        shown.append(f"... and {len(problems) - MOST_SHOWN:,} more.")
    return "\n".join(shown)
