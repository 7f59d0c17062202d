"""The fake WhatsApp Cloud API over real HTTP."""

from typing import Any

import pytest

from tests.support.sandbox_server import WHATSAPP_PHONE_NUMBER_ID, WHATSAPP_TOKEN, Sandbox

Json = dict[str, Any]
ALICE = "+12025550123"


async def send(
    sandbox: Sandbox, body: object, token: str = WHATSAPP_TOKEN, sender: str = WHATSAPP_PHONE_NUMBER_ID
) -> tuple[int, Json]:
    """POST /messages: HTTP status and answer."""
    headers = {"Authorization": f"Bearer {token}"}
    async with sandbox.http.post(
        f"{sandbox.whatsapp_url}/{sender}/messages", json=body, headers=headers
    ) as response:
        answer: Json = await response.json()
        return response.status, answer


def text(body: object, to: str = ALICE, **more: object) -> Json:
    """A text message as the Cloud API takes it."""
    return {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": body}, **more}


async def test_a_text_lands_and_the_answer_names_it(sandbox: Sandbox) -> None:
    status, answer = await send(sandbox, text("Hello 😀"))
    assert status == 200
    assert answer["messaging_product"] == "whatsapp"
    assert answer["contacts"] == [{"input": ALICE, "wa_id": "12025550123"}]
    (landed,) = await sandbox.delivered(messenger="whatsapp")
    assert (landed["recipient"], landed["text"]) == (ALICE, "Hello 😀")
    assert landed["message_id"] == answer["messages"][0]["id"]
    assert landed["message_id"].startswith("wamid.")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (["no object"], 100),
        (text("a") | {"messaging_product": "sms"}, 100),
        (text("a", recipient_type="group"), 100),
        (text("a", to=""), 100),
        (text(" "), 100),
        (text("half \ud83d"), 100),
        (text(None), 100),
        (text("x" * 4097), 100),
        (text("a", biz_opaque_callback_data="x" * 513), 100),
        (text("a", type="dance"), 131051),
        (text("a", to="+12025550199"), 131026),
        (text("a", to="+4915112345678"), 131026),
        (text("a", to="12025550123"), 131026),
        (text("a", to="+12025550147"), 131047),
    ],
)
async def test_what_the_cloud_api_refuses_is_refused(sandbox: Sandbox, body: object, code: int) -> None:
    status, answer = await send(sandbox, body)
    error = answer["error"]
    assert (status, error["code"], error["type"]) == (400, code, "OAuthException")
    assert error["error_data"]["details"]
    assert await sandbox.delivered() == []


async def test_the_account_is_checked(sandbox: Sandbox) -> None:
    status, answer = await send(sandbox, text("a"), token="wrong")
    assert (status, answer["error"]["code"]) == (401, 190)
    status, answer = await send(sandbox, text("a"), sender="999")
    assert (status, answer["error"]["code"]) == (400, 33)


async def test_numbers_may_be_written_with_spaces_and_the_longest_text_passes(sandbox: Sandbox) -> None:
    status, answer = await send(
        sandbox, text("x" * 4096, to="+1 (202) 555-0124", recipient_type="individual")
    )
    assert (status, answer["contacts"][0]["wa_id"]) == (200, "12025550124")


async def test_people_close_and_open_the_window_and_block(sandbox: Sandbox) -> None:
    codes = []
    for action in ("leave", "start", "block", "unblock"):
        await sandbox.act("whatsapp", ALICE, action)
        _, answer = await send(sandbox, text("a"))
        codes.append(answer.get("error", {}).get("code", 0))
    assert codes == [131047, 0, 131026, 0]
