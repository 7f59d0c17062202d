"""Lists as people have them: who is read out of each, what is left out and why, what is asked first."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from core.domain.errors import ValidationError
from core.domain.messengers.events import Reachable
from core.domain.recipients import people_in
from core.files.left_out import left_out_rows
from core.files.questions import NeedsAnswer
from core.files.recipient_list import read_list
from tests.support.list_cases import CASES, REFUSED, names, phones
from tests.support.list_files import data, saved, workbook
from tests.support.list_reading import answered, by_label, labels, values


@pytest.mark.parametrize("name", CASES)
def test_a_list_is_read_right(name: str) -> None:
    case = CASES[name]
    read, tapped = answered(data(name), case.asked)
    found = by_label(read)
    assert list(found) == list(case.people)
    assert {label: found[label] for label in case.values} == dict(case.values)
    assert {one.row for one in read.refused} == set(case.left_out)
    assert [one for one in read.refused if case.left_out[one.row] not in one.reason] == []
    assert {one.row: one.reason for one in read.doubles} == dict(case.doubles)
    assert [said for said in case.said if not any(said in note for note in read.notes)] == []
    assert tapped == dict(case.asked)
    assert read.form.startswith(case.form)


@pytest.mark.parametrize(("name", "sentence"), REFUSED.items())
def test_what_is_no_list_is_called_what_it_is(name: str, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        read_list(data(name))


def test_words_for_no_value_and_errors_of_formulas_are_no_names() -> None:
    words = ("keine Angabe", "(leer)", "#ПУСТО!", "#VALEUR!", "#¿NOMBRE?", "#DEĞER!", "null null", "[empty]")
    rows = [f"{word};+{4915120000001 + place}" for place, word in enumerate(words)]
    read = read_list("\n".join(("Name;Phone", *rows)).encode())
    assert by_label(read) == {label: {} for label in phones(4915120000001, len(words))}


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
    assert by_label(again) == names(4915120001922, "Bob", "Kim")
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
            {4: "it isn't one of the messengers here"},
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
            {2: "a quotation mark isn't closed", 4: "a quotation mark isn't closed"},
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
            {2: "this number has an extension"},
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
        (
            "Name;Phone;Kontakt über\nAnn;+4915120000001;WhatsApp\nBob;+4915120000002;Anruf\nKim;+4915120000003;SMS\n",
            {"messengers2": "Yes"},
            phones(4915120000001, 1),
            {3: "I can't write to “Anruf”", 4: "I can't write to “SMS”"},
        ),
        (
            "Name;Telegram;Summe\nAnn;500056;10\nSumme (2 Personen);2;22\nTOTAL GENERAL;3;2\nИтого все;4;9\n∑;5;9\n",
            {},
            ["telegram:500056"],
            dict.fromkeys((3, 4, 5, 6), "this looks like a row of totals"),
        ),
        (
            "Name;Phone\nAnn;+4915120000001 ::: +49 151 20000001\nBob;+4915120000002 / 004915120000002\n",
            {"pairs": "The first one"},
            phones(4915120000001, 2),
            {},
        ),
        ("Ann +49 151 20000001!\nBob: +49 151 20000002!\n", {}, phones(4915120000001, 2), {}),
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
            {4: "the phone number has no country code"},
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
            "name,phone,unsubscribed\nAnn,+4915120000001,yes\nBob,+4915120000002,no\nKim,+4915120000003,\n",
            {"consent2": "Only those with no"},
            phones(4915120000002, 2),
            {2: "“unsubscribed” says “yes”"},
        ),
        (
            "Name;Handy;Einwilligung\nAnn;+4915120000001;ja\nBob;+4915120000002;nein\nKim;+4915120000003;\n",
            {"consent2": "Only those with yes"},
            phones(4915120000001, 1),
            dict.fromkeys((3, 4), "“Einwilligung” says “"),
        ),
        (
            "First Name,Email,Accepts Email Marketing,Phone,Accepts SMS Marketing\n"
            "Ann,a@example.org,no,+4915120000001,yes\nBob,b@example.org,yes,'+4915120000002,no\n",
            {"consent4": "Everyone on the list"},
            phones(4915120000001, 2),
            {},
        ),
        (
            "name,phone\nAnn,mobil +4915120000001\nBob,+4915120000002 (Handy)\nKim,Tel. +4915120000003\nLee,n/a\n",
            {},
            phones(4915120000001, 3),
            {5: "there's no address in this row"},
        ),
        (
            "Name,Mobile\nAnn,07911 123456\nBob,+44 7911 123457\nKim,44 7911 123458\n",
            {"country": "GB +44: +44 7911 123456"},
            phones(447911123456, 3),
            {},
        ),
        (
            "Nombre;Celular\nAna;044 55 1234 5678\nBea;+52 1 55 1234 5679\n",
            {"country": "MX +52: +52 55 1234 5678"},
            phones(525512345678, 2),
            {},
        ),
        ('["+4915120000001", "+4915120000002"]', {}, phones(4915120000001, 2), {}),
        (
            "BEGIN:VCARD\nFN:Ivan\nTEL;CELL:8 912 345 67 89\nTEL;X-WhatsApp:+79123456780\nEND:VCARD\n",
            {},
            ["whatsapp:+79123456780"],
            {},
        ),
        (
            "# our list\nname,phone\nAnn,+4915120000001\n#Bob,+4915120000009\nKim,+4915120000002\n"
            "Office:,+4915120000008\nLee,+4915120000003\n",
            {},
            phones(4915120000001, 3),
            {4: "looks like a comment", 6: "looks like a comment"},
        ),
        ("no,phone\n#1,+4915120000001\n#2,+4915120000002\n", {}, phones(4915120000001, 2), {}),
        (
            "name,phone,sum\nAnn,+4915120000001,12\nGesamt: 2 Personen,15120000009,25\nAnzahl: 2,,\n",
            {},
            phones(4915120000001, 1),
            {3: "row of totals", 4: "row of totals"},
        ),
        ('"name,phone"\n"Ann,+4915120000001"\n"Bob,+4915120000002"\n', {}, phones(4915120000001, 2), {}),
        (
            "'name','phone'\n'Ann','+4915120000001'\n'Ray, Bob','+4915120000002'\n",
            {},
            phones(4915120000001, 2),
            {},
        ),
        (
            "“name”;“phone”\n„Ann“;“+4915120000001”\n«Bob»;«+4915120000002»\n",
            {},
            phones(4915120000001, 2),
            {},
        ),
        (
            "Name;Kontakt;über\nAnn;+4915120000001;WhatsApp\nBob;@bob_ray_1;Telegram\nKim;+4915120000003;SMS\n"
            "Lee;+4915120000004;Viber\n",
            {"messengers2": "Yes"},
            ["whatsapp:+4915120000001", "telegram:@bob_ray_1"],
            {4: "I can't write to “SMS”", 5: "Viber doesn't use them"},
        ),
        (
            "name,phone,telegram,preferred\nAnn,+4915120000001,500001,Telegram\nBob,+4915120000002,500002,WhatsApp\n",
            {"messengers3": "Yes"},
            ["telegram:500001", "whatsapp:+4915120000002"],
            {},
        ),
        (
            "name,phone,source\nAnn,+4915120000001,Instagram\nBob,+4915120000002,Telegram\nKim,+4915120000003,friends\n",
            {},
            phones(4915120000001, 3),
            {},
        ),
        (
            "First Name,Business Phone,Mobile Phone\nAnn,+49 30 1234567,+4915120000001\nBob,+4915120000009,\n",
            {"spare": "Leave them out"},
            phones(4915120000001, 1),
            {3: "the number is under “Business Phone”"},
        ),
        (
            "Schüler;Mutter Handy;Vater Handy;Hausarzt Tel.\nMia;+4915120000001;;+49 30 111111\n"
            "Ben;;+4915120000002;+49 30 111111\n",
            {"column-whatsapp": "“Mutter Handy”, else “Vater Handy”"},
            phones(4915120000001, 2),
            {},
        ),
        (
            "Prénom,Téléphone 1 - Libellé,Téléphone 1 - Valeur,Téléphone 2 - Libellé,Téléphone 2 - Valeur\n"
            "Ann,Domicile,+33 1 23 45 67 89,Mobile,+33 6 12 34 56 78\nBob,Mobile,+33 6 12 34 56 79,,\n",
            {},
            phones(33612345678, 2),
            {},
        ),
        (
            "name,notes\nAnn,call +4915120000009 after 5\nKim,no number\nBob,+4915120000001\nLee,+4915120000002\n",
            {},
            phones(4915120000001, 2),
            {2: "this isn't a phone number", 3: "this isn't a phone number"},
        ),
        (
            "name,phone,status\nAnn,+4915120000001,subscribed\nBob,+4915120000009,Unsubscribed\n"
            "Kim,+4915120000002,pending\n",
            {"consent2": "Only those who want messages"},
            phones(4915120000001, 2),
            {3: "“status” says “Unsubscribed”"},
        ),
        (
            "Name;Handy;Ausgetreten\nAnn;+4915120000001;\nBob;+4915120000009;01.01.2025\n",
            {"consent2": "Only those who want messages"},
            phones(4915120000001, 1),
            {3: "“Ausgetreten” says “01.01.2025”"},
        ),
        (
            "Name;Handy;Einwilligung WhatsApp\nAnn;+4915120000001;erteilt\nBob;+4915120000009;widerrufen\n",
            {"consent2": "Only those who want messages"},
            phones(4915120000001, 1),
            {3: "“Einwilligung WhatsApp” says “widerrufen”"},
        ),
        ("name,phone,2025,2026\nAnn,+4915120000001,12,13\n", {}, phones(4915120000001, 1), {}),
        (
            "name,code,phone\nAnn,+49,15120000001\nBob,+43,6641234567\n",
            {"country": "As “code” says: +49 1512 0000001, +43 664 1234567"},
            ["whatsapp:+4915120000001", "whatsapp:+436641234567"],
            {},
        ),
        (
            "Name;Mobiel;Vaste telefoon;Noodcontact\nAnn;+31612345678;+31101234567;+31612345600\n",
            {},
            phones(31612345678, 1),
            {},
        ),
    ],
)
def test_lists_of_the_same_kinds_are_read_right(
    file: str, asked: dict[str, str], people: Sequence[str], left_out: dict[int, str]
) -> None:
    read, tapped = answered(file.encode(), asked)
    assert labels(read) == list(people)
    assert {one.row for one in read.refused} == set(left_out)
    assert [one for one in read.refused if left_out[one.row] not in one.reason] == []
    assert tapped == asked


def test_a_renumbered_country_is_offered_and_its_older_numbers_are_the_same_people() -> None:
    file = b"Nome;Celular\nAna;(11) 98765-4321\nBia;11 8765-4321\nCai;+55 (11) 98765-4323\n"
    read, _tapped = answered(file, {"country": "BR +55: +55 11 98765-4321"})
    assert labels(read) == ["whatsapp:+5511987654321", "whatsapp:+5511987654323"]
    assert [one.row for one in read.doubles] == [3]


def test_a_country_answered_before_is_not_taken_where_the_rows_name_countries() -> None:
    file = b"name,country,phone\nAnn,AT,0664 1234567\n"
    with pytest.raises(NeedsAnswer):
        read_list(file, {"country-before": "DE"})
    read = read_list(b"name,phone\nAnn,0151 20000001\n", {"country-before": "DE"})
    assert labels(read) == phones(4915120000001, 1)


@pytest.mark.parametrize(
    "file",
    [
        "Name: Ann\nPhone: +49 151 20000001\n\nName: Bob\nEmail: b@example.org\nPhone: +49 151 20000002\n",
        "Vorname = Ann\nHandy = +4915120000001\n---\nVorname = Bob\nHandy = +4915120000002\n",
        "- Name: Ann\n- Mobile: +4915120000001\n- Name: Bob\n- Mobile: +4915120000002\n",
        "ФИО: Ann\nТелефон: +49 151 20000001\nГород: Ulm\nФИО: Bob\nТелефон: +49 151 20000002\n",
    ],
)
def test_people_described_in_lines_keep_their_names(file: str) -> None:
    read = read_list(file.encode())
    assert [one.label for one in read.recipients] == phones(4915120000001, 2)
    assert [one.name for one in read.recipients] == ["Ann", "Bob"]
    assert read.refused == ()


@pytest.mark.parametrize(
    ("file", "asked", "people"),
    [
        pytest.param(
            "Name;Bankverbindung\nAnn;0532013000\nBob;0648489890\n",
            None,
            [],
            id="numbers of a bank are no phones",
        ),
        pytest.param("Name;Geb\nAnn;01011990\nBob;05031985\n", None, [], id="birthdays are no phones"),
        pytest.param(
            "Name;Kennung\nAnn;0532013000\nBob;0648489890\n",
            {"column-whatsapp": "No"},
            [],
            id="numbers under an unknown heading are asked about",
        ),
        pytest.param(
            "Name,Phone\nAnn,#REF!\nBob,+4915120000001\nKim,#VALUE!\nLee,#NAME?\n",
            {},
            phones(4915120000001, 1),
            id="formula errors do not hide the numbers",
        ),
        pytest.param(
            "Name;Handy\nAnn;0151 20000001 ab 18 Uhr\nBob;0151 20000002 (nur WhatsApp)\nKim;neu: 0151 20000003\n"
            "Lee;0151 20000004 ??\n",
            {"words": "Write to them", "country": "DE +49: +49 1512 0000001"},
            phones(4915120000001, 4),
            id="remarks beside numbers",
        ),
        pytest.param(
            "Name,Number\nAnn,+4915120000001 (work)\nBob,+4915120000002 - Mum\n",
            {"words": "Leave them out"},
            [],
            id="remarks beside numbers that are left out",
        ),
        pytest.param(
            "Name;Kontakt\nAnn;ann@example.org / +49 151 20000001\nBob;+4915120000002, b@example.org\n",
            {},
            phones(4915120000001, 2),
            id="an email address beside the number",
        ),
        pytest.param(
            "Name;Land;Handy\nAnn;🇩🇪;0151 20000001\nBob;🇦🇹;0664 1234567\n",
            {"country": "As “Land” says: +49 1512 0000001, +43 664 1234567"},
            ["whatsapp:+4915120000001", "whatsapp:+436641234567"],
            id="flags name countries",
        ),
        pytest.param(
            "Name;Handy alt;Handy\nAnn;+4915120000009;+4915120000001\n",
            {},
            phones(4915120000001, 1),
            id="an old number beside the one of today",
        ),
        pytest.param(
            "Namn;Mobilnummer\nBo;070-123 45 67\n",
            {"country": "SE +46: +46 70 123 45 67"},
            ["whatsapp:+46701234567"],
            id="Swedish",
        ),
        pytest.param(
            "Naam;06-nummer\nAnn;06-12345678\n",
            {"country": "NL +31: +31 6 12345678"},
            ["whatsapp:+31612345678"],
            id="Dutch",
        ),
        pytest.param(
            "Όνομα;Κινητό\nΜαρία;6987654321\n",
            {"country": "GR +30: +30 698 765 4321"},
            ["whatsapp:+306987654321"],
            id="Greek",
        ),
        pytest.param(
            "الاسم,رقم الجوال\nأحمد,٠٥٠١٢٣٤٥٦٧\n",
            {"country": "SA +966: +966 50 123 4567"},
            ["whatsapp:+966501234567"],
            id="Arabic",
        ),
        pytest.param(
            "שם,טלפון\nשרה לוי,\u202a054-765-4321\u202c\n",
            {"country": "IL +972: +972 54-765-4321"},
            ["whatsapp:+972547654321"],
            id="Hebrew",
        ),
        pytest.param(
            "姓名,手机号,身份证号\n张伟,13800138000,110101199003070011\n",
            {"country": "CN +86: +86 138 0013 8000"},
            ["whatsapp:+8613800138000"],
            id="Chinese",
        ),
        pytest.param(
            "이름,휴대폰\n김철수,010-1234-5678\n",
            {"country": "KR +82: +82 10-1234-5678"},
            ["whatsapp:+821012345678"],
            id="Korean",
        ),
        pytest.param(
            "Họ tên,Số điện thoại\nNguyễn Văn A,0912 345 678\n",
            {"country": "VN +84: +84 912 345 678"},
            ["whatsapp:+84912345678"],
            id="Vietnamese",
        ),
    ],
)
def test_the_likely_country_comes_first_and_other_numbers_are_no_phones(
    file: str, asked: dict[str, str] | None, people: Sequence[str]
) -> None:
    if asked is None or (asked and "No" in asked.values()):
        with pytest.raises(ValidationError, match="can't find phone numbers"):
            answered(file.encode(), asked or {})
        return
    first = next(iter(_first_choices(file.encode(), asked)), "")
    assert first == asked.get("country", "")
    read, tapped = answered(file.encode(), asked)
    assert [one.label for one in read.recipients] == list(people)
    assert tapped == asked
    assert all(one.name for one in read.recipients)


def _first_choices(file: bytes, asked: Mapping[str, str]) -> list[str]:
    """The likeliest answer to the question on the country; after a country column, what that says."""
    answers: dict[str, str] = {}
    while True:
        try:
            read_list(file, answers)
        except NeedsAnswer as needed:
            question = needed.question
            if question.key == "country":
                return [str(question.choices[0].label)]
            (choice,) = [one for one in question.choices if str(one.label) == asked[question.key]]
            answers[question.key] = choice.key
        else:
            return []


@pytest.mark.parametrize("codec", ["cp932", "gb18030", "big5"])
def test_wide_digits_do_not_hide_the_encoding(codec: str) -> None:
    """The second half of a wide dash is a bar in Shift-JIS."""
    read, _tapped = answered(
        "姓名,電話\n山田太郎,090-1234-5678\n林花子,０８０－１２３４－５６７９\n".encode(codec),
        {"country": "JP +81: +81 90-1234-5678"},
    )
    assert [one.label for one in read.recipients] == ["whatsapp:+819012345678", "whatsapp:+818012345679"]


@pytest.mark.parametrize(
    ("file", "which"),
    [
        ("2026-0001234;Ann;+4915120000001\n2026-0001235;Bob;+4915120000002\n", "“C”"),
        ("2026-0001234;Ann;0151 20000001\n2026-0001235;Bob;0151 20000002\n", "“C”"),
        ("Ann;0151 20000001;030 1234567\nBob;0151 20000002;030 1234568\n", "“B”"),
    ],
)
def test_of_several_columns_of_numbers_without_headings_one_is_asked_for(file: str, which: str) -> None:
    asked = {
        "column-whatsapp": which,
        "country": "DE +49: +49 1512 0000001",
        "landlines": "The one under “B”",
    }
    read, _tapped = answered(file.encode(), asked)
    assert [one.label for one in read.recipients] == phones(4915120000001, 2)
    assert [one.name for one in read.recipients] == ["Ann", "Bob"]


def test_a_column_of_codes_as_they_are_dialled_names_countries() -> None:
    file = b"Name,Code,Phone\nAnn,0049,15120000001\nBob,0043,6641234567\n"
    read, _tapped = answered(file, {"country": "As “Code” says: +49 1512 0000001, +43 664 1234567"})
    assert [one.label for one in read.recipients] == ["whatsapp:+4915120000001", "whatsapp:+436641234567"]


def test_names_are_found_in_lists_without_headings() -> None:
    read = read_list(b"1001;Max;12.03.2014;+4915120000001\n1002;Mia;01.02.2013;+4915120000002\n")
    assert [one.name for one in read.recipients] == ["Max", "Mia"]


def test_the_tilde_of_whatsapp_is_no_part_of_a_name() -> None:
    read = read_list(b"Name,Phone\n~Anna,+4915120000001\n")
    assert dict(read.recipients[0].variables) == {"name": "Anna"}


def test_names_in_front_of_colons_are_no_fields() -> None:
    read = read_list(b"Mom: +4915120000001\nDad: +4915120000002\n")
    assert {one.label: dict(one.variables) for one in read.recipients} == names(4915120000001, "Mom", "Dad")


def test_codes_of_web_pages_are_letters_and_that_is_said() -> None:
    read = read_list(
        b"phone,name\n+4915120000001,Tom &amp; Ann\n&#43;4915120000002,J&uuml;rgen &amp;amp; Co\n"
    )
    assert by_label(read) == names(4915120000001, "Tom & Ann", "Jürgen & Co")
    assert read.notes == ("Web codes were read as letters in rows 2, 3: “Tom &amp; Ann” is “Tom & Ann”.",)


def test_a_file_that_was_cut_inside_a_letter_keeps_its_encoding() -> None:
    read = read_list("phone,name\n+4915120000001,Jürgen\n+4915120000002,Zo".encode() + b"\xc3")
    assert values(read) == [{"name": "Jürgen"}, {}]
    assert read.form == "CSV, commas, UTF-8"


def test_what_is_hidden_is_said_where_nobody_is_left_or_a_hidden_column_is_used() -> None:
    book = Workbook()
    book.active.append(["Name", "Handy"])
    book.active.append(["Ann", "+4915120000001"])
    book.active.column_dimensions["B"].hidden = True
    assert read_list(saved(book)).notes == ("Hidden columns are read too: Handy.",)
    book.active.row_dimensions[2].hidden = True
    with pytest.raises(ValidationError, match="Not read: 1 hidden or filtered row"):
        read_list(saved(book))


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("Questions? Call Mrs. Smith;+49 151 20000009", "Questions? Call Mrs. Smith, +49 151 20000009"),
        ("Fragen an Frau Smith;+49 151 20000009", "Fragen an Frau Smith, +49 151 20000009"),
        ("Вопросы - к Марии Ивановне;+49 151 20000009", "Вопросы - к Марии Ивановне, +49 151 20000009"),
    ],
)
def test_the_number_in_a_note_below_a_list_is_asked_about(note: str, said: str) -> None:
    rows = f"Name;Phone\nAnn;+49 151 20000001\nContact 7;+49 151 20000002\n\n{note}\n".encode()
    with pytest.raises(NeedsAnswer) as asked:
        read_list(rows)
    assert asked.value.question.samples == (said,)
    without, _tapped = answered(rows, {"notes": "Leave them out"})
    assert [one.address for one in without.recipients] == ["+4915120000001", "+4915120000002"]
    with_it, _tapped = answered(rows, {"notes": "Write to them"})
    assert len(with_it.recipients) == 3


def test_a_letter_with_a_number_in_it_is_no_list() -> None:
    read = read_list("Liebe Eltern,\nam 03.11.2026 ist frei. Fragen: +49 151 20000001.\nGruß\n".encode())
    assert read.recipients == ()


@pytest.mark.parametrize("file", [b"<html><body><table>", b"<?xml version='1.0'?><Workbook>"])
def test_a_web_page_with_the_name_of_a_spreadsheet_is_called_one(file: bytes) -> None:
    with pytest.raises(ValidationError, match="This is a web page"):
        read_list(file)


def test_a_formula_that_nobody_has_computed_is_no_value_and_said() -> None:
    book = workbook([["phone", "sum"], ["+4915120000001", "=1+1"], ["+4915120000002", 3]])
    read = read_list(book)
    assert values(read) == [{}, {"sum": "3"}]
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


@pytest.mark.parametrize(
    ("file", "asked"),
    [
        (
            "Kind;Telefon Mutter;Telefon Vater\nMia;+4915120000001;+4915120000002\nBen;;+4915120000003\n",
            {"column-whatsapp": "Both"},
        ),
        ("Name;Phone\nAnn & Tom;+4915120000001 / +4915120000002\nKim;+4915120000003\n", {"pairs": "Both"}),
        (
            "Kind;Telefon Mutter;Telefon Vater;Telefon Oma\nMia;+4915120000001;+4915120000002;+4915120000003\n",
            {"column-whatsapp": "All of them"},
        ),
    ],
)
def test_both_numbers_of_a_row_are_two_people(file: str, asked: dict[str, str]) -> None:
    read, tapped = answered(file.encode(), asked)
    assert tapped == asked
    assert [[one.label for one in person] for person in people_in(read.recipients)] == [
        [label] for label in phones(4915120000001, 3)
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
    assert labels(read) == ["whatsapp:+4915120000001"]
    assert read.notes == ("Not read: sheets Notes.",)
    other = book.create_sheet("Other")
    other.append(["phone"])
    other.append(["+4915120000002"])
    read, _tapped = answered(saved(book), {"sheet": "“Other”, 2 rows"})
    assert labels(read) == ["whatsapp:+4915120000002"]


def test_columns_of_one_name_are_told_apart_by_their_letters() -> None:
    file = b"phone,phone,name\n+4915120000001,+4915120000002,Ann\n"
    read, _tapped = answered(file, {"column-whatsapp": "“phone (B)”"})
    assert labels(read) == ["whatsapp:+4915120000002"]


def test_what_goes_over_merged_cells_is_in_each_of_their_rows() -> None:
    book = Workbook()
    for row in (
        ["Family", "Child", "Phone"],
        ["Lee", "Mia", "+4915120000001"],
        [None, "Tom", "+4915120000002"],
    ):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    read = read_list(saved(book))
    assert values(read) == [
        {"family": "Lee", "child": "Mia"},
        {"family": "Lee", "child": "Tom"},
    ]


@pytest.mark.parametrize(("answer", "people"), [("Leave them out", 1), ("Write to them", 2)])
def test_crossed_out_people_are_asked_about(answer: str, people: int) -> None:
    book = Workbook()
    for row in (["Name", "Phone", "Price"], ["Ann", "+4915120000001", 5], ["Bob", "+4915120000002", 6]):
        book.active.append(row)
    for cell in (book.active["A3"], book.active["B3"], book.active["C2"]):
        cell.font = Font(strike=True)
    read, _tapped = answered(saved(book), {"crossed": answer})
    assert labels(read) == phones(4915120000001, people)
    assert [one.reason for one in read.refused] == ["this row is crossed out or not ticked"] * (2 - people)


def test_formulas_without_results_are_named_where_nobody_is_found() -> None:
    book = Workbook()
    book.active.append(["Name", "Phone"])
    book.active.append(["Ann", '=HYPERLINK("tel:+4915120000001","+4915120000001")'])
    with pytest.raises(ValidationError) as refused:
        read_list(saved(book))
    assert "Formulas without a result in row 2" in refused.value.problems[-1]


@pytest.mark.parametrize(
    ("file", "asked", "people"),
    [
        pytest.param(
            "Name;Telefon 1;Telefon 2\nAnn;+49 30 1234567;+4915120000001\nBob;+4915120000002;+49 30 7654321\n"
            "Kim;+49 30 1234568;\n",
            {"landlines": "The mobile"},
            [*phones(4915120000001, 2), "whatsapp:+49301234568"],
            id="mobile beside a landline",
        ),
        pytest.param(
            "Name;Telefon 1;Telefon 2\nAnn;+4915120000001;\nBob;;+4915120000002\nKim;;+49 30 1234567\n",
            {"spare": "Write to the mobile"},
            phones(4915120000001, 2),
            id="mobile where the first column is empty",
        ),
        pytest.param(
            "Name;Telefon 1;Telefon 2\nAnn;+4915120000001;\nBob;;+4915120000002\n",
            {"spare": "Leave them out"},
            phones(4915120000001, 1),
            id="first column empty and left out",
        ),
        pytest.param(
            "Name;Telefon 1;Telefon 2\nAnn;030 1234567;0151 20000001\n",
            {"country": "DE +49: +49 30 1234567", "landlines": "The one under “Telefon 1”"},
            ["whatsapp:+49301234567"],
            id="landline by tap",
        ),
        pytest.param(
            "Name;Telefon;Fax\nAnn;+49 30 1234567;+4915120000001\n",
            {},
            ["whatsapp:+49301234567"],
            id="a fax is no mobile",
        ),
        pytest.param(
            "Name;Ann;Bob\nHandy;+4915120000001;+4915120000002\nOrt;Ulm;Bonn\n",
            {"turn": "Yes, a person in each column"},
            phones(4915120000001, 2),
            id="people in columns",
        ),
        pytest.param(
            "Name^Phone^City\nLee, Ann^+4915120000001^Ulm\nRay, Bob^+4915120000002^Bonn\n",
            {},
            phones(4915120000001, 2),
            id="carets",
        ),
        pytest.param(
            "Name~Phone~City\nAnn~+4915120000001~Ulm\nBob~+4915120000002~Bonn\n",
            {},
            phones(4915120000001, 2),
            id="tildes",
        ),
        pytest.param(
            "Name;Vorwahl;Telefon\nAnn;0151;20000001\nBob;0151;2000 0002\n",
            {"area": "Put them together", "country": "DE +49: +49 1512 0000001"},
            phones(4915120000001, 2),
            id="area codes",
        ),
        pytest.param(
            "Name,Area Code,Phone Number\nAnn,(202),555-0123\nBob,202,555-0124\n",
            {"area": "Put them together", "country": "US +1: +1 202-555-0123"},
            phones(12025550123, 2),
            id="american area codes",
        ),
        pytest.param(
            "Nome,DDD,Celular\nAna,31,98765-4321\nBia,21,98765-4322\n",
            {"area": "Put them together", "country": "BR +55: +55 31 98765-4321"},
            ["whatsapp:+5531987654321", "whatsapp:+5521987654322"],
            id="brazilian area codes, one like a country's",
        ),
        pytest.param(
            "Name,Country Code,Area Code,Number\nAnn,1,512,5550123\nBob,49,151,20000002\n",
            {
                "area": "Put them together",
                "country": "As “Country Code” says: +1 512-555-0123, +49 1512 0000002",
            },
            ["whatsapp:+15125550123", "whatsapp:+4915120000002"],
            id="country and area codes",
        ),
        pytest.param(
            "Teilnehmer,Anna,Ben\nHandy,+4915120000001,+4915120000002\nAlter,7,8\n",
            {"turn": "Yes, a person in each column"},
            phones(4915120000001, 2),
            id="people in columns under unknown headings",
        ),
        pytest.param(
            "id\tad_name\tfull_name\tphone_number\nl:12345678\tBoot\tAnna\tp:+4915120000001\n",
            {},
            phones(4915120000001, 1),
            id="leads of an advertisement",
        ),
        pytest.param(
            "user_id,username,first_name,language_code,is_bot\n500001,ann_lee1,Ann,en,False\n",
            {"ids0": "Yes"},
            ["telegram:500001"],
            id="users of a Telegram bot",
        ),
        pytest.param(
            "Контрагент;Телефон;Моб. телефон\nРомашка;(495) 123-45-67;8 (916) 123-45-67\nЛютик;495 765-43-21;\n",
            {
                "column-whatsapp": "“Телефон”",
                "country": "RU +7: +7 495 123-45-67",
                "landlines": "The mobile",
            },
            ["whatsapp:+79161234567", "whatsapp:+74957654321"],
            id="numbers of Moscow that would be German ones with a plus",
        ),
        pytest.param(
            '{"data": [{"name": "Ann", "phone": {"mobile": "+4915120000001", "fax": "+49301234567"}}]}',
            {},
            phones(4915120000001, 1),
            id="JSON with objects in objects",
        ),
        pytest.param(
            "Kind;Telefon\nMia;Mama 0151 20000001, Papa 0152 20000002\nBen;0151 20000002 (Mama)\n"
            "Cem;0151 2000000O\nDia;+4915120000003\n",
            {
                "pairs": "The first one",
                "words": "Write to them",
                "country": "DE +49: +49 1512 0000001",
            },
            phones(4915120000001, 3),
            id="words beside numbers",
        ),
        pytest.param(
            "Kind;Telefon\nMia;alt 0151 20000001\nBen;+4915120000002\n",
            {"words": "Leave them out"},
            phones(4915120000002, 1),
            id="words beside numbers that are left out",
        ),
        pytest.param(
            "Name;Code;Telefon\nAnn;0151;20000001\nBob;0151;20000002\n",
            {"area": "Put them together", "country": "DE +49: +49 1512 0000001"},
            phones(4915120000001, 2),
            id="area codes under another heading",
        ),
        pytest.param(
            "Team 2026\nName;Ann;Bob\nHandy;+4915120000001;+4915120000002\n",
            {"turn": "Yes, a person in each column"},
            phones(4915120000001, 2),
            id="people in columns below a title",
        ),
        pytest.param(
            "Name;Telefon\nAnn;+49 30 1234567 / +49 151 20000001\nBob;+49 151 20000002 / +49 30 7654321\n",
            {"pairs": "The mobile, else the first one"},
            phones(4915120000001, 2),
            id="a landline and a mobile in one cell",
        ),
        pytest.param(
            "Name:Phone:City\nLee, Ann:+4915120000001:Ulm\nBob:+4915120000002:Bonn\n",
            {},
            phones(4915120000001, 2),
            id="colons",
        ),
        pytest.param(
            "Name;Telefonvorwahl;Telefon\nAnn;0151;20000001\nBob;;+4915120000002\n",
            {"area": "Put them together", "country": "DE +49: +49 1512 0000001"},
            phones(4915120000001, 2),
            id="a complete number beside area codes",
        ),
        pytest.param(
            "<!DOCTYPE html [x]><!-- <table> --><html><head><style>td > p {}</style><script>if (a<b) '</td>'</script>"
            "<title>x</title></head><body><TABLE><TR><TH colspan=2>Name<TH title='a>b'>Phone\n<tr><td>Ann<td>1 < 2"
            "<td>+4915120000001<table><tr><td>in</table><tr><td colspan='2'>Bob<td>&#43;49 151&nbsp;20000002</TABLE",
            {},
            phones(4915120000001, 2),
            id="a web page that is written badly",
        ),
        pytest.param(
            '<html><meta charset="windows-1251"><body><p>Report</p><table border=1><tr><th>Name</th><th>Phone</th>'
            "</tr><tr><td>Ann &amp; Co</td><td>+4915120000001<br></td></tr>\n<tr style='display:none'><td>X</td>"
            "<td>+4915120000009</td></tr><tr><td>Bob\n Ray<td>+49 151 20000002</table>",
            {},
            phones(4915120000001, 2),
            id="a web page as XLS",
        ),
    ],
)
def test_what_is_meant_is_offered_and_never_guessed(
    file: str, asked: dict[str, str], people: Sequence[str]
) -> None:
    read, tapped = answered(file.encode(), asked)
    assert labels(read) == list(people)
    assert tapped == asked


def test_people_in_columns_that_are_hidden_or_crossed_out_are_no_others() -> None:
    book = workbook(
        [
            ["Name", "Ann", "Bob", "Kim"],
            ["Phone", "+4915120000001", "+4915120000002", "+4915120000003"],
        ]
    )
    opened = load_workbook(io.BytesIO(book))
    opened.active.column_dimensions["C"].hidden = True
    opened.active["D2"].font = Font(strike=True)
    asked = {"turn": "Yes, a person in each column", "crossed": "Leave them out"}
    read, _tapped = answered(saved(opened), asked)
    assert labels(read) == phones(4915120000001, 1)
    assert "Not read: hidden columns C." in read.notes


def test_an_xml_spreadsheet_is_read_as_it_is_shown() -> None:
    read = read_list(
        b"""<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Styles><Style ss:ID="s1"><NumberFormat ss:Format="Percent"/></Style><Style ss:ID="s2"><NumberFormat
