"""What the columns of a list mean, judged by their headings and their values together.

A column is taken for addresses unasked only where it is the one candidate for its messenger and its values fit;
else one question is asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from core.domain.errors import ValidationError
from core.domain.messengers.traits import BY_ALIAS, AddressKind, Messenger
from core.domain.translatable import Sentence, sentence
from core.files.countries import region_named
from core.files.csv_tables import ADDRESS
from core.files.headings import OF_MESSENGER, Means, meaning, word
from core.files.messenger_names import messenger_named
from core.files.questions import Choice, NeedsAnswer, Question
from core.parsing.addresses import is_telegram_link
from core.parsing.phone_numbers import NoCountryCode, TwoNumbers, bare, read_phone
from core.parsing.recipients import read_recipient

Cells = tuple[str, ...]

_FIRST_ROWS: Final = 20
"""Among which the headings are looked for."""
_VALUES: Final = 300
_FITS: Final = 0.5
_VARIABLE: Final = re.compile(r"\{([^\W\d]\w{0,63})\}")
_YES: Final = frozenset({
    "1", "yes", "y", "true", "x", "✓", "✔", "☑", "✅", "ja", "j", "oui", "o", "si", "sí", "s", "sim", "да", "д", "так",
    "evet", "e", "tak", "t", "+", "on", "ano", "áno", "igen", "kyllä", "ναι", "כן", "نعم", "是", "はい", "예",
    # TRUE as spreadsheet programs write it
    "wahr", "vrai", "vero", "verdadero", "verdadeiro", "prawda", "истина", "істина", "doğru", "waar", "sant", "sand",
    "tosi", "pravda", "igaz", "adevărat", "αληθησ", "αληθής", "真",
})  # fmt: skip
_FLAGS: Final = _YES | frozenset({
    "0", "no", "n", "false", "nein", "non", "não", "nao", "нет", "н", "ні", "hayır", "h", "nie", "-", "off", "☐", "❌",
    "✗", "✘", "ne", "nem", "ei", "nu", "nee", "nej", "nei", "όχι", "לא", "لا", "否", "いいえ", "아니오",
    "falsch", "faux", "falso", "fałsz", "ложь", "хибність", "хибно", "yanlış", "onwaar", "falskt", "falsk", "usann",
    "epätosi", "nepravda", "lež", "hamis", "fals", "ψευδησ", "ψευδής", "假",
})  # fmt: skip
_AGREED: Final = frozenset({
    "subscribed", "opted in", "opted-in", "opt-in", "optin", "granted", "agreed", "confirmed", "erteilt", "zugestimmt",
    "eingewilligt", "angemeldet", "abonniert", "abonné", "inscrit", "suscrito", "inscrito", "iscritto", "zapisany",
    "подписан", "подписана", "согласен", "согласна", "підписаний", "abone", "active", "aktiv", "activo", "actif",
})  # fmt: skip
_REFUSED: Final = frozenset({
    "unsubscribed", "opted out", "opted-out", "opt-out", "optout", "revoked", "withdrawn", "do not contact", "dnc",
    "widerrufen", "abgemeldet", "abbestellt", "nicht erteilt", "verweigert", "désabonné", "désinscrit", "dado de baja",
    "baja", "descadastrado", "disiscritto", "wypisany", "отписан", "отписана", "отписался", "отписалась", "отказ",
    "не согласен", "не согласна", "відписаний", "stop", "cleaned",
})  # fmt: skip
"""What programs and people write of those who want no messages."""
_DIGITS: Final = re.compile(r"-?\d+(?:\.0+)?")
_CUT: Final = re.compile(r"\+?\d[.,]\d+E\+\d{1,2}", re.IGNORECASE)
"""A phone number of which a spreadsheet has kept the first digits alone: 4.91512E+12."""
_NO_PHONE: Final = re.compile(
    r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\.?(?:[ T]\d.*)?|\d{1,2}:\d{2}.*"
    r"|[^\d]*\d{1,3}(?:[ .,]\d{3})*[.,]\d{2}[^\d]*|.*[%€$£₽]"
)
"""Dates, times, sums."""
_ANY_DATE: Final = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\.?(?:[ T]\d.*)?")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_AT_NAME: Final = re.compile(r"@\w+")
_OWN_HEADS: Final = (
    frozenset({"row", "строка"}), frozenset({"recipient", "получатель"}), frozenset({"why", "причина"}),
)  # fmt: skip
"""The headings of our own files of rows that were left out."""
_LONGEST_TELEGRAM_ID: Final = 10
_LONG_ID: Final = 20

NO_ADDRESSES: Final = sentence(
    "I find no phone numbers or Telegram ids in this file. Name the columns in the first row, for example phone and "
    "name, or write telegram:1001 or +12025550123 in each row."
)
_NONE: Final = "none"
COLUMNS: Final = "columns"
"""The question that shows the columns; its answer is the one to change, ALL while none is chosen."""
ALL: Final = "all"
_DONE: Final = "done"
_ROLE: Final = "role"
_TEXT: Final = "text"
_ELSE: Final = "else"
_MOST_WITH_ELSE: Final = 4
"""Columns to choose from, with which "this one, else that one" is offered too."""
_SHOWN: Final = 7
"""Columns on one screen."""
_NEXT: Final = "from"


def column_key(messenger: Messenger) -> str:
    """The key of the question which column is written to."""
    return f"column-{messenger}"


def with_answer(answers: Mapping[str, str], question: str, answer: str) -> dict[str, str]:
    """The answers so far with one more. A changed column leads back to the question that shows them all."""
    known = dict(answers)
    if question == COLUMNS:
        known.pop(f"{_ROLE}{answer}", None)
        known[COLUMNS] = answer
        if answer == _DONE:
            del known[COLUMNS]
        return known
    known.pop(question, None)
    known[question] = answer
    if question.startswith(_ROLE):
        known[COLUMNS] = ALL
    return known


class Role(Enum):
    """What a column without a fixed messenger is."""

    RECIPIENT = "a recipient as typed: telegram:1001"
    MESSENGER = "the messenger of the address beside it"
    UNUSED = "nothing"


@dataclass(frozen=True, slots=True)
class Variable:
    """A column that fills the gap of that name."""

    name: str


Column = Messenger | Role | Variable


class Wanted(Enum):
    """Who is written to, by a column of flags, dates or words."""

    FLAG_IS_YES = "those with yes, a date, or a word of agreement"
    FLAG_IS_NO = "those with nothing, with no, or with a word of agreement"
    NOT_REFUSED = "those without a word of refusal"


@dataclass(frozen=True, slots=True)
class Only:
    """A column that says who is written to."""

    place: int
    title: str
    wanted: Wanted = Wanted.FLAG_IS_YES

    def wants(self, cell: str) -> bool:
        word = cell.casefold()
        if word in _REFUSED:
            return False
        if self.wanted is Wanted.FLAG_IS_YES:
            return bool(cell) and (word in _YES or word not in _FLAGS)
        if self.wanted is Wanted.NOT_REFUSED:
            return True
        return not cell or word in _AGREED or word in _FLAGS - _YES


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """What the columns of a list are."""

    columns: tuple[Column, ...]
    heading_row: int
    """Its index among the rows; -1: there is none."""
    flat: bool = False
    """Each cell is an entry of its own, whatever column it is in."""
    backup: Mapping[int, int] = field(default_factory=dict)
    """By column of addresses: the one that counts where its cell is empty."""
    notes: tuple[Sentence, ...] = ()
    country: int | None = None
    """The place of a column that names the country of each number."""
    only: Only | None = None

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if isinstance(column, Variable))


@dataclass(slots=True)
class _Facts:
    """What is in a column."""

    place: int
    heading: str
    means: Means
    filled: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    samples: list[str] = field(default_factory=list)
    messengers: set[Messenger] = field(default_factory=set)
    """Those that are named in it."""
    sequence: bool = False
    repeats: bool = False
    """True if short values come again and again, as answers do and ids do not."""

    def share(self, *kinds: str) -> float:
        return sum(self.kinds[kind] for kind in kinds) / self.filled if self.filled else 0.0

    @property
    def has_phones(self) -> bool:
        if self.means & Means.COUNTRY:
            return False
        return self.share("phone", "national", "several", "long", "cut") >= _FITS

    @property
    def has_people(self) -> bool:
        """True if any value is certainly an address."""
        return any(self.kinds[kind] for kind in ("phone", "national", "several", "typed", "at"))

    @property
    def title(self) -> str:
        return self.heading or letter(self.place)


def letter(place: int) -> str:
    """The column's letter, as spreadsheet programs show it."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def layout_of(rows: Sequence[tuple[int, Cells]], answers: Mapping[str, str], *, text: bool) -> Layout:
    """`rows`: all that are not empty; `text`: they come from a text file.

    Raises ValidationError where no column can be an address, NeedsAnswer where more than one can.
    """
    if not rows:
        raise ValidationError([sentence("The file has no rows.")])
    head = [cells for _number, cells in rows[:_FIRST_ROWS]]
    heading_row = _heading_row(head)
    below = [cells for _number, cells in rows[heading_row + 1 : heading_row + 1 + _VALUES]]
    if heading_row < 0 and text and _is_flat(below):
        return Layout(columns=(Role.RECIPIENT,) * max(map(len, below)), heading_row=-1, flat=True)
    headings = _headings(head, heading_row)
    width = max([len(headings), *(len(cells) for cells in below)], default=len(headings))
    facts = [_facts(place, headings, below) for place in range(width)]
    judge = _Judge(facts, headings, heading_row, answers, bool(below))
    if COLUMNS not in answers:
        return judge.layout()
    with suppress(ValidationError):  # no column is written to at present: another one can be chosen
        judge.layout()
    raise NeedsAnswer(judge.question_on_columns(answers[COLUMNS]))


