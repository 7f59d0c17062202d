"""The one-line order of the chat: WHO | WHEN | TEXT."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.errors import ValidationError

EXAMPLE = "telegram:1001, whatsapp:+12025550123 | tomorrow 18:30 | Hello"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """The parts of a one-line order as typed, without the blanks around them; none of them is read yet."""

    who: str
    when: str | None
    """None when it was left out or empty: at once."""
    text: str


class NoText(ValidationError):
    """A line that lacks its text and nothing else."""

    def __init__(self, problems: list[str], line: OrderLine) -> None:
        super().__init__(problems)
        self.line = line


def read_line(text: str) -> OrderLine:
    """Split "WHO | WHEN | TEXT" or "WHO | TEXT"; further bars belong to the text.

    Raises ValidationError with a sentence for each part that is missing, NoText when that is the text alone.
    """
    who, *rest = (part.strip() for part in text.split("|", 2))
    if not rest:
        raise ValidationError([f"There is no bar between the recipients and the text. {_write()}"])
    *when, body = rest
    line = OrderLine(who=who, when=(when[0] or None) if when else None, text=body)
    problems = [] if who else [f"Nobody is named before the first bar. {_write()}"]
    if not body:
        problems.append(f"There is no text after the {'second' if when else 'first'} bar. {_write()}")
    if who and not body:
        raise NoText(problems, line)
    if problems:
        raise ValidationError(problems)
    return line


def _write() -> str:
    return f"Write WHO | WHEN | TEXT, for example: {EXAMPLE}"
