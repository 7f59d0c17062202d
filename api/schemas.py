"""Request bodies, and a sentence for each way they can be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from core.domain.broadcast import MOST_TRY_AGAIN_DAYS
from core.domain.messengers.traits import Messenger
from core.parsing.recipients import LIST

EXAMPLE: Final = '{"body": "Hello", "recipients": [{"uuid": "2", "service": "telegram"}]}'

_EXPECTED: Final = {
    "string_type": "must be a string",
    "list_type": "must be an array",
    "model_attributes_type": "must be an object",
    "missing": "is missing",
    "extra_forbidden": "is not a known field",
}


class RecipientBody(BaseModel):
    """One recipient."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    uuid: str = Field(
        description="An address as the messenger takes it, the id of a contact, or the name of a list."
    )
    service: str = Field(
        description=f"The messenger: {', '.join(Messenger)}; or {LIST}: everybody on the list."
    )


class SendMessageBody(BaseModel):
    """One text to many recipients, now or at a set time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    body: str = Field(
        description="The text, sent exactly as given. Its last lines can add buttons, files, a place, a contact card "
        "or a poll (docs/contents.md)."
    )
    send_at: str | None = Field(
        default=None, description="YYYY-MM-DD HH:MM:SS in the time zone of the setting TZ; default: now."
    )
    recipients: list[RecipientBody]
    try_again_days: int = Field(
        default=0,
        ge=0,
        le=MOST_TRY_AGAIN_DAYS,
        # Orders without it keep the digest under their Idempotency-Key.
        exclude_if=lambda days: not days,
        description="For so many days, people who cannot be reached for now (a limit on marketing messages, WhatsApp "
        "cannot deliver) are tried again, once a day at most; default: everybody is tried once.",
    )


def sentences(found: Sequence[Any]) -> tuple[str, ...]:
    """One sentence per validation error."""
    return tuple(_sentence(one["type"], one["loc"][1:], one["msg"], one.get("ctx", {})) for one in found)


def _sentence(kind: str, place: tuple[str | int, ...], message: str, context: dict[str, Any]) -> str:
    if kind == "json_invalid":
        return f"The body is not JSON: {context.get('error', message)} at character {place[0]}."
    if not place:
        return f"The body must be a JSON object, for example {EXAMPLE}"
    return f"{_path(place)} {_EXPECTED.get(kind, message)}."


def _path(place: tuple[str | int, ...]) -> str:
    """("recipients", 3, "service") as "recipients[3].service"."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return "".join(steps).removeprefix(".")
