"""The sandbox's service behind the webhook, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.domain.content.content import Button, Content
from core.domain.messengers.outcome import Outcome, Reason
from tests.support.sandbox_server import Sandbox
from workers.messengers.transport import Transport, open_session
from workers.messengers.webhook import Webhook

HELLO = Content(text="Hello", buttons=((Button("Shop", "https://example.com"),),))


@pytest.fixture
async def webhook(sandbox: Sandbox) -> AsyncIterator[Webhook]:
    async with open_session(limit=1) as session:
        variables = sandbox.environment()
        yield Webhook(Transport(session), url=variables["WEBHOOK_URL"], secret=variables["WEBHOOK_SECRET"])


async def test_a_message_stands_on_the_phone(sandbox: Sandbox, webhook: Webhook) -> None:
    got = await webhook.send("customer-42", HELLO, "d-A7KQ-h0-0")
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
    [("nobody", HELLO, Reason.NOT_FOUND), ("customer-42", Content(text=""), Reason.CONTENT)],
)
async def test_what_it_refuses_is_refused(
    sandbox: Sandbox, webhook: Webhook, address: str, content: Content, reason: Reason
) -> None:
    assert (await webhook.send(address, content, "d-A7KQ-h0-0")).reason is reason
    assert await sandbox.delivered() == []


async def test_it_checks_the_signature_and_can_be_told_to_fail(sandbox: Sandbox, webhook: Webhook) -> None:
    assert await webhook.check() is None
    async with open_session(limit=1) as session:
        wrong = Webhook(Transport(session), url=f"{sandbox.url}/webhook", secret="wrong")
        assert (await wrong.send("customer-42", HELLO, "x")).outcome is Outcome.CONFIGURATION
    await sandbox.act("webhook", "customer-42", "leave")
    assert (await webhook.send("customer-42", HELLO, "x")).reason is Reason.UNSUBSCRIBED
    for kind, outcome in (
        ("rate_limit", Outcome.RATE_LIMITED),
        ("blocked", Outcome.RECIPIENT_REFUSED),
        ("json_error", Outcome.UNKNOWN),
    ):
        await sandbox.fault("webhook", kind, times=1)
        assert (await webhook.send("customer-42", HELLO, "x")).outcome is outcome
