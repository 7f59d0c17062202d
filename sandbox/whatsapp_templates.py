"""The fake WhatsApp account's message templates: their list, and what a message must fill in."""

import re
from collections.abc import Mapping
from typing import Any, Final

Json = dict[str, Any]
WABA_ID: Final = "100200400"
_MAX_VALUE: Final = 1024
_MAX_CODE: Final = 15
_GAP: Final = re.compile(r"\{\{(\w+)\}\}")
_BAD_BLANKS: Final = re.compile(r"[\n\t]| {5,}")
_FILES: Final = {"IMAGE": "image", "VIDEO": "video", "DOCUMENT": "document"}
_KINDS: Final = {"image": "photo", "video": "video", "document": "document"}


class RefusedError(Exception):
    """A refusal: the Cloud API's code, and its details unless they are the usual ones."""

    def __init__(self, code: int, details: str = "") -> None:
        self.code = code
        self.details = details
        super().__init__(details)


def _template(
    name: str, category: str, *components: Json, language: str = "en_US", named: bool = False
) -> Json:
    return {
        "name": name,
        "parameter_format": "NAMED" if named else "POSITIONAL",
        "components": list(components),
        "language": language,
        "status": "APPROVED",
        "category": category,
    }


def _body(text: str) -> Json:
    return {"type": "BODY", "text": text}


_LISTED: Final = (
    _template(
        "visit_reminder",
        "UTILITY",
        _body("Hello {{1}}, we expect you at {{2}}.") | {"example": {"body_text": [["Ann", "5 pm"]]}},
    ),
    _template(
        "order_update", "UTILITY", _body("Hello {{name}}, your order {{order}} is on its way."), named=True
    ),
    _template("season_greetings", "MARKETING", _body("All the best from all of us!")),
    _template(
        "new_collection",
        "MARKETING",
        {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["https://example.com/a.jpg"]}},
        _body("Hi {{1}}, the new collection is here."),
        {"type": "FOOTER", "text": "Corner Shop"},
        {
            "type": "BUTTONS",
            "buttons": [
                {"type": "QUICK_REPLY", "text": "Stop promotions"},
                {
                    "type": "URL",
                    "text": "Look",
                    "url": "https://example.com/{{1}}",
                    "example": ["https://example.com/new"],
                },
                {"type": "COPY_CODE", "text": "Copy code", "example": "NEW10"},
            ],
        },
    ),
    _template(
        "price_list",
        "UTILITY",
        {"type": "HEADER", "format": "DOCUMENT", "example": {"header_handle": ["https://example.com/a.pdf"]}},
        _body("Our prices for {{month}}."),
        named=True,
    ),
    _template(
        "opening_hours",
        "UTILITY",
        {"type": "HEADER", "format": "TEXT", "text": "Open on {{1}}", "example": {"header_text": ["Monday"]}},
        _body("We are there for you from {{1}} to {{2}}."),
    ),
    _template("opening_hours", "UTILITY", _body("Wir sind von {{1}} bis {{2}} für Sie da."), language="de"),
    _template("spring_sale", "MARKETING", _body("Spring sale from Monday!")) | {"status": "REJECTED"},
    _template(
        "sign_in",
        "AUTHENTICATION",
        _body("*{{1}}* is your verification code."),
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "text": "Copy code"}]},
    ),
)

TEMPLATES: Final[Mapping[str, str]] = {one["name"]: one["language"] for one in reversed(_LISTED)}
"""The first language of each."""


CATEGORIES: Final[Mapping[str, str]] = {one["name"]: one["category"] for one in _LISTED}


def listing(paused: set[str]) -> list[Json]:
    """All templates, with an id each and their present status."""
    return [
        {**one, "id": str(900_000 + number), **({"status": "PAUSED"} if one["name"] in paused else {})}
        for number, one in enumerate(_LISTED)
    ]


def filled(given: Json, language: object) -> Json:
    """The template's message as a phone shows it. Raises RefusedError."""
    name = str(given.get("name"))
    template = next((one for one in _LISTED if (one["name"], one["language"]) == (name, language)), None)
    if template is None or template["status"] != "APPROVED":
        raise RefusedError(132001, f"template name ({name}) does not exist in {language}")
    parts = {one["type"]: one for one in template["components"]}
    components = _objects(given.get("components"))
    text, media = _header(parts.get("HEADER", {}), components)
    named = template["parameter_format"] == "NAMED"
    body = _filled_in(str(parts["BODY"]["text"]), _parameters(components, "body"), "body", named=named)
    footer = str(parts.get("FOOTER", {}).get("text", ""))
    buttons = _buttons(_objects(parts.get("BUTTONS", {}).get("buttons")), components)
    shown = {"text": "\n\n".join(filter(None, (text, body, footer))), "template": name}
    return {**shown, **({"media": media} if media else {}), **({"buttons": buttons} if buttons else {})}


