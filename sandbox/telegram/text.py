"""Texts of messages: parsed, trimmed, measured, with links and commands marked."""

import re
from typing import Any, Final

from sandbox.telegram.markup import HtmlReader, MarkupError, utf16_length
from sandbox.telegram.params import Params, bad_request

Json = dict[str, Any]
MAX_TEXT: Final = 4096
MAX_CAPTION: Final = 1024
_MAX_ENTITIES: Final = 100
_FOUND: Final = (
    ("url", re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)]")),
    ("bot_command", re.compile(r"(?<![\w/.:<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
)


def message_text(params: Params) -> tuple[str, list[Json]]:
    """The `text` of a call and its entities. Raises TelegramError if Telegram refuses it."""
    text, entities = _formatted(params, "text", "entities")
    if not text:
        raise bad_request("message text is empty")
    if utf16_length(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return text, entities


def caption_text(params: Params) -> tuple[str, list[Json]]:
    """The `caption` of a call (may be empty) and its entities."""
    text, entities = _formatted(params, "caption", "caption_entities")
    if utf16_length(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return text, entities


def found_entities(text: str) -> list[Json]:
    """The links and /commands that Telegram marks in a text."""
    if "/" not in text:
        return []
    return [
        {"type": kind, "offset": utf16_length(text[: match.start()]), "length": utf16_length(match[0])}
        for kind, pattern in _FOUND
        for match in pattern.finditer(text)
    ]


def _formatted(params: Params, name: str, entities_name: str) -> tuple[str, list[Json]]:
    text = params.text(name)
    mode = params.text("parse_mode").lower()
    if mode == "html":
        try:
            text, entities = HtmlReader(text).read()
        except MarkupError as error:
            raise bad_request(f"can't parse entities: {error}") from error
    elif mode:
        raise bad_request("unsupported parse_mode")
    else:
        entities = _given_entities(params, entities_name)
    text, entities = _trimmed(text, entities)
    return text, _with_found(text, entities)[:_MAX_ENTITIES]


def _given_entities(params: Params, name: str) -> list[Json]:
    given = params.structure(name)
    if given is None:
        return []
    if not isinstance(given, list):
        raise bad_request("expected an Array of MessageEntity")
    try:
        entities = [_entity(entity) for entity in given]
    except (KeyError, TypeError, ValueError) as error:
        raise bad_request("can't parse MessageEntity: Can't find field") from error
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def _entity(given: Json) -> Json:
    sizes = {"offset": int(given["offset"]), "length": int(given["length"])}
    return {**given, "type": str(given["type"]), **sizes}


def _trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Strip white space; move and cut entities accordingly."""
    shift = utf16_length(text) - utf16_length(text.lstrip())
    text = text.strip()
    size = utf16_length(text) if entities else 0
    kept = []
    for entity in entities:
        start = max(0, entity["offset"] - shift)
        end = min(size, entity["offset"] + entity["length"] - shift)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return text, kept


def _with_found(text: str, entities: list[Json]) -> list[Json]:
    opaque = [entity for entity in entities if entity["type"] in ("code", "pre", "text_link")]
    covered = [(entity["offset"], entity["offset"] + entity["length"]) for entity in opaque]
    for entity in found_entities(text):
        start, end = entity["offset"], entity["offset"] + entity["length"]
        same = any(e["type"] == entity["type"] and e["offset"] == start for e in entities)
        if not same and all(end <= first or start >= last for first, last in covered):
            entities.append(entity)
            covered.append((start, end))
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
