"""Drafts of orders, kept in the store so that they survive any restart."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, PlainSerializer, TypeAdapter

from core.domain.audience import Chosen
from core.domain.content.content import Content
from core.domain.content.templates import next_gap
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient, people_in
from core.store.row_format import pack_address, unpack_address
from core.store.scripts import Store
from core.store.serialization import StoredRepeat, pack_content, unpack_content
from core.store.times import from_ms, to_ms

LIFE_SECONDS: Final = 86_400


def _read_recipients(packed: Iterable[Sequence[str]]) -> tuple[Recipient, ...]:
    return tuple(unpack_address(Messenger(messenger), address) for messenger, address in packed)


def _pack_recipients(recipients: Iterable[Recipient]) -> list[tuple[str, str]]:
    return [(one.messenger.value, pack_address(one)) for one in recipients]


StoredRecipients = Annotated[
    tuple[Recipient, ...], BeforeValidator(_read_recipients), PlainSerializer(_pack_recipients)
]
StoredMoment = Annotated[
    datetime | None, BeforeValidator(from_ms), PlainSerializer(lambda at: at and str(to_ms(at)))
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """An unfinished order. `revision` grows by one with every change; buttons carry it."""

    id: str
    revision: int
    admin_id: int
    chat_id: int
    content: Content | None = None
    album: str = ""
    """Telegram's name of the album that `content` came in, as its files arrive one by one."""
    text_from: int | None = None
    """The last message in the chat that `content` was taken from; editing it edits the draft, unless it is `joined`."""
    joined: bool = False
    """True when `content` was put together from several messages."""
    more: Content | None = None
    """Content sent beside a complete message, until its author says what it is for."""
    recipients: StoredRecipients = ()
    """Named one by one; `audiences` are read when the order is prepared."""
    audiences: tuple[Chosen, ...] = ()
    unknown: tuple[str, ...] = ()
    """Names in the last typed answer of people whom nobody knows yet."""
    offered: str = ""
    """A list that was read from a file and not added to the order yet."""
    duplicates: int = 0
    send_at: StoredMoment = None
    """None = now."""
    card_message_id: int | None = None
    again_of: str = ""
    """The broadcast that this one retries for some recipients."""
    repeat: StoredRepeat | None = None
    """The recurrence of a series; `send_at` is ignored then."""
    series_id: str = ""
    """The series that it changes, as that was at `series_revision`."""
    series_revision: int = 0
    late: str = ""
    """core.domain.broadcast.Late; empty: by the settings."""
    ignore_quiet_hours: Annotated[bool, Field(alias="loud")] = False
    try_again_days: int = 0
    """As in NewBroadcast."""
    filled: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)
    """Values that were filled in for recipients without one, by the recipient's label."""
    defaults: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Texts chosen for recipients without a value, by gap; a new text of the message keeps them."""
    skip_missing: bool = False
    """Recipients without a value for a gap are left out."""
    skip_outside: bool = False
    """Recipients outside a messenger's service window are left out."""
    without: frozenset[Messenger] = frozenset()
    """Messengers that are left out."""
    everywhere: bool = False
    """People get it at all their addresses, not at one."""
    messenger_order: tuple[Messenger, ...] = ()
    """On which messenger first; empty: as their lists say."""
    changes: str = ""
    """The waiting broadcast that this order replaces; empty for a new one."""
    edition: int = 0
    """Of that broadcast, as it was when the draft was made."""
    shown: str = ""
    """A mark of the content that the chat shows right above the card; empty when that is another message."""

    @property
    def shut_out(self) -> frozenset[Messenger]:
        """Messengers on which nobody gets it. A series reads its people again each time, and knows of none."""
        return frozenset() if self.repeat or self.series_id else self.without

    @property
    def shown_id(self) -> str:
        return self.changes or self.series_id or self.id

    @property
    def is_change(self) -> bool:
        """True when it changes a planned broadcast or a series."""
        return bool(self.changes or self.series_id)

    @property
    def further(self) -> int:
        """Number of addresses whose person is counted by another one."""
        chosen = len(self.recipients) - len(people_in(self.recipients))
        return chosen + sum(one.further for one in self.audiences)

    @property
    def names_somebody(self) -> bool:
        return bool(self.recipients or self.audiences)

    @property
    def is_complete(self) -> bool:
        """True with a content, its template filled in, and recipients: all that an order needs."""
        return self.content is not None and next_gap(self.content) is None and self.names_somebody


_DRAFT: Final = TypeAdapter(Draft)


def _pack(draft: Draft) -> str:
    fields = _DRAFT.dump_python(draft, mode="json", by_alias=True, exclude={"id", "content", "more"})
    content, more = draft.content, draft.more
    words = {"text": content and content.text, "content": pack_content(content) if content else ""}
    if more is not None:
        words |= {"more_text": more.text, "more": pack_content(more)}
    return json.dumps(fields | words)


def _unpack(draft_id: str, packed: str) -> Draft:
    fields = json.loads(packed)
    text, content = fields.pop("text"), fields.pop("content")
    fields["content"] = None if text is None else unpack_content(text, content)
    if (more := fields.pop("more_text", None)) is not None:
        fields["more"] = unpack_content(more, fields["more"])
    return _DRAFT.validate_python(fields | {"id": draft_id})


def _change_key(admin_id: int, thing_id: str) -> str:
    return f"ms:change:{admin_id}:{thing_id}"


class DraftStore(Store):
    """Drafts, each kept 24 hours after its last change."""

    async def create(self, draft: Draft) -> None:
        await self._client.set(f"ms:draft:{draft.id}", _pack(draft), ex=LIFE_SECONDS)
        await self._remember(draft)

    async def get(self, draft_id: str) -> Draft | None:
        packed = await self._client.get(f"ms:draft:{draft_id}")
        return _unpack(draft_id, str(packed)) if packed else None

    async def ids(self) -> list[str]:
        """Ids of all drafts."""
        return [key.rpartition(":")[2] async for key in self._keys("ms:draft:*")]

    async def save(self, draft: Draft, *, expected_revision: int) -> bool:
        """False, with nothing written, when the draft has changed since `expected_revision` or is gone."""
        if draft.revision != expected_revision + 1:
            raise ValueError("a saved draft is one revision ahead of the one it replaces")
        arguments = draft.id, expected_revision, _pack(draft), LIFE_SECONDS
        saved = bool(await self._scripts.run("draft", *arguments))
        if saved:
            await self._remember(draft)
        return saved

    async def _remember(self, draft: Draft) -> None:
        """Find the draft again by the message with its text, and by what it changes."""
        if draft.is_change:
            await self._client.set(_change_key(draft.admin_id, draft.shown_id), draft.id, ex=LIFE_SECONDS)
        if draft.text_from is not None:
            key = f"ms:text:{draft.chat_id}:{draft.text_from}"
            await self._client.set(key, draft.id, ex=LIFE_SECONDS)

    async def change_of(self, admin_id: int, thing_id: str) -> Draft | None:
        """The latest draft in which this admin changes that broadcast or series; None once it is closed."""
        found = await self._client.get(_change_key(admin_id, thing_id))
        return await self.get(str(found)) if found else None

    async def of_text(self, chat_id: int, message_id: int) -> str | None:
        """The id of the draft whose text came in that message; it may be accepted by now."""
        found = await self._client.get(f"ms:text:{chat_id}:{message_id}")
        return None if found is None else str(found)

    async def discard(self, draft_id: str) -> None:
        await self._client.unlink(f"ms:draft:{draft_id}")
