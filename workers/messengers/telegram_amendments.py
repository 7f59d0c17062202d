"""Telegram's requests to delete and edit messages, and the meaning of its answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from core.domain.amendment import MessageIds
from core.domain.content.content import Content
from core.domain.messengers.outcome import Answer, Outcome, Reason
from workers.messengers.outcomes import refused

DELETE, DELETE_ALBUM, EDIT_TEXT, EDIT_CAPTION = (
    "deleteMessage",
    "deleteMessages",
    "editMessageText",
    "editMessageCaption",
)
METHODS: Final = (DELETE, DELETE_ALBUM, EDIT_TEXT, EDIT_CAPTION)

_AS_WANTED = Answer(outcome=Outcome.SENT)
_DELETED_THERE = refused(Reason.DELETED_THERE)

# In lower case, out of the sentences of HTTP 400; each says that there is nothing (more) to do.
_RULES: tuple[tuple[str, Answer], ...] = (
    ("message to delete not found", _AS_WANTED),
    ("message is not modified", _AS_WANTED),
    ("message can't be deleted", refused(Reason.TOO_OLD)),
    ("message to edit not found", _DELETED_THERE),
    ("message_id_invalid", _DELETED_THERE),
    ("message can't be edited", refused(Reason.NOT_ALLOWED)),
)


def deletion(ids: MessageIds) -> tuple[str, dict[str, Any]]:
    """The method and its parameters, without the chat."""
    if ids.more:
        return DELETE_ALBUM, {"message_ids": list(ids)}
    return DELETE, {"message_id": ids.first}


def correction(ids: MessageIds, content: Content, request: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """As deletion(). `request`: the parameters with which the content would be sent."""
    captions = ("caption", "caption_entities", "show_caption_above_media")
    words = captions if content.media else ("text", "entities", "link_preview_options")
    source = request["media"][0] if "media" in request else request
    wanted = {name: source[name] for name in words if name in source}
    if "reply_markup" in request:
        wanted["reply_markup"] = request["reply_markup"]
    if content.media:
        # The text of an album is the caption of its first file; an empty caption removes it.
        return EDIT_CAPTION, {"message_id": ids.first, "caption": "", **wanted}
    return EDIT_TEXT, {"message_id": ids.first, **wanted}


def meaning(status: int, description: str) -> Answer | None:
    """The meaning of an answer; None if it is the same as for sending."""
    said = description.lower()
    return next((answer for words, answer in _RULES if status == 400 and words in said), None)
