"""Validation of WhatsApp messages, and how the phone shows them."""

from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import urlsplit

from sandbox.whatsapp_templates import RefusedError, filled

Json = dict[str, Any]
MAX_TEXT: Final = 4096
MAX_CAPTION: Final = 1024
MAX_BUTTON_TEXT: Final = 1024
MAX_LABEL: Final = 20
KINDS: Final = {
    "image": "photo",
    "video": "video",
    "document": "document",
    "audio": "audio",
    "sticker": "sticker",
}
_CAPTIONED: Final = ("image", "video", "document")


def shown(body: Json) -> Json:
    """The message as a phone shows it: {"text", "media"?, "buttons"?}. Raises RefusedError."""
    kind = body.get("type", "text")
    if kind in KINDS:
        return _media(_object(body, kind), kind)
    if kind == "contacts":
        return _contacts(body.get("contacts"))
    readers = {"text": _text, "interactive": _interactive, "template": _template, "location": _location}
    if kind not in readers:
        raise RefusedError(131051, f"The sandbox takes no messages of type {kind}.")
    return readers[kind](_object(body, kind))


def text_of(body: Json) -> str:
    """The text in a body that may be invalid, for books and faults."""
    try:
        return str(shown(body)["text"])
    except RefusedError:
        text = body.get("text")
        return str(text.get("body", "")) if isinstance(text, dict) else ""


def _object(body: Json, name: str) -> Json:
    given = body.get(name)
    if not isinstance(given, dict):
        raise RefusedError(100, f"The parameter {name} is required.")
    return given


def _words(given: Json, name: str, place: str, most: int) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value.strip():
        raise RefusedError(100, f"The parameter {place} is required.")
    if len(value) > most:
        raise RefusedError(100, f"Param {place} must be at most {most} characters long.")
    return value


def _text(given: Json) -> Json:
    return {"text": _words(given, "body", "text['body']", MAX_TEXT)}


def _media(given: Json, kind: str) -> Json:
    if ("link" in given) is ("id" in given):
        raise RefusedError(100, f"{kind} takes exactly one of link and id.")
    where = _words(given, "link" if "link" in given else "id", f"{kind}['link']", 2000)
    if "link" in given and not where.startswith(("http://", "https://")):
        raise RefusedError(131053, "Media upload error")
    if "caption" in given and kind not in _CAPTIONED:
        raise RefusedError(100, f'Unexpected key "caption" on param "{kind}".')
    caption = _words(given, "caption", f"{kind}['caption']", MAX_CAPTION) if "caption" in given else ""
    named = PurePosixPath(urlsplit(where).path).name if "link" in given else ""
    name = str(given.get("filename") or named)
    lies = {"url": where} if "link" in given else {"held": where}
    shown_as = "voice" if kind == "audio" and given.get("voice") is True else KINDS[kind]
    return {"text": caption, "media": {"kind": shown_as, "name": name, **lies}}


def _location(given: Json) -> Json:
    where = [one for one in (given.get("latitude"), given.get("longitude")) if isinstance(one, int | float)]
    if len(where) != 2 or abs(where[0]) > 90 or abs(where[1]) > 180:
        raise RefusedError(131009, "Parameter value is not valid")
    named = {name: str(given[name]) for name in ("name", "address") if given.get(name)}
    return {"text": "", "place": {"latitude": where[0], "longitude": where[1], **named}}


def _contacts(given: object) -> Json:
    if not isinstance(given, list) or not given or not isinstance(given[0], dict):
        raise RefusedError(100, "The parameter contacts is required.")
    name = _words(_object(given[0], "name"), "formatted_name", "contacts['name']['formatted_name']", 1000)
    parts = ("first_name", "last_name", "middle_name", "prefix", "suffix")
    if not any(given[0]["name"].get(part) for part in parts):
        raise RefusedError(131009, "Parameter value is not valid")
    phones = given[0].get("phones") or [{}]
    return {"text": "", "contact": {"name": name, "phone_number": str(phones[0].get("phone", ""))}}


def _interactive(given: Json) -> Json:
    if given.get("type") != "cta_url":
        raise RefusedError(131051, "The sandbox takes interactive messages of type cta_url only.")
    text = _words(_object(given, "body"), "text", "interactive['body']['text']", MAX_BUTTON_TEXT)
    action = _object(given, "action")
    parameters = _object(action, "parameters")
    label = _words(parameters, "display_text", "parameters['display_text']", MAX_LABEL)
    url = _words(parameters, "url", "parameters['url']", 2000)
    if action.get("name") != "cta_url" or not url.startswith(("http://", "https://")):
        raise RefusedError(131009, "Parameter value is not valid")
    return {"text": text, "buttons": [{"text": label, "url": url}]}


def _template(given: Json) -> Json:
    return filled(given, _object(given, "language").get("code"))
