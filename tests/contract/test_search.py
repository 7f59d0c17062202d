"""Ended broadcasts are found by words of their text, a bounded number looked at each time."""

from __future__ import annotations

import pytest

from core.app import Core
from core.domain.broadcast import Index, Verb
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed
from core.domain.messengers.traits import Messenger
from core.domain.page import Cursor
from core.services import search
from core.services.search import Found
from tests.support.core import accepted, core_at, deliver_all, people, started, store_at


async def ended(core: Core, *texts: str) -> list[str]:
    """Cancelled before they began, in this order."""
    ids = []
    for text in texts:
        broadcast = await accepted(core, people(Messenger.TELEGRAM, 1), text=text)
        await core.ledger.steer(broadcast.id, Verb.CANCEL)
        ids.append(broadcast.id)
    return ids


def said(found: Found) -> list[str]:
    return [one.content.text for one in found.items]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("SALE", ["Big sale", "Sale starts now"]),
        ("sale starts", ["Sale starts now"]),
        ("starts  sale", ["Sale starts now"]),
        ("распродажа", ["РАСПРОДАЖА: ещё два дня"]),
        ("ЕЩЕ", ["РАСПРОДАЖА: ещё два дня"]),
        ("strasse", ["Neue Straße"]),
        ("nothing", []),
    ],
)
async def test_words_are_found_whatever_their_case_and_order(
    redis_url: str, words: str, expected: list[str]
) -> None:
    """Newest first; parts of words too; in Russian too."""
    async with core_at(redis_url) as core:
        await ended(core, "Sale starts now", "Neue Straße", "РАСПРОДАЖА: ещё два дня", "Big sale")
        found = await core.search.search(words, size=5)
        assert (said(found), found.older) == (expected, None)


async def test_only_the_chosen_list_is_searched(redis_url: str) -> None:
    async with core_at(redis_url) as core:
        await ended(core, "Sale cancelled")
        await started(core, people(Messenger.TELEGRAM, 1), text="Sale failed")
        await deliver_all(core, {"1000": Failed(Reason.BLOCKED)})
        failures = await core.search.search("sale", which=Index.FAILURES, size=5)
        cancelled = await core.search.search("sale", which=Index.CANCELLED, size=5)
        assert (said(failures), said(cancelled)) == (["Sale failed"], ["Sale cancelled"])


async def test_pages_follow_each_other_without_gap_or_double(redis_url: str) -> None:
    """Also when what stood at the end of a page is deleted, and when newer ones end meanwhile."""
    async with core_at(redis_url) as core:
        ids = await ended(core, *(f"Sale {number}" for number in range(5)))
        first = await core.search.search("sale", size=2)
        assert said(first) == ["Sale 4", "Sale 3"]
        await ended(core, "Sale 5")
        await core.ledger.delete(ids[3])
        second = await core.search.search("sale", size=2, after=first.older)
        assert said(second) == ["Sale 2", "Sale 1"]
        third = await core.search.search("sale", size=2, after=second.older)
        assert (said(third), third.older) == (["Sale 0"], None)


async def test_one_look_reads_a_bounded_number(redis_url: str) -> None:
    """A next search begins where this one ended, and finds older broadcasts."""
    async with core_at(redis_url) as core, store_at(redis_url) as store:
        deep = await ended(core, "Sale")
        await store.zadd("ms:i:ended", {f"B{n}": 2**42 + n for n in range(search.MOST_LOOKED_AT)})
        first = await core.search.search("sale", size=5)
        assert (said(first), first.looked_at) == ([], search.MOST_LOOKED_AT)
        assert isinstance(first.older, Cursor)
        second = await core.search.search("sale", size=5, after=first.older)
        assert ([one.id for one in second.items], second.older) == ([deep[0]], None)


async def test_what_was_searched_for_belongs_to_one_admin(redis_url: str) -> None:
    async with core_at(redis_url) as core:
        stamp = await core.searches.begin(100, "sale")
        assert await core.searches.words(100, stamp) == "sale"
        assert await core.searches.words(200, stamp) is None
        await core.searches.keep_place(100, stamp, "a2", Cursor(id="A7KQ", at=5))
        assert await core.searches.place(100, stamp, "a2") == Cursor(id="A7KQ", at=5)
        assert await core.searches.place(100, stamp, "a3") is None
