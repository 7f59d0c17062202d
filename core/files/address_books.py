"""Address books: vCards, LDIF, and Google Contacts with several numbers of a person."""

from __future__ import annotations

import base64
import quopri
import re
from collections.abc import Iterator, Sequence
from typing import Final

from core.domain.translatable import Sentence, sentences
from core.files.headings import Means, meaning, names_former, names_relative
from core.files.sheets import Cells, Rows

_LDIF: Final = re.compile(r"\s*(?:version:\s*\d+\s+)?dn::?\s", re.IGNORECASE)
_LDIF_FIELDS: Final = {
    "cn": "FN", "mobile": "TEL;CELL", "mobilephone": "TEL;CELL", "telephonenumber": "TEL;WORK", "homephone": "TEL;HOME",
    "o": "ORG", "description": "NOTE",
}  # fmt: skip
_CARD: Final = re.compile(rb"\s*BEGIN:VCARD", re.IGNORECASE)
_MOBILE: Final = (
    "cell", "mobile", "iphone", "mobil", "handy", "whatsapp", "моб", "portable", "móvil", "cel", "komórk", "сотов",
    "cep",
)  # fmt: skip
_NOT_WRITTEN_TO: Final = ("fax", "faks", "факс", "pager", "пейджер")
_MARKS_OF_USUAL: Final = re.compile(r"^_\$!<|>!\$_$")
"""Around the labels that Apple translates."""
_NUMBERED: Final = re.compile(r"(.*\d) [-\u2013] .+")


def with_mobiles_first(rows: Rows) -> tuple[Rows, list[Sentence]]:
    """Rows of a Google Contacts file with the number that is labelled as a mobile in front, and a note on it."""
    pairs = _labels_and_values(rows[0][1] if rows else ())
    if not pairs:
        return rows, []
    sorted_rows, moved = rows[:1], 0
    for number, cells in rows[1:]:
        filled = [pair for pair in pairs if max(pair) < len(cells) and cells[pair[1]]]
        own = [pair for pair in filled if not _is_labelled(cells, pair, _NOT_WRITTEN_TO)]
        chosen = next((pair for pair in own if _is_labelled(cells, pair, _MOBILE)), (own or pairs)[0])
        changed = list(cells)
        for label, value in set(filled).difference(own):
            changed[value] += f" ({cells[label]})"
        if chosen != pairs[0] and max(pairs[0]) < len(cells):
            for one, two in zip(pairs[0], chosen, strict=True):
                changed[one], changed[two] = changed[two], changed[one]
            moved += 1
        cells = tuple(changed)
        sorted_rows.append((number, cells))
    return sorted_rows, [_several_numbers(moved)] if moved else []


def _labels_and_values(heads: Cells) -> list[tuple[int, int]]:
    """The columns "Phone 1 - Label" and "Phone 1 - Value", and so on, in any language: the label comes first."""
    places: dict[str, list[int]] = {}
    for place, head in enumerate(heads):
        if (found := _NUMBERED.fullmatch(head)) and meaning(found[1]) & (Means.PHONE | Means.OTHER_PHONE):
            places.setdefault(found[1], []).append(place)
    return [(two[0], two[1]) for two in places.values() if len(two) == 2]


def _is_labelled(cells: Cells, pair: tuple[int, int], words: Sequence[str]) -> bool:
    return any(one in cells[pair[0]].lower() for one in words)


def _several_numbers(count: int) -> Sentence:
    return sentences(
        "{count} contact has several numbers. I took the mobile number, or the first one.",
        "{count} contacts have several numbers. I took the mobile number, or the first one.",
        count,
    )


def is_vcard(data: bytes) -> bool:
    return bool(_CARD.match(data[:200].lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b"")))


def vcard_rows(text: str) -> tuple[Rows, list[Sentence], dict[int, str]]:
    """Each card as a row of name and numbers, its mobile first; those without a number too. Remarks are by row."""
    rows: Rows = [(1, ("name", "first_name", "last_name", "phone", "phone 2"))]
    more = 0
    remarks: dict[int, str] = {}
    for number, card in enumerate(_cards(text), start=2):
        remarks[number] = " ".join(_remarks(card))
        name, first, last, numbers = _person(card)
        rows.append((number, (name, first, last, *numbers[:2])))
        more += len(list(filter(None, numbers))) > 1
    notes = []
    if more:
        notes.append(_several_numbers(more))
    return rows, notes, remarks


def _remarks(card: list[str]) -> Iterator[str]:
    for line in card:
        head, _colon, value = line.partition(":")
        field, _semicolon, said = head.rpartition(".")[2].partition(";")
        if field.upper() == "NOTE":
            yield _decoded(value, said.lower())


