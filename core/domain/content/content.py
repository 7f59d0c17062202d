"""Content of a message: text, formatting, files, buttons, options, template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from core.domain.content.formatting import Entity
from core.domain.messengers.capabilities import MediaKind, Option
from core.domain.messengers.traits import Messenger
from core.domain.translatable import sentence, sentences

SNIPPET_LENGTH = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A place on the map, in degrees; with a title, a venue."""

    latitude: float
    longitude: float
    title: str = ""
    address: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactCard:
    phone_number: str
    """With plus and country code, as far as the sender's app knows it."""
    first_name: str
    last_name: str = ""
    user_id: int = 0
    """On Telegram; 0 = unknown."""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Poll:
    """A question with answers to tap on."""

    question: str
    options: tuple[str, ...]
    is_anonymous: bool = True
    allows_multiple_answers: bool = False
    correct_options: tuple[int, ...] = ()
    """Places of the right answers of a quiz; empty for a plain poll."""
    explanation: str = ""
    """Shown by a quiz after a wrong answer."""


_UNNAMED: Final = (MediaKind.VOICE, MediaKind.VIDEO_NOTE, MediaKind.ANIMATION, MediaKind.STICKER)


@dataclass(frozen=True, kw_only=True, slots=True)
class Media:
    """A part of a message beside its text.

    A file has ids on messengers, a link, or both. A place, a contact card or a poll is one as well.
    """

    kind: MediaKind
    ids: Mapping[Messenger, str] = field(default_factory=dict)
    """An id is good on the messenger that gave it, for the account it was given to."""
    link: str = ""
    name: str = ""
    """Of the file."""
    size: int | None = None
    """In bytes; None if unknown."""
    emoji: str = ""
    """Of a sticker."""
    place: Place | None = None
    contact: ContactCard | None = None
    poll: Poll | None = None

    @property
    def title(self) -> str:
        """Its name in a sentence."""
        return self._own_name or sentence("the {kind}", kind=self.kind.words)

    @property
    def _own_name(self) -> str:
        """Empty for files whose names were made up by an app."""
        if self.place is not None:
            return self.place.title
        if self.contact is not None:
            return self.contact.name
        if self.poll is not None:
            return self.poll.question
        return "" if self.kind in _UNNAMED else self.name

    @property
    def is_file(self) -> bool:
        return self.place is None and self.contact is None and self.poll is None

    @property
    def in_words(self) -> str:
        """The words for it in a text: its address, or all of it; empty where words cannot say it."""
        if self.place is not None:
            return _place_in_words(self.place)
        if self.contact is not None:
            return f"{self.contact.name} {self.contact.phone_number}".strip()
        if self.poll is not None:
            answers = (f"{number}. {option}" for number, option in enumerate(self.poll.options, 1))
            return "\n".join((self.poll.question, *answers))
        return self.link or self.emoji


def _place_in_words(place: Place) -> str:
    where = f"https://maps.google.com/?q={place.latitude:.6f},{place.longitude:.6f}"
    named = ", ".join(part for part in (place.title, place.address) if part)
    return f"{named}\n{where}" if named else where


class Button(NamedTuple):
    """Opens an address."""

    text: str
    url: str


class Parameter(NamedTuple):
    """One gap of a template filled; `name` is empty where the gaps are numbered."""

    text: str
    name: str = ""


class ButtonValue(NamedTuple):
    """Value for a button of a template. `kind`: "url" (the end of its address) or "copy_code"."""

    place: int
    """Among the buttons, from 0."""
    kind: str
    text: str
    label: str = ""
    url: str = ""
    """The whole address with a gap; empty if unknown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    """A pre-approved message template and what fills it. An empty text is a gap that is not filled yet."""

    name: str
    language: str
    """As the messenger writes it: "en_US"."""
    parameters: tuple[Parameter, ...]
    """Of its body."""
    header: Parameter | None = None
    """The gap of a header that is a text."""
    header_file: MediaKind | None = None
    """Kind of a header that is a file: the first one of this kind in the content."""
    buttons: tuple[ButtonValue, ...] = ()
    text: str = ""
    """The text with its gaps; empty if unknown."""

    def all_texts(self) -> Iterator[str]:
        """Everything that fills it."""
        yield from (one.text for one in self.parameters)
        if self.header is not None:
            yield self.header.text
        yield from (one.text for one in self.buttons)


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkPreview:
    """The preview of the page behind a link."""

    url: str = ""
    """Empty: of the first link in the text."""
    large: bool = False
    small: bool = False
    above: bool = False
    """Above the text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """One message. With `media`, the text is theirs; plain text as long as nothing else is given."""

    text: str
    entities: tuple[Entity, ...] = ()
    media: tuple[Media, ...] = ()
    """Two or more make an album."""
    buttons: tuple[tuple[Button, ...], ...] = ()
    """Rows of buttons."""
    options: frozenset[Option] = frozenset()
    text_only: frozenset[Messenger] = frozenset()
    """Messengers on which people get the text without the files, and a place, a contact card or a poll in words."""
    template: Template | None = None
    """Sent in place of everything else where the messenger has templates."""
    spoiler: bool = False
    """The files are covered until the reader taps them."""
    caption_above: bool = False
    """The text is shown above the files."""
    link_preview: LinkPreview | None = None
    """None: there is none."""
    verbatim: bool = False
    """True when braces are literal; otherwise "{name}" is a variable."""

    @property
    def is_plain(self) -> bool:
        more = self.options or self.template or self.link_preview
        return not (self.entities or self.media or self.buttons or more)

    @property
    def snippet(self) -> str:
        """The beginning on one line, for lists and titles."""
        line = " ".join(self.text.split()) or self._instead_of_text()
        if len(line) <= SNIPPET_LENGTH:
            return line
        end = line.rfind(" ", SNIPPET_LENGTH // 2, SNIPPET_LENGTH)
        return line[: end if end > 0 else SNIPPET_LENGTH - 1].rstrip() + "…"

    def _instead_of_text(self) -> str:
        if self.media:
            if len(self.media) == 1:
                return self.media[0].title
            return sentences("{count} file", "{count} files", len(self.media))
        return sentence("template {name}", name=self.template.name) if self.template else ""

    @property
    def unplaced(self) -> Media | None:
        """The first file without an address, which not every messenger can take."""
        return next((media for media in self.media if media.is_file and not media.link), None)

    def all_buttons(self) -> Iterator[Button]:
        for row in self.buttons:
            yield from row
