"""Addresses as people and programs write them, checked and brought into the form that the messenger takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from core.domain.messengers.traits import AddressKind, Messenger
from core.domain.recipients import Recipient
from core.domain.translatable import Sentence, sentence
from core.parsing.numbering_plans import account_of as account_of_number
from core.parsing.phone_numbers import NoCountryCode, TwoNumbers, read_phone

MAX_OPAQUE = 128

_CHAT_ID = re.compile(r"-?[1-9][0-9]*")
_ZEROS_IN_FRONT = re.compile(r"-?0[0-9]*")
_PUBLIC_NAME = re.compile(r"@[A-Za-z][A-Za-z0-9_]{4,31}")
_USER_ID = re.compile(r"([A-Za-z]{2})\.([A-Za-z0-9]{1,128})")
_BITS = 52


_TELEGRAM_LINK = re.compile(
    r"(?:https?://)?(?:www\.)?(?:t\.me|telegram\.me|telegram\.dog)/(.*)", re.IGNORECASE
)
_USER_LINK = re.compile(r"tg://user\?id=(\d+)")
_NAME_LINK = re.compile(r"tg://resolve\?domain=(\w+)")
_PRIVATE_POST = re.compile(r"c/(\d{6,13})/(\d{1,10})(/\d+)?/?(?:\?.*)?")
_PUBLIC_LINK = re.compile(r"(?:s/)?([A-Za-z][A-Za-z0-9_]{4,31})/?(?:\?.*)?")
_TOPIC = re.compile(r"(-100\d{6,13}|@\w+)[/:#](\d{1,10})")
_GENERAL = "1"
"""The topic that every forum has; it is addressed as the group itself."""
_PHONE = re.compile(r"\+[\d\s().\-]{7,}|\d{11,15}")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_WHOLE = re.compile(r"(-?\d+)[.,]0+")


def is_telegram_link(text: str) -> bool:
    """True if a text is a link to a chat on Telegram, or an address in a forum's topic."""
    return any(one.match(text) for one in (_TELEGRAM_LINK, _USER_LINK, _NAME_LINK, _TOPIC))


def read_address(messenger: Messenger, text: str, region: str = "") -> str:
    """The address as the messenger takes it. `region`: of phone numbers without a country code (read_phone).

    Raises ValueError: what is wrong, and what would be right. NoCountryCode and TwoNumbers are passed on as they are.
    """
    traits = messenger.traits
    try:
        if not text:
            raise ValueError(sentence("the address is missing"))
        if traits.address is AddressKind.PHONE:
            return _read_phone_or_user_id(text, region)
        opaque = traits.address is AddressKind.OPAQUE and not traits.takes_phone_numbers
        if opaque and text[0] == "+" and _PHONE.fullmatch(text):
            raise ValueError(
                sentence("this is a phone number, and {messenger} doesn't use them", messenger=traits.title)
            )
        return _READERS[traits.address](text)
    except (NoCountryCode, TwoNumbers):
        raise
    except ValueError as error:
        raise ValueError(
            sentence(
                "{problem}. {messenger} needs {form}, for example {example}.",
                problem=str(error),
                messenger=traits.title,
                form=_FORMS[traits.address],
                example=traits.example,
            )
        ) from None


def _read_chat_id(text: str) -> str:
    if not text.isascii() or text[:1] in "\"'=":
        text = _INVISIBLE.sub("", text).strip(" '\"=")
    text = _unlinked(text)
    if found := _TOPIC.fullmatch(text):
        group, topic = _read_chat_id(found[1]), found[2].lstrip("0")
        return group if topic in ("", _GENERAL) else f"{group}/{topic}"
    if text.startswith("@"):
        return _read_public_name(text)
    if found := _WHOLE.fullmatch(text):
        text = found[1]
    if _PHONE.fullmatch(text):
        raise ValueError(sentence("this is a phone number, and bots on Telegram can't write to those"))
    if _ZEROS_IN_FRONT.fullmatch(text):
        raise ValueError(sentence("a chat ID doesn't start with 0"))
    if not _CHAT_ID.fullmatch(text):
        raise ValueError(sentence("this isn't a chat ID"))
    if len(text) > 17 or abs(int(text)) >= 1 << _BITS:
        raise ValueError(sentence("this chat ID is too long"))
    return text


def _unlinked(text: str) -> str:
    """Return the chat that a link names."""
    if found := _USER_LINK.fullmatch(text):
        return found[1]
    if found := _NAME_LINK.match(text):
        return f"@{found[1]}"
    link = _TELEGRAM_LINK.fullmatch(text)
    if link is None:
        return text
    if post := _PRIVATE_POST.fullmatch(link[1]):
        group, number, message = f"-100{post[1]}", post[2], post[3]
        if message:
            return f"{group}/{number}"
        raise ValueError(
            sentence(
                "this link leads to a message or a topic of a private group. "
                "Write {group} for the group, {topic} for the topic",
                group=group,
                topic=f"{group}/{number}",
            )
        )
    public = _PUBLIC_LINK.fullmatch(link[1])
    if public is None or public[1].casefold() == "joinchat":
        raise ValueError(
            sentence("this link doesn't name a public group or channel. Use its @name, or its ID")
        )
    return f"@{public[1]}"


def _read_public_name(text: str) -> str:
    if not _PUBLIC_NAME.fullmatch(text):
        raise ValueError(
            sentence(
                "this isn't a public name. After the @ it needs 5 to 32 letters, digits or underscores, "
                "starting with a letter"
            )
        )
    return text.lower()  # one chat, however its name is written: doubles are found by the address


def _read_opaque(text: str) -> str:
    if len(text) > MAX_OPAQUE:
        raise ValueError(
            sentence(
                "the ID has {length} characters, but the limit is {most}",
                length=len(text),
                most=MAX_OPAQUE,
            )
        )
    if " " in text or not text.isprintable():
        raise ValueError(sentence("the ID has a space or an unprintable character in it"))
    return text


def _read_phone_or_user_id(text: str, region: str) -> str:
    user_id = _USER_ID.fullmatch(text) if text[:1].isalpha() else None
    return f"{user_id[1].upper()}.{user_id[2]}" if user_id else read_phone(text, region)


Account = tuple[Messenger, str]
"""A messenger, and what all forms of an address there have in common."""


def account_of(messenger: Messenger, address: str) -> str:
    """Return the key that all forms of one account's address share."""
    number = account_of_number(address)
    return number if number is address or messenger.traits.address is AddressKind.PHONE else address


def account(recipient: Recipient) -> Account:
    """Equal for all forms of one account's address."""
    return recipient.messenger, account_of(recipient.messenger, recipient.address)


_FORMS: Mapping[AddressKind, Sentence] = {
    AddressKind.CHAT_ID: sentence("a chat ID (digits, negative for groups) or a public @name"),
    AddressKind.PHONE: sentence("a phone number with a plus and the country code"),
    AddressKind.OPAQUE: sentence("an ID from the messenger, in the same upper and lower case"),
}
_READERS: Mapping[AddressKind, Callable[[str], str]] = {
    AddressKind.CHAT_ID: _read_chat_id,
    AddressKind.OPAQUE: _read_opaque,
}
