"""Recipients and contacts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from core.domain.messengers.traits import Messenger
from core.domain.quiet_hours import QuietHours

FORGOTTEN: Final = "\u2014"
"""In place of the address of a person who was forgotten."""
MESSENGER_ORDER: Final = tuple(Messenger)
"""Of those on which a person can be reached, the first one is used: by what a message costs."""


def put_first(messenger: Messenger, order: Sequence[Messenger]) -> tuple[Messenger, ...]:
    """The order with this messenger in front; all messengers are in it."""
    return (messenger, *(one for one in order or MESSENGER_ORDER if one is not messenger))


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """An address on a messenger, already in the form that the messenger takes."""

    messenger: Messenger
    address: str
    contact_id: str | None = None
    """The contact by whose id the order named this recipient, if it did."""
    variables: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Values for the variables of the content, by name."""
    quiet_hours: QuietHours | None = None
    """Their own quiet hours; None = the general ones."""
    person: str = ""
    """Equal for the addresses of one person, who gets a message at one of them; empty: an address by itself."""

    @property
    def key(self) -> tuple[Messenger, str]:
        """Equal for the same messenger and address."""
        return self.messenger, self.address

    @property
    def label(self) -> str:
        """The recipient as typed: "telegram:1001"."""
        return f"{self.messenger}:{self.address}"

    @property
    def is_forgotten(self) -> bool:
        return self.address == FORGOTTEN

    @property
    def name(self) -> str:
        """The person's name, if the list had one, else ""."""
        return " ".join(full_name_in(self.variables).split())

    @property
    def uuid(self) -> str:
        """The contact's id if the order used one, else the address."""
        return self.contact_id or self.address


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A person who pressed Start on Telegram."""

    chat_id: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """A known person and the addresses where they can be reached."""

    id: str
    name: str
    addresses: Mapping[Messenger, str]
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Values for the variables of a content, from the list that told of them last."""

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """All their addresses, as those of one person."""
        variables = {**self.values, **({"name": self.name} if self.name else {})}
        return tuple(
            Recipient(messenger=messenger, address=address, variables=variables, person=self.id)
            for messenger, address in self.addresses.items()
        )


def own_person(first: Recipient) -> str:
    """The `person` of all addresses in a row of a list: named by the first of them, so equal in every list."""
    return f"{first.messenger.traits.code}{first.address}"


