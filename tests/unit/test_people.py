"""Which addresses are one person's."""

from __future__ import annotations

import pytest

from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient, group_people

TELEGRAM, WHATSAPP, VIBER = Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER


def at(messenger: Messenger, address: str, person: str = "") -> Recipient:
    return Recipient(messenger=messenger, address=address, variables={"name": "Anna"}, person=person)


def groups(*recipients: Recipient, known: tuple[str, ...] = ()) -> list[str]:
    return [" ".join(one.address for one in person) for person in group_people(recipients, known)]


def test_a_row_is_one_person_and_a_name_is_none() -> None:
    assert groups(at(TELEGRAM, "1", "r1"), at(WHATSAPP, "+1", "r1"), at(VIBER, "a")) == ["1 +1", "a"]


def test_addresses_known_as_one_persons_are_one_person_across_lists() -> None:
    listed = at(TELEGRAM, "1"), at(WHATSAPP, "+1"), at(VIBER, "a")
    assert groups(*listed, known=("p1", "p1", "")) == ["1 +1", "a"]


def test_a_row_joins_what_is_known_with_what_is_not() -> None:
    listed = at(VIBER, "a"), at(TELEGRAM, "1", "r1"), at(WHATSAPP, "+1", "r1")
    assert groups(*listed, known=("p1", "", "p1")) == ["1 +1 a"]


def test_two_children_with_one_phone_are_two_people() -> None:
    listed = at(TELEGRAM, "1", "r1"), at(WHATSAPP, "+1", "r1"), at(TELEGRAM, "2", "r2")
    assert groups(*listed, known=("p1", "p1", "p1")) == ["1 +1", "2"]


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({"vorname": "Anna", "nachname": "Groß"}, "Anna Groß"),
        ({"name": "Groß", "vorname": "Anna"}, "Anna Groß"),
        ({"name": "Anna Groß", "vorname": "Anna"}, "Anna Groß"),
        ({"prénom": "Zoé", "nom": "Petit"}, "Zoé Petit"),
        ({"imię": "Ewa", "nazwisko": "Nowak"}, "Ewa Nowak"),
        ({"имя": "Аня", "фамилия": "Щукина"}, "Аня Щукина"),
        ({"фио": "Щукина Анна"}, "Щукина Анна"),
        ({"nombre": "Ana", "apellidos": "Gil Ruiz"}, "Ana Gil Ruiz"),
        ({"first_name": "Ann", "last_name": "Lee"}, "Ann Lee"),
        ({"name_des_kindes": "Mia"}, "Mia"),
        ({"company_name": "Shop Ltd", "first_name": "Ann"}, "Ann"),
        ({"company_name": "Shop Ltd"}, ""),
        ({"first_name_billing": "Ana", "last_name_billing": "Gil"}, "Ana Gil"),
        ({"saved_name": "Anna"}, "Anna"),
        ({"schüler": "Mia Müller"}, "Mia Müller"),
        ({"kunde": "4711"}, ""),
        ({}, ""),
    ],
)
def test_a_person_is_shown_by_the_name_that_the_columns_give(variables: dict[str, str], name: str) -> None:
    assert Recipient(messenger=WHATSAPP, address="+4915120000001", variables=variables).name == name
