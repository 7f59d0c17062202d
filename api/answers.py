"""How answers are written down."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Response

MOST_SHOWN = 20
"""How many problems of one order an answer lists."""


class JsonAnswer(Response):
    """JSON as people print it, a blank after comma and colon, every letter itself."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:  # noqa: ANN401  # whatever JSON can hold, as in the base class
        # A name that was sent in halves of characters may be quoted in an error: it shall not cost the answer.
        return json.dumps(content, ensure_ascii=False).encode("utf-8", errors="replace")


def error(status: int, sentence: str, headers: dict[str, str] | None = None) -> JsonAnswer:
    """An error as every route answers it."""
    return JsonAnswer({"error": sentence}, status_code=status, headers=headers)


def refusal(problems: tuple[str, ...]) -> str:
    """The problems of an order, one on each line."""
    shown = list(problems[:MOST_SHOWN])
    if len(problems) > MOST_SHOWN:
        shown.append(f"... and {len(problems) - MOST_SHOWN:,} more.")
    return "\n".join(shown)
