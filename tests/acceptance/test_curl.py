"""The HTTP API of the running product, spoken to by curl itself."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from tests.acceptance.product import Product, eventually

CURL: Final = shutil.which("curl")
README: Final = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
FORM: Final = "%Y-%m-%d %H:%M:%S"
LINE: Final = r"Message to user: {} with body: {} Queued at \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d to messenger: {}"

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(CURL is None, reason="no curl here"),
]


async def curl(
    product: Product, path: str, *arguments: str, user: str = "admin:sandbox-password"
) -> tuple[int, str]:
    """Status and body, with headers when `-i` is among the arguments."""
    process = await asyncio.create_subprocess_exec(
        CURL or "curl", "-s", "-u", user, "-w", "\n%{http_code}", *arguments, f"{product.api_url}{path}",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate()
    body, _, status = output.decode().rpartition("\n")
    return int(status), body


async def send(product: Product, text: str, *people: tuple[str, str], **more: str) -> tuple[int, Any]:
    """POST /send_message to (uuid, service) pairs."""
    recipients = [{"uuid": uuid, "service": service} for uuid, service in people]
    order = json.dumps({"body": text, "recipients": recipients, **more})
    status, body = await curl(
        product, "/send_message", "-X", "POST", "-H", "Content-Type: application/json", "-d", order
    )
    return status, json.loads(body)


async def listed(product: Product, path: str) -> Any:  # noqa: ANN401 - any JSON
    status, body = await curl(product, path)
    assert status == 200
    return json.loads(body)


async def test_an_order_by_contact_ids_arrives_and_is_listed_as_finished(product: Product) -> None:
    """The original's line: contacts 1 and 2, which the sandbox is seeded with."""
    status, answer = await send(product, "Hello", ("1", "telegram"), ("2", "viber"))
    assert status == 200
    assert answer["scheduled"] == []
    first, second = answer["started"]
    assert re.fullmatch(LINE.format("1", "Hello", "telegram"), first)
    assert re.fullmatch(LINE.format("2", "Hello", "viber"), second)

    async def landed() -> bool:
        texts = [await product.sandbox.delivered(recipient=address) for address in ("1001", "bob")]
        return [[one["text"] for one in each] for each in texts] == [["Hello"], ["Hello"]]

    async def reported() -> bool:
        finished = await listed(product, "/get_finished")
        return {first, second} <= set(finished["finished_main"])

    await eventually(landed)
    await eventually(reported)


async def test_an_order_for_later_is_started_at_its_time(product: Product) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=4)).strftime(FORM)
    status, answer = await send(product, "On time", ("+12025550123", "whatsapp"), send_at=soon)
    assert (status, answer["started"]) == (200, [])
    assert answer["scheduled"] == (await listed(product, "/get_scheduled"))["scheduled"]

    async def done() -> bool:
        finished = await listed(product, "/get_finished")
        return bool(set(answer["scheduled"]) <= set(finished["finished_scheduled"]))

    await eventually(done)
    (message,) = await product.sandbox.delivered(messenger="whatsapp", text="On time")
    assert datetime.fromtimestamp(float(message["at"]), UTC).strftime(FORM) >= soon
    assert (await listed(product, "/get_scheduled"))["scheduled"] == []


async def test_who_did_not_get_it_is_listed_apart(product: Product) -> None:
    _, answer = await send(product, "Not there", ("+12025550199", "whatsapp"))

    async def reported() -> bool:
        finished = await listed(product, "/get_finished")
        return answer["started"][0] in finished["finished_with_fail"]

    await eventually(reported)


async def test_wrong_orders_are_refused_whole(product: Product) -> None:
    """A past date, an unknown messenger, a contact nobody knows, a text too long for one of them, no text, nobody."""
    past = {"send_at": "2020-01-01 00:00:00"}
    assert await send(product, "Wrong", ("1001", "telegram"), **past) == (
        400,
        {"error": "Date must be in a future!"},
    )
    for people, text, part in (
        ((("1001", "telegram"), ("1", "fax")), "Wrong", "fax"),
        ((("1001", "telegram"), ("77", "whatsapp")), "Wrong", "77"),
        ((("alice", "viber"), ("1001", "telegram")), "Wrong" * 1000, "4,096"),
        ((("1001", "telegram"),), "", "The text is empty."),
        ((), "Wrong", "Add at least one recipient"),
    ):
        status, answer = await send(product, text, *people)
        assert status == 400
        assert part in answer["error"]
    assert await product.sandbox.delivered(text="Wrong") == []


async def test_nobody_enters_without_the_password(product: Product) -> None:
    status, answer = await curl(product, "/get_scheduled", "-i", user="admin:guess")
    assert status == 401
    assert 'www-authenticate: basic realm="authentication required"' in answer.lower()
    assert answer.endswith('{"error": "Unauthorized access"}')


async def test_delete_all_deletes_what_has_ended_and_leaves_what_waits(product: Product) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime(FORM)
    await send(product, "Waits", ("1", "telegram"), send_at=tomorrow)
    scheduled = await listed(product, "/get_scheduled")
    assert await curl(product, "/delete_all", "-X", "DELETE") == (200, '"Success"')
    assert await listed(product, "/get_scheduled") == scheduled
    assert await listed(product, "/get_finished") == {
        "finished_main": [],
        "finished_scheduled": [],
        "finished_with_fail": [],
    }
    assert await product.sandbox.delivered(text="Waits") == []


async def test_the_calls_in_the_readme_work_as_written(product: Product) -> None:
    shown = README.partition("## For programs: HTTP")[2]
    calls = shown.partition("```sh\n")[2].partition("```")[0].replace("\\\n", " ").strip().splitlines()
    assert len(calls) >= 4
    for call in calls:
        command = ["-sS", *shlex.split(call.replace("http://127.0.0.1:5000", product.api_url))[1:]]
        process = await asyncio.create_subprocess_exec(
            CURL or "curl", *command, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
        assert process.returncode == 0
        assert "error" not in output.decode()
        json.loads(output)
