"""The webhook at the wire: what goes out, signed, what each answer means, and the service of the sandbox behind it."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import AsyncIterator

import pytest

from core.domain.content.content import Button, Content, Media
from core.domain.content.formatting import Entity, Style
from core.domain.messengers.capabilities import MediaKind, Option
from core.domain.messengers.outcome import Answer, Outcome, Reason
from tests.contract.messenger_server import MessengerServer, answer, closed_port, messenger_server
from tests.support.sandbox_server import Sandbox
from workers.messengers.transport import Transport, open_session
from workers.messengers.webhook import Webhook

SECRET = "a-long-word-that-both-sides-know"
YES = {"id": "1"}
"""The answer to an accepted message."""
HELLO = Content(text="Hello שלום 🎉")
RICH = Content(
    text="Look here",
    entities=(Entity(style=Style.LINK, offset=5, length=4, url="https://example.com/"),),
    media=(Media(kind=MediaKind.PHOTO, link="https://example.com/a.jpg", name="a.jpg", size=10),),
    buttons=((Button("Shop", "https://example.com/shop"),),),
    options=frozenset({Option.SILENT}),
)
ORDER = Content(text="Hello", buttons=((Button("Shop", "https://example.com"),),))


@pytest.fixture
async def server() -> AsyncIterator[MessengerServer]:
    async with messenger_server() as server:
        server.plan(answer(200, {"id": "77"}))
        yield server


@pytest.fixture
async def webhook(server: MessengerServer) -> AsyncIterator[Webhook]:
    async with open_session(limit=4) as session:
        yield Webhook(Transport(session, connect=1, total=5), url=f"{server.url}/messages", secret=SECRET)


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (HELLO, {"text": HELLO.text}),
        (
            RICH,
            {
                "text": "Look here",
                "entities": [{"type": "text_link", "offset": 5, "length": 4, "url": "https://example.com/"}],
                "files": [
                    {"kind": "photo", "link": "https://example.com/a.jpg", "name": "a.jpg", "size": 10}
                ],
                "buttons": [[{"text": "Shop", "url": "https://example.com/shop"}]],
                "options": ["silent"],
            },
        ),
    ],
)
async def test_a_content_goes_out_whole_and_signed(
    server: MessengerServer, webhook: Webhook, content: Content, body: dict[str, object]
) -> None:
    before = int(time.time())
    got = await webhook.send("customer-42", content, "d-A7KQ-h15-0")
    assert got == Answer(outcome=Outcome.SENT, message_id="77")
    [request] = server.requests
    assert (request.method, request.path) == ("POST", "/messages")
    signature = hmac.new(SECRET.encode(), request.body, hashlib.sha256).hexdigest()
    assert request.headers["X-Signature-256"] == f"sha256={signature}"
    said = request.json
    assert isinstance(said, dict)
    assert before <= said.pop("at") <= time.time()
    assert said == {"id": "d-A7KQ-h15-0", "to": "customer-42", **body}


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason"),
    [
        (404, {"error": "unknown_recipient"}, Outcome.RECIPIENT_REFUSED, Reason.NOT_FOUND),
        (400, {"error": "unsubscribed"}, Outcome.RECIPIENT_REFUSED, Reason.UNSUBSCRIBED),
        (400, {"error": "content", "message": "too long"}, Outcome.CONTENT_REFUSED, Reason.CONTENT),
        (401, {"error": "account"}, Outcome.CONFIGURATION, Reason.CONFIGURATION),
        (503, {"error": "busy"}, Outcome.TRANSIENT, Reason.BUSY),
        (200, {"error": "content", "id": "77"}, Outcome.CONTENT_REFUSED, Reason.CONTENT),
        (400, {"error": "a word nobody knows"}, Outcome.CONFIGURATION, Reason.CONFIGURATION),
        (500, {"error": "a word nobody knows"}, Outcome.UNKNOWN, Reason.NO_ANSWER),
        (200, {"id": 77}, Outcome.UNKNOWN, Reason.NO_ANSWER),
        (200, {"id": ""}, Outcome.UNKNOWN, Reason.NO_ANSWER),
    ],
)
async def test_every_answer_has_a_meaning(
    server: MessengerServer, webhook: Webhook, status: int, body: object, outcome: Outcome, reason: Reason
) -> None:
    server.plan(answer(status, body))
    got = await webhook.send("customer-42", HELLO, "d-A7KQ-h15-0")
    assert (got.outcome, got.reason) == (outcome, reason)
    assert got.detail


@pytest.mark.parametrize(
    ("more", "headers", "seconds"),
    [({"retry_after": 7}, None, 7), ({}, {"Retry-After": "8"}, 8), ({"retry_after": "soon"}, None, 60)],
)
async def test_too_fast_makes_everybody_wait_as_long_as_asked(
    server: MessengerServer,
    webhook: Webhook,
    more: dict[str, object],
    headers: dict[str, str] | None,
    seconds: float,
) -> None:
    server.plan(answer(429, {"error": "too_fast", **more}, headers))
    got = await webhook.send("customer-42", HELLO, "d-A7KQ-h15-0")
    assert (got.outcome, got.retry_after, got.whole_messenger) == (Outcome.RATE_LIMITED, seconds, True)


@pytest.mark.parametrize(
    ("status", "body", "complaint"),
    [
        (200, {"id": "1"}, None),
        (401, {"error": "account", "message": "who?"}, "doesn't accept WEBHOOK_SECRET (account: who?)"),
        (404, "<html>not here</html>", "WEBHOOK_URL doesn't point to the webhook"),
        (502, "<html>bad gateway</html>", "check WEBHOOK_URL"),
        (503, {"error": "busy"}, "check WEBHOOK_URL"),
    ],
)
async def test_the_check_says_what_is_wrong(
    server: MessengerServer, webhook: Webhook, status: int, body: object, complaint: str | None
) -> None:
    server.plan(answer(status, body))
    got = await webhook.check()
    assert got is None if complaint is None else complaint in (got or "")
    said = server.requests[0].json
    assert isinstance(said, dict)
    assert said["check"] is True


async def test_the_check_says_that_nobody_is_there() -> None:
    async with open_session(limit=1) as session:
        url = f"http://127.0.0.1:{closed_port()}"
        assert "Couldn't reach the webhook" in (
            await Webhook(Transport(session), url=url, secret=SECRET).check() or ""
        )


@pytest.fixture
async def in_sandbox(sandbox: Sandbox) -> AsyncIterator[Webhook]:
    async with open_session(limit=1) as session:
        variables = sandbox.environment()
        yield Webhook(Transport(session), url=variables["WEBHOOK_URL"], secret=variables["WEBHOOK_SECRET"])


async def test_a_message_appears_on_the_phone_of_the_sandbox(sandbox: Sandbox, in_sandbox: Webhook) -> None:
    got = await in_sandbox.send("customer-42", ORDER, "d-A7KQ-h0-0")
    (landed,) = await sandbox.delivered(messenger="webhook")
    assert (landed["recipient"], landed["text"], landed["message_id"]) == (
        "customer-42",
        "Hello",
        got.message_id,
    )
    phones = (await sandbox.call("GET", "state"))["phones"]
    (shown,) = next(one["messages"] for one in phones if one["id"] == "customer-42")
    assert shown["buttons"] == [{"text": "Shop", "url": "https://example.com"}]


@pytest.mark.parametrize(
    ("address", "content", "reason"),
    [("nobody", ORDER, Reason.NOT_FOUND), ("customer-42", Content(text=""), Reason.CONTENT)],
)
async def test_what_the_sandbox_refuses_is_refused(
    sandbox: Sandbox, in_sandbox: Webhook, address: str, content: Content, reason: Reason
) -> None:
    assert (await in_sandbox.send(address, content, "d-A7KQ-h0-0")).reason is reason
    assert await sandbox.delivered() == []


async def test_the_sandbox_checks_the_signature_and_can_be_told_to_fail(
    sandbox: Sandbox, in_sandbox: Webhook
) -> None:
    assert await in_sandbox.check() is None
    async with open_session(limit=1) as session:
        wrong = Webhook(Transport(session), url=f"{sandbox.url}/webhook", secret="wrong")
        assert (await wrong.send("customer-42", ORDER, "x")).outcome is Outcome.CONFIGURATION
    await sandbox.act("webhook", "customer-42", "leave")
    assert (await in_sandbox.send("customer-42", ORDER, "x")).reason is Reason.UNSUBSCRIBED
    for kind, outcome in (
        ("rate_limit", Outcome.RATE_LIMITED),
        ("blocked", Outcome.RECIPIENT_REFUSED),
        ("json_error", Outcome.UNKNOWN),
    ):
        await sandbox.fault("webhook", kind, times=1)
        assert (await in_sandbox.send("customer-42", ORDER, "x")).outcome is outcome
