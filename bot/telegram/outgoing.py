"""Posts a content as recipients get it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    InputPollOption,
    LinkPreviewOptions,
    MessageEntity,
)
from telegram import Poll as TelegramPoll

from core.domain.content.content import Button, Content, Media, Poll
from core.domain.content.formatting import Entity
from core.domain.content.rendering import source
from core.domain.messengers.capabilities import MediaKind, Option
from core.domain.messengers.traits import Messenger

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_KINDS = Messenger.TELEGRAM.traits.media
_Input = InputMediaPhoto | InputMediaVideo | InputMediaDocument | InputMediaAudio
_INPUTS: Mapping[MediaKind, Callable[..., _Input]] = {
    MediaKind.PHOTO: InputMediaPhoto,
    MediaKind.VIDEO: InputMediaVideo,
    MediaKind.DOCUMENT: InputMediaDocument,
    MediaKind.AUDIO: InputMediaAudio,
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
        if _KINDS[media.kind].captioned:
            options |= {"caption": content.text or None, "caption_entities": entities}
        await _send(bot, chat_id, media, options | _looks(content, media))
        return
    await bot.send_message(
        chat_id, content.text, entities=entities, link_preview_options=_preview(content), **options
    )


async def _send(bot: Bot, chat_id: int, media: Media, options: Mapping[str, Any]) -> None:
    """A file, a place, a contact card or a poll."""
    if (place := media.place) is not None:
        if not place.title:
            await bot.send_location(chat_id, place.latitude, place.longitude, **options)
            return
        address = place.address or place.title
        await bot.send_venue(chat_id, place.latitude, place.longitude, place.title, address, **options)
    elif (card := media.contact) is not None:
        await bot.send_contact(chat_id, card.phone_number, card.first_name, card.last_name or None, **options)
    elif media.poll is not None:
        await _send_poll(bot, chat_id, media.poll, options)
    else:
        send: Mapping[MediaKind, Callable[..., Awaitable[object]]] = {
            MediaKind.PHOTO: bot.send_photo,
            MediaKind.VIDEO: bot.send_video,
            MediaKind.DOCUMENT: bot.send_document,
            MediaKind.AUDIO: bot.send_audio,
            MediaKind.VOICE: bot.send_voice,
            MediaKind.VIDEO_NOTE: bot.send_video_note,
            MediaKind.ANIMATION: bot.send_animation,
            MediaKind.STICKER: bot.send_sticker,
        }
        await send[media.kind](chat_id, source(media, Messenger.TELEGRAM)[0], **options)


async def _send_poll(bot: Bot, chat_id: int, poll: Poll, options: Mapping[str, Any]) -> None:
    quiz: dict[str, Any] = {}
    if poll.correct_options:
        quiz = {
            "type": TelegramPoll.QUIZ,
            "correct_option_ids": poll.correct_options,
            "explanation": poll.explanation or None,
        }
    await bot.send_poll(
        chat_id,
        poll.question,
        [InputPollOption(option) for option in poll.options],
        is_anonymous=poll.is_anonymous,
        allows_multiple_answers=poll.allows_multiple_answers,
        **quiz,
        **options,
    )


def _input(content: Content, media: Media, above: Mapping[str, Any]) -> _Input:
    looks = _looks(content, media)
    looks.pop("show_caption_above_media", None)
    if _KINDS[media.kind].covers:
        looks |= above
    return _INPUTS[media.kind](source(media, Messenger.TELEGRAM)[0], **looks)


def _looks(content: Content, media: Media) -> dict[str, Any]:
    """A cover over the file, and the place of the text."""
    if not _KINDS[media.kind].covers:
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
