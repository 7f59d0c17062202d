"""From a phone in the sandbox to the ledger: receipts, ticks and opt-outs, through the real API and a real worker."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import pytest

from core.app import Core
from core.domain.broadcast import Broadcast
from core.domain.content.content import Content, Template
from core.domain.delivery import DeliveryState
from core.domain.messengers.billing import Bill
from core.domain.messengers.events import ReceiptCounts
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from tests.support.api_server import Api, running_api
from tests.support.core import accept, core_at, deliver_all, order, people, started, until
from tests.support.crowds import crowd
from tests.support.processes import running, worker
from tests.support.sandbox_server import Sandbox, running_sandbox
from tests.support.webhooks import status, whatsapp

WHATSAPP, VIBER = Messenger.WHATSAPP, Messenger.VIBER
SECRETS = {"WHATSAPP_APP_SECRET": "sandbox-app-secret", "WHATSAPP_VERIFY_TOKEN": "sandbox-verify"}
ALICE, BOB, DAVE = "+12025550123", "+12025550124", "+12025550147"
ERIN = "US.13491208655302741918"


@dataclass(frozen=True)
class Stage:
    """A sandbox, an API that its messengers report to, and a worker."""

    sandbox: Sandbox
    api: Api

    @property
    def core(self) -> Core:
        return self.api.core

    async def send(
        self, messenger: Messenger, addresses: Sequence[str], content: Content | None = None
    ) -> Broadcast:
        recipients = [Recipient(messenger=messenger, address=address) for address in addresses]
        wanted = order(recipients)
        return await accept(self.core, replace(wanted, content=content or wanted.content))

    async def comes_to(self, broadcast: Broadcast, state: DeliveryState, count: int) -> None:
        """Waits until so many deliveries stand there."""

        async def there() -> bool:
            return (await self.core.broadcasts.get(broadcast.id)).progress.of(state) == count

        await until(there, deadline=30)

    async def leaves_out(self, messenger: Messenger, address: str, reason: Reason | None) -> None:
        """Waits until orders leave the address out for that reason, or (None) take it."""

        async def so() -> bool:
            screened = await self.core.reachability.split([Recipient(messenger=messenger, address=address)])
            return [one.reason for one in screened.left_out] == ([] if reason is None else [reason])

        await until(so, deadline=30)


@pytest.fixture
async def stage(redis_url: str) -> AsyncIterator[Stage]:
    async with running_sandbox() as sandbox:
        settings = {**sandbox.environment(), **SECRETS}
        rates = {"WHATSAPP_RATE": "1000", "VIBER_RATE": "1000"}
        async with (
            running_api(redis_url, **settings) as api,
            worker({**settings, **rates, "REDIS_URL": redis_url}),
        ):
            await sandbox.call("POST", "webhooks", {"whatsapp": f"{api.url}/receipts/whatsapp"})
            yield Stage(sandbox, api)


async def register(sandbox: Sandbox, address: str, **changes: str) -> tuple[int, str]:
    """`python -m workers.webhooks viber <address>`: exit code and what it said."""
    variables = {**sandbox.environment(), **changes}
    async with running(("-m", "workers.webhooks", "viber", address), variables) as program:
        return await program.ended(), program.said


async def test_what_the_messengers_charge_for_is_summed_per_broadcast(stage: Stage) -> None:
    content = Content(text="", template=Template(name="season_greetings", language="en_US", parameters=()))
    told = await stage.send(WHATSAPP, [ALICE, BOB, DAVE], content)
    await stage.comes_to(told, DeliveryState.DELIVERED, 3)
    plain = await stage.send(WHATSAPP, [ALICE])
    await stage.comes_to(plain, DeliveryState.DELIVERED, 1)
    for _ in range(2):
        await stage.sandbox.act("whatsapp", ALICE, "read")
    await stage.comes_to(told, DeliveryState.READ, 1)
    assert (await stage.core.broadcasts.get(told.id)).bills == {WHATSAPP: {Bill(True, "marketing", "PMP"): 3}}
    assert (await stage.core.broadcasts.get(plain.id)).bills == {WHATSAPP: {Bill(False, "service", "PMP"): 1}}
    viber = await stage.send(VIBER, ["alice", "bob"])
    await stage.comes_to(viber, DeliveryState.SENT, 2)
    assert sum((await stage.core.broadcasts.get(viber.id)).bills[VIBER].values()) == 2


async def test_whatsapp_tells_delivered_at_once_and_read_when_the_phone_is_read(stage: Stage) -> None:
    broadcast = await stage.send(WHATSAPP, [ALICE, BOB])
    await stage.comes_to(broadcast, DeliveryState.DELIVERED, 2)
    await stage.sandbox.act("whatsapp", ALICE, "read")
    await stage.comes_to(broadcast, DeliveryState.READ, 1)
    phones = (await stage.sandbox.call("GET", "state"))["phones"]
    ticks = {
        phone["id"]: [message["state"] for message in phone["messages"]]
        for phone in phones
        if "+" in phone["id"]
    }
    assert (ticks[ALICE], ticks[BOB]) == (["read"], ["delivered"])
    assert (await stage.core.status.read()).messengers[WHATSAPP].receipts == ReceiptCounts()


async def test_viber_reports_once_it_was_told_where(stage: Stage) -> None:
    code, said = await register(stage.sandbox, stage.api.url)
    assert (code, said) == (0, f"Viber reports to {stage.api.url}/receipts/viber from now on.\n")
    first, second = [await stage.send(VIBER, ["alice", "bob"]) for _ in range(2)]
    for broadcast in (first, second):
        await stage.comes_to(broadcast, DeliveryState.DELIVERED, 2)
    await stage.sandbox.act("viber", "alice", "read")
    for broadcast in (first, second):
        await stage.comes_to(broadcast, DeliveryState.READ, 1)


async def test_an_unknown_is_resolved_by_the_receipt_that_comes_later(stage: Stage) -> None:
    """WhatsApp took the message, the answer never came; its receipt names our attempt."""
    await stage.sandbox.fault("whatsapp", "drop_after", recipient=ALICE)
    await stage.sandbox.call("POST", "webhooks", {"whatsapp": ""})
    broadcast = await stage.send(WHATSAPP, [ALICE])
    await stage.comes_to(broadcast, DeliveryState.UNKNOWN, 1)
    await stage.sandbox.call("POST", "webhooks", {"whatsapp": f"{stage.api.url}/receipts/whatsapp"})
    await stage.sandbox.act("whatsapp", ALICE, "read")
    await stage.comes_to(broadcast, DeliveryState.READ, 1)
    found = await stage.core.broadcasts.get(broadcast.id)
    assert found.progress.of(DeliveryState.UNKNOWN) == 0
    assert len(await stage.sandbox.delivered(messenger="whatsapp")) == 1


async def test_who_writes_stop_or_leaves_is_left_out_until_they_come_back(stage: Stage) -> None:
    await register(stage.sandbox, stage.api.url)
    await stage.sandbox.act("whatsapp", ALICE, "stop")
    await stage.leaves_out(WHATSAPP, ALICE, Reason.OPTED_OUT)
    await stage.sandbox.act("viber", "alice", "block")
    await stage.leaves_out(VIBER, "alice", Reason.UNSUBSCRIBED)
    await stage.sandbox.act("viber", "alice", "start")
    await stage.leaves_out(VIBER, "alice", None)

    async def back() -> bool:
        # WhatsApp's clock shows whole seconds, and of two words in the same one "stop" is taken to be the later.
        await stage.sandbox.call("POST", f"people/whatsapp/{ALICE}/write", {"text": "Start"})
        screened = await stage.core.reachability.split([Recipient(messenger=WHATSAPP, address=ALICE)])
        return screened.left_out == ()

    await until(back, deadline=30)


@pytest.mark.parametrize(
    ("messenger", "address", "code", "reason"),
    [
        (WHATSAPP, ALICE, 131049, Reason.CAPPED),
        (WHATSAPP, ALICE, 132015, Reason.TEMPLATE),
        (VIBER, "alice", 1, Reason.CONTENT),
    ],
)
async def test_what_fails_after_the_yes_ends_as_failed_with_the_reason(
    stage: Stage, messenger: Messenger, address: str, code: int, reason: Reason
) -> None:
    await register(stage.sandbox, stage.api.url)
    await stage.sandbox.fault(messenger.value, "fail_later", code=code, recipient=address)
    broadcast = await stage.send(messenger, [address])
    await stage.comes_to(broadcast, DeliveryState.FAILED, 1)
    found = await stage.core.broadcasts.get(broadcast.id)
    assert found.progress.reasons == {messenger: {reason: 1}}
    assert await stage.sandbox.delivered(messenger=messenger.value) == []


@pytest.mark.parametrize(
    ("code", "content"),
    [
        (
            132015,
            Content(text="", template=Template(name="season_greetings", language="en_US", parameters=())),
        ),
        (
            132012,
            Content(text="", template=Template(name="season_greetings", language="en_US", parameters=())),
        ),
        (131048, Content(text="Hi")),
        (131042, Content(text="Hi")),
        (139999, Content(text="Hi")),
    ],
)
async def test_what_all_are_refused_for_by_receipt_costs_ten_of_two_thousand(
    stage: Stage, code: int, content: Content
) -> None:
    many = [one.address for one in await crowd(stage.sandbox, WHATSAPP, 2_000)]
    await stage.sandbox.fault("whatsapp", "fail_later", code=code)
    broadcast = await stage.send(WHATSAPP, many, content)

    async def stopped() -> bool:
        current = await stage.core.broadcasts.get(broadcast.id)
        halted = await stage.core.health.halt(WHATSAPP) is not None
        return (halted or bool(current.holds)) and not current.progress.of(DeliveryState.SENDING)

    await until(stopped, deadline=30)
    spent = await stage.core.broadcasts.get(broadcast.id)
    assert spent.progress.of(DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.SENT) <= 10
    assert spent.progress.of(DeliveryState.QUEUED) >= 1_990


async def test_people_inside_the_window_get_the_text_and_all_others_the_template(stage: Stage) -> None:
    """By what WhatsApp reported; where it finds the window closed all the same, the template goes out instead."""
    content = Content(
        text="Sale", template=Template(name="season_greetings", language="en_US", parameters=())
    )
    for address in (ALICE, ERIN):
        await stage.sandbox.call("POST", f"people/whatsapp/{address}/write", {"text": "Do you have tea?"})

    async def both_are_known() -> bool:
        people = [Recipient(messenger=WHATSAPP, address=address) for address in (ALICE, ERIN)]
        return (await stage.core.reachability.outside_window(people))[0].outside == ()

    await until(both_are_known)
    await stage.sandbox.act("whatsapp", ERIN, "leave")
    broadcast = await stage.send(WHATSAPP, [ALICE, BOB, DAVE, ERIN], content)
    await stage.comes_to(broadcast, DeliveryState.DELIVERED, 4)
    landed = {one["recipient"]: one["text"] for one in await stage.sandbox.delivered(messenger="whatsapp")}
    greetings = "All the best from all of us!"
    assert landed == {ALICE: "Sale", BOB: greetings, DAVE: greetings, ERIN: greetings}


async def test_without_a_template_those_outside_the_window_fail_with_the_reason(stage: Stage) -> None:
    broadcast = await stage.send(WHATSAPP, [BOB, DAVE])
    await stage.comes_to(broadcast, DeliveryState.FAILED, 1)
    found = await stage.core.broadcasts.get(broadcast.id)
    assert found.progress.reasons == {WHATSAPP: {Reason.OUTSIDE_WINDOW: 1}}


@pytest.mark.parametrize(
    ("address", "changes", "code", "words"),
    [
        ("http://127.0.0.1:1", {}, 1, "Viber got no answer at http://127.0.0.1:1/receipts/viber."),
        ("shop.example.com", {}, 2, '"shop.example.com" is not an address'),
        ("http://127.0.0.1:1", {"VIBER_AUTH_TOKEN": ""}, 2, "VIBER_AUTH_TOKEN: is not set"),
        ("http://127.0.0.1:1", {"VIBER_AUTH_TOKEN": "wrong"}, 1, "invalidAuthToken (2)"),
        ("http://127.0.0.1:1", {"VIBER_API_URL": "http://127.0.0.1:1"}, 1, "check VIBER_API_URL"),
    ],
)
async def test_a_webhook_that_cannot_be_set_is_explained_in_a_sentence(
    sandbox: Sandbox, address: str, changes: dict[str, str], code: int, words: str
) -> None:
    ended, said = await register(sandbox, address, **changes)
    assert ended == code
    assert words in said
    assert "Traceback" not in said


async def test_a_worker_killed_while_it_applies_receipts_loses_none(redis_url: str) -> None:
    people_there = people(WHATSAPP, 4000)
    async with core_at(redis_url) as core:
        broadcast = await started(core, people_there)
        await deliver_all(core)
        for start in range(0, 4000, 500):
            places = range(start, start + 500)
            bodies = [whatsapp(statuses=[status("read", f"d-{broadcast.id}-w{n}-0")]) for n in places]
            assert await core.receipt_inbox.put(WHATSAPP, [body.decode() for body in bodies])

        async def waiting() -> int:
            return (await core.status.read()).messengers[WHATSAPP].receipts.waiting

        async def some_are_read() -> bool:
            return (await core.broadcasts.get(broadcast.id)).progress.of(DeliveryState.READ) > 0

        async with worker({"REDIS_URL": redis_url}) as doomed:
            await until(some_are_read)
            await doomed.kill()
        assert await waiting() > 0
        async with worker({"REDIS_URL": redis_url}):
            await until(lambda: nothing(waiting), deadline=30)
        found = await core.broadcasts.get(broadcast.id)
        assert found.progress.counts == {WHATSAPP: {DeliveryState.READ: 4000}}
        assert (await core.status.read()).messengers[WHATSAPP].receipts == ReceiptCounts()


async def nothing(count: Callable[[], Awaitable[int]]) -> bool:
    return await count() == 0


async def test_what_meta_does_to_the_account_arrives_signed_and_is_obeyed(stage: Stage) -> None:
    await stage.sandbox.call("POST", "whatsapp/pause-template", {"template": "visit_reminder"})
    await stage.sandbox.call("POST", "whatsapp/ban")

    async def obeyed() -> bool:
        status = await stage.core.status.read()
        (paused, *_), halted = status.account_events[WHATSAPP] or (None,), status.messengers[WHATSAPP].halted
        return halted and paused is not None and paused.name == "visit_reminder en_US"

    await until(obeyed)
    assert (await stage.core.status.read()).messengers[WHATSAPP].halt_reason == Reason.RESTRICTED.sentence
