"""What a messenger can carry beside plain text: the kinds, and the forms of its limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from core.domain.translatable import Sentence, sentence


class Markup(Enum):
    """How a messenger takes formatting."""

    ENTITIES = "ranges beside the text, so that nothing in the text is read as markup"
    MARKS = "marks in the text: *bold*, _italic_, ~struck~, ```code```"
    SPACED_MARKS = "the same marks, each pair followed by a blank"
    NONE = "plain text only"

    @property
    def in_text(self) -> bool:
        """Whether the messenger reads marks out of the text itself."""
        return self in (Markup.MARKS, Markup.SPACED_MARKS)

    @property
    def beside_text(self) -> bool:
        """Whether formatting travels apart from the text."""
        return self is Markup.ENTITIES


class MediaKind(StrEnum):
    """What a file is shown as. `words` is how a sentence calls it."""

    PHOTO = "photo"
    VIDEO = "video"
    DOCUMENT = "document"

    @property
    def words(self) -> Sentence:
        return _KINDS[self]


class Option(StrEnum):
    """A wish about how a message goes out. `words` is how a sentence calls it."""

    SILENT = "silent"
    PROTECTED = "protected"
    PAID = "paid"

    @property
    def words(self) -> Sentence:
        return _OPTIONS[self]


_KINDS = {
    MediaKind.PHOTO: sentence("photo"),
    MediaKind.VIDEO: sentence("video"),
    MediaKind.DOCUMENT: sentence("document"),
}
_OPTIONS = {
    Option.SILENT: sentence("silent sending"),
    Option.PROTECTED: sentence("protection against forwarding"),
    Option.PAID: sentence("paid sending"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaLimits:
    """What a messenger takes of one kind of file."""

    max_bytes: int
    """Largest file behind a link; a file that the messenger holds already is always small enough."""
    captioned: bool = True
    """Whether text can stand beside it."""
    suffixes: tuple[str, ...] = ()
    """How the path of a link must end; empty: in any way."""
    forbidden: tuple[str, ...] = ()
    """How a file's name must not end."""
    sized: bool = False
    """Whether the size in bytes has to be told."""
    uploads: Mapping[str, str] = field(default_factory=dict)
    """What can be uploaded: how its name ends, in lower case, and its MIME type; empty: nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ButtonLimits:
    """What a messenger takes of buttons that open an address. `most` 0: none at all."""

    most: int = 0
    in_row: int = 1
    max_label: int = 0
    """In characters."""
    max_text: int | None = None
    """Longest text over buttons, where it is shorter than without."""
    beside_media: bool = True
