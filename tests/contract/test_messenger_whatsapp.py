"""WhatsApp's answers at the wire: what each one means for the delivery."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.domain.content.content import Content
from core.domain.messengers.outcome import Answer, Outcome, Reason
from tests.contract.messenger_server import MessengerServer, answer, closed_port
from workers.messengers.backoff import Backoff
from workers.messengers.transport import Transport, open_session
from workers.messengers.whatsapp import WhatsApp

TOKEN = "EAAsecretsecret"
YES = {"messages": [{"id": "1"}]}
"""The answer to an accepted message."""
HELLO = Content(text="Hello *you* שלום 🎉")


@pytest.fixture
async def whatsapp(server: MessengerServer) -> AsyncIterator[WhatsApp]:
    async with open_session(limit=4) as session:
        yield a_whatsapp(Transport(session, connect=1, total=5), f"{server.url}/v26.0")


def a_whatsapp(transport: Transport, url: str) -> WhatsApp:
    return WhatsApp(transport, api_url=url, token=TOKEN, phone_number_id="100200300")


def refusal(code: object, message: str = "Something", **error: object) -> dict[str, object]:
    return {
        "error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1", **error}
    }


async def sent_into(server: MessengerServer, whatsapp: WhatsApp, status: int, body: object) -> Answer:
    server.plan(answer(status, body))
    return await whatsapp.send("+12025550123", HELLO, "d-A7KQ-w15-0")


@pytest.mark.parametrize(
    "message", [{"id": "wamid.HBg="}, {"id": "wamid.HBg=", "message_status": "held_for_quality_assessment"}]
)
async def test_a_text_goes_to_the_number_with_its_plus_and_brings_our_reference(
    server: MessengerServer, whatsapp: WhatsApp, message: dict[str, str]
) -> None:
    body = {"messaging_product": "whatsapp", "contacts": [{"input": "+12025550123"}], "messages": [message]}
    got = await sent_into(server, whatsapp, 200, body)
    assert got == Answer(outcome=Outcome.SENT, message_id="wamid.HBg=")
    [request] = server.requests
    assert (request.method, request.path) == ("POST", "/v26.0/100200300/messages")
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.json == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+12025550123",
        "type": "text",
        "text": {"body": HELLO.text, "preview_url": False},
        "biz_opaque_callback_data": "d-A7KQ-w15-0",
    }


@pytest.mark.parametrize(
    "code",
    [
        *(0, 190, 3, 10, 200, 250, 299, 131005, 33, 131037, 131042, 131045, 131063),
        *(133000, 133010, 133015, 368, 131031, 131048, 131064),
    ],
)
async def test_trouble_with_the_account_is_configuration(
    server: MessengerServer, whatsapp: WhatsApp, code: int
) -> None:
    got = await sent_into(server, whatsapp, 400, refusal(code))
    reason = Reason.RESTRICTED if code in (368, 131031, 131048, 131064) else Reason.CONFIGURATION
    assert got == Answer(outcome=Outcome.CONFIGURATION, reason=reason, detail=f"{code}: Something")


@pytest.mark.parametrize(
    ("code", "seconds", "whole_messenger"),
    [(4, 60, True), (80007, 60, True), (133016, 60, True), (130429, 5, True), (131056, 4, False)],
)
async def test_too_fast_waits_for_one_number_or_for_all(
    server: MessengerServer, whatsapp: WhatsApp, code: int, seconds: float, whole_messenger: bool
) -> None:
    got = await sent_into(server, whatsapp, 400, refusal(code))
    assert (got.outcome, got.reason) == (Outcome.RATE_LIMITED, Reason.TOO_FAST)
    assert (got.retry_after, got.whole_messenger) == (seconds, whole_messenger)


async def test_something_in_between_that_names_a_wait_is_waited_for_as_long(
    server: MessengerServer, whatsapp: WhatsApp
) -> None:
    server.plan(answer(429, "<html>slow down</html>", {"Retry-After": "7200"}))
    got = await whatsapp.send("+1202", HELLO, "d-A7KQ-w15-0")
    assert (got.retry_after, got.whole_messenger) == (7200, True)


async def test_one_number_that_is_too_fast_again_waits_longer_and_no_other_with_it(
    server: MessengerServer, whatsapp: WhatsApp
) -> None:
    server.plan(answer(400, refusal(131056)))
    waits = [
        (await whatsapp.send(to, HELLO, "d-A7KQ-w15-0")).retry_after for to in ("+1202", "+1202", "+1203")
    ]
    assert waits == [4, 4, 4]


def test_waits_grow_while_refusals_follow_them_and_begin_anew_after_a_quiet_while() -> None:
    backoff = Backoff(factor=4, longest=256.0)
    moments = (0.0, 3.0, 4.5, 21.0, 90.0, 400.0, 5000.0)
    assert [backoff.wait("x", 4.0, now) for now in moments] == [4, 4, 16, 64, 256, 256, 4]


def test_what_is_refused_of_ten_thousand_people_is_not_kept_for_ever() -> None:
    backoff = Backoff(factor=4, longest=256.0)
    for number in range(10_000):
        backoff.wait(str(number), 4.0, 0.0)
    assert backoff.wait("another", 4.0, 1000.0) == 4
    assert [backoff.wait(one, 4.0, 1001.0) for one in ("5", "another")] == [4, 4]


@pytest.mark.parametrize(
    ("code", "status", "reason", "max_tries", "retry_after"),
    [
        (1, 400, Reason.CONTENT, 2, None),
        (2, 503, Reason.BUSY, None, None),
        (131000, 500, Reason.BUSY, None, None),
        (131016, 500, Reason.BUSY, None, None),
        (133004, 503, Reason.BUSY, None, None),
        (131057, 500, Reason.BUSY, None, 60.0),
        (131053, 400, Reason.FILE, 2, None),
    ],
)
async def test_a_documented_not_now_is_tried_again(
    server: MessengerServer,
    whatsapp: WhatsApp,
    code: int,
    status: int,
    reason: Reason,
    max_tries: int | None,
    retry_after: float | None,
) -> None:
    got = await sent_into(server, whatsapp, status, refusal(code))
    assert (got.outcome, got.reason) == (Outcome.TRANSIENT, reason)
    assert (got.max_tries, got.retry_after) == (max_tries, retry_after)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (131026, Reason.UNDELIVERABLE),
        (131047, Reason.OUTSIDE_WINDOW),
        (131050, Reason.NO_MARKETING),
        (130472, Reason.EXPERIMENT),
        (130497, Reason.COUNTRY),
        (131021, Reason.NOT_ALLOWED),
        (131030, Reason.NOT_ALLOWED),
        (131049, Reason.CAPPED),
        (131062, Reason.NOT_ALLOWED),
    ],
)
async def test_a_refused_recipient_fails_with_its_reason(
    server: MessengerServer, whatsapp: WhatsApp, code: int, reason: Reason
) -> None:
    got = await sent_into(server, whatsapp, 400, refusal(code))
    assert (got.outcome, got.reason) == (Outcome.RECIPIENT_REFUSED, reason)


@pytest.mark.parametrize(
    "code",
    [
        *(100, 131008, 131009, 131051, 135000, 137000),
        *(132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132068, 132069),
    ],
)
async def test_refused_content_is_not_held_against_the_recipient(
    server: MessengerServer, whatsapp: WhatsApp, code: int
) -> None:
    got = await sent_into(server, whatsapp, 400, refusal(code))
    reason = Reason.TEMPLATE if 132000 <= code < 133000 else Reason.CONTENT
    assert (got.outcome, got.reason, got.key) == (Outcome.CONTENT_REFUSED, reason, str(code))


@pytest.mark.parametrize("code", [100, 131009])
async def test_an_id_of_a_file_that_is_not_good_any_more_may_be_replaced(
    server: MessengerServer, whatsapp: WhatsApp, code: int
) -> None:
    words = "Param image['id'] is not a valid whatsapp business account media attachment ID"
    got = await sent_into(server, whatsapp, 400, refusal(code, error_data={"details": words}))
    assert (got.outcome, got.reason, got.max_tries) == (Outcome.TRANSIENT, Reason.FILE, 2)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, Outcome.CONTENT_REFUSED),
        (403, Outcome.CONTENT_REFUSED),
        (429, Outcome.RATE_LIMITED),
        (500, Outcome.UNKNOWN),
        (503, Outcome.UNKNOWN),
        (200, Outcome.UNKNOWN),
    ],
)
async def test_a_code_that_nobody_has_seen_is_judged_by_the_http_status(
    server: MessengerServer, whatsapp: WhatsApp, status: int, outcome: Outcome
) -> None:
    got = await sent_into(server, whatsapp, status, refusal(987654))
    assert (got.outcome, got.detail) == (outcome, "987654: Something")


@pytest.mark.parametrize(
    "body",
    [{}, {"messages": []}, {"messages": [{"id": 5}]}, {"messages": "x"}, refusal("131026"), {"error": 1}],
)
async def test_a_200_that_says_neither_yes_nor_no_is_unknown(
    server: MessengerServer, whatsapp: WhatsApp, body: object
) -> None:
    got = await sent_into(server, whatsapp, 200, body)
    assert (got.outcome, got.reason) == (Outcome.UNKNOWN, Reason.NO_ANSWER)


async def test_words_that_meta_says_twice_stand_once(server: MessengerServer, whatsapp: WhatsApp) -> None:
    words = "(#132001) Template name does not exist in the translation"
    got = await sent_into(server, whatsapp, 404, refusal(132001, words, error_data={"details": words}))
    assert got.detail == "132001: Template name does not exist in the translation"


async def test_the_detail_has_the_code_the_title_and_the_explanation_in_one_short_line(
    server: MessengerServer, whatsapp: WhatsApp
) -> None:
    body = refusal(131026, "Message\nundeliverable", error_data={"details": "Not on WhatsApp. " + "x" * 300})
    got = await sent_into(server, whatsapp, 400, body)
    assert got.detail.startswith("131026: Message undeliverable (Not on WhatsApp. x")
    assert len(got.detail) == 200


@pytest.mark.parametrize("verdict", ["AVAILABLE", "LIMITED"])
async def test_the_check_is_quiet_for_a_number_that_can_send(
    server: MessengerServer, whatsapp: WhatsApp, verdict: str
) -> None:
    server.plan(answer(200, {"id": "100200300", "health_status": {"can_send_message": verdict}}))
    assert await whatsapp.check() is None
    [request] = server.requests
    assert (request.method, request.path) == ("GET", "/v26.0/100200300?fields=health_status")
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("status", "body", "names"),
    [
        (200, {"id": "1", "health_status": {"can_send_message": "BLOCKED"}}, "WHATSAPP_PHONE_NUMBER_ID"),
        (401, refusal(190, "Invalid OAuth access token"), "WHATSAPP_TOKEN"),
        (400, refusal(100, "Unsupported get request"), "WHATSAPP_PHONE_NUMBER_ID"),
        (400, refusal(33), "WHATSAPP_PHONE_NUMBER_ID"),
        (403, refusal(10), "WHATSAPP_TOKEN"),
        (503, refusal(2, "Service temporarily unavailable"), "Service temporarily unavailable"),
        (200, "<html>a log-in page</html>", "WHATSAPP_API_URL"),
        (404, "<html>no such page</html>", "WHATSAPP_API_URL"),
    ],
)
async def test_the_check_names_what_is_wrong(
    server: MessengerServer, whatsapp: WhatsApp, status: int, body: object, names: str
) -> None:
    server.plan(answer(status, body))
    complaint = await whatsapp.check()
    assert complaint is not None
    assert names in complaint


async def test_the_check_says_that_whatsapp_could_not_be_reached() -> None:
    async with open_session(limit=1) as session:
        complaint = await a_whatsapp(Transport(session), f"http://127.0.0.1:{closed_port()}").check()
    assert complaint is not None
    assert complaint.startswith("Couldn't reach WhatsApp")
