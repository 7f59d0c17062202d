"""Typed lists of recipients."""
# ruff: noqa: RUF001 - separators of Chinese are meant to be wide

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from phonenumbers import ValidationResult

from core.domain.audience import LookedUp
from core.domain.messengers.traits import Messenger
from core.parsing.numbering_plans import forms_of, renumbered
from core.parsing.recipients import ReadRecipients, read_who
from tests.support.address_book import ALICE, ALL, CUSTOMERS, Audiences, Contacts, recipient


async def who(text: str) -> ReadRecipients:
    return await read_who(text, Contacts(ALICE), Audiences())


async def problem_of(entry: str) -> str:
    read = await who(entry)
    assert read.recipients == ()
    (problem,) = read.problems
    return problem


@pytest.mark.parametrize(
    "note",
    [
        "Questions? Call Mrs. Smith +49 151 20000009",
        "Any questions Mrs. Smith, +49 151 20000009",
        "Questions? Mrs. Smith, +49 151 20000009",
        "Mrs. Smith for questions +49 151 20000009",
        "Rückfragen an Frau Smith +49 151 20000009",
        "Вопросы - к Марии Ивановне +49 151 20000009",
        "In emergencies: +49 151 20000009",
    ],
)
async def test_the_number_in_a_note_below_a_list_is_asked_about(note: str) -> None:
    read = await who(f"Ann +49 151 20000001\nBen +49 151 20000002\n{note}")
    assert [one.address for one in read.recipients] == ["+4915120000001", "+4915120000002"]
    (problem,) = read.problems
    assert note in problem


@pytest.mark.parametrize(
    ("entry", "messenger", "address"),
    [
        ("telegram:1001", Messenger.TELEGRAM, "1001"),
        ("tg:1001", Messenger.TELEGRAM, "1001"),
        (" TG : 1001 ", Messenger.TELEGRAM, "1001"),
        ("telegram:-1001234567890", Messenger.TELEGRAM, "-1001234567890"),
        ("telegram:4503599627370495", Messenger.TELEGRAM, "4503599627370495"),
        ("telegram:@Shop_News", Messenger.TELEGRAM, "@shop_news"),
        ("@Shop_News", Messenger.TELEGRAM, "@shop_news"),
        ("whatsapp:+12025550123", Messenger.WHATSAPP, "+12025550123"),
        ("wa:+1 (202) 555-0123", Messenger.WHATSAPP, "+12025550123"),
        ("+49 151 2345678", Messenger.WHATSAPP, "+491512345678"),
        ("+49/151/234.5678", Messenger.WHATSAPP, "+491512345678"),
        ("+44 (0)20 7946 0018", Messenger.WHATSAPP, "+442079460018"),
        # As copied from an address book: marks without width around the number.
        ("whatsapp:\u202a+49 151\u00a02345678\u202c", Messenger.WHATSAPP, "+491512345678"),
        ("viber:jc9HsWTZ2Yf2NkRZ8KcNug==", Messenger.VIBER, "jc9HsWTZ2Yf2NkRZ8KcNug=="),
        ("vb:a:b+c/d", Messenger.VIBER, "a:b+c/d"),
        ("viber:" + "x" * 128, Messenger.VIBER, "x" * 128),
    ],
)
async def test_an_address_is_read_into_the_form_the_messenger_takes(
    entry: str, messenger: Messenger, address: str
) -> None:
    read = await who(entry)
    assert read == ReadRecipients(
        recipients=(recipient(messenger, address),), places=(0,), duplicates=0, problems=()
    )


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("telegram:", "the address is missing"),
        ("telegram:01001", "a chat ID doesn't start with 0"),
        ("telegram:0", "a chat ID doesn't start with 0"),
        ("telegram:-0", "a chat ID doesn't start with 0"),
        ("telegram:4503599627370496", "this chat ID is too long"),
        ("telegram:" + "9" * 5000, "this chat ID is too long"),
        ("telegram:alice", "this isn't a chat ID"),
        ("telegram:+4915112345678", "this is a phone number, and bots on Telegram can't write to those"),
        ("telegram:4915112345678", "this is a phone number, and bots on Telegram can't write to those"),
        (
            "https://t.me/c/1234567890/42",
            "this link leads to a message or a topic of a private group. "
            "Write -1001234567890 for the group, -1001234567890/42 for the topic",
        ),
        ("https://t.me/+AbCdEf", "this link doesn't name a public group or channel"),
        ("telegram:١٢٣٤", "this isn't a chat ID"),
        ("telegram:@abc", "this isn't a public name"),
        ("@1shop", "this isn't a public name"),
        ("whatsapp:+1202", "the phone number is too short"),
        ("whatsapp:+1202555012345", "the phone number is too long"),
        ("whatsapp:+" + "1" * 5000, "the phone number is too long"),
        ("whatsapp:+999123456789", "this number doesn't start with a known country code"),
        ("whatsapp:+1 5550123", "the phone number has no area code"),
        ("whatsapp:4.91701E+11", "the spreadsheet has cut this number"),
        ("whatsapp:+49 151 2000192O", "the phone number has a letter, O or l"),
        ("whatsapp:12", "this isn't a phone number"),
        ("whatsapp:hello", "this isn't a phone number"),
        ("whatsapp:+1 800 FLOWERS", "this isn't a phone number"),
        ("whatsapp:+1 202 555 0123 x5", "this number has an extension"),
        ("+", "this isn't a phone number"),
        ("viber:", "the address is missing"),
        ("viber:a b", "the ID has a space or an unprintable character in it"),
        ("viber:a\tb", "the ID has a space or an unprintable character in it"),
        ("viber:" + "x" * 129, "the ID has 129 characters, but the limit is 128"),
    ],
)
async def test_a_wrong_address_is_refused_with_what_is_wrong_and_a_right_example(
    entry: str, words: str
) -> None:
    problem = await problem_of(entry)
    assert f": {words}" in problem
    _, _, example = problem.rstrip(".").rpartition("for example ")
    assert (await who(example)).recipients, "the example is right itself"


