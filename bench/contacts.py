"""Contacts and segments at scale: `python -m bench.contacts`.

People with three addresses and ten attributes: what they take in the store, and how fast they are found by name. Then
lists of as many addresses, of people with one and with two of them, and how fast the people of a condition are counted.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

from redis.asyncio import Redis

from bench.results import Row, save
from bench.rig import accept, environment, fresh_store, held, order, settings_of, store_cpu
from bench.scale import Watch
from core.app import Core, open_core
from core.domain.audit import Actor
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact, Recipient, own_person
from core.domain.segment import Condition, Rule

PEOPLE: Final = 1_000_000
CLASSES: Final = 40
_FIRST: Final = (
    "Anna", "Ben", "Carla", "David", "Elena", "Farid", "Greta", "Hugo", "Ирина", "Jonas", "Катя", "Lena", "Mehmet",
    "Nora", "Olga", "Pedro", "Qi", "Rosa", "Samir", "Tanja",
)  # fmt: skip
_LAST: Final = (
    "Schmidt",
    "Weber",
    "Иванова",
    "Rossi",
    "García",
    "Yilmaz",
    "Novak",
    "Kowalski",
    "Smith",
    "Lee",
)
_A_TRIP: Final = 5_000
_QUERIES: Final = (
    "anna schmidt 7",
    "weber 99",
    "катя",
    "hugo rossi",
    "lee 4242",
    "nobody",
    "elena garcía 12",
    "schmidt anna",
    "anna smithson",
)


def name_of(number: int) -> str:
    return f"{_FIRST[number % len(_FIRST)]} {_LAST[number // 20 % len(_LAST)]} {number}"


def values_of(number: int) -> dict[str, str]:
    """Ten attributes of a person."""
    return {
        "class": f"{number % CLASSES // 4 + 1}{'ABCD'[number % 4]}",
        "city": ("Berlin", "Ulm", "Köln", "Graz")[number % 4],
        "fee": f"{number % 90}.50",
        "since": f"20{number % 25:02}-09-01",
        "teacher": _LAST[number % len(_LAST)],
        "bus": f"{number % 30}",
        "lunch": ("yes", "no")[number % 2],
        "phone_at_home": f"030 {number:07}",
        "code": f"K{number:06}",
        "note": "sibling" if number % 5 == 0 else "-",
    }


def contacts(count: int) -> Iterator[Contact]:
    return map(person, range(count))


def person(number: int) -> Contact:
    addresses = {
        Messenger.TELEGRAM: f"{100_000_000 + number}",
        Messenger.WHATSAPP: f"+4915{1_000_000_000 + number}",
        Messenger.VIBER: f"{number:020x}==",
    }
    return Contact(id="", name=name_of(number), addresses=addresses, values=values_of(number))


async def stored(core: Core, store: Redis, count: int) -> Row:
    before, begun, watch = await held(store), time.monotonic(), Watch(store)
    await watch.start()
    await _learn(core, contacts(count))
    took, taken = time.monotonic() - begun, await held(store) - before
    return {
        "step": "learn people with three addresses and ten attributes",
        "people": count,
        "s": took,
        "bytes each": taken / count,
        "MB for 1,000,000": taken / count * 1_000_000 / 2**20,
        "script p99, ms": await watch.usual(),
        "script, ms": await watch.longest(),
    }


async def _learn(core: Core, people: Iterator[Contact]) -> None:
    while some := list(islice(people, _A_TRIP)):
        await core.contacts.learn(some)


async def renamed(core: Core, store: Redis, count: int) -> Row:
    """A tenth of them, in an order in which hardly two in a row are neighbours."""
    begun, watch = time.monotonic(), Watch(store)
    await watch.start()
    places = (number * 7_919 % count for number in range(count // 10))
    await _learn(core, (replace(person(place), name=f"{name_of(place)} Jr") for place in places))
    return {
        "step": "learn other names of a tenth of them",
        "people": count,
        "s": time.monotonic() - begun,
        "script p99, ms": await watch.usual(),
        "script, ms": await watch.longest(),
    }


async def looked_up(core: Core, store: Redis, count: int) -> Row:
    begun, watch = time.monotonic(), Watch(store)
    await watch.start()
    await core.contacts.ids_at(where for one in contacts(count) for where in one.addresses.items())
    return {
        "step": "find all of them by their addresses",
        "people": count,
        "s": time.monotonic() - begun,
        "script p99, ms": await watch.usual(),
        "script, ms": await watch.longest(),
    }


async def found(core: Core, store: Redis, count: int) -> Row:
    times, begun, watch = [], await _cpu(store), Watch(store)
    await watch.start()
    for query in _QUERIES * 5:
        asked = time.monotonic()
        await core.contacts.search(query, most=8)
        times.append(time.monotonic() - asked)
    times.sort()
    return {
        "step": "find by name: the middle of 45 searches, and CPU of one",
        "people": count,
        "s": times[len(times) // 2],
        "CPU, s": (await _cpu(store) - begun) / len(times),
        "slowest, s": times[-1],
        "script p99, ms": await watch.usual(),
        "script, ms": await watch.longest(),
    }


async def _cpu(store: Redis) -> float:
    """Seconds of CPU of this process and of the store: what a busy machine does not change much."""
    return time.process_time() + await store_cpu(store)


def one_each(count: int) -> Iterator[Recipient]:
    """People on Telegram."""
    for number in range(count):
        values = {"name": name_of(number), "class": values_of(number)["class"]}
        yield Recipient(messenger=Messenger.TELEGRAM, address=f"{100_000_000 + number}", variables=values)


def two_each(count: int) -> Iterator[Recipient]:
    """As many addresses of half as many people, on Telegram and WhatsApp."""
    for number, first in enumerate(one_each(count // 2)):
        first = replace(first, person=own_person(first))
        yield first
        yield replace(
            first, messenger=Messenger.WHATSAPP, address=person(number).addresses[Messenger.WHATSAPP]
        )


async def listed(core: Core, recipients: Iterable[Recipient]) -> str:
    """Make a list of them; return its id."""
    staged = await core.audiences.stage(list(recipients), source="crowd", created_by=Actor("bench"))
    return staged.id


async def sent(core: Core, store: Redis, count: int) -> str:
    """A broadcast that failed for one in a hundred, and that half of the others have read; returns its id."""
    broadcast = await accept(core, order(count, first=100_000_000))
    meta, counts = f"ms:b:{broadcast.id}", Counter[str]()
    for first in range(0, count, 100):
        states = {place: _state_of(place) for place in range(min(100, count - first))}
        rows = {str(place): f"{state}|1|1|1|{first + place}|" for place, state in states.items()}
        counts.update(states.values())
        await store.hset(f"ms:s:{broadcast.id}:t:{first // 100}", mapping=rows)  # type: ignore[arg-type]  # redis-py's dict is invariant
        troubled = {
            f"{broadcast.id}-t{first + place}": first for place, state in states.items() if state == "f"
        }
        if troubled:
            await store.zadd(f"{meta}:troubled", troubled)
    await store.hset(meta, mapping={"n:t:q": 0, **{f"n:t:{state}": n for state, n in counts.items()}})
    return broadcast.id


def _state_of(place: int) -> str:
    return "f" if place % 100 == 99 else "rd"[place % 2]


async def counted(core: Core, store: Redis, rule: Rule, count: int, each: str) -> Row:
    staged = await core.audiences.stage_segment(rule, source="part", created_by=Actor("bench"))
    row = await measured(store, "", count, core.audiences.get(staged.id))
    conditions = " and ".join(f"{one.condition} {one.value or 'a message'}" for one in rule.clauses)
    step = f"count a segment of people with {each}: {conditions} ({staged.total:,} people)"
    return {**row, "step": step}


async def measured(store: Redis, step: str, count: int, act: Awaitable[object]) -> Row:
    begun, cpu, watch = time.monotonic(), await _cpu(store), Watch(store)
    await watch.start()
    await act
    return {
        "step": step,
        "people": count,
        "s": time.monotonic() - begun,
        "CPU, s": await _cpu(store) - cpu,
        "script p99, ms": await watch.usual(),
        "script, ms": await watch.longest(),
    }


def _rules(base: str, broadcast_id: str) -> list[Rule]:
    in_3b = Rule(of=base, condition=Condition.IS, subject="class", value="3B")
    got, missed, read, unread = (
        Rule(of=base, condition=condition, subject=broadcast_id)
        for condition in (Condition.GOT, Condition.MISSED, Condition.READ, Condition.UNREAD)
    )
    return [in_3b, read, missed, in_3b.narrowed(missed), in_3b.narrowed(read), got.narrowed(unread)]


async def _main(count: int, *, contacts: bool, segments: bool) -> None:
    rows: list[Row] = []
    with fresh_store() as url:
        settings = settings_of(environment(url, "http://127.0.0.1:9"))
        async with Redis.from_url(url) as store:
            if contacts:
                async with open_core(settings) as core:
                    rows += [
                        await stored(core, store, count),
                        await found(core, store, count),
                        await looked_up(core, store, count),
                        await renamed(core, store, count),
                    ]
                await store.flushall()
            if segments:
                async with open_core(settings) as core:
                    broadcast_id = await sent(core, store, count)
                    for each, people in (
                        ("one address", one_each(count)),
                        ("two addresses", two_each(count)),
                    ):
                        base = await listed(core, people)
                        rows += [
                            await counted(core, store, rule, count, each)
                            for rule in _rules(base, broadcast_id)
                        ]
                        whole = [await core.audiences.choose(base)]
                        together = core.recipients.count_people(whole, [next(one_each(1))])
                        first = core.members.page(base, 1, size=10)
                        rows += [
                            await measured(store, f"count people with {each} and one more", count, together),
                            await measured(store, f"first page by name of people with {each}", count, first),
                        ]
    save("contacts", rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--only", choices=("contacts", "segments"))
    asked = parser.parse_args()
    asyncio.run(_main(asked.people, contacts=asked.only != "segments", segments=asked.only != "contacts"))
