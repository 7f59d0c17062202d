"""Viber's answers at the wire: what each one means for the delivery."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.domain.content.content import Content
from core.domain.messengers.billing import Bill
from core.domain.messengers.outcome import Answer, Outcome, Reason
from tests.contract.messenger_server import MessengerServer, answer, closed_port
from workers.messengers.transport import Transport, open_session
from workers.messengers.viber import Viber

TOKEN = "445da6az1s345z78-secret"
RECEIVER = "jc9HsWTZ2Yf2+NkR/8KcNug=="
YES = {"status": 0, "message_token": 1}
"""The answer to an accepted message."""
HELLO = Content(text="Hello *you* שלום 🎉")


@pytest.fixture
async def viber(server: MessengerServer) -> AsyncIterator[Viber]:
    async with open_session(limit=4) as session:
        yield a_viber(Transport(session, connect=1, total=5), server.url)


def a_viber(transport: Transport, url: str) -> Viber:
    return Viber(transport, api_url=url, token=TOKEN, sender_name="Shop")


def says(status: object, words: str = "words", token: object = 5741311803571721087) -> dict[str, object]:
    return {"status": status, "status_message": words, "message_token": token, "chat_hostname": "SN-CHAT-03_"}


async def sent_into(server: MessengerServer, viber: Viber, http_status: int, body: object) -> Answer:
    server.plan(answer(http_status, body))
    return await viber.send(RECEIVER, HELLO, "d-A7KQ-v15-0")


@pytest.mark.parametrize("token", [5741311803571721087, "5741311803571721087"])
async def test_a_text_goes_out_under_the_senders_name_and_brings_our_reference(
    server: MessengerServer, viber: Viber, token: object
) -> None:
    got = await sent_into(server, viber, 200, {**says(0, "ok", token), "billing_status": 3})
    bill = Bill(False, "out_of_session", "3")
    assert got == Answer(outcome=Outcome.SENT, message_id="5741311803571721087", bill=bill)
    [request] = server.requests
    assert (request.method, request.path) == ("POST", "/pa/send_message")
    assert request.headers["X-Viber-Auth-Token"] == TOKEN
    assert request.json == {
        "receiver": RECEIVER,
        "min_api_version": 1,
        "sender": {"name": "Shop"},
        "tracking_data": "d-A7KQ-v15-0",
        "type": "text",
        "text": HELLO.text,
    }


async def test_the_longest_cyrillic_text_fits_into_vibers_30_kilobytes(
    server: MessengerServer, viber: Viber
) -> None:
    server.plan(answer(200, says(0)))
    await viber.send(RECEIVER, Content(text="Ж" * 7000), "d-A7KQ-v15-0")
    assert len(server.requests[0].body) < 30_000


@pytest.mark.parametrize("status", [1, 2, 7, 8, 9, 10, 15, 18, 20, 23, 24])
async def test_trouble_with_the_account_is_configuration(
    server: MessengerServer, viber: Viber, status: int
) -> None:
    got = await sent_into(server, viber, 200, says(status))
    reason = Reason.RESTRICTED if status in (7, 9) else Reason.CONFIGURATION
    assert got == Answer(outcome=Outcome.CONFIGURATION, reason=reason, detail=f"{status}: words")


@pytest.mark.parametrize("status", [3, 4, 14, 16, 17, 22])
async def test_refused_content_is_not_held_against_the_recipient(
    server: MessengerServer, viber: Viber, status: int
) -> None:
    got = await sent_into(server, viber, 200, says(status))
    assert (got.outcome, got.reason) == (Outcome.CONTENT_REFUSED, Reason.CONTENT)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (5, Reason.NOT_FOUND),
        (6, Reason.UNSUBSCRIBED),
        (11, Reason.DEVICE),
        (13, Reason.DEVICE),
        (21, Reason.COUNTRY),
    ],
)
async def test_a_refused_recipient_fails_with_its_reason(
    server: MessengerServer, viber: Viber, status: int, reason: Reason
) -> None:
    got = await sent_into(server, viber, 200, says(status))
    assert (got.outcome, got.reason) == (Outcome.RECIPIENT_REFUSED, reason)


async def test_too_many_messages_to_one_person_makes_that_person_wait_an_hour(
    server: MessengerServer, viber: Viber
) -> None:
    got = await sent_into(server, viber, 200, says(12, "Too many requests"))
    assert (got.outcome, got.reason) == (Outcome.RATE_LIMITED, Reason.TOO_FAST)
    assert (got.retry_after, got.whole_messenger) == (3600.0, False)


async def test_many_people_refused_as_too_many_at_once_slow_the_whole_messenger_down(
    server: MessengerServer, viber: Viber
) -> None:
    server.plan(answer(200, says(12, "Too many requests")))
    answers = [await viber.send(f"someone{number}==", HELLO, "d-A7KQ-v15-0") for number in range(6)]
    assert [one.whole_messenger for one in answers] == [False] * 4 + [True] * 2
    assert (answers[0].retry_after, answers[-1].retry_after) == (3600, 60)
    again = [await sent_into(server, viber, 200, says(6)) for _ in range(2)]
    assert {one.outcome for one in again} == {Outcome.RECIPIENT_REFUSED}


async def test_one_person_refused_as_too_many_again_and_again_slows_nobody_else_down(
    server: MessengerServer, viber: Viber
) -> None:
    got = [await sent_into(server, viber, 200, says(12, "Too many requests")) for _ in range(6)]
    assert not any(one.whole_messenger for one in got)


@pytest.mark.parametrize(
    ("status", "reason"),
    [(19, Reason.CONFIGURATION), (25, Reason.UNLISTED), (99, Reason.UNLISTED), (-1, Reason.UNLISTED)],
)
async def test_a_general_error_is_worth_one_more_try(
    server: MessengerServer, viber: Viber, status: int, reason: Reason
) -> None:
    got = await sent_into(server, viber, 200, says(status))
    assert (got.outcome, got.reason, got.max_tries) == (Outcome.TRANSIENT, reason, 2)


@pytest.mark.parametrize(
    ("http_status", "outcome"),
    [
        (401, Outcome.TRANSIENT),
        (403, Outcome.TRANSIENT),
        (404, Outcome.TRANSIENT),
        (413, Outcome.CONTENT_REFUSED),
        (429, Outcome.RATE_LIMITED),
        (500, Outcome.UNKNOWN),
        (502, Outcome.UNKNOWN),
    ],
)
@pytest.mark.parametrize("body", ["<html>words</html>", says(0)], ids=["html", "json"])
async def test_any_http_status_but_200_decides_by_itself(
    server: MessengerServer, viber: Viber, http_status: int, outcome: Outcome, body: object
) -> None:
    got = await sent_into(server, viber, http_status, body)
    assert got.outcome is outcome
    assert got.detail.startswith(f"HTTP {http_status}")


@pytest.mark.parametrize("body", [{}, {"status": "ok"}, {"status": None}, {"status": False}, [0], "ok"])
async def test_a_200_without_a_status_number_is_unknown(
    server: MessengerServer, viber: Viber, body: object
) -> None:
    got = await sent_into(server, viber, 200, body)
    assert (got.outcome, got.reason) == (Outcome.UNKNOWN, Reason.NO_ANSWER)


def account(**more: object) -> dict[str, object]:
    return {"status": 0, "status_message": "ok", "id": "pa:1", "name": "Shop", **more}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "Viber needs a webhook before it can send"),
        ({"webhook": ""}, "Viber needs a webhook"),
        (
            {"webhook": f"https://old.example.com/hook?key={TOKEN}"},
            "Viber reports to https://old.example.com/hook,",
        ),
        ({"webhook": f"https://old.example.com/{TOKEN}"}, "Viber reports to https://old.example.com/***,"),
    ],
)
async def test_the_check_names_the_command_that_sets_a_webhook_which_is_missing_or_wrong(
    server: MessengerServer, viber: Viber, told: dict[str, object], words: str
) -> None:
    server.plan(answer(200, account(**told)))
    complaint = await viber.check()
    assert complaint is not None
    assert complaint.startswith(words)
    assert complaint.endswith("python -m workers.webhooks viber https://YOUR-ADDRESS")
    assert TOKEN not in complaint


async def test_the_check_is_quiet_for_a_bot_that_viber_knows(server: MessengerServer, viber: Viber) -> None:
    server.plan(answer(200, account(webhook="https://shop.example.com/receipts/viber")))
    assert await viber.check() is None
    [request] = server.requests
    assert (request.method, request.path) == ("POST", "/pa/get_account_info")
    assert request.headers["X-Viber-Auth-Token"] == TOKEN


@pytest.mark.parametrize(
    ("http_status", "body", "names"),
    [
        (200, says(2, "invalidAuthToken"), "doesn't accept VIBER_AUTH_TOKEN"),
        (200, says(9, "suspended"), "suspended"),
        (200, "<html>a log-in page</html>", "VIBER_API_URL"),
        (404, "<html>no such page</html>", "VIBER_API_URL"),
    ],
)
async def test_the_check_names_what_is_wrong(
    server: MessengerServer, viber: Viber, http_status: int, body: object, names: str
) -> None:
    server.plan(answer(http_status, body))
    complaint = await viber.check()
    assert complaint is not None
    assert names in complaint


async def test_the_check_says_that_viber_could_not_be_reached() -> None:
    async with open_session(limit=1) as session:
        complaint = await a_viber(Transport(session), f"http://127.0.0.1:{closed_port()}").check()
    assert complaint is not None
    assert complaint.startswith("Couldn't reach Viber")
