"""Validation of inline keyboards."""

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
_OTHER_MARKUPS: Final = ("keyboard", "remove_keyboard", "force_reply")


def inline_keyboard(params: Params) -> Json:
    """{"reply_markup": ...} for a message with an inline keyboard, else {}. Raises TelegramError."""
    markup = params.structure("reply_markup")
    if markup is None:
        return {}
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in markup:
        if markup and not any(kind in markup for kind in _OTHER_MARKUPS):
            raise bad_request("can't parse reply markup JSON object")
        return {}
    rows = _rows(markup["inline_keyboard"])
    return {"reply_markup": {"inline_keyboard": rows}} if rows else {}


def _rows(rows: object) -> Keyboard:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" must be of type Array of Array')
    if any(len(row) > MAX_IN_ROW for row in rows) or sum(map(len, rows)) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return [[_button(button) for button in row] for row in rows if row]


def _button(button: object) -> Json:
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
