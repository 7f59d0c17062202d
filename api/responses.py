"""Response bodies and their JSON form."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Response
from pydantic import BaseModel, Field

MOST_SHOWN = 20
"""Most problems of one order in a response."""


class JsonResponse(Response):
    """JSON with a blank after comma and colon, and letters unescaped."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:  # noqa: ANN401  # whatever JSON can hold, as in the base class
        # An error may quote lone surrogates, which JSON can hold and UTF-8 cannot.
        return json.dumps(content, ensure_ascii=False).encode("utf-8", errors="replace")


class Accepted(BaseModel):
    """One line per recipient: scheduled for later, or started."""

    scheduled: list[str]
    started: list[str]


class Scheduled(BaseModel):
    """One line per recipient of a waiting broadcast."""

    scheduled: list[str]


class NotReached(BaseModel):
    """A recipient who did not get a message, or may not have got it."""

    line: str = Field(description="The line in finished_with_fail.")
    uuid: str
    service: str
    state: str = Field(description="failed; or unknown: it may have arrived.")
    reason: str = Field(
        description="A word for programs, for example blocked; docs/messengers.md has the list."
    )
    reason_in_words: str = Field(description="The reason as an English sentence.")


class Finished(BaseModel):
    """One line per recipient: sent at once, sent at a set time, failed or unknown; with ?reasons=true, why."""

    finished_main: list[str]
    finished_scheduled: list[str]
    finished_with_fail: list[str]
    reasons: list[NotReached] | None = None


class ErrorBody(BaseModel):
    """The problems, one line each."""

    error: str


def error(status: int, sentence: str, headers: dict[str, str] | None = None) -> JsonResponse:
    """An error response."""
    return JsonResponse({"error": sentence}, status_code=status, headers=headers)


def problem_lines(problems: tuple[str, ...]) -> str:
    """The problems of an order, one per line."""
    shown = list(problems[:MOST_SHOWN])
    if len(problems) > MOST_SHOWN:
        shown.append(f"... and {len(problems) - MOST_SHOWN:,} more.")
    return "\n".join(shown)
