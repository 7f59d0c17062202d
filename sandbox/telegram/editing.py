"""The Bot API's methods that change or remove messages, and the one that answers a press."""

import time
from typing import Any, Final

from sandbox.telegram.chats import Chat
from sandbox.telegram.keyboard import inline_keyboard
from sandbox.telegram.params import Params, bad_request
from sandbox.telegram.sending import CAPTIONED, caption_content, text_content
from sandbox.telegram.world import Telegram

Json = dict[str, Any]
_NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
_DELETABLE_SECONDS: Final = 48 * 3600
_MOST_DELETED: Final = 100


def edit_message_text(world: Telegram, params: Params) -> Json:
    """editMessageText. Without reply_markup the keyboard is removed."""
    chat, message = _own_message(world, params)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    new = text_content(params) | inline_keyboard(params)
    return _changed(world, chat, message, new, ("text", "entities", "reply_markup"))


def edit_message_caption(world: Telegram, params: Params) -> Json:
    """editMessageCaption. Without reply_markup the keyboard is removed."""
    chat, message = _own_message(world, params)
    if "text" in message or not CAPTIONED.intersection(message):
        raise bad_request("there is no caption in the message to edit")
    new = caption_content(params) | inline_keyboard(params)
    return _changed(world, chat, message, new, ("caption", "caption_entities", "reply_markup"))


def edit_message_reply_markup(world: Telegram, params: Params) -> Json:
    """editMessageReplyMarkup."""
    chat, message = _own_message(world, params)
    return _changed(world, chat, message, inline_keyboard(params), ("reply_markup",))


def delete_message(world: Telegram, params: Params) -> bool:
    """deleteMessage: any message in private chats, the bot's own in groups."""
    chat = world.chats.writable(params)
    message = chat.messages.get(_message_id(params))
    if message is None:
        raise bad_request("message to delete not found")
    foreign = not chat.private and not message["from"]["is_bot"]
    if foreign or time.time() - message["date"] > _DELETABLE_SECONDS:
        raise bad_request("message can't be deleted")
    _remove(chat, message["message_id"])
    world.changes.notify()
    return True


def _remove(chat: Chat, message_id: int) -> None:
    """Remove a message; replies to it stay, without the quote."""
    del chat.messages[message_id]
    for message in chat.messages.values():
        if message.get("reply_to_message", {}).get("message_id") == message_id:
            del message["reply_to_message"]


def delete_messages(world: Telegram, params: Params) -> bool:
    """deleteMessages: up to 100; missing and undeletable ones are skipped."""
    chat = world.chats.writable(params)
    ids = params.structure("message_ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= _MOST_DELETED:
        raise bad_request("message identifiers are not specified")
    for message_id in ids:
        message = chat.messages.get(message_id)
        if message is not None and time.time() - message["date"] <= _DELETABLE_SECONDS:
            _remove(chat, message_id)
    world.changes.notify()
    return True


def answer_callback_query(world: Telegram, params: Params) -> bool:
    """answerCallbackQuery."""
    world.queries.answer(params.text("callback_query_id"), params.text("text"), params.flag("show_alert"))
    world.changes.notify()
    return True


def _message_id(params: Params) -> int:
    message_id = params.integer("message_id")
    if message_id is None:
        raise bad_request("message identifier is not specified")
    return message_id


def _own_message(world: Telegram, params: Params) -> tuple[Chat, Json]:
    chat = world.chats.writable(params)
    message = chat.messages.get(_message_id(params))
    if message is None:
        raise bad_request("message to edit not found")
    if not message["from"]["is_bot"] or "forward_origin" in message:
        raise bad_request("message can't be edited")
    return chat, message


def _changed(world: Telegram, chat: Chat, message: Json, new: Json, keys: tuple[str, ...]) -> Json:
    if all(message.get(key) == new.get(key) for key in keys):
        raise bad_request(_NOT_MODIFIED)
    for key in keys:
        message.pop(key, None)
    message.update(new, edit_date=int(time.time()))
    world.edit_rate.edited(chat.id)
    world.changes.notify()
    return message
