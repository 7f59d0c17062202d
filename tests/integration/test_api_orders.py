"""POST /send_message over real HTTP against a real store."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, ChosenLists
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from tests.support.api_server import USER, Api, running_api

BERLIN = ZoneInfo("Europe/Berlin")
FUTURE = "2037-06-01 18:30:00"


async def everything(api: Api) -> list[Broadcast]:
    """Every broadcast there is; one ordered at once waits to be taken up by a worker."""
    return [one async for one in api.core.broadcasts.each_scheduled()] + await api.core.broadcasts.running()


async def test_an_order_is_answered_with_one_line_for_each_recipient(api: Api) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    reply = await api.send("Hello", ("2", "telegram"), ("+1 202 555 0199", "whatsapp"), ("viber-id", "viber"))
    (broadcast,) = await everything(api)
    accepted = broadcast.accepted_at.astimezone(BERLIN)
    assert before <= accepted <= datetime.now(UTC)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    assert reply.content.decode() == (
        '{"scheduled": [], "started": ['
        f'"Message to user: 2 with body: Hello Queued at {accepted:%Y-%m-%d %H:%M:%S} to messenger: telegram", '
        f'"Message to user: +12025550199 with body: Hello Queued at {accepted:%Y-%m-%d %H:%M:%S} '
        'to messenger: whatsapp", '
        f'"Message to user: viber-id with body: Hello Queued at {accepted:%Y-%m-%d %H:%M:%S} to messenger: viber"]}}'
    )


async def test_an_order_for_later_is_scheduled_in_the_zone_of_the_settings(api: Api) -> None:
    reply = await api.send("Later", ("2", "telegram"), send_at=FUTURE)
    assert reply.status == 200
    assert reply.json["started"] == []
    assert re.fullmatch(
        r"Message to user: 2 with body: Later Queued at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d to messenger: telegram",
        *reply.json["scheduled"],
    )
    (broadcast,) = await everything(api)
    assert broadcast.planned
    assert broadcast.send_at == datetime(2037, 6, 1, 16, 30, tzinfo=UTC)
    assert broadcast.created_by == Actor(f"api:{USER}", USER)


async def test_the_last_lines_of_a_body_are_read_as_in_the_chat(api: Api) -> None:
    body = "Hi\n[Shop](https://example.com/shop)\ntemplate: visit_reminder en_US | Ann | 9:00"
    reply = await api.send(body, ("+12025550199", "whatsapp"))
    assert reply.status == 200
    (broadcast,) = await everything(api)
    content = broadcast.content
    assert (content.text, content.buttons[0][0].text) == ("Hi", "Shop")
    assert content.template is not None
    assert (content.template.name, len(content.template.parameters)) == ("visit_reminder", 2)


async def test_a_program_sends_a_poll_where_there_are_polls(api: Api) -> None:
    body = "poll: Lunch? | Pizza | Pasta"
    refused = await api.send(body, ("2", "telegram"), ("+12025550199", "whatsapp"))
    assert (refused.status, refused.error) == (400, "WhatsApp can't send polls.")
    assert (await api.send(body, ("2", "telegram"))).status == 200
    (broadcast,) = await everything(api)
    (media,) = broadcast.content.media
    assert media.poll is not None
    assert (media.poll.question, media.poll.options) == ("Lunch?", ("Pizza", "Pasta"))


async def test_a_send_at_of_null_is_now(api: Api) -> None:
    order = {"body": "x", "send_at": None, "recipients": [{"uuid": "2", "service": "telegram"}]}
    reply = await api.post(order)
    assert (reply.status, len(reply.json["started"])) == (200, 1)


async def test_what_may_be_a_mistake_is_in_a_header_and_the_order_is_accepted(api: Api) -> None:
    reply = await api.send("Hello", ("2", "telegram"))
    assert (reply.status, "Warning" in reply.headers) == (200, False)
    (first,) = await everything(api)
    people = (
        ("2", "telegram"),
        ("+49 30 1234567", "whatsapp"),
        ("2", "telegram"),
        ("@somechannel", "telegram"),
    )
    reply = await api.send("hello!", *people)
    assert (reply.status, len(reply.json["started"])) == (200, 3)
    assert reply.headers["Warning"] == (
        f'299 - "the same message is in #{first.id} within 24 hours, to 1 of these people", '
        '299 - "recipients[2]: named before in this order, so they get it once", '
        '299 - "recipients[1]: a landline, and few of those are on WhatsApp", '
        '299 - "recipients[3]: bots can write by @name to public groups and channels, not to people"'
    )


async def test_the_id_of_a_contact_stands_for_their_address(api: Api) -> None:
    await api.send("Hello", ("1", "telegram"), ("1", "whatsapp"), ("1", "viber"))
    (broadcast,) = await everything(api)
    deliveries = [one async for one in api.core.ledger.deliveries(broadcast)]
    assert {one.recipient.label for one in deliveries} == {
        "telegram:1001",
        "whatsapp:+12025550123",
        "viber:alice",
    }
    assert {one.recipient.uuid for one in deliveries} == {"1"}


async def test_a_list_stands_for_everybody_on_it(api: Api) -> None:
    """Each person once, by the name that the list says; an unknown list is named."""
    made = await api.core.audiences.create("Class 3B", created_by=Actor("telegram:100", "Ann"))
    people = [
        Recipient(messenger=Messenger.TELEGRAM, address=address, variables={"first_name": name})
        for address, name in (("11", "Ann"), ("12", "Ben"))
    ]
    await api.core.audiences.add(made.id, people)
    reply = await api.send("Hi {first_name}", ("class  3b", "List"), ("11", "telegram"))
    assert (reply.status, len(reply.json["started"])) == (200, 2)
    (broadcast,) = await everything(api)
    assert broadcast.progress.total == 2
    assert broadcast.lists == ChosenLists((made.id,), alone=True)
    reply = await api.send("Hello", ("Class 4", "list"), ("12", "telegram"))
    assert (reply.status, reply.json) == (400, {"error": "There is no list called “Class 4”."})


async def test_a_recipient_named_twice_gets_one_message_and_one_line(api: Api) -> None:
    reply = await api.send(
        "Hello", ("1", "telegram"), ("1001", "telegram"), ("1", "telegram"), ("5", "telegram")
    )
    assert [line.split(" ")[3] for line in reply.json["started"]] == ["1", "5"]
    (broadcast,) = await everything(api)
    assert broadcast.progress.total == 2


@pytest.mark.parametrize(
    "text",
    [
        "😀👩‍👩‍👧 naïve",
        "שלום עולם \u200fמבצע",
        '<b>bold</b> & "quoted" \\ /slashes/ %s {x}',
        "first line\n\n  third line\t.",
        " blanks around ",
        "Queued at 2020-01-01 to messenger: viber",
    ],
)
async def test_a_text_comes_through_unchanged(api: Api, text: str) -> None:
    reply = await api.send(text, ("2", "telegram"))
    (line,) = reply.json["started"]
    assert line.startswith(f"Message to user: 2 with body: {text} Queued at ")
    (broadcast,) = await everything(api)
    assert broadcast.content.text == text
    content = (await api.core.deliveries.contents_of([broadcast.id]))[broadcast.id]
    assert content is not None
    assert (content.text, content.is_plain) == (text, True)


async def test_a_hundred_thousand_recipients_are_one_order(api: Api) -> None:
    phones = [f"+1202{number}" for number in range(5_550_000, 5_650_000)]
    reply = await api.send("Hello", *((phone, "whatsapp") for phone in phones))
    assert reply.status == 200
    assert [line.split(" ", 4)[3] for line in reply.json["started"]] == phones
    (broadcast,) = await everything(api)
    assert broadcast.progress.total == 100_000


@pytest.mark.parametrize(
    ("recipients", "sentence"),
    [
        ([], "Add at least one recipient"),
        (
            [("3", "whatsapp")],
            "“whatsapp:3”: there's no contact “3”, and this isn't a phone number. WhatsApp needs",
        ),
        ([("2", "whatsapp")], "“whatsapp:2”: contact 2 (Bob) has no address on WhatsApp."),
        ([("+1202", "whatsapp")], "“whatsapp:+1202”: the phone number is too short. WhatsApp needs"),
        ([("1", "sms")], "“sms:1”: there's no messenger “sms”. Use telegram:, whatsapp:"),
        (
            [("2", "telegram"), ("01", "telegram")],
            "“telegram:01” (entry 2): there's no contact “01”, and a chat ID",
        ),
    ],
)
async def test_a_wrong_recipient_is_refused_with_a_sentence(
    api: Api, recipients: list[tuple[str, str]], sentence: str
) -> None:
    reply = await api.send("Hello", *recipients)
    assert reply.status == 400
    assert reply.error.startswith(sentence)
    assert "\n" not in reply.error


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The text is empty."),
        (" \n\t", "The text is empty."),
        ("x" * 4097, "The text has 4,097 characters, but Telegram allows 4,096."),
        ("😀" * 2049, "The text has 4,098 characters, but Telegram allows 4,096."),
    ],
)
async def test_a_text_that_cannot_be_sent_is_refused(api: Api, text: str, sentence: str) -> None:
    reply = await api.send(text, ("2", "telegram"))
    assert (reply.status, reply.error[: len(sentence)]) == (400, sentence)


async def test_a_text_as_long_as_the_messenger_takes_is_accepted(api: Api) -> None:
    assert (await api.send("😀" * 2048, ("2", "telegram"))).status == 200


async def test_every_problem_is_told_at_once_and_nothing_is_sent(api: Api) -> None:
    reply = await api.send(
        "x" * 5000, ("2", "telegram"), ("hello", "whatsapp"), ("1", "sms"), send_at="2020-01-01 00:00:00"
    )
    assert reply.status == 400
    problems = reply.error.split("\n")
    assert [problem.split(" ")[0] for problem in problems] == ["“whatsapp:hello”", "“sms:1”", "The", "Date"]
    assert await everything(api) == []


async def test_of_very_many_problems_the_first_are_told_and_the_rest_counted(api: Api) -> None:
    reply = await api.send("Hello", *((str(number), "sms") for number in range(1025)))
    problems = reply.error.split("\n")
    assert (len(problems), problems[-1]) == (21, "... and 1,005 more.")


async def test_a_date_in_the_past_is_refused_in_the_words_programs_know(api: Api) -> None:
    just_now = datetime.now(BERLIN) - timedelta(seconds=1)
    for moment in ("2020-01-01 00:00:00", f"{just_now:%Y-%m-%d %H:%M:%S}", "0001-06-01 00:00:00"):
        reply = await api.send("Hello", ("2", "telegram"), send_at=moment)
        assert (reply.status, reply.content) == (400, b'{"error": "Date must be in a future!"}')
    assert await everything(api) == []


@pytest.mark.parametrize(
    "moment",
    ["", "tomorrow", "2037-13-01 00:00:00", "2037-06-01", "2037-06-01T18:30:00Z", "0001-01-01 00:00:00"],
)
async def test_a_send_at_that_is_no_date_is_refused_with_the_form(api: Api, moment: str) -> None:
    reply = await api.send("Hello", ("2", "telegram"), send_at=moment)
    assert reply.status == 400
    assert reply.error.startswith(f'send_at "{moment}" is not a date. Write YYYY-MM-DD HH:MM:SS')
    assert "Europe/Berlin" in reply.error


async def test_a_time_that_the_clocks_skip_is_refused_with_the_time_they_show_then(api: Api) -> None:
    reply = await api.send("Hello", ("2", "telegram"), send_at="2037-03-29 02:30:00")
    assert reply.status == 400
    assert "02:30 doesn't exist" in reply.error
    assert "03:30" in reply.error


async def test_a_time_that_the_clocks_show_twice_is_the_first_one(api: Api) -> None:
    assert (await api.send("Hello", ("2", "telegram"), send_at="2037-10-25 02:30:00")).status == 200
    (broadcast,) = await everything(api)
    assert broadcast.send_at == datetime(2037, 10, 25, 0, 30, tzinfo=UTC)


async def test_a_messenger_that_is_not_set_up_is_refused_with_what_to_set(redis_url: str) -> None:
    async with running_api(redis_url, VIBER_AUTH_TOKEN="", VIBER_SENDER_NAME="") as api:
        reply = await api.send("Hello", ("1", "telegram"), ("1", "viber"))
        assert reply.status == 400
        assert reply.error.startswith("Viber isn't set up. Set VIBER_AUTH_TOKEN and VIBER_SENDER_NAME")
        assert await everything(api) == []


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The body must be a JSON object, for example {"),
        (b"null", "The body must be a JSON object, for example {"),
        (b"[]", "The body must be a JSON object, for example {"),
        (b'"Hello"', "The body must be a JSON object, for example {"),
        (b"{", "The body is not JSON: "),
        (b"body=Hello", "The body is not JSON: "),
        (b'{"body": "\xff"}', "The body is not JSON."),
        (b"[" * 200_000, "The body is not JSON."),
        (b"{}", "body is missing.\nrecipients is missing."),
        (b'{"body": 1, "recipients": []}', "body must be a string."),
        (b'{"body": "x", "recipients": null}', "recipients must be an array."),
        (b'{"body": "x", "recipients": {}}', "recipients must be an array."),
        (b'{"body": "x", "recipients": ["2"]}', "recipients[0] must be an object."),
        (
            b'{"body": "x", "recipients": [{"uuid": "2", "service": "telegram"}, {"uuid": 2}]}',
            "recipients[1].uuid must be a string.\nrecipients[1].service is missing.",
        ),
        (b'{"body": "x", "send_at": 5, "recipients": []}', "send_at must be a string."),
        (b'{"body": "x", "recipients": [], "sendat": "x"}', "sendat is not a known field."),
        (b'{"body": "\\ud83d", "recipients": []}', "Character 1 is only half of an emoji"),
        (
            b'{"body": "x", "recipients": [{"uuid": "1\\udc00", "service": "telegram"}]}',
            "“telegram:1?”: this isn't a chat ID.",
        ),
        (
            b'{"body": "x", "recipients": [{"uuid": "1", "service": "\\ud800"}]}',
            "“?:1”: there's no messenger “?”.",
        ),
        (b'{"body": "x", "send_at": "\\ud800", "recipients": []}', 'send_at "?" is not a date.'),
        (b'{"body": "x", "recipients": [], "\\ud800": 1}', "The body must be a JSON object, for example {"),
    ],
)
async def test_a_body_of_the_wrong_shape_is_refused_with_the_place(
    api: Api, body: bytes, sentence: str
) -> None:
    reply = await api.post_bytes(body)
    assert reply.status == 400
    assert reply.error.startswith(sentence)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
async def test_a_body_that_does_not_call_itself_json_is_refused(api: Api, content_type: str) -> None:
    """A browser sends these across sites with the user's password and without asking."""
    reply = await api.post_bytes(
        b'{"body": "x", "recipients": [{"uuid": "2", "service": "telegram"}]}', content_type
    )
    assert reply.status == 400
    assert reply.error == 'The body must be sent as JSON, with the header "Content-Type: application/json".'
    assert await everything(api) == []