def cards_of_ldif(text: str) -> str:
    """An address book in LDIF, as Thunderbird exports it, as vCards; empty for any other text."""
    if _LDIF.match(text) is None:
        return ""
    cards: list[str] = []
    for record in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        names = {"sn": "", "givenname": ""}
        lines: list[str] = []
        for line in record.replace("\n ", "").split("\n"):
            key, _colon, value = line.partition(":")
            key, value = key.strip().casefold(), _of_ldif(value)
            if key in names:
                names[key] = value
            elif key in _LDIF_FIELDS:
                lines.append(f"{_LDIF_FIELDS[key]}:{value}")
        if lines:
            cards += ["BEGIN:VCARD", f"N:{names['sn']};{names['givenname']}", *lines, "END:VCARD"]
    return "\n".join(cards)


def _of_ldif(value: str) -> str:
    """The value behind the first colon; a second one says that it is in base64."""
    if value.startswith(":"):
        try:
            value = base64.b64decode(value[1:].strip()).decode()
        except ValueError:
            return ""
    return " ".join(value.split())


def _cards(text: str) -> Iterator[list[str]]:
    card: list[str] = []
    for line in _unfolded(text):
        upper = line.strip().upper()
        if upper == "BEGIN:VCARD":
            card = []
        elif upper == "END:VCARD":
            yield card
        else:
            card.append(line)


def _unfolded(text: str) -> Iterator[str]:
    """Lines that were broken, put together: with a blank in front, or "=" at the end of quoted-printable ones."""
    whole = ""
    for line in re.split(r"\r\n|\r|\n", text):
        if whole.endswith("=") and "QUOTED-PRINTABLE" in whole.upper():
            whole = whole[:-1] + line
        elif line[:1] in (" ", "\t"):
            whole += line[1:]
        else:
            if whole:
                yield whole
            whole = line
    if whole:
        yield whole


def _person(card: list[str]) -> tuple[str, str, str, list[str]]:
    """Name, first name, last name and numbers; the first number is empty where there are only those of others."""
    name = first = last = company = ""
    numbers: list[tuple[int, str]] = []
    labels = _own_labels(card)
    for line in card:
        head, colon, value = line.partition(":")
        if not colon:
            continue
        field, *parameters = head.split(";")
        group, _dot, field = field.upper().rpartition(".")
        said = ";".join(parameters).lower()
        value = _decoded(value, said)
        if field == "FN":
            name = value
        elif field == "N":
            last, first = (*value.split(";"), "")[:2]
        elif field == "ORG":
            company = value.partition(";")[0]
        elif field == "TEL":
            rank = _rank(said, labels.get(group, "") or _own_label(parameters))
            if rank <= _OF_OTHERS:
                numbers.append((rank, value.removeprefix("tel:").strip()))
    ordered = list(dict.fromkeys(one for _rank, one in sorted(numbers, key=lambda pair: pair[0]) if one))
    if ordered and min(numbers)[0] == _OF_OTHERS:
        ordered.insert(0, "")
    whole = name.strip() or f"{first} {last}".strip() or company.strip()
    return whole, first.strip(), last.strip(), ordered


_OF_OTHERS: Final = 3
"""The rank of a number that is labelled as another person's."""


def _rank(said: str, label: str) -> int:
    """The place of a number among those of a card, from its parameters and its own label."""
    said = f"{said};{label}".lower()
    if any(one in said for one in _NOT_WRITTEN_TO) or names_former(label):
        return _OF_OTHERS + 1
    if names_relative(label) or meaning(f"{label} phone") & Means.STRANGER:
        return _OF_OTHERS
    if "waid=" in said or "whatsapp" in said:
        return 0
    return 1 if any(one in said for one in _MOBILE) else 2


def _own_labels(card: list[str]) -> dict[str, str]:
    """By the group of lines: the label that a person wrote, or chose, for a number."""
    found: dict[str, str] = {}
    for line in card:
        head, _colon, value = line.partition(":")
        group, _dot, field = head.upper().rpartition(".")
        if field.partition(";")[0] == "X-ABLABEL":
            found[group] = _MARKS_OF_USUAL.sub("", value.strip())
    return found


def _own_label(parameters: list[str]) -> str:
    """A label of one's own as Android writes it: "TEL;X-Mama:"."""
    own = [one for one in parameters if one.upper().startswith("X-")]
    return own[0][2:] if own else ""


def _decoded(value: str, parameters: str) -> str:
    if "quoted-printable" in parameters:
        charset = re.search(r"charset=([\w-]+)", parameters)
        try:
            value = quopri.decodestring(value.encode("utf-8")).decode(
                charset[1] if charset else "utf-8", "replace"
            )
        except LookupError:
            value = quopri.decodestring(value.encode("utf-8")).decode("utf-8", "replace")
    return re.sub(r"\\([,;\\])", r"\1", value).replace("\\n", " ").replace("\\N", " ").strip()