_FIRST_NAMES: Final = (
    "first_name", "firstname", "given_name", "forename", "vorname", "rufname", "prénom", "prenom", "nombre",
    "nombres",
    "nome", "imię", "imie", "имя", "ім_я", "імʼя", "имʼя", "ім’я", "імя", "isim", "i̇sim", "adı", "ad", "adi",
    "voornaam",
    "förnamn", "fornavn", "etunimi", "jméno", "jmeno", "meno", "keresztnév", "prenume", "ime", "όνομα", "името",
    "есімі", "аты", "vārds", "vardas", "eesnimi",
)  # fmt: skip
"""Columns that a person's name is taken from, where no column is called so; the first one counts."""
_LAST_NAMES: Final = (
    "last_name", "lastname", "surname", "family_name", "familyname", "second_name", "nachname", "familienname",
    "zuname", "nom", "nom_de_famille", "apellido", "apellidos", "cognome", "sobrenome", "apelido", "nazwisko",
    "фамилия", "прізвище", "soyad", "soyadı", "soyisim", "achternaam", "efternamn", "etternavn", "efternavn",
    "uzvārds", "pavardė", "perenimi", "priimek", "familiya", "тегі",
    "sukunimi", "příjmení", "prijmeni", "priezvisko", "vezetéknév", "prezime", "επώνυμο",
)  # fmt: skip
_WHOLE_NAMES: Final = (
    "full_name", "fullname", "display_name", "first_and_last_name", "name_and_surname", "name_surname",
    "полное_имя", "ism", "სახელი", "անուն", "vārds_uzvārds", "vardas_pavardė",
    "имя_и_фамилия", "имя_фамилия", "фамилия_имя", "фамилия_имя_отчество",
    "фио", "ф_и_о", "піб", "п_і_б", "прізвище_та_ім_я", "vor_und_nachname", "name_vorname", "vorname_nachname",
    "nombre_y_apellido", "nombre_y_apellidos", "nombre_completo", "nome_completo", "nome_e_cognome", "nom_complet",
    "nom_et_prénom", "nom_prénom", "prénom_nom", "imię_i_nazwisko", "imie_i_nazwisko", "ad_soyad", "adı_soyadı",
    "isim_soyisim", "naam", "navn", "namn", "név", "nimi", "numele", "jméno_a_příjmení", "ime_i_prezime", "nama",
    "nama_lengkap", "họ_tên", "họ_và_tên", "שם", "שם_מלא", "الاسم", "اسم", "الاسم_الكامل", "نام", "نام_و_نام_خانوادگی",
    "姓名", "名字", "氏名", "名前", "お名前", "이름", "성명", "ช_อ", "όνομα", "ονοματεπώνυμο", "ονομα",
)  # fmt: skip
_PEOPLE: Final = (
    "member", "student", "pupil", "child", "customer", "client", "guest", "patient", "participant", "attendee",
    "person",
    "contact", "contact_person", "employee", "mitglied", "schüler", "schülerin", "kind", "teilnehmer", "teilnehmerin",
    "kunde", "kundin", "gast", "ansprechpartner", "mitarbeiter", "adhérent", "élève", "enfant", "participant",
    "cliente",
    "alumno", "alumna", "paciente", "socio", "aluno", "aluna", "contato", "contacto", "alunno", "socia", "uczeń",
    "klient",
    "pacjent", "uczestnik", "öğrenci", "müşteri", "hasta", "клиент", "ученик", "контакт", "контактное_лицо",
    "пациент",
    "сотрудник", "покупатель", "участник", "получатель", "ребенок", "ребёнок", "клієнт", "учень", "контактна_особа",
)  # fmt: skip
"""Columns called after the people whose names are in them, if those are no numbers."""
_OF_WHOM: Final = frozenset({
    "your", "contact", "client", "customer", "member", "student", "pupil", "child", "children", "guest", "patient",
    "person", "parent", "billing", "shipping", "default", "address", "saved", "public", "push", "profile", "whatsapp",
    "telegram", "s", "of", "the", "kind", "kindes", "kinder", "des", "der", "dein", "ihr", "kunde", "kunden",
    "mitglied",
    "mitglieds", "schüler", "schülers", "teilnehmer", "gast", "du", "de", "d", "la", "le", "l", "élève", "enfant",
    "votre",
    "del", "el", "su", "alumno", "cliente", "do", "da", "aluno", "seu", "dell", "della", "ваше", "клиента",
    "контакта",
    "ученика", "ребенка", "ребёнка", "покупателя", "сотрудника", "учня", "клієнта", "klienta", "ucznia", "dziecka",
    "müşteri", "öğrenci", "klant",
})  # fmt: skip
_NAME: Final = "name"


class _Part(StrEnum):
    """The part of a name that a column has."""

    FIRST = "the first name"
    LAST = "the surname"
    WHOLE = "all of it"
    PERSON = "all of it, if it is a name"


def is_part_of_name(column: str) -> bool:
    """True for a column with the names of people, or a part of them."""
    return _part_in(column) is not None


def name_column(word: str, columns: Collection[str]) -> str:
    """The column that a word for a name means: the only one of first names, else "name". Empty for other words."""
    part = _part_in(word)
    if part not in (_Part.FIRST, _Part.WHOLE):
        return ""
    alike = [one for one in columns if part is _Part.FIRST and _part_in(one) is part]
    return alike[0] if len(alike) == 1 else _NAME


