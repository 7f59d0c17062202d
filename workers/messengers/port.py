"""The interfaces of a messenger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from core.domain.amendment import MessageIds
from core.domain.content.content import Content
from core.domain.content.templates import ListedTemplate
from core.domain.messengers.outcome import Answer


class MessengerPort(Protocol):
    """One messenger with its account, ready to send."""

    async def send(self, address: str, content: Content, reference: str) -> Answer:
        """Make one attempt: exactly one request, never repeated here, whatever happens.

        `content` is what carried() made of it for this messenger, its gaps filled. `reference` is the attempt's own
        id; the messenger gives it back in receipts or replies where it can. Every failure is an Answer; only
        cancellation raises. Takes as long as Transport allows, 10 s by default.
        """
        ...

    async def check(self) -> str | None:
        """Ask the messenger whether the account could send; sends nothing.

        Returns None if so, else one sentence that names the setting at fault or the obstacle.
        """
        ...


@runtime_checkable
class AmendPort(MessengerPort, Protocol):
    """A messenger whose sent messages can be changed. Repeating a call does no harm."""

    async def delete(self, address: str, ids: MessageIds) -> Answer:
        """Delete the messages with these ids from the phone. SENT: they are not there."""
        ...

    async def edit(self, address: str, ids: MessageIds, content: Content) -> Answer:
        """Replace the text and buttons of the message. SENT: it reads so now. Files stay as they are."""
        ...


@runtime_checkable
class BlockPort(MessengerPort, Protocol):
    """A messenger that can send to many recipients with one request."""

    async def send_many(
        self, addresses: Sequence[str], content: Content, reference: str
    ) -> Sequence[Answer] | None:
        """Make one attempt for each address with a single request; at most `block` of the messenger's traits.

        Returns one answer per address, in order. None: the account may not do it and nothing was sent; send one by
        one.
        """
        ...


@runtime_checkable
class TemplatePort(MessengerPort, Protocol):
    """A messenger with pre-approved message templates."""

    async def templates(self) -> Sequence[ListedTemplate] | Answer:
        """List all templates of the account, whatever their status; an Answer says why that failed."""
        ...


@dataclass(frozen=True, slots=True)
class File:
    """A whole file. `name` has the extension; `type` is the MIME type, empty if not known."""

    name: str
    content: bytes = field(repr=False)
    type: str = ""


@runtime_checkable
class HandOutPort(MessengerPort, Protocol):
    """A messenger from which files sent to the bot can be downloaded."""

    async def fetch(self, known_as: str, most: int) -> File | Answer:
        """Download the file of this id, at most `most` bytes, within a minute. CONTENT_REFUSED: it cannot be had."""
        ...


@runtime_checkable
class UploadPort(MessengerPort, Protocol):
    """A messenger that files can be uploaded to. Uploading a file twice does no harm."""

    @property
    def account(self) -> str:
        """The account that owns the ids: no other can use them. Not a secret."""
        ...

    async def upload(self, file: File) -> str | Answer:
        """Upload the file, within a minute. Returns the id to send it by, or an Answer if it failed."""
        ...
