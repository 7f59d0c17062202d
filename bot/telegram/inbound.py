"""Messages of people without a role, stored before the update is confirmed to Telegram."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from telegram.error import NetworkError

from bot.telegram.incoming import checklist_text
from core.app import Core
from core.domain.inbound import InboundKind, InboundMessage
from core.domain.messengers.traits import Messenger
from core.domain.visible import plain_name
from core.parsing.opt_out import wants_messages
from core.store.connection import STORE_ERRORS, STORE_IS_FULL

log = logging.getLogger(__name__)

Json = dict[str, Any]
_KINDS: Final[Mapping[str, InboundKind]] = {
    "photo": InboundKind.PHOTO,
    "video": InboundKind.VIDEO,
    "animation": InboundKind.VIDEO,
    "video_note": InboundKind.VIDEO,
    "voice": InboundKind.VOICE,
    "audio": InboundKind.AUDIO,
    "document": InboundKind.DOCUMENT,
    "sticker": InboundKind.STICKER,
    "location": InboundKind.PLACE,
    "contact": InboundKind.CONTACT,
    "poll": InboundKind.OTHER,
    **dict.fromkeys(
        ("dice", "game", "story", "paid_media", "invoice", "giveaway", "giveaway_winners", "gift"),
        InboundKind.OTHER,
    ),
}
"""In this order: an animation has a document too."""


class InboundWriter:
    """Stores messages of a batch of updates. The library confirms a batch with its next call for updates."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def keep(self, payload: bytes) -> None:
        """`payload`: an answer to getUpdates. Raises NetworkError while the store is down: Telegram is asked again."""
        written = list(_written(payload))
        if not written:
            return
        try:
            team = await self._core.team.ids()
            strangers = [one for one in written if int(one.address) not in team]
            await self._core.inbound.put(Messenger.TELEGRAM, strangers)
        except STORE_ERRORS as error:
            raise NetworkError("the store does not answer, so no updates are confirmed") from error
        except STORE_IS_FULL:
            # Waiting would also keep the admins from making room.
            log.warning("the store is full: %d messages of people are not kept", len(written))


def _written(payload: bytes) -> Iterator[InboundMessage]:
    updates = json.loads(payload).get("result")
    for update in updates if isinstance(updates, list) else ():
        # The dispatcher reports what cannot be read.
        with suppress(KeyError, TypeError, ValueError, AttributeError):
            message = update.get("message")
            if message is not None and message["chat"]["type"] == "private":
                found = _read(message)
                if found is not None:
                    yield found


def _read(message: Json) -> InboundMessage | None:
    """None for a command, a wish to subscribe or unsubscribe, and what nobody wrote, such as "pinned a message"."""
    checklist = message.get("checklist")
    listed = checklist_text(checklist) if checklist else ""
    text = str(message.get("text") or message.get("caption") or listed)
    kind = next((kind for name, kind in _KINDS.items() if name in message), InboundKind.TEXT)
    if text.startswith("/") or wants_messages(text) is not None or (kind is InboundKind.TEXT and not text):
        return None
    sender, replied = message["from"], message.get("reply_to_message") or {}
    return InboundMessage(
        address=str(message["chat"]["id"]),
        at=datetime.fromtimestamp(message["date"], UTC),
        message_id=str(message["message_id"]),
        name=plain_name(f"{sender['first_name']} {sender.get('last_name', '')}"),
        text=text or _described(kind, message),
        kind=kind,
        file_name=str((message.get("document") or {}).get("file_name") or ""),
        answers=str(replied.get("message_id", "")),
        quote=str(replied.get("text") or replied.get("caption") or ""),
    )


def _described(kind: InboundKind, message: Json) -> str:
    match kind:
        case InboundKind.PLACE:
            place = message["location"]
            title = (message.get("venue") or {}).get("title")
            where = f"{place['latitude']}, {place['longitude']}"
            return f"{title}, {where}" if title else where
        case InboundKind.CONTACT:
            contact = message["contact"]
            return f"{contact.get('first_name', '')} {contact.get('phone_number', '')}".strip()
        case InboundKind.STICKER:
            return str(message["sticker"].get("emoji", ""))
        case _:
            return ""