def heading_of(name: str) -> str:
    """How a column is headed so that it is read as the variable of that name, whatever else the name may mean."""
    return name if word(name) == name and not _is_taken(name) else f"{{{name}}}"


def _is_taken(name: str) -> bool:
    means = meaning(name)
    return means.is_address or bool(means & (Means.MESSENGER | Means.PERHAPS_RECIPIENT))


def _headings(head: Sequence[Cells], row: int) -> list[str]:
    """The names of the columns; an empty one is named by the cell above, where headings go over two rows."""
    if row < 0:
        return []
    names = list(head[row])
    above = head[row - 1] if row else ()
    if sum(map(bool, above)) < 2 or any(map(_is_value, above)):
        return names
    names += [""] * (len(above) - len(names))
    groups, group = [], ""
    for place in range(len(names)):
        group = (above[place] if place < len(above) else "") or group
        groups.append(group)
    # One heading over several columns tells columns of the same name apart: "Mother: phone", "Father: phone".
    return [
        (f"{groups[place]} {name}".strip() if names.count(name) > 1 else name)
        or (above[place] if place < len(above) else "")
        for place, name in enumerate(names)
    ]


def _heading_row(head: Sequence[Cells]) -> int:
    """The first row with a heading of addresses and no address in it; else the one above the first address, if it
    names columns."""
    if _names_messengers(head):
        return -1
    people_above = False
    for index, cells in enumerate(head):
        if any(map(_is_value, cells)) and not _names_columns_and_years(cells):
            people_above = people_above or any(map(is_person, cells))
            continue
        if people_above and sum(map(bool, cells)) < 2:
            continue  # words among people: "I am using WhatsApp"
        if any(_VARIABLE.fullmatch(cell) or _names_addresses(cell) for cell in cells):
            return index
    for index, cells in enumerate(head):
        if any(map(_is_value, cells)):
            return _heading_above(head[:index])
    return 0 if head and _names_columns(head[0]) else -1


