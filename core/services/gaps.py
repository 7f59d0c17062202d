"""Gaps as people write them: "{Name}" for the column name, and text that only looks like a gap."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Final

from core.domain.content.content import Content
from core.domain.content.variables import NAME, substituted, with_default
from core.domain.recipients import is_part_of_name, name_column
from core.domain.translatable import Sentence, sentence

_BRACED: Final = re.compile(r"(?<!\{)\{([^{}\n]{1,64})\}(?!\})")
_LOOKS_LIKE_A_GAP: Final = re.compile(
    r"(?<!\{)\{(?P<braces>[^{}\n]{1,64})\}(?!\})|\{\{(?P<twice>[^{}\n]{1,64})\}\}|\[(?P<brackets>[^\[\]\n]{1,40})\](?!\()"
    r"|<(?P<angles>[^<>\n]{1,40})>|%(?P<percent>[^\W\d][\w ]{0,39})%|\$\{(?P<dollar>[^{}\n]{1,40})\}"
    r"|\*\|(?P<bars>[^|\n]{1,40})\|\*|\uff5b(?P<wide>[^\uff5b\uff5d\n]{1,40})\uff5d"
    r"|(?<!\{)\{(?P<open>[^\W\d][^{}\n]{0,20})[^{}\n]*(?=\{|\n|\Z)",
)
_OTHER_FORMS: Final = re.compile(
    r"\{\{([^{}\n]{1,64})\}\}|\$\{([^{}\n]{1,40})\}|\[([^\[\]\n]{1,40})\](?!\()|<([^<>\n]{1,40})>"
    r"|%([^\W\d][\w ]{0,39})%|«([^«»\n]{1,40})»|\*\|([^|\n]{1,40})\|\*|\uff5b([^\uff5b\uff5d\n]{1,40})\uff5d"
)
_PEOPLE_SAY: Final = frozenset({
    "name", "firstname", "fname", "lname",
    "lastname", "surname", "fullname", "customername", "sum", "amount", "date", "time",
    "price", "city",
    "phone", "order", "code", "link", "vorname", "nachname", "betrag", "datum", "uhrzeit", "anrede", "prénom",
    "prenom", "nom",
    "montant", "nombre", "apellido", "importe", "fecha", "nome", "cognome", "sobrenome", "imie", "imię",
    "nazwisko", "kwota",
    "имя", "фамилия", "фио", "отчество", "сумма", "дата", "время", "ім'я", "імя", "прізвище", "isim", "ad",
    "soyad", "tutar",
})  # fmt: skip
_MOST: Final = 3


def with_known_gaps(content: Content, names: Collection[str]) -> Content:
    """The content with "{Name}" and "{First Name}" as the gaps {name} and {first_name}, where columns are called so.

    Another language's word for a name is the one column of first names, else {name}, where no column is called so.
    """
    return _with_gaps(content, names, lambda written: name_column(written, names))


def _with_gaps(content: Content, names: Collection[str], other: Callable[[str], str]) -> Content:
    """The content with its gaps as the columns that have the same letters, else as `other` says."""
    if content.verbatim or "{" not in content.text:
        return content
    columns = _by_letters(names)

    def known(found: re.Match[str]) -> str:
        written, bar, default = found[1].partition("|")
        meant = columns.get(_letters(written)) or other(written.strip().casefold())
        return f"{{{meant}{bar}{default}}}" if written not in names and meant else found[0]

    return substituted(content, _BRACED, known)


def with_chosen_defaults(content: Content, defaults: Mapping[str, str]) -> Content:
    """The content with these defaults, by gap, in gaps that have none."""
    if content.verbatim:
        return content
    content = _with_gaps(content, defaults, lambda _written: "")
    for name, default in defaults.items():
        content = with_default(content, name, default)
    return content


def offered_gaps(content: Content, names: Collection[str]) -> dict[str, str]:
    """Words written as gaps of other programs, "[Name]" or "{{name}}", each with the column that it names."""
    if content.verbatim or not names:
        return {}
    columns = _by_letters(names)
    found = {one[0]: columns.get(_letters(_inner(one))) for one in _OTHER_FORMS.finditer(content.text)}
    return {written: name for written, name in found.items() if name}


def with_offered_gaps(content: Content, names: Collection[str]) -> Content:
    """The content with offered_gaps() as gaps."""
    offered = offered_gaps(content, names)
    return substituted(
        content, _OTHER_FORMS, lambda found: f"{{{offered[found[0]]}}}" if found[0] in offered else found[0]
    )


def columns_meant(gap: str, values: Mapping[str, str]) -> list[str]:
    """Columns that an unknown gap may mean, the likeliest first.

    `values`: an example of each column, by the column. {name} may mean every column that holds words only.
    """
    close = get_close_matches(gap, values)
    if gap != "name":
        return close
    words = [one for one in values if values[one].replace(" ", "").isalpha()]
    return list(dict.fromkeys([*close, *sorted(words, key=is_part_of_name, reverse=True)]))


def _by_letters(names: Collection[str]) -> dict[str, str]:
    """Columns by the letters of their names, where only one column has them."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(_letters(name), []).append(name)
    return {letters: meant[0] for letters, meant in found.items() if len(meant) == 1}


def _inner(found: re.Match[str]) -> str:
    return next(part for part in found.groups() if part is not None)


def gap_warnings(content: Content) -> list[Sentence]:
    """Warn of words that are sent as they are, and look like a gap to be filled."""
    found = dict.fromkeys(_unfilled(content))
    return [
        sentence(
            "“{text}” will be sent as is. To fill in a column of your list, write {example}",
            text=text,
            example="{name}",
        )
        for text in list(found)[:_MOST]
    ]


def _unfilled(content: Content) -> Iterator[str]:
    for found in _LOOKS_LIKE_A_GAP.finditer(content.text):
        words = next(part for part in found.groups() if part is not None)
        if found["braces"] is not None:
            if not re.fullmatch(NAME, words.partition("|")[0]) or content.verbatim:
                yield found[0]
        elif found["open"] is not None:
            yield f"{{{words.strip()}"
        elif _letters(words) in _PEOPLE_SAY:
            yield found[0]


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())
