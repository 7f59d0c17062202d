"""Brings the catalogue of each language up to what the code says now: .venv/bin/python -m tools.catalogue

New texts appear without a translation, those that nothing says any more are gone. tests/unit/test_catalogue.py holds
the catalogue to it.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("bot", "core", "workers")
TRANSLATED = ("ru",)
# What makes a text one for people: _() and ngettext() in the bot, sentence() and sentences() elsewhere.
_KEYWORDS = {**DEFAULT_KEYWORDS, "sentence": None, "sentences": (1, 2)}
_WIDTH = 110
_HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plural_forms}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""


def path(language: str) -> Path:
    """Where a language's texts stand."""
    return ROOT / "bot" / "text" / "locales" / language / "LC_MESSAGES" / "bot.po"


def extracted() -> Catalog:
    """Every text that the code says to people, with the files that say it."""
    found = Catalog(project="Message Sender")
    for room in ROOMS:
        for file, _line, text, comments, context in extract_from_dir(
            ROOT / room, [("**.py", "python")], keywords=_KEYWORDS, comment_tags=("Translators:",)
        ):
            found.add(text, locations=[(f"{room}/{file}", 1)], auto_comments=comments, context=context)
    return found


def translated(language: str) -> Catalog:
    """A language's catalogue as it stands; an empty one where there is none yet."""
    if not path(language).exists():
        return Catalog(locale=language)
    with path(language).open("rb") as text:
        return read_po(text, locale=language)


def brought_up(language: str) -> Catalog:
    """Its catalogue with exactly the texts that the code has."""
    catalogue = translated(language)
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def main() -> None:
    """Rewrites the files. No line numbers and no dates, so that only changes of texts change them."""
    for language in TRANSLATED:
        catalogue, texts = brought_up(language), BytesIO()
        write_po(texts, catalogue, _WIDTH, omit_header=True, sort_by_file=True, include_lineno=False)
        header = _HEADER.format(language=language, plural_forms=catalogue.plural_forms)
        path(language).parent.mkdir(parents=True, exist_ok=True)
        path(language).write_text(header + texts.getvalue().decode(), encoding="utf-8")


if __name__ == "__main__":
    main()