def _names_columns_and_years(cells: Cells) -> bool:
    """True for "name, phone, 2025, 2026"."""
    others = [cell for cell in cells if cell and not _YEAR.fullmatch(cell)]
    return len(others) > 1 and all(map(meaning, others)) and any(map(_names_addresses, others))


def _heading_above(rows: Sequence[Cells]) -> int:
    """The headings among the rows above the first person: the row with most known words, else the first of several
    cells; -1 for none. A row with a number among its words is somebody's."""
    naming = [
        index
        for index, cells in enumerate(rows)
        if _names_columns(cells) and not any(map(ADDRESS.search, cells))
    ]
    wide = [index for index in naming if sum(map(bool, rows[index])) > 1]
    known = {index: sum(bool(meaning(cell)) for cell in rows[index]) for index in wide}
    if any(known.values()):
        return max(known, key=lambda index: (known[index], index))
    return wide[0] if wide else naming[-1] if naming else -1


def _names_addresses(cell: str) -> bool:
    means = meaning(cell)
    return (
        means.is_address
        or bool(means & Means.MESSENGER)
        or (bool(means & Means.PERHAPS_RECIPIENT) and bool(cell))
    )


def _names_columns(cells: Cells) -> bool:
    filled = [cell for cell in cells if cell]
    known = any(meaning(cell) for cell in filled)
    return bool(filled) and (len(filled) > 1 or known) and not any(_DIGITS.fullmatch(cell) for cell in filled)


def _names_messengers(head: Sequence[Cells]) -> bool:
    """ "telegram,1001,Ann": the messengers' names are values, not headings."""
    return len(head) > 1 and any(
        one.casefold() in BY_ALIAS and two.casefold() in BY_ALIAS
        for one, two in zip(head[0], head[1], strict=False)
    )


def is_person(cell: str) -> bool:
    """True if a cell is certainly an address: a number that may be a year or a sum is not."""
    return bool(cell) and kind_of(cell) in ("phone", "national", "several", "typed", "at")


