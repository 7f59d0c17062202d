"""Chats that moved to another id while a broadcast to them is under way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.app import Core
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.store.deliveries import Claim
from tests.support.core import deliveries_of, feed_and_claim, people, started

TELEGRAM = Messenger.TELEGRAM
OLD, NEW = "-500", "-1009876543210"


def chat(address: str) -> Recipient:
    return Recipient(messenger=TELEGRAM, address=address, variables={"name": "Team"})


async def claim_of(core: Core, address: str) -> Claim:
    while claims := await feed_and_claim(core, TELEGRAM):
        for claim in claims:
            if claim.recipient.address == address:
                return claim
    raise AssertionError(f"nobody is at {address}")


@pytest.mark.parametrize("others", [0, 99, 100, 12_345])
async def test_where_the_new_id_is_on_the_list_too_the_old_one_keeps_its_own(core: Core, others: int) -> None:
    broadcast = await started(core, (chat(OLD), *people(TELEGRAM, others), chat(NEW)))
    assert not await core.deliveries.change_address(await claim_of(core, OLD), NEW)
    addresses = [one.recipient.address for one in await deliveries_of(core, broadcast)]
    assert (addresses[0], addresses[-1]) == (OLD, NEW)


@pytest.mark.parametrize("near", ["-10098765432100", "-100987654321", "@team"])
async def test_an_address_that_only_looks_like_the_new_one_does_not_count(core: Core, near: str) -> None:
    broadcast = await started(core, (chat(OLD), chat(near)))
    assert await core.deliveries.change_address(await claim_of(core, OLD), NEW)
    first, _ = await deliveries_of(core, broadcast)
    assert first.recipient == chat(NEW)


async def test_following_the_same_chat_again_is_no_double(core: Core) -> None:
    await started(core, (chat(OLD),))
    claim = await claim_of(core, OLD)
    assert await core.deliveries.change_address(claim, NEW)
    moved = replace(claim, recipient=replace(claim.recipient, address=NEW))
    assert await core.deliveries.change_address(moved, NEW)


async def test_either_way_later_orders_know_where_the_chat_is(core: Core) -> None:
    await started(core, (chat(OLD), chat(NEW)))
    await core.deliveries.change_address(await claim_of(core, OLD), NEW)
    screened = await core.reachability.split((chat(OLD), chat(NEW)))
    assert [one.address for one in screened.recipients] == [NEW]
