"""Files with recipients, sent to the bot: read, shown with what is wrong in them, and put where they belong."""
# ruff: noqa: RUF001 - Russian words are meant to be in Cyrillic

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import Workbook

from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.files.results import MOST_BYTES
from tests.support.bot import data_of, labels, running_bot
from tests.support.recipient_files import NAME, addresses_of, audience, document, upload
from tests.support.sandbox_server import ADMIN

LIST = "telegram;viber;Имя\n1001;;Аня\n;alice;Оля\n1001;;Аня\n0815;;X\n"


async def test_a_file_is_read_for_an_open_order_with_what_is_wrong_in_it(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.core.subscribers.mark_unreachable(Messenger.VIBER, "alice", Reason.UNSUBSCRIBED)
        await world.ask("/send", "What would you like to say?")
        await world.ask("Hello", "Who should get it?")
        card = await upload(world, NAME + ".csv", LIST.encode("cp1251"), "2 people in")
        lines = card["text"].splitlines()
        assert lines[0] == f"2 people in {NAME}.csv"
        assert lines[1:3] == [
            "Telegram 1 · Viber 1", "Left out 2: 1 listed twice · 1 can't be read (row 5)"
        ]  # fmt: skip
        assert lines[3].startswith("1 of them has unsubscribed or blocked us")
        assert lines[4:] == ["Columns: Имя"]
        notes = await world.tap_into(
            card, "📋 More about this file", "Read as CSV, semicolons, Windows-1251."
        )
        assert notes["text"].splitlines()[5] == "Row 5, “telegram:0815”: a chat ID doesn't start with 0."
        card = await world.tap_below(notes, "« Back", "2 people in")
        assert labels(card)[:4] == [
            ["✔ Add 2 people"],
            ["📄 See 3 left out"],
            ["📋 More about this file"],
            ["✎ Columns"],
        ]
        await world.tap(card, "📄")
        refused = (await document(world, "left-out.csv")).splitlines()
        assert refused[1:3] == [
            '"4","telegram:1001","is in row 2 already","Аня"',
            '"5","telegram:0815","a chat ID doesn\'t start with 0. Telegram needs a chat ID (digits, negative for '
            'groups) or a public @name, for example telegram:1001.","X"',
        ]
        assert refused[3].startswith('"","viber:alice","')
        preview = await world.tap_below(card, "✔ Add", "1: Telegram 1")
        assert "Left out" in preview["text"]


async def test_one_reason_for_which_people_are_left_out_is_counted_once(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await upload(
            world, "class.csv", b"phone,name\n+4915120005011,Ann\n12,Eve\n13,Ida\n", "1 person in"
        )
        assert card["text"].splitlines()[2] == "Left out: 2 can't be read (rows 3, 4)"


LEFT_OUT = (
    "phone,name,consent,WhatsApp\n+4915120005011,Ann,yes,yes\n+4915120005012,Ben,no,yes\n"
    "+4915120005013,Cem,unsubscribed,yes\n+4915120005014,Dan,yes,no\n12,Eve,yes,yes\n+4915120005011,Ann Lee,yes,yes\n"
)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        (
            "en",
            "Left out 5: 1 listed twice (1 of them with different values) · 1 can't be read (row 6) · "
            "2 don't want messages (rows 3, 4) · 1 not used (row 5)",
        ),
        (
            "ru",
            "Не вошли 5: повторов: 1 (из них с другими данными: 1) · 1 не читается (строка 6) · "
            "2 не хотят сообщений (строки 3, 4) · 1 не учтён (строка 5)",
        ),
    ],
)
async def test_who_is_left_out_by_their_own_wish_is_not_called_unreadable(
    redis_url: str, language: str, line: str
) -> None:
    async with running_bot(redis_url) as world:
        await world.sandbox.call("POST", "language", {"person": ADMIN, "language": language})
        asked = await upload(world, "list.csv", LEFT_OUT.encode(), "WhatsApp")
        asked = await world.tap_into(asked, labels(asked)[0][0], "consent")
        card = await world.tap_into(asked, labels(asked)[0][0], "list.csv")
        assert line in card["text"]