async def test_the_problem_quotes_the_entry_and_shortens_a_long_one() -> None:
    assert (await problem_of("whatsapp:+1202")).startswith("“whatsapp:+1202”: the phone")
    assert len(await problem_of("telegram:" + "9" * 5000)) < 250


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("sms:+12025550123", "there's no messenger “sms”. Use telegram:, whatsapp:"),
        ("telegrm:1001", "there's no messenger “telegrm”. Did you mean telegram:?"),
        ("Whatsap:+12025550123", "there's no messenger “Whatsap”. Did you mean whatsapp:?"),
        ("1001", "Did you mean telegram:1001?"),
        ("2025550123", "Did you mean telegram:2025550123?"),
        (
            "everybody",
            "I don't know this name. Send a phone number with its country code, a contact, or choose a list.",
        ),
        (":1001", "I can't tell who this is. Send a phone number"),
    ],
)
async def test_an_unknown_messenger_is_refused_with_those_there_are(entry: str, sentence: str) -> None:
    assert (await problem_of(entry)).startswith(f"“{entry}”: {sentence}")


async def test_a_list_is_separated_by_commas_semicolons_and_line_breaks() -> None:
    read = await who("telegram:1, whatsapp:+12025550123;viber:a\n\r\n tg:2,,\n")
    assert [one.label for one in read.recipients] == [
        "telegram:1",
        "whatsapp:+12025550123",
        "viber:a",
        "telegram:2",
    ]
    assert (read.duplicates, read.problems) == (0, ())


async def test_an_empty_list_has_nobody_and_nothing_wrong() -> None:
    assert await who(" ,\n; ") == ReadRecipients(recipients=(), duplicates=0, problems=())


async def test_somebody_named_twice_counts_once_whatever_the_spelling() -> None:
    read = await who(
        "+12025550123, wa:+1 202 555-0123, whatsapp:+1(202)5550123, @Shop_News, tg:@shop_news, viber:a, viber:A"
    )
    assert [one.label for one in read.recipients] == [
        "whatsapp:+12025550123",
        "telegram:@shop_news",
        "viber:a",
        "viber:A",
    ]
    assert read.duplicates == 3


async def test_every_wrong_entry_is_reported_with_its_place_in_the_list() -> None:
    read = await who("telegram:1, telegram:01, sms:2, telegram:1, whatsapp:+1202")
    assert [one.label for one in read.recipients] == ["telegram:1"]
    assert read.duplicates == 1
    assert [problem.partition(": ")[0] for problem in read.problems] == [
        "“telegram:01” (entry 2)",
        "“sms:2” (entry 3)",
        "“whatsapp:+1202” (entry 5)",
    ]


