"""Telegram, over the Bot API's sendMessage, a method for each kind of file, place, card and poll, and sendMediaGroup.

A group that became a supergroup counts as gone, and the answer names where it is now.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from yarl import URL

from core.domain.amendment import MessageIds
from core.domain.content.content import Content, LinkPreview, Media, Poll
from core.domain.content.formatting import Entity
from core.domain.content.rendering import source
from core.domain.messengers.capabilities import MediaKind, Option
from core.domain.messengers.outcome import Answer, Outcome
from core.domain.messengers.traits import Messenger
from core.domain.translatable import sentence
from workers.messengers import telegram_amendments
from workers.messengers.backoff import FloodDetector
from workers.messengers.files import fetch, read_local
from workers.messengers.outcomes import check_failure, fit_for_log, from_http_status, part, too_fast
from workers.messengers.port import File
from workers.messengers.telegram_errors import GONE, SENT_WITHOUT_ID, of_words
from workers.messengers.transport import JSON_HEADERS, Reply, Transport, pause

_NO_PREVIEW = {"is_disabled": True}
_METHODS = {
    MediaKind.PHOTO: "sendPhoto",
    MediaKind.VIDEO: "sendVideo",
    MediaKind.DOCUMENT: "sendDocument",
    MediaKind.AUDIO: "sendAudio",
    MediaKind.VOICE: "sendVoice",
    MediaKind.VIDEO_NOTE: "sendVideoNote",
    MediaKind.ANIMATION: "sendAnimation",
    MediaKind.STICKER: "sendSticker",
}
_PLACE, _VENUE, _CONTACT, _POLL = "sendLocation", "sendVenue", "sendContact", "sendPoll"
_FLAGS = {
    Option.SILENT: "disable_notification",
    Option.PROTECTED: "protect_content",
    Option.PAID: "allow_paid_broadcast",
}
_KINDS = Messenger.TELEGRAM.traits.media
_MANY_GROUPS = 3
_RETRY_AFTER = re.compile(r"retry after (\d{1,9})")


class Telegram:
    """Sends as the bot of `token`. `api_url` is the server's root: "https://api.telegram.org"."""

    def __init__(self, transport: Transport, *, api_url: str, token: str) -> None:
        self._transport = transport
        # The part before the colon is the bot's public id.
        self._secret = token.partition(":")[2] or token
        root = f"{api_url.rstrip('/')}/bot{token}"
        methods = ("sendMessage", "sendMediaGroup", *_METHODS.values(), _PLACE, _VENUE, _CONTACT, _POLL)
        self._methods = {
            method: URL(f"{root}/{method}") for method in (*methods, *telegram_amendments.METHODS)
        }
        self._floods = FloodDetector(people=_MANY_GROUPS, seconds=1.0)
        self._get_me = URL(f"{root}/getMe")
        self._get_file = URL(f"{root}/getFile")
        self._files = f"{api_url.rstrip('/')}/file/bot{token}"

    async def send(self, address: str, content: Content, reference: str) -> Answer:
        """Send to a chat id or a public @name, or to a topic of a forum: "-1001234567890/42".

        Telegram has no field that would carry `reference`.
        """
        return await self._ask(address, *_request(content))

    async def delete(self, address: str, ids: MessageIds) -> Answer:
        """Take a message, or all of an album, out of the chat."""
        return await self._ask(address, *telegram_amendments.deletion(ids), amends=True)

    async def edit(self, address: str, ids: MessageIds, content: Content) -> Answer:
        """Give a message, or an album, other words and buttons."""
        request = telegram_amendments.correction(ids, content, _request(content)[1])
        return await self._ask(address, *request, amends=True)

    async def _ask(
        self, address: str, method: str, body: Mapping[str, Any], *, amends: bool = False
    ) -> Answer:
        chat, _, topic = address.partition("/")
        # To delete and to edit, the chat and the message's id are enough.
        thread = {"message_thread_id": int(topic)} if topic and not amends else {}
        payload = {"chat_id": _chat_id(chat), **thread, **body}
        reply = await self._transport.post(self._methods[method], JSON_HEADERS, payload)
        if isinstance(reply, Answer):
            return reply
        answer = _classify(reply)
        if amends and answer.detail:
            answer = telegram_amendments.meaning(reply.status, answer.detail) or answer
        if answer.whole_messenger and answer.detail == reply.body.get("description"):
            answer = replace(answer, whole_messenger=self._slows_all(address))
        return fit_for_log(answer, self._secret)

    def _slows_all(self, address: str) -> bool:
        """Groups and channels have a limit of their own; elsewhere it is nearly always that of the bot."""
        now = asyncio.get_running_loop().time()
        return not address.startswith(("-", "@")) or self._floods.is_meant_for_all(address, now)

    async def fetch(self, known_as: str, most: int) -> File | Answer:
        """Ask where a file that was sent to the bot is, and get it."""
        reply = await self._transport.post(self._get_file, JSON_HEADERS, {"file_id": known_as})
        if isinstance(reply, Answer):
            return reply
        path = part(reply.body, "result").get("file_path")
        if not isinstance(path, str) or not path:
            return fit_for_log(_classify(reply), self._secret)
        if path.startswith("/"):
            # A Bot API server with --local hands out no files over HTTP: it names the place on its disk.
            here = await asyncio.to_thread(read_local, path, most)
            return here if isinstance(here, Answer) else File(PurePosixPath(path).name, here)
        content = await fetch(self._transport.session, URL(f"{self._files}/{path}"), most)
        return content if isinstance(content, Answer) else File(PurePosixPath(path).name, content)

    async def check(self) -> str | None:
        """Ask who the bot is."""
        reply = await self._transport.get(self._get_me, JSON_HEADERS)
        if isinstance(reply, Answer):
            return check_failure("Telegram", "TELEGRAM_API_URL", reply)
        if reply.body.get("ok") is True:
            return None
        answer = fit_for_log(_classify(reply), self._secret)
        if "description" in reply.body and answer.outcome is Outcome.CONFIGURATION:
            return sentence(
                "Telegram doesn't accept TELEGRAM_BOT_TOKEN ({answer}). Copy it again from @BotFather.",
                answer=answer.detail,
            )
        return check_failure("Telegram", "TELEGRAM_API_URL", answer)


