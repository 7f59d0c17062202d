"""The last inbound message per address, from reports, and the recipients that a text reaches by it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.inbound import InboundMessage
from core.domain.messengers.traits import Messenger
from tests.support.core import core_at, keys, people, store_at

WHATSAPP, VIBER, TELEGRAM = Messenger.WHATSAPP, Messenger.VIBER, Messenger.TELEGRAM
ALICE, BOB, ERIN = people(WHATSAPP, 3)
HOUR = timedelta(hours=1)


@pytest.fixture
async def core(redis_url: str) -> AsyncIterator[Core]:
    async with core_at(redis_url, WHATSAPP_APP_SECRET="an-app-secret") as core:
        yield core


async def receive(core: Core, *ages: tuple[str, timedelta]) -> None:
    now = datetime.now(UTC)
    await core.receipt_inbox.apply(
        WHATSAPP, [InboundMessage(address=address, at=now - age) for address, age in ages]
    )


async def outside(core: Core, at: datetime | None = None) -> set[str]:
    (found,) = await core.reachability.outside_window((ALICE, BOB, ERIN), at)
    assert (found.messenger, found.total, found.missing) == (WHATSAPP, 3, "")
    return {one.address for one in found.outside}


async def test_people_with_a_message_within_a_day_are_inside_all_others_outside(core: Core) -> None:
    await receive(core, (ALICE.address, 1 * HOUR), (BOB.address, 23.5 * HOUR), (ERIN.address, 24.5 * HOUR))
    assert await outside(core) == {ERIN.address}


async def test_a_window_counts_as_closed_a_little_before_it_is(core: Core) -> None:
    await receive(core, (ALICE.address, 24 * HOUR - timedelta(minutes=4)))
    assert ALICE.address in await outside(core)


async def test_the_latest_message_counts_in_whatever_order_they_are_told(core: Core) -> None:
    await receive(core, (ALICE.address, 1 * HOUR), (ALICE.address, 23 * HOUR), (ALICE.address, 30 * HOUR))
    assert ALICE.address not in await outside(core, datetime.now(UTC) + 22 * HOUR)


async def test_for_a_later_sending_the_window_is_looked_at_as_it_will_be_then(core: Core) -> None:
    await receive(core, (ALICE.address, 1 * HOUR), (BOB.address, 20 * HOUR))
    assert await outside(core, datetime.now(UTC) + 5 * HOUR) == {BOB.address, ERIN.address}


async def test_a_clock_that_is_ahead_opens_no_longer_window(core: Core) -> None:
    await receive(core, (ALICE.address, -48 * HOUR))
    assert ALICE.address in await outside(core, datetime.now(UTC) + 24 * HOUR)


async def test_messengers_without_a_window_are_not_asked(core: Core) -> None:
    assert await core.reachability.outside_window((*people(TELEGRAM, 2), *people(VIBER, 2))) == []


async def test_without_the_webhooks_secret_nobody_knows_and_it_is_said(redis_url: str) -> None:
    async with core_at(redis_url) as core:
        (found,) = await core.reachability.outside_window((ALICE,))
    assert (found.missing, found.outside) == ("WHATSAPP_APP_SECRET", (ALICE,))


async def test_what_is_known_of_a_message_goes_by_itself_after_days(core: Core, redis_url: str) -> None:
    await receive(core, (ALICE.address, 1 * HOUR), (BOB.address, 72 * HOUR))
    store: Redis
    async with store_at(redis_url) as store:
        (key,) = await keys(store, "ms:wrote:*")
        assert 0 < await store.ttl(key) <= 3 * 86_400
        assert await store.hkeys(key) == [ALICE.address]
