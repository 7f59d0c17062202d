"""The lists and the clean slate, over real HTTP against a real store."""

from __future__ import annotations

import asyncio
import shutil

import pytest

from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed, Unknown
from tests.support.api_server import PASSWORD, USER, Api

FUTURE = "2037-06-01 18:30:00"
NOTHING = b'{"finished_main": [], "finished_scheduled": [], "finished_with_fail": []}'


async def test_the_lists_are_empty_at_first(api: Api) -> None:
    scheduled, finished = await api.get("/get_scheduled"), await api.get("/get_finished")
    assert (scheduled.status, scheduled.content) == (200, b'{"scheduled": []}')
    assert (finished.status, finished.content) == (200, NOTHING)


async def test_what_waits_for_its_time_is_listed_soonest_first(api: Api) -> None:
    later = await api.send("Later", ("1", "telegram"), ("2", "telegram"), send_at="2037-06-02 00:00:00")
    sooner = await api.send("Sooner", ("1", "viber"), send_at="2037-06-01 00:00:00")
    await api.send("Now", ("1", "telegram"))
    listed = (await api.get("/get_scheduled")).json
    assert listed == {"scheduled": sooner.json["scheduled"] + later.json["scheduled"]}


async def test_what_has_finished_is_listed_by_how_it_went(api: Api) -> None:
    now = await api.send("Now", ("1", "telegram"), ("blocked", "viber"), ("lost", "viber"))
    planned = await api.send("Planned", ("2", "telegram"), ("1", "whatsapp"), send_at=FUTURE)
    await api.deliver({"blocked": Failed(Reason.BLOCKED), "lost": Unknown(Reason.NO_ANSWER)})
    finished = await api.get("/get_finished")
    assert list(finished.json) == ["finished_main", "finished_scheduled", "finished_with_fail"]
    assert finished.json == {
        "finished_main": now.json["started"][:1],
        "finished_scheduled": planned.json["scheduled"],
        "finished_with_fail": now.json["started"][1:],
    }
    assert (await api.get("/get_scheduled")).json == {"scheduled": []}


async def test_why_somebody_was_not_reached_is_told_in_words_to_who_asks(api: Api) -> None:
    sent = await api.send("Now", ("1", "telegram"), ("blocked", "viber"), ("lost", "viber"))
    await api.deliver({"blocked": Failed(Reason.BLOCKED), "lost": Unknown(Reason.NO_ANSWER)})
    plain, asked = await api.get("/get_finished"), await api.get("/get_finished?reasons=true")
    reasons = asked.json.pop("reasons")
    assert list(plain.json) == ["finished_main", "finished_scheduled", "finished_with_fail"]
    blocked, lost = sent.json["started"][1:]
    assert reasons == [
        {
            "line": blocked,
            "uuid": "blocked",
            "service": "viber",
            "state": "failed",
            "reason": "blocked",
            "reason_in_words": "blocked the bot",
        },
        {
            "line": lost,
            "uuid": "lost",
            "service": "viber",
            "state": "unknown",
            "reason": "no_answer",
            "reason_in_words": "the messenger's answer was unclear. It may have arrived",
        },
    ]
    assert (await api.get("/get_finished?reasons=perhaps")).status == 400


async def test_what_a_running_broadcast_has_done_so_far_is_listed(api: Api) -> None:
    sent = await api.send("Hello", ("1001", "telegram"), ("1002", "telegram"))
    await api.deliver_some(1)
    finished = (await api.get("/get_finished")).json
    assert finished["finished_main"] == sent.json["started"][:1]
    assert await api.core.broadcasts.running() != []


async def test_what_was_cancelled_before_it_was_sent_is_in_no_list(api: Api) -> None:
    await api.send("Never", ("1", "telegram"), send_at=FUTURE)
    (broadcast,) = (await api.core.broadcasts.scheduled()).items
    await api.core.broadcasts.cancel(broadcast.id)
    assert (await api.get("/get_scheduled")).json == {"scheduled": []}
    assert (await api.get("/get_finished")).content == NOTHING


async def test_a_list_holds_every_recipient_of_long_broadcasts(api: Api) -> None:
    phones = [f"+1202555{number:04}" for number in range(1234)]
    sent = await api.send("Hello", *((phone, "whatsapp") for phone in phones), send_at=FUTURE)
    assert (await api.get("/get_scheduled")).json == {"scheduled": sent.json["scheduled"]}


async def test_delete_all_deletes_finished_and_failed_messages_and_no_others(api: Api) -> None:
    await api.send("Done", ("1", "telegram"))
    await api.send("Failed", ("1002", "telegram"))
    await api.deliver({"1002": Failed(Reason.UNREACHABLE)})
    await api.send("Runs", ("1001", "telegram"))
    await api.deliver_some(0)
    waiting = (await api.send("Waits", ("1", "telegram"), send_at=FUTURE)).json["scheduled"]
    running = [one.id for one in await api.core.broadcasts.running()]
    assert len(running) == 1
    assert (await api.get("/get_finished")).content != NOTHING
    reply = await api.call("DELETE", "/delete_all")
    assert (reply.status, reply.content) == (200, b'"Success"')
    assert (await api.get("/get_finished")).content == NOTHING
    assert (await api.get("/get_scheduled")).json == {"scheduled": waiting}
    assert [one.id for one in await api.core.broadcasts.running()] == running
    assert (await api.call("DELETE", "/delete_all")).content == b'"Success"'


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed here")
async def test_the_four_calls_work_as_typed_with_curl(api: Api) -> None:
    people = '[{"uuid": "1", "service": "whatsapp"}, {"uuid": "2", "service": "telegram"}]'
    order = f'{{"body": "Hello", "recipients": {people}}}'
    sent = await curl(
        "-X", "POST", "-H", "Content-Type: application/json", "-d", order, f"{api.url}/send_message"
    )
    assert sent.startswith('{"scheduled": [], "started": ["Message to user: 1 with body: Hello Queued at ')
    assert await curl(f"{api.url}/get_scheduled") == '{"scheduled": []}'
    assert await curl(f"{api.url}/get_finished") == NOTHING.decode()
    assert await curl("-X", "DELETE", f"{api.url}/delete_all") == '"Success"'


async def curl(*arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        "curl", "-s", "-u", f"{USER}:{PASSWORD}", *arguments, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()
