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
    """Kind of what a message carries beside text. `words`, `plural`: its name in sentences."""

    PHOTO = "photo"
    VIDEO = "video"
    DOCUMENT = "document"
    AUDIO = "audio"
    """Music, with a player."""
    VOICE = "voice"
    VIDEO_NOTE = "video_note"
    """A round video."""
    ANIMATION = "animation"
    """A GIF, which is a video without sound."""
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    POLL = "poll"

    @property
    def words(self) -> Sentence:
        return _KINDS[self][0]

    @property
    def plural(self) -> Sentence:
        return _KINDS[self][1]


class Option(StrEnum):
    """A sending option. `words`: its name in sentences."""

    SILENT = "silent"
    PROTECTED = "protected"
    PAID = "paid"

    @property
    def words(self) -> Sentence:
        return _OPTIONS[self]


_KINDS = {
    MediaKind.PHOTO: (sentence("photo"), sentence("photos")),
    MediaKind.VIDEO: (sentence("video"), sentence("videos")),
    MediaKind.DOCUMENT: (sentence("document"), sentence("documents")),
    MediaKind.AUDIO: (sentence("music file"), sentence("music files")),
    MediaKind.VOICE: (sentence("voice message"), sentence("voice messages")),
    MediaKind.VIDEO_NOTE: (sentence("video message"), sentence("video messages")),
    MediaKind.ANIMATION: (sentence("GIF"), sentence("GIFs")),
    MediaKind.STICKER: (sentence("sticker"), sentence("stickers")),
    MediaKind.LOCATION: (sentence("place on the map"), sentence("places on the map")),
    MediaKind.CONTACT: (sentence("contact card"), sentence("contact cards")),
    MediaKind.POLL: (sentence("poll"), sentence("polls")),
}
_OPTIONS = {
    Option.SILENT: sentence("silent sending"),
    Option.PROTECTED: sentence("protection against forwarding"),
    Option.PAID: sentence("paid sending"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaLimits:
    """Limits of one kind of content on one messenger."""

    max_bytes: int = 0
    """Largest file by link; files that the messenger already has are small enough."""
    as_kind: MediaKind | None = None
    """The kind that it is sent as, where it cannot be sent as itself."""
    captioned: bool = True
    """True when it can have a text."""
    album: str = ""
    """Kinds with the same word can be in one album; empty = in none."""
    covers: bool = False
    """True when it can be covered until the reader taps it, and have its text above it."""
    unnamed: bool = False
    """True when a place loses its name."""
    max_name: int = 0
    """Longest name of a contact card, in characters; what is longer is cut. 0 = any."""
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
    """Longest text with buttons, if that is shorter than without."""
    beside_media: bool = True
