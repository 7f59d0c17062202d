"""A large broadcast goes out only once somebody else than who asked for it has approved it, as it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.audit import Actor, AuditAction
from core.domain.broadcast import Broadcast, BroadcastStatus, Index
from core.domain.content.content import Content
from core.domain.errors import Conflict
from core.domain.messengers.traits import Messenger
from core.domain.recurrence import Recurrence
from core.domain.series import NewSeries, Repeat
from core.services.audit_log import set_actor
from core.services.purge import PurgeKind
from core.store.scripts import Scripts
from core.store.series import SeriesStore
from tests.support.core import accept, change, core_at, deliver_all, in_an_hour, order, people

ANN = Actor("telegram:100", "Ann")
BEN = Actor("telegram:101", "Ben")
EVE = Actor("telegram:102", "Eve")
LIMIT = 2
UNAPPROVED, SCHEDULED = BroadcastStatus.UNAPPROVED, BroadcastStatus.SCHEDULED


@pytest.fixture
async def careful(redis_url: str) -> AsyncIterator[Core]:
    """Broadcasts to three or more people need a second person."""
    set_actor(ANN)
    async with core_at(redis_url, APPROVAL_ABOVE=str(LIMIT), UNDO_SECONDS="0") as core:
        yield core


async def asked(core: Core, count: int = LIMIT + 1, send_at: datetime | None = None) -> Broadcast:
    """Ordered by Ann."""
    set_actor(ANN)
    new = order(people(Messenger.TELEGRAM, count), send_at=send_at)
    return await accept(core, replace(new, created_by=ANN))


async def approve(core: Core, broadcast: Broadcast) -> Broadcast:
    """The acting admin approves the broadcast as shown."""
    return await core.approvals.approve(broadcast.id, broadcast.asked.number if broadcast.asked else 0)


async def refuse(core: Core, broadcast: Broadcast) -> Broadcast:
    """The same with no."""
    return await core.approvals.refuse(broadcast.id, broadcast.asked.number if broadcast.asked else 0)


async def start(core: Core, broadcast: Broadcast) -> BroadcastStatus | None:
    """The attempts of a worker and of the scheduler."""
    return await core.ledger.start(broadcast.id)


async def test_up_to_the_limit_nobody_is_asked(careful: Core) -> None:
    assert (await asked(careful, LIMIT)).status is SCHEDULED
    assert await careful.approvals.waiting() == []


async def test_without_a_limit_nobody_is_asked(redis_url: str) -> None:
    async with core_at(redis_url) as core:
        assert (await asked(core, 50)).status is SCHEDULED


@pytest.mark.parametrize("planned", [False, True])
async def test_above_the_limit_nothing_starts_before_somebody_else_says_yes(
    careful: Core, planned: bool
) -> None:
    broadcast = await asked(careful, send_at=in_an_hour() if planned else None)
    assert broadcast.status is UNAPPROVED
    assert await start(careful, broadcast) is UNAPPROVED
    assert await careful.ledger.start(broadcast.id) is UNAPPROVED
    assert await careful.ledger.ids(Index.SCHEDULED) == []
    assert await deliver_all(careful) == {}
    set_actor(BEN)
    approved = await approve(careful, broadcast)
    assert approved.status is SCHEDULED
    assert approved.last_actions[AuditAction.APPROVED].name == "Ben"
    if planned:
        assert approved.send_at == broadcast.send_at
        await careful.broadcasts.send_now(broadcast.id)
    else:
        await start(careful, broadcast)
        assert (await deliver_all(careful)).total() == LIMIT + 1


async def test_nobody_approves_or_refuses_an_order_of_their_own(careful: Core) -> None:
    broadcast = await asked(careful)
    for decide in (approve, refuse):
        with pytest.raises(Conflict, match="You created"):
            await decide(careful, broadcast)
    assert (await careful.broadcasts.get(broadcast.id)).status is UNAPPROVED


async def test_two_who_decide_at_once_decide_once_and_the_other_is_told_who_did(careful: Core) -> None:
    broadcast = await asked(careful)

    async def as_(actor: Actor) -> object:
        set_actor(actor)
        return await approve(careful, broadcast)

    found = await asyncio.gather(
        *(asyncio.create_task(as_(who)) for who in (BEN, EVE, BEN, EVE)), return_exceptions=True
    )
    told = {str(one) for one in found if isinstance(one, Conflict)}
    winner = (await careful.broadcasts.get(broadcast.id)).last_actions[AuditAction.APPROVED].name
    assert len([one for one in found if isinstance(one, Broadcast)]) == 1
    assert told == {f"{winner} already approved #{broadcast.id}."}
    assert [line.action for line in (await careful.audit_log.page()).items] == [
        AuditAction.APPROVED,
        AuditAction.ASKED,
    ]
    set_actor(EVE if winner == "Ben" else BEN)
    with pytest.raises(Conflict, match="already approved"):
        await refuse(careful, broadcast)


async def test_what_is_refused_is_cancelled_for_good(careful: Core) -> None:
    broadcast = await asked(careful)
    set_actor(BEN)
    refused = await refuse(careful, broadcast)
    assert (refused.status, refused.last_actions[AuditAction.REFUSED].name) == (
        BroadcastStatus.CANCELLED,
        "Ben",
    )
    set_actor(EVE)
    with pytest.raises(Conflict, match="Ben already rejected"):
        await approve(careful, broadcast)
    assert await careful.approvals.waiting() == []
    assert await start(careful, broadcast) is BroadcastStatus.CANCELLED


async def test_another_time_has_to_be_approved_anew_and_an_old_yes_is_void(careful: Core) -> None:
    before = await asked(careful, send_at=in_an_hour())
    moved = await careful.broadcasts.reschedule(before.id, in_an_hour() + timedelta(hours=1))
    set_actor(BEN)
    with pytest.raises(Conflict, match="has changed"):
        await approve(careful, before)
    approved = await approve(careful, moved)
    assert approved.send_at == moved.send_at
    # Ben moves what he has approved: now it is his, and the words are Ann's, so Eve has to look.
    again = await careful.broadcasts.reschedule(before.id, in_an_hour() + timedelta(hours=2))
    assert (again.status, again.asked and again.asked.by) == (UNAPPROVED, BEN)
    with pytest.raises(Conflict, match="You created"):
        await approve(careful, again)
    set_actor(ANN)
    with pytest.raises(Conflict, match=r"You wrote .* or chose its recipients"):
        await approve(careful, again)
    set_actor(EVE)
    assert (await approve(careful, again)).status is SCHEDULED


@pytest.mark.parametrize("held", [False, True])
async def test_sending_a_planned_one_now_has_to_be_approved_anew(careful: Core, held: bool) -> None:
    planned = await asked(careful, send_at=in_an_hour())
    set_actor(BEN)
    await approve(careful, planned)
    soon = (
        await careful.broadcasts.send_soon(planned.id, timedelta(seconds=10))
        if held
        else await careful.broadcasts.send_now(planned.id)
    )
    assert (soon.status, soon.planned) == (UNAPPROVED, False)
    assert await start(careful, planned) is UNAPPROVED
    set_actor(EVE)
    await approve(careful, soon)
    assert await start(careful, planned) is BroadcastStatus.SENDING


async def test_what_was_ordered_for_now_can_be_undone_for_a_moment_after_the_yes(redis_url: str) -> None:
    async with core_at(redis_url, APPROVAL_ABOVE=str(LIMIT), UNDO_SECONDS="60") as core:
        broadcast = await asked(core)
        set_actor(BEN)
        approved = await approve(core, broadcast)
        assert approved.can_be_undone
        assert approved.send_at > datetime.now(UTC) + timedelta(seconds=50)
        assert (await core.broadcasts.undo(broadcast.id)).status is BroadcastStatus.CANCELLED


async def test_a_yes_that_comes_too_late_counts_for_nothing_until_it_is_rescheduled(careful: Core) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1)
    broadcast = await asked(careful, send_at=soon)
    assert broadcast.asked is not None
    assert broadcast.asked.until == broadcast.send_at
    set_actor(BEN)
    while datetime.now(UTC) <= soon:
        await careful.health.ping()
    with pytest.raises(Conflict, match="too late"):
        await approve(careful, broadcast)
    assert await start(careful, broadcast) is UNAPPROVED
    moved = await careful.broadcasts.reschedule(broadcast.id, in_an_hour())
    set_actor(EVE)
    assert (await approve(careful, moved)).status is SCHEDULED


async def test_the_question_ends_after_a_day_however_far_its_time_is(careful: Core) -> None:
    broadcast = await asked(careful, send_at=datetime.now(UTC) + timedelta(days=30))
    assert broadcast.asked is not None
    assert broadcast.asked.until - broadcast.asked.at == timedelta(days=1)


async def test_what_waits_outlives_a_restart_and_can_be_cancelled_and_purged(
    careful: Core, redis_url: str
) -> None:
    first, second = await asked(careful), await asked(careful, send_at=in_an_hour())
    async with core_at(redis_url, APPROVAL_ABOVE=str(LIMIT)) as other:
        assert {one.id for one in await other.approvals.waiting()} == {first.id, second.id}
        assert (await other.broadcasts.cancel(first.id)).status is BroadcastStatus.CANCELLED
        assert await other.purge.carry_out(PurgeKind.FINISHED, expected=1) == 1
        await other.purge.delete_ended()
        assert [one.id for one in await other.approvals.waiting()] == [second.id]


async def test_an_order_over_http_can_be_approved_by_anybody_who_may(careful: Core, store: Redis) -> None:
    set_actor(Actor("api:admin", "admin"))
    new = replace(order(people(Messenger.TELEGRAM, 3)), created_by=Actor("api:admin", "admin"))
    broadcast = await accept(careful, new)
    set_actor(ANN)
    assert (await approve(careful, broadcast)).status is SCHEDULED
    assert await store.exists("ms:i:unapproved") == 0


async def test_other_words_have_to_be_approved_anew_and_an_old_yes_is_void(careful: Core) -> None:
    """Before and after it was approved; what was done to it stays known."""
    before = await asked(careful, send_at=in_an_hour())
    set_actor(BEN)
    words = replace(
        order(people(Messenger.TELEGRAM, 4), text="Other words", send_at=in_an_hour()), created_by=BEN
    )
    edited = await change(careful, before.id, words, edition=before.edition)
    set_actor(EVE)
    with pytest.raises(Conflict, match="has changed"):
        await approve(careful, before)
    assert (await approve(careful, edited)).status is SCHEDULED
    once_more = await change(careful, before.id, words, edition=edited.edition)
    assert (once_more.status, once_more.last_actions[AuditAction.APPROVED].name) == (UNAPPROVED, "Eve")
    assert await careful.ledger.ids(Index.SCHEDULED) == []
    few = replace(words, recipients=people(Messenger.TELEGRAM, LIMIT))
    assert (await change(careful, before.id, few, edition=once_more.edition)).status is SCHEDULED
    assert await careful.approvals.waiting() == []


async def test_each_time_of_a_large_series_waits_and_may_be_approved_after_its_time(
    careful: Core, store: Redis
) -> None:
    made = await careful.audiences.create("vip", created_by=ANN)
    await careful.audiences.add(made.id, people(Messenger.VIBER, LIMIT + 1))
    new = NewSeries(
        content=Content(text="Hello"),
        audiences=(await careful.audiences.choose(made.id),),
        repeat=Repeat(rule=Recurrence.at(9, 0), zone="Europe/Berlin"),
        late=None,
        created_by=ANN,
    )
    series_id, next_id = [await careful.ledger.reserve_id() for _ in range(2)]
    now = datetime.now(UTC)
    book = SeriesStore(store, Scripts(store))
    await book.create(series_id, new, next_at=now - timedelta(seconds=1), next_id=next_id, now=now)
    await careful.series.make_all_due()
    (waiting,) = await careful.approvals.waiting()
    assert (waiting.id, waiting.asked and waiting.asked.by) == (next_id, ANN)
    assert await deliver_all(careful) == {}
    with pytest.raises(Conflict, match="You created"):
        await approve(careful, waiting)
    set_actor(BEN)
    await approve(careful, waiting)
    await start(careful, waiting)
    assert (await deliver_all(careful)).total() == LIMIT + 1


async def test_words_on_the_phones_of_many_are_no_way_around_it(careful: Core) -> None:
    broadcast = await asked(careful)
    set_actor(BEN)
    await approve(careful, broadcast)
    await start(careful, broadcast)
    await deliver_all(careful)
    ended = await careful.broadcasts.get(broadcast.id)
    with pytest.raises(Conflict, match="needs approval"):
        await careful.amendments.edit(ended, Content(text="Other words"), by=BEN.id)
    assert await careful.amendments.latest(broadcast.id) is None
    assert (await careful.amendments.delete(ended, by=BEN.id)).by == BEN.id


async def test_the_author_of_words_that_somebody_else_gave_other_recipients_cannot_approve_them(
    careful: Core,
) -> None:
    before = await asked(careful, send_at=in_an_hour())
    more = replace(order(people(Messenger.TELEGRAM, 5), send_at=in_an_hour()), created_by=BEN)
    edited = await change(careful, before.id, more, edition=before.edition)
    assert edited.asked is not None
    assert (edited.asked.words_by, edited.asked.recipients_by) == (ANN, BEN)
    set_actor(EVE)
    moved = await careful.broadcasts.reschedule(before.id, in_an_hour() + timedelta(hours=1))
    for author in (ANN, BEN, EVE):
        set_actor(author)
        with pytest.raises(Conflict, match=r"You (wrote|created)"):
            await approve(careful, moved)
    set_actor(Actor("telegram:103", "Dan"))
    assert (await approve(careful, moved)).status is SCHEDULED


async def test_the_author_of_recipients_that_got_other_words_cannot_approve_them(careful: Core) -> None:
    before = await asked(careful, send_at=in_an_hour())
    words = order(people(Messenger.TELEGRAM, LIMIT + 1), text="Other words", send_at=in_an_hour())
    edited = await change(careful, before.id, replace(words, created_by=BEN), edition=before.edition)
    assert edited.asked is not None
    assert (edited.asked.words_by, edited.asked.recipients_by) == (BEN, ANN)
    set_actor(ANN)
    with pytest.raises(Conflict, match="or chose its recipients"):
        await approve(careful, edited)


async def test_who_put_people_on_a_list_never_approves_an_order_to_it(careful: Core) -> None:
    set_actor(ANN)
    parents = await careful.audiences.create("parents", created_by=ANN)
    await careful.audiences.add(parents.id, people(Messenger.TELEGRAM, LIMIT))
    set_actor(BEN)
    await careful.audiences.add(parents.id, people(Messenger.TELEGRAM, 1, first=500))
    set_actor(ANN)
    gathered = await careful.recipients.gather([await careful.audiences.choose(parents.id)], ())
    assert set(gathered.authors) == {ANN, BEN}
    new = replace(order(gathered.recipients), created_by=ANN, co_authors=gathered.authors)
    broadcast = await accept(careful, new)
    set_actor(BEN)
    with pytest.raises(Conflict, match="or chose its recipients"):
        await approve(careful, broadcast)
    set_actor(EVE)
    other = replace(order(people(Messenger.TELEGRAM, 5)), created_by=EVE)
    await change(careful, broadcast.id, other, edition=0)
    changed = await careful.broadcasts.get(broadcast.id)
    set_actor(BEN)
    with pytest.raises(Conflict, match="or chose its recipients"):
        await approve(careful, changed)


async def test_who_made_or_changed_a_series_never_approves_its_broadcasts(
    careful: Core, store: Redis
) -> None:
    set_actor(ANN)
    vip = await careful.audiences.create("vip", created_by=ANN)
    await careful.audiences.add(vip.id, people(Messenger.TELEGRAM, LIMIT + 1))
    chosen = (await careful.audiences.choose(vip.id),)
    rule = Repeat(rule=Recurrence.parse("* * * * *"), zone="UTC")
    made = NewSeries(content=Content(text="Hello"), audiences=chosen, repeat=rule, created_by=EVE)
    series = await careful.series.accept(await careful.ledger.reserve_id(), made)
    set_actor(BEN)
    await careful.series.change(series, replace(made, content=Content(text="Other"), created_by=BEN))
    assert set((await careful.series.get(series.id)).order.co_authors) == {EVE, BEN}
    a_minute_ago = round((datetime.now(UTC) - timedelta(minutes=1)).timestamp() * 1000)
    await store.hset(f"ms:ser:{series.id}", "next_at", str(a_minute_ago))
    broadcast = await careful.series.make_due(series.id)
    assert broadcast is not None
    for author in (ANN, BEN, EVE):
        set_actor(author)
        with pytest.raises(Conflict):
            await approve(careful, broadcast)
    set_actor(Actor("telegram:103", "Zoe"))
    assert (await approve(careful, broadcast)).status is SCHEDULED