async def test_every_question_about_a_file_can_be_left(redis_url: str) -> None:
    """Back to where the file was sent, with everything as it was."""
    async with running_bot(redis_url) as world:
        await audience(world, "club", "1001")
        numbers = b"phone,name\n0151 23456789,Anna\n0151 23456780,Ben\n"
        asked = await upload(world, "free.csv", numbers, "country code")
        await world.tap_into(asked, "Cancel", "Cancelled. Nothing changed.")
        card = await world.ask("/audiences club", "👥 club")
        await world.tap_into(card, "Add people", "Who do you want to add to")
        asked = await upload(world, "club.csv", numbers, "country code")
        await world.tap_into(asked, "Cancel", "👥 club · 1 person")
        await world.ask("/send", "What would you like to say?")
        kind = await upload(world, "either.csv", b"telegram\n1002\n", "Is it your list, or a document")
        await world.tap_below(kind, "Cancel", "What would you like to say?")
        await world.ask("Hello", "Who should get it?")
        asked = await upload(world, "draft.csv", numbers, "country code")
        await world.tap_below(asked, "Cancel", "Who should get it?")
        asked = await world.ask("0151 23456789", "country code")
        await world.tap_below(asked, "Cancel", "Who should get it?")


async def test_two_files_and_typed_people_all_join_an_open_order(redis_url: str) -> None:
    """A second list is added to the first; « Back takes back the one on the screen."""
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        await world.ask("Hello", "Who should get it?")
        await upload(world, "one.txt", b"tg:1001\n", "1 person in")
        second = await upload(world, "two.txt", b"tg:1002\n", "Already chosen: 1: Telegram 1 (one.txt)")
        await world.tap_into(second, "« Back", "To 1: Telegram 1 (one.txt)")
        await upload(world, "three.txt", b"tg:1003\n", "1 person in")
        await world.ask("tg:1004", "To 3: Telegram 3 (one.txt 1, three.txt 1, 1 person)")
        home = await world.ask("/start", "Hi, ")
        await world.tap_below(home, "✏ Continue “Hello”", "· 3: Telegram 3")


