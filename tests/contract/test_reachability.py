"""People who cannot or will not be reached: orders leave them out and count them, until they are back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from core.app import Core
from core.domain.audit import Actor
from core.domain.broadcast import BroadcastStatus, Verb
from core.domain.delivery import DeliveryState
from core.domain.errors import ValidationError
from core.domain.messengers.events import AddressChange, OptIn, OptOut, Receipt
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed, Sent
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact, Recipient, own_person
from core.services.alerts import AlertTracker
from tests.support.core import (
    accept,
    deliver_all,
    deliveries_of,
    feed_and_claim,
    in_an_hour,
    order,
    people,
    record,
    reloaded,
    started,
)
from tests.support.webhooks import whatsapp
from workers.messengers import REPORT_PARSERS
from workers.receipt_processor import ReceiptProcessor

WHATSAPP, VIBER, TELEGRAM = Messenger.WHATSAPP, Messenger.VIBER, Messenger.TELEGRAM
SENT, FAILED = DeliveryState.SENT, DeliveryState.FAILED
NOW = datetime.now(UTC)

STOP = OptOut(address="viber-1000", reason=Reason.OPTED_OUT, at=NOW - timedelta(seconds=40))
LEFT = OptOut(address="viber-1000", reason=Reason.UNSUBSCRIBED, at=NOW - timedelta(seconds=30))
WROTE = OptIn(address="viber-1000", at=NOW - timedelta(seconds=20), asked=False)
START = OptIn(address="viber-1000", at=NOW - timedelta(seconds=10), asked=True)


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([STOP], Reason.OPTED_OUT),
        ([LEFT], Reason.UNSUBSCRIBED),
        ([STOP, LEFT], Reason.OPTED_OUT),
        ([LEFT, WROTE], None),
        ([STOP, WROTE], Reason.OPTED_OUT),
        ([STOP, LEFT, WROTE], Reason.OPTED_OUT),
        ([STOP, LEFT, WROTE, START], None),
        ([START], None),
    ],
)
async def test_of_words_about_a_person_the_latest_counts_in_whatever_order_they_come(
    core: Core, reports: list[OptIn | OptOut], expected: Reason | None
) -> None:
    for recipient, turn in zip(people(VIBER, 24), permutations(reports), strict=False):
        for report in (*turn, turn[0]):
            await core.receipt_inbox.apply(VIBER, [replace(report, address=recipient.address)])
        screened = await core.reachability.split([recipient])
        assert [one.reason for one in screened.left_out] == ([] if expected is None else [expected])


REFUSED = [
    (Reason.BLOCKED, True),
    (Reason.GONE, True),
    (Reason.UNSUBSCRIBED, True),
    (Reason.NOT_STARTED, False),
    (Reason.NOT_FOUND, False),
    (Reason.CONTENT, False),
    (Reason.OUTSIDE_WINDOW, False),
]


@pytest.mark.parametrize(("reason", "stays_out"), REFUSED)
async def test_who_is_out_of_reach_is_left_out_of_the_next_order_and_counted(
    core: Core, reason: Reason, stays_out: bool
) -> None:
    recipients = people(VIBER, 3)
    await started(core, recipients)
    await deliver_all(core, {recipients[1].address: Failed(reason)})
    following = await accept(core, order(recipients))
    assert following.progress.total == (2 if stays_out else 3)
    assert following.left_out == ({VIBER: {reason: 1}} if stays_out else {})
    assert (await core.broadcasts.get(following.id)).left_out == following.left_out


async def test_a_failure_reported_later_leaves_the_person_out_too(core: Core) -> None:
    await started(core, people(WHATSAPP, 1))
    (claim,) = await feed_and_claim(core, WHATSAPP)
    await record(core, (claim, Sent("wamid.1")))
    gone = Receipt(state=FAILED, reason=Reason.UNSUBSCRIBED, reference=claim.job_id, at=NOW)
    await core.receipt_inbox.apply(WHATSAPP, [gone])
    with pytest.raises(ValidationError, match="send to: whatsapp:\\+12020001000 is not subscribed"):
        await accept(core, order(people(WHATSAPP, 1)))


async def test_when_everybody_is_out_of_reach_the_order_is_refused_with_the_counts(core: Core) -> None:
    for recipient in people(TELEGRAM, 3):
        await core.subscribers.mark_unreachable(TELEGRAM, recipient.address, Reason.BLOCKED)
    await core.subscribers.mark_unreachable(VIBER, "viber-1000", Reason.OPTED_OUT)
    with pytest.raises(ValidationError) as refused:
        await core.broadcasts.prepare(order([*people(TELEGRAM, 3), *people(VIBER, 1)]))
    assert refused.value.problems == (
        "There's no one to send to (3 blocked the bot (Telegram), 1 opted out (Viber)).",
    )


async def test_who_comes_back_gets_orders_again(core: Core) -> None:
    (recipient,) = people(TELEGRAM, 1)
    await core.subscribers.mark_unreachable(TELEGRAM, recipient.address, Reason.OPTED_OUT)
    await core.subscribers.mark_reachable(TELEGRAM, recipient.address, asked=False)
    assert (await core.reachability.split([recipient])).recipients == ()
    await core.subscribers.mark_reachable(TELEGRAM, recipient.address)
    assert (await core.reachability.split([recipient])).left_out == ()


async def test_a_contact_is_left_out_by_its_address(core: Core) -> None:
    await core.subscribers.mark_unreachable(VIBER, "alice", Reason.OPTED_OUT)
    known = Recipient(messenger=VIBER, address="alice", contact_id="1")
    await accept(core, order([known, *people(VIBER, 1)]))
    screened = await core.reachability.split([known])
    assert [one.recipient for one in screened.left_out] == [known]


async def test_who_asks_to_stop_after_the_order_was_accepted_gets_nothing(core: Core) -> None:
    """The request never leaves; the delivery failed with that reason, and the broadcast can end."""
    broadcast = await started(core, people(VIBER, 2))
    await core.subscribers.mark_unreachable(VIBER, "viber-1001", Reason.OPTED_OUT)
    assert await deliver_all(core) == {"viber:viber-1000": 1}
    found = await reloaded(core, broadcast)
    assert found.status is BroadcastStatus.FINISHED
    assert [(d.state, d.reason) for d in await deliveries_of(core, found)] == [
        (SENT, None),
        (FAILED, Reason.OPTED_OUT),
    ]


async def test_a_list_of_any_size_is_screened_in_its_order(core: Core) -> None:
    recipients = people(TELEGRAM, 12_000)
    for recipient in recipients[::5000]:
        await core.subscribers.mark_unreachable(TELEGRAM, recipient.address, Reason.BLOCKED)
    screened = await core.reachability.split(recipients)
    assert [one.recipient for one in screened.left_out] == list(recipients[::5000])
    assert list(screened.recipients) == [one for n, one in enumerate(recipients) if n % 5000]


async def test_subscribers_are_read_in_portions(core: Core) -> None:
    for chat_id in range(1, 2501):
        await core.subscribers.subscribe(chat_id, "Ann")
    await core.subscribers.unsubscribe(7)
    portions = [portion async for portion in core.subscribers.entries(TELEGRAM)]
    assert len(portions) > 1
    found = {chat_id for portion in portions for chat_id in portion}
    assert found == {str(n) for n in range(1, 2501) if n != 7}
    read = await core.recipients.gather([await core.recipients.everybody()], ())
    assert (len(read.recipients), read.duplicates) == (2499, 0)


async def test_a_wish_for_no_messages_follows_to_a_new_number(core: Core) -> None:
    alice, bob = people(WHATSAPP, 2)
    wish = OptOut(address=alice.address, reason=Reason.OPTED_OUT, at=NOW - timedelta(seconds=40))
    moved = AddressChange(address=alice.address, new_address=bob.address, at=NOW - timedelta(seconds=20))
    await core.receipt_inbox.apply(WHATSAPP, [wish, moved])
    with pytest.raises(ValidationError, match="opted out"):
        await accept(core, order([bob]))
    back = OptIn(address=bob.address, at=NOW, asked=True)
    await core.receipt_inbox.apply(WHATSAPP, [back, moved])
    await accept(core, order([bob]))


async def test_everything_follows_to_a_new_user_id_and_the_admins_are_told(core: Core) -> None:
    """Contact, lists, subscription, opt-out and window; a list with both ids has one of them afterwards."""
    old, new, other = "US.13491208655302741918", "US.99991208655302741918", "US.55551208655302741918"
    ann = Recipient(messenger=WHATSAPP, address=old, variables={"name": "Ann"})
    made = await core.audiences.create("Parents", created_by=Actor("test"))
    await core.audiences.add(made.id, [ann, replace(ann, address=new, variables={"name": "Annie"})])
    alone = await core.audiences.create("Club", created_by=Actor("test"))
    await core.audiences.add(alone.id, [ann])
    await core.contacts.put(Contact(id="7", name="Ann", addresses={WHATSAPP: old}))
    at = str(int((NOW - timedelta(seconds=30)).timestamp()))
    wrote = {"from_user_id": old, "id": "w", "timestamp": at, "type": "text", "text": {"body": "Hello"}}
    stop = {"from_user_id": other, "id": "x", "timestamp": at, "type": "text", "text": {"body": "STOP"}}
    await reported(core, wrote, stop)
    moved = {"id": "y", "timestamp": at, "type": "system"}
    changes = [{"previous_user_id": old, "user_id": new}, {"previous_user_id": other, "user_id": "US.1"}]
    moves = [{**moved, "system": {"type": "user_changed_user_id", **one}} for one in changes]
    for _ in range(2):
        await reported(core, *moves)
    on_both = [one async for one in core.recipients.of(made.id)]
    assert [(one.address, one.variables) for one in on_both] == [(new, {"name": "Annie"})]
    assert [one.address async for one in core.recipients.of(alone.id)] == [new]
    assert (await core.contacts.get_many(["7"]))["7"].addresses == {WHATSAPP: new}
    assert await core.subscribers.is_subscribed(WHATSAPP, new)
    assert not await core.subscribers.is_subscribed(WHATSAPP, old)
    gone = Recipient(messenger=WHATSAPP, address="US.1")
    assert [one.reason for one in (await core.reachability.split([gone])).left_out] == [Reason.OPTED_OUT]
    (window,) = await core.reachability.outside_window(
        [replace(ann, address=new), replace(ann, address="US.2")]
    )
    assert [one.address for one in window.outside] == ["US.2"]
    told = (await core.status.read()).account_events[WHATSAPP]
    assert sorted(one.name for one in told) == sorted([f"{old} → {new}", f"{other} → US.1"])
    alarm = AlertTracker(core.alerts)
    said = [alert.text for _ in range(3) for alert in await alarm.look(await core.status.read())]
    assert f"Someone has a new ID on WhatsApp: {old} → {new}. Their lists, " in str(said)


async def reported(core: Core, *messages: Mapping[str, object]) -> None:
    """WhatsApp's webhook tells of these messages, and a worker applies them."""
    await core.receipt_inbox.put(WHATSAPP, [whatsapp(messages=list(messages)).decode()])
    await ReceiptProcessor(core.receipt_inbox, core.subscriptions, REPORT_PARSERS, core.bell).apply_some(
        WHATSAPP
    )


