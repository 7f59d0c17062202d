"""Validation of Viber messages, and how the phone shows them."""

from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import urlsplit

Json = dict[str, Any]
MAX_TEXT: Final = 7000
MAX_CAPTION: Final = 512
MAX_URL: Final = 2000
MAX_SENDER_NAME: Final = 28
MAX_TRACKING_DATA: Final = 4096
MAX_VIDEO: Final = 27_262_976
MAX_FILE: Final = 52_428_800
MAX_FILE_NAME: Final = 256
MAX_NAME: Final = 28
MAX_NUMBER: Final = 18
BAD_DATA, MISSING_DATA = 3, 4
_PICTURES: Final = (".jpg", ".jpeg", ".png", ".gif")
_COLUMNS: Final = 6


class RefusedError(Exception):
    """A refusal: Viber's status number, and its message unless it is the usual one."""

    def __init__(self, status: int, message: str = "") -> None:
        self.status = status
        self.message = message
        super().__init__(message)


def shown(body: Json) -> Json:
    """The message as a phone shows it: {"text", "media"?, "buttons"?}. Raises RefusedError."""
    _check_frame(body)
    kinds = {"text": _text, "picture": _picture, "video": _video, "file": _file, "url": _url}
    kinds |= {"location": _location, "contact": _contact}
    if body["type"] not in kinds:
        raise RefusedError(BAD_DATA)
    return {**kinds[body["type"]](body), **_buttons(body)}


def _check_frame(body: Json) -> None:
    sender = body.get("sender")
    name = sender.get("name") if isinstance(sender, dict) else None
    if not body.get("type") or not name:
        raise RefusedError(MISSING_DATA)
    if not isinstance(body["type"], str) or not isinstance(name, str) or len(name) > MAX_SENDER_NAME:
        raise RefusedError(BAD_DATA)
    if len(str(body.get("tracking_data", ""))) > MAX_TRACKING_DATA:
        raise RefusedError(BAD_DATA)


def _text(body: Json) -> Json:
    if not body.get("text"):
        raise RefusedError(MISSING_DATA)
    return {"text": _at_most(body["text"], MAX_TEXT, blank=False)}


def _picture(body: Json) -> Json:
    if "text" not in body:
        raise RefusedError(MISSING_DATA)
    caption = _at_most(body["text"], MAX_CAPTION)
    return {"text": caption, "media": _media(body, "photo", _PICTURES)}


def _video(body: Json) -> Json:
    _check_size(body, MAX_VIDEO)
    return {"text": "", "media": _media(body, "video", (".mp4",))}


def _file(body: Json) -> Json:
    _check_size(body, MAX_FILE)
    name = body.get("file_name")
    if not name:
        raise RefusedError(MISSING_DATA)
    return {"text": "", "media": {**_media(body, "document", ()), "name": _at_most(name, MAX_FILE_NAME)}}


def _url(body: Json) -> Json:
    _media(body, "url", ())
    return {"text": _at_most(body["media"], MAX_URL)}


def _location(body: Json) -> Json:
    given = body.get("location")
    if not isinstance(given, dict):
        raise RefusedError(MISSING_DATA)
    where = [one for one in (given.get("lat"), given.get("lon")) if isinstance(one, int | float)]
    if len(where) != 2 or abs(where[0]) > 90 or abs(where[1]) > 180:
        raise RefusedError(BAD_DATA)
    return {"text": "", "place": {"latitude": where[0], "longitude": where[1]}}


def _contact(body: Json) -> Json:
    given = body.get("contact")
    if not isinstance(given, dict) or not given.get("name") or not given.get("phone_number"):
        raise RefusedError(MISSING_DATA)
    number = _at_most(given["phone_number"], MAX_NUMBER)
    if not number.removeprefix("+").isdigit():
        raise RefusedError(BAD_DATA)
    return {"text": "", "contact": {"name": _at_most(given["name"], MAX_NAME), "phone_number": number}}


def _media(body: Json, kind: str, endings: tuple[str, ...]) -> Json:
    url = body.get("media")
    if not url:
        raise RefusedError(MISSING_DATA)
    path = PurePosixPath(urlsplit(str(url)).path)
    if not str(url).startswith(("http://", "https://")) or (endings and path.suffix.lower() not in endings):
        raise RefusedError(BAD_DATA)
    return {"kind": kind, "url": url, "name": path.name}


def _check_size(body: Json, most: int) -> None:
    size = body.get("size")
    if size is None:
        raise RefusedError(MISSING_DATA)
    if not isinstance(size, int) or not 0 < size <= most:
        raise RefusedError(BAD_DATA)


def _at_most(value: object, length: int, *, blank: bool = True) -> str:
    if not isinstance(value, str) or len(value) > length or not (blank or value.strip()):
        raise RefusedError(BAD_DATA)
    return value


def _buttons(body: Json) -> Json:
    keyboard = body.get("keyboard")
    if keyboard is None:
        return {}
    if not isinstance(keyboard, dict) or keyboard.get("Type") != "keyboard" or not keyboard.get("Buttons"):
        raise RefusedError(BAD_DATA)
    return {"buttons": [_button(button) for button in keyboard["Buttons"]]}


def _button(button: object) -> Json:
    if not isinstance(button, dict) or button.get("ActionType") != "open-url":
        raise RefusedError(BAD_DATA)
    if not str(button.get("ActionBody", "")).startswith(("http://", "https://")):
        raise RefusedError(BAD_DATA)
    if not 1 <= int(button.get("Columns", _COLUMNS)) <= _COLUMNS:
        raise RefusedError(BAD_DATA)
    return {"text": str(button.get("Text", "")), "url": button["ActionBody"]}