async def test_a_file_becomes_an_audience_and_the_order_goes_to_it(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await audience(world, "taken")
        await world.ask("/send", "What would you like to say?")
        await world.ask("Hello", "Who should get it?")
        card = await upload(world, "list.csv", b"telegram\n1001\n1002\n", "2 people in list.csv")
        await world.tap_into(card, "💾", "What should “list.csv” be called?")
        refused = await world.ask("a|b", "“a|b” can't be a name")
        assert refused["text"].endswith("for example: a b")
        assert labels(refused) == [["« Back"]]
        await world.ask("Taken", "You already have a list called Taken")
        await world.ask("Stammgäste", "To Stammgäste · 2: Telegram 2")
        assert await addresses_of(world, "stammgäste") == {"telegram:1001", "telegram:1002"}


async def test_a_file_sent_with_nothing_open_is_offered_for_both(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        book, data = Workbook(), io.BytesIO()
        book.active.append(["telegram", "name"])
        book.active.append([1001, "Ann"])
        book.save(data)
        card = await upload(world, "list.xlsx", data.getvalue(), "1 person in list.xlsx")
        assert labels(card) == [
            ["✍ Write to 1 person"],
            ["✎ Columns", "📎 Send the file"],
            ["💾 Save as a list"],
            ["Cancel"],
        ]
        await world.tap_into(card, "Cancel", "Cancelled. Nothing changed.")
        card = await upload(world, "list.xlsx", data.getvalue(), "1 person in list.xlsx")
        await world.tap_into(card, "💾", "be called?")
        saved = await world.ask("vip", "👥 vip · 1 person")
        assert "Columns: name" in saved["text"]
        await world.tap_below(saved, "✍", "To: 1: Telegram 1 (vip)")


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("list.csv", b"name,city\nAnn,Ulm\n", "I can't find phone numbers or Telegram IDs"),
        ("list.xlsx", b"PK\x03\x04nonsense", "I can't read this spreadsheet."),
        ("list.csv", b"tg:1001\n" * (MOST_BYTES // 8 + 1), "The file is larger than 20 MB"),
    ],
)
async def test_a_file_that_is_no_list_is_refused_and_the_order_stays_open(
    redis_url: str, name: str, data: bytes, sentence: str
) -> None:
    async with running_bot(redis_url) as world:
        await upload(world, name, data, sentence)
        await world.ask("/send", "What would you like to say?")
        await world.ask("Hello", "Who should get it?")
        card = await upload(world, name, data, sentence)
        assert "I didn't add anyone." in card["text"]
        await world.ask("tg:1001", "To 1: Telegram 1")


async def test_a_file_of_only_wrong_rows_can_be_looked_at_and_nothing_else(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await upload(world, "list.csv", b"phone\n+1202\n", "0 people in list.csv")
        assert labels(card) == [["📄 See 1 left out"], ["📎 Send the file"], ["Cancel"]]


async def test_files_join_and_leave_an_audience_after_they_were_shown(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await audience(world, "vip", "1001")
        card = await world.ask("/audiences VIP", "👥 vip · 1 person")
        await world.tap_into(card, "Add people", "Who do you want to add")
        read = await upload(world, "more.txt", b"tg:1001\ntg:1002\ntg:1003\n", "3 people in more.txt")
        await world.tap_into(read, "Add 2 to vip", "Added: 2. Already on the list: 1.")
        card = await world.turned(read, "👥 vip · 3 people")
        more = await world.tap_into(card, "⚙ More", "Join link")
        await world.tap_into(more, "Remove people", "Who do you want to remove from")
        read = await upload(world, "less.csv", b"tg:1002\ntg:1003\n", "2 people in less.csv")
        await world.tap_into(read, "Remove 2 from vip", "Removed: 2.")
        assert await addresses_of(world, "vip") == {"telegram:1001"}


async def test_a_newer_file_updates_a_saved_list(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await upload(
            world, "crew.csv", b"telegram,name\n1001,Ann\n1002,Bob\n1003,Kim\n", "3 people in"
        )
        await world.tap_into(card, "💾", "be called?")
        await world.ask("crew", "👥 crew · 3 people")
        newer = b"telegram,name\n1001,Ann\n1002,Bobby\n1004,Lee\n"
        card = await upload(world, "crew.csv", newer, "3 people in crew.csv")
        choice = await world.tap_into(
            card, "↻ Update a list", "Which list do you want to update from crew.csv?"
        )
        shown = await world.tap_into(
            choice, "👥 crew · 3", "Already in crew: 1 unchanged, 1 changed. New: 1."
        )
        assert "1 person in crew is not in the file: Kim." in shown["text"]
        assert labels(shown) == [
            ["Add 1 to crew, change 1"],
            ["Also remove the 1 missing"],
            ["« Back"],
        ]
        sync = data_of(shown, "Also remove")
        await world.tap_into(shown, "Add 1 to crew", "👥 crew · 4 people")
        assert await addresses_of(world, "crew") == {f"telegram:{number}" for number in range(1001, 1005)}
        await audience(world, "other", "1001")
        found = await world.core.audiences.named("crew")
        await world.core.audiences.add(found.id, [Recipient(messenger=Messenger.TELEGRAM, address="1009")])
        answer = await world.sandbox.forge(sync, shown["message_id"], wait=True)
        assert answer["text"] == "The list has changed. Please look again."
        shown = await world.turned(shown, "2 people in crew are not in the file: ")
        assert all(name in shown["text"] for name in ("Kim", "Telegram 1009"))
        await world.tap_into(shown, "Remove the 2 missing", "Added: 0. Changed: 0. Removed: 2.")
        assert await addresses_of(world, "crew") == {"telegram:1001", "telegram:1002", "telegram:1004"}


async def test_a_list_that_comes_unasked_can_be_sent_as_a_document(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await upload(world, "prices.csv", b"phone,name\n+4915120005501,Ann\n", "1 person in")
        offer = await world.tap_below(card, "📎 Send the file", "Send this to people?")
        await world.tap_into(offer, "Choose who gets it", "1 document")


async def test_what_is_unclear_in_a_file_is_asked_with_buttons_one_after_the_other(redis_url: str) -> None:
    """The answers are kept beside the file, so a question can be answered after a restart."""
    rows = b"Name,Phone,Mobile\nAnn,0151 20005011,0151 20005012\nBob,0151 20005013,0151 20005014\n"
    async with running_bot(redis_url) as world:
        card = await upload(world, "list.csv", rows, "There are several columns with addresses for WhatsApp.")
        assert labels(card)[:2] == [["“Phone”"], ["“Mobile”"]]
        card = await world.tap_into(card, "“Mobile”", "2 numbers have no country code.")
        assert labels(card)[0] == ["Germany +49: +49 1512 0005012"]
        old = data_of(card, "Germany")
        card = await world.tap_into(card, "Germany", "2 people in list.csv")
        assert "Numbers without a country code get +49." in card["text"]
        again = await world.sandbox.forge(old, card["message_id"], wait=True)
        assert again["text"] == "Already done"
        await world.tap_into(card, "💾", "be called?")
        await world.ask("crew", "👥 crew · 2 people")
        assert await addresses_of(world, "crew") == {"whatsapp:+4915120005012", "whatsapp:+4915120005014"}


async def test_a_file_of_people_that_comes_while_the_text_is_awaited_is_asked_about(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        question = await upload(
            world,
            "list.csv",
            b"phone,name\n+4915120005501,Ann\n+4915120005502,Bob\n",
            "list.csv has 2 people in it.",
        )
        assert labels(question) == [["👥 It's my list"], ["📎 Send the file"], ["Cancel"]]
        read = await world.tap_below(question, "👥", "2 people in list.csv")
        await world.tap_below(read, "✔ Add", "What would you like to say?")


async def test_a_file_of_people_can_be_the_document_that_is_sent(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        question = await upload(world, "list.csv", b"phone\n+4915120005501\n", "list.csv has 1 person in it.")
        await world.tap_below(question, "📎", "Your message: 1 document")


async def test_a_table_that_is_pasted_is_read_like_a_file(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        await world.ask("Hello {name}", "Who should get it?")
        asked = await world.ask(
            "Name\tHandy\tOrt\nAnn\t0151 20000001\tUlm\nBob\t0151 20000002\tBonn", "no country code"
        )
        card = await world.tap_below(asked, "Germany +49", "2 people in your message")
        assert "Columns: Name, Ort" in card["text"]
        preview = await world.tap_below(card, "✔ Add 2 people", "2: WhatsApp 2")
        assert "your message" in preview["text"]


async def test_pasted_people_join_a_list_with_their_names(redis_url: str) -> None:
    texts = (
        "BEGIN:VCARD\nFN:Ann\nTEL:+49 151 20000001\nEND:VCARD",
        "Name: Bob\nPhone: +49 151 20000002",
        "Phone;Name\n+49 151 20000003;Kim",
    )
    async with running_bot(redis_url) as world:
        saved = await audience(world, "Parents")
        for text in texts:
            card = await world.ask("/audiences Parents", "👥 Parents")
            await world.tap_into(card, "Add people", "Who do you want to add")
            read = await world.ask(text, "1 person in your message")
            await world.tap_into(read, "Add 1 to Parents", "Added: 1")
        people = [one async for one in world.core.recipients.of(saved)]
        assert {one.name for one in people} == {"Ann", "Bob", "Kim"}


async def test_the_country_of_typed_numbers_is_asked_once(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        await world.ask("Hello", "Who should get it?")
        question = await world.ask("Anna 0151 20005003", "1 number has no country code.")
        await world.tap_below(question, "Germany", "To 1: WhatsApp 1")
        card = await world.ask("0151 20005004", "To 2: WhatsApp 2")
        await world.below(card["message_id"] - 2, "Numbers without a country code get +49.")


async def test_the_country_of_the_numbers_in_an_order_of_one_line_is_asked(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        question = await world.ask("/send 0151 20005003 | Hello", "1 number has no country code.")
        card = await world.tap_below(question, "Germany", "To 1: WhatsApp 1")
        assert "“Hello”" in card["text"]
        preview = await world.ask("/send 0151 20005004, 0151 20005005 | Hello", "To 2: WhatsApp 2")
        await world.below(preview["message_id"] - 4, "Numbers without a country code get +49.")


def _numbers(first: int, count: int, separator: str) -> str:
    return separator.join(f"+{first + number}" for number in range(count))


async def test_a_list_that_was_cut_inside_a_number_is_put_together(redis_url: str) -> None:
    whole = f"whatsapp:+12025550123,{_numbers(4915120010000, 543, ',')}"
    pieces = [whole[:4096], whole[4096:]]
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        await world.ask("Hello", "Who should get it?")
        for piece in pieces:
            await world.sandbox.say(piece)
        await world.ask("tg:1001", "To 545: Telegram 1 · WhatsApp 544")


async def test_an_order_in_one_line_that_was_cut_is_put_together(redis_url: str) -> None:
    whole = f"/send {_numbers(4915120010000, 300, ', ')} | Hello all"
    cut = whole.rindex(" ", 0, 4096)
    async with running_bot(redis_url) as world:
        await world.sandbox.say(whole[:cut])
        preview = await world.ask(whole[cut + 1 :], "To 300: WhatsApp 300")
        assert "duplicate" not in preview["text"]
        shown = [m["text"] for m in await world.sandbox.messages() if m["from"]["is_bot"] and "text" in m]
        assert "Hello all" in shown


async def test_gaps_are_filled_however_the_column_is_written_and_odd_values_are_shown(redis_url: str) -> None:
    rows = b"telegram,Name,First Name\n1001,Lee,Ann\n1002,Ray,Bob\n1003,Sun 2,Kim\n"
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        await world.ask("Hi {First Name} {Name} [name]", "Who should get it?")
        card = await upload(world, "list.csv", rows, "3 people in")
        preview = await world.tap_below(card, "✔ Add", "3: Telegram 3")
        assert "Check Telegram 1003: name is “Sun 2”" in preview["text"]
        assert "“[name]” will be sent as is." in preview["text"]
        await world.below(card["message_id"], "Hi Ann Lee [name]")
        assert labels(preview)[1] == ["✎ Put their name for [name]"]
        preview = await world.tap_below(preview, "✎ Put", "3: Telegram 3")
        assert "will be sent as is" not in preview["text"]
        await world.below(card["message_id"], "Hi Ann Lee Lee")


async def test_columns_are_shown_and_changed_by_taps(redis_url: str) -> None:
    rows = b"Name,Mobile,Emergency contact\nAnn,+4915120005011,+4915120005012\n"
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        await world.ask("Hello", "Who should get it?")
        card = await upload(world, "list.csv", rows, "I won't write to the numbers under Emergency contact.")
        shown = await world.tap_into(card, "✎ Columns", "These are the columns.")
        assert "Mobile: +4915120005011" in shown["text"]
        assert labels(shown) == [
            ["“Mobile”: WhatsApp"],
            ["“Name”: for the text"],
            ["“Emergency contact”: for the text"],
            ["Read it like this"],
        ]
        question = await world.tap_into(shown, "“Emergency contact”", "What's in “Emergency contact”?")
        assert labels(question)[-1] == ["« Back"]
        shown = await world.tap_into(question, "« Back", "These are the columns.")
        question = await world.tap_into(shown, "“Emergency contact”", "What's in “Emergency contact”?")
        shown = await world.tap_into(question, "Addresses for WhatsApp", "These are the columns.")
        assert labels(shown)[:2] == [["“Emergency contact”: WhatsApp"], ["“Name”: for the text"]]
        card = await world.tap_below(shown, "Read it like this", "1 person in list.csv")
        assert "Already chosen" not in card["text"]
        await world.tap_below(card, "✔ Add", "1: WhatsApp 1")
        assert "the numbers under Mobile" in card["text"]


async def test_the_files_of_a_bot_api_server_with_local_are_read_from_its_disk(
    redis_url: str, tmp_path: Path
) -> None:
    async with running_bot(redis_url) as world:
        await world.sandbox.call("POST", "local-server", {"folder": str(tmp_path / "elsewhere")})
        await upload(world, "one.csv", b"telegram\n1001\n", "I can't get files from your Bot API server.")
        await world.sandbox.call("POST", "local-server", {"folder": str(tmp_path)})
        await upload(world, "one.csv", b"telegram\n1001\n", "1 person in")