def _objects(value: object) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _parameters(components: list[Json], kind: str) -> list[Json]:
    found = (one for one in components if str(one.get("type")).lower() == kind)
    return [parameter for one in found for parameter in _objects(one.get("parameters"))]


def _header(part: Json, components: list[Json]) -> tuple[str, Json | None]:
    given, form = _parameters(components, "header"), part.get("format", "")
    if form in ("", "TEXT"):
        return _filled_in(str(part.get("text", "")), given, "header", named=False), None
    kind = _FILES[form]
    received = str(given[0].get("type", "UNKNOWN")).upper() if given else "UNKNOWN"
    if received != form:
        raise RefusedError(132012, f"header: Format mismatch, expected {form}, received {received}")
    file = given[0].get(kind)
    if not isinstance(file, dict) or ("link" in file) is ("id" in file):
        raise RefusedError(131008, f"header: {kind} takes exactly one of link and id.")
    lies = {"url": str(file["link"])} if "link" in file else {"held": str(file["id"])}
    return "", {"kind": _KINDS[kind], "name": str(file.get("filename", "")), **lies}


def _filled_in(text: str, given: list[Json], place: str, *, named: bool) -> str:
    gaps = list(dict.fromkeys(_GAP.findall(text)))
    if len(given) != len(gaps):
        raise RefusedError(
            132000,
            f"{place}: number of localizable_params ({len(given)}) does not match the expected number of params "
            f"({len(gaps)})",
        )
    values = {}
    for number, parameter in enumerate(given, start=1):
        if parameter.get("type") != "text":
            raise RefusedError(132012, f"{place}: Format mismatch, expected TEXT")
        called = parameter.get("parameter_name")
        if named is (called is None):
            raise RefusedError(
                100, "Parameter name is missing or empty" if named else "Unexpected parameter name"
            )
        values[str(called if named else number)] = _value(parameter.get("text"))
    if values.keys() != set(gaps):
        raise RefusedError(132000, f"{place}: the parameters are not named {', '.join(gaps)}")
    return _GAP.sub(lambda gap: values[gap[1]], text)


def _value(text: object) -> str:
    if not isinstance(text, str) or not text.strip():
        raise RefusedError(131008, "Parameter of type text is missing text value")
    if _BAD_BLANKS.search(text):
        raise RefusedError(
            100, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
        )
    if len(text) > _MAX_VALUE:
        raise RefusedError(132005, "The translated text is too long")
    return text


def _buttons(buttons: list[Json], components: list[Json]) -> list[Json]:
    given = {
        str(one.get("index")): (str(one.get("sub_type")).lower(), _objects(one.get("parameters")))
        for one in components
        if str(one.get("type")).lower() == "button"
    }
    shown = []
    for place, button in enumerate(buttons):
        kind, parameters = given.pop(str(place), ("", []))
        needed = button["type"] == "COPY_CODE" or "{{" in str(button.get("url"))
        if needed and not parameters:
            raise RefusedError(
                131008,
                f"buttons: Button at index {place} of type {button['type'].title()} requires a parameter",
            )
        if parameters and kind != button["type"].lower():
            raise RefusedError(132012, f"buttons: Button at index {place} is not of type {kind}")
        if button["type"] == "URL":
            end = _value(parameters[0].get("text")) if parameters else ""
            shown.append({"text": button["text"], "url": end.join(_GAP.split(button["url"])[::2])})
        elif button["type"] == "COPY_CODE":
            code = parameters[0].get("coupon_code")
            if not isinstance(code, str) or not code.isalnum() or len(code) > _MAX_CODE:
                raise RefusedError(131009, f"buttons: a coupon code has up to {_MAX_CODE} letters and digits")
            shown.append({"text": f"{button['text']}: {code}", "url": "https://example.com/"})
    if given:
        raise RefusedError(132012, f"buttons: there is no button at index {', '.join(given)}")
    return shown
