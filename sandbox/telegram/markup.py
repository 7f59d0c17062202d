"""Telegram's HTML -> plain text and entities, with Telegram's error texts.

Offsets and lengths of entities count UTF-16 units; positions in error texts count bytes of the input.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

Json = dict[str, Any]
_SPACES: Final = " \t\r\n\v\0"
_TYPES: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE: Final = re.compile(r"&(?:#x(?P<hex>[0-9a-fA-F]+)|#(?P<decimal>[0-9]+)|(?P<name>[A-Za-z]+));?")
_ATTRIBUTE_END: Final = _SPACES + "=>/\"'"


class MarkupError(ValueError):
    """The text cannot be parsed; the message is Telegram's, without "can't parse entities: "."""


def utf16_length(text: str) -> int:
    """The length Telegram counts: UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


@dataclass(slots=True)
class _Tag:
    name: str
    argument: str
    offset: int
    begin: int


class HtmlReader:
    """Parses one text, character by character, as Telegram does."""

    def __init__(self, text: str) -> None:
        # The closing NUL counts as a space, as in the server this follows, so every scan ends.
        self._source = text.replace("\0", "") + "\0"
        self._at = 0
        self._plain: list[str] = []
        self._units = 0
        self._open: list[_Tag] = []
        self._entities: list[Json] = []

    def read(self) -> tuple[str, list[Json]]:
        """The plain text and its entities. Raises MarkupError."""
        end = len(self._source) - 1
        while self._at < end:
            char = self._source[self._at]
            if char == "&":
                self._emit(self._reference() or self._next())
            elif char != "<":
                self._emit(self._next())
            elif self._source[self._at + 1] == "/":
                self._end_tag()
            else:
                self._start_tag()
        if self._open:
            raise MarkupError(f'Can\'t find end tag corresponding to start tag "{self._open[-1].name}"')
        self._entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self._plain), self._entities

    def _next(self) -> str:
        self._at += 1
        return self._source[self._at - 1]

    def _emit(self, char: str) -> None:
        self._plain.append(char)
        self._units += 1 + (char > "\uffff")

    def _byte(self, position: int) -> int:
        return len(self._source[:position].encode())

    def _reference(self) -> str:
        """Consume a reference such as &lt; and return its character; empty if it is none."""
        match = _REFERENCE.match(self._source, self._at)
        if match is None:
            return ""
        if match["name"]:
            char = _NAMED.get(match["name"], "")
        else:
            code = int(match["hex"], 16) if match["hex"] else int(match["decimal"])
            char = chr(code) if 0 < code < 0x10FFFF and not 0xD800 <= code < 0xE000 else ""
        if char:
            self._at = match.end()
        return char

    def _skip_spaces(self) -> None:
        while self._source[self._at] in _SPACES and self._source[self._at] != "\0":
            self._at += 1

    def _scan(self, stops: str) -> str:
        start = self._at
        while self._source[self._at] not in stops:
            self._at += 1
        return self._source[start : self._at]

    def _start_tag(self) -> None:
        begin = self._at
        self._at += 1
        name = self._scan(_SPACES + ">").lower()
        if self._source[self._at] == "\0":
            raise MarkupError(f"Unclosed start tag at byte offset {self._byte(begin)}")
        if name not in _TYPES:
            raise MarkupError(f'Unsupported start tag "{name}" at byte offset {self._byte(begin)}')
        argument = self._attributes(name, begin)
        if name == "span" and argument != "spoiler":
            raise MarkupError(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}')
        self._open.append(_Tag(name, argument, self._units, len(self._plain)))

    def _attributes(self, tag: str, begin: int) -> str:
        """Read past the ">"; return the one attribute that matters for this tag."""
        argument = ""
        while True:
            self._skip_spaces()
            if self._source[self._at] == ">":
                self._at += 1
                return argument
            name = self._scan(_ATTRIBUTE_END)
            if not name:
                raise MarkupError(
                    f'Empty attribute name in the tag "{tag}" at byte offset {self._byte(begin)}'
                )
            self._skip_spaces()
            value = None
            if self._source[self._at] == "=":
                self._at += 1
                self._skip_spaces()
                value = self._value()
            if self._source[self._at] == "\0":
                raise MarkupError(f'Unclosed start tag "{tag}" at byte offset {self._byte(begin)}')
            argument = _argument(tag, name, value) or argument

    def _value(self) -> str:
        quote = self._source[self._at]
        start = self._at
        if quote not in "\"'":
            while self._source[self._at].isalnum() or self._source[self._at] in ".-":
                self._at += 1
            if self._source[self._at] not in _SPACES + ">":
                raise MarkupError(f"Unexpected end of name token at byte offset {self._byte(start)}")
            return self._source[start : self._at].lower()
        self._at += 1
        value = []
        while self._source[self._at] not in (quote, "\0"):
            value.append((self._reference() if self._source[self._at] == "&" else "") or self._next())
        if self._source[self._at] == quote:
            self._at += 1
        return "".join(value)

    def _end_tag(self) -> None:
        begin = self._at
        if not self._open:
            raise MarkupError(f"Unexpected end tag at byte offset {self._byte(begin)}")
        self._at += 2
        name = self._scan(_SPACES + ">")
        self._skip_spaces()
        if self._source[self._at] != ">":
            raise MarkupError(f"Unclosed end tag at byte offset {self._byte(begin)}")
        self._at += 1
        tag = self._open.pop()
        if name and name != tag.name:
            raise MarkupError(
                f"Unmatched end tag at byte offset {self._byte(begin)}, "
                f'expected "</{tag.name}>", found "</{name}>"'
            )
        if self._units > tag.offset:
            self._close(tag)

    def _close(self, tag: _Tag) -> None:
        entity: Json = {"type": _TYPES[tag.name], "offset": tag.offset, "length": self._units - tag.offset}
        if tag.name == "a":
            entity["url"] = tag.argument or "".join(self._plain[tag.begin :])
            if not re.match(r"(?i)(https?|tg|ton|mailto|tel):|[^/:\s]+\.[^/:\s]", entity["url"]):
                return
        elif tag.name == "tg-emoji":
            entity["custom_emoji_id"] = tag.argument
        elif tag.name == "blockquote" and tag.argument:
            entity["type"] = "expandable_blockquote"
        elif tag.name == "code" and tag.argument:
            entity["language"] = tag.argument
        elif tag.name == "pre" and self._entities and _same_span(self._entities[-1], entity):
            entity |= {k: v for k, v in self._entities.pop().items() if k == "language"}
        self._entities.append(entity)


def _argument(tag: str, name: str, value: str | None) -> str:
    if tag == "blockquote" and name == "expandable":
        return "expandable"
    if value is None:
        return ""
    if (tag, name) in (("a", "href"), ("tg-emoji", "emoji-id")):
        return value
    if (tag, name) == ("code", "class") and value.startswith("language-"):
        return value.removeprefix("language-")
    if (tag, name) == ("span", "class") and value.startswith("tg-"):
        return value.removeprefix("tg-")
    return ""


def _same_span(one: Json, other: Json) -> bool:
    keys = ("offset", "length")
    return one["type"] == "code" and all(one[key] == other[key] for key in keys)
