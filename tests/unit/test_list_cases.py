"""Lists as people have them: who is read out of each, what is left out and why, what is asked first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from openpyxl import Workbook

from core.domain.errors import ValidationError
from core.domain.messengers.events import Reachable
from core.domain.recipients import people_in
from core.files.questions import NeedsAnswer
from core.files.recipient_list import ReadList, left_out_rows, read_list
from tests.support.list_files import data, saved, workbook


@dataclass(frozen=True, kw_only=True)
class Case:
    """The result of a file. `asked`: each question that is asked on the way, and the label of the answer tapped."""

    people: Sequence[str] = ()
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By address: all of the variables that the person has."""
    left_out: Mapping[int, str] = field(default_factory=dict)
    """By row: a part of the reason."""
    doubles: Mapping[int, str] = field(default_factory=dict)
    said: Sequence[str] = ()
    asked: Mapping[str, str] = field(default_factory=dict)
    form: str = ""


def phones(first: int, count: int) -> list[str]:
    return [f"whatsapp:+{first + number}" for number in range(count)]


def names(first: int, *people: str) -> dict[str, dict[str, str]]:
    return {f"whatsapp:+{first + number}": {"name": name} for number, name in enumerate(people)}


CASES: dict[str, Case] = {
    "01-whatsapp-group-one-line": Case(
        people=phones(4915120000001, 200), left_out={1: "no messenger is named"}
    ),
    "01c-group-line-with-saved-contact": Case(
        people=phones(4915120000401, 2), left_out={1: "no messenger is named"}
    ),
    "02-decimal-point-numbers": Case(
        people=["whatsapp:+4915120000501", "whatsapp:+4915120000502", "whatsapp:+4915120000505"],
        left_out={4: "the spreadsheet has cut this number", 5: "the spreadsheet has cut this number"},
        asked={"country": "The code is there: +49 1512 0000502"},
        said=["A plus is added"],
    ),
    "04-one-account-two-numbers": Case(
        people=["whatsapp:+5511987654321", "whatsapp:+525512345678", "whatsapp:+541123456789"],
        doubles={3: "is in row 2 already", 5: "is in row 4 already", 7: "is in row 6 already"},
    ),
    "11-hidden-first-sheet": Case(
        people=phones(4915120001100, 5), said=["Not read: hidden sheets old."], form="XLSX, sheet “now” of 2"
    ),
    "11b-filtered-rows": Case(
        people=[f"whatsapp:+{4915120001200 + number}" for number in (0, 3, 5, 6, 8, 9)],
        said=["Not read: 4 hidden or filtered rows (3, 4, 6, 9)."],
    ),
    "12-google-contacts": Case(
        people=["whatsapp:+4915120001401", "whatsapp:+4915120001403", "whatsapp:+4915120001404"],
        asked={"pairs": "The first one"},
        values={
            "whatsapp:+4915120001404": {
                "name": "Kim Sun",
                "given_name": "Kim",
                "family_name": "Sun",
                "phone_1_type": "Home",
            }
        },
    ),
    "12c-google-contacts-new": Case(
        people=["whatsapp:+4915120001421", "whatsapp:+4915120001423"],
        said=["Not written to: the numbers under Phone 2 - Value."],
        values={
            "whatsapp:+4915120001423": {
                "first_name": "Bob",
                "last_name": "Ray",
                "labels": "* myContacts",
                "phone_1_label": "Mobile",
            }
        },
    ),
    "13-title-rows": Case(
        people=phones(4915120001431, 2),
        values={"whatsapp:+4915120001431": {"name": "Ann", "sum": "12"}},
        said=["Not read: row 1, above the headings."],
    ),
    "14-excel-sep-line": Case(people=["whatsapp:+4915120001451"], values=names(4915120001451, "Ann")),
    "15-cell-formats": Case(
        people=["whatsapp:+4915120001501"],
        values={
            "whatsapp:+4915120001501": {
                "name": "Ann",
                "discount": "7,5 %",
                "sum": "1.234,50 €",
                "day": "24.12.2026",
                "code": "00123",
                "ok": "TRUE",
                "t": "18:30",
                "dt": "24.12.2026 18:30",
                "pct": "0,3",
            }
        },
        said=["1 cell counts as empty (#N/A)."],
    ),
    "15b-error-value-in-one-row": Case(
        people=phones(4915120001511, 2),
        values={"whatsapp:+4915120001512": {"name": "Bob"}},
        said=["1 cell counts as empty (#N/A)."],
    ),
    "16-mac-roman": Case(
        people=phones(4915120001601, 3),
        values=names(4915120001601, "Jürgen Müller", "Käthe Groß", "Zoë"),
        form="CSV, semicolons, Mac Roman",
    ),
    "16b-windows-1250": Case(
        people=phones(4915120001604, 3),
        values=names(4915120001604, "Łukasz Dvořák", "Žofie Šímová", "Jiří"),
        form="CSV, commas, Windows-1250",
    ),
    "16d-russian-dos-cp866": Case(
        people=phones(4915120001609, 2), values=names(4915120001609, "Иван Петров", "Ольга")
    ),
    "16i-german-1252": Case(
        people=phones(4915120001619, 2), values=names(4915120001619, "Jürgen Müller", "Käthe Groß")
    ),
    "16j-russian-1251": Case(
        people=phones(4915120001621, 2), values=names(4915120001621, "Иван Петров", "Ольга")
    ),
    "17-vcard-file": Case(
        people=[*phones(4915120001701, 5), *phones(4915120001711, 3)],
        values={
            "whatsapp:+4915120001701": {"name": "Eva1 Müller", "first_name": "Eva1", "last_name": "Müller"}
        },
    ),
    "18-invisible-marks-in-numbers": Case(people=phones(4915120001801, 7)),
    "19b-left-out-file": Case(
        people=["whatsapp:+4915120001921"],
        left_out={3: "there is a letter in the phone number", 4: "this is not a phone number"},
    ),
    "19b-left-out-file-corrected": Case(people=phones(4915120001922, 2)),
    "20-numbers-without-plus": Case(
        people=phones(4915120002001, 6),
        asked={"country": "The code is there: +49 1512 0002001"},
        said=["A plus is added in front of numbers without one."],
    ),
    "24-usernames-of-people": Case(
        people=["telegram:@ann_lee", "telegram:@bob_ray_1", "telegram:@kim_sun_2"],
        said=["bots can write by them to public groups and channels, not to people"],
    ),
    "24b-links-instead-of-addresses": Case(
        people=["telegram:@somechannel", "whatsapp:+4915120002401", "whatsapp:+4915120002402"],
        doubles={3: "is in row 2 already"},
    ),
    "30-forum-topics": Case(
        left_out={
            2: "this is a topic of a forum",
            3: "this is a topic of a forum",
            4: "this link leads to a post or a topic of a private group",
        }
    ),
    "40-blank-cell-as-the-whole-text": Case(
        people=["whatsapp:+4915120004011", "whatsapp:+4915120004012", "whatsapp:+4915120004014"],
        values={
            "whatsapp:+4915120004011": {},
            "whatsapp:+4915120004012": {"name": "Bob"},
            "whatsapp:+4915120004014": {},
        },
        said=["2 cells count as empty"],
    ),
    "x01-old-xls": Case(people=["whatsapp:+4915120003911"], values=names(4915120003911, "Ann")),
    "x02-libreoffice-ods": Case(people=phones(4915120003921, 2), values=names(4915120003921, "Ann", "Bob")),
    "x03-google-forms": Case(
        people=phones(4915120005001, 2),
        left_out={4: "the country code is missing"},
        asked={"country": "Leave them out"},
    ),
    "x04-two-phone-columns": Case(
        people=["whatsapp:+4915120005012", "whatsapp:+4915120005014", "whatsapp:+4915120005015"],
        asked={"column-whatsapp": "“Mobile”"},
    ),
    "x05-plus-by-number-format": Case(people=phones(4915120005021, 2)),
    "x06-german-headers": Case(
        people=phones(4915120005031, 2),
        values={"whatsapp:+4915120005031": {"vorname": "Ann", "nachname": "Lee", "betrag": "12,50"}},
    ),
    "x06b-emergency-contact-column": Case(
        people=["whatsapp:+4915120005033", "whatsapp:+4915120005035"],
        said=["Not written to: the numbers under Notfallkontakt."],
    ),
    "x06d-french-headers": Case(people=phones(4915120005041, 2)),
    "x06e-russian-headers": Case(
        people=["whatsapp:+4915120005043", "whatsapp:+79000000002"],
        asked={"country": "RU +7: +7 900 000-00-02"},
        said=["read with +7"],
    ),
    "x07-a-million-empty-rows": Case(people=phones(4915120005101, 2)),
    "x08-same-heading-twice": Case(
        people=["whatsapp:+4915120005111"],
        values={"whatsapp:+4915120005111": {"name": "Ann", "name_2": "Lee"}},
    ),
    "x10-tabs-with-quotes": Case(
        people=phones(4915120005121, 2),
        values={"whatsapp:+4915120005121": {"name": 'Ann "the boss" Lee', "note": "a, b; c"}},
    ),
    "x103-utf16-without-bom-cyrillic": Case(
        people=["whatsapp:+4915120005671"], values=names(4915120005671, "Иван")
    ),
    "x104-csv-with-cr-only-line-ends": Case(people=phones(4915120005681, 2)),
    "x107-percent-and-currency-in-csv-ok": Case(
        people=["whatsapp:+4915120005711"],
        values={"whatsapp:+4915120005711": {"name": "Ann", "rabatt": "7,5 %", "summe": "1.234,50 €"}},
    ),
    "x11-names-with-commas": Case(
        people=phones(4915120005131, 2), values=names(4915120005131, "Lee, Ann", "Ray; Bob")
    ),
    "x11b-unquoted-comma-in-a-name": Case(
        people=["whatsapp:+4915120005133", "whatsapp:+4915120005135"], left_out={3: "this row has 4 cells"}
    ),
    "x14-zero-zero-prefix": Case(people=phones(4915120005171, 4)),
    "x15-quotation-marks-around": Case(people=phones(4915120005181, 4)),
    "x16-excel-unicode-text": Case(
        people=phones(4915120005191, 2), values=names(4915120005191, "Jürgen", "Łukasz")
    ),
    "x17-index-column": Case(people=phones(4915120005201, 2), values=names(4915120005201, "Ann", "Bob")),
    "x17d-headed-id-column": Case(
        people=["telegram:500053", "telegram:500054"], values={"telegram:500053": {"id": "1", "name": "Ann"}}
    ),
    "x18-telegram-json-export": Case(
        people=["telegram:500055", "whatsapp:+4915120005211"],
        values={"telegram:500055": {"first_name": "Ann"}},
    ),
    "x18b-json-renamed-txt": Case(people=phones(4915120005212, 2), values=names(4915120005212, "Ann", "Bob")),
    "x20-name-colon-number": Case(people=phones(4915120005231, 2), values=names(4915120005231, "Ann", "Bob")),
    "x22-phone-and-messenger-columns": Case(
        people=["whatsapp:+4915120005243"],
        left_out={
            2: "this is a phone number, and Viber takes none",
            3: "this is a phone number, and Telegram takes none",
        },
    ),
    "x23-has-telegram-column": Case(
        people=phones(4915120005251, 3), said=["“telegram” says yes or no, so nobody is written to by it."]
    ),
    "x25-total-row": Case(
        people=["telegram:500056", "telegram:500057"], left_out={4: "this looks like a row of totals"}
    ),
    "x30-quote-left-open": Case(
        people=phones(4915120005302, 3),
        values=names(4915120005302, "Bob", "Kim", "Lee"),
        left_out={2: "a quotation mark is left open in this row"},
    ),
    "x52-gap-with-capital": Case(
        people=["whatsapp:+4915120005391"],
        values={"whatsapp:+4915120005391": {"name": "Lee", "first_name": "Ann"}},
    ),
    "x63-wrong-dimension": Case(people=phones(4915120005411, 2)),
    "x64-eighty-columns": Case(
        people=["whatsapp:+4915120005401"],
        values={"whatsapp:+4915120005401": {"name": "Ann", **{f"c{number}": "v" for number in range(3, 81)}}},
    ),
    "x67-national-number-without-its-zero": Case(
        people=phones(4915120005421, 2), asked={"country": "DE +49: +49 1512 0005421"}
    ),
    "x70-one-broken-byte": Case(
        people=phones(4915120005431, 3),
        values={
            "whatsapp:+4915120005431": {"name": "Jürgen"},
            "whatsapp:+4915120005432": {"name": "Zoë"},
            "whatsapp:+4915120005433": {},
        },
        said=["Letters are damaged in row 4"],
    ),
    "x72-phone-heading-with-words": Case(people=phones(4915120005451, 2)),
    "x73-mixed-two-lists-glued": Case(
        people=["whatsapp:+4915120005461"],
        left_out={3: "this is not a phone number", 4: "this is not a phone number"},
    ),
    "x75-null-words": Case(
        people=phones(4915120005481, 6),
        values={f"whatsapp:+{4915120005481 + number}": {} for number in range(6)},
        said=["6 cells count as empty"],
    ),
    "x95-one-person-two-rows": Case(
        people=["whatsapp:+4915120005611", "whatsapp:+4915120005612"],
        doubles={4: "is in row 2 already, with other values"},
    ),
}


