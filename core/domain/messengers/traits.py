"""The messengers and the one table of what differs between them.

Everything outside workers/messengers that depends on the messenger reads TRAITS; nothing branches on a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Final

from core.domain.messengers.capabilities import ButtonLimits, Markup, MediaKind, MediaLimits, Option


class Messenger(StrEnum):
    """A service that delivers."""

    TELEGRAM = "telegram"
    WHATSAPP = "whatsapp"
    VIBER = "viber"
    WEBHOOK = "webhook"

    @property
    def traits(self) -> Traits:
        return TRAITS[self]


class AddressKind(Enum):
    """How a messenger names a person."""

    CHAT_ID = "digits, negative for groups, or a public @name"
    PHONE = "plus, country code and number"
    OPAQUE = "an id the messenger made up"


@dataclass(frozen=True, kw_only=True, slots=True)
class Challenge:
    """How a messenger asks, with GET, whether a webhook is ours: it names a word, and wants its challenge back."""

    setting: str
    """The setting that holds the word, as the settings spell it."""
    word: str
    """The query's name for the word."""
    answer: str
    """The query's name for what is to be sent back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """How a messenger signs what it reports: in hex, HMAC-SHA256 over the raw body."""

    header: str
    prefix: str
    """What stands before the hex digits in the header."""
    key: str
    """The setting that holds the key, as the settings spell it."""
    challenge: Challenge | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Traits:
    """What the core must know of one messenger. Sources: the messengers' own API documents, 2026-11."""

    code: str
    """One letter; part of delivery ids and ledger keys, so it never changes once used."""
    title: str
    """The name as people write it, for example "WhatsApp"."""
    aliases: tuple[str, ...]
    """Other spellings of the name that people type before an address ("tg:1001")."""
    address: AddressKind
    takes_phone_numbers: bool = False
    """True if a phone number may be an address although the messenger names people by ids of its own."""
    example: str
    """An address as one types it, shown where a wrong one is refused."""
    max_text: int
    """Longest text, in UTF-16 units: the stricter way to count where a messenger does not say."""
    max_payload: int | None = None
    """Longest text in UTF-8 bytes, where the messenger limits the size of the whole request."""
    markup: Markup
    max_caption: int
    """Longest text under a file, in UTF-16 units."""
    media: Mapping[MediaKind, MediaLimits]
    media_ids: bool = False
    """Whether a file can be named by an id that the messenger gave when it was uploaded there."""
    media_ids_last: timedelta = timedelta(0)
    """For how long such an id is good."""
    hands_out: int = 0
    """Largest file that it gives back of what was sent to the bot there, in bytes; 0: none."""
    album: int = 1
    """How many files one message can show."""
    buttons: ButtonLimits
    options: frozenset[Option] = frozenset()
    templates: bool = False
    """Whether there are texts approved beforehand, with gaps to be filled."""
    window_hours: int = 0
    """For how long after a person's own message anything may be sent; beyond, templates alone. 0: always anything."""
    block: int = 1
    """How many people one request can reach with the same message."""
    receipts: bool
    """Whether the messenger reports delivery later; where it does not, `sent` is final."""
    webhook: Webhook | None = None
    """How it does so; None where its news come in another way."""
    echoes_reference: bool = True
    """Whether receipts name our attempt; where they do not, they are found by the messenger's id of the message."""
    deletes_within: timedelta | None = None
    """How long after it was sent a message can be taken off the recipient's phone; None: never."""
    edits: bool = False
    """Whether the words of a message can be changed after it was sent."""
    recipient_interval_ms: int
    """Least time between two messages to one recipient; 0 where the messenger sets none."""
    group_interval_ms: int = 0
    """The same for groups and channels: addresses that begin with a minus or an @."""


_PICTURES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}
_VIDEOS = {".mp4": "video/mp4", ".3gp": "video/3gpp"}
_OFFICE = "application/vnd.openxmlformats-officedocument"
_DOCUMENTS = {
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".doc": "application/msword",
    ".docx": f"{_OFFICE}.wordprocessingml.document",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    ".ppt": "application/vnd.ms-powerpoint",
    ".pptx": f"{_OFFICE}.presentationml.presentation",
}
_PROGRAMS = (".apk", ".bat", ".cmd", ".com", ".dll", ".exe", ".jar", ".js", ".msi", ".scr", ".sh", ".vbs")

