"""The fake Viber API over real HTTP."""

from typing import Any

import pytest

from tests.support.sandbox_server import VIBER_TOKEN, Sandbox

Json = dict[str, Any]


async def call(sandbox: Sandbox, method: str, body: object, token: str | None = VIBER_TOKEN) -> Json:
    """A call to Viber, which answers HTTP 200 whatever it thinks of it."""
    headers = {} if token is None else {"X-Viber-Auth-Token": token}
    async with sandbox.http.post(f"{sandbox.viber_url}/pa/{method}", json=body, headers=headers) as response:
        assert response.status == 200
        answer: Json = await response.json()
        return answer


def text(content: object, receiver: str = "alice", **more: object) -> Json:
    """A text message as Viber takes it."""
    return {"receiver": receiver, "type": "text", "text": content, "sender": {"name": "Shop"}, **more}


async def test_a_text_lands_and_the_token_is_a_long_integer(sandbox: Sandbox) -> None:
    answer = await call(sandbox, "send_message", text("Hello"))
    assert (answer["status"], answer["status_message"]) == (0, "ok")
    assert isinstance(answer["message_token"], int)
    assert answer["message_token"] > 2**53
    (landed,) = await sandbox.delivered(messenger="viber", recipient="alice")
    assert (landed["text"], landed["message_id"]) == ("Hello", str(answer["message_token"]))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (["no object"], 3),
        ({}, 4),
        (text("a", receiver=""), 4),
        (text(""), 4),
        (text("a", sender={}), 4),
        (text(5), 3),
        (text("half \ud83d"), 3),
        (text("a", type="sticker"), 3),
        (text("a", type="picture"), 4),
        (text("a", type="picture", media="https://example.com/a.pdf"), 3),
        (text("x" * 513, type="picture", media="https://example.com/a.jpg"), 3),
        (text("", type="file", media="https://example.com/a.pdf", file_name="a.pdf"), 4),
        (text("", type="file", media="https://example.com/a.pdf", file_name="a.pdf", size=52_428_801), 3),
        (text("", type="video", media="https://example.com/a.avi", size=1), 3),
        (text("", type="url", media="example.com"), 3),
        (text("a", keyboard={"Type": "keyboard", "Buttons": []}), 3),
        (text("a", keyboard={"Type": "keyboard", "Buttons": [{"ActionType": "reply"}]}), 3),
        (text("x" * 7001), 3),
        (text("я" * 7000), 3),
        (text("a", sender={"name": "n" * 29}), 3),
        (text("a", tracking_data="t" * 4097), 3),
        (text("a", receiver="nobody"), 5),
        (text("a", receiver="carol"), 6),
    ],
)
async def test_what_viber_refuses_is_refused(sandbox: Sandbox, body: object, status: int) -> None:
    """7,000 Cyrillic letters are too much only because the JSON here writes them as escapes: over 30 KB."""
    assert (await call(sandbox, "send_message", body))["status"] == status
    assert await sandbox.delivered() == []


async def test_the_token_is_checked(sandbox: Sandbox) -> None:
    assert (await call(sandbox, "send_message", text("a"), token="wrong"))["status"] == 2
    missing = await call(sandbox, "get_account_info", {}, token=None)
    assert (missing["status"], missing["status_message"]) == (2, "missing_auth_token")
    assert (await call(sandbox, "get_account_info", {}))["status"] == 0


async def test_a_webhook_must_answer_and_without_one_nothing_is_sent(sandbox: Sandbox) -> None:
    assert (await call(sandbox, "set_webhook", {"url": f"{sandbox.url}/sandbox/nowhere"}))["status"] == 1
    assert (await call(sandbox, "set_webhook", {"url": ""}))["status"] == 0
    assert (await call(sandbox, "send_message", text("a")))["status"] == 10
    # Any address that answers a POST with 200 will do: this one is the fake's own.
    assert (await call(sandbox, "set_webhook", {"url": f"{sandbox.viber_url}/pa/get_account_info"}))[
        "status"
    ] == 0
    assert (await call(sandbox, "send_message", text("a")))["status"] == 0


async def test_people_unsubscribe_and_come_back(sandbox: Sandbox) -> None:
    await sandbox.act("viber", "alice", "block")
    assert (await call(sandbox, "send_message", text("a")))["status"] == 6
    await sandbox.act("viber", "alice", "start")
    assert (await call(sandbox, "send_message", text("a")))["status"] == 0
