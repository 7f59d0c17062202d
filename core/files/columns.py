"""Decides what the columns of a list mean, by their headings and values together.

A column is taken for addresses unasked only where it is the one candidate for its messenger and its values fit;
otherwise one question is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from core.domain.errors import ValidationError
from core.domain.messengers.traits import BY_ALIAS, AddressKind, Messenger
from core.domain.translatable import Sentence, sentence
from core.files.cell_kinds import kind_of
from core.files.column_changes import COLUMNS, ELSE, ROLE, TEXT, UNUSED, columns_question
from core.files.column_facts import FITS, Facts, facts_of
from core.files.column_questions import (
    AND,
    YES,
    messengers_question,
    only_numbers_question,
    phones_under_question,
    read_which,
    user_ids_question,
    which_question,
)
from core.files.consent import Only
from core.files.consent_questions import ask_consent, ask_flag
from core.files.heading_rows import GAP, heading_row, headings
from core.files.headings import OF_MESSENGER, Means, word
from core.files.layout import LANDLINES, MOBILE, SPARE, Column, Layout, Role, Variable, is_address
from core.files.questions import NeedsAnswer, Question, answer_to
from core.files.sheets import Cells
from core.parsing.phone_numbers import NoCountryCode, TwoNumbers
from core.parsing.recipients import read_recipient

_FIRST_ROWS: Final = 20
"""Among which the headings are looked for."""
_VALUES: Final = 200
"""First ones below the headings that show what a column is; as many from all of a long list are looked at too."""
_OWN_HEADS: Final = (
    frozenset({"row", "строка"}), frozenset({"recipient", "получатель"}), frozenset({"why", "причина"}),
)  # fmt: skip
"""The headings of our own files of rows that were left out."""

_USER_IDS: Final = frozenset({"user_id", "userid", "id", "tg_id", "uid"})
_OF_TELEGRAM: Final = frozenset({"is_bot", "is_premium", "language_code", "tg_username", "telegram_username"})
"""Columns that only lists of a Telegram bot's users have."""

NO_ADDRESSES: Final = sentence(
    "I can't find phone numbers or Telegram IDs in this file. Name the columns in the first row, for "
    "example phone and name, or write telegram:1001 or +12025550123 in each row."
)


def layout_of(rows: Sequence[tuple[int, Cells]], answers: Mapping[str, str], *, text: bool) -> Layout:
    """`rows`: all that are not empty; `text`: they come from a text file.

    Raises ValidationError where no column can be an address, NeedsAnswer where more than one can.
    """
    if not rows:
        raise ValidationError([sentence("The file has no rows.")])
    head = [cells for _number, cells in rows[:_FIRST_ROWS]]
    row = heading_row(head)
    people = rows[row + 1 :]
    below = _sample(people)
    if row < 0 and text and _is_flat(below):
        return Layout(columns=(Role.RECIPIENT,) * max(map(len, below)), heading_row=-1, flat=True)
    names = headings(head, row)
    width = max([len(names), *(len(cells) for cells in below)], default=len(names))
    facts = [facts_of(place, names, below) for place in range(width)]
    builder = _LayoutBuilder(facts, names, row, answers, people)
    if COLUMNS not in answers:
        return builder.layout()
    with suppress(ValidationError):  # no column is written to at present: another one can be chosen
        builder.layout()
    raise NeedsAnswer(columns_question(facts, builder.columns, answers[COLUMNS]))


