"""Reads Telegram's updates: presses of buttons, and messages with formatted text, files, places, contacts and polls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from telegram import (
    Animation,
    CallbackQuery,
    Contact,
    Location,
    Message,
    MessageEntity,
    SharedUser,
    Update,
    Venue,
)
from telegram import Poll as TelegramPoll

from bot.requests import GONE, Admin, ButtonPress, File, IncomingMessage
from bot.text.translation import _
from core.domain.content.content import ContactCard, Content, LinkPreview, Media, Place, Poll
from core.domain.content.formatting import Entity, Style
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact as Person
from core.domain.team import Role
from core.domain.visible import plain_name
from core.parsing.addresses import read_address

_STYLES = frozenset(Style)
_NO_ATTACHMENTS = ("giveaway", "giveaway_winners", "gift", "unique_gift")
"""What people send or forward that the library counts as no attachment."""
_NO_NAME = re.compile(r"[^\w\s.'-]")


def message_of(update: Update, role: Role) -> IncomingMessage:
    """A message of a person with a role. Raises ValueError for another update."""
    message, user = update.effective_message, update.effective_user
    if message is None or user is None:
        raise ValueError("not a message of a person")
    document = None if message.animation else message.document
    return IncomingMessage(
        admin=Admin(user.id, plain_name(user.first_name), message.chat_id, role),
        message_id=message.message_id,
        replied=content_of(message.reply_to_message),
        replied_id=_id_of(message.reply_to_message),
        text=_text_of(message),
        content=content_of(message),
        album=message.media_group_id or "",
        file=File(document.file_id, document.file_name or "", document.file_size or 0) if document else None,
        phone=_typed(message.contact) if message.contact else "",
        shared=tuple(_shared(message)),
        refusal=_refusal(message),
        edited=update.edited_message is not None,
        from_elsewhere=is_from_elsewhere(message),
        lost=tuple(_lost(message)),
    )


def is_from_elsewhere(message: Message) -> bool:
    return message.forward_origin is not None or message.via_bot is not None


def press_of(query: CallbackQuery, role: Role) -> ButtonPress:
    user, message = query.from_user, query.message
    shown = message.reply_to_message if isinstance(message, Message) else None
    return ButtonPress(
        admin=Admin(user.id, plain_name(user.first_name), message.chat.id if message else user.id, role),
        message_id=message.message_id if message else GONE,
        replied=content_of(shown),
        replied_id=_id_of(shown),
        query_id=query.id,
    )


def _shared(message: Message) -> Iterator[Person]:
    if message.users_shared is not None:
        for user in message.users_shared.users:
            yield Person(id="", name=_full_name(user), addresses={Messenger.TELEGRAM: str(user.user_id)})
    if (card := message.contact) is None:
        return
    addresses = {Messenger.TELEGRAM: str(card.user_id)} if card.user_id else {}
    try:
        number = f"+{card.phone_number.lstrip('+')}"
        addresses[Messenger.WHATSAPP] = read_address(Messenger.WHATSAPP, number)
    except ValueError:
        # What is wrong with the number is said where it is read as if typed.
        if not addresses:
            return
    yield Person(id="", name=_full_name(card), addresses=addresses)


def _full_name(of: Contact | SharedUser) -> str:
    return plain_name(f"{of.first_name or ''} {of.last_name or ''}")


def _typed(contact: Contact) -> str:
    """A contact card as it would be typed: the name beside the number."""
    name = _NO_NAME.sub("", plain_name(f"{contact.first_name} {contact.last_name or ''}")).strip()
    return f"{name} +{contact.phone_number.lstrip('+')}".strip()


def _lost(message: Message) -> Iterator[str]:
    """Parts that a copy of the message does not have, in the words of the chat."""
    if any(one.type == MessageEntity.CUSTOM_EMOJI for one in (*message.entities, *message.caption_entities)):
        yield _("custom emoji, unless the bot's owner has Telegram Premium")
    if message.reply_markup is not None:
        yield _("the buttons under it")
    if message.poll is not None:
        yield from _lost_of_poll(message.poll)
    if message.checklist is not None:
        yield _("the boxes to tick (people get the list as text)")
    if message.live_photo is not None:
        yield _("the movement of the photo")
    if message.paid_media is not None:
        yield _("the paid photos and videos")
    if message.location is not None and message.location.live_period:
        yield _("the live movement (people get the place where you were)")


def _lost_of_poll(poll: TelegramPoll) -> Iterator[str]:
    if poll.type == TelegramPoll.QUIZ and not poll.correct_option_ids:
        yield _("the right answer of the quiz, so people get a plain poll")
    if poll.open_period or poll.close_date:
        yield _("the time when the poll ends")
    if poll.media or poll.description:
        yield _("the poll's picture or description")


def _id_of(message: Message | None) -> int | None:
    return None if message is None else message.message_id


def content_of(message: Message | None) -> Content | None:
    """None for a message that cannot be sent on."""
    if message is None:
        return None
    media = _media(message)
    text = _text_of(message)
    if not text and media is None:
        return None
    entities = message.entities or message.caption_entities
    return Content(
        text=text,
        entities=_entities(entities),
        media=() if media is None else (media,),
        spoiler=bool(message.has_media_spoiler),
        caption_above=bool(message.show_caption_above_media),
        link_preview=_link_preview(message),
    )


def _text_of(message: Message) -> str:
    checklist = message.checklist
    return (
        message.text or message.caption or ("" if checklist is None else checklist_text(checklist.to_dict()))
    )


def checklist_text(checklist: Mapping[str, Any]) -> str:
    """A checklist of the Bot API as text: bots can send none."""
    tasks = (f"{'☑' if one.get('completion_date') else '☐'} {one['text']}" for one in checklist["tasks"])
    return "\n".join((checklist["title"], *tasks))


def _link_preview(message: Message) -> LinkPreview | None:
    """The preview as the author has set it; None where they left it as it was, or took it away."""
    chosen = message.link_preview_options
    if chosen is None or chosen.is_disabled:
        return None
    return LinkPreview(
        url=chosen.url if isinstance(chosen.url, str) else "",
        large=bool(chosen.prefer_large_media),
        small=bool(chosen.prefer_small_media),
        above=bool(chosen.show_above_text),
    )


def _entities(entities: Sequence[MessageEntity]) -> tuple[Entity, ...]:
    """The supported ones; Telegram marks links, names and commands by itself."""
    return tuple(
        Entity(
            style=Style(entity.type),
            offset=entity.offset,
            length=entity.length,
            url=entity.url or "",
            language=entity.language or "",
            emoji_id=entity.custom_emoji_id or "",
            unix_time=int(entity.unix_time.timestamp()) if entity.unix_time else 0,
            date_format=entity.date_time_format or "",
        )
        for entity in entities
        if entity.type in _STYLES
    )


def _media(message: Message) -> Media | None:
    if message.poll is not None:
        return Media(kind=MediaKind.POLL, poll=_poll(message.poll))
    if message.location is not None:
        return Media(kind=MediaKind.LOCATION, place=_place(message.location, message.venue))
    if message.contact is not None:
        return Media(kind=MediaKind.CONTACT, contact=_card(message.contact))
    return _file(message)


def _file(message: Message) -> Media | None:
    if message.photo:
        photo = message.photo[-1]
        return _telegram_file(MediaKind.PHOTO, photo.file_id, "", photo.file_size)
    if message.sticker is not None:
        sticker = message.sticker
        name = (
            "sticker.tgs" if sticker.is_animated else "sticker.webm" if sticker.is_video else "sticker.webp"
        )
        file = _telegram_file(MediaKind.STICKER, sticker.file_id, name, sticker.file_size)
        return replace(file, emoji=sticker.emoji or "")
    if (gif := message.animation) is not None:
        # It arrives as a document too.
        return _telegram_file(MediaKind.ANIMATION, gif.file_id, _gif_name(gif), gif.file_size)
    named = (
        (MediaKind.VIDEO, message.video),
        (MediaKind.AUDIO, message.audio),
        (MediaKind.DOCUMENT, message.document),
    )
    for kind, there in named:
        if there is not None:
            return _telegram_file(kind, there.file_id, there.file_name, there.file_size)
    if message.voice is not None:
        return _telegram_file(MediaKind.VOICE, message.voice.file_id, "", message.voice.file_size)
    if message.video_note is not None:
        return _telegram_file(
            MediaKind.VIDEO_NOTE, message.video_note.file_id, "", message.video_note.file_size
        )
    return None


def _telegram_file(kind: MediaKind, file_id: str, name: str | None, size: int | None) -> Media:
    return Media(kind=kind, ids={Messenger.TELEGRAM: file_id}, name=name or "", size=size)


def _gif_name(gif: Animation) -> str:
    """It is a video, often under the name of the GIF that it was made from."""
    name = gif.file_name or ""
    if gif.mime_type != "video/mp4" or not name:
        return name
    return str(PurePosixPath(name).with_suffix(".mp4"))


def _place(location: Location, venue: Venue | None) -> Place:
    named = {} if venue is None else {"title": venue.title, "address": venue.address}
    return Place(latitude=location.latitude, longitude=location.longitude, **named)


def _card(contact: Contact) -> ContactCard:
    return ContactCard(
        phone_number=f"+{contact.phone_number.lstrip('+')}",
        first_name=contact.first_name,
        last_name=contact.last_name or "",
        user_id=contact.user_id or 0,
    )


def _poll(poll: TelegramPoll) -> Poll:
    return Poll(
        question=poll.question,
        options=tuple(option.text for option in poll.options),
        is_anonymous=poll.is_anonymous,
        allows_multiple_answers=poll.allows_multiple_answers,
        correct_options=tuple(poll.correct_option_ids),
        explanation=poll.explanation or "",
    )


def _refusal(message: Message) -> str | None:
    """None for what can be sent, and for what nobody wrote, such as "pinned a message"."""
    written = message.effective_attachment or any(message[kind] for kind in _NO_ATTACHMENTS)
    if not written or message.users_shared is not None or _media(message) is not None:
        return None
    return _(
        "I can't send this to people. Send me text, a file, a voice message, a sticker, a place or a poll."
    )
