"""Lines at the end of a written text that are no text themselves:

[Shop](https://example.com/shop) [Map](https://example.com/map)     a row of buttons
![price list](https://example.com/list.pdf)                        a file by its address
![price list](whatsapp:1376223850470843)                           the same by the id that a messenger gave it
template: visit_reminder en_US | {name} | 5 pm                      a template, and what fills its gaps
template: sale en_US | header: photo | {name} | button 2: summer    the same with the message's photo at its top
location: 52.5163, 13.3777 | Club house | Pariser Platz 1           a place on the map, with a name and an address
contact: Anna Schmidt | +49 151 2345678                             a contact card
poll: Which day suits you? | Friday | Saturday                      a poll
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from core.domain.content.content import (
    Button,
    ButtonValue,
    ContactCard,
    Content,
    Media,
    Parameter,
    Place,
    Poll,
    Template,
)
from core.domain.content.formatting import clipped, utf16_length
from core.domain.content.variables import parts_between_bars
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.traits import BY_ALIAS

_BUTTON = re.compile(r"\[([^\[\]\n]+)\]\((https?://[^\s()]+)\)")
_BUTTONS = re.compile(rf"(?:{_BUTTON.pattern}[ \t]*)+")
_FILE = re.compile(r"!\[([^\[\]\n]*)\]\(([^\s()]+)\)")
_ADDRESS = re.compile(r"https?://[^\s()]+")
_HELD = re.compile(r"([a-z]+):([\w=-]{1,128})", re.IGNORECASE)
_TEMPLATE = re.compile(r"template:\s*([a-z0-9_]{1,512})\s+([A-Za-z_]{2,8})\s*(?:\|(.*))?", re.IGNORECASE)
_PLACE = re.compile(
    r"location:\s*(-?\d{1,2}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)\s*(?:\|([^|]*))?(?:\|([^|]*))?",
    re.IGNORECASE,
)
_CONTACT = re.compile(r"contact:\s*([^|]*[^|\s])\s*\|\s*(\+[\d\s()./-]{5,30})", re.IGNORECASE)
_POLL = re.compile(r"poll:\s*([^|]{1,300})((?:\|[^|]{1,102}){2,12})", re.IGNORECASE)
_NOT_DIALLED = re.compile(r"[^\d+]")
_NAMED = re.compile(r"(\w+)\s*=\s*(.*)")
_BESIDE_BODY = re.compile(
    r"(?:(?P<header>header)|(?:button|(?P<code>code))\s*(?P<number>[1-9]|10)?)\s*:\s*(?P<text>\S.*)",
    re.IGNORECASE,
)
_POLE, _DATE_LINE = 90, 180
"""In degrees."""
_HEADER_FILES = {kind.value: kind for kind in (MediaKind.PHOTO, MediaKind.VIDEO, MediaKind.DOCUMENT)}
_KINDS = {
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".gif", ".webp"), MediaKind.PHOTO),
    ".mp4": MediaKind.VIDEO,
    **dict.fromkeys((".mp3", ".m4a"), MediaKind.AUDIO),
    **dict.fromkeys((".ogg", ".oga", ".opus"), MediaKind.VOICE),
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
    file = _FILE.fullmatch(line)
    if file is not None and (place := read_place(file[2])) is not None:
        return replace(content, media=(*content.media, _named(place, file[1].strip())))
    if (card := _card(line)) is not None:
        return replace(content, media=(*content.media, card))
    if (template := _TEMPLATE.fullmatch(line)) is not None and content.template is None:
        return replace(content, template=_template(template))
    return None


def _card(line: str) -> Media | None:
    """A place, a contact card or a poll."""
    if (found := _PLACE.fullmatch(line)) is not None:
        title, address = ((found[number] or "").strip() for number in (3, 4))
        place = Place(latitude=float(found[1]), longitude=float(found[2]), title=title, address=address)
        is_on_earth = abs(place.latitude) <= _POLE and abs(place.longitude) <= _DATE_LINE
        return Media(kind=MediaKind.LOCATION, place=place) if is_on_earth else None
    if (found := _CONTACT.fullmatch(line)) is not None:
        first_name, _, last_name = found[1].strip().partition(" ")
        number = _NOT_DIALLED.sub("", found[2])
        card = ContactCard(phone_number=number, first_name=first_name, last_name=last_name.strip())
        return Media(kind=MediaKind.CONTACT, contact=card)
    if (found := _POLL.fullmatch(line)) is not None:
        options = tuple(option.strip() for option in found[2].split("|")[1:])
        poll = Poll(question=found[1].strip(), options=options)
        return Media(kind=MediaKind.POLL, poll=poll) if poll.question and all(options) else None
    return None


def read_place(words: str) -> Media | None:
    """The file at an address, or under an id that a messenger gave it ("whatsapp:137"); None for anything else."""
    if _ADDRESS.fullmatch(words):
        name = PurePosixPath(urlsplit(words).path).name
        return Media(kind=_kind(name), link=words, name=name)
    held = _HELD.fullmatch(words)
    messenger = BY_ALIAS.get(held[1].lower()) if held else None
    if held is None or messenger is None or not messenger.traits.media_ids:
        return None
    return Media(kind=MediaKind.PHOTO, ids={messenger: held[2]})


def _named(file: Media, name: str) -> Media:
    """A file id does not tell the kind of a file; its name does."""
    kind = _kind(name) if not file.link and PurePosixPath(name).suffix else file.kind
    return replace(file, kind=kind, name=name or file.name)


def _kind(name: str) -> MediaKind:
    return _KINDS.get(PurePosixPath(name).suffix.lower(), MediaKind.DOCUMENT)


def _linked(media: Sequence[Media], attached: int) -> tuple[Media, ...]:
    """Addresses and ids belong to the attached files, in their order; those left over are files of their own."""
    files, typed = list(media[:attached]), list(reversed(media[attached:]))
    for place in typed:
        lacking = (
            n for n, file in enumerate(files) if place.is_file and file.is_file and _takes(file, place)
        )
        number = next(lacking, None)
        if number is None:
            files.append(place)
        else:
            there = files[number]
            known = there if number < attached or there.link else place
            files[number] = replace(known, link=there.link or place.link, ids={**there.ids, **place.ids})
    return tuple(files)


def _takes(file: Media, place: Media) -> bool:
    """True if the text gives the address of an earlier file, and adds no other."""
    if place.link:
        return not file.link and bool(file.ids)
    return file.ids.keys().isdisjoint(place.ids)


def _template(match: re.Match[str]) -> Template:
    values = [value.strip() for value in parts_between_bars(match[3])] if match[3] else []
    body: list[Parameter] = []
    buttons: list[ButtonValue] = []
    header, file = None, None
    for value in values:
        beside = _BESIDE_BODY.fullmatch(value)
        if beside is None:
            body.append(_parameter(value))
        elif beside["header"]:
            file = _HEADER_FILES.get(beside["text"].lower())
            header = None if file else _parameter(beside["text"])
        else:
            kind = "copy_code" if beside["code"] else "url"
            number = int(beside["number"]) - 1 if beside["number"] else len(buttons)
            buttons.append(ButtonValue(number, kind, beside["text"]))
    return Template(
        name=match[1].lower(),
        language=match[2],
        parameters=tuple(body),
        header=header,
        header_file=file,
        buttons=tuple(buttons),
    )


def _parameter(value: str) -> Parameter:
    named = _NAMED.fullmatch(value)
    return Parameter(named[2], named[1]) if named else Parameter(value)
