"""The sandbox's faults, crowds and books, on all three messengers."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.core import until
from tests.support.sandbox_server import TELEGRAM_TOKEN, VIBER_TOKEN, WHATSAPP_TOKEN, Sandbox, sandbox_process

Json = dict[str, Any]
RECIPIENTS = {"telegram": "1001", "whatsapp": "+12025550123", "viber": "alice"}


async def send(sandbox: Sandbox, messenger: str, to: str = "", text: str = "Hello") -> tuple[int, str, str]:
    """Sends a text; returns HTTP status, body and Retry-After header."""
    to = to or RECIPIENTS[messenger]
    requests: dict[str, tuple[str, dict[str, str], Json]] = {
        "telegram": (
            f"{sandbox.telegram_url}/bot{TELEGRAM_TOKEN}/sendMessage",
            {},
            {"chat_id": to, "text": text},
        ),
        "whatsapp": (
            f"{sandbox.whatsapp_url}/100200300/messages",
            {"Authorization": f"Bearer {WHATSAPP_TOKEN}"},
            {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": text}},
        ),
        "viber": (
            f"{sandbox.viber_url}/pa/send_message",
            {"X-Viber-Auth-Token": VIBER_TOKEN},
            {"receiver": to, "type": "text", "text": text, "sender": {"name": "Shop"}},
        ),
    }
    url, headers, body = requests[messenger]
    async with sandbox.http.post(url, headers=headers, json=body) as response:
        return response.status, await response.text(), response.headers.get("Retry-After", "")


def code_in(messenger: str, body: str) -> int:
    """The messenger's own code in an answer; 0 for success."""
    answer = json.loads(body)
    if messenger == "telegram":
        return int(answer.get("error_code", 0))
    return int(answer.get("error", {}).get("code", 0) if messenger == "whatsapp" else answer["status"])


every_messenger = pytest.mark.parametrize("messenger", ["telegram", "whatsapp", "viber"])


@every_messenger
async def test_refusals_come_in_the_messengers_own_words(sandbox: Sandbox, messenger: str) -> None:
    expected = {
        "telegram": {"rate_limit": (429, 429), "blocked": (403, 403), "json_error": (500, 500)},
        "whatsapp": {"rate_limit": (400, 130429), "blocked": (400, 131026), "json_error": (500, 131000)},
        "viber": {"rate_limit": (200, 12), "blocked": (200, 6), "json_error": (500, 99)},
    }[messenger]
    for kind, (status, code) in expected.items():
        await sandbox.fault(messenger, kind, times=1, retry_after=7)
        got_status, body, retry_after = await send(sandbox, messenger)
        assert (got_status, code_in(messenger, body)) == (status, code)
        assert retry_after == ("7" if (messenger, kind) == ("telegram", "rate_limit") else "")
    assert await sandbox.delivered() == []
    assert (await send(sandbox, messenger))[0] == 200


@every_messenger
async def test_a_connection_drops_before_or_after_the_effect(sandbox: Sandbox, messenger: str) -> None:
    for kind, landed in (("drop_before", 0), ("drop_after", 1)):
        await sandbox.fault(messenger, kind, times=1)
        with pytest.raises(aiohttp.ClientError):
            await send(sandbox, messenger)
        assert len(await sandbox.delivered(messenger=messenger)) == landed
    assert [entry["status"] for entry in await sandbox.calls(messenger=messenger)] == [0, 0]


@every_messenger
async def test_broken_answers(sandbox: Sandbox, messenger: str) -> None:
    """HTML with 5xx leaves nothing behind unless told so; broken JSON with 200 means it landed."""
    await sandbox.fault(messenger, "html_error", times=1, status=503)
    status, body, _ = await send(sandbox, messenger)
    assert (status, body[:6]) == (503, "<html>")
    assert await sandbox.delivered() == []
    await sandbox.fault(messenger, "html_error", times=1, effect=True)
    assert (await send(sandbox, messenger))[0] == 502
    await sandbox.fault(messenger, "invalid_json", times=1)
    status, body, _ = await send(sandbox, messenger)
    assert status == 200
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(body)
    assert len(await sandbox.delivered()) == 2


async def test_any_error_can_be_spelt_out(sandbox: Sandbox) -> None:
    await sandbox.fault(
        "telegram", "error", status=400, description="group chat was upgraded to a supergroup chat",
        parameters={"migrate_to_chat_id": -1005},
    )  # fmt: skip
    await sandbox.fault("whatsapp", "error", status=403, code=131031, description="Account has been locked")
    await sandbox.fault("viber", "error", code=7, description="publicAccountBlocked")
    assert json.loads((await send(sandbox, "telegram"))[1])["parameters"] == {"migrate_to_chat_id": -1005}
    status, body, _ = await send(sandbox, "whatsapp")
    assert (status, code_in("whatsapp", body)) == (403, 131031)
    assert code_in("viber", (await send(sandbox, "viber"))[1]) == 7


async def test_a_fault_hits_only_what_it_is_meant_for(sandbox: Sandbox) -> None:
    await sandbox.fault("telegram", "blocked", method="sendmessage", recipient="1001", text="spam")
    statuses = [
        (await send(sandbox, "telegram", to, text))[0]
        for to, text in (("1001", "some spam"), ("1001", "ham"), ("1002", "some spam"))
    ]
    assert statuses == [403, 200, 200]
    async with sandbox.http.post(f"{sandbox.telegram_url}/bot{TELEGRAM_TOKEN}/getMe") as response:
        assert response.status == 200


async def test_a_share_of_calls_is_hit_the_same_way_for_the_same_seed(sandbox: Sandbox) -> None:
    async def pattern() -> list[int]:
        await sandbox.fault("viber", "rate_limit", share=0.5, seed=7)
        codes = [code_in("viber", (await send(sandbox, "viber"))[1]) for _ in range(40)]
        await sandbox.clear_faults()
        return codes

    first, second = await pattern(), await pattern()
    assert first == second
    assert 8 <= first.count(12) <= 32


