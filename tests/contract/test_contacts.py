"""Known people on a real store: learned from any source, merged by proof alone, found by address and by name."""

from __future__ import annotations

from collections.abc import Mapping

from redis.asyncio import Redis

from core.app import Core
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact, Recipient
from tests.support.core import commands, keys

TELEGRAM, WHATSAPP, VIBER = Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER


def person(name: str, addresses: Mapping[Messenger, str], **values: str) -> Contact:
    return Contact(id="", name=name, addresses=addresses, values=values)


async def names_at(core: Core, *addresses: tuple[Messenger, str]) -> list[str]:
    found = await core.contacts.at(addresses)
    return [found[one].name if one in found else "" for one in addresses]


async def test_people_are_found_by_any_of_their_addresses(core: Core) -> None:
    anna = person(
        "Anna Schmidt", {TELEGRAM: "1001", WHATSAPP: "+4915123456789", VIBER: "aB=="}, **{"class": "3B"}
    )
    bob = person("Bob", {WHATSAPP: "+5491123456789"})
    ids = await core.contacts.learn([anna, bob])
    (known, other) = await core.contacts.known(ids)
    assert (known.name, known.addresses, known.values) == (anna.name, anna.addresses, anna.values)
    assert other.addresses == bob.addresses
    everywhere = [(TELEGRAM, "1001"), (WHATSAPP, "+4915123456789"), (VIBER, "aB=="), (VIBER, "ab==")]
    assert await core.contacts.ids_at(everywhere) == [ids[0], ids[0], ids[0], ""]
    assert await names_at(core, (WHATSAPP, "+541123456789")) == ["Bob"]


async def test_many_addresses_are_looked_up_like_few(core: Core) -> None:
    everybody = [
        person("Anna", {TELEGRAM: "1001", WHATSAPP: "+4915123456789"}),
        person("Bob", {WHATSAPP: "+5491123456789", VIBER: "+a="}),
        person("Carla", {WHATSAPP: "US.1abc", VIBER: "+12025550123"}),
        person("Dora", {TELEGRAM: "-1005", VIBER: "5491123456789"}),
    ]
    await core.contacts.learn(everybody)
    few = [where for one in everybody for where in one.addresses.items()]
    few += [(WHATSAPP, "+541123456789"), (WHATSAPP, "+1001"), (VIBER, "541123456789"), (VIBER, "12025550123")]
    ids = await core.contacts.ids_at(few)
    crowd = [(TELEGRAM, str(number)) for number in range(2_000_000, 2_010_000)]
    assert await core.contacts.ids_at([*crowd, *few, *crowd]) == [*[""] * 10_000, *ids, *[""] * 10_000]


async def test_a_name_is_found_by_the_beginnings_of_its_words(core: Core) -> None:
    people = [
        person(name, {TELEGRAM: str(number)})
        for number, name in enumerate(
            ("Anna Schmidt", "Joanna Berg", "Анна Шмидт", "anna  weiß", "Bob"), start=1
        )
    ]
    await core.contacts.learn(people)
    assert [one.name for one in await core.contacts.search("ANNA")] == ["Anna Schmidt", "anna weiß"]
    assert [one.name for one in await core.contacts.search("sch an")] == ["Anna Schmidt"]
    assert [one.name for one in await core.contacts.search("шми")] == ["Анна Шмидт"]
    assert [one.name for one in await core.contacts.search("weiss")] == ["anna weiß"]
    assert [one.name for one in await core.contacts.named("anna schmidt")] == ["Anna Schmidt"]
    assert await core.contacts.named("anna") == []
    assert await core.contacts.search(" ") == []


async def test_other_names_of_many_people_at_once_take_the_place_of_those_before(core: Core) -> None:
    def crowd(surname: str) -> list[Contact]:
        return [person(f"P{number} {surname}", {TELEGRAM: str(1000 + number)}) for number in range(70)]

    ids = await core.contacts.learn(crowd("Berg"))
    assert await core.contacts.learn(crowd("Weber")) == ids
    assert [one.name for one in await core.contacts.known(ids)] == [one.name for one in crowd("Weber")]
    found = await core.contacts.search("weber", most=100)
    assert sorted(one.id for one in found) == sorted(ids)
    assert await core.contacts.search("berg") == []


async def test_two_are_one_person_by_proof_and_never_by_name(core: Core) -> None:
    first, second = await core.contacts.learn(
        [person("Anna", {TELEGRAM: "1"}), person("Anna", {WHATSAPP: "+4915123456789"})]
    )
    assert first != second
    assert await core.contacts.count_linked() == 0
    (one,) = await core.contacts.learn([person("Anna", {WHATSAPP: "+4915123456789", TELEGRAM: "1"})])
    assert await core.contacts.count_linked() == 1
    assert len(await core.contacts.search("Anna")) == 1
    assert [found.id for found in (await core.contacts.known([first, second]))] == [one]