async def test_contact_lists_and_subscription_follow_to_a_new_number(core: Core) -> None:
    old, new, viber = "+12025550160", "+12025550161", Recipient(messenger=Messenger.VIBER, address="ann")
    ann = Recipient(messenger=WHATSAPP, address=old, variables={"name": "Ann", "fee": "5"})
    both = [replace(one, person=own_person(ann)) for one in (ann, viber)]
    made = await core.audiences.create("Parents", created_by=Actor("test"))
    await core.audiences.add(made.id, both)
    await core.contacts.put(Contact(id="7", name="Ann", addresses={WHATSAPP: old}))
    await core.subscribers.add(WHATSAPP, [old], "Ann")
    moved = AddressChange(address=old, new_address=new, at=NOW)
    for _ in range(2):
        await core.subscriptions.follow(WHATSAPP, [moved])
    after = [
        replace(one, person=own_person(replace(ann, address=new)))
        for one in (replace(ann, address=new), viber)
    ]
    assert [one async for one in core.recipients.of(made.id)] == after
    audience = await core.audiences.get(made.id)
    assert (audience.counts, audience.further) == ({WHATSAPP: 1, Messenger.VIBER: 1}, 1)
    assert (await core.contacts.get_many(["7"]))["7"].addresses == {WHATSAPP: new}
    found = await core.contacts.at([(WHATSAPP, old), (WHATSAPP, new)])
    assert [(where[1], one.name) for where, one in found.items()] == [(new, "Ann")]
    assert not await core.subscribers.is_subscribed(WHATSAPP, old)
    assert await core.subscribers.is_subscribed(WHATSAPP, new)


