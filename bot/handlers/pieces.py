"""Lists and orders that an app has cut into several messages, put together again."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from bot.context import BotContext
from bot.requests import IncomingMessage
from core.domain.content.formatting import behind, utf16_length
from core.parsing.phone_numbers import NoCountryCode, read_phone

LIST, ORDER = "list", "order"
_LONG: Final = 3_000
"""UTF-16 units: an app that cuts at 4,096 looks for a good place some way before that."""
_CUT_HARD: Final = 4_090
"""UTF-16 units: without such a place it cuts within a word or a number."""
_NEXT: Final = 3
"""Largest distance of the message ids of two pieces; answers of ours may be in between."""
_SEPARATORS: Final = re.compile(r"[,;\n|]")
_BEGINS_ENTRY: Final = re.compile(r"\s*(?:[+@]|[a-z]{2,8}\s*:)", re.IGNORECASE)


def may_continue(message: IncomingMessage) -> bool:
    """True for a message so long that the next one may have the rest of it."""
    return utf16_length(message.text) >= _LONG


async def keep(context: BotContext, message: IncomingMessage, kind: str, text: str) -> None:
    """Keep the text that the next message may continue."""
    await context.core.pending_lists.keep_piece(message.admin.id, kind, message.message_id, text)


async def with_piece_before(
    context: BotContext, message: IncomingMessage, kind: str
) -> IncomingMessage | None:
    """The message with the text that it continues in front; None if it continues none."""
    found = await context.core.pending_lists.piece(message.admin.id, kind) if message.text else None
    if found is None or not 0 < message.message_id - found[0] <= _NEXT:
        return None
    before = found[1] + _glue(found[1], message.text)
    content, whole = message.whole, f"{before}{message.text}"
    entities = behind(before, content.entities)
    return replace(message, text=whole, content=replace(content, text=whole, entities=entities))


def without_cut_entry(message: IncomingMessage, text: str) -> tuple[str, str]:
    """A list without its last entry, where the message is so long that it may have been cut there; and that entry."""
    if utf16_length(message.text) < _CUT_HARD:
        return text, ""
    cut = max((found.end() for found in _SEPARATORS.finditer(text)), default=0)
    return text[:cut], text[cut:].strip()


def _glue(before: str, rest: str) -> str:
    """The separator of two pieces: none inside a cut word, else a line end."""
    if _SEPARATORS.match(before.rstrip(" ")[-1:]) or _SEPARATORS.match(rest[:1]):
        return ""
    if _BEGINS_ENTRY.match(rest) or (_is_whole(_last(before)) and _is_whole(_first(rest))):
        return "\n"
    return ""


def _last(text: str) -> str:
    return _SEPARATORS.split(text)[-1].strip()


def _first(text: str) -> str:
    return _SEPARATORS.split(text)[0].strip()


def _is_whole(number: str) -> bool:
    try:
        read_phone(number)
    except NoCountryCode as error:
        return len(error.digits) >= 9
    except ValueError:
        return False
    return True
