"""Requests of admins, free of Telegram's types: the press of a button, or a message."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.domain.audit import Actor
from core.domain.content.content import Content
from core.domain.recipients import Contact as Person
from core.domain.team import Role

_COMMAND = re.compile(r"^/\w+(?:@\w+)?\s*")

GONE = -1
"""In place of the id of a message that Telegram no longer has."""


@dataclass(frozen=True, slots=True)
class Admin:
    """The person who acts, in which chat, with the role read when the update came in."""

    id: int
    name: str
    chat_id: int
    role: Role

    @property
    def actor(self) -> Actor:
        return Actor(f"telegram:{self.id}", self.name)


@dataclass(frozen=True, slots=True)
class File:
    """A document, not downloaded yet. `size`: bytes, 0 where unknown."""

    id: str
    name: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    admin: Admin
    message_id: int
    """Of the message; of the tapped one, or GONE."""
    replied: Content | None = None
    """The message that it is a reply to."""
    replied_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonPress(Request):
    query_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMessage(Request):
    text: str
    """The text, or the caption of a file."""
    content: Content | None = None
    """All of it; None where there is nothing that could be sent on."""
    album: str = ""
    """The album that it is a part of, if it is."""
    file: File | None = None
    phone: str = ""
    """The number on a contact's card, as a list of recipients has it."""
    shared: tuple[Person, ...] = ()
    """The people of a contact's card, or of Telegram's own choice."""
    refusal: str | None = None
    """Reason why it cannot be sent to people; None if it can."""
    region: str = ""
    """The country of its phone numbers without a country code, if that was asked."""
    edited: bool = False
    from_elsewhere: bool = False
    """Forwarded, or sent through another bot: another author's words, never a command."""
    lost: tuple[str, ...] = ()
    """Parts of it that cannot be sent on."""

    @property
    def whole(self) -> Content:
        """The text with its files."""
        return self.content or Content(text=self.text)

    @property
    def is_text(self) -> bool:
        return self.content is not None and not self.content.media

    @property
    def is_command(self) -> bool:
        return self.text.startswith("/") and not self.from_elsewhere

    @property
    def argument(self) -> str:
        """The text after the command."""
        return _COMMAND.sub("", self.text).strip()