def _chat_id(address: str) -> int | str:
    try:
        return int(address)
    except ValueError:
        return address


def _request(content: Content) -> tuple[str, dict[str, Any]]:
    """The method for a content, and its parameters but for the chat."""
    if len(content.media) > 1:
        return "sendMediaGroup", {"media": _album(content), **_flags(content)}
    extras = _flags(content)
    if content.buttons:
        rows = [[{"text": button.text, "url": button.url} for button in row] for row in content.buttons]
        extras["reply_markup"] = {"inline_keyboard": rows}
    if content.media:
        method, part_of_it = _attached(content.media[0])
        return method, {**part_of_it, **_cover(content, content.media[0]), **_caption(content), **extras}
    entities = {"entities": _entities(content.entities)} if content.entities else {}
    return "sendMessage", {
        "text": content.text,
        **entities,
        "link_preview_options": _preview(content.link_preview),
        **extras,
    }


def _attached(media: Media) -> tuple[str, dict[str, Any]]:
    """The method for a file, place, card or poll, and its own parameters."""
    if (place := media.place) is not None:
        where: dict[str, Any] = {"latitude": place.latitude, "longitude": place.longitude}
        if not place.title:
            return _PLACE, where
        # A venue has to have an address.
        return _VENUE, {**where, "title": place.title, "address": place.address or place.title}
    if (card := media.contact) is not None:
        last_name = {"last_name": card.last_name} if card.last_name else {}
        return _CONTACT, {"phone_number": card.phone_number, "first_name": card.first_name, **last_name}
    if media.poll is not None:
        return _POLL, _poll(media.poll)
    return _METHODS[media.kind], {media.kind.value: source(media, Messenger.TELEGRAM)[0]}


