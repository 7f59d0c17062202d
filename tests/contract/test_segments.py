"""Segments on a real store: who fulfils a condition, counted and read alike."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from random import Random

import pytest
from redis import Redis

from core.app import Core
from core.domain.audience import EVERYBODY, Audience
from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, Verb
from core.domain.delivery import OPEN, REACHED_MESSENGER, DeliveryState
from core.domain.errors import Conflict, NotFound
from core.domain.messengers.events import Receipt
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed, Move, Sent, Unknown
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.domain.segment import LAST, Clause, Condition, Rule
from core.files.recipient_list import read_list
from core.parsing.addresses import account
from tests.support.core import (
    accept,
    deliver_all,
    deliveries_of,
    feed_and_claim,
    order,
    record,
    reloaded,
    started,
)

ANN = Actor("telegram:100", "Ann")
PEOPLE = (
    "telegram,whatsapp,viber,name,class\n"
    "1,+4915120000001,,Ann,3A\n"
    '2,,,Ben,"3""B\\"\n'
    '3,,,Carl,"3""B\\"\n'
    "4,,,Dora,\n"
    ",,eva,Eva,3A\n"
)


async def parents(core: Core) -> Audience:
    read = read_list(PEOPLE.encode())
    made = await core.audiences.create("Parents", created_by=ANN)
    await core.audiences.add(made.id, read.recipients)
    return await core.audiences.get(made.id)


async def part(core: Core, rule: Rule) -> tuple[int, set[str]]:
    """Number of people counted, and the names of those read."""
    segment = await core.audiences.stage_segment(rule, source="part", created_by=ANN)
    found = [one async for one in core.recipients.of(segment.id)]
    assert segment.counts == {
        messenger: count
        for messenger in Messenger
        if (count := sum(one.messenger is messenger for one in found))
    }
    return segment.total, {one.variables.get("name", one.address) for one in found}


async def test_a_column_is_or_is_not_a_value(core: Core) -> None:
    base = await parents(core)
    rule = Rule(of=base.id, condition=Condition.IS, subject="class", value='3"B\\')
    assert await part(core, rule) == (2, {"Ben", "Carl"})
    other = Rule(of=base.id, condition=Condition.IS_NOT, subject="class", value='3"B\\')
    assert await part(core, other) == (3, {"Ann", "Dora", "Eva"})
    assert await core.segments.values(base.id, "class", most=2) == ["3A", '3"B\\']


async def test_subscribers_are_told_apart_by_their_tag(core: Core) -> None:
    await core.subscribers.subscribe(1, "Ann", "flyer")
    await core.subscribers.subscribe(2, "Ben", "flyer2")
    await core.subscribers.add(Messenger.VIBER, ["eva"], "Eva")
    rule = Rule(of=EVERYBODY, condition=Condition.IS, subject="tag", value="flyer")
    assert await part(core, rule) == (1, {"Ann"})
    other = Rule(of=EVERYBODY, condition=Condition.IS_NOT, subject="tag", value="flyer")
    assert await part(core, other) == (2, {"Ben", "Eva"})


async def test_who_got_or_read_a_message_is_told_apart_by_person(core: Core) -> None:
    """A person who got it at one address has got it; LAST is what was sent last, answers left out."""
    base = await parents(core)

    def rule(condition: Condition, subject: str, of: str = base.id) -> Rule:
        return Rule(of=of, condition=condition, subject=subject)

    with pytest.raises(NotFound, match="Nothing has been sent yet"):
        await anext(core.segments.recipients(rule(Condition.GOT, LAST)))
    ann = Recipient(messenger=Messenger.WHATSAPP, address="+4915120000001")
    eva = Recipient(messenger=Messenger.VIBER, address="eva")
    others = [Recipient(messenger=Messenger.TELEGRAM, address=one) for one in ("2", "3", "77")]
    sent = await started(core, [ann, eva, *others])
    await deliver_all(core, {"3": Failed(Reason.BLOCKED)})
    read = Receipt(state=DeliveryState.READ, at=datetime.now(UTC), message_id="id", address="eva")
    await core.receipt_inbox.apply(Messenger.VIBER, [read])
    for subject in (sent.id, LAST):
        assert await part(core, rule(Condition.GOT, subject)) == (3, {"Ann", "Ben", "Eva"})
        assert await part(core, rule(Condition.MISSED, subject)) == (2, {"Carl", "Dora"})
        assert await part(core, rule(Condition.READ, subject)) == (1, {"Eva"})
        assert await part(core, rule(Condition.UNREAD, subject)) == (4, {"Ann", "Ben", "Carl", "Dora"})
    await core.subscribers.subscribe(2, "Ben")
    await core.subscribers.subscribe(3, "Carl")
    await core.subscribers.add(Messenger.VIBER, ["eva"], "Eva")
    assert await part(core, rule(Condition.GOT, sent.id, EVERYBODY)) == (2, {"Ben", "Eva"})
    assert await part(core, rule(Condition.MISSED, sent.id, EVERYBODY)) == (1, {"Carl"})


async def test_who_got_it_at_an_address_with_another_value_has_got_it(core: Core) -> None:
    first = Recipient(messenger=Messenger.TELEGRAM, address="1", variables={"class": "3A"}, person="t1")
    second = replace(first, messenger=Messenger.WHATSAPP, address="+4915120000001", variables={"class": "3B"})
    made = await core.audiences.create("Parents", created_by=ANN)
    await core.audiences.add(made.id, [first, second])
    sent = await started(core, [replace(first, variables={}, person="")])
    await deliver_all(core)
    in_3b = Rule(of=made.id, condition=Condition.IS, subject="class", value="3B")
    assert await part(core, in_3b.narrowed(Rule(of=made.id, condition=Condition.GOT, subject=sent.id))) == (
        1,
        {second.address},
    )
    missed = Rule(of=made.id, condition=Condition.MISSED, subject=sent.id)
    assert await part(core, in_3b.narrowed(missed)) == (0, set())


async def test_several_conditions_hold_together(core: Core, redis_url: str) -> None:
    base = await parents(core)
    sent = await started(
        core, [Recipient(messenger=Messenger.TELEGRAM, address=one) for one in ("2", "3", "4")]
    )
    await deliver_all(core, {"3": Failed(Reason.BLOCKED)})
    first = Rule(of=base.id, condition=Condition.IS, subject="class", value='3"B\\')
    both = first.narrowed(Rule(of=base.id, condition=Condition.MISSED, subject=sent.id))
    assert await part(core, both) == (1, {"Carl"})
    assert both.opposite is None
    none = both.narrowed(Rule(of=base.id, condition=Condition.IS, subject="name", value="Ben"))
    assert await part(core, none) == (0, set())
    staged = await core.audiences.stage_segment(first, source="part", created_by=ANN)
    nested = Rule(of=staged.id, condition=Condition.MISSED, subject=sent.id)
    assert await part(core, nested) == (1, {"Carl"})
    await core.subscribers.subscribe(2, "Ben", "flyer")
    await core.subscribers.subscribe(3, "Carl", "flyer")
    tagged = Rule(of=EVERYBODY, condition=Condition.IS, subject="tag", value="flyer")
    got = tagged.narrowed(Rule(of=EVERYBODY, condition=Condition.GOT, subject=LAST))
    assert await part(core, got) == (1, {"Ben"})
    # A version that knows one condition sees an empty list, and writes to nobody by half a rule.
    segment = await core.audiences.stage_segment(both, source="part", created_by=ANN)
    with Redis.from_url(redis_url, decode_responses=True) as store:
        assert store.hget(f"ms:aud:{segment.id}", "rule") is None


async def test_conditions_on_messages_hold_together_where_everybody_has_one_address(core: Core) -> None:
    """Whatever part of a message arrived: all of it, all but a few, a few, none."""
    rows = "viber,name,class\n" + "".join(
        f"u{one},P{one},{'3A' if one % 2 else '3B'}\n" for one in range(1, 9)
    )
    made = await core.audiences.create("Class", created_by=ANN)
    await core.audiences.add(made.id, read_list(rows.encode()).recipients)

    async def sent(first: int, last: int, *failed: int, read: tuple[int, ...] = ()) -> str:
        users = [f"u{one}" for one in range(first, last + 1)]
        broadcast = await started(core, [Recipient(messenger=Messenger.VIBER, address=one) for one in users])
        moves: dict[str, Move] = {one: Sent(f"{broadcast.id}-{one}") for one in users}
        await deliver_all(core, moves | {f"u{one}": Failed(Reason.CONTENT) for one in failed})
        at, state = datetime.now(UTC), DeliveryState.READ
        receipts = [
            Receipt(state=state, at=at, message_id=f"{broadcast.id}-u{one}", address=f"u{one}")
            for one in read
        ]
        await core.receipt_inbox.apply(Messenger.VIBER, receipts)
        return broadcast.id

    whole, most = await sent(1, 9), await sent(1, 8, 3, 4, read=(1, 7))
    few, none = await sent(1, 4, 1, 2, 3), await sent(5, 6, 5, 6)

    async def names(*conditions: tuple[Condition, str], value: str = "") -> str:
        rules = [Rule(of=made.id, condition=one, subject=subject) for one, subject in conditions]
        rules += [Rule(of=made.id, condition=Condition.IS, subject="class", value=value)] if value else []
        rule = rules[0]
        for further in rules[1:]:
            rule = rule.narrowed(further)
        count, found = await part(core, rule)
        assert count == len(found)
        return "".join(sorted(found)).replace("P", "")

    got, missed, read, unread = Condition.GOT, Condition.MISSED, Condition.READ, Condition.UNREAD
    assert await names((got, whole)) == "12345678"
    assert await names((missed, whole)) == ""
    assert await names((missed, most)) == "34"
    assert await names((missed, most), value="3B") == "4"
    assert await names((got, few)) == "4"
    assert await names((missed, none), (got, few)) == "4"
    assert await names((missed, few), (got, most), value="3A") == "157"
    assert await names((got, none)) == ""
    assert await names((got, whole), (missed, few), (missed, most)) == "3"
    assert await names((read, whole)) == ""
    assert await names((read, most)) == "17"
    assert await names((got, most), (unread, most)) == "2568"
    assert await names((unread, most), value="3A") == "35"
    assert await names((read, most), (unread, most)) == ""


async def test_a_segment_cannot_be_changed_and_grows_with_its_list(core: Core) -> None:
    base = await parents(core)
    rule = Rule(of=base.id, condition=Condition.IS, subject="class", value="3A")
    staged = await core.audiences.stage_segment(rule, source="part", created_by=ANN)
    segment = await core.audiences.rename(staged.id, "Class 3A")
    assert (segment.total, segment.base, segment.authors[0]) == (2, "Parents", ANN)
    person = Recipient(messenger=Messenger.TELEGRAM, address="9", variables={"class": "3A"})
    with pytest.raises(Conflict, match="fills itself by a condition"):
        await core.audiences.add(segment.id, [person])
    await core.audiences.add(base.id, [person])
    assert (await core.audiences.named("class 3a")).total == 3
    gathered = await core.recipients.reach([await core.audiences.choose(segment.id)], ())
    assert {one.label for one in gathered.recipients} == {
        "telegram:1",
        "telegram:9",
        "viber:eva",
    }
    await core.audiences.delete(segment.id, expected=3)
    with pytest.raises(NotFound):
        await core.audiences.get(segment.id)


async def test_a_segment_of_a_deleted_list_says_so(core: Core) -> None:
    base = await parents(core)
    rule = Rule(of=base.id, condition=Condition.IS, subject="class", value="3A")
    segment = await core.audiences.stage_segment(rule, source="part", created_by=ANN)
    chosen = await core.audiences.choose(segment.id)
    await core.audiences.delete(base.id, expected=5)
    assert (await core.audiences.get(segment.id)).total == 0
    gathered = await core.recipients.gather([chosen], ())
    assert "“part” was deleted" in gathered.problems[0]


async def test_every_state_is_counted_and_written_to_as_delivery_by_delivery(core: Core) -> None:
    """Sent, delivered, read, failed, unknown, cancelled, left out and opted out, some with several addresses."""
    chance = Random(7)  # noqa: S311 - no secret
    rows = []
    for number in range(150):
        telegram, whatsapp, viber = (chance.random() < share for share in (0.7, 0.5, 0.4))
        rows.append((
            str(1000 + number) if telegram or not (whatsapp or viber) else "",
            f"+54{'9' if number % 2 else ''}11{number:08}" if whatsapp else "",
            f"u{number}" if viber else "",
            f"P{number}",
            f"{chance.randrange(3)}A",
        ))  # fmt: skip
    table = "telegram,whatsapp,viber,name,class\n" + "\n".join(map(",".join, rows))
    made = await core.audiences.create("School", created_by=ANN)
    await core.audiences.add(made.id, read_list(table.encode()).recipients)
    listed = [one async for one in core.recipients.of(made.id)]
    for one in chance.sample(listed, 12):
        await core.subscribers.mark_unreachable(one.messenger, one.address, Reason.OPTED_OUT)
    sent = [await _sent_to_some(core, listed, chance, share) for share in (0.9, 0.5)]
    states = {broadcast.id: await _states(core, broadcast) for broadcast in sent}
    assert set().union(*(found.values() for found in states.values())) >= set(DeliveryState) - OPEN

    person = {account(one): one.person or one.label for one in listed}
    ends: dict[tuple[str, str], set[DeliveryState]] = defaultdict(set)
    for broadcast_id, found in states.items():
        for where, state in found.items():
            ends[broadcast_id, person[where]].add(state)

    def fulfils(one: Recipient, clause: Clause) -> bool:
        wanted = not clause.condition.is_negative
        if clause.condition.is_of_a_column:
            return (one.variables.get(clause.subject) == clause.value) is wanted
        reading = clause.condition in (Condition.READ, Condition.UNREAD)
        asked = {DeliveryState.READ} if reading else REACHED_MESSENGER
        return bool(ends[clause.subject, person[account(one)]] & asked) is wanted

    clauses = [Clause(condition=Condition.IS, subject="class", value="1A")]
    clauses += [Clause(condition=Condition.IS_NOT, subject="class", value="1A")]
    clauses += [
        Clause(condition=condition, subject=broadcast.id)
        for broadcast in sent
        for condition in (Condition.GOT, Condition.MISSED, Condition.READ, Condition.UNREAD)
    ]
    for some in [(one,) for one in clauses] + chance.sample(list(combinations(clauses, 2)), 20):
        first, more = some[0], some[1:]
        rule = Rule(
            of=made.id, condition=first.condition, subject=first.subject, value=first.value, more=more
        )
        segment = await core.audiences.stage_segment(rule, source="part", created_by=ANN)
        wanted = {one.label for one in listed if all(fulfils(one, clause) for clause in some)}
        assert {one.label async for one in core.recipients.of(segment.id)} == wanted, some
        people = {person[account(one)] for one in listed if one.label in wanted}
        assert (sum(segment.counts.values()), segment.total) == (len(wanted), len(people)), some


async def _sent_to_some(core: Core, listed: list[Recipient], chance: Random, share: float) -> Broadcast:
    """A broadcast that ended in all states for its people; the last ones were not reached before it was cancelled."""
    # Another form of the same number.
    chosen = [
        replace(one, address=one.address.replace("+549", "+54")) for one in listed if chance.random() < share
    ]
    broadcast = await accept(core, order(chosen))
    await core.ledger.start(broadcast.id)
    moves: list[Move] = [Failed(Reason.BLOCKED), Unknown(Reason.NO_ANSWER)]
    for messenger in Messenger:
        claims = await feed_and_claim(core, messenger, most=max(1, len(chosen) // 4))
        outcomes = [chance.choice([Sent(f"m-{one.recipient.address}"), *moves]) for one in claims]
        await record(core, *zip(claims, outcomes, strict=True))
        receipts = [
            Receipt(
                state=chance.choice([DeliveryState.DELIVERED, DeliveryState.READ]),
                at=datetime.now(UTC),
                message_id=move.message_id,
                address=claim.recipient.address,
            )
            for claim, move in zip(claims, outcomes, strict=True)
            if isinstance(move, Sent) and chance.random() < 0.7
        ]
        await core.receipt_inbox.apply(messenger, receipts)
    await core.ledger.steer(broadcast.id, Verb.CANCEL)
    return await reloaded(core, broadcast)


async def _states(core: Core, broadcast: Broadcast) -> dict[tuple[Messenger, str], DeliveryState]:
    return {account(one.recipient): one.state for one in await deliveries_of(core, broadcast)}