async def test_what_waits_for_a_person_with_a_new_number_goes_to_that_number(core: Core) -> None:
    """What was sent stays as it was, and who is on the list with both numbers gets it once."""
    old, new, other = "+12025550160", "+12025550161", "+12025550162"
    ann, bo = Recipient(messenger=WHATSAPP, address=old), Recipient(messenger=WHATSAPP, address=other)
    waiting = await accept(core, order([bo, ann], send_at=in_an_hour()))
    both = await accept(core, order([ann, replace(ann, address=new)], send_at=in_an_hour()))
    sent, held = await started(core, [ann]), await started(core, [bo, ann])
    await core.ledger.steer(held.id, Verb.PAUSE)
    await deliver_all(core)
    moved = AddressChange(address=old, new_address=new, at=NOW)
    for _ in range(2):
        await core.subscriptions.follow(WHATSAPP, [moved])
    found = [
        [one.recipient.address for one in await deliveries_of(core, one)]
        for one in (waiting, both, sent, held)
    ]
    assert found == [[other, new], [old, new], [old], [other, new]]
    # The old number may be somebody else's one day.
    assert (await core.reachability.split([ann])).recipients == (ann,)


async def test_a_person_who_moves_twice_in_one_batch_gets_it_at_the_last_number(core: Core) -> None:
    first, second, third = "+12025550160", "+12025550161", "+12025550162"
    ann, bo = (Recipient(messenger=WHATSAPP, address=one) for one in (first, "+12025550163"))
    waiting = await accept(core, order([bo, ann], send_at=in_an_hour()))
    moves = [AddressChange(address=first, new_address=second, at=NOW)]
    moves.append(AddressChange(address=second, new_address=third, at=NOW))
    await core.subscriptions.follow(WHATSAPP, moves)
    assert [one.recipient.address for one in await deliveries_of(core, waiting)] == [bo.address, third]