def _poll(poll: Poll) -> dict[str, Any]:
    quiz: dict[str, Any] = {}
    if poll.correct_options:
        quiz = {"type": "quiz", "correct_option_ids": list(poll.correct_options)}
        quiz |= {"explanation": poll.explanation} if poll.explanation else {}
    return {
        "question": poll.question,
        "options": [{"text": option} for option in poll.options],
        "is_anonymous": poll.is_anonymous,
        "allows_multiple_answers": poll.allows_multiple_answers,
        **quiz,
    }


def _flags(content: Content) -> dict[str, Any]:
    if not content.options:
        return {}
    return {name: True for option, name in _FLAGS.items() if option in content.options}


def _preview(wanted: LinkPreview | None) -> dict[str, Any]:
    if wanted is None:
        return _NO_PREVIEW
    sizes = {"prefer_large_media": wanted.large, "prefer_small_media": wanted.small}
    chosen = {name: True for name, is_on in {**sizes, "show_above_text": wanted.above}.items() if is_on}
    return {**({"url": wanted.url} if wanted.url else {}), **chosen}


def _cover(content: Content, media: Media) -> dict[str, bool]:
    return {"has_spoiler": True} if content.spoiler and _KINDS[media.kind].covers else {}


def _caption(content: Content) -> dict[str, Any]:
    caption: dict[str, Any] = {"caption": content.text} if content.text else {}
    if content.entities:
        caption["caption_entities"] = _entities(content.entities)
    if content.caption_above and content.text and _KINDS[content.media[0].kind].covers:
        caption["show_caption_above_media"] = True
    return caption


def _album(content: Content) -> list[dict[str, Any]]:
    """The caption of an album is that of its first file."""
    first, *rest = (
        {"type": media.kind.value, "media": source(media, Messenger.TELEGRAM)[0], **_cover(content, media)}
        for media in content.media
    )
    return [{**first, **_caption(content)}, *rest]


def _entities(entities: tuple[Entity, ...]) -> list[Mapping[str, object]]:
    return [
        {
            "type": entity.style.value,
            "offset": entity.offset,
            "length": entity.length,
            **({"url": entity.url} if entity.url else {}),
            **({"language": entity.language} if entity.language else {}),
            **({"custom_emoji_id": entity.emoji_id} if entity.emoji_id else {}),
            **({"unix_time": entity.unix_time} if entity.unix_time else {}),
            **({"date_time_format": entity.date_format} if entity.date_format else {}),
        }
        for entity in entities
    ]


def _classify(reply: Reply) -> Answer:
    if reply.body.get("ok") is True:
        return _sent(reply)
    description = reply.body.get("description")
    if reply.body.get("ok") is not False or not isinstance(description, str):
        return from_http_status(reply)
    code = reply.body.get("error_code")
    answer = _of_words(code if isinstance(code, int) else reply.status, description, reply)
    moved_to = part(reply.body, "parameters").get("migrate_to_chat_id")
    if not isinstance(moved_to, int):
        return replace(answer, detail=description)
    return replace(GONE, detail=description, migrated_to=str(moved_to))


def _sent(reply: Reply) -> Answer:
    result = reply.body.get("result")
    messages = result if isinstance(result, list) else [result]
    ids = [one.get("message_id") for one in messages if isinstance(one, dict)]
    # 0: Telegram took the message and will post it later.
    first = ids[0] if ids and isinstance(ids[0], int) and ids[0] else None
    if first is None:
        return SENT_WITHOUT_ID
    more = next((n for n, one in enumerate(ids) if one != first + n), len(ids)) - 1
    return Answer(outcome=Outcome.SENT, message_id=str(MessageIds(first, more)))


def _of_words(code: int, description: str, reply: Reply) -> Answer:
    words = description.lower()
    if code == 429:
        return too_fast(_named_wait(reply, words), whole_messenger=True)
    return of_words(code, words)


def _named_wait(reply: Reply, words: str) -> float | None:
    told = pause(part(reply.body, "parameters").get("retry_after")) or reply.retry_after
    if told is None and (found := _RETRY_AFTER.search(words)):
        return pause(found[1])
    return told
