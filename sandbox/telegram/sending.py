"""The Bot API's methods that put messages into chats."""

import itertools
import time
from typing import Any

from sandbox.telegram.chats import Chat
from sandbox.telegram.files import KINDS
from sandbox.telegram.keyboard import inline_keyboard, reply_keyboard
from sandbox.telegram.params import Params, bad_request
from sandbox.telegram.text import caption_text, message_text
from sandbox.telegram.world import Telegram

Json = dict[str, Any]
_albums = itertools.count(time.time_ns())
_CARDS = ("location", "venue", "contact", "poll")
_COPIED = ("text", "entities", "caption", "caption_entities", *KINDS, *_CARDS, "sandbox_link")
_IN_ALBUM = {"photo", "video", "document", "audio"}
_COVERED = {"photo", "video", "animation"}
_UNCAPTIONED = {"video_note", "sticker"}
CAPTIONED = set(KINDS) - _UNCAPTIONED
_MOST_OPTIONS = 12
_polls = itertools.count(time.time_ns())
_CHAT_ACTIONS = ("typing", "upload_photo", "upload_video", "upload_voice", "upload_document", "find_location")


def send_message(world: Telegram, params: Params) -> Json:
    """sendMessage."""
    chat = world.chats.writable(params)
    extras = _reply(chat, params) | _keyboard(chat, params) | _protection(params)
    extras |= world.chats.thread(chat, params) | _link_preview(params)
    return world.post(chat, text_content(params) | extras)


def send_file(world: Telegram, params: Params, kind: str) -> Json:
    """sendDocument, sendPhoto and the like. `kind`: as Telegram names the file in a message."""
    chat = world.chats.writable(params)
    if kind in _UNCAPTIONED:
        _refuse_caption(params)
    caption, reply = caption_content(params), _reply(chat, params) | world.chats.thread(chat, params)
    stored = world.files.sent(params, kind)
    keyboard = _keyboard(chat, params)
    return world.post(
        chat, stored.content() | caption | reply | keyboard | _protection(params) | _looks(params, kind)
    )


def send_location(world: Telegram, params: Params) -> Json:
    """sendLocation."""
    return _send_card(world, params, {"location": _location(params)})


def send_venue(world: Telegram, params: Params) -> Json:
    """sendVenue."""
    place, title, address = _location(params), _needed(params, "title"), _needed(params, "address")
    venue = {"location": place, "title": title, "address": address}
    return _send_card(world, params, {"location": place, "venue": venue})


def send_contact(world: Telegram, params: Params) -> Json:
    """sendContact."""
    card = {"phone_number": _needed(params, "phone_number"), "first_name": _needed(params, "first_name")}
    last_name = {"last_name": params.text("last_name")} if params.text("last_name") else {}
    return _send_card(world, params, {"contact": card | last_name})


def send_poll(world: Telegram, params: Params) -> Json:
    """sendPoll: a poll of its own in each chat."""
    question, options = _needed(params, "question"), params.structure("options")
    if len(question) > 300:
        raise bad_request("poll question length must not exceed 300")
    if not isinstance(options, list) or not 2 <= len(options) <= _MOST_OPTIONS:
        raise bad_request(f"poll must have from 2 to {_MOST_OPTIONS} options")
    texts = [str(option.get("text", "")) if isinstance(option, dict) else "" for option in options]
    if not all(1 <= len(text) <= 100 for text in texts):
        raise bad_request("poll options must be non-empty and not exceed 100 characters")
    quiz: Json = {}
    if params.text("type") == "quiz":
        right = params.structure("correct_option_ids")
        if not isinstance(right, list) or not right or not all(place in range(len(texts)) for place in right):
            raise bad_request("quiz correct option ids must be specified")
        quiz = {"correct_option_ids": right, "explanation": params.text("explanation")}
    anonymous = "is_anonymous" not in params.values or params.flag("is_anonymous")
    poll = {
        "id": str(next(_polls)),
        "question": question,
        "options": [
            {"persistent_id": str(place), "text": text, "voter_count": 0} for place, text in enumerate(texts)
        ],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": anonymous,
        "type": "quiz" if quiz else "regular",
        "allows_multiple_answers": params.flag("allows_multiple_answers"),
        "allows_revoting": False,
        "members_only": False,
        **quiz,
    }
    return _send_card(world, params, {"poll": poll})


def _location(params: Params) -> Json:
    try:
        latitude, longitude = (float(params.text(name)) for name in ("latitude", "longitude"))
    except ValueError:
        raise bad_request("latitude and longitude must be specified") from None
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise bad_request("wrong latitude or longitude specified")
    return {"latitude": latitude, "longitude": longitude}


def _needed(params: Params, name: str) -> str:
    value = params.text(name)
    if not value.strip():
        raise bad_request(f"{name} is empty")
    return value