async def test_a_typed_entry_is_an_address_even_where_a_contact_has_that_id() -> None:
    assert (await who("telegram:1")).recipients == (recipient(Messenger.TELEGRAM, "1"),)


async def test_a_contacts_id_typed_where_it_is_no_address_is_answered_with_the_address() -> None:
    assert (await problem_of("whatsapp:1")).endswith("Contact 1 is Alice: whatsapp:+12025550123")


@example(code=55, national="1160000000")
@example(code=229, national="20000000")
@given(
    code=st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)),
    national=st.from_regex(r"[0-9]{2,13}", fullmatch=True),
)
async def test_a_phone_number_comes_to_what_the_numbering_plans_say(code: int, national: str) -> None:
    """The reading has a shortcut for numbers in plain form; it must never differ from the whole way."""
    written = f"+{code}{national}"
    expected: list[str] = []
    try:
        number = phonenumbers.parse(renumbered(written))
    except phonenumbers.NumberParseException:
        pass
    else:
        if phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE:
            expected.append(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    found = [one.address for one in (await who(written)).recipients]
    # In a few renumbered countries today's form of the number is read.
    assert [forms_of(one) for one in found] == [forms_of(one) for one in expected]


@given(st.text())
async def test_any_text_is_read_or_answered_with_sentences(text: str) -> None:
    read = await who(text)
    entries = text.count(",") + text.count(";") + text.count("\n") + text.count("\r") + 1
    assert len(read.recipients) + read.duplicates + len(read.problems) <= entries


@pytest.mark.parametrize("text", ["all", " ALL ", "all, all", "Customers, tg:1002; ALL", "customers\nall"])
async def test_audiences_and_all_are_named_beside_addresses(text: str) -> None:
    read = await who(text)
    assert read.problems == ()
    assert ALL in read.audiences
    assert (CUSTOMERS in read.audiences) is ("ustomers" in text)
    assert [one.label for one in read.recipients] == (["telegram:1002"] if "1002" in text else [])
    assert read.duplicates == text.count(",") * (text == "all, all")


async def test_an_audience_in_which_nobody_is_yet_is_a_problem() -> None:
    read = await who("tg:1001, newcomers")
    assert read.problems == ("The list newcomers is empty.",)
    assert read.audiences == ()


async def test_a_name_that_comes_near_is_offered_with_its_size() -> None:
    read = await who("tg:1001, custmers")
    assert read.problems == ("“custmers” (entry 2): there's no such list. Did you mean Customers (1,204)?",)
    assert read.near == (CUSTOMERS,)


async def test_the_number_of_an_entry_counts_audiences_too() -> None:
    read = await who("all, customers, nonsense")
    assert read.problems[0].startswith("“nonsense” (entry 3): I don't know this name.")


@pytest.mark.parametrize(
    ("entry", "address", "name"),
    [
        ("Anna Schmidt +49 151 2345678", "+491512345678", "Anna Schmidt"),
        ("+49 151 2345678 Anna Schmidt", "+491512345678", "Anna Schmidt"),
        ("Ann: +4915120005231", "+4915120005231", "Ann"),
        ("Анна - 0049 (0) 151 20005173", "+4915120005173", "Анна"),
        ("Bob (202) 555-0123", "+12025550123", "Bob"),
        ("0151 20005003", None, ""),
        ("8 900 000-00-02", None, ""),
    ],
)
async def test_a_name_beside_a_number_is_the_persons(entry: str, address: str | None, name: str) -> None:
    """A number without a country code is never read on a guess; with its country it is."""
    read = await who(entry)
    if address is None or "(202)" in entry:
        assert not read.recipients
        assert len(read.without_code) == 1
        read = await read_who(
            entry, Contacts(ALICE), Audiences(), {"(": "US", "0": "DE", "8": "RU"}[entry.strip("Bob ")[0]]
        )
    (one,) = read.recipients
    assert address is None or one.address == address
    assert one.variables.get("name", "") == name


@pytest.mark.parametrize(
    ("entry", "label"),
    [
        ("https://wa.me/4915120002402", "whatsapp:+4915120002402"),
        ("tel:+4915120002401", "whatsapp:+4915120002401"),
        ("https://t.me/somechannel", "telegram:@somechannel"),
        ("t.me/somechannel", "telegram:@somechannel"),
        ("whatsapp:+4915120000501.0", "whatsapp:+4915120000501"),
        ("telegram:1001.0", "telegram:1001"),
        ("“+4915120005182”", "whatsapp:+4915120005182"),
        ("whatsapp:0049 151 2345678", "whatsapp:+491512345678"),
        ("whatsapp:011 49 151 20005174", "whatsapp:+4915120005174"),
    ],
)
async def test_links_and_the_marks_around_numbers_are_understood(entry: str, label: str) -> None:
    assert [one.label for one in (await who(entry)).recipients] == [label]


async def test_two_forms_of_one_account_are_one_person() -> None:
    read = await who(
        "+5511987654321, +551187654321, +525512345678, +5215512345678, +541123456789, +5491123456789"
    )
    assert [one.address for one in read.recipients] == ["+5511987654321", "+525512345678", "+541123456789"]
    assert read.duplicates == 3


@pytest.mark.parametrize(
    "entry", ["+49 151 2345678 / 0151 2345679", "+49 151 2345678 +49 151 2345679", "+49 151 2345678/79"]
)
async def test_two_numbers_in_one_place_are_never_one(entry: str) -> None:
    assert "there are two phone numbers in one place" in await problem_of(entry)


@pytest.mark.parametrize("text", ["whatsapp:15120005421", "whatsapp:2025550124", "whatsapp:0151 2345678"])
async def test_a_hint_names_no_number_that_may_be_somebody_elses(text: str) -> None:
    problem = await problem_of(text)
    assert "the phone number has no country code" in problem
    assert "+" not in problem


@pytest.mark.parametrize(
    ("number", "other"),
    [
        ("+551187654321", "+5511987654321"),
        ("+5511987654321", "+551187654321"),
        ("+5215512345678", "+525512345678"),
        ("+5491123456789", "+541123456789"),
        ("+541123456789", "+5491123456789"),
        ("+22997000000", "+2290197000000"),
        ("+22507080910", "+2250707080910"),
    ],
)
def test_all_forms_of_an_account_are_known_when_it_writes(number: str, other: str) -> None:
    assert {number, other} <= forms_of(number)
    assert forms_of("+4915120000001") == {"+4915120000001"}


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("telegram:-1001234567890/42", "-1001234567890/42"),
        ("-1001234567890:42", "-1001234567890/42"),
        ("-1001234567890#042", "-1001234567890/42"),
        ("@Our_Forum/42", "@our_forum/42"),
        ("https://t.me/c/1234567890/42/1007", "-1001234567890/42"),
        ("-1001234567890/1", "-1001234567890"),
    ],
)
async def test_a_topic_of_a_forum_is_an_address(entry: str, address: str) -> None:
    (found,) = (await who(entry)).recipients
    assert (found.messenger, found.address) == (Messenger.TELEGRAM, address)


