"""Addresses as people and programs write them, checked and brought into the form that the messenger takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from core.domain.messengers.traits import AddressKind, Messenger
from core.domain.translatable import Sentence, sentence
from core.parsing.phone_numbers import read_phone

MAX_OPAQUE = 128

_CHAT_ID = re.compile(r"-?[1-9][0-9]*")
_ZEROS_IN_FRONT = re.compile(r"-?0[0-9]*")
_PUBLIC_NAME = re.compile(r"@[A-Za-z][A-Za-z0-9_]{4,31}")
_USER_ID = re.compile(r"([A-Za-z]{2})\.([A-Za-z0-9]{1,128})")
_BITS = 52


def read_address(messenger: Messenger, text: str) -> str:
    """The address as the messenger takes it. Raises ValueError: what is wrong, and what would be right."""
    traits = messenger.traits
    try:
        if not text:
            raise ValueError(sentence("the address is missing"))
        return _READERS[traits.address](text)
    except ValueError as error:
        raise ValueError(
            sentence(
                "{problem}. {messenger} takes {form}, for example {example}.",
                problem=str(error),
                messenger=traits.title,
                form=_FORMS[traits.address],
                example=traits.example,
            )
        ) from None


def _read_chat_id(text: str) -> str:
    if text.startswith("@"):
        return _read_public_name(text)
    if _ZEROS_IN_FRONT.fullmatch(text):
        raise ValueError(sentence("a chat id does not begin with 0"))
    if not _CHAT_ID.fullmatch(text):
        raise ValueError(sentence("this is not a chat id"))
    if len(text) > 17 or abs(int(text)) >= 1 << _BITS:
        raise ValueError(sentence("this chat id is too long"))
    return text


def _read_public_name(text: str) -> str:
    if not _PUBLIC_NAME.fullmatch(text):
        raise ValueError(
            sentence(
                "this is not a public name: after the @ stand 5 to 32 letters, digits or underscores, a letter first"
            )
        )
    return text.lower()  # one chat, however its name is written: doubles are found by the address


def _read_opaque(text: str) -> str:
    if len(text) > MAX_OPAQUE:
        raise ValueError(
            sentence(
                "the id has {length} characters, at most {most} are possible",
                length=len(text),
                most=MAX_OPAQUE,
            )
        )
    if " " in text or not text.isprintable():
        raise ValueError(sentence("the id has a blank or an unprintable character in it"))
    return text


def _read_phone_or_user_id(text: str) -> str:
    user_id = _USER_ID.fullmatch(text)
    return f"{user_id[1].upper()}.{user_id[2]}" if user_id else read_phone(text)


_FORMS: Mapping[AddressKind, Sentence] = {
    AddressKind.CHAT_ID: sentence("a chat id (digits, negative for groups) or a public @name"),
    AddressKind.PHONE: sentence("a phone number with plus and country code"),
    AddressKind.OPAQUE: sentence("an id the messenger made up; upper and lower case matter"),
}
_READERS: Mapping[AddressKind, Callable[[str], str]] = {
    AddressKind.CHAT_ID: _read_chat_id,
    AddressKind.PHONE: _read_phone_or_user_id,
    AddressKind.OPAQUE: _read_opaque,
}
