"""Forgetting a person: nothing in the store names them afterwards, and an opt-out still counts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from core.app import Core
from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, BroadcastStatus
from core.domain.delivery import DeliveryState
from core.domain.inbound import InboundMessage
from core.domain.messengers.events import OptOut
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Sent
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact, Recipient
from core.store import embedded
from core.store.chat.drafts import Draft
from tests.support.core import (
    accept,
    commands,
    core_at,
    deliver_all,
    deliveries_of,
    order,
    people,
    reloaded,
    started,
    until,
)

TELEGRAM, WHATSAPP = Messenger.TELEGRAM, Messenger.WHATSAPP
ANN, ANNS_PHONE = "900100", "+4915123456789"
HER_TELEGRAM = Recipient(messenger=TELEGRAM, address=ANN, variables={"name": "Ann Surname"})
HER_PHONE = Recipient(messenger=WHATSAPP, address=ANNS_PHONE, variables={"name": "Ann Surname"})
NOW = datetime.now(UTC)


async def everything_at(redis_url: str) -> str:
    """All keys and values of the store as one text, but for the last batches of the workers, kept for an hour."""
    parts: list[Any] = []
    async with Redis.from_url(redis_url) as client:
        read: dict[bytes, Callable[[bytes], Awaitable[Any]]] = {
            b"string": client.get,
            b"hash": client.hgetall,
            b"set": client.smembers,
            b"list": lambda key: client.lrange(key, 0, -1),
            b"zset": lambda key: client.zrange(key, 0, -1),
            b"stream": client.xrange,
        }
        async for key in client.scan_iter(count=1000):
            if not key.startswith(b"ms:claims:"):
                kind: Any = await client.type(key)
                parts += [key, await read[kind](key)]
    return str(parts)


async def known_everywhere(core: Core) -> tuple[Broadcast, Broadcast, Broadcast]:
    """Ann is a contact, subscribed, on a list, in a draft and in three broadcasts: ended, running, scheduled."""
    await core.contacts.put(
        Contact(id="17", name="Ann Surname", addresses={TELEGRAM: ANN, WHATSAPP: ANNS_PHONE})
    )
    await core.subscribers.subscribe(int(ANN), "Ann Surname")
    parents = await core.audiences.create("Parents", created_by=Actor("test"))
    await core.audiences.add(parents.id, (*people(TELEGRAM, 150), HER_TELEGRAM, HER_PHONE))
    draft = Draft(
        id="DRAFT1", revision=0, admin_id=1, chat_id=1, recipients=(HER_PHONE, *people(WHATSAPP, 1))
    )
    await core.drafts.create(draft)
    filled = {HER_TELEGRAM.label: {"fee": "10"}, "telegram:1": {"fee": "20"}}
    await core.drafts.create(Draft(id="DRAFT2", revision=0, admin_id=2, chat_id=2, filled=filled))
    ended = await started(core, (*people(TELEGRAM, 120), HER_TELEGRAM, HER_PHONE))
    await deliver_all(core, {ANNS_PHONE: Sent("wamid.ann"), ANN: Sent("77")})
    await core.receipt_inbox.apply(
        WHATSAPP,
        [InboundMessage(address=ANNS_PHONE, at=NOW, message_id="wamid.ann.2", text="Ann Surname here")],
    )
    running = await started(core, (HER_TELEGRAM, *people(TELEGRAM, 3, first=500)))
    scheduled = await accept(core, order((*people(WHATSAPP, 2), HER_PHONE), send_at=NOW + timedelta(days=1)))
    return ended, running, scheduled


async def test_nothing_in_the_store_names_a_forgotten_person(core: Core, redis_url: str) -> None:
    ended, running, scheduled = await known_everywhere(core)
    found = await core.erasure.look_up(HER_PHONE)
    assert found.written == 1
    assert (found.names, found.subscribed, found.lists, found.drafts, found.messages) == (
        ["Ann Surname"], True, 1, 2, 4,
    )  # fmt: skip

    gone = await core.erasure.forget(HER_PHONE)

    assert (gone.subscribed, gone.lists, gone.drafts, gone.messages) == (True, 1, 2, 4)
    left = await everything_at(redis_url)
    for trace in (ANN, ANNS_PHONE.lstrip("+"), "Ann Surname", "wamid.ann"):
        assert trace not in left, trace
    await deliver_all(core)
    for one, others in ((ended, 120), (running, 3)):
        broadcast = await reloaded(core, one)
        assert broadcast.status is BroadcastStatus.FINISHED
        assert broadcast.progress.of(DeliveryState.SENT) >= others
    of_running = await deliveries_of(core, running)
    assert [one.state for one in of_running if one.recipient.is_forgotten] == [DeliveryState.CANCELLED]
    await core.broadcasts.send_now(scheduled.id)
    await deliver_all(core)
    after = (await reloaded(core, scheduled)).progress
    assert (after.of(DeliveryState.SENT), after.of(DeliveryState.CANCELLED)) == (2, 1)


async def test_no_file_of_the_store_names_a_forgotten_person(tmp_path: Path) -> None:
    """The store's file is written again: it held every command that ever named them."""

    def named() -> bool:
        try:
            return any(ANNS_PHONE[1:].encode() in one.read_bytes() for one in tmp_path.rglob("*.aof"))
        except FileNotFoundError:  # the store has just replaced it
            return True

    async def gone() -> bool:
        return not named()

    with embedded.running(tmp_path) as url:
        async with core_at(url) as core:
            await core.contacts.put(Contact(id="17", name="Ann Surname", addresses={WHATSAPP: ANNS_PHONE}))
            assert named()
            await core.erasure.forget(HER_PHONE)
            await until(gone)


