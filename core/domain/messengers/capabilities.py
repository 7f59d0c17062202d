"""Kinds of content beside plain text, and their limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from core.domain.translatable import Sentence, sentence


class Markup(Enum):
    """Form of formatting."""

    ENTITIES = "ranges beside the text, so that nothing in the text is read as markup"
    MARKS = "marks in the text: *bold*, _italic_, ~struck~, ```code```"
    SPACED_MARKS = "the same marks, each pair followed by a blank"
    NONE = "plain text only"

    @property
    def in_text(self) -> bool:
        """True when marks are part of the text."""
        return self in (Markup.MARKS, Markup.SPACED_MARKS)

    @property
    def beside_text(self) -> bool:
        """True when formatting is sent apart from the text."""
        return self is Markup.ENTITIES


class MediaKind(StrEnum):
    """Kind of file. `words`: its name in sentences."""

    PHOTO = "photo"
    VIDEO = "video"
    DOCUMENT = "document"

    @property
    def words(self) -> Sentence:
        return _KINDS[self]


class Option(StrEnum):
    """A sending option. `words`: its name in sentences."""

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
    """Limits for one kind of file."""

    max_bytes: int
    """Largest file by link; files that the messenger already has are small enough."""
    captioned: bool = True
    """True when it can have a caption."""
    suffixes: tuple[str, ...] = ()
    """Allowed suffixes of a link; empty = any."""
    forbidden: tuple[str, ...] = ()
    """Forbidden suffixes."""
    sized: bool = False
    """True when the size in bytes is required."""
    uploads: Mapping[str, str] = field(default_factory=dict)
    """MIME type by lower-case suffix of what can be uploaded; empty = nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ButtonLimits:
    """Limits for link buttons; `most` 0 = none."""

    most: int = 0
    in_row: int = 1
    max_label: int = 0
    """In characters."""
    max_text: int | None = None
    """Longest text with buttons, where it is shorter."""
    beside_media: bool = True