def _sample(rows: Sequence[tuple[int, Cells]]) -> list[Cells]:
    """The first rows, and some from all over the others: a column can begin with a thousand empty cells."""
    further = rows[_VALUES :: max(1, (len(rows) - _VALUES) // _VALUES)]
    return [cells for _number, cells in (*rows[:_VALUES], *further)]


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


class _LayoutBuilder:
    """Builds the layout of one list, column by column."""

    def __init__(
        self,
        facts: Sequence[Facts],
        headings: Sequence[str],
        heading_row: int,
        answers: Mapping[str, str],
        rows: Sequence[tuple[int, Cells]],
    ) -> None:
        self._facts = facts
        self._headed = heading_row >= 0
        self._heading_row = heading_row
        self._answers = answers
        self._rows = rows
        """Below the headings."""
        self.columns: list[Column | None] = [None] * len(facts)
        self._notes: list[Sentence] = []
        self._backup: dict[int, int] = {}
        self._own = _own_columns(headings)
        self._only: list[Only] = []
        self._taken: set[str] = set()
        """The names of the variables so far."""
        self._else: int | None = None
        self._all = False
        """True if several columns are written to, each number being a person's."""

    def layout(self) -> Layout:
        for place in self._own:
            self.columns[place] = Role.UNUSED
        self._by_taps()
        self._variables_by_braces()
        if not self._typed():
            self._messenger_column()
            for messenger in Messenger:
                self._of_messenger(messenger)
        if not any(map(is_address, self.columns)):
            self._by_values()
        if not any(map(is_address, self.columns)):
            raise ValidationError([NO_ADDRESSES])
        self._only += ask_consent(self._free(), self._cells_of, self._answer)
        self._rest()
        if self._else is not None and Messenger.WHATSAPP in self.columns:
            self._backup[self.columns.index(Messenger.WHATSAPP)] = self._else
        others = self._others() if Messenger.WHATSAPP in self.columns else []
        self._name_others(others)
        return Layout(
            columns=tuple(one or Role.UNUSED for one in self.columns),
            heading_row=self._heading_row,
            backup=self._backup,
            others=tuple(one.place for one in others if _may_be_own(one)),
            notes=tuple(self._notes),
            country=self._country(),
            only=tuple(self._only),
        )

    def _country(self) -> int | None:
        return next((one.place for one in self._facts if one.means & Means.COUNTRY and one.filled), None)

    def _free(self) -> Iterable[Facts]:
        return [one for one in self._facts if self.columns[one.place] is None]

    def _cells_of(self, place: int) -> set[str]:
        """What the column says of people: words alone in a row are the heading of a section."""
        return {
            cells[place] if place < len(cells) else ""
            for _number, cells in self._rows
            if cells[0] == "" or any(cells[1:])
        }

    def _by_taps(self) -> None:
        """Apply changes by taps. Of two columns for one messenger the last counts."""
        for key, answer in self._answers.items():
            place = key.removeprefix(ROLE)
            if place == key or not place.isdecimal() or int(place) >= len(self._facts):
                continue
            one = self._facts[int(place)]
            if answer == UNUSED:
                self.columns[one.place] = Role.UNUSED
            elif answer in (TEXT, ELSE):
                self.columns[one.place] = self._variable(one)
                self._else = one.place if answer == ELSE else self._else
            else:
                messenger = Messenger(answer)
                for other in self._facts:
                    if self.columns[other.place] is messenger:
                        self.columns[other.place] = self._variable(other)
                self.columns[one.place] = messenger

    def _variables_by_braces(self) -> None:
        for one in self._free():
            if found := GAP.fullmatch(one.heading):
                self.columns[one.place] = Variable(found[1])
                self._taken.add(found[1])

    def _typed(self) -> bool:
        """Take a column "recipient" for all addresses. All other columns are variables then."""
        named = [one for one in self._free() if one.means & Means.RECIPIENT]
        for one in named:
            self.columns[one.place] = Role.RECIPIENT
        return bool(named)

    def _messenger_column(self) -> None:
        """The column of messengers: by its heading, or by its values if that is right."""
        for one in self._free():
            if one.means & Means.MESSENGER and (not one.filled or one.kinds["text"] * 2 >= one.filled):
                self.columns[one.place] = Role.MESSENGER
                return
        for one in self._free():
            if (
                self._headed
                and one.heading
                and one.share("messenger", "elsewhere") >= FITS
                and one.messengers
                and (one.kinds["elsewhere"] or one.messengers != {Messenger.WHATSAPP})
            ):
                if self._answer(messengers_question(one)) == YES:
                    self.columns[one.place] = Role.MESSENGER
                return

    def _of_messenger(self, messenger: Messenger) -> None:
        if messenger in self.columns:
            return
        if messenger.traits.address is AddressKind.PHONE:
            self._phones(messenger)
            return
        fitting = [
            one for one in self._free() if one.means & OF_MESSENGER[messenger] and self._fits(one, messenger)
        ]
        chosen = self._ask_which(messenger, fitting) if len(fitting) > 1 else fitting
        if not chosen and messenger is Messenger.TELEGRAM:
            chosen = self._user_ids()
        for one in chosen:
            self.columns[one.place] = messenger

    def _user_ids(self) -> list[Facts]:
        """The column "user_id" in the list of a Telegram bot's users, where that is right."""
        if not _OF_TELEGRAM.intersection(word(one.heading) for one in self._facts):
            return []
        for one in self._free():
            if word(one.heading) not in _USER_IDS or not one.filled or one.share("digits", "long") < 1:
                continue
            return [one] if self._answer(user_ids_question(one)) == YES else []
        return []

    def _fits(self, one: Facts, messenger: Messenger) -> bool:
        """True if a column named after a messenger holds its addresses; flags and phone numbers are none."""
        if not one.filled:
            return not self._rows
        if one.share("flag") > FITS or (one.kinds["flag"] and one.kinds["flag"] == one.filled):
            self._notes.append(
                sentence("“{name}” only says yes or no, so I won't use it as an address.", name=one.title)
            )
            return False
        if one.repeats and messenger.traits.address is AddressKind.OPAQUE:
            self._notes.append(
                sentence(
                    "“{name}” is the same for several people, so I won't use it as an address.",
                    name=one.title,
                )
            )
            return False
        phones = (
            one.share("phone", "national")
            if messenger.traits.address is AddressKind.OPAQUE
            else one.share("phone", "national", "several", "long", "cut")
        )
        if messenger.traits.takes_phone_numbers or phones < FITS:
            return True
        return self._phones_under(one, messenger)

    def _phones_under(self, one: Facts, messenger: Messenger) -> bool:
        """Ask about phone numbers under the name of a messenger that takes none."""
        answer = self._answer(phones_under_question(one, messenger))
        if answer == str(Messenger.WHATSAPP):
            self.columns[one.place] = Messenger.WHATSAPP
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
        self._write_to(messenger, chosen)
        if chosen and (only := ask_flag(self._free(), OF_MESSENGER[messenger], self._answer)):
            self._only.append(only)

    def _write_to(self, messenger: Messenger, chosen: Sequence[Facts]) -> None:
        """Write to the first column, or to the second if that is empty; to all of them if an admin chose so."""
        for one in chosen:
            if one is chosen[0] or self._all:
                self.columns[one.place] = messenger
            else:
                self._backup[chosen[0].place] = one.place

    def _may_be_phones(self, one: Facts) -> bool:
        """True for numbers, for user ids of WhatsApp, and for an empty column with a fitting heading."""
        if one.means & (Means.CONSENT | Means.OPT_OUT) and not one.has_phones:
            return False
        if not one.filled:
            return not self._rows
        if one.share("flag") > FITS or (one.share("text") > 0.7 and not one.has_people):
            return bool(one.means & OF_MESSENGER[Messenger.WHATSAPP]) and one.share("flag") <= FITS
        return True

    def _others(self) -> list[Facts]:
        """The columns of phone numbers that are not written to."""
        return [
            one
            for one in self._facts
            if one.has_phones and not one.means & Means.ELSEWHERE and not is_address(self.columns[one.place])
        ]

    def _name_others(self, others: Sequence[Facts]) -> None:
        mobiles = MOBILE in (self._answers.get(LANDLINES), self._answers.get(SPARE))
        names = tuple(
            one.title
            for one in others
            if one.place not in self._backup.values() and (one.means & Means.STRANGER or not mobiles)
        )
        if names:
            self._notes.append(sentence("I won't write to the numbers under {names}.", names=names))

    def _ask_which(self, messenger: Messenger, columns: Sequence[Facts]) -> list[Facts]:
        may_be_none = any(map(is_address, self.columns))
        answer = self._answer(which_question(messenger, columns, may_be_none=may_be_none))
        self._all = AND in answer
        return read_which(answer, columns)

    def _answer(self, question: Question) -> str:
        return answer_to(question, self._answers)

    def _by_values(self) -> None:
        """Find the addresses where no heading names them."""
        if self._messengers_beside():
            return
        free = list(self._free())
        typed = [
            one
            for one in free
            if one.share("typed") >= FITS or (not self._headed and one.share("typed", "at", "phone") >= FITS)
        ]
        if not self._headed:
            typed += [one for one in free if one not in typed and self._has_entries(one)]
        perhaps = [one for one in free if one.means & Means.PERHAPS_RECIPIENT and self._has_entries(one)]
        if chosen := typed or perhaps:
            self._take_typed(chosen)
            return
        phones = [one for one in free if one.has_phones and not one.sequence]
        elsewhere = [
            one for one in phones if one.means & Means.ELSEWHERE and one.share("phone", "several") >= FITS
        ]
        phones = [one for one in phones if not one.means & Means.ELSEWHERE] or elsewhere
        others = [one for one in phones if one.means & Means.OTHER_PHONE and not one.means & Means.STRANGER]
        sure = [one for one in phones if not one.means & Means.OTHER_PHONE and not one.share("long") > FITS]
        if others and all(map(self._may_be_other_numbers, sure)):
            sure = []
        chosen = sure or others or [one for one in phones if not one.means & Means.STRANGER] or phones
        if len(chosen) > 1:
            chosen = self._ask_which(Messenger.WHATSAPP, chosen)
        elif chosen and (not sure or self._may_be_other_numbers(chosen[0])):
            (one,) = chosen
            chosen = chosen if self._answer(only_numbers_question(one)) == str(one.place) else []
        self._write_to(Messenger.WHATSAPP, chosen)
        if (
            not chosen
            and len(free) == 1
            and not self._headed
            and (free[0].has_people or self._has_entries(free[0]))
        ):
            self.columns[free[0].place] = Role.RECIPIENT

    def _may_be_other_numbers(self, one: Facts) -> bool:
        """True under a heading that names no numbers: those of banks and customers look like national ones."""
        means = one.means & (
            Means.PHONE | Means.NUMBER | Means.PERHAPS_RECIPIENT | OF_MESSENGER[Messenger.WHATSAPP]
        )
        if one.means & Means.ELSEWHERE:
            return True
        return self._headed and bool(one.heading) and not means and one.share("phone", "several") < FITS

    def _has_entries(self, one: Facts) -> bool:
        """True if a column has entries like those that people type, names beside numbers among them."""
        return any(map(_reads, one.samples))

    def _take_typed(self, chosen: Sequence[Facts]) -> None:
        phones = [one for one in chosen if one.share("phone", "several", "national", "long") >= FITS]
        phones.sort(key=lambda one: -one.share("phone", "several"))
        if len(phones) > 1 and len(phones) == len(chosen):
            self._write_to(Messenger.WHATSAPP, self._ask_which(Messenger.WHATSAPP, phones))
            return
        for one in chosen:
            self.columns[one.place] = Role.RECIPIENT

    def _messengers_beside(self) -> bool:
        """Take a column of messengers' names and the addresses in the next one."""
        for one in self._free():
            names = [sample.casefold() in BY_ALIAS for sample in one.samples]
            if (
                names
                and all(names)
                and one.place + 1 < len(self.columns)
                and self.columns[one.place + 1] is None
            ):
                self.columns[one.place], self.columns[one.place + 1] = Role.MESSENGER, Role.RECIPIENT
                return True
        if Role.MESSENGER in self.columns:
            for one in self._free():
                if one.means & Means.PERHAPS_RECIPIENT or one.has_phones:
                    self.columns[one.place] = Role.RECIPIENT
                    return True
        return False

    def _rest(self) -> None:
        """Take all other columns for variables."""
        free = [one for one in self._free() if one.filled or one.heading]
        if not self._headed:
            free = [one for one in free if not one.sequence] or free
            words = [one for one in free if not any(map(str.isdecimal, "".join(one.samples)))]
            named = words if len(words) == 1 else free
            if len(named) == 1:
                self.columns[named[0].place] = Variable("name")
                self._taken.add("name")
                free.remove(named[0])
        for one in free:
            if not one.heading and one.sequence:
                continue
            self.columns[one.place] = self._variable(one)

    def _variable(self, one: Facts) -> Variable:
        """The column as a variable, with a number behind its name where another one has that."""
        name = word(one.heading) or f"column_{one.place + 1}"
        free_name, number = name, 2
        while free_name in self._taken:
            free_name, number = f"{name}_{number}", number + 1
        self._taken.add(free_name)
        return Variable(free_name, " ".join(one.heading.split()))


def _may_be_own(one: Facts) -> bool:
    """True for further numbers of the person; numbers of customers and articles only have as many digits."""
    named = one.means & (Means.PHONE | Means.OTHER_PHONE | Means.NUMBER)
    return not one.means & Means.STRANGER and bool(named or one.share("long", "cut") < FITS)


def _own_columns(headings: Sequence[str]) -> list[int]:
    """The row numbers and reasons in our own file of rows that were left out."""
    names = [word(heading) for heading in headings]
    if all(any(name in heads for name in names) for heads in _OWN_HEADS):
        return [place for place, name in enumerate(names) if name in _OWN_HEADS[0] | _OWN_HEADS[2]]
    return []


def _reads(cell: str) -> bool:
    try:
        read_recipient(cell)
    except (NoCountryCode, TwoNumbers):
        return True
    except ValueError:
        return False
    return True
