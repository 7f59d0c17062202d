"""Contents as the store holds them: the text by itself, everything else as JSON beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from core.domain.content.content import Button, Content, Media, Parameter, Template
from core.domain.content.formatting import Entity, Style
from core.domain.messengers.capabilities import MediaKind, Option
from core.domain.messengers.traits import Messenger
from core.domain.translatable import Day, Sentence, sentence, sentences

Json = dict[str, Any]


def pack_content(content: Content) -> str:
    """All but the text; empty for plain text, which is most of what is sent."""
    if content.is_plain and not content.verbatim:
        return ""
    parts: Json = {
        "verbatim": content.verbatim,
        "entities": [_pack_entity(entity) for entity in content.entities],
        "media": [_pack_media(media) for media in content.media],
        "buttons": [[[button.text, button.url] for button in row] for row in content.buttons],
        "options": sorted(content.options),
        "template": _pack_template(content.template),
    }
    return json.dumps({name: part for name, part in parts.items() if part}, ensure_ascii=False)


def unpack_content(text: str, packed: str | None) -> Content:
    """The content that `text` and pack_content() came from."""
    if not packed:
        return Content(text=text)
    parts: Mapping[str, Any] = json.loads(packed)
    return Content(
        text=text,
        entities=tuple(_entity(*fields) for fields in parts.get("entities", ())),
        media=tuple(_media(fields) for fields in parts.get("media", ())),
        buttons=tuple(tuple(Button(*pair) for pair in row) for row in parts.get("buttons", ())),
        options=frozenset(Option(name) for name in parts.get("options", ())),
        template=_template(parts.get("template")),
        verbatim=parts.get("verbatim", False),
    )


def _pack_entity(entity: Entity) -> list[Any]:
    return [entity.style, entity.offset, entity.length, entity.url, entity.language]


def _entity(style: str, offset: int, length: int, url: str, language: str) -> Entity:
    return Entity(style=Style(style), offset=offset, length=length, url=url, language=language)


def _pack_media(media: Media) -> Json:
    fields = {
        "kind": media.kind,
        "ids": dict(media.ids),
        "link": media.link,
        "name": media.file_name,
        "size": media.size,
    }
    return {name: value for name, value in fields.items() if value or value == 0}


def _media(fields: Json) -> Media:
    return Media(
        kind=MediaKind(fields["kind"]),
        ids={Messenger(name): known_as for name, known_as in fields.get("ids", {}).items()},
        link=fields.get("link", ""),
        file_name=fields.get("name", ""),
        size=fields.get("size"),
    )


def _pack_template(template: Template | None) -> Json | None:
    if template is None:
        return None
    parameters = [[one.text, one.name] for one in template.parameters]
    return {"name": template.name, "language": template.language, "parameters": parameters}


def _template(fields: Json | None) -> Template | None:
    if fields is None:
        return None
    parameters = tuple(Parameter(*pair) for pair in fields["parameters"])
    return Template(name=fields["name"], language=fields["language"], parameters=parameters)


Packed = str | int | float | list["Packed"] | dict[str, "Packed"]


def pack_sentence(text: str) -> Packed:
    """A text that is no sentence stays as it is."""
    return _packed(text)


def _packed(value: object) -> Packed:
    match value:
        case Sentence():
            fields: dict[str, Packed] = {name: _packed(one) for name, one in value.fields.items()}
            return {"one": value.template, "many": value.plural, "count": value.number, "fields": fields}
        case Day():
            return {"day": value.date.isoformat(), "year": value.year}
        case tuple():
            return [_packed(one) for one in value]
        case int() | float():
            return value
    return str(value)


def unpack_sentence(packed: Packed) -> str:
    """What pack_sentence() made."""
    return str(_unpacked(packed))


def _unpacked(packed: Packed) -> object:
    match packed:
        case {"one": str(one), "many": str(many), "count": int(count), "fields": dict(packed_fields)}:
            fields = {str(name): _unpacked(value) for name, value in packed_fields.items()}
            if not many:
                return sentence(one, **fields)
            return sentences(one, many, count, **{n: v for n, v in fields.items() if n != "count"})
        case {"day": str(day), "year": year}:
            return Day(date.fromisoformat(day), year=bool(year))
        case list():
            return tuple(_unpacked(one) for one in packed)
    return packed
