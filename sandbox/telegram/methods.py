"""The Bot API's methods by name. Each takes the world and the call's parameters and returns the `result`."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from sandbox.access import checked_webhook
from sandbox.people import Reach
from sandbox.telegram import editing, sending
from sandbox.telegram.params import Params, bad_request
from sandbox.telegram.world import Telegram

Json = dict[str, Any]
Method = Callable[[Telegram, Params], object]


def get_me(world: Telegram, params: Params) -> Json:
    """getMe."""
    return world.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_chat(world: Telegram, params: Params) -> Json:
    """getChat; not found for people who never wrote to the bot."""
    chat = world.chats.named(params)
    if chat.reach is Reach.NEVER_STARTED:
        raise bad_request("chat not found")
    gifts = (
        "unlimited_gifts",
        "limited_gifts",
        "unique_gifts",
        "premium_subscription",
        "gifts_from_channels",
    )
    return chat.info | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }


def get_file(world: Telegram, params: Params) -> Json:
    """getFile."""
    stored = world.files.named(params.text("file_id"))
    ids = {"file_id": stored.id, "file_unique_id": stored.unique_id}
    return ids | {"file_size": stored.size, "file_path": world.files.place(stored)}


def set_webhook(world: Telegram, params: Params) -> bool:
    """setWebhook; accepts plain HTTP, like a self-hosted server."""
    url = params.text("url")
    try:
        checked_webhook(url)
    except ValueError:
        raise bad_request("bad webhook: invalid URL specified") from None
    if params.flag("drop_pending_updates"):
        world.updates.drop_all()
    take_allowed_updates(world, params)
    world.updates.end_poll("terminated by setWebhook request")
    world.webhook.set(url, params.text("secret_token"))
    world.changes.notify()
    return True


def delete_webhook(world: Telegram, params: Params) -> bool:
    """deleteWebhook."""
    if params.flag("drop_pending_updates"):
        world.updates.drop_all()
    world.webhook.set("", "")
    world.changes.notify()
    return True


def get_webhook_info(world: Telegram, params: Params) -> Json:
    """getWebhookInfo."""
    return world.webhook.info()


def set_my_commands(world: Telegram, params: Params) -> bool:
    """setMyCommands."""
    world.changes.notify()
    return world.menus.set(params)


def get_my_commands(world: Telegram, params: Params) -> list[Json]:
    """getMyCommands."""
    return world.menus.get(params)


def delete_my_commands(world: Telegram, params: Params) -> bool:
    """deleteMyCommands."""
    world.changes.notify()
    return world.menus.delete(params)


def take_allowed_updates(world: Telegram, params: Params) -> None:
    """Keep `allowed_updates` of the call, if given, until another call changes it."""
    given = params.structure("allowed_updates")
    if isinstance(given, list):
        world.updates.allowed = [str(kind) for kind in given]


_ALL: Final[dict[str, Method]] = {
    "getMe": get_me,
    "getChat": get_chat,
    "getFile": get_file,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "sendMessage": sending.send_message,
    "sendDocument": partial(sending.send_file, kind="document"),
    "sendPhoto": partial(sending.send_file, kind="photo"),
    "sendVideo": partial(sending.send_file, kind="video"),
    "sendAudio": partial(sending.send_file, kind="audio"),
    "sendVoice": partial(sending.send_file, kind="voice"),
    "sendVideoNote": partial(sending.send_file, kind="video_note"),
    "sendAnimation": partial(sending.send_file, kind="animation"),
    "sendSticker": partial(sending.send_file, kind="sticker"),
    "sendLocation": sending.send_location,
    "sendVenue": sending.send_venue,
    "sendContact": sending.send_contact,
    "sendPoll": sending.send_poll,
    "sendMediaGroup": sending.send_media_group,
    "copyMessage": sending.copy_message,
    "forwardMessage": sending.forward_message,
    "sendChatAction": sending.send_chat_action,
    "editMessageText": editing.edit_message_text,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "answerCallbackQuery": editing.answer_callback_query,
}
NAMES: Final = {name.lower(): name for name in (*_ALL, "getUpdates")}
METHODS: Final = {name.lower(): method for name, method in _ALL.items()}
SENDING: Final = frozenset(name for name in NAMES if name.startswith("send") and name != "sendchataction") | {
    "copymessage",
    "forwardmessage",
}
