"""Every list of tests/support/list_cases.py through the real bot, started once: what is asked, read and left out.

The lists are read in this process: tests/integration/test_file_reading.py tests the process of their own.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from core.domain.recipients import people_in
from core.files import file_reader, reader_process
from tests.support.bot import World, data_of, labels, running_bot
from tests.support.list_cases import CASES, REFUSED, Case
from tests.support.list_files import DATA, data

Json = dict[str, Any]


async def _read_here(_module: str, order: bytes) -> bytes:
    head, _newline, data = order.partition(b"\n")
    answer = await asyncio.to_thread(reader_process.answer, json.loads(head), data)
    return json.dumps(answer).encode()


async def test_every_list_is_read_right_in_the_chat(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_reader, "run_module", _read_here)
    wrong: dict[str, str] = {}
    async with running_bot(redis_url) as world:
        await world.core.subscribers.subscribe(1001, "Ann Lee", username="Ann_Lee")
        for name, case in CASES.items():
            try:
                await _is_read_right(world, name, case)
            except (AssertionError, StopIteration) as error:
                wrong[name] = str(error)[:300]
        # A text that is no list may be a document to send.
        for name, sentence in {**REFUSED, "x19-whatsapp-chat-export": "Send this to people?"}.items():
            sent = await world.sandbox.send_file(_file_name(name), data(name))
            answer = await _answer(world, int(sent["message_id"]))
            if sentence not in answer["text"]:
                wrong[name] = answer["text"]
    assert wrong == {}


async def _is_read_right(world: World, name: str, case: Case) -> None:
    sent = await world.sandbox.send_file(_file_name(name), data(name))
    card = await _answer(world, int(sent["message_id"]))
    people = list(case.people)
    for label in case.asked.values():
        card = await _tap(world, card, _in_the_chat(label))
    if "24-usernames-of-people" in name:
        card = await _tap(world, card, "Yes, to the subscribers")
        people = ["telegram:1001" if one == "telegram:@ann_lee" else one for one in people]
    left_out = len(case.left_out) + len(case.doubles)
    if "01" not in name:  # one line of many people: several entries of one row are left out
        shown = [label for row in labels(card) for label in row]
        assert (f"📄 See {left_out} left out" in shown) is bool(left_out)
    count = 0
    if people:
        staged = data_of(card, "✍ Write to").split(":")[1]
        recipients = [one async for one in world.core.recipients.of(staged)]
        found = {one.label: one.variables for one in recipients}
        count = len(people_in(recipients))
        assert set(found) == set(people)
        expected = {address: dict(values) for address, values in case.values.items()}
        assert {address: dict(found[address]) for address in expected} == expected
    assert card["text"].startswith(
        f"{count:,} {'person' if count == 1 else 'people'} in {_file_name(name)}"
    ), card["text"]


def _file_name(name: str) -> str:
    found = next(DATA.glob(f"{name}.*"), None)
    return f"{name}.xlsx" if found is None else found.name


def _in_the_chat(label: str) -> str:
    """Countries have names there."""
    names = {"DE": "Germany", "RU": "Russia", "IT": "Italy", "BR": "Brazil"}
    code, blank, rest = label.partition(" ")
    return f"{names[code]}{blank}{rest}" if code in names else label


async def _answer(world: World, message_id: int) -> Json:
    def found(messages: list[Json]) -> list[Json]:
        return [m for m in messages if m["from"]["is_bot"] and m["message_id"] > message_id]

    return found(await world.sandbox.until(lambda messages: bool(found(messages))))[-1]


async def _tap(world: World, card: Json, label: str) -> Json:
    before = card["text"]
    await world.tap(card, label)

    def changed(messages: list[Json]) -> list[Json]:
        return [m for m in messages if m["message_id"] == card["message_id"] and m["text"] != before]

    return changed(await world.sandbox.until(lambda messages: bool(changed(messages))))[0]
