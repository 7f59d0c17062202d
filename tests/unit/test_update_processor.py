"""Order of updates: per person, never across people."""

from __future__ import annotations

import asyncio

import pytest
from telegram import Update

from bot.telegram.update_processor import MOST_AT_ONCE, MOST_PER_PERSON, PerUserUpdateProcessor


def written(number: int, person: int) -> Update:
    """A message of somebody in their private chat."""
    user = {"id": person, "is_bot": False, "first_name": "Ann"}
    chat = {"id": person, "type": "private"}
    message = {"message_id": number, "date": 0, "chat": chat, "from": user, "text": "hello"}
    return Update.de_json({"update_id": number, "message": message}, None)


async def test_whoever_floods_the_bot_waits_for_themselves_alone() -> None:
    """A stranger with more messages than are handled at once holds up no admin."""
    processor, answered = PerUserUpdateProcessor(), asyncio.Event()
    served = asyncio.Event()

    async def serve() -> None:
        served.set()

    waiting = [
        asyncio.create_task(processor.process_update(written(number, 1), answered.wait()))
        for number in range(1, MOST_AT_ONCE + 20)
    ]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await processor.process_update(written(9_999, 2), serve())
        assert served.is_set()
        assert not any(one.done() for one in waiting)
        answered.set()
        await asyncio.gather(*waiting)


async def test_what_one_person_does_happens_in_its_order() -> None:
    processor, done = PerUserUpdateProcessor(), list[int]()

    async def act(number: int) -> None:
        await asyncio.sleep(0)
        done.append(number)

    await asyncio.gather(
        *(processor.process_update(written(number, 1), act(number)) for number in range(1, 20))
    )
    assert done == list(range(1, 20))


async def test_updates_of_one_person_beyond_a_bound_are_dropped(caplog: pytest.LogCaptureFixture) -> None:
    processor, gate, done = PerUserUpdateProcessor(), asyncio.Event(), list[int]()

    async def act(number: int) -> None:
        await gate.wait()
        done.append(number)

    waiting = [
        asyncio.create_task(processor.process_update(written(number, 1), act(number)))
        for number in range(MOST_PER_PERSON + 20)
    ]
    await asyncio.sleep(0)
    await asyncio.gather(*waiting[MOST_PER_PERSON:])
    gate.set()
    await asyncio.gather(*waiting)
    assert done == list(range(MOST_PER_PERSON))
    assert len(caplog.records) == 1