@lru_cache(4_096)
def _part_in(column: str) -> _Part | None:
    """The part of a name in a column: "first_name", "billing_first_name",
    "name_of_your_child"; not "company_name"."""
    plain = "_".join(word for word in column.split("_") if word not in _OF_WHOM)
    for name in (column, plain):
        if name in _FIRST_NAMES:
            return _Part.FIRST
        if name in _LAST_NAMES:
            return _Part.LAST
        if name == _NAME or name in _WHOLE_NAMES:
            return _Part.WHOLE
    return _Part.PERSON if column in _PEOPLE else None


def name_in(variables: Mapping[str, str]) -> str:
    """The name by which a person is addressed; empty where no column has it."""
    return next((variables[one] for one in (_NAME, *_FIRST_NAMES, *_WHOLE_NAMES) if variables.get(one)), "")


def full_name_in(variables: Mapping[str, str]) -> str:
    """The name by which a person is shown and found."""
    parts: dict[_Part, str] = {}
    for column, value in variables.items():
        if value and (part := _part_in(column)) is not None:
            parts.setdefault(part, value)
    first, last = parts.get(_Part.FIRST, ""), parts.get(_Part.LAST, "")
    whole = variables.get(_NAME) or parts.get(_Part.WHOLE, "")
    if whole and variables.get("vorname") and variables["vorname"] not in whole:
        return f"{variables['vorname']} {whole}"  # "Name" beside "Vorname" is the surname
    person = parts.get(_Part.PERSON, "")
    return whole or f"{first} {last}".strip() or ("" if any(map(str.isdecimal, person)) else person)


def folded_name(name: str) -> str:
    """The form in which names are compared and searched."""
    return " ".join(name.casefold().split())


def people_in(recipients: Iterable[Recipient]) -> list[tuple[Recipient, ...]]:
    """Each person's addresses together, in the order in which people first appear."""
    found: dict[object, list[Recipient]] = {}
    for one in recipients:
        found.setdefault(one.person or one.key, []).append(one)
    return [tuple(addresses) for addresses in found.values()]


class Headcount(NamedTuple):
    """A number of people; not `exact`: the most that they can be."""

    people: int
    exact: bool = True


def count_people(recipients: Sequence[Recipient]) -> int:
    """Number of people at these addresses."""
    return len(people_in(recipients)) if any(one.person for one in recipients) else len(recipients)


class PersonAliases:
    """Names of persons that turned out to be one. False if none did."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._first)

    def first(self, person: str) -> str:
        while person in self._first:
            person = self._first[person]
        return person

    def join(self, person: str, other: str) -> None:
        first, later = self.first(person), self.first(other)
        if first != later:
            self._first[later] = first


def group_people(recipients: Sequence[Recipient], known: Sequence[str]) -> list[tuple[Recipient, ...]]:
    """Each person's addresses together, in the order in which people first appear.

    `known`: the person of each address, "" for none; empty where that is not asked. Two are one person if they
    share either, unless that gives them two addresses on one messenger.
    """
    groups: list[list[Recipient]] = []
    joined: list[int] = []
    """The group that each group has become a part of; itself for one that has not."""
    of_key: dict[str, int] = {}

    def group_of(number: int) -> int:
        while joined[number] != number:
            number = joined[number]
        return number

    for place, one in enumerate(recipients):
        # An address by itself may be the one that others are named by.
        keys = [f"r{one.person or own_person(one)}", *filter(None, known[place : place + 1])]
        there = dict.fromkeys(group_of(of_key[key]) for key in keys if key in of_key)
        mine = next((number for number in there if _on_others(groups[number], [one])), None)
        if mine is None:
            mine = len(groups)
            groups.append([])
            joined.append(mine)
        groups[mine].append(one)
        of_key.update({key: mine for key in keys if key not in of_key})
        for other in there:
            if other != mine and _on_others(groups[mine], groups[other]):
                groups[mine] += groups[other]
                groups[other], joined[other] = [], mine
    return [tuple(group) for group in groups if group]


def _on_others(some: Sequence[Recipient], others: Sequence[Recipient]) -> bool:
    """True if no messenger is in both."""
    return {one.messenger for one in some}.isdisjoint(one.messenger for one in others)