def _is_value(cell: str) -> bool:
    """True if a cell is an address, and not the name of a column."""
    return bool(cell) and kind_of(cell) in (
        "phone", "national", "several", "long", "cut", "typed", "at", "mail", "digits",
    )  # fmt: skip


def kind_of(cell: str) -> str:
    """What a value looks like."""
    if cell.casefold() in _FLAGS:
        return "flag"
    before, colon, behind = cell.partition(":")
    if colon and behind.strip() and before.strip().strip("'").casefold() in BY_ALIAS:
        return "typed"
    if is_telegram_link(cell):
        return "typed"
    if _AT_NAME.fullmatch(cell):
        return "at"
    if "@" in cell:
        return "phone" if bare(cell).startswith("+") else "mail"
    if _CUT.fullmatch(cell):
        return "cut"
    if _DIGITS.fullmatch(cell):
        return _kind_of_digits(cell)
    if not any(map(str.isdecimal, cell)) or _NO_PHONE.fullmatch(cell):
        return "text"
    return _kind_of_phone(cell)


def _kind_of_digits(cell: str) -> str:
    digits = cell.partition(".")[0]
    if digits.startswith("00") and len(digits) > 9:
        return _kind_of_phone(digits)
    if digits.startswith("0") and len(digits) > 6:
        return "national"
    return "long" if len(digits.lstrip("-")) >= _LONGEST_TELEGRAM_ID and digits[0] != "-" else "digits"


def _kind_of_phone(cell: str) -> str:
    try:
        read_phone(cell)
    except NoCountryCode as error:
        return "national" if len(error.digits) >= 7 and not re.search(r"\d[.,]\d\d$", cell) else "text"
    except TwoNumbers:
        return "several"
    except ValueError:
        return "phone" if bare(cell).startswith("+") else "text"
    return "phone"


def _facts(place: int, headings: Sequence[str], rows: Sequence[Cells]) -> _Facts:
    heading = headings[place] if place < len(headings) else ""
    facts = _Facts(place, heading, meaning(heading))
    numbers: list[str] = []
    for cells in rows:
        cell = cells[place] if place < len(cells) else ""
        if not cell:
            continue
        facts.filled += 1
        facts.kinds[kind_of(cell)] += 1
        word_here = cell.casefold()
        if word_here in _REFUSED or word_here in _AGREED:
            facts.kinds["wish"] += 1
            facts.kinds["refusal"] += word_here in _REFUSED
        elif _ANY_DATE.fullmatch(cell):
            facts.kinds["date"] += 1
        if cell[:1].isalpha() and (messenger := messenger_named(cell)):
            facts.kinds["messenger"] += 1
            facts.messengers.add(messenger)
        numbers.append(cell)
        if len(facts.samples) < 3 and cell not in facts.samples:
            facts.samples.append(cell)
    facts.sequence = _is_sequence(numbers)
    values = set(numbers)
    if values and not facts.means.is_address and not facts.kinds["flag"] and all(map(_names_country, values)):
        facts.means |= Means.COUNTRY
    facts.repeats = len(numbers) > 3 and len(values) * 2 <= len(numbers) and max(map(len, values)) < _LONG_ID
    return facts


def _names_country(cell: str) -> bool:
    """True for "+49" and "Austria"; "7" may be anything."""
    return not cell.isdecimal() and bool(region_named(cell))


def _is_sequence(cells: Sequence[str]) -> bool:
    """0, 1, 2 or 1, 2, 3: row numbers."""
    first = cells[0] if cells else ""
    return first in ("0", "1") and all(cell == str(int(first) + place) for place, cell in enumerate(cells))


def _is_flat(rows: Sequence[Cells]) -> bool:
    """True if each cell is a person: most rows have several, and they are in no columns."""
    filled = [[cell for cell in cells if cell] for cells in rows]
    several = [
        cells
        for cells in filled
        if sum(kind_of(cell) in ("phone", "national", "typed", "at") for cell in cells) > 1
    ]
    if not several or len(several) * 2 < len(filled):
        return False
    ragged = len({len(cells) for cells in rows}) > 1
    all_people = all(
        kind_of(cell) in ("phone", "national", "typed", "at", "long") for cells in several for cell in cells
    )
    return len(rows) == 1 or ragged or (all_people and len(several[0]) > 2)


