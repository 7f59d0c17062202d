"""Lines at the end of a written text that are no text themselves:

[Shop](https://example.com/shop) [Map](https://example.com/map)     a row of buttons
![price list](https://example.com/list.pdf)                        a file by its address
template: visit_reminder en_US | {name} | 5 pm                      a template, and what fills its gaps
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from core.domain.abilities import MediaKind
from core.domain.content import Button, Content, Media, Parameter, Template
from core.domain.formatting import clipped, utf16_length

_BUTTON = re.compile(r"\[([^\[\]\n]+)\]\((https?://[^\s()]+)\)")
_BUTTONS = re.compile(rf"(?:{_BUTTON.pattern}[ \t]*)+")
_FILE = re.compile(r"!\[([^\[\]\n]*)\]\((https?://[^\s()]+)\)")
_TEMPLATE = re.compile(r"template:\s*([a-z0-9_]{1,512})\s+([A-Za-z_]{2,8})\s*(?:\|(.*))?", re.IGNORECASE)
_NAMED = re.compile(r"(\w+)\s*=\s*(.*)")
_KINDS = {
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".gif", ".webp"), MediaKind.PHOTO),
    ".mp4": MediaKind.VIDEO,
}


def read_content(written: Content) -> Content:
    """The content without those lines, and with what they say."""
    content, text = written, written.text
    while text.strip():
        above, _, last = text.rstrip().rpartition("\n")
        more = _with_line(content, last.strip())
        if more is None:
            break
        content, text = more, above.rstrip()
    if content is written:
        return written
    entities = clipped(written.entities, 0, utf16_length(text))
    return replace(content, text=text, entities=entities, media=_linked(content.media, len(written.media)))


def _with_line(content: Content, line: str) -> Content | None:
    """The content with what a line says; None for a line of text. The last line comes first."""
    if _BUTTONS.fullmatch(line):
        row = tuple(Button(text.strip(), url) for text, url in _BUTTON.findall(line))
        return replace(content, buttons=(row, *content.buttons))
    if (file := _FILE.fullmatch(line)) is not None:
        return replace(content, media=(*content.media, _file(file[1].strip(), file[2])))
    if (template := _TEMPLATE.fullmatch(line)) is not None and content.template is None:
        return replace(content, template=_template(template))
    return None


def _file(name: str, link: str) -> Media:
    path = PurePosixPath(urlsplit(link).path)
    kind = _KINDS.get(path.suffix.lower(), MediaKind.DOCUMENT)
    return Media(kind=kind, link=link, file_name=name or path.name)


def _linked(media: Sequence[Media], attached: int) -> tuple[Media, ...]:
    """Addresses belong to the attached files, in their order; those left over are files of their own."""
    files, links = list(media[:attached]), list(reversed(media[attached:]))
    paired = [replace(file, link=link.link) for file, link in zip(files, links, strict=False)]
    return (*paired, *files[len(paired) :], *links[len(paired) :])


def _template(match: re.Match[str]) -> Template:
    values = [value.strip() for value in match[3].split("|")] if match[3] else []
    return Template(
        name=match[1].lower(),
        language=match[2],
        parameters=tuple(_parameter(value) for value in values),
    )


def _parameter(value: str) -> Parameter:
    named = _NAMED.fullmatch(value)
    return Parameter(named[2], named[1]) if named else Parameter(value)
