"""Message templates as a messenger lists them, and what is still missing in the one that a content uses."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple

from core.domain.content.content import ButtonValue, Content, Media, Parameter, Template
from core.domain.messengers.capabilities import MediaKind
from core.domain.translatable import Sentence, sentence

APPROVED: Final = "APPROVED"
_GAP: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_HEADER_GAP: Final = "_header"


class ListedButton(NamedTuple):
    """A button of a template. `kind`: as the messenger names it, in lower case."""

    kind: str
    text: str
    url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedTemplate:
    """One language of a template."""

    name: str
    language: str
    status: str
    """APPROVED, or why it cannot be used: PENDING, PAUSED, REJECTED, DISABLED, ..."""
    category: str
    """MARKETING, UTILITY, AUTHENTICATION."""
    header: str = ""
    """A text, with {{1}} for a gap."""
    header_file: MediaKind | None = None
    body: str = ""
    footer: str = ""
    buttons: tuple[ListedButton, ...] = ()
    beyond: str = ""
    """A part of it that nothing here can fill, as the messenger names it."""

    @property
    def key(self) -> str:
        """Short enough for a button."""
        return hashlib.sha256(f"{self.name} {self.language}".encode()).hexdigest()[:10]

    @property
    def usable(self) -> bool:
        return self.status == APPROVED and not self.beyond

    @property
    def text(self) -> str:
        """The text with its gaps."""
        return self._text(self.header)

    def _text(self, header: str) -> str:
        return "\n\n".join(part for part in (header, self.body, self.footer) if part)

    def begun(self) -> Template:
        """The template with nothing filled in."""
        return Template(
            name=self.name,
            language=self.language,
            parameters=tuple(_parameters(self.body)),
            header=Parameter("", next(_names(self.header), "")) if _GAP.search(self.header) else None,
            header_file=self.header_file,
            buttons=tuple(_button_values(self.buttons)),
            text=self._text(_GAP.sub(f"{{{{{_HEADER_GAP}}}}}", self.header)),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateList:
    """A messenger's templates as they were at a moment. `problem`: why there are none."""

    at: datetime
    templates: tuple[ListedTemplate, ...] = ()
    problem: str = ""

    def find(self, name: str, language: str) -> ListedTemplate | None:
        return next((one for one in self.templates if (one.name, one.language) == (name, language)), None)

    def named(self, key: str) -> ListedTemplate | None:
        return next((one for one in self.templates if one.key == key), None)

    def doubt(self, template: Template) -> Sentence | None:
        """Reason why the messenger would refuse the template, by its list; None if the list has no objection."""
        listed = self.find(template.name, template.language)
        fields = {"name": template.name, "language": template.language}
        if listed is None:
            others = tuple(sorted(one.language for one in self.templates if one.name == template.name))
            if others:
                return sentence(
                    "There is no template {name} in {language}, only in {others}.", others=others, **fields
                )
            return sentence("Your account has no template {name} in {language}.", **fields)
        if listed.status != APPROVED:
            return sentence(
                "The template {name} can't be used: its status is {status}.", status=listed.status, **fields
            )
        wanted = listed.begun()
        if len(wanted.parameters) != len(template.parameters):
            return sentence(
                "The text of the template {name} needs {wanted} values, but you gave {given}.",
                wanted=len(wanted.parameters),
                given=len(template.parameters),
                **fields,
            )
        if {one.name for one in wanted.parameters} != {one.name for one in template.parameters}:
            names = tuple(one.name or "1, 2, ..." for one in wanted.parameters)
            return sentence("The fields of the template {name} are called {names}.", names=names, **fields)
        if wanted.header_file is not None and template.header_file is not wanted.header_file:
            return sentence(
                "The template {name} has a {kind} at the top. Choose the template again to add it.",
                kind=wanted.header_file.words,
                **fields,
            )
        if (wanted.header is None) is not (template.header is None) or len(wanted.buttons) != len(
            template.buttons
        ):
            return sentence(
                "The template {name} has values in its header or buttons. Choose it again to fill them in.",
                **fields,
            )
        return None


class TemplateGap(NamedTuple):
    """A gap of a template. `part`: header, file, body or button; `number`: among its kind, from 0."""

    part: str
    number: int = 0
    name: str = ""
    """The name between the braces, or the label of the button."""


def next_gap(content: Content) -> TemplateGap | None:
    """The first gap of the content's template that nothing fills; None without a template."""
    template = content.template
    if template is None:
        return None
    if template.header_file is not None and header_media(content) is None:
        return TemplateGap("file")
    if template.header is not None and not template.header.text:
        return TemplateGap("header", name=template.header.name or "1")
    for number, one in enumerate(template.parameters):
        if not one.text:
            return TemplateGap("body", number, one.name or str(number + 1))
    for number, value in enumerate(template.buttons):
        if not value.text:
            return TemplateGap("button", number)
    return None


def header_media(content: Content) -> Media | None:
    """The file at the top of the template: the first one of its kind."""
    kind = content.template.header_file if content.template else None
    return next((one for one in content.media if one.kind is kind), None)


def with_value(template: Template, place: TemplateGap, text: str) -> Template:
    """Fill one gap that is not a file."""
    match place.part:
        case "header":
            return replace(template, header=Parameter(text, template.header.name if template.header else ""))
        case "body":
            filled = list(template.parameters)
            filled[place.number] = filled[place.number]._replace(text=text)
            return replace(template, parameters=tuple(filled))
        case _:
            buttons = list(template.buttons)
            buttons[place.number] = buttons[place.number]._replace(text=text)
            return replace(template, buttons=tuple(buttons))


def template_text(template: Template) -> str:
    """The text that people read, if it is known; else the name and the values."""
    if not template.text:
        values = " | ".join(one.text for one in template.parameters)
        return f"[{template.name}] {values}".rstrip()
    values_by_name = {one.name or str(number): one.text for number, one in enumerate(template.parameters, 1)}
    if template.header is not None:
        values_by_name[_HEADER_GAP] = template.header.text or f"{{{{{template.header.name or 1}}}}}"
    return _GAP.sub(lambda gap: values_by_name.get(gap[1]) or gap[0], template.text)


def _names(text: str) -> Iterator[str]:
    """Names of the gaps, each once; empty for a number."""
    for name in dict.fromkeys(gap[1] for gap in _GAP.finditer(text)):
        yield "" if name.isdigit() else name


def _parameters(body: str) -> Iterator[Parameter]:
    for name in _names(body):
        yield Parameter("", name)


def _button_values(buttons: tuple[ListedButton, ...]) -> Iterator[ButtonValue]:
    for place, one in enumerate(buttons):
        if one.kind == "copy_code" or (one.kind == "url" and _GAP.search(one.url)):
            yield ButtonValue(place, one.kind, "", one.text, one.url)