async def test_people_with_two_addresses_on_one_messenger_stay_apart(core: Core) -> None:
    """Two children in two rows with the phone of their mother."""
    (ann,) = await core.contacts.learn([person("Ann", {WHATSAPP: "+4915123456789", TELEGRAM: "1"})])
    await core.contacts.learn([person("Ben", {WHATSAPP: "+4915123456789", TELEGRAM: "2"})])
    assert (await core.contacts.known([ann]))[0].addresses == {WHATSAPP: "+4915123456789", TELEGRAM: "1"}
    assert await core.contacts.ids_at([(TELEGRAM, "2")]) != [ann]
    assert await names_at(core, (WHATSAPP, "+4915123456789"), (TELEGRAM, "2")) == ["Ann", "Ben"]


async def test_a_name_of_an_admin_takes_the_place_of_what_people_call_themselves(core: Core) -> None:
    await core.subscribers.subscribe(5, "🌸 Lena")
    assert await names_at(core, (TELEGRAM, "5")) == ["🌸 Lena"]
    await core.contacts.learn([person("Elena Ivanova", {TELEGRAM: "5"})])
    await core.subscribers.subscribe(5, "🌸 Lena")
    assert await names_at(core, (TELEGRAM, "5")) == ["Elena Ivanova"]
    assert await core.contacts.search("lena") == []
    assert [one.name for one in await core.contacts.search("elena")] == ["Elena Ivanova"]


async def test_nothing_is_kept_of_a_person_who_is_forgotten(core: Core) -> None:
    anna = person("Anna Schmidt", {TELEGRAM: "1001", WHATSAPP: "+4915123456789"})
    bob = person("Bob", {TELEGRAM: "1002"})
    await core.contacts.learn([anna, bob])
    await core.erasure.forget(Recipient(messenger=WHATSAPP, address="+4915123456789"))
    assert await names_at(core, (TELEGRAM, "1001"), (WHATSAPP, "+4915123456789")) == ["", ""]
    assert await core.contacts.search("anna") == []
    assert [one.name for one in await core.contacts.search("bob")] == ["Bob"]
    assert await core.contacts.count_linked() == 0


async def test_more_than_a_text_of_names_is_searched(core: Core) -> None:
    await core.contacts.learn(
        [person(f"Person {number}", {TELEGRAM: str(number)}) for number in range(1, 2_101)]
    )
    assert [one.name for one in await core.contacts.search("person 2100")] == ["Person 2100"]
    assert len(await core.contacts.search("person", most=7)) == 7


async def test_a_name_is_looked_for_only_where_it_can_be(core: Core, store: Redis) -> None:
    """Also after people are renamed and forgotten, and in data that no index was made of."""

    async def found(text: str) -> list[str]:
        return [one.name for one in await core.contacts.search(text, most=3)]

    ids = await core.contacts.learn(
        person(f"Anna Schmidt {number}", {TELEGRAM: str(number)}) for number in range(1, 3_100)
    )
    await core.contacts.learn(
        [person("Svetlana García", {VIBER: "s"}), person("Schmidtke Anna", {VIBER: "a"})]
    )
    assert await found("anna schmidt 2345") == ["Anna Schmidt 2345"]
    assert await found("schmidtke a") == ["Schmidtke Anna"]
    assert await found("garcía svet") == ["Svetlana García"]
    await store.config_resetstat()
    for nobody in ("nobody", "schmidtfeld", "svetlana schmidt", "anna x", "q"):
        assert await found(nobody) == []
    # Bitmaps alone, and none of the four texts.
    assert (await commands(store))["get"] <= 4 * 5
    await core.contacts.learn([person("Elsa Schmidt 70", {TELEGRAM: "70"})])
    assert await found("anna schmidt 70") == ["Anna Schmidt 700", "Anna Schmidt 701", "Anna Schmidt 702"]
    assert await found("elsa") == ["Elsa Schmidt 70"]
    await core.contacts.forget([ids[99]])
    assert await found("schmidt anna 100 ") == ["Anna Schmidt 1000", "Anna Schmidt 1001", "Anna Schmidt 1002"]
    assert await found("anna schmidt 3099") == ["Anna Schmidt 3099"]
    # As an earlier version has left it.
    await store.delete("ms:person:indexed", *await keys(store, "ms:person:index:*"))
    assert await found("svetlana g") == ["Svetlana García"]
    await core.audiences.learn_once()
    assert await found("svetlana g") == ["Svetlana García"]
    assert await found("elsa schm") == ["Elsa Schmidt 70"]
    await store.config_resetstat()
    assert await found("nobody") == []
    assert (await commands(store))["get"] <= 4
