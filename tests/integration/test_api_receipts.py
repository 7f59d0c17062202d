"""Reports of messengers at the wire: who may bring them, what is answered, and what becomes of them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping

import pytest
from redis import Redis

from api.receipts import MAX_BODY
from core.domain.broadcast import Broadcast
from core.domain.delivery import DeliveryState
from core.domain.messengers.events import ReceiptCounts
from core.domain.messengers.traits import Messenger
from core.store import receipt_inbox
from tests.support.api_server import Api, Reply, running_api
from tests.support.webhooks import (
    APP_SECRET,
    VARIABLES,
    VERIFY_TOKEN,
    VIBER_TOKEN,
    failure,
    processor,
    status,
    viber,
    viber_header,
    whatsapp,
    whatsapp_header,
)
from workers.messengers import REPORT_PARSERS

WHATSAPP, VIBER = Messenger.WHATSAPP, Messenger.VIBER
ALICE = "+12025550123"


@pytest.fixture
async def api(redis_url: str) -> AsyncIterator[Api]:
    async with running_api(redis_url, **VARIABLES) as running:
        yield running


async def report(api: Api, messenger: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    """As the messenger itself: without name and password."""
    return await api.call("POST", f"/receipts/{messenger}", data=body, headers=headers, auth=None)


async def applied(api: Api) -> None:
    """Plays the worker until nothing waits."""
    clerk = processor(api.core)
    while sum([await clerk.apply_some(messenger) for messenger in REPORT_PARSERS]):
        pass


async def counts(api: Api, messenger: Messenger = WHATSAPP) -> ReceiptCounts:
    await api.failures.flush()
    return (await api.core.status.read()).messengers[messenger].receipts


async def sent(api: Api, service: str = "whatsapp", address: str = ALICE) -> Broadcast:
    """A broadcast that the messenger has taken, under the id "id"."""
    assert (await api.send("Hello", (address, service))).status == 200
    await api.deliver()
    return (await api.core.broadcasts.finished()).items[0]


async def states(api: Api, broadcast: Broadcast) -> dict[DeliveryState, int]:
    found = await api.core.broadcasts.get(broadcast.id)
    return {state: n for states in found.progress.counts.values() for state, n in states.items() if n}


async def test_whatsapps_receipts_move_the_delivery_and_its_counters(api: Api) -> None:
    broadcast = await sent(api)
    for state in ("read", "sent", "delivered", "read"):
        body = whatsapp(statuses=[status(state, f"d-{broadcast.id}-w0-0")])
        reply = await report(api, "whatsapp", body, whatsapp_header(body))
        assert (reply.status, reply.content) == (200, b"")
    assert (await counts(api)).waiting == 4
    await applied(api)
    assert await states(api, broadcast) == {DeliveryState.READ: 1}
    assert await counts(api) == ReceiptCounts()


async def test_vibers_receipts_move_the_delivery_and_its_counters(api: Api) -> None:
    broadcast = await sent(api, "viber", "alice")
    for body in (viber("webhook"), viber("delivered", message_token="id", user_id="alice")):
        assert (await report(api, "viber", body, viber_header(body))).status == 200
    await applied(api)
    assert await states(api, broadcast) == {DeliveryState.DELIVERED: 1}
    assert await counts(api, VIBER) == ReceiptCounts()


async def test_a_whole_page_of_statuses_is_applied(api: Api) -> None:
    broadcast = await sent(api)
    statuses = [status("delivered", f"d-{broadcast.id}-w0-{n}") for n in range(1000)]
    body = whatsapp(statuses=statuses)
    assert (await report(api, "whatsapp", body, whatsapp_header(body))).status == 200
    await applied(api)
    assert await states(api, broadcast) == {DeliveryState.DELIVERED: 1}
    assert (await counts(api)).unmatched == 999


BODY = whatsapp(statuses=[status("read", "d-A7KQ-w0-0")])
RIGHT = whatsapp_header(BODY)["X-Hub-Signature-256"]
FORGED = [
    {},
    {"X-Hub-Signature-256": ""},
    {"X-Hub-Signature-256": "sha256="},
    {"X-Hub-Signature-256": RIGHT.removeprefix("sha256=")},
    {"X-Hub-Signature-256": RIGHT[:-1]},
    {"X-Hub-Signature-256": f"{RIGHT} "[1:]},
    {"X-Hub-Signature-256": RIGHT.upper()},
    {"X-Hub-Signature-256": "sha256=äöü"},
    {"X-Hub-Signature": RIGHT},
    {"X-Viber-Content-Signature": RIGHT},
    whatsapp_header(BODY, key="another"),
    whatsapp_header(BODY + b" "),
    whatsapp_header(b""),
    whatsapp_header(BODY, key=VERIFY_TOKEN),
]


@pytest.mark.parametrize("headers", FORGED)
async def test_a_report_without_the_right_signature_is_refused_and_counted(
    api: Api, headers: Mapping[str, str]
) -> None:
    reply = await report(api, "whatsapp", BODY, headers)
    assert (reply.status, reply.error) == (403, "X-Hub-Signature-256 does not match this body.")
    assert await counts(api) == ReceiptCounts(refused=1)


async def test_each_messenger_has_its_own_key_and_counters(api: Api) -> None:
    body = viber("unsubscribed", user_id="alice")
    assert (await report(api, "viber", body, viber_header(body, key=APP_SECRET))).status == 403
    assert (await report(api, "viber", body, viber_header(body, key=VIBER_TOKEN))).status == 200
    assert await counts(api, VIBER) == ReceiptCounts(refused=1, waiting=1)
    assert await counts(api) == ReceiptCounts()


MALFORMED = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"\xff\xfe",
    b"{}",
    b'{"entry": {}}',
    b"[" * 100_000,
    b'{"entry": ' + b"9" * 5000 + b"}",
    whatsapp(statuses=[status("read", "d-A7KQ-w0-0") | {"timestamp": "soon"}]),
    whatsapp(statuses=[status("read", "\ud83d")]),
    whatsapp(statuses=[status("read", "x" * 600)]),
    whatsapp(statuses=[{"status": ["read"], "timestamp": "1"}]),
    whatsapp(messages=[{"from": "12025550123", "text": {"body": "STOP"}}]),
]


@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: str(body[:24]))
async def test_what_is_signed_but_makes_no_sense_is_answered_200_and_counted(api: Api, body: bytes) -> None:
    """Anything else, and the messenger would bring it again for days. What comes behind it is applied."""
    broadcast = await sent(api)
    good = whatsapp(statuses=[status("read", f"d-{broadcast.id}-w0-0")])
    assert (await report(api, "whatsapp", body, whatsapp_header(body))).status == 200
    assert (await report(api, "whatsapp", good, whatsapp_header(good))).status == 200
    await applied(api)
    assert await states(api, broadcast) == {DeliveryState.READ: 1}
    assert await counts(api) == ReceiptCounts(malformed=1)


@pytest.mark.parametrize(
    "body",
    [
        viber("delivered"),
        viber("delivered", message_token={"a": 1}),
        viber("seen", message_token="1", user_id=["x"]),
        viber("unsubscribed"),
        b'{"event": "delivered", "message_token": 1}',
        b'{"timestamp": 1}',
        b'{"event": 5.5}',
    ],
    ids=range(7),
)
async def test_a_viber_event_that_lacks_what_it_needs_is_counted(api: Api, body: bytes) -> None:
    assert (await report(api, "viber", body, viber_header(body))).status == 200
    await applied(api)
    assert await counts(api, VIBER) == ReceiptCounts(malformed=1)


async def test_parts_that_mean_nothing_here_are_passed_over(api: Api) -> None:
    bodies = [
        whatsapp(statuses=[status("deleted", "d-A7KQ-w0-0")]),
        whatsapp(messages=[{"from": "12025550123", "timestamp": "1", "text": {"body": "Hello"}}]),
        whatsapp(statuses="none", messages=[5, None], contacts=[{}]),
        b'{"entry": [], "object": "page"}',
        b'{"entry": [1, {"changes": [2, {"value": 3}]}]}',
    ]
    for body in bodies:
        assert (await report(api, "whatsapp", body, whatsapp_header(body))).status == 200
    for body in (viber("client_status"), viber("conversation_started", user={"id": "a"}, subscribed=False)):
        assert (await report(api, "viber", body, viber_header(body))).status == 200
    await applied(api)
    assert (await counts(api), await counts(api, VIBER)) == (ReceiptCounts(), ReceiptCounts())


async def blanks() -> AsyncIterator[bytes]:
    """A body of unannounced length."""
    for _ in range(4):
        yield b" " * 1024**2


async def test_a_report_that_is_too_big_is_refused_before_it_is_read_and_counted(api: Api) -> None:
    largest = b" " * MAX_BODY
    assert (await report(api, "whatsapp", largest, whatsapp_header(largest))).status == 200
    reply = await report(api, "whatsapp", largest + b" ", {"Content-Length": str(MAX_BODY + 1)})
    assert (reply.status, reply.error) == (413, "The body is larger than 3 MB.")
    async with api.http.post(f"{api.url}/receipts/whatsapp", data=blanks()) as response:
        assert response.status == 413
    found = await counts(api)
    assert (found.waiting, found.refused) == (1, 2)


async def test_when_too_much_waits_the_messenger_is_asked_to_come_again(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipt_inbox, "MOST_WAITING_BYTES", 3 * len(BODY))
    replies = [await report(api, "whatsapp", BODY, whatsapp_header(BODY)) for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 200, 200, 503]
    assert replies[-1].headers["Retry-After"] == "10"
    await applied(api)
    assert (await report(api, "whatsapp", BODY, whatsapp_header(BODY))).status == 200


@pytest.mark.parametrize("path", ["/receipts/telegram", "/receipts/nobody", "/receipts", "/receipts/"])
async def test_where_no_messenger_reports_there_is_nothing(api: Api, path: str) -> None:
    for method in ("GET", "POST"):
        assert (await api.call(method, path, data=b"{}", auth=None)).status == 404


async def test_without_the_secret_there_is_nothing(redis_url: str) -> None:
    async with running_api(redis_url) as api:
        assert (await report(api, "whatsapp", BODY, whatsapp_header(BODY, key=""))).status == 404
        question = "/receipts/whatsapp?hub.mode=subscribe&hub.verify_token=&hub.challenge=7"
        assert (await api.call("GET", question, auth=None)).status == 404


async def test_the_messenger_is_told_its_challenge_when_it_knows_our_word(api: Api) -> None:
    question = (
        f"/receipts/whatsapp?hub.mode=subscribe&hub.verify_token={VERIFY_TOKEN}&hub.challenge=%3Cb%3E115"
    )
    reply = await api.call("GET", question, auth=None)
    assert (reply.status, reply.content) == (200, b"<b>115")
    assert reply.headers["Content-Type"].startswith("text/plain")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert (await api.call("GET", "/receipts/viber?hub.challenge=1", auth=None)).status == 404


@pytest.mark.parametrize("word", ["", "wrong", VERIFY_TOKEN + "x", "%C3%A4", "%FF"])
async def test_who_does_not_know_our_word_gets_no_challenge(api: Api, word: str) -> None:
    question = f"/receipts/whatsapp?hub.mode=subscribe&hub.verify_token={word}&hub.challenge=115"
    reply = await api.call("GET", question, auth=None)
    assert reply.status == 403
    assert b"115" not in reply.content


async def test_a_failure_that_comes_later_is_told_with_its_reason(api: Api) -> None:
    broadcast = await sent(api)
    failed = status("failed", f"d-{broadcast.id}-w0-0", errors=failure(131047))
    body = whatsapp(statuses=[failed])
    await report(api, "whatsapp", body, whatsapp_header(body))
    await applied(api)
    (trouble,) = (await api.core.broadcasts.troubles(broadcast.id)).items
    assert (trouble.state, trouble.reason) == (DeliveryState.FAILED, "outside_window")
    assert len((await api.get("/get_finished")).json["finished_with_fail"]) == 1


async def test_a_person_who_said_stop_is_in_no_line_of_the_next_order(api: Api) -> None:
    message = {"from": ALICE[1:], "timestamp": "1750030073", "type": "text", "text": {"body": "Stop!"}}
    body = whatsapp(messages=[message])
    await report(api, "whatsapp", body, whatsapp_header(body))
    await applied(api)
    reply = await api.send("Hello", ("1", "whatsapp"), ("+12025550124", "whatsapp"), ("1", "telegram"))
    assert reply.status == 200
    assert [line.split(" with ")[0] for line in reply.json["started"]] == [
        "Message to user: +12025550124",
        "Message to user: 1",
    ]
    alone = await api.send("Hello", ("1", "whatsapp"))
    assert (alone.status, alone.error) == (
        400,
        "There's no one to send to: whatsapp:+12025550123 opted out.",
    )


async def test_forged_reports_are_counted_in_memory_and_stored_once_a_second(
    api: Api, redis_url: str
) -> None:
    begun = time.monotonic()
    with Redis.from_url(redis_url) as client:
        client.config_resetstat()
        for _ in range(200):
            assert (await report(api, "whatsapp", BODY, {})).status == 403
        writes = client.info("commandstats").get("cmdstat_hincrby", {}).get("calls", 0)
    assert writes <= time.monotonic() - begun + 1
    assert await counts(api) == ReceiptCounts(refused=200)