async def test_an_opt_out_outlives_the_person_and_ends_when_they_ask(core: Core, redis_url: str) -> None:
    stop = OptOut(address=ANNS_PHONE, reason=Reason.OPTED_OUT, at=NOW - timedelta(minutes=1))
    await core.receipt_inbox.apply(WHATSAPP, [stop])
    assert not (await core.erasure.look_up(HER_PHONE)).is_nothing
    await core.erasure.forget(HER_PHONE)
    assert ANNS_PHONE not in await everything_at(redis_url)
    split = await core.reachability.split([HER_PHONE, *people(WHATSAPP, 1)])
    assert [(one.recipient, one.reason) for one in split.left_out] == [(HER_PHONE, Reason.OPTED_OUT)]
    await core.subscribers.mark_reachable(WHATSAPP, ANNS_PHONE)
    assert not (await core.reachability.split([HER_PHONE])).left_out


async def test_forgetting_twice_finds_nothing_and_leaves_others_alone(core: Core) -> None:
    ended, _running, _scheduled = await known_everywhere(core)
    await core.erasure.forget(HER_TELEGRAM)
    again = await core.erasure.look_up(HER_PHONE)
    assert again.is_nothing
    addresses = [one.recipient.address for one in await deliveries_of(core, ended)]
    assert addresses.count("900100") == 0
    assert len([one for one in addresses if one.startswith("1")]) == 120
    draft = await core.drafts.get("DRAFT1")
    assert draft is not None
    assert draft.recipients == people(WHATSAPP, 1)


async def test_forgetting_reads_only_what_is_new_since_the_person_was_looked_up(
    core: Core, store: Redis
) -> None:
    await known_everywhere(core)
    before = await commands(store)
    await core.erasure.look_up(HER_PHONE)
    between = await commands(store)
    read = between["hgetall"] - before["hgetall"]
    again = await started(core, (HER_TELEGRAM,))
    between = await commands(store)
    gone = await core.erasure.forget(HER_PHONE)
    assert gone.messages == 5
    assert (await commands(store))["hgetall"] - between["hgetall"] < read
    assert [one.recipient.is_forgotten for one in await deliveries_of(core, again)] == [True]
