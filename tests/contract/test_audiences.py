"""Audiences on a real store: names, counts, what is added and removed, and files that read back as they were."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from core.app import Core
from core.domain.audience import EVERYBODY, Audience
from core.domain.audit import Actor
from core.domain.errors import Conflict, NotFound, ValidationError
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient, full_name_in
from core.domain.segment import Condition, Rule
from core.files.recipient_list import read_list
from core.files.values import is_damaged
from tests.support.core import core_at, everywhere, keys, people, store_at
from tests.support.lossy_proxy import lossy_proxy


async def created(core: Core, name: str, *recipients: Recipient) -> Audience:
    audience = await core.audiences.create(name, created_by=Actor("telegram:100", "Ann"))
    await core.audiences.add(audience.id, recipients)
    return await core.audiences.get(audience.id)


async def staged(core: Core, *recipients: Recipient) -> Audience:
    return await core.audiences.stage(recipients, source="list.csv", created_by=Actor("telegram:100", "Ann"))


async def members(core: Core, audience: Audience) -> set[str]:
    found = [one async for one in core.recipients.of(audience.id)]
    assert len({one.label for one in found}) == len(found)
    return {one.label for one in found}


def with_variables(address: str, **variables: str) -> Recipient:
    return Recipient(messenger=Messenger.TELEGRAM, address=address, variables=variables)


async def test_an_audience_holds_each_recipient_once_and_counts_them(core: Core) -> None:
    audience = await created(core, "vip", *everywhere(70))
    others = people(Messenger.VIBER, 1, first=500)
    assert await core.audiences.add(audience.id, (*everywhere(71), *others)) == len(Messenger) + 1
    audience = await core.audiences.get(audience.id)
    assert audience.counts == {messenger: 71 + (messenger is Messenger.VIBER) for messenger in Messenger}
    leaving = (*everywhere(71), *people(Messenger.VIBER, 1, first=600))
    assert await core.audiences.remove(audience.id, leaving) == 71 * len(Messenger)
    audience = await core.audiences.get(audience.id)
    assert (audience.counts, audience.total) == ({Messenger.VIBER: 1}, 1)
    assert await members(core, audience) == {"viber:viber-1500"}


async def test_variables_come_with_their_recipient_and_are_kept_until_others_come(core: Core) -> None:
    audience = await created(core, "vip", with_variables("1", name='Ann <b>&"😀'), with_variables("2"))
    await core.audiences.add(audience.id, [with_variables("1"), with_variables("2", city="Ulm")])
    found = {one.address: dict(one.variables) async for one in core.recipients.of(audience.id)}
    assert found == {"1": {"name": 'Ann <b>&"😀'}, "2": {"city": "Ulm"}}
    assert sorted((await core.audiences.get(audience.id)).variables) == ["city", "name"]


async def test_names_are_found_whatever_their_case_and_near_ones_are_offered(core: Core) -> None:
    vip, guests = await created(core, "VIP"), await created(core, "Stammgäste", *people(Messenger.VIBER, 2))
    looked_up = await core.audiences.look_up(["vip", "STAMMGÄSTE", "stamgäste", "nobody", "All"])
    assert {word: one.id for word, one in looked_up.found.items()} == {
        "vip": vip.id, "STAMMGÄSTE": guests.id, "All": "all",
    }  # fmt: skip
    assert [(one.title, one.total) for one in looked_up.near["stamgäste"]] == [("Stammgäste", 2)]
    assert looked_up.near["nobody"] == []
    assert (await core.audiences.named("vIp")).id == vip.id
    with pytest.raises(NotFound, match="Did you mean Stammgäste"):
        await core.audiences.named("stamgäste")


@pytest.mark.parametrize(
    "name", ["", "202 555 0123", "a b c d e f g", "x" * 33, "a,b", "a|b", "ALL", "é\u0301!"]
)
async def test_a_name_that_could_not_be_typed_in_an_order_is_refused(core: Core, name: str) -> None:
    with pytest.raises(ValidationError):
        await core.audiences.create(name, created_by=Actor("telegram:100", "Ann"))
    assert (await core.audiences.page()).total == 0


async def test_a_name_belongs_to_one_audience_also_when_two_ask_at_once(core: Core) -> None:
    one, two = await staged(core), await staged(core)
    answers = await asyncio.gather(
        core.audiences.rename(one.id, "vip"), core.audiences.rename(two.id, "VIP"), return_exceptions=True
    )
    assert [type(answer) for answer in answers].count(Conflict) == 1
    assert (await core.audiences.page()).total == 1


async def test_a_renamed_audience_leaves_its_old_name_free(core: Core) -> None:
    audience = await created(core, "vip", *people(Messenger.TELEGRAM, 1))
    await core.audiences.rename(audience.id, "guests")
    assert (await core.audiences.named("guests")).total == 1
    assert (await created(core, "vip")).total == 0


async def test_a_list_without_a_name_goes_after_a_day_and_one_with_a_name_stays(
    core: Core, redis_url: str
) -> None:
    kept, dropped = await staged(core, *everywhere(300)), await staged(core, *everywhere(3))
    await core.audiences.rename(kept.id, "vip")
    await core.audiences.add(kept.id, everywhere(1, first=900))
    async with store_at(redis_url) as store:
        lives = [await store.ttl(key) for key in await keys(store, f"ms:aud:{kept.id}*")]
        assert set(lives) == {-1}
        lives = [await store.ttl(key) for key in await keys(store, f"ms:aud:{dropped.id}*")]
        assert all(0 < life <= 86_400 for life in lives)
        await store.delete(f"ms:aud:{dropped.id}")
    with pytest.raises(NotFound):
        await core.audiences.get(dropped.id)
    gathered = await core.recipients.gather([await core.audiences.choose(kept.id)], ())
    assert len(gathered.recipients) == 301 * len(Messenger)


async def test_a_list_whose_new_name_is_taken_still_goes_after_a_day(core: Core, store: Redis) -> None:
    await created(core, "vip", *people(Messenger.TELEGRAM, 1))
    other = await staged(core, *everywhere(300))
    with pytest.raises(Conflict):
        await core.audiences.rename(other.id, "VIP")
    lives = [await store.ttl(key) for key in await keys(store, f"ms:aud:{other.id}*")]
    assert all(0 < life <= 86_400 for life in lives)
    await core.audiences.add(other.id, everywhere(300, first=900))
    lives = [await store.ttl(key) for key in await keys(store, f"ms:aud:{other.id}*")]
    assert all(0 < life <= 86_400 for life in lives)
    assert not await store.exists("ms:aud:keeping")


async def test_a_list_that_was_half_kept_when_its_program_ended_leaves_nothing_behind(
    core: Core, store: Redis, redis_url: str
) -> None:
    audience = await staged(core, *everywhere(300))
    async with lossy_proxy(redis_url) as proxy, core_at(proxy.url) as killed:
        naming = proxy.hold(b"\r\nname\r\n")
        rename = asyncio.create_task(killed.audiences.rename(audience.id, "vip"))
        await naming.reached.wait()
        await core.audiences.add(audience.id, everywhere(300, first=900))
        rename.cancel()
        await asyncio.wait([rename])
    lives = [await store.ttl(key) for key in await keys(store, f"ms:aud:{audience.id}:*")]
    assert set(lives) == {-1}
    assert (await core.audiences.get(audience.id)).total == 600 * len(Messenger)
    await store.delete(f"ms:aud:{audience.id}")  # its day is over
    await staged(core)
    assert await keys(store, f"ms:aud:{audience.id}*", "ms:aud:keeping", "ms:aud:trash") == []


async def test_deleting_asks_for_the_number_and_leaves_nothing_behind(core: Core, redis_url: str) -> None:
    audience = await created(core, "vip", *everywhere(400))
    await core.audiences.keep_left_out(audience.id, "row,why")
    with pytest.raises(Conflict):
        await core.audiences.delete(audience.id, expected=audience.total - 1)
    await core.audiences.delete(audience.id, expected=audience.total)
    with pytest.raises(NotFound):
        await core.audiences.delete(audience.id, expected=audience.total)
    async with store_at(redis_url) as store:
        assert await keys(store, "ms:aud:*") == []


async def test_a_large_audience_is_kept_packed(core: Core, redis_url: str) -> None:
    """So that a recipient takes a few dozen bytes, its address included."""
    audience = await staged(core, *people(Messenger.WHATSAPP, 20_000))
    async with store_at(redis_url) as store:
        chunks = await keys(store, f"ms:aud:{audience.id}:w:*")
        assert {await store.object("encoding", key) for key in chunks} == {"listpack"}
        used = sum([int(await store.memory_usage(key) or 0) for key in chunks])
    assert used / 20_000 < 60


async def test_everybody_named_is_gathered_once_with_what_is_known_of_them(core: Core) -> None:
    await core.subscribers.subscribe(1, "Ann")
    vip = await created(core, "vip", with_variables("1", name="Miss Ann"), with_variables("2"))
    chosen = [await core.audiences.choose(vip.id), await core.recipients.everybody()]
    found = await core.recipients.gather(chosen, [with_variables("2"), with_variables("3")])
    assert {one.address: dict(one.variables) for one in found.recipients} == {
        "1": {"name": "Miss Ann"},
        "2": {},
        "3": {},
    }
    assert (found.duplicates, found.problems) == (2, ())


async def test_audiences_that_are_gone_or_empty_are_told(core: Core) -> None:
    gone, empty = await created(core, "gone"), await created(core, "empty")
    chosen = [await core.audiences.choose(one.id) for one in (gone, empty)]
    await core.audiences.delete(gone.id, expected=0)
    found = await core.recipients.gather([*chosen, await core.recipients.everybody()], ())
    assert [problem[:30] for problem in found.problems] == [
        "The list “gone” was deleted. C", "The list empty is empty.", "“all” is empty: no one has sub",
    ]  # fmt: skip


async def test_only_an_open_link_lets_people_in(core: Core) -> None:
    audience = await created(core, "vip")
    assert not await core.audiences.join("vip", with_variables("7", name="Sam"))
    opened = await core.audiences.set_joinable(audience.id, joinable=True)
    assert len(opened.link_token) == 16
    assert await core.audiences.join(opened.link_token, with_variables("7", name="Sam"))
    for guessed in ("vip", "VIP", audience.id, "nonsense"):
        assert not await core.audiences.join(guessed, with_variables("9"))
    assert await members(core, audience) == {"telegram:7"}
    renewed = await core.audiences.renew_link(audience.id)
    assert not await core.audiences.join(opened.link_token, with_variables("8"))
    await core.audiences.set_joinable(audience.id, joinable=False)
    assert not await core.audiences.join(renewed.link_token, with_variables("8"))
    again = await core.audiences.set_joinable(audience.id, joinable=True)
    assert again.link_token == renewed.link_token
    await core.audiences.delete(audience.id, expected=1)
    assert not await core.audiences.is_token(again.link_token)


async def test_a_link_from_before_there_were_tokens_has_the_name_or_the_id(
    core: Core, redis_url: str
) -> None:
    audience = await created(core, "vip")
    async with store_at(redis_url) as store:
        await store.hset(f"ms:aud:{audience.id}", "joinable", "1")
    assert await core.audiences.join("VIP", with_variables("7"))
    assert await core.audiences.join(audience.id, with_variables("8"))
    await core.audiences.renew_link(audience.id)
    assert not await core.audiences.join("vip", with_variables("9"))


async def test_pages_are_in_the_order_of_names(core: Core) -> None:
    for name in ("b", "C", "a"):
        await created(core, name)
    first = await core.audiences.page(size=2)
    assert ([one.name for one in first.items], first.pages, first.total) == (["a", "b"], 2, 3)
    assert [one.name for one in (await core.audiences.page(page=9, size=2)).items] == ["C"]


NAMES = st.from_regex(r"\A[^\W\d]\w{0,12}\Z") | st.sampled_from(
    ["telegram", "phone", "Messenger", "to", "recipient"]
)
VALUES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufffd"), min_size=1, max_size=12
).map(str.strip)
"""Damaged letters are asked about, in a file of ours too."""
PEOPLE = st.one_of(
    st.integers(1, 10**9).map(lambda number: (Messenger.TELEGRAM, str(number))),
    st.integers(10**6, 10**7 - 1).map(lambda number: (Messenger.WHATSAPP, f"+1202{number}")),
    st.text("aZ9;,'=+/\"@:", min_size=1, max_size=12).map(lambda text: (Messenger.VIBER, text)),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(
            PEOPLE,
            st.dictionaries(
                NAMES, VALUES.filter(lambda value: bool(value) and not is_damaged(value)), max_size=3
            ),
        ),
        min_size=1,
        max_size=8,
    )
)
@example([((Messenger.VIBER, "ab"), {"a": "00"})])
@example([((Messenger.VIBER, "/9"), {})])
def test_an_exported_audience_reads_back_as_it_was(
    redis_url: str, entries: list[tuple[tuple[Messenger, str], dict[str, str]]]
) -> None:
    """Any characters in addresses, names of variables and values: separators, quotes, formulas, line breaks."""
    everybody = {who: Recipient(messenger=who[0], address=who[1], variables=what) for who, what in entries}

    async def exported() -> list[bytes]:
        async with core_at(redis_url) as core:
            audience = await staged(core, *everybody.values())
            return [part async for part in core.audiences.export(audience)]

    (data,) = asyncio.run(exported())
    read = read_list(data)
    assert {(one.messenger, one.address): one for one in read.recipients} == everybody
    assert (read.refused, read.doubles) == ((), ())


async def test_names_of_several_words_are_compared_without_case_and_blanks(core: Core) -> None:
    made = await created(core, " Class   3B ")
    assert made.name == "Class 3B"
    assert (await core.audiences.named("class  3b")).id == made.id
    with pytest.raises(Conflict):
        await core.audiences.create("CLASS 3B", created_by=Actor("telegram:100", "Ann"))


async def test_a_long_list_is_paged_whole_and_searched_by_name_and_address(core: Core) -> None:
    crowd = [*people(Messenger.TELEGRAM, 1500), *people(Messenger.VIBER, 1498)]
    audience = await created(core, "crowd", *crowd, with_variables("77", name="Zoe"), with_variables("78"))
    pages = [await core.members.page(audience.id, number, size=100) for number in range(1, 31)]
    assert {page.pages for page in pages} == {30}
    assert {one.label for page in pages for member in page.items for one in member} == await members(
        core, audience
    )
    for query in ("zoe", "telegram:77"):
        found = await core.members.search(audience.id, query, most=10)
        assert [[one.address for one in member] for member in found] == [["77"]]
    assert await core.members.search(audience.id, "telegram:79", most=10) == []


async def test_pages_of_a_long_list_are_by_name_and_miss_nobody_while_others_come_and_go(core: Core) -> None:
    def named(number: int, name: str) -> list[Recipient]:
        first = with_variables(str(number), name=name)
        again = replace(first, messenger=Messenger.VIBER, address=f"viber-{number}")
        return [replace(one, person=f"t{number}") for one in (first, again)]

    everyone = [
        one for number in range(1, 1_201) for one in named(number, f"{'abcABC'[number % 6]} {number}")
    ]
    audience = await staged(core, *everyone, *named(7_000, ""))
    assert (await core.audiences.get(audience.id)).total == 1_201
    shown: list[str] = []
    for number in range(1, 14):
        page = await core.members.page(audience.id, number, size=100)
        assert (page.pages, page.total) == (13, 1_201)
        shown += [full_name_in(member[0].variables) for member in page.items]
        if number == 3:
            gone = next(one for one in everyone if one.variables["name"] == shown[0])
            await core.audiences.remove(audience.id, [gone])
            await core.audiences.add(audience.id, named(8_000, "1 a"))
    names = [one.variables["name"] for one in everyone[::2]]
    assert shown == [*sorted(names, key=str.casefold), ""]
    first = await core.members.page(audience.id, 1, size=1)
    assert full_name_in(first.items[0][0].variables) == "1 a"


async def test_pages_of_a_segment_of_all_subscribers_are_by_name(core: Core) -> None:
    for number, name in enumerate(("Яна", "anna", "Борис", "Ben")):
        await core.subscribers.subscribe(number + 1, name, "flyer")
    rule = Rule(of=EVERYBODY, condition=Condition.IS, subject="tag", value="flyer")
    segment = await core.audiences.stage_segment(
        rule, source="flyer", created_by=Actor("telegram:100", "Ann")
    )
    pages = [await core.members.page(segment.id, number, size=3) for number in (1, 2)]
    assert [one[0].name for page in pages for one in page.items] == ["anna", "Ben", "Борис", "Яна"]


async def test_somebody_is_found_in_a_large_segment_by_name_and_address(core: Core) -> None:
    crowd = [with_variables(str(number), **{"class": "AB"[number % 2]}) for number in range(1, 4_201)]
    zoe, zora = (
        with_variables(one, name=name, **{"class": of})
        for one, name, of in (("7001", "Zoe", "A"), ("7002", "Zora", "B"))
    )
    audience = await created(core, "crowd", *crowd, zoe, zora)
    rule = Rule(of=audience.id, condition=Condition.IS, subject="class", value="A")
    segment = await core.audiences.stage_segment(rule, source="A", created_by=Actor("telegram:100", "Ann"))
    assert segment.total == 2_101
    for query, found in (
        ("zo", ["7001"]),
        ("7001", ["7001"]),
        ("telegram:2", ["2"]),
        ("1", []),
        ("zora", []),
    ):
        shown = await core.members.search(segment.id, query, most=10)
        assert [[one.address for one in member] for member in shown] == [[one] for one in found]
