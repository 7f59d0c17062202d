"""What the engine asks of a messenger."""

from __future__ import annotations

from typing import Protocol

from core.domain.content import Content
from core.domain.outcome import Answer


class MessengerPort(Protocol):
    """One messenger with its account, ready to send."""

    async def send(self, address: str, content: Content, reference: str) -> Answer:
        """Make one attempt: exactly one request, never repeated here, whatever happens.

        `reference` is the attempt's own id; the messenger gives it back in receipts or replies where it can.
        Every failure is an Answer; only cancellation raises. Takes as long as Transport allows, 10 s by default.
        """
        ...

    async def check(self) -> str | None:
        """Ask the messenger whether the account could send; sends nothing.

        Returns None if so, else one sentence that names the variable at fault or says what stands in the way.
        """
        ...
