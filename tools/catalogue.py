"""Update the translation catalogues from the code: .venv/bin/python -m tools.catalogue

New texts are added without a translation, unused ones removed. tests/unit/test_catalogue.py checks that nothing is
missing.
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
# Texts for people: _(), ngettext() and plural() in the bot, sentence() and sentences() elsewhere.
_KEYWORDS = {**DEFAULT_KEYWORDS, "plural": (1, 2), "sentence": None, "sentences": (1, 2)}
_WIDTH = 110
_HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plural_forms}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""


def path(language: str) -> Path:
    """The catalogue of a language."""
    return ROOT / "bot" / "text" / "locales" / language / "LC_MESSAGES" / "bot.po"


def extracted() -> Catalog:
    """Every text in the code, with the files that use it."""
    found = Catalog(project="Message Sender")
    for room in ROOMS:
        for file, _line, text, comments, context in extract_from_dir(
            ROOT / room, [("**.py", "python")], keywords=_KEYWORDS, comment_tags=("Translators:",)
        ):
            found.add(text, locations=[(f"{room}/{file}", 1)], auto_comments=comments, context=context)
    return found


def translated(language: str) -> Catalog:
    """The catalogue on disk; an empty one if there is none."""
    if not path(language).exists():
        return Catalog(locale=language)
    with path(language).open("rb") as text:
        return read_po(text, locale=language)


def updated(language: str) -> Catalog:
    """The catalogue with exactly the texts of the code."""
    catalogue = translated(language)
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def main() -> None:
    """Rewrite the files, without line numbers and dates, so that only changed texts change them."""
    for language in TRANSLATED:
        catalogue, texts = updated(language), BytesIO()
        write_po(texts, catalogue, _WIDTH, omit_header=True, sort_by_file=True, include_lineno=False)
        header = _HEADER.format(language=language, plural_forms=catalogue.plural_forms)
        path(language).parent.mkdir(parents=True, exist_ok=True)
        path(language).write_text(header + texts.getvalue().decode(), encoding="utf-8")


if __name__ == "__main__":
    main()