def _send_card(world: Telegram, params: Params, content: Json) -> Json:
    chat = world.chats.writable(params)
    _refuse_caption(params)
    extras = _reply(chat, params) | world.chats.thread(chat, params) | _keyboard(chat, params)
    return world.post(chat, content | extras | _protection(params))


def _refuse_caption(params: Params) -> None:
    """Telegram drops such a caption without a word; here it is an error, as no text may get lost."""
    if params.text("caption"):
        raise bad_request("there is no caption in messages of this kind")


def send_media_group(world: Telegram, params: Params) -> list[Json]:
    """sendMediaGroup: an album; each of its files becomes a message."""
    chat = world.chats.writable(params)
    items = params.structure("media")
    if not isinstance(items, list) or not 2 <= len(items) <= 10:
        raise bad_request("there must be 2-10 media in the album")
    contents = [_album_item(world, params, item) for item in items]
    kinds = {item["type"] for item in items}
    for apart in ("document", "audio"):
        if apart in kinds and len(kinds) > 1:
            raise bad_request(f"{apart}s can't be mixed with other media types")
    group = {"media_group_id": str(next(_albums))} | _protection(params) | world.chats.thread(chat, params)
    return [world.post(chat, content | group, counted=number == 0) for number, content in enumerate(contents)]


def _album_item(world: Telegram, params: Params, item: object) -> Json:
    if not isinstance(item, dict) or item.get("type") not in _IN_ALBUM:
        raise bad_request("can't parse InputMedia: media type must be non-empty")
    given = Params({item["type"]: item.get("media"), **item}, params.files)
    return (
        world.files.sent(given, item["type"]).content() | caption_content(given) | _looks(given, item["type"])
    )


def copy_message(world: Telegram, params: Params) -> Json:
    """copyMessage: the content without its sender; `caption` replaces the old one."""
    chat = world.chats.writable(params)
    content = _content_of(_source(world, params, "message to copy not found"))
    if "text" not in content and "caption" in params.values:
        content |= caption_content(params)
    message = world.post(chat, content | _reply(chat, params) | _keyboard(chat, params))
    return {"message_id": message["message_id"]}


def forward_message(world: Telegram, params: Params) -> Json:
    """forwardMessage: the content with its origin."""
    chat = world.chats.writable(params)
    source = _source(world, params, "message to forward not found")
    origin = {"type": "user", "sender_user": source["from"], "date": source["date"]}
    return world.post(chat, _content_of(source) | {"forward_origin": source.get("forward_origin", origin)})


def send_chat_action(world: Telegram, params: Params) -> bool:
    """sendChatAction: "typing" and the like, for five seconds."""
    chat = world.chats.writable(params)
    if params.text("action") not in _CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.typing_until = time.time() + 5
    world.changes.notify()
    return True


def text_content(params: Params) -> Json:
    """`text` and `entities` of a Message object, from a call."""
    text, entities = message_text(params)
    return {"text": text, **({"entities": entities} if entities else {})}


def caption_content(params: Params) -> Json:
    """`caption` and `caption_entities` of a Message object, from a call; {} for an empty caption."""
    caption, entities = caption_text(params)
    if not caption:
        return {}
    return {"caption": caption, **({"caption_entities": entities} if entities else {})}


def _keyboard(chat: Chat, params: Params) -> Json:
    """The message's inline keyboard; a keyboard for below the chat is put there."""
    inline, below = inline_keyboard(params), reply_keyboard(params, private=chat.private)
    if below is not None:
        chat.keyboard = below
    return inline


def _looks(params: Params, kind: str) -> Json:
    """A cover over a photo or video, and the text above it."""
    covered = {"has_media_spoiler": True} if params.flag("has_spoiler") and kind in _COVERED else {}
    above = params.flag("show_caption_above_media") and kind in _COVERED
    return covered | ({"show_caption_above_media": True} if above else {})


def _link_preview(params: Params) -> Json:
    given = params.structure("link_preview_options")
    return {"link_preview_options": given} if isinstance(given, dict) and not given.get("is_disabled") else {}


def _protection(params: Params) -> Json:
    return {"has_protected_content": True} if params.flag("protect_content") else {}


def _reply(chat: Chat, params: Params) -> Json:
    given = params.structure("reply_parameters")
    if not isinstance(given, dict):
        return {}
    replied = chat.messages.get(int(given.get("message_id") or 0))
    if replied is not None:
        return {"reply_to_message": {k: v for k, v in replied.items() if k != "reply_to_message"}}
    if given.get("allow_sending_without_reply"):
        return {}
    raise bad_request("message to be replied not found")


def _source(world: Telegram, params: Params, problem: str) -> Json:
    source = world.chats.named(params, "from_chat_id").messages.get(params.integer("message_id") or 0)
    if source is None:
        raise bad_request(problem)
    return source


def _content_of(message: Json) -> Json:
    return {key: message[key] for key in _COPIED if key in message}
