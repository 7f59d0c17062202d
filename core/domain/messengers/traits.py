"""The messengers and the one table of what differs between them.

Everything outside workers/messengers that depends on the messenger reads TRAITS; nothing branches on a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Final

from core.domain.messengers import kinds
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
    """Form of the addresses."""

    CHAT_ID = "digits, negative for groups, or a public @name"
    PHONE = "plus, country code and number"
    OPAQUE = "an id the messenger made up"


@dataclass(frozen=True, kw_only=True, slots=True)
class Challenge:
    """Webhook verification by GET: the messenger sends our verify token and expects its challenge back."""

    setting: str
    """Name of the setting with the token."""
    word: str
    """Query parameter with the token."""
    answer: str
    """Query parameter with the challenge."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """Signature of webhooks: hex HMAC-SHA256 over the raw body."""

    header: str
    prefix: str
    """Text before the hex digits in the header."""
    key: str
    """Name of the setting with the key."""
    challenge: Challenge | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Traits:
    """Properties of one messenger. Sources: the messengers' API documents, 2026-11."""

    code: str
    """One letter; part of delivery ids and ledger keys, so it never changes once used."""
    title: str
    """Display name."""
    aliases: tuple[str, ...]
    """Spellings that people type before an address ("tg:1001")."""
    address: AddressKind
    takes_phone_numbers: bool = False
    """True if a phone number may be an address although the messenger names people by ids of its own."""
    example: str
    """An example address, shown when a wrong one is refused."""
    max_text: int
    """Longest text in UTF-16 units, the stricter count where the messenger does not say."""
    max_payload: int | None = None
    """Longest text in UTF-8 bytes, where the size of the request is limited."""
    markup: Markup
    max_entities: int = 0
    """Most formats in one text, where the messenger drops the others without a word; 0: no limit."""
    max_caption: int
    """Longest text under a file, in UTF-16 units."""
    media: Mapping[MediaKind, MediaLimits]
    """The kinds that it carries beside text: a row of the table in kinds.py."""
    media_ids: bool = False
    """True when files can be sent by the id of an earlier upload."""
    media_ids_last: timedelta = timedelta(0)
    """Lifetime of such an id."""
    hands_out: int = 0
    """Largest file sent to the bot that can be downloaded again, in bytes; 0 = none."""
    album: int = 1
    """Most files in one message."""
    buttons: ButtonLimits
    options: frozenset[Option] = frozenset()
    templates: bool = False
    """True when the messenger has pre-approved message templates."""
    refuses_for_now: bool = False
    """True when it refuses people who may be reached a day later, such as a limit on marketing messages."""
    window_hours: int = 0
    """Customer service window in hours after a person's message; outside it only templates. 0 = no limit."""
    block: int = 1
    """Most recipients of one request."""
    receipts: bool
    """True when the messenger reports delivery; otherwise `sent` is final."""
    webhook: Webhook | None = None
    """Its webhook; None if it reports by none."""
    echoes_reference: bool = True
    """True when receipts carry our reference; otherwise they are matched by the messenger's message id."""
    answers_name_message: bool = False
    """True when a person's answer names our message by its id alone."""
    deletes_within: timedelta | None = None
    """The time in which a sent message can be deleted; None = never."""
    edits: bool = False
    """True when the text of a sent message can be changed."""
    recipient_interval_ms: int
    """Minimum interval between two messages to one recipient; 0 = none."""
    group_interval_ms: int = 0
    """The same for groups and channels, whose addresses begin with - or @."""


TRAITS: dict[Messenger, Traits] = {
    Messenger.TELEGRAM: Traits(
        code="t",
        title="Telegram",
        aliases=("telegram", "tg"),
        address=AddressKind.CHAT_ID,
        example="telegram:1001",
        max_text=4096,
        max_entities=100,
        markup=Markup.ENTITIES,
        max_caption=1024,
        media=kinds.TELEGRAM,
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
        media=kinds.WHATSAPP,
        buttons=ButtonLimits(most=1, max_label=20, max_text=1024, beside_media=False),
        media_ids=True,
        media_ids_last=timedelta(days=30),
        templates=True,
        refuses_for_now=True,
        window_hours=24,
        answers_name_message=True,
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
        # The whole request may take 30 KB; everything around the text takes less than 2 KB.
        max_payload=28_000,
        markup=Markup.SPACED_MARKS,
        max_caption=512,
        media=kinds.VIBER,
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
        media=kinds.ANYTHING,
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
"""Sending takes time and clocks differ, so a window counts as closed a little early."""


def is_open(messenger: Messenger, wrote_at: datetime | None, at: datetime) -> bool:
    """True when anything may be sent at that moment. `wrote_at`: last inbound message; None = outside the window."""
    hours = messenger.traits.window_hours
    return not hours or (wrote_at is not None and at < wrote_at + timedelta(hours=hours) - MARGIN)
