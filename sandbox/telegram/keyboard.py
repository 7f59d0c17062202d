"""Validation of keyboards: under a message, and in place of the phone's own."""

from collections.abc import Callable
from typing import Any, Final

from sandbox.telegram.params import Params, bad_request

Json = dict[str, Any]
Keyboard = list[list[Json]]
MAX_BUTTONS: Final = 100
MAX_IN_ROW: Final = 8
MAX_DATA_BYTES: Final = 64
STYLES: Final = ("primary", "success", "danger")
_OTHER_ACTIONS: Final = (
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "copy_text",
)
_REQUESTS: Final = (
    "request_users",
    "request_chat",
    "request_contact",
    "request_location",
    "request_poll",
    "web_app",
)
_MOST_USERS: Final = 10


def inline_keyboard(params: Params) -> Json:
    """{"reply_markup": ...} for a message with an inline keyboard, else {}. Raises TelegramError."""
    markup = params.structure("reply_markup")
    if markup is None:
        return {}
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in markup:
        if markup and not any(kind in markup for kind in ("keyboard", "remove_keyboard", "force_reply")):
            raise bad_request("can't parse reply markup JSON object")
        return {}
    rows = _rows(markup["inline_keyboard"], "inline_keyboard", _inline_button)
    return {"reply_markup": {"inline_keyboard": rows}} if rows else {}


def reply_keyboard(params: Params, *, private: bool) -> Json | None:
    """The keyboard below the chat after a call: ReplyKeyboardMarkup, ForceReply, {} to remove it, or
    None for no change. Raises TelegramError."""
    markup = params.structure("reply_markup")
    if not isinstance(markup, dict) or "inline_keyboard" in markup:
        return None
    if "keyboard" in markup:
        rows = _rows(markup["keyboard"], "keyboard", _reply_button)
        if not private and any(button.keys() & set(_REQUESTS) for row in rows for button in row):
            raise bad_request("phone number can be requested in private chats only")
        return {**markup, "keyboard": rows}
    return dict(markup) if "force_reply" in markup else {}


def _rows(rows: object, name: str, read: Callable[[object], Json]) -> Keyboard:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{name}" must be of type Array of Array')
    if any(len(row) > MAX_IN_ROW for row in rows) or sum(map(len, rows)) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return [[read(button) for button in row] for row in rows if row]


def _reply_button(button: object) -> Json:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request("can't parse keyboard button: Can't find field \"text\"")
    if not button["text"].strip():
        raise bad_request("keyboard button text must be non-empty")
    asked = button.get("request_users")
    if asked is not None:
        most = asked.get("max_quantity", 1) if isinstance(asked, dict) else 0
        if not isinstance(asked, dict) or not isinstance(asked.get("request_id"), int):
            raise bad_request("can't parse keyboard button: Can't find field \"request_id\"")
        if not 1 <= most <= _MOST_USERS:
            raise bad_request("invalid maximum number of users specified")
    return button


def _inline_button(button: object) -> Json:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    text = button.get("text")
    if not isinstance(text, str):
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    if not text.strip():
        raise bad_request("BUTTON_TEXT_INVALID")
    if button.get("style") not in (None, *STYLES):
        raise bad_request("can't parse inline keyboard button: unknown button style")
    _check_action(button)
    return button


def _check_action(button: Json) -> None:
    if "callback_data" in button:
        data = button["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode()) <= MAX_DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
    elif "url" in button:
        if not str(button["url"]).startswith(("http://", "https://", "tg://")):
            raise bad_request("BUTTON_URL_INVALID")
    elif not any(action in button for action in _OTHER_ACTIONS):
        raise bad_request("Text buttons are unallowed in the inline keyboard")