def answered(file: bytes, asked: Mapping[str, str]) -> tuple[ReadList, dict[str, str]]:
    """Taps through the questions; returns the list and the keys of the questions with what was tapped."""
    answers: dict[str, str] = {}
    tapped: dict[str, str] = {}
    while True:
        try:
            return read_list(file, answers), tapped
        except NeedsAnswer as needed:
            question = needed.question
            wanted = asked[question.key]
            (choice,) = [one for one in question.choices if str(one.label) == wanted]
            answers[question.key], tapped[question.key] = choice.key, wanted


@pytest.mark.parametrize("name", CASES)
def test_a_list_is_read_right(name: str) -> None:
    case = CASES[name]
    read, tapped = answered(data(name), case.asked)
    found = {one.label: dict(one.variables) for one in read.recipients}
    assert list(found) == list(case.people)
    assert {label: found[label] for label in case.values} == dict(case.values)
    assert {one.row for one in read.refused} == set(case.left_out)
    assert [one for one in read.refused if case.left_out[one.row] not in one.reason] == []
    assert {one.row: one.reason for one in read.doubles} == dict(case.doubles)
    assert [said for said in case.said if not any(said in note for note in read.notes)] == []
    assert tapped == dict(case.asked)
    assert read.form.startswith(case.form)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("39-password-protected-xlsx", "This file is protected by a password."),
        ("x09-header-only", "There is nobody in this file"),
        ("x19-whatsapp-chat-export", "This is an exported chat: it holds messages, not a list of people."),
    ],
)
def test_what_is_no_list_is_called_what_it_is(name: str, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        read_list(data(name))


def test_everybody_left_out_of_a_line_is_named() -> None:
    read = read_list(data("01c-group-line-with-saved-contact"))
    assert [one.entry for one in read.refused] == ["Maria", "You"]


def test_no_question_offers_a_number_of_somebody_else() -> None:
    """15120005421 in a German list is 0151...; in Texas it would be somebody's."""
    with pytest.raises(NeedsAnswer) as asked:
        read_list(data("x67-national-number-without-its-zero"))
    labels = [str(choice.label) for choice in asked.value.question.choices]
    assert labels[0] == "DE +49: +49 1512 0005421"
    assert not any("+1 " in label for label in labels)


def test_rows_that_were_left_out_come_back_whole_when_corrected() -> None:
    read = read_list(data("19b-left-out-file"))
    rows = left_out_rows(read, Reachable(recipients=()))
    corrected = rows.replace("2000192O", "20001922").replace("20001923 x", "20001923")
    again = read_list(corrected.encode())
    assert {one.label: dict(one.variables) for one in again.recipients} == names(4915120001922, "Bob", "Kim")
    assert again.refused == ()


@pytest.mark.parametrize(
    ("file", "asked", "people", "left_out"),
    [
        (
            "name,phone,whatsapp\nAnn,+4915120000001,yes\nBob,+4915120000002,no\n",
            {"flag2": "Only those with yes"},
            phones(4915120000001, 1),
            {3: "“whatsapp” says “no”"},
        ),
        (
            "Имя;Телефон;Мессенджер\nАня;+79161234567;WhatsApp\nОля;+79161234568;Вотсап\nИра;+79161234569;СМС\n",
            {},
            phones(79161234567, 2),
            {4: "is no messenger that I write to"},
        ),
        (
            "name,telegram\nAnn,+4915120000001\nBob,+4915120000002\n",
            {"under1": "Phone numbers, use WhatsApp"},
            phones(4915120000001, 2),
            {},
        ),
        (
            "Kind;Telefon Mutter;Telefon Vater\nMia;+4915120000001;+4915120000011\nBen;;+4915120000002\n",
            {"column-whatsapp": "“Telefon Mutter”, else “Telefon Vater”"},
            phones(4915120000001, 2),
            {},
        ),
        (
            'phone,name\n+4915120000001,"Ann\n+4915120000002,Bob\n+4915120000003,Kim"\n+4915120000004,Lee\n',
            {},
            ["whatsapp:+4915120000002", "whatsapp:+4915120000004"],
            {2: "a quotation mark is left open", 4: "a quotation mark is left open"},
        ),
        (
            "Nome;Cellulare\nLuca;347 123 4567\n",
            {"country": "IT +39: +39 347 123 4567"},
            ["whatsapp:+393471234567"],
            {},
        ),
        (
            "First Name,Home Phone,Mobile Phone,Business Fax,Instagram\n"
            "Ann,+49 30 1234567,+49 151 20000001,+49 30 556,@ann_lee\n",
            {},
            phones(4915120000001, 1),
            {},
        ),
        (
            "name,phone\nAnn,+49 151 20000001 ext. 5\nBob,+49 30 1234567 / 0151 20000002\n",
            {"pairs": "The first one"},
            ["whatsapp:+49301234567"],
            {2: "the number has an extension"},
        ),
        (
            "name,phone\nAnn,+00 49 151 20000001\nBob,📱 +4915120000002\nKim,4915120000003@c.us\n",
            {},
            phones(4915120000001, 3),
            {},
        ),
        (
            "name,phone\nAnn,4.91512E+12\nBob,4.91512E+12\n",
            {},
            [],
            dict.fromkeys((2, 3), "has cut this number"),
        ),
        (
            "Name;Phone\nAnn;2026-11-03\nBob;+4915120000001\n",
            {},
            phones(4915120000001, 1),
            {2: "this is a date"},
        ),
        (
            "Mitglieder\nAnna\n+49 151 20000001\n+49 151 20000002\nHey! I am using WhatsApp.\n",
            {},
            phones(4915120000001, 2),
            dict.fromkeys((1, 2, 5), "no messenger is named"),
        ),
        (
            "+49 151 20000009;my own\nName;Handy\nAnn;+49 151 20000001\n",
            {},
            phones(4915120000001, 1),
            {1: "this row is above the headings"},
        ),
        ("1. Ann +49 151 20000001\n2) Bob: +49 151 20000002\n", {}, phones(4915120000001, 2), {}),
        ("• Ann – +49 151 20000001\n* Bob +49 151 20000002\n", {}, phones(4915120000001, 2), {}),
        ("| Name | Phone |\n|------|-------|\n| Ann | +4915120000001 |\n", {}, phones(4915120000001, 1), {}),
        ("Name   Phone           City\nAnn    +4915120000001  Ulm\n", {}, phones(4915120000001, 1), {}),
        (
            "Mutter;;Vater;\nName;Handy;Name;Handy\nEva;+4915120000001;Tom;+4915120000011\n",
            {"column-whatsapp": "“Mutter Handy”"},
            phones(4915120000001, 1),
            {},
        ),
        (
            "Nome;Cellulare;WhatsApp\nAnn;+393471234567;VERO\nBob;+393471234568;FALSO\n",
            {"flag2": "Only those with yes"},
            ["whatsapp:+393471234567"],
            {3: "“WhatsApp” says “FALSO”"},
        ),
        (
            "Nom;Portable;Viber\nAnn;+33612345678;VRAI\nBob;;FAUX\n",
            {},
            ["whatsapp:+33612345678"],
            {3: "no address"},
        ),
        (
            "name,phone,viber\nAnn,+4915120000001,there\nBob,+4915120000002,there\nKim,+4915120000003,gone\n"
            "Lee,+4915120000004,gone\n",
            {},
            phones(4915120000001, 4),
            {},
        ),
        (
            "name,country,phone\nAnn,DE,0151 20000001\nBob,Österreich,0664 1234567\nKim,?,0151 20000002\n",
            {"country": "As “country” says: +49 1512 0000001, +43 664 1234567"},
            ["whatsapp:+4915120000001", "whatsapp:+436641234567"],
            {4: "the country code is missing"},
        ),
        (
            "name,country code,phone\nAnn,+49,151 20000001\nBob,+43,664 1234567\n",
            {"country": "As “country code” says: +49 1512 0000001, +43 664 1234567"},
            ["whatsapp:+4915120000001", "whatsapp:+436641234567"],
            {},
        ),
        (
            "Timestamp,Your name,What is your phone number?\n11/3/2026 19:15,Ann,+49 151 20000001\n",
            {},
            phones(4915120000001, 1),
            {},
        ),
        (
            "First Name,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value\n"
            "Ann,Mobile,+4915120000001,Work,+49301234567\nBob,Home,+49307654321,Mobile,+4915120000002\n",
            {},
            phones(4915120000001, 2),
            {},
        ),
        (
            "BEGIN:VCARD\nFN:Ivan\nTEL;CELL:8 912 345 67 89\nTEL;X-WhatsApp:+79123456780\nEND:VCARD\n",
            {},
            ["whatsapp:+79123456780"],
            {},
        ),
    ],
)
def test_lists_of_the_same_kinds_are_read_right(
    file: str, asked: dict[str, str], people: Sequence[str], left_out: dict[int, str]
) -> None:
    read, tapped = answered(file.encode(), asked)
    assert [one.label for one in read.recipients] == list(people)
    assert {one.row for one in read.refused} == set(left_out)
    assert [one for one in read.refused if left_out[one.row] not in one.reason] == []
    assert tapped == asked


def test_a_renumbered_country_is_offered_and_its_older_numbers_are_the_same_people() -> None:
    file = b"Nome;Celular\nAna;(11) 98765-4321\nBia;11 8765-4321\nCai;+55 (11) 98765-4323\n"
    read, _tapped = answered(file, {"country": "BR +55: +55 11 98765-4321"})
    assert [one.label for one in read.recipients] == ["whatsapp:+5511987654321", "whatsapp:+5511987654323"]
    assert [one.row for one in read.doubles] == [3]


def test_a_country_answered_before_is_not_taken_where_the_rows_name_countries() -> None:
    file = b"name,country,phone\nAnn,AT,0664 1234567\n"
    with pytest.raises(NeedsAnswer):
        read_list(file, {"country-before": "DE"})
    read = read_list(b"name,phone\nAnn,0151 20000001\n", {"country-before": "DE"})
    assert [one.label for one in read.recipients] == phones(4915120000001, 1)


def test_codes_of_web_pages_are_letters_and_that_is_said() -> None:
    read = read_list(
        b"phone,name\n+4915120000001,Tom &amp; Ann\n&#43;4915120000002,J&uuml;rgen &amp;amp; Co\n"
    )
    assert {one.label: dict(one.variables) for one in read.recipients} == names(
        4915120000001, "Tom & Ann", "Jürgen & Co"
    )
    assert read.notes == (
        "Codes of web pages are read as letters in rows 2, 3: “Tom &amp; Ann” is “Tom & Ann”.",
    )


@pytest.mark.parametrize("file", [b"<html><body><table>", b"<?xml version='1.0'?><Workbook>"])
def test_a_web_page_with_the_name_of_a_spreadsheet_is_called_one(file: bytes) -> None:
    with pytest.raises(ValidationError, match="This is a web page"):
        read_list(file)


def test_a_formula_that_nobody_has_computed_is_no_value_and_said() -> None:
    book = workbook([["phone", "sum"], ["+4915120000001", "=1+1"], ["+4915120000002", 3]])
    read = read_list(book)
    assert [dict(one.variables) for one in read.recipients] == [{}, {"sum": "3"}]
    assert read.notes == (
        "Formulas without a result in row 2 count as empty. Open the file, save it, then send it again.",
    )


def test_all_addresses_of_a_row_are_one_person() -> None:
    file = b"name,phone,telegram\nAnn,+4915120000001,1001\nBob,+4915120000002,\n"
    people = people_in(read_list(file).recipients)
    assert [[one.label for one in addresses] for addresses in people] == [
        ["whatsapp:+4915120000001", "telegram:1001"],
        ["whatsapp:+4915120000002"],
    ]


def test_two_rows_with_one_phone_are_two_people() -> None:
    file = b"name,phone,telegram\nAnn,+4915120000001,1001\nBen,+4915120000001,1002\n"
    people = people_in(read_list(file).recipients)
    assert [[one.label for one in addresses] for addresses in people] == [
        ["whatsapp:+4915120000001", "telegram:1001"],
        ["telegram:1002"],
    ]


def test_a_sheet_without_people_is_no_choice() -> None:
    book = Workbook()
    book.active.append(["phone", "name"])
    book.active.append(["+4915120000001", "Ann"])
    book.create_sheet("Notes").append(["just a note"])
    read = read_list(saved(book))
    assert [one.label for one in read.recipients] == ["whatsapp:+4915120000001"]
    assert read.notes == ("Not read: sheets Notes.",)
    other = book.create_sheet("Other")
    other.append(["phone"])
    other.append(["+4915120000002"])
    read, _tapped = answered(saved(book), {"sheet": "“Other”, 2 rows"})
    assert [one.label for one in read.recipients] == ["whatsapp:+4915120000002"]


def test_columns_of_one_name_are_told_apart_by_their_letters() -> None:
    file = b"phone,phone,name\n+4915120000001,+4915120000002,Ann\n"
    read, _tapped = answered(file, {"column-whatsapp": "“phone (B)”"})
    assert [one.label for one in read.recipients] == ["whatsapp:+4915120000002"]