ss:Format="Short Date"/></Style></Styles>
<Worksheet ss:Name="People"><Table>
<Row><Cell><Data ss:Type="String">Name</Data></Cell><Cell><Data ss:Type="String">Phone</Data></Cell>
<Cell><Data ss:Type="String">Share</Data></Cell><Cell><Data ss:Type="String">Day</Data></Cell></Row>
<Row ss:Index="3"><Cell><Data ss:Type="String">J\xc3\xbcrgen</Data></Cell>
<Cell><Data ss:Type="Number">4915120000001</Data></Cell>
<Cell ss:StyleID="s1"><Data ss:Type="Number">0.125</Data></Cell>
<Cell ss:StyleID="s2"><Data ss:Type="DateTime">2026-11-30T00:00:00.000</Data></Cell></Row>
<Row ss:Hidden="1"><Cell ss:Index="2"><Data ss:Type="String">+4915120000009</Data></Cell></Row>
</Table></Worksheet></Workbook>""",
        {"country": "+"},
    )
    assert by_label(read) == {
        "whatsapp:+4915120000001": {"name": "Jürgen", "share": "12.50%", "day": "2026-11-30"}
    }
    assert read.form == "XML"
    assert "Not read: 1 hidden or filtered row (4)." in read.notes


@pytest.mark.parametrize(("answer", "name"), [("Fix them", "Jürgen"), ("Keep them as they are", "JÃ¼rgen")])
def test_letters_that_were_encoded_twice_are_mended_by_a_tap(answer: str, name: str) -> None:
    file = "phone,name\n+4915120000001,JÃ¼rgen\n+4915120000002,Ann\n".encode()
    with pytest.raises(NeedsAnswer) as asked:
        read_list(file)
    assert asked.value.question.samples == ("JÃ¼rgen → Jürgen",)
    read, _tapped = answered(file, {"letters": answer})
    assert [one.variables["name"] for one in read.recipients] == [name, "Ann"]


_UNUSED_BY_WINDOWS = (0x81, 0x8D, 0x8F, 0x90, 0x9D)


@pytest.mark.parametrize("name", ["Łukasz Żak", "Papà", "Éva", "O’Brien", "Анна", "Zoë 😀", "Győ"])
def test_names_of_all_languages_are_mended(name: str) -> None:
    read_as = [
        chr(byte) if byte in _UNUSED_BY_WINDOWS else bytes([byte]).decode("cp1252") for byte in name.encode()
    ]
    doubled = "".join(read_as)
    read, _tapped = answered(f"phone,name\n+4915120000001,{doubled}\n".encode(), {"letters": "Fix them"})
    assert [one.variables["name"] for one in read.recipients] == [name]


@pytest.mark.parametrize(
    ("codec", "file"),
    [
        ("cp1251", "Телефон;Имя\n+4915120000001;Иван Петров\n+4915120000002;Ольга\n"),
        ("cp932", "電話番号;氏名\n+4915120000001;山田太郎\n+4915120000002;鈴木花子\n"),
        ("gb18030", "电话号码;姓名\n+4915120000001;张伟\n+4915120000002;王芳\n"),
    ],
)
def test_letters_of_other_scripts_that_were_saved_as_western_ones_are_mended(codec: str, file: str) -> None:
    read, _tapped = answered(file.encode(codec).decode("latin-1").encode(), {"letters": "Fix them"})
    assert [one.label for one in read.recipients] == phones(4915120000001, 2)
    assert [one.name for one in read.recipients] == [line.split(";")[1] for line in file.splitlines()[1:]]


@pytest.mark.parametrize(
    "name", ["Müller – Söhne", "“Ann”", "Åé", "ÆØÅ", "Þór", "O’Brien", "d’Été", "¿Qué?", "Nº 5"]
)
def test_western_names_are_never_mended(name: str) -> None:
    read, tapped = answered(f"phone,name\n+4915120000001,{name}\n".encode(), {})
    assert ([one.name for one in read.recipients], tapped) == ([name], {})


@pytest.mark.parametrize("word", ["unknown", "TBD", "n/a", "keine", "нет"])
def test_a_word_for_nobody_is_no_name_but_may_be_another_value(word: str) -> None:
    read = read_list(f"phone,first name,paid\n+4915120000001,{word},нет\n".encode())
    assert values(read) == [{"paid": "нет"}]
    assert f"1 cell counts as empty ({word})." in read.notes


def test_a_saved_web_page_is_called_one() -> None:
    with pytest.raises(ValidationError, match="a saved web page or an e-mail"):
        read_list(b"MIME-Version: 1.0\nContent-Type: multipart/related\n")
