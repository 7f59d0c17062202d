"""Translates the texts of the chat into the reader's language.

    _("Draft #{id} is discarded; nothing was sent.").format(id=draft.id)
    ngettext("{count} person", "{count} people", n).format(count=amount(n))

The English text is the key; the other languages are in `locales/<language>/LC_MESSAGES/bot.po`. `_` also translates
the sentences of core. set_language() sets the language of a task, in_language() that of a block.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from bot.text.catalogue import Catalogue
from core.domain.translatable import Country, Day, Sentence

ENGLISH = "en"
LANGUAGES = (ENGLISH, "ru")
_LOCALES = {language: Locale(language) for language in LANGUAGES}
_FOLDER = Path(__file__).with_name("locales")
_language: ContextVar[str] = ContextVar("language", default=ENGLISH)


def language_of(code: str | None) -> str:
    """For the language code of an app (IETF, for example "ru-RU"); English where we have no translation."""
    language = (code or "").lower().replace("_", "-").partition("-")[0]
    return language if language in LANGUAGES else ENGLISH


def language() -> str:
    return _language.get()


def locale() -> Locale:
    """The current reader's locale: names of days and months, separators."""
    return _LOCALES[language()]


def set_language(language: str) -> None:
    """Set the language for the rest of the current task."""
    _language.set(language if language in LANGUAGES else ENGLISH)


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Set the language for a block."""
    token = _language.set(language if language in LANGUAGES else ENGLISH)
    try:
        yield
    finally:
        _language.reset(token)


def _(text: str) -> str:
    """Translate a text or a sentence of core; English where the catalogue has none."""
    if isinstance(text, Sentence):
        return _translated(text)
    return _catalogue(language()).gettext(text) if text else ""


def translate(text: str) -> str:
    """Translate a sentence of core; return any other text unchanged, as it may be a person's own."""
    return _translated(text) if isinstance(text, Sentence) else text


def ngettext(singular: str, plural: str, count: int) -> str:
    """The form for `count`."""
    return _catalogue(language()).ngettext(singular, plural, count)


def plural(singular: str, plural: str, count: int, **fields: str) -> str:
    """The form for `count`, with its fields filled in: "1,204 people"."""
    return ngettext(singular, plural, count).format(count=amount(count), **fields)


def amount(number: float) -> str:
    """A number with the separators of the language: "1,204", "1 204"."""
    return str(format_decimal(number, locale=locale()))


def dated(day: date, pattern: str) -> str:
    """A day in a CLDR pattern: "EEE d MMM y" is "Tue 24 Nov 2026", "вт 24 нояб. 2026"."""
    return str(format_date(day, pattern, locale=locale()))


def _translated(sentence: Sentence) -> str:
    template = (
        ngettext(sentence.template, sentence.plural, sentence.number)
        if sentence.plural
        else _(sentence.template)
    )
    return template.format(**{name: _field(value) for name, value in sentence.fields.items()})


def _field(value: object) -> str:
    match value:
        case Day():
            return dated(value.date, "EEE d MMM y" if value.year else "EEE d MMM")
        case Country():
            return str(locale().territories.get(value.code, value.code))
        case tuple():
            return ", ".join(map(_field, value))
        case int() | float():
            return amount(value)
        case Sentence():
            return _translated(value)
    return str(value)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """Read at the first text in a language."""
    if language == ENGLISH:
        return gettext.NullTranslations()
    return Catalogue(_FOLDER / language / "LC_MESSAGES" / "bot.po")