TRAITS: dict[Messenger, Traits] = {
    Messenger.TELEGRAM: Traits(
        code="t",
        title="Telegram",
        aliases=("telegram", "tg"),
        address=AddressKind.CHAT_ID,
        example="telegram:1001",
        max_text=4096,
        markup=Markup.ENTITIES,
        max_caption=1024,
        media={
            MediaKind.PHOTO: MediaLimits(max_bytes=5_000_000),
            MediaKind.VIDEO: MediaLimits(max_bytes=20_000_000),
            MediaKind.DOCUMENT: MediaLimits(max_bytes=20_000_000, suffixes=(".pdf", ".zip")),
        },
        hands_out=20_000_000,
        album=10,
        buttons=ButtonLimits(most=100, in_row=8, max_label=64),
        options=frozenset(Option),
        receipts=False,
        deletes_within=timedelta(hours=48),
        edits=True,
        # One a second in a chat, twenty a minute in a group or channel, and a little for the network's jitter.
        recipient_interval_ms=1050,
        group_interval_ms=3100,
    ),
    Messenger.WHATSAPP: Traits(
        code="w",
        title="WhatsApp",
        aliases=("whatsapp", "wa"),
        address=AddressKind.PHONE,
        example="whatsapp:+12025550123",
        max_text=4096,
        markup=Markup.MARKS,
        max_caption=1024,
        media={
            MediaKind.PHOTO: MediaLimits(max_bytes=5_000_000, uploads=_PICTURES),
            MediaKind.VIDEO: MediaLimits(max_bytes=16_000_000, uploads=_VIDEOS),
            MediaKind.DOCUMENT: MediaLimits(max_bytes=100_000_000, uploads=_DOCUMENTS),
        },
        buttons=ButtonLimits(most=1, max_label=20, max_text=1024, beside_media=False),
        media_ids=True,
        media_ids_last=timedelta(days=30),
        templates=True,
        window_hours=24,
        receipts=True,
        webhook=Webhook(
            header="X-Hub-Signature-256",
            prefix="sha256=",
            key="whatsapp_app_secret",
            challenge=Challenge(
                setting="whatsapp_verify_token", word="hub.verify_token", answer="hub.challenge"
            ),
        ),
        recipient_interval_ms=6000,
    ),
    Messenger.VIBER: Traits(
        code="v",
        title="Viber",
        aliases=("viber", "vb"),
        address=AddressKind.OPAQUE,
        example="viber:jc9HsWTZ2Yf2NkRZ8KcNug==",
        max_text=7000,
        # The whole request may take 30 KB; what stands around the text takes less than 2 KB.
        max_payload=28_000,
        markup=Markup.SPACED_MARKS,
        max_caption=512,
        media={
            # iPhones show 1 MB at most, Android phones 3 MB.
            MediaKind.PHOTO: MediaLimits(max_bytes=1_000_000, suffixes=(".jpg", ".jpeg", ".png", ".gif")),
            MediaKind.VIDEO: MediaLimits(
                max_bytes=27_262_976, suffixes=(".mp4",), captioned=False, sized=True
            ),
            MediaKind.DOCUMENT: MediaLimits(
                max_bytes=52_428_800, forbidden=_PROGRAMS, captioned=False, sized=True
            ),
        },
        buttons=ButtonLimits(most=24, in_row=3, max_label=250),
        block=300,
        receipts=True,
        webhook=Webhook(header="X-Viber-Content-Signature", prefix="", key="viber_auth_token"),
        echoes_reference=False,
        recipient_interval_ms=0,
    ),
    Messenger.WEBHOOK: Traits(
        code="h",
        title="Webhook",
        aliases=("webhook", "hook"),
        address=AddressKind.OPAQUE,
        takes_phone_numbers=True,
        example="webhook:customer-42",
        max_text=65_536,
        markup=Markup.ENTITIES,
        max_caption=65_536,
        media={kind: MediaLimits(max_bytes=10**12) for kind in MediaKind},
        album=10,
        buttons=ButtonLimits(most=100, in_row=8, max_label=250),
        options=frozenset({Option.SILENT, Option.PROTECTED}),
        receipts=False,
        recipient_interval_ms=0,
    ),
}

BY_CODE: dict[str, Messenger] = {traits.code: messenger for messenger, traits in TRAITS.items()}
BY_ALIAS: dict[str, Messenger] = {
    alias: messenger for messenger, traits in TRAITS.items() for alias in traits.aliases
}


MARGIN: Final = timedelta(minutes=5)
"""A message on its way takes time, and no two clocks agree: a window counts as closed a little before it is."""


def is_open(messenger: Messenger, wrote_at: datetime | None, at: datetime) -> bool:
    """Whether anything may be sent at that moment to somebody who last wrote then; None = not lately, or never."""
    hours = messenger.traits.window_hours
    return not hours or (wrote_at is not None and at < wrote_at + timedelta(hours=hours) - MARGIN)
