"""Gaps in a content, filled for each recipient: "Hello {name}".

"Hello {name|friend}" has a default for those without a value. "{{" gives a brace, "{{name}}" gives {name}.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from core.domain.content.content import Button, Content, Media, Template
from core.domain.content.formatting import Entity, Utf16, moved, utf16_length

NAME = r"[^\W\d]\w{0,63}"
LONGEST_DEFAULT = 100
_DEFAULT = rf"[^{{}}\n]{{0,{LONGEST_DEFAULT}}}"
_TOKEN = re.compile(
    rf"\{{\{{(?P<literal>{NAME}(?:\|{_DEFAULT})?)\}}\}}|(?P<brace>\{{\{{)"
    rf"|\{{(?P<name>{NAME})(?:\|(?P<default>{_DEFAULT}))?\}}"
)
_BAR = re.compile(rf"\{{{NAME}\|{_DEFAULT}\}}|(?P<bar>\|)")

_BREAKS = re.compile(r"\s*[\r\n\t\v\f]\s*")
_MANY_BLANKS = re.compile(r" {5,}")

Values = Mapping[str, str]


class MissingVariable(LookupError):
    """A gap has no value for this recipient."""


def parts_between_bars(text: str, most: int | None = None) -> list[str]:
    """Split at bars, into `most` parts at most; the bar of a gap with a default separates nothing."""
    bars = [match.start() for match in _BAR.finditer(text) if match["bar"]]
    if most is not None:
        bars = bars[: most - 1]
    return [
        text[start:end] for start, end in zip([0, *(bar + 1 for bar in bars)], [*bars, None], strict=True)
    ]


def placeholders(content: Content) -> tuple[str, ...]:
    """The names of the gaps, each once, in the order of the content."""
    return tuple(dict.fromkeys(match["name"] for match in _gaps(content)))


def needed(content: Content) -> tuple[str, ...]:
    """The names of the gaps without a default, each once."""
    return tuple(dict.fromkeys(match["name"] for match in _gaps(content) if match["default"] is None))


def defaults(content: Content) -> dict[str, str]:
    """Texts for gaps without a value, by name."""
    return {
        match["name"]: match["default"].strip() for match in _gaps(content) if match["default"] is not None
    }


def with_default(content: Content, name: str, default: str) -> Content:
    """The content with a default in the gaps of this name that have none."""
    return substituted(content, _gap(name), lambda _found: f"{{{name}|{default}}}")


def as_words(content: Content, name: str) -> Content:
    """The content with "{name}" as words that are sent as they are."""
    return substituted(content, _gap(name), lambda found: f"{{{found[0]}}}")


def renamed(content: Content, name: str, column: str) -> Content:
    """The content with the gap {column} in place of each gap of this name that has no default."""
    return substituted(content, _gap(name), lambda _found: f"{{{column}}}")


def _gap(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\{{)\{{{re.escape(name)}\}}(?!\}})")


def _gaps(content: Content) -> Iterator[re.Match[str]]:
    if not content.verbatim:
        for part in _parts(content):
            yield from (match for match in _TOKEN.finditer(part) if match["name"])


def has_gaps(content: Content) -> bool:
    """True when filled() would change the content."""
    return not content.verbatim and any("{" in part and _TOKEN.search(part) for part in _parts(content))


def _parts(content: Content) -> Iterator[str]:
    yield content.text
    for entity in content.entities:
        yield entity.url
    for media in content.media:
        yield media.link
    for button in content.all_buttons():
        yield button.text
        yield button.url
    if content.template is not None:
        yield from content.template.all_texts()


def filled(content: Content, values: Values) -> Content:
    """The content as one recipient gets it. Raises MissingVariable."""
    if content.verbatim:
        return content
    text, edits = _filled(content.text, values)
    return replace(
        content,
        text=text,
        entities=tuple(_entities(content.entities, edits, values)),
        media=tuple(_media(media, values) for media in content.media),
        buttons=tuple(tuple(_button(button, values) for button in row) for row in content.buttons),
        template=content.template and _template(content.template, values),
    )


def substituted(content: Content, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str]) -> Content:
    """The content with each match in its texts replaced; entities stay on the same words."""
    text, edits = _edited(content.text, pattern, new)
    entities = (
        moved(one, _shifted(one.offset, edits), _shifted(one.end, edits, behind=True))
        for one in content.entities
    )
    return replace(
        content,
        text=text,
        entities=tuple(one for one in entities if one.length > 0),
        buttons=tuple(
            tuple(Button(pattern.sub(new, one.text), one.url) for one in row) for row in content.buttons
        ),
        template=content.template and _with_texts(content.template, lambda text: pattern.sub(new, text)),
    )


@dataclass(frozen=True, slots=True)
class _Edit:
    """A range of the old text, in UTF-16 units, and the length of what has come in its place."""

    start: int
    end: int
    length: int


def _filled(text: str, values: Values, shape: Callable[[str], str] = str) -> tuple[str, list[_Edit]]:
    return _edited(text, _TOKEN, lambda found: _value(found, values, shape)) if "{" in text else (text, [])


def _edited(
    text: str, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str]
) -> tuple[str, list[_Edit]]:
    units = Utf16(text)
    parts: list[str] = []
    edits: list[_Edit] = []
    at = 0
    for match in pattern.finditer(text):
        value = new(match)
        parts += [text[at : match.start()], value]
        edits.append(_Edit(units.units(match.start()), units.units(match.end()), utf16_length(value)))
        at = match.end()
    return "".join([*parts, text[at:]]), edits


def _value(match: re.Match[str], values: Values, shape: Callable[[str], str]) -> str:
    name = match["name"]
    if name is None:
        return f"{{{match['literal']}}}" if match["literal"] else "{"
    if name not in values and match["default"] is None:
        raise MissingVariable(name)
    return shape(values[name] if name in values else match["default"].strip())


def _entities(entities: tuple[Entity, ...], edits: list[_Edit], values: Values) -> Iterator[Entity]:
    """The entities on the filled text; one that covers a part of a gap covers all of what fills it."""
    for entity in entities:
        start, end = _shifted(entity.offset, edits), _shifted(entity.end, edits, behind=True)
        if start < end:
            placed = moved(entity, start, end)
            yield placed._replace(url=_address(entity.url, values)) if entity.url else placed


def _shifted(offset: int, edits: list[_Edit], *, behind: bool = False) -> int:
    """The place of an offset of the old text in the new one; `behind`: it is the end of a range."""
    shift = 0
    for edit in edits:
        if offset <= edit.start:
            break
        if offset < edit.end:
            return edit.start + shift + (edit.length if behind else 0)
        shift += edit.length - (edit.end - edit.start)
    return offset + shift


def _address(url: str, values: Values) -> str:
    """Quotes values, so that none can change the host of the address, unless one is the whole address."""
    match = _TOKEN.match(url)
    whole = match is not None and match.end() == len(url)
    return _filled(url, values, str if whole else lambda value: quote(value, safe=""))[0]


def _media(media: Media, values: Values) -> Media:
    return replace(media, link=_address(media.link, values)) if "{" in media.link else media


def _button(button: Button, values: Values) -> Button:
    return Button(_filled(button.text, values)[0], _address(button.url, values))


def _template(template: Template, values: Values) -> Template:
    filled_in = _with_texts(template, lambda text: one_line(_filled(text, values)[0]))
    # Of a button's address only the end is given: a value must not change where it leads.
    buttons = (
        one._replace(text=_filled(one.text, values, lambda value: quote(value, safe=""))[0])
        if one.kind == "url"
        else filled_one
        for one, filled_one in zip(template.buttons, filled_in.buttons, strict=True)
    )
    return replace(filled_in, buttons=tuple(buttons))


def _with_texts(template: Template, new: Callable[[str], str]) -> Template:
    header = template.header
    return replace(
        template,
        parameters=tuple(one._replace(text=new(one.text)) for one in template.parameters),
        header=header and header._replace(text=new(header.text)),
        buttons=tuple(one._replace(text=new(one.text)) for one in template.buttons),
    )


def one_line(text: str) -> str:
    """Put a value on one line: WhatsApp refuses parameters with line breaks, tabs or more than four blanks in a row."""
    return _MANY_BLANKS.sub("    ", _BREAKS.sub(" ", text))
