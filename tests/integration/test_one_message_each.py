"""People with several addresses get one message, sent by real workers, also when one of these is killed."""

from __future__ import annotations

from dataclasses import replace

from core.domain.audit import Actor
from core.domain.broadcast import NewBroadcast
from core.domain.content.content import Content
from core.domain.delivery import DeliveryState
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient, own_person
from tests.support.core import core_at, deliveries_of, reloaded, until
from tests.support.crowds import crowd, received_counts
from tests.support.processes import worker
from tests.support.sandbox_server import Sandbox

PEOPLE = 300
TELEGRAM, WHATSAPP, VIBER = Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER


async def rows(sandbox: Sandbox) -> list[tuple[Recipient, ...]]:
    """Everybody is on WhatsApp, two of three on Telegram, every second one on Viber."""
    there = {messenger: await crowd(sandbox, messenger, PEOPLE) for messenger in (TELEGRAM, WHATSAPP, VIBER)}
    found = []
    for number in range(PEOPLE):
        used = [WHATSAPP, *([TELEGRAM] if number % 3 else []), *([VIBER] if number % 2 else [])]
        addresses = [there[messenger][number] for messenger in used]
        found.append(tuple(replace(one, person=own_person(addresses[0])) for one in addresses))
    return found


async def test_nobody_is_reached_on_two_messengers(sandbox: Sandbox, redis_url: str) -> None:
    """The first messenger of the order that can reach them; what is known of a person counts across two lists."""
    fast = {**sandbox.environment(), "TELEGRAM_RATE": "500", "WHATSAPP_RATE": "500"}
    variables = {**fast, "REDIS_URL": redis_url}
    async with core_at(redis_url, **fast) as core:
        people = await rows(sandbox)
        ann = Actor("telegram:100", "Ann")
        club = await core.audiences.create("Club", created_by=ann)
        await core.audiences.add(club.id, [one for addresses in people for one in addresses])
        by_phone = await core.audiences.create("Phones", created_by=ann)
        await core.audiences.add(
            by_phone.id, [replace(addresses[0], person="") for addresses in people[:100]]
        )
        assert ((await core.audiences.get(club.id)).total, by_phone.total) == (PEOPLE, 0)
        await core.subscribers.mark_blocked(int(people[1][1].address))
        chosen = [await core.audiences.choose(one.id) for one in (by_phone, club)]
        found = await core.recipients.reach(chosen, ())
        assert len(found.recipients) == PEOPLE
        assert people[1][0].label in {one.label for one in found.recipients}
        order = NewBroadcast(
            content=Content(text="Hello"), recipients=found.recipients, send_at=None, created_by=ann
        )
        broadcast = await core.broadcasts.accept(await core.broadcasts.prepare(order))

        async def has_ended() -> bool:
            return (await reloaded(core, broadcast)).status == "finished"

        async def some_landed() -> bool:
            return (await received_counts(sandbox)).total() >= 50

        async with worker(variables) as first:
            await until(some_landed, 30.0)
            await first.kill()
        async with worker(variables):
            await until(has_ended, 60.0)
        phones = await received_counts(sandbox)
        reached = [sum(phones[one.label] for one in addresses) for addresses in people]
        assert max(reached) == 1
        unknown = [one for one in await deliveries_of(core, broadcast) if one.state is DeliveryState.UNKNOWN]
        assert reached.count(0) <= len(unknown)
        everywhere = await core.recipients.reach(chosen, (), everywhere=True)
        assert len(everywhere.recipients) == sum(map(len, people))