@pytest.mark.parametrize(
    ("text", "people"),
    [
        pytest.param(entry, {"whatsapp:+4915120000001": name}, id=entry)
        for entry, name in (
            ("Ann # +49 151 20000001", "Ann"),
            ("Ann -> +49 151 20000001", "Ann"),
            ("Ann → +49 151 20000001", "Ann"),
            ("Ann ..... +49 151 20000001", "Ann"),
            ("Ann 📞+4915120000001", "Ann"),
            ("~Ann +49 151 20000001", "Ann"),
            ("✅ Ann 👋 +49 151 20000001", "Ann"),
            ("1️⃣ Ann +49 151 20000001", "Ann"),
            ("#1 Ann +49 151 20000001", "Ann"),
            ("Ann Schmidt (+49 151 20000001)", "Ann Schmidt"),
            ("Dr. Schmidt (Klasse 3b) +49 151 20000001", "Dr. Schmidt (Klasse 3b)"),
            ("Ann & Tom Lee jr. +49 151 20000001", "Ann & Tom Lee jr."),
            ('Ann "Annie" Lee +49 151 20000001', 'Ann "Annie" Lee'),
            ("Ann (12.03.2014) +49 151 20000001", "Ann"),
            ("Ann +49 151 20000001 (WhatsApp)", "Ann"),
            ("Ann mobil: +49 151 20000001", "Ann"),
            ("Phone: +49 151 20000001", ""),
            ("Handy +49 151 20000001", ""),
            ("Max: +49 151 20000001", "Max"),
            ("Wade +49 151 20000001", "Wade"),
            ("Vibeke: +49 151 20000001", "Vibeke"),
            ("Anna Schmidt, +49 151 20000001", "Anna Schmidt"),
        )
    ]
    + [
        pytest.param(text, {"whatsapp:+4915120000001": "Ann", "whatsapp:+4915120000002": "Bob"}, id=text)
        for text in (
            "Ann, +49 151 20000001\nBob, +49 151 20000002",
            "+49 151 20000001;Ann\n+49 151 20000002;Bob",
            "Ann, +49 151 20000001; Bob, +49 151 20000002",
            "Ann，+49 151 20000001；Bob，+49 151 20000002",
            "Ann：+49 151 20000001、Bob：+49 151 20000002",
            "Ann\n+49 151 20000001\n\nBob\n+49 151 20000002",
        )
    ]
    + [
        pytest.param(
            "Müller, Hans: +49 151 20000001\nLee, Kim, +49 151 20000002",
            {"whatsapp:+4915120000001": "Müller, Hans", "whatsapp:+4915120000002": "Lee, Kim"},
            id="family names first",
        )
    ],
)
async def test_names_are_found_however_they_stand_beside_numbers(text: str, people: dict[str, str]) -> None:
    read = await who(text)
    assert read.problems == ()
    assert {one.label: one.variables.get("name", "") for one in read.recipients} == people