class _Judge:
    """Decides on the columns of one list."""

    def __init__(
        self,
        facts: Sequence[_Facts],
        headings: Sequence[str],
        heading_row: int,
        answers: Mapping[str, str],
        below: bool,
    ) -> None:
        self._facts = facts
        self._headed = heading_row >= 0
        self._heading_row = heading_row
        self._answers = answers
        self._below = below
        self._columns: list[Column | None] = [None] * len(facts)
        self._notes: list[Sentence] = []
        self._backup: dict[int, int] = {}
        self._own = _own_columns(headings)
        self._only: Only | None = None
        self._taken: set[str] = set()
        """The names of the variables so far."""
        self._else: int | None = None

    def layout(self) -> Layout:
        for place in self._own:
            self._columns[place] = Role.UNUSED
        self._by_taps()
        self._variables_by_braces()
        if not self._typed():
            self._messenger_column()
            for messenger in Messenger:
                self._of_messenger(messenger)
        if not any(map(_is_address, self._columns)):
            self._by_values()
        if not any(map(_is_address, self._columns)):
            raise ValidationError([NO_ADDRESSES])
        if self._only is None:
            self._ask_consent()
        self._rest()
        if self._else is not None and Messenger.WHATSAPP in self._columns:
            self._backup[self._columns.index(Messenger.WHATSAPP)] = self._else
        if Messenger.WHATSAPP in self._columns:
            self._name_others()
        return Layout(
            columns=tuple(one or Role.UNUSED for one in self._columns),
            heading_row=self._heading_row,
            backup=self._backup,
            notes=tuple(self._notes),
            country=self._country(),
            only=self._only,
        )

    def _country(self) -> int | None:
        return next((one.place for one in self._facts if one.means & Means.COUNTRY and one.filled), None)

    def _free(self) -> Iterable[_Facts]:
        return [one for one in self._facts if self._columns[one.place] is None]

    def _by_taps(self) -> None:
        """The columns that were changed by hand; the last one counts where two are for one messenger."""
        for key, answer in self._answers.items():
            place = key.removeprefix(_ROLE)
            if place == key or not place.isdecimal() or int(place) >= len(self._facts):
                continue
            one = self._facts[int(place)]
            if answer == _NONE:
                self._columns[one.place] = Role.UNUSED
            elif answer in (_TEXT, _ELSE):
                self._columns[one.place] = self._variable(one)
                self._else = one.place if answer == _ELSE else self._else
            else:
                messenger = Messenger(answer)
                for other in self._facts:
                    if self._columns[other.place] is messenger:
                        self._columns[other.place] = self._variable(other)
                self._columns[one.place] = messenger

    def question_on_columns(self, answer: str) -> Question:
        """All columns with three values each; or what the one at the place `answer` is."""
        if answer.isdecimal() and int(answer) < len(self._facts):
            return self._question_on(self._facts[int(answer)])
        shown = [one for one in self._facts if one.filled or one.heading]
        shown.sort(key=lambda one: not _is_address(self._columns[one.place]))
        first = int(answer.removeprefix(_NEXT)) if answer.startswith(_NEXT) else 0
        page = shown[first : first + _SHOWN]
        choices = [
            Choice(
                str(one.place),
                sentence("“{name}”: {role}", name=self._unmistakable(one, shown), role=self._role(one)),
            )
            for one in page
        ]
        if len(shown) > first + _SHOWN:
            choices.append(Choice(f"{_NEXT}{first + _SHOWN}", sentence("More columns")))
        return Question(
            key=COLUMNS,
            text=sentence("These are the columns. Tap one to change what it is for."),
            samples=tuple(f"{one.title}: {', '.join(one.samples)}" for one in page),
            choices=(*choices, Choice(_DONE, sentence("Read it like this"))),
        )

    def _question_on(self, one: _Facts) -> Question:
        choices = [
            Choice(str(messenger), sentence("Addresses for {messenger}", messenger=messenger.traits.title))
            for messenger in Messenger
        ]
        main = next((f for f in self._facts if self._columns[f.place] is Messenger.WHATSAPP), None)
        if main is not None and main is not one:
            choices.append(
                Choice(_ELSE, sentence("Numbers for WhatsApp where “{name}” is empty", name=main.title))
            )
        name = word(one.heading) or f"column_{one.place + 1}"
        choices.append(Choice(_TEXT, sentence("Text for {name}", name=f"{{{name}}}")))
        choices.append(Choice(_NONE, sentence("Don't use this column")))
        return Question(
            key=f"{_ROLE}{one.place}",
            text=sentence("What is in “{name}”?", name=one.title),
            samples=tuple(one.samples),
            choices=tuple(choices),
        )

    def _role(self, one: _Facts) -> object:
        """What a column is for, in words."""
        match self._columns[one.place]:
            case Messenger() as messenger:
                return messenger.traits.title
            case Variable(name):
                return f"{{{name}}}"
            case Role.RECIPIENT:
                return sentence("recipients")
            case Role.MESSENGER:
                return sentence("messengers")
            case _:
                return sentence("not used")

    def _variables_by_braces(self) -> None:
        for one in self._free():
            if found := _VARIABLE.fullmatch(one.heading):
                self._columns[one.place] = Variable(found[1])
                self._taken.add(found[1])

    def _typed(self) -> bool:
        """A column "recipient" names everybody; what else is there are variables, whatever it is called."""
        named = [one for one in self._free() if one.means & Means.RECIPIENT]
        for one in named:
            self._columns[one.place] = Role.RECIPIENT
        return bool(named)

    def _messenger_column(self) -> None:
        """The column of messengers: by its heading, or by its values if that is right."""
        for one in self._free():
            if one.means & Means.MESSENGER and (not one.filled or one.kinds["text"] * 2 >= one.filled):
                self._columns[one.place] = Role.MESSENGER
                return
        for one in self._free():
            if (
                self._headed
                and one.heading
                and one.share("messenger") >= _FITS
                and one.messengers - {Messenger.WHATSAPP}
            ):
                if self._ask_messengers(one):
                    self._columns[one.place] = Role.MESSENGER
                return

    def _ask_messengers(self, one: _Facts) -> bool:
        answer = self._answer(
            Question(
                key=f"messengers{one.place}",
                text=sentence(
                    "“{name}” names messengers. Is that where each person gets the message?", name=one.title
                ),
                samples=tuple(one.samples),
                choices=(Choice("yes", sentence("Yes")), Choice(_NONE, sentence("No"))),
            )
        )
        return answer == "yes"

    def _of_messenger(self, messenger: Messenger) -> None:
        if messenger in self._columns:
            return
        if messenger.traits.address is AddressKind.PHONE:
            self._phones(messenger)
            return
        fitting = [
            one for one in self._free() if one.means & OF_MESSENGER[messenger] and self._fits(one, messenger)
        ]
        chosen = self._ask_which(messenger, fitting) if len(fitting) > 1 else fitting
        for one in chosen:
            self._columns[one.place] = messenger

    def _fits(self, one: _Facts, messenger: Messenger) -> bool:
        """True if a column named after a messenger holds its addresses; flags and phone numbers are none."""
        if not one.filled:
            return not self._below
        if one.share("flag") > _FITS or (one.kinds["flag"] and one.kinds["flag"] == one.filled):
            self._notes.append(
                sentence("“{name}” says yes or no, so nobody is written to by it.", name=one.title)
            )
            return False
        if one.repeats and messenger.traits.address is AddressKind.OPAQUE:
            self._notes.append(
                sentence(
                    "“{name}” says the same for several people, so nobody is written to by it.",
                    name=one.title,
                )
            )
            return False
        phones = (
            one.share("phone", "national")
            if messenger.traits.address is AddressKind.OPAQUE
            else one.share("phone", "national", "several", "long", "cut")
        )
        if messenger.traits.takes_phone_numbers or phones < _FITS:
            return True
        return self._phones_under(one, messenger)

    def _phones_under(self, one: _Facts, messenger: Messenger) -> bool:
        """Phone numbers under the name of a messenger that takes none: on WhatsApp, or nobody by this column."""
        key = f"under{one.place}"
        longest = max(len(sample.lstrip("-+")) for sample in one.samples)
        choices = [Choice(str(Messenger.WHATSAPP), sentence("Phone numbers, use WhatsApp"))]
        if messenger is Messenger.TELEGRAM and longest <= _LONGEST_TELEGRAM_ID:
            choices.insert(0, Choice(str(messenger), sentence("Telegram ids")))
        choices.append(Choice(_NONE, sentence("Don't use this column")))
        answer = self._answer(
            Question(
                key=key,
                text=sentence(
                    "“{name}” has numbers that look like phone numbers, and {messenger} takes none. What are they?",
                    name=one.title,
                    messenger=messenger.traits.title,
                ),
                samples=tuple(one.samples),
                choices=tuple(choices),
            )
        )
        if answer == str(Messenger.WHATSAPP):
            self._columns[one.place] = Messenger.WHATSAPP
        return answer == str(messenger)

    def _phones(self, messenger: Messenger) -> None:
        """The column of phone numbers that are written to on WhatsApp."""
        candidates = [
            one
            for one in self._free()
            if one.means & (Means.PHONE | OF_MESSENGER[messenger]) and self._may_be_phones(one)
        ]
        named = [one for one in candidates if one.means & OF_MESSENGER[messenger]]
        own = [one for one in candidates if not one.means & Means.OTHER_PHONE]
        chosen = named if len(named) == 1 else own
        if len(chosen) > 1:
            chosen = self._ask_which(messenger, chosen)
        for place, one in enumerate(chosen):
            self._columns[one.place] = messenger if not place else self._columns[one.place]
        if len(chosen) > 1:
            self._backup[chosen[0].place] = chosen[1].place
        if chosen:
            self._ask_flag(OF_MESSENGER[messenger])

    def _ask_flag(self, means: Means) -> None:
        """A column "WhatsApp" with yes and no beside the phone numbers."""
        for one in self._free():
            if not one.means & means or one.share("flag") < 1 or not one.filled:
                continue
            answer = self._answer(
                Question(
                    key=f"flag{one.place}",
                    text=sentence("“{name}” says yes or no. Who do you want to write to?", name=one.title),
                    samples=tuple(one.samples),
                    choices=(
                        Choice("yes", sentence("Only those with yes")),
                        Choice("all", sentence("Everyone on the list")),
                    ),
                )
            )
            if answer == "yes":
                self._only = Only(one.place, one.title)
            return

    def _ask_consent(self) -> None:
        """A column that says who has agreed to messages, or wants none."""
        for one in self._free():
            if one.means & (Means.CONSENT | Means.OPT_OUT):
                wanted = Wanted.FLAG_IS_NO if one.means & Means.OPT_OUT else Wanted.FLAG_IS_YES
                asks = one.filled and one.share("flag", "wish", "date") == 1
            else:
                wanted = Wanted.NOT_REFUSED
                asks = one.kinds["refusal"] and one.share("flag", "wish") >= _FITS
            if not asks:
                continue
            flags = one.share("flag") == 1
            if flags:
                refusal = wanted is Wanted.FLAG_IS_NO
                label = sentence("Only those with no") if refusal else sentence("Only those with yes")
                text = sentence("“{name}” says yes or no. Who do you want to write to?", name=one.title)
            else:
                label = sentence("Leave out those who want none")
                text = sentence(
                    "“{name}” may say who wants no messages. Who do you want to write to?", name=one.title
                )
            answer = self._answer(
                Question(
                    key=f"consent{one.place}",
                    text=text,
                    samples=tuple(one.samples),
                    choices=(Choice("some", label), Choice("all", sentence("Everyone on the list"))),
                )
            )
            if answer == "some":
                self._only = Only(one.place, one.title, wanted)
            return

    def _may_be_phones(self, one: _Facts) -> bool:
        """An address of WhatsApp may be a user id too; an empty column is taken by its heading alone."""
        if one.means & (Means.CONSENT | Means.OPT_OUT) and not one.has_phones:
            return False
        if not one.filled:
            return not self._below
        if one.share("flag") > _FITS or one.share("text") > 0.7:
            return bool(one.means & OF_MESSENGER[Messenger.WHATSAPP]) and one.share("flag") <= _FITS
        return True

    def _name_others(self) -> None:
        """Says which columns have phone numbers too, and are not written to."""
        others = tuple(
            one.title
            for one in self._facts
            if one.has_phones
            and not _is_address(self._columns[one.place])
            and one.place not in self._backup.values()
        )
        if others:
            self._notes.append(sentence("Not written to: the numbers under {names}.", names=others))

    def _ask_which(self, messenger: Messenger, columns: Sequence[_Facts]) -> list[_Facts]:
        by_place = {str(one.place): one for one in columns}
        titles = {one.place: self._unmistakable(one, columns) for one in columns}
        choices = [Choice(str(one.place), sentence("“{name}”", name=titles[one.place])) for one in columns]
        if 2 <= len(columns) <= _MOST_WITH_ELSE and messenger.traits.address is AddressKind.PHONE:
            for one, two in (columns[:2], columns[1::-1]):
                label = sentence("“{name}”, else “{other}”", name=titles[one.place], other=titles[two.place])
                choices.append(Choice(f"{one.place}-{two.place}", label))
        if any(one for one in self._columns if _is_address(one)):
            choices.append(Choice(_NONE, sentence("None of them")))
        answer = self._answer(
            Question(
                key=column_key(messenger),
                text=sentence(
                    "There are several columns with addresses for {messenger}. Which one do you want to write to?",
                    messenger=messenger.traits.title,
                ),
                samples=tuple(f"{one.title}: {', '.join(one.samples)}" for one in columns),
                choices=tuple(choices),
            )
        )
        return [by_place[part] for part in answer.split("-") if part in by_place]

    def _unmistakable(self, one: _Facts, among: Sequence[_Facts]) -> str:
        """The heading, with the column's letter where another one has the same."""
        same = sum(other.title == one.title for other in among)
        return f"{one.title} ({letter(one.place)})" if same > 1 else one.title

    def _answer(self, question: Question) -> str:
        answer = self._answers.get(question.key)
        if answer is None:
            raise NeedsAnswer(question)
        return answer

    def _by_values(self) -> None:
        """Where no heading names addresses."""
        if self._messengers_beside():
            return
        free = list(self._free())
        typed = [
            one
            for one in free
            if one.share("typed") >= _FITS
            or (not self._headed and one.share("typed", "at", "phone") >= _FITS)
        ]
        if not self._headed:
            typed += [one for one in free if one not in typed and self._has_entries(one)]
        perhaps = [one for one in free if one.means & Means.PERHAPS_RECIPIENT and self._has_entries(one)]
        if chosen := typed or perhaps:
            self._take_typed(chosen)
            return
        phones = [
            one for one in free if one.has_phones and not one.means & Means.ELSEWHERE and not one.sequence
        ]
        sure = [one for one in phones if not one.means & Means.OTHER_PHONE and not one.share("long") > _FITS]
        chosen = sure or [one for one in phones if not one.means & Means.STRANGER] or phones
        if len(chosen) > 1:
            chosen = self._ask_which(Messenger.WHATSAPP, chosen)
        elif chosen and (not sure):
            chosen = self._ask_whether(chosen[0])
        if chosen:
            self._columns[chosen[0].place] = Messenger.WHATSAPP
            if len(chosen) > 1:
                self._backup[chosen[0].place] = chosen[1].place
        elif len(free) == 1 and not self._headed and (free[0].has_people or self._has_entries(free[0])):
            self._columns[free[0].place] = Role.RECIPIENT

    def _has_entries(self, one: _Facts) -> bool:
        """True if a column has entries like those that people type, names beside numbers among them."""
        return any(map(_reads, one.samples))

    def _take_typed(self, chosen: Sequence[_Facts]) -> None:
        phones = [one for one in chosen if one.share("phone", "several") >= _FITS]
        if len(phones) > 1 and len(phones) == len(chosen):
            picked = self._ask_which(Messenger.WHATSAPP, phones)
            for place, one in enumerate(picked):
                if place:
                    self._backup[picked[0].place] = one.place
                else:
                    self._columns[one.place] = Messenger.WHATSAPP
            return
        for one in chosen:
            self._columns[one.place] = Role.RECIPIENT

    def _messengers_beside(self) -> bool:
        """A column with the names of messengers, and the addresses in the next one."""
        for one in self._free():
            names = [sample.casefold() in BY_ALIAS for sample in one.samples]
            if (
                names
                and all(names)
                and one.place + 1 < len(self._columns)
                and self._columns[one.place + 1] is None
            ):
                self._columns[one.place], self._columns[one.place + 1] = Role.MESSENGER, Role.RECIPIENT
                return True
        if Role.MESSENGER in self._columns:
            for one in self._free():
                if one.means & Means.PERHAPS_RECIPIENT or one.has_phones:
                    self._columns[one.place] = Role.RECIPIENT
                    return True
        return False

    def _ask_whether(self, one: _Facts) -> list[_Facts]:
        answer = self._answer(
            Question(
                key=column_key(Messenger.WHATSAPP),
                text=sentence("Is “{name}” the number to write to on WhatsApp?", name=one.title),
                samples=tuple(one.samples),
                choices=(Choice(str(one.place), sentence("Yes")), Choice(_NONE, sentence("No"))),
            )
        )
        return [one] if answer == str(one.place) else []

    def _rest(self) -> None:
        """All others are variables."""
        free = [one for one in self._free() if one.filled or one.heading]
        if not self._headed and len([one for one in free if not one.sequence]) == 1:
            free = [one for one in free if not one.sequence]
            self._columns[free[0].place] = Variable("name")
            return
        for one in free:
            if not one.heading and one.sequence:
                continue
            self._columns[one.place] = self._variable(one)

    def _variable(self, one: _Facts) -> Variable:
        """The column as a variable, with a number behind its name where another one has that."""
        name = word(one.heading) or f"column_{one.place + 1}"
        free_name, number = name, 2
        while free_name in self._taken:
            free_name, number = f"{name}_{number}", number + 1
        self._taken.add(free_name)
        return Variable(free_name)


def _own_columns(headings: Sequence[str]) -> list[int]:
    """The row numbers and reasons in our own file of rows that were left out."""
    names = [word(heading) for heading in headings]
    if all(any(name in heads for name in names) for heads in _OWN_HEADS):
        return [place for place, name in enumerate(names) if name in _OWN_HEADS[0] | _OWN_HEADS[2]]
    return []


def _is_address(column: Column | None) -> bool:
    return isinstance(column, Messenger) or column is Role.RECIPIENT


def _reads(cell: str) -> bool:
    try:
        read_recipient(cell)
    except (NoCountryCode, TwoNumbers):
        return True
    except ValueError:
        return False
    return True
