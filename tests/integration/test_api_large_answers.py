"""Answers with a line per recipient are streamed, whatever their size, and are the same JSON as small ones."""

from __future__ import annotations

import json

from redis.asyncio import Redis

from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed
from tests.support.api_server import Api, Reply

PEOPLE = 2_000
BODY = "x" * 1_000


def order() -> dict[str, object]:
    services = ("telegram", "viber")
    people = [{"uuid": str(1000 + n), "service": services[n % 2]} for n in range(PEOPLE)]
    return {"body": BODY, "recipients": people}


def is_streamed(reply: Reply) -> bool:
    assert reply.headers["Content-Type"] == "application/json"
    return reply.headers.get("Transfer-Encoding") == "chunked" and "Content-Length" not in reply.headers


async def test_a_large_order_and_its_repetition_are_answered_in_a_stream_with_the_same_bytes(
    api: Api, store: Redis
) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "a-key"}
    data = json.dumps(order()).encode()
    first = await api.call("POST", "/send_message", data=data, headers=headers)
    assert is_streamed(first)
    lines = first.json["started"]
    assert [line.split()[3] for line in lines] == [str(1000 + n) for n in range(PEOPLE)]
    assert first.content == json.dumps(first.json, ensure_ascii=False).encode()
    again = await api.call("POST", "/send_message", data=data, headers=headers)
    assert is_streamed(again)
    assert again.content == first.content
    (key,) = await store.keys("ms:once:*")
    assert await store.hstrlen(key, "answer") < len(first.content) / 20


async def test_what_is_scheduled_and_finished_is_streamed_and_a_short_answer_is_whole(api: Api) -> None:
    short = await api.send("Hi", ("1", "viber"), send_at="2037-06-01 18:30:00")
    assert not is_streamed(short)
    await api.post({**order(), "send_at": "2037-06-01 18:30:00"})
    scheduled = await api.get("/get_scheduled")
    assert is_streamed(scheduled)
    assert len(scheduled.json["scheduled"]) == PEOPLE + 1
    await api.deliver({"1000": Failed(Reason.BLOCKED), "1001": Failed(Reason.UNSUBSCRIBED)})
    finished = await api.get("/get_finished")
    assert is_streamed(finished)
    assert {name: len(lines) for name, lines in finished.json.items()} == {
        "finished_main": 0,
        "finished_scheduled": PEOPLE - 1,
        "finished_with_fail": 2,
    }


async def test_the_days_of_trying_again_are_taken_and_bounded(api: Api) -> None:
    wanted = {"body": "Hi", "recipients": [{"uuid": "+12025550199", "service": "whatsapp"}]}
    assert (await api.post({**wanted, "try_again_days": 3})).status == 200
    (waiting,) = [one async for one in api.core.broadcasts.each_scheduled()]
    assert waiting.try_again_days == 3
    for wrong in (-1, 15, "often"):
        refused = await api.post({**wanted, "try_again_days": wrong})
        assert refused.status == 400
        assert refused.error.startswith("try_again_days ")