@pytest.mark.parametrize("text", ["vip, +4915120000001", "vip, club, +4915120000001", "vip\n+4915120000001"])
async def test_a_word_that_may_be_a_list_is_no_name_of_a_person(text: str) -> None:
    read = await who(text)
    assert [(one.label, dict(one.variables)) for one in read.recipients] == [("whatsapp:+4915120000001", {})]
    assert all("I don't know this name" in problem for problem in read.problems)
    assert len(read.problems) == text.count(",") or "\n" in text


async def test_a_list_beside_a_number_in_each_line_stays_a_list() -> None:
    read = await who("customers, +4915120000001\ncustmers, +4915120000002\nAnn, +4915120000003")
    assert read.audiences == (CUSTOMERS,)
    assert read.near == (CUSTOMERS,)
    assert len(read.recipients) == 3


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("Viber +49 151 20000001", "this is a phone number, and Viber doesn't use them"),
        ("Ann (Viber) +4915120000001", "this is a phone number, and Viber doesn't use them"),
        ("SMS +49 151 20000001", "there's no messenger “sms”"),
        ("Fax +49 30 1234567", "there's no messenger “fax”"),
        ("+49 30 1234567 ext 5", "this number has an extension"),
        ("+82-2-1234-5678 내선 12", "this number has an extension"),
        ("Ann 0151 20000001 und 0152 20000002", "there are two phone numbers in one place"),
        ("Ann <ann@example.org>", "this is an email address"),
        ("Ann +49 151 20000001 (alte Nummer)", "says that it's old, wrong or a fax"),
        ("+49 151 20000001 falsche Nummer", "I can't tell who this is"),
        ("Ann +4915120000001 (alt)", "I can't tell who this is"),
    ],
)
async def test_a_number_of_another_service_is_refused_with_what_it_is(entry: str, words: str) -> None:
    assert words in await problem_of(entry)


@pytest.mark.parametrize("remark", ["(neu)", "ab 18 Uhr", "(after 6 pm)", "до 20 ч"])
async def test_a_remark_beside_a_number_is_no_name(remark: str) -> None:
    read = await who(f"+49 151 20000001 {remark}")
    assert [(one.address, dict(one.variables)) for one in read.recipients] == [("+4915120000001", {})]


class KnowsAlice(Audiences):
    """Alice is known by her name too."""

    async def look_up(self, words: Iterable[str]) -> LookedUp:
        wanted = list(words)
        return replace(
            await super().look_up(wanted), people={one: ALICE for one in wanted if one == ALICE.name}
        )


