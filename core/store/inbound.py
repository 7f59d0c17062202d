"""Inbound messages, each once, and the last one that each admin was shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import TypeAdapter

from core.domain.inbound import Inbound, InboundMessage, ShownTo
from core.domain.messengers.traits import BY_CODE, Messenger
from core.store.portions import portions
from core.store.scripts import Argument, Store
from core.store.times import from_ms, moment

MOST_IN_AN_HOUR: Final = 300
"""Of one person; the rest is dropped, so that nobody can fill the store."""
_A_TRIP: Final = 200
_KEPT_SECONDS: Final = 30 * 86_400
_MESSAGE: Final = TypeAdapter(InboundMessage)


class InboundStore(Store):
    """Messages by number, for 30 days: `ms:inbound:*`, see inbound.lua."""

    async def put(self, messenger: Messenger, messages: Sequence[InboundMessage]) -> int:
        """Durable on return. Returns how many are new; those without an id are left out."""
        readable, new = [one for one in messages if one.message_id], 0
        for some in portions(readable, _A_TRIP):
            arguments = [part for one in some for part in _arguments(messenger, one)]
            new += int(await self._scripts.run("inbound", "put", MOST_IN_AN_HOUR, *arguments))
        return new

    async def get(self, numbers: Sequence[int]) -> list[Inbound]:
        """Messages by number, in the order asked for, without deleted ones."""
        found = await self._client.mget([f"ms:inbound:{one}" for one in numbers]) if numbers else []
        return [_read(number, str(entry)) for number, entry in zip(numbers, found, strict=True) if entry]

    async def shown_in(self, chat_id: int, message_id: int) -> Inbound | None:
        """The message that a message of the bot shows in an admin's chat."""
        number = await self._client.get(f"ms:inbound:in:{chat_id}:{message_id}")
        return next(iter(await self.get([int(number)])), None) if number else None

    async def look(self, chat_id: int) -> ShownTo:
        """The place of an admin; a new admin starts with the messages that nobody was shown yet."""
        last, done, claimed, card, first, grew_at, drawn, now = await self._scripts.run(
            "inbound", "look", chat_id
        )
        return ShownTo(
            last=int(last),
            done=int(done),
            claimed=int(claimed),
            card=int(card),
            first=int(first),
            grew_at=from_ms(grew_at),
            drawn=int(drawn),
            now=moment(now),
        )

    async def claim(self, chat_id: int, seen: ShownTo, to: int, token: str) -> bool:
        """Claim the messages after `seen.done` up to `to`, before they are sent. False when another bot has."""
        return bool(await self._scripts.run("inbound", "claim", chat_id, seen.done, to, token))

    async def shown(self, chat_id: int, to: int, message_id: int, *, first: int = 0) -> None:
        """A message of the bot shows what was claimed. `first`: on a card, from this number on.

        `message_id` 0: it only says that there is something.
        """
        await self._scripts.run("inbound", "shown", chat_id, to, message_id or "", first or "")
        if first:
            await self._client.set(f"ms:inbound:card:{chat_id}:{message_id}", 1, ex=_KEPT_SECONDS)

    async def is_card(self, chat_id: int, message_id: int) -> bool:
        """True for a message of the bot that gathers several messages."""
        return bool(await self._client.exists(f"ms:inbound:card:{chat_id}:{message_id}"))

    async def unclaim(self, chat_id: int) -> None:
        """Give a claim back: Telegram has sent nothing."""
        await self._scripts.run("inbound", "unclaim", chat_id)

    async def grow(self, chat_id: int, card: int, to: int) -> bool:
        """Add messages up to `to` to the open card; False when it is not open."""
        return bool(await self._scripts.run("inbound", "grow", chat_id, card, to))

    async def drawn(self, chat_id: int, card: int, to: int) -> None:
        """Note that the card shows messages up to `to`."""
        await self._scripts.run("inbound", "drawn", chat_id, card, to)

    async def close(self, chat_id: int, card: int) -> None:
        """Add no more messages to that card."""
        await self._scripts.run("inbound", "close", chat_id, card)

    async def reply_id(self, chat_id: int, message_id: int, reserved: str) -> str:
        """The id of the broadcast for an admin's answer: `reserved`, or the one that it got before."""
        key = f"ms:inbound:reply:{chat_id}:{message_id}"
        await self._client.set(key, reserved, nx=True, ex=86_400)
        return str(await self._client.get(key))

    async def answered_by(self, number: int, admin_id: int, name: str) -> tuple[int, str]:
        """The id and the name of the first admin who answers a message: these, or those of another one before."""
        key = f"ms:inbound:answered:{number}"
        await self._client.set(key, f"{admin_id}|{name}", nx=True, ex=_KEPT_SECONDS)
        first, _bar, called = str(await self._client.get(key)).partition("|")
        return int(first), called

    async def who_answered(self, number: int) -> str:
        """The name of the first admin who answered a message; empty for none."""
        return str(await self._client.get(f"ms:inbound:answered:{number}") or "").partition("|")[2]

    async def show_again(self, chat_id: int, message_id: int, number: int) -> None:
        """Note that another message of the bot shows it too."""
        await self._client.set(f"ms:inbound:in:{chat_id}:{message_id}", number, ex=_KEPT_SECONDS)


def _arguments(messenger: Messenger, message: InboundMessage) -> list[Argument]:
    """code, address, message id, id of the message that it answers, message: as inbound.lua takes them."""
    packed = _MESSAGE.dump_json(message, exclude_defaults=True).decode()
    return [messenger.traits.code, message.address, message.message_id, message.answers, packed]


def _read(number: int, entry: str) -> Inbound:
    broadcast_id, code, packed = entry.split("|", 2)
    return Inbound(
        number=number,
        messenger=BY_CODE[code],
        message=_MESSAGE.validate_json(packed),
        broadcast_id=broadcast_id,
    )
