"""What the engine asks of a messenger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from core.domain.amendment import MessageIds
from core.domain.content.content import Content
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

        Returns None if so, else one sentence that names the variable at fault or says what stands in the way.
        """
        ...


@runtime_checkable
class AmendPort(MessengerPort, Protocol):
    """A messenger that lets messages be changed after they were sent. Asking for the same twice does no harm."""

    async def delete(self, address: str, ids: MessageIds) -> Answer:
        """Take the message of these ids off the phone. SENT: it is not there (any more)."""
        ...

    async def edit(self, address: str, ids: MessageIds, content: Content) -> Answer:
        """Give the message other words and buttons. SENT: it reads so now. Files stay as they are."""
        ...


@runtime_checkable
class BlockPort(MessengerPort, Protocol):
    """A messenger that reaches many with one request."""

    async def send_many(
        self, addresses: Sequence[str], content: Content, reference: str
    ) -> Sequence[Answer] | None:
        """Make one attempt for each address with a single request; at most `block` of the messenger's traits.

        One answer for each address, in their order. None: this account may not do it, nobody was sent anything, and
        each has to be sent to by itself.
        """
        ...


@dataclass(frozen=True, slots=True)
class File:
    """A whole file. `name` ends in what its kind is told by; `type` is its MIME type, empty where nobody has said."""

    name: str
    content: bytes = field(repr=False)
    type: str = ""


@runtime_checkable
class HandOutPort(MessengerPort, Protocol):
    """A messenger that gives back what was sent to the bot there."""

    async def fetch(self, known_as: str, most: int) -> File | Answer:
        """The file of that id, `most` bytes at most; takes up to a minute. CONTENT_REFUSED: there is no way to it."""
        ...


@runtime_checkable
class UploadPort(MessengerPort, Protocol):
    """A messenger that files can be uploaded to. Uploading the same twice does no harm."""

    @property
    def account(self) -> str:
        """Whose the ids are: another account cannot use them. No secret."""
        ...

    async def upload(self, file: File) -> str | Answer:
        """The id under which the file can be sent from now on, or why there is none. Takes up to a minute."""
        ...
