"""WhatsApp's list of message templates, read from the answers of /message_templates."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Final

from core.domain.content.templates import ListedButton, ListedTemplate
from core.domain.messengers.capabilities import MediaKind
from workers.messengers.outcomes import part
from workers.messengers.reports import Json, objects, prose, text

log = logging.getLogger(__name__)

FIELDS: Final = "name,language,status,category,components"
_FILES: Final = {"IMAGE": MediaKind.PHOTO, "VIDEO": MediaKind.VIDEO, "DOCUMENT": MediaKind.DOCUMENT}
_FILLABLE: Final = frozenset({"QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE", "VOICE_CALL"})
"""Buttons that need nothing, the end of an address, or a code."""
_PARTS: Final = frozenset({"HEADER", "BODY", "FOOTER", "BUTTONS"})


def account_of(health: Mapping[str, object]) -> str:
    """The id of the account that the number belongs to, in an answer with its health; empty if it is not there."""
    entities = objects(part(health, "health_status").get("entities"))
    return next((text(one, "id") for one in entities if one.get("entity_type") == "WABA"), "")


def next_page(body: Mapping[str, object]) -> str:
    """The cursor of the next page; empty after the last one."""
    paging = part(body, "paging")
    return text(part(paging, "cursors"), "after") if paging.get("next") else ""


def listed(body: Mapping[str, object]) -> Iterator[ListedTemplate]:
    """The templates of one page."""
    for one in objects(body.get("data")):
        try:
            yield _listed(one)
        except ValueError as error:
            log.warning("a template is left out of the list: %s", error)


def _listed(one: Json) -> ListedTemplate:
    components = {text(component, "type"): component for component in objects(one.get("components"))}
    header = components.get("HEADER", {})
    form = text(header, "format")
    buttons = list(objects(components.get("BUTTONS", {}).get("buttons")))
    strange = [*sorted(components.keys() - _PARTS)]
    strange += [form] if form and form != "TEXT" and form not in _FILES else []
    strange += [kind for button in buttons if (kind := text(button, "type")) not in _FILLABLE]
    return ListedTemplate(
        name=text(one, "name"),
        language=text(one, "language"),
        status=text(one, "status"),
        category=text(one, "category"),
        header=prose(header.get("text")),
        header_file=_FILES.get(form),
        body=prose(components.get("BODY", {}).get("text")),
        footer=prose(components.get("FOOTER", {}).get("text")),
        buttons=tuple(
            ListedButton(text(button, "type").lower(), prose(button.get("text")), prose(button.get("url")))
            for button in buttons
        ),
        beyond=strange[0] if strange else "",
    )