async def test_a_message_that_waits_for_both_numbers_of_a_person_goes_to_the_new_one(core: Core) -> None:
    old, new, other = (Recipient(messenger=WHATSAPP, address=f"+1202555016{one}") for one in (0, 1, 2))
    running = await started(core, [old, new, other])
    scheduled = await accept(core, order([old, new], send_at=in_an_hour()))
    moved = AddressChange(address=old.address, new_address=new.address, at=NOW)
    for _ in range(2):
        await core.subscriptions.follow(WHATSAPP, [moved])
    assert await deliver_all(core) == {new.label: 1, other.label: 1}
    for broadcast, state in ((running, SENT), (scheduled, DeliveryState.QUEUED)):
        after = await reloaded(core, broadcast)
        found = {one.recipient.address: (one.state, one.reason) for one in await deliveries_of(core, after)}
        assert found[old.address] == (FAILED, Reason.DUPLICATE)
        assert found[new.address] == (state, None)
        assert after.progress.reasons == {WHATSAPP: {Reason.DUPLICATE: 1}}
        assert after.status is (BroadcastStatus.FINISHED if state is SENT else BroadcastStatus.SCHEDULED)
    await core.broadcasts.send_now(scheduled.id)
    assert (await reloaded(core, scheduled)).progress.of(FAILED) == 1
