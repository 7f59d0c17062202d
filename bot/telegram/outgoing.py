"""Posts a content as recipients get it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    LinkPreviewOptions,
    MessageEntity,
)

from core.domain.content.content import Button, Content, Media
from core.domain.content.formatting import Entity
from core.domain.content.rendering import source
from core.domain.messengers.capabilities import MediaKind, Option
from core.domain.messengers.traits import Messenger

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_Input = InputMediaPhoto | InputMediaVideo | InputMediaDocument
_INPUTS: Mapping[MediaKind, Callable[..., _Input]] = {
    MediaKind.PHOTO: InputMediaPhoto,
    MediaKind.VIDEO: InputMediaVideo,
    MediaKind.DOCUMENT: InputMediaDocument,
}


async def send_content(bot: Bot, chat_id: int, content: Content) -> None:
    """Post what carried() made for Telegram. Raises telegram.error.TelegramError."""
    entities = _entities(content.entities)
    options: dict[str, Any] = {
        "disable_notification": Option.SILENT in content.options,
        "protect_content": Option.PROTECTED in content.options,
    }
    if len(content.media) > 1:
        above = {"show_caption_above_media": content.caption_above or None}
        album = [
            _input(content, media, above if number == 0 else {}) for number, media in enumerate(content.media)
        ]
        await bot.send_media_group(
            chat_id, album, caption=content.text or None, caption_entities=entities, **options
        )
        return
    options["reply_markup"] = _keyboard(content.buttons)
    if content.media:
        (media,) = content.media
        file = source(media, Messenger.TELEGRAM)[0]
        send: Mapping[MediaKind, Callable[..., Awaitable[object]]] = {
            MediaKind.PHOTO: bot.send_photo,
            MediaKind.VIDEO: bot.send_video,
            MediaKind.DOCUMENT: bot.send_document,
        }
        await send[media.kind](
            chat_id,
            file,
            caption=content.text or None,
            caption_entities=entities,
            **_looks(content, media),
            **options,
        )
        return
    await bot.send_message(
        chat_id, content.text, entities=entities, link_preview_options=_preview(content), **options
    )


def _input(content: Content, media: Media, above: Mapping[str, Any]) -> _Input:
    looks = _looks(content, media)
    looks.pop("show_caption_above_media", None)
    if media.kind is not MediaKind.DOCUMENT:
        looks |= above
    return _INPUTS[media.kind](source(media, Messenger.TELEGRAM)[0], **looks)


def _looks(content: Content, media: Media) -> dict[str, Any]:
    """A cover over the file, and the place of the text."""
    if media.kind is MediaKind.DOCUMENT:
        return {}
    return {"has_spoiler": content.spoiler or None, "show_caption_above_media": content.caption_above or None}


def _preview(content: Content) -> LinkPreviewOptions:
    wanted = content.link_preview
    if wanted is None:
        return _NO_PREVIEW
    return LinkPreviewOptions(
        url=wanted.url or None,
        prefer_large_media=wanted.large or None,
        prefer_small_media=wanted.small or None,
        show_above_text=wanted.above or None,
    )


def _entities(entities: Sequence[Entity]) -> list[MessageEntity]:
    return [
        MessageEntity(
            type=entity.style.value,
            offset=entity.offset,
            length=entity.length,
            url=entity.url or None,
            language=entity.language or None,
            custom_emoji_id=entity.emoji_id or None,
            unix_time=datetime.fromtimestamp(entity.unix_time, UTC) if entity.unix_time else None,
            date_time_format=entity.date_format or None,
        )
        for entity in entities
    ]


def _keyboard(rows: Sequence[Sequence[Button]]) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(button.text, url=button.url) for button in row] for row in rows]
    )
