"""Lists as people have them, and the expected result of each: for the tests of reading and of the chat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


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
        asked={"country": "They already have the code: +49 1512 0000502"},
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
        said=["I won't write to the numbers under Phone 2 - Value."],
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
        left_out={3: "the phone number has a letter", 4: "this isn't a phone number"},
    ),
    "19b-left-out-file-corrected": Case(people=phones(4915120001922, 2)),
    "20-numbers-without-plus": Case(
        people=phones(4915120002001, 6),
        asked={"country": "They already have the code: +49 1512 0002001"},
        said=["A plus is added in front of numbers without one."],
    ),
    "24-usernames-of-people": Case(
        people=["telegram:@ann_lee", "telegram:@bob_ray_1", "telegram:@kim_sun_2"],
        said=["Bots can use them to write to public groups and channels, not to people"],
    ),
    "24b-links-instead-of-addresses": Case(
        people=["telegram:@somechannel", "whatsapp:+4915120002401", "whatsapp:+4915120002402"],
        doubles={3: "is in row 2 already"},
    ),
    "30-forum-topics": Case(
        people=["telegram:-1001234567890/42"],
        doubles={3: "is in row 2 already"},
        left_out={4: "-1001234567890/42 for the topic"},
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
        left_out={4: "the phone number has no country code"},
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
        said=["I won't write to the numbers under Notfallkontakt."],
    ),
    "x06d-french-headers": Case(people=phones(4915120005041, 2)),
    "x06e-russian-headers": Case(
        people=["whatsapp:+4915120005043", "whatsapp:+79000000002"],
        asked={"country": "RU +7: +7 900 000-00-02"},
        said=["country code get +7"],
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
            2: "this is a phone number, and Viber doesn't use them",
            3: "this is a phone number, and Telegram doesn't use them",
        },
    ),
    "x23-has-telegram-column": Case(
        people=phones(4915120005251, 3),
        said=["“telegram” only says yes or no, so I won't use it as an address."],
    ),
    "x25-total-row": Case(
        people=["telegram:500056", "telegram:500057"], left_out={4: "this looks like a row of totals"}
    ),
    "x30-quote-left-open": Case(
        people=phones(4915120005302, 3),
        values=names(4915120005302, "Bob", "Kim", "Lee"),
        left_out={2: "a quotation mark isn't closed in this row"},
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
    "z1-landline-beside-a-mobile": Case(
        people=phones(4915120005601, 2),
        asked={
            "letters": "Fix them",
            "country": "DE +49: +49 30 1234567",
            "landlines": "The mobile",
        },
        values={
            "whatsapp:+4915120005601": {
                "vorname": "Jürgen",
                "nachname": "Müller",
                "telefon_2": "0151 20005601",
            },
            "whatsapp:+4915120005602": {"vorname": "Ann"},
        },
        said=["For 1 person, I use the mobile", "1 cell counts as empty (unknown)."],
    ),
    "z2-people-in-columns": Case(
        people=phones(4915120005611, 2),
        asked={"turn": "Yes, a person in each column"},
        values={"whatsapp:+4915120005612": {"teilnehmer": "Ben", "klasse": "4a"}},
        said=["Row 2 is column B"],
    ),
    "z3-area-codes": Case(
        people=phones(4915120005621, 3),
        asked={
            "area": "Put them together",
            "words": "Write to them",
            "country": "DE +49: +49 1512 0005621",
        },
    ),
    "z4-web-page-as-xls": Case(
        people=phones(79161234567, 2),
        values={"whatsapp:+79161234567": {"имя": "Аня"}, "whatsapp:+79161234568": {}},
        said=["1 cell counts as empty (нет)."],
        form="HTML",
    ),
    "z5-marks": Case(
        people=["whatsapp:+4915120000001", "whatsapp:+4915120000002"],
        left_out={4: "the comment on this row says “Office: please do not call”"},
        said=["Crossed-out parts of cells are left out in row 3, for example “+4915120000009”."],
        form="XLS",
    ),
    "z6-old-and-new-numbers": Case(
        people=[*phones(4915120005631, 6), "whatsapp:+447911123457"],
        asked={"country": "DE +49: +49 1512 0005631"},
        left_out=dict.fromkeys((9, 10, 11), "says that it's old, wrong or a fax"),
        said=["7 cells have an old number beside another one"],
    ),
    "z7-flags": Case(
        people=[
            "whatsapp:+12125550123",
            "whatsapp:+447911123456",
            "whatsapp:+79161234567",
            "whatsapp:+4915120005641",
        ],
        left_out={6: "phone numbers with +1 don't look like this"},
    ),
    "z8-two-rows-of-headings": Case(
        people=phones(4915120005651, 2),
        values={
            "whatsapp:+4915120005652": {
                "mitglied_name": "Ben",
                "notfall_name": "Tom",
                "notfall_telefon": "+49 160 1234568",
            }
        },
        said=["I won't write to the numbers under Notfall Telefon."],
    ),
    "z9-people-who-left": Case(
        people=phones(4915120005661, 2),
        values=names(4915120005661, "Mia", "Kim"),
        left_out={
            2: "there's no address",
            4: "there's no address",
            5: "this row is below “Ausgetreten 2025”",
            6: "there's no address",
        },
    ),
    "z10-google-fax": Case(
        people=["whatsapp:+4915120005671"], left_out={3: "says that it's old, wrong or a fax"}
    ),
    "z11-children-and-parents": Case(
        people=phones(4915120005681, 2),
        values=names(4915120005681, "Mia - Mama Ann", "Ben - Papa Tom"),
        asked={"country": "DE +49: +49 1512 0005681"},
    ),
    "z12-a-sentence-is-no-heading": Case(
        people=phones(4915120005691, 3),
        values=names(4915120005691, "Mia Müller - Tel. Mutter", "Vater", "Ben Ray - Tel. Mutter"),
        asked={"country": "DE +49: +49 1512 0005691"},
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
        said=["Some letters are damaged in row 4"],
    ),
    "x72-phone-heading-with-words": Case(people=phones(4915120005451, 2)),
    "x73-mixed-two-lists-glued": Case(
        people=["whatsapp:+4915120005461"],
        left_out={3: "this isn't a phone number", 4: "this isn't a phone number"},
    ),
    "x75-null-words": Case(
        people=phones(4915120005481, 6),
        values={f"whatsapp:+{4915120005481 + number}": {} for number in range(6)},
        said=["6 cells count as empty"],
    ),
    "x95-one-person-two-rows": Case(
        people=["whatsapp:+4915120005611", "whatsapp:+4915120005612"],
        doubles={4: "is already in row 2, with different values"},
    ),
}

REFUSED: dict[str, str] = {
    "39-password-protected-xlsx": "This file is protected with a password.",
    "x09-header-only": "This file has no people",
    "z13-chat-of-finland": "This is an exported chat: it holds messages, not a list of people.",
    "x19-whatsapp-chat-export": "This is an exported chat: it holds messages, not a list of people.",
}
"""Files that are no lists, and what they are called."""
