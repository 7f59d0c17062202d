"""How many people an order to several lists has, told before it is sent: each counted once."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random

from redis.asyncio import Redis

from core.app import Core
from core.domain.audience import EVERYBODY, Chosen
from core.domain.audit import Actor
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact, Headcount, Recipient, count_people, own_person
from core.domain.segment import Condition, Rule
from tests.support.core import everywhere, people

ANN = Actor("telegram:100", "Ann")
TELEGRAM, WHATSAPP = Messenger.TELEGRAM, Messenger.WHATSAPP


async def chosen(core: Core, *recipients: Recipient) -> Chosen:
    return Chosen.of(await core.audiences.stage(recipients, source="list.csv", created_by=ANN))


async def test_people_on_two_long_lists_are_counted_once(core: Core) -> None:
    first = await chosen(core, *people(TELEGRAM, 15_000))
    second = await chosen(core, *people(TELEGRAM, 15_000, first=10_000))
    assert await core.recipients.count_people([first, second], ()) == Headcount(25_000)
    assert await core.recipients.count_people([first], people(TELEGRAM, 3, first=14_998)) == Headcount(15_001)


async def test_somebody_known_on_two_messengers_is_counted_once_on_long_lists(core: Core) -> None:
    telegram, whatsapp = people(TELEGRAM, 11_000), people(WHATSAPP, 11_000)
    for one, other in zip(telegram[:3], whatsapp[:3], strict=True):
        addresses = {TELEGRAM: one.address, WHATSAPP: other.address}
        await core.contacts.learn([Contact(id="", name="", addresses=addresses)])
    lists = [await chosen(core, *telegram), await chosen(core, *whatsapp)]
    assert await core.recipients.count_people(lists, ()) == Headcount(21_997)


async def test_lists_that_name_a_person_by_different_addresses_reach_them_once(core: Core) -> None:
    on_telegram, on_whatsapp, on_viber = everywhere(1)[:3]
    first = await chosen(core, *(replace(one, person="t1") for one in (on_telegram, on_whatsapp)))
    second = await chosen(core, *(replace(one, person="v1") for one in (on_viber, on_whatsapp)))
    assert await core.recipients.count_people([first, second], ()) == Headcount(1)
    assert len((await core.recipients.reach([first, second], ())).recipients) == 1


async def test_a_subscriber_on_two_messengers_is_counted_once_in_a_large_segment(
    core: Core, store: Redis
) -> None:
    telegram, whatsapp = people(TELEGRAM, 11_000), people(WHATSAPP, 11_000)
    known = json.dumps({"since": 1, "name": "", "tag": "flyer"})
    await store.hset("ms:subscribers", mapping=dict.fromkeys((one.address for one in telegram), known))
    await store.hset("ms:subscribers:w", mapping=dict.fromkeys((one.address for one in whatsapp), known))
    addresses = {TELEGRAM: telegram[0].address, WHATSAPP: whatsapp[0].address}
    await core.contacts.learn([Contact(id="", name="", addresses=addresses)])
    rule = Rule(of=EVERYBODY, condition=Condition.IS, subject="tag", value="flyer")
    assert (await core.audiences.stage_segment(rule, source="flyer", created_by=ANN)).total == 21_999


async def test_millions_are_not_compared(core: Core) -> None:
    few = await chosen(core, *people(TELEGRAM, 2))
    many = few._replace(id="MANYYY", counts={TELEGRAM: 3_000_000})
    assert await core.recipients.count_people([few, many], ()) == Headcount(3_000_002, exact=False)
    assert await core.recipients.count_people([many], ()) == Headcount(3_000_000)


async def test_as_many_are_counted_as_get_the_message(core: Core) -> None:
    """However lists, contacts and subscribers tell of the addresses of one person."""
    random = Random(13)  # noqa: S311 - the same for each run

    def rows(everyone: list[list[Recipient]]) -> list[Recipient]:
        found: list[Recipient] = []
        for addresses in random.sample(everyone, 12):
            some = random.sample(addresses, random.randint(1, len(addresses)))
            person = own_person(some[0]) if len(some) > 1 else ""
            found += [replace(one, person=person, variables={"class": random.choice("AB")}) for one in some]
        return found

    for batch in range(15):
        everyone = [
            [people(messenger, 1, first=1_000 * batch + number)[0] for messenger in Messenger]
            for number in range(20)
        ]
        for addresses in random.sample(everyone, 10):
            some = random.sample(addresses, random.randint(1, len(addresses)))
            contact = Contact(id="", name="", addresses={one.messenger: one.address for one in some})
            await core.contacts.learn([contact])
        for address in rows(everyone):
            await core.subscribers.add(address.messenger, [address.address], "")
        lists = [await chosen(core, *rows(everyone)) for _ in range(2)]
        rule = Rule(of=lists[0].id, condition=Condition.IS, subject="class", value="A")
        segment = await core.audiences.stage_segment(rule, source="A", created_by=ANN)
        for some_lists, others in (
            (lists, ()),
            ([lists[1], Chosen.of(segment)], ()),
            ([lists[0], await core.audiences.choose(EVERYBODY)], ()),
            (lists, tuple(rows(everyone))),
        ):
            counted = await core.recipients.count_people(some_lists, others)
            got = await core.recipients.reach(some_lists, others, everywhere=True)
            assert counted == Headcount(count_people(got.recipients))
