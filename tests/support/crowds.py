"""Crowds of recipients in the sandbox, and what they received."""

from __future__ import annotations

from collections import Counter

from core.domain.messengers.traits import AddressKind, Messenger
from core.domain.recipients import Recipient
from tests.support.sandbox_server import Sandbox

_FORMS = {AddressKind.CHAT_ID: "{}", AddressKind.PHONE: "+{}", AddressKind.OPAQUE: "crowd-{}"}


async def crowd(sandbox: Sandbox, messenger: Messenger, count: int) -> list[Recipient]:
    """Healthy recipients; the same ones at each call."""
    first = str((await sandbox.crowd(messenger, count))["first"])
    number = int("".join(sign for sign in first if sign.isdigit()))
    numbers = range(number, number + count)
    form = _FORMS[messenger.traits.address]
    return [Recipient(messenger=messenger, address=form.format(n)) for n in numbers]


async def received_counts(sandbox: Sandbox, text: str = "") -> Counter[str]:
    """Messages with `text` that each phone received, by label."""
    found = await sandbox.delivered(text=text)
    return Counter(f"{message['messenger']}:{message['recipient']}" for message in found)


def once_each(recipients: list[Recipient]) -> Counter[str]:
    return Counter({recipient.label: 1 for recipient in recipients})