async def test_a_number_beside_the_name_of_somebody_known_is_not_theirs_alone() -> None:
    """In a table another Alice may be meant, and the known one gets nothing; among other people both are."""
    table = await read_who(
        f"{ALICE.name}, +4915120000001\nBob, +4915120000002", Contacts(ALICE), KnowsAlice()
    )
    assert [(one.label, one.name) for one in table.recipients] == [
        ("whatsapp:+4915120000001", ALICE.name),
        ("whatsapp:+4915120000002", "Bob"),
    ]
    line = await read_who(f"{ALICE.name}, +4915120000001", Contacts(ALICE), KnowsAlice())
    assert {one.label for one in line.recipients} > {"whatsapp:+4915120000001"}


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("+4915120000001, +4915120000002 and +4915120000003", [("1", ""), ("2", ""), ("3", "")]),
        ("Ann +4915120000001 und Bob +4915120000002", [("1", "Ann"), ("2", "Bob")]),
        ("+4915120000001 +4915120000002", [("1", ""), ("2", "")]),
        ("[+4915120000001, +4915120000002]", [("1", ""), ("2", "")]),
        (
            "1- Ann +4915120000001\n№2 Bob +4915120000002\n(3) Kim +4915120000003",
            [("1", "Ann"), ("2", "Bob"), ("3", "Kim")],
        ),
        ("To: +4915120000001", [("1", "")]),
        ("Ann+4915120000001", [("1", "Ann")]),
        ("Ann 12.03.2014 +4915120000001", [("1", "Ann")]),
        ("Ann wa.me/4915120000001", [("1", "Ann")]),
        ("wa.me/4915120000002 Bob", [("2", "Bob")]),
        ("+4915120000001、+4915120000002。", [("1", ""), ("2", "")]),
    ],
)
async def test_people_are_read_in_every_habit_of_typing(text: str, people: list[tuple[str, str]]) -> None:
    read = await who(text)
    assert [(one.address, one.variables.get("name", "")) for one in read.recipients] == [
        (f"+491512000000{digit}", name) for digit, name in people
    ]
    assert read.problems == ()


@pytest.mark.parametrize(
    ("text", "label", "name"),
    [
        ("Ann @ann_lee1", "telegram:@ann_lee1", "Ann"),
        ("Ann (@ann_lee1)", "telegram:@ann_lee1", "Ann"),
        ("Telegram @shop_news", "telegram:@shop_news", ""),
        ("Ann - t.me/ann_lee1", "telegram:@ann_lee1", "Ann"),
        ("telegram 500001", "telegram:500001", ""),
    ],
)
async def test_a_name_may_stand_beside_a_link_or_a_public_name(text: str, label: str, name: str) -> None:
    read = await who(text)
    assert [(one.label, one.variables.get("name", "")) for one in read.recipients] == [(label, name)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("everyone except +4915120000001", "I can't leave someone out"),
        ("not +4915120000001", "I can't leave someone out"),
        ("ohne Ann +4915120000001", "I can't leave someone out"),
        ("кроме +4915120000001", "I can't leave someone out"),
        ("please send it to Ann +4915120000001", "I can't tell who this is"),
        ("+4915120000001 hello there how are you", "I can't tell who this is"),
        ("+4915120000001 - do not call", "I can't tell who this is"),
        ("❌ Bob +4915120000001", "this entry is marked with ❌"),
        ("~~Bob +4915120000001~~", "this entry is marked with ~~"),
        ("+49 151 2OOOO001", "Did you mean +4915120000001?"),
        ("0002", "I don't know this name"),
    ],
)
async def test_nobody_is_added_whom_the_words_leave_out(text: str, problem: str) -> None:
    assert problem in await problem_of(text)


async def test_an_empty_box_among_ticked_ones_leaves_a_person_out() -> None:
    read = await who("☑ Ann +4915120000001\n☐ Bob +4915120000002")
    assert [one.label for one in read.recipients] == ["whatsapp:+4915120000001"]
    (problem,) = read.problems
    assert "this entry is marked with —" in problem


async def test_a_list_beside_a_number_is_no_part_of_a_name() -> None:
    read = await who("Customers and +4915120000001")
    assert read.audiences == (CUSTOMERS,)
    assert [dict(one.variables) for one in read.recipients] == [{}]


async def test_a_number_in_arabic_digits_beside_a_name_lacks_only_its_code() -> None:
    assert (await who("أحمد: ٠٥٠١٢٣٤٥٦٧")).without_code == ("0501234567",)
