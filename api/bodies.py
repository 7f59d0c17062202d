"""What programs post: the shapes, and a sentence for each way to miss them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

EXAMPLE: Final = '{"body": "Hello", "recipients": [{"uuid": "2", "service": "telegram"}]}'

_EXPECTED: Final = {
    "string_type": "must be a text in quotes",
    "list_type": "must be a list in square brackets",
    "model_attributes_type": "must be an object in curly brackets",
    "missing": "is missing",
    "extra_forbidden": "is not a field that is known here",
}


def _whole(text: str) -> str:
    """JSON can hold half of a character (a lone surrogate); no messenger can."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("holds half of a character (a lone surrogate)") from None
    return text


Text = Annotated[str, AfterValidator(_whole)]


class RecipientBody(BaseModel):
    """One recipient."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    uuid: Text = Field(description="An address as the messenger takes it, or the id of a contact.")
    service: Text = Field(description="telegram, whatsapp or viber.")


class SendMessageBody(BaseModel):
    """An order: one text to many recipients, now or at a time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    body: Text = Field(description="The text, sent exactly as it stands.")
    send_at: Text | None = Field(
        default=None, description="YYYY-MM-DD HH:MM:SS in the zone of the setting TZ; left out: now."
    )
    recipients: list[RecipientBody]


def sentences(found: Sequence[Any]) -> tuple[str, ...]:
    """One sentence for each error that the reading of a body reported."""
    return tuple(_sentence(one["type"], one["loc"][1:], one["msg"], one.get("ctx", {})) for one in found)


def _sentence(kind: str, place: tuple[str | int, ...], message: str, context: dict[str, Any]) -> str:
    if kind == "json_invalid":
        return f"The body is not JSON: {context.get('error', message)} at character {place[0]}."
    if not place:
        return f"The body must be a JSON object, for example {EXAMPLE}"
    expected = _EXPECTED.get(kind, message.removeprefix("Value error, "))
    return f"{_path(place)} {expected}."


def _path(place: tuple[str | int, ...]) -> str:
    """("recipients", 3, "service") as "recipients[3].service"."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return "".join(steps).removeprefix(".")