async def test_a_delay_holds_the_answer_back_and_goes_with_other_faults(sandbox: Sandbox) -> None:
    await sandbox.fault("telegram", "delay", ms=300)
    await sandbox.fault("telegram", "blocked", times=1)
    started = time.monotonic()
    assert (await send(sandbox, "telegram"))[0] == 403
    assert time.monotonic() - started >= 0.3


async def test_a_limit_refuses_what_comes_too_fast(sandbox: Sandbox) -> None:
    await sandbox.limits(telegram={"messages_per_second": 0.01, "burst": 2})
    assert [(await send(sandbox, "telegram"))[0] for _ in range(3)] == [200, 200, 429]
    assert (await send(sandbox, "viber"))[0] == 200
    await sandbox.limits(telegram=None)
    assert (await send(sandbox, "telegram"))[0] == 200


async def test_a_fault_that_makes_no_sense_is_refused(sandbox: Sandbox) -> None:
    for nonsense in ({"kind": "sunshine"}, {"kind": "delay", "share": 2}, {"kind": "delay", "colour": "red"}):
        async with sandbox.http.post(
            f"{sandbox.url}/sandbox/faults", json={"messenger": "viber", **nonsense}
        ) as response:
            assert response.status == 400
            assert (await response.json())["error"]


@pytest.mark.parametrize("messenger", ["telegram", "webhook"])
async def test_who_reports_nothing_cannot_be_told_to_report_a_failure_later(
    sandbox: Sandbox, messenger: str
) -> None:
    with pytest.raises(AssertionError, match="only WhatsApp and Viber report failures later"):
        await sandbox.fault(messenger, "fail_later", code=1)


@every_messenger
async def test_a_crowd_is_healthy_and_the_books_count_duplicates(sandbox: Sandbox, messenger: str) -> None:
    crowd = await sandbox.crowd(messenger, 100_000)
    for to in (crowd["first"], crowd["last"], crowd["last"]):
        assert code_in(messenger, (await send(sandbox, messenger, to))[1]) == 0
    books = await sandbox.books()
    assert (books["delivered"][messenger], books["recipients"][messenger]) == (3, 2)
    assert books["duplicates"] == [
        {"messenger": messenger, "recipient": crowd["last"], "text": "Hello", "times": 2}
    ]
    phones = (await sandbox.call("GET", "state"))["phones"]
    assert crowd["last"] in [phone["id"] for phone in phones]
    assert len([phone for phone in phones if phone["name"].startswith("Crowd")]) == 1


async def test_a_restart_keeps_chats_buttons_and_waiting_updates(tmp_path: Path) -> None:
    """The process ends cleanly on SIGTERM, even with the event stream open."""
    state = tmp_path / "sandbox.json"
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    async with sandbox_process(state) as first:
        bot = f"{first.telegram_url}/bot{TELEGRAM_TOKEN}"
        body = {"chat_id": 100, "text": "Sure?", "reply_markup": keyboard}
        async with first.http.post(f"{bot}/sendMessage", json=body) as response:
            message_id = (await response.json())["result"]["message_id"]
        await send(first, "viber")
        await first.act("telegram", "1001", "block")
        await first.send_file("a.txt", b"kept")
        async with first.http.get(f"{bot}/getUpdates") as response:
            waiting = (await response.json())["result"]
        offset = waiting[-1]["update_id"]
        poll = asyncio.create_task(_updates(first, offset + 1))
        async with first.http.get(f"{first.url}/sandbox/events") as events:
            await events.content.readany()
        await first.say("not yet seen")
        assert [update["message"]["text"] for update in await poll] == ["not yet seen"]
        await first.say("waits")
        assert [update["message"]["text"] for update in await _updates(first, offset + 2)] == ["waits"]
    async with sandbox_process(state) as second:
        assert (await send(second, "telegram"))[0] == 403
        waits = [update for update in await _updates(second, 0) if "message" in update]
        assert [update["message"]["text"] for update in waits] == ["waits"]
        assert waits[0]["update_id"] > offset + 1
        await second.press(message_id, "Yes")
        file_id = (await second.messages())[1]["document"]["file_id"]
        async with second.http.get(f"{second.url}/sandbox/files/{file_id}") as response:
            assert await response.read() == b"kept"
        phones = (await second.call("GET", "state"))["phones"]
        viber = next(phone for phone in phones if (phone["messenger"], phone["id"]) == ("viber", "alice"))
        assert [message["text"] for message in viber["messages"]] == ["Hello"]


async def _updates(sandbox: Sandbox, offset: int) -> list[Json]:
    address = f"{sandbox.telegram_url}/bot{TELEGRAM_TOKEN}/getUpdates"
    async with sandbox.http.get(address, params={"offset": offset, "timeout": 50}) as response:
        updates: list[Json] = (await response.json())["result"]
        return updates


async def test_a_call_whose_caller_has_gone_is_one_that_nobody_got_the_answer_of(sandbox: Sandbox) -> None:
    address = str((await sandbox.crowd("telegram", 1))["first"])
    await sandbox.fault("telegram", "delay", ms=200, method="sendMessage")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await sandbox.telegram("sendMessage", chat_id=address, text="Hi")

    async def is_in_the_books() -> list[Json]:
        return await sandbox.calls(method="sendMessage")

    await until(is_in_the_books)
    (call,) = await is_in_the_books()
    assert (call["status"], call["account"]) == (0, TELEGRAM_TOKEN.partition(":")[0])
    assert len(await sandbox.delivered(text="Hi")) == 1
