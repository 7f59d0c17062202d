"""The same words to the same people within a day are noticed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.domain.broadcast import Verb
from core.domain.content.content import Content, Media
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.services.duplicate_check import Duplicate
from tests.support.core import accept, accepted, core_at, deliver_all, order, people, started, store_at

ANN, BEN, CAT = people(Messenger.TELEGRAM, 3)
HELLO = Content(text="Hello")


async def test_one_that_runs_ended_or_is_planned_is_found_by_one_person_in_common(redis_url: str) -> None:
    async with core_at(redis_url) as core:
        planned = await accepted(core, (ANN, BEN), send_at=datetime.now(UTC) + timedelta(hours=2))
        assert await core.duplicate_check.find_recent(HELLO, (ANN, BEN, CAT)) == Duplicate(planned, 2)
        ended = await started(core, (BEN,))
        await deliver_all(core)
        found = await core.duplicate_check.find_recent(HELLO, (BEN, CAT))
        assert found is not None
        assert found.broadcast.id == ended.id
        running = await started(core, (BEN,))
        found = await core.duplicate_check.find_recent(HELLO, (BEN, CAT))
        assert found is not None
        assert found.broadcast.id == running.id


async def test_other_words_other_people_and_another_day_are_not_the_same(redis_url: str) -> None:
    async with core_at(redis_url) as core:
        await started(core, (ANN,))
        await deliver_all(core)
        await accepted(core, (BEN,), send_at=datetime.now(UTC) + timedelta(days=2))
        assert await core.duplicate_check.find_recent(Content(text="Hello you"), (ANN,)) is None
        assert await core.duplicate_check.find_recent(HELLO, (BEN, CAT)) is None
        viber = Recipient(messenger=Messenger.VIBER, address=ANN.address)
        assert await core.duplicate_check.find_recent(HELLO, (viber,)) is None


async def test_a_full_stop_a_capital_or_a_new_upload_makes_no_other_message(redis_url: str) -> None:
    def sale(file_id: str, size: int) -> Content:
        photo = Media(kind=MediaKind.PHOTO, ids={Messenger.TELEGRAM: file_id}, size=size)
        return Content(text="Sale today", media=(photo,))

    async with core_at(redis_url) as core:
        await started(core, (ANN,))
        await accept(core, replace(order((BEN,)), content=sale("one", 4711)))
        for text in ("Hello.", "HELLO", "Hello! "):
            assert await core.duplicate_check.find_recent(Content(text=text), (ANN,)) is not None
        assert await core.duplicate_check.find_recent(sale("two", 4711), (BEN,)) is not None
        assert await core.duplicate_check.find_recent(sale("two", 4712), (BEN,)) is None


async def test_one_of_thousands_is_found_too(redis_url: str) -> None:
    async with core_at(redis_url) as core:
        crowd = people(Messenger.TELEGRAM, 6_000)
        await started(core, crowd)
        assert await core.duplicate_check.find_recent(HELLO, (crowd[-1],)) is not None


async def test_one_that_ended_before_yesterday_is_forgotten(redis_url: str) -> None:
    async with core_at(redis_url) as core, store_at(redis_url) as store:
        old = await started(core, (ANN,))
        await deliver_all(core)
        before = (datetime.now(UTC) - timedelta(hours=25)).timestamp() * 1000
        await store.zadd("ms:i:ended", {old.id: before})
        assert await core.duplicate_check.find_recent(HELLO, (ANN,)) is None


async def test_whom_it_did_not_reach_may_get_it_now(redis_url: str) -> None:
    """A retry of the failed, or an order after a cancelled one, is no repetition."""
    async with core_at(redis_url) as core:
        await started(core, (ANN, BEN))
        await deliver_all(core, {ANN.address: Failed(Reason.BUSY)})
        cancelled = await accepted(core, (CAT,))
        await core.ledger.steer(cancelled.id, Verb.CANCEL)
        assert await core.duplicate_check.find_recent(HELLO, (ANN, CAT)) is None
        assert await core.duplicate_check.find_recent(HELLO, (ANN, BEN)) is not None


async def test_the_order_itself_does_not_count(redis_url: str) -> None:
    """A change of a scheduled broadcast is no duplicate of itself."""
    async with core_at(redis_url) as core:
        planned = await accepted(core, (ANN,), send_at=datetime.now(UTC) + timedelta(hours=2))
        assert await core.duplicate_check.find_recent(HELLO, (ANN,), but=planned.id) is None
