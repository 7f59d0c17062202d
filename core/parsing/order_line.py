"""The one-line order of the chat: WHO | WHEN | TEXT."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.content.variables import parts_between_bars
from core.domain.errors import ValidationError
from core.domain.translatable import Sentence, sentence

EXAMPLE = sentence("Friends, +12025550123 | tomorrow 18:30 | Hello")


@dataclass(frozen=True, slots=True)
class OrderLine:
    """The parts of a one-line order as typed, without the blanks around them; none of them is read yet."""

    who: str
    when: str | None
    """None when it was left out or empty: at once."""
    text: str


class Unfinished(ValidationError):
    """A line that lacks its text or its recipients, not both: the rest of it is in `line`."""

    def __init__(self, problems: list[str], line: OrderLine) -> None:
        super().__init__(problems)
        self.line = line


def read_line(text: str) -> OrderLine:
    """Split "WHO | WHEN | TEXT" or "WHO | TEXT"; further bars belong to the text. A time is on one line.

    Raises ValidationError with a sentence for each part that is missing, Unfinished when that is one of them.
    """
    who, *rest = (part.strip() for part in parts_between_bars(text, 3))
    if not rest:
        raise ValidationError([sentence("Separate people and message with “|”. {write}", write=_write())])
    if "\n" in rest[0]:
        rest = [text.partition("|")[2].strip()]
    *when, body = rest
    line = OrderLine(who=who, when=(when[0] or None) if when else None, text=body)
    problems: list[str] = []
    if not who:
        problems.append(sentence("Add people before the first “|”. {write}", write=_write()))
    if not body and when:
        problems.append(sentence("Add a text after the second “|”. {write}", write=_write()))
    elif not body:
        problems.append(sentence("Add a text after the first “|”. {write}", write=_write()))
    if who and body:
        return line
    raise Unfinished(problems, line) if who or body else ValidationError(problems)


def _write() -> Sentence:
    return sentence("Write WHO | WHEN | TEXT, for example: {example}", example=EXAMPLE)
