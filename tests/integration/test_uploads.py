"""A file that was sent in the chat, handed over to WhatsApp once, and sent to everybody by the id it got there."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, NewBroadcast, Verb
from core.domain.content.content import Content, Media
from core.domain.delivery import DeliveryState
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.outcome import Answer, Outcome, Reason
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from tests.contract.messenger_server import closed_port
from tests.integration.test_bot_contents import picture
from tests.support.core import accept, core_at, deliveries_of, keys, reloaded, store_at, until
from tests.support.crowds import crowd
from tests.support.sandbox_server import TELEGRAM_TOKEN, Sandbox, running_sandbox
from tests.support.worker import working
from workers import uploads as uploads_module
from workers.messengers import build_messengers
from workers.messengers.transport import Transport, open_session
from workers.uploads import Uploads

TELEGRAM, WHATSAPP = Messenger.TELEGRAM, Messenger.WHATSAPP
ALICE, BOB = "+12025550123", "+12025550124"


@dataclass(frozen=True)
class Stage:
    """The sandbox, and a core whose worker a test starts by itself."""

    sandbox: Sandbox
    core: Core
    store: Redis

    async def photo(self) -> Media:
        """As the bot gets it when an admin sends one."""
        said = await self.sandbox.send_file("a.png", picture(), content_type="image/png")
        (size,) = said["photo"]
        return Media(kind=MediaKind.PHOTO, ids={TELEGRAM: size["file_id"]}, size=size["file_size"])

    async def document(self, name: str, content: bytes = b"words") -> Media:
        said = (await self.sandbox.send_file(name, content))["document"]
        return Media(kind=MediaKind.DOCUMENT, ids={TELEGRAM: said["file_id"]}, name=name, size=len(content))

    async def begin(self, media: Media, *addresses: str) -> Broadcast:
        people = tuple(Recipient(messenger=WHATSAPP, address=one) for one in addresses)
        content = Content(text="Sale", media=(media,))
        order = NewBroadcast(content=content, recipients=people, send_at=None, created_by=Actor("test"))
        broadcast = await accept(self.core, order)
        await self.core.ledger.start(broadcast.id)
        return broadcast

    async def send(self, media: Media, *addresses: str) -> Broadcast:
        """Sent, or failed, for everybody."""
        broadcast = await self.begin(media, *addresses)

        async def finished() -> bool:
            return (await reloaded(self.core, broadcast)).finished_at is not None

        await self.until(finished)
        return await reloaded(self.core, broadcast)

    async def until(self, check: Callable[[], Awaitable[object]]) -> None:
        """As until(), without the seconds that WhatsApp wants between two messages to one person."""

        async def hurried() -> object:
            if paced := await keys(self.store, "ms:pace:*"):
                await self.store.delete(*paced)
            return await check()

        await until(hurried)

    async def uploads(self) -> list[int]:
        """The codes with which uploads were answered; 0: taken."""
        return [call["code"] for call in await self.sandbox.calls(messenger="whatsapp", method="media")]

    async def waits_for_upload(self, broadcast: Broadcast) -> bool:
        """A file is being uploaded, and both recipients are given back meanwhile."""
        queued = {state for state, _ in await self.ends(broadcast)} == {DeliveryState.QUEUED}
        given_back = await self.store.zcard("ms:due:w") == 2
        return queued and given_back and bool(await keys(self.store, "ms:file:*:lease"))

    async def messages(self, address: str = ALICE) -> list[dict[str, Any]]:
        state = await self.sandbox.call("GET", "state")
        return next(one["messages"] for one in state["phones"] if one["id"] == address)

    async def ends(self, broadcast: Broadcast) -> list[tuple[DeliveryState, Reason | None]]:
        return [(one.state, one.reason) for one in await deliveries_of(self.core, broadcast)]


@asynccontextmanager
async def uploading(core: Core) -> AsyncIterator[Uploads]:
    """A worker's uploader."""
    async with open_session(4) as session:
        yield Uploads(core.uploads, build_messengers(core.settings, Transport(session)))


@pytest.fixture
async def stage(redis_url: str) -> AsyncIterator[Stage]:
    async with running_sandbox() as sandbox:
        settings = {
            **sandbox.environment(),
            "WHATSAPP_RATE": "1000",
            "RETRY_INTERVAL": "1",
            "RETRY_COUNT": "1",
        }
        async with core_at(redis_url, **settings) as core, store_at(redis_url) as store:
            yield Stage(sandbox, core, store)


async def test_a_photo_is_uploaded_once_and_everybody_gets_it_in_every_broadcast(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    photo = await stage.photo()
    crowd = await stage.sandbox.crowd("whatsapp", 20)
    others = [f"+{number}" for number in range(int(crowd["first"]), int(crowd["last"]) + 1)]
    async with working(stage.core):
        first = await stage.send(photo, ALICE, *others)
        second = await stage.send(photo, BOB)
    assert (first.progress.reached, second.progress.reached) == (21, 1)
    assert await stage.uploads() == [0]
    ((message,), (other,)) = await stage.messages(ALICE), await stage.messages(BOB)
    assert (message["text"], message["media"]["kind"]) == ("Sale", "photo")
    assert message["media"]["held"] == other["media"]["held"]
    url = f"{stage.sandbox.url}/sandbox/whatsapp-media/{message['media']['held']}"
    async with stage.sandbox.http.get(url) as shown:
        assert (shown.content_type, await shown.read()) == ("image/png", picture())
    secret = TELEGRAM_TOKEN.partition(":")[2]
    assert not any(secret in record.getMessage() for record in caplog.records)


async def test_a_large_document_arrives_whole_and_keeps_its_name(stage: Stage) -> None:
    content = b"%PDF" + bytes(range(256)) * 8_000
    async with working(stage.core):
        await stage.send(await stage.document("Preise №1.pdf", content), ALICE)
    (message,) = await stage.messages()
    url = f"{stage.sandbox.url}/sandbox/whatsapp-media/{message['media']['held']}"
    async with stage.sandbox.http.get(url) as response:
        assert await response.read() == content
    assert (message["media"]["kind"], message["media"]["name"]) == ("document", "Preise №1.pdf")


async def test_two_workers_upload_a_file_once(stage: Stage) -> None:
    photo = await stage.photo()
    await stage.sandbox.fault("whatsapp", "delay", method="media", ms=300)
    async with working(stage.core), working(stage.core):
        broadcast = await stage.send(photo, ALICE, BOB)
    assert (broadcast.progress.reached, await stage.uploads()) == (2, [0])


async def test_an_id_that_is_not_good_any_more_is_replaced(stage: Stage) -> None:
    """WhatsApp refuses it, nobody was sent anything, and the next try uploads the file anew."""
    photo = await stage.photo()
    async with working(stage.core):
        await stage.send(photo, ALICE)
        await stage.sandbox.call("POST", "whatsapp/expire-media")
        broadcast = await stage.send(photo, BOB)
    assert (broadcast.progress.reached, await stage.uploads()) == (1, [0, 0])


async def test_a_file_that_whatsapp_refuses_fails_its_deliveries_and_nothing_goes_out_without_it(
    stage: Stage,
) -> None:
    await stage.sandbox.fault("whatsapp", "error", method="media", status=400, code=100, description="no")
    async with working(stage.core):
        broadcast = await stage.send(await stage.photo(), ALICE, BOB)
    assert await stage.ends(broadcast) == [(DeliveryState.FAILED, Reason.FILE)] * 2
    assert await stage.uploads() == [100]
    assert await stage.sandbox.calls(messenger="whatsapp", method="messages") == []


@pytest.mark.parametrize(
    ("messenger", "fault"),
    [
        ("whatsapp", {"kind": "error", "method": "media", "status": 400, "code": 100, "description": "no"}),
        ("whatsapp", {"kind": "json_error", "method": "media"}),
        ("whatsapp", {"kind": "drop_before", "method": "media"}),
        ("telegram", {"kind": "error", "method": "getFile", "status": 400, "description": "wrong file_id"}),
    ],
)
async def test_a_file_that_cannot_be_passed_on_holds_back_all_but_a_few(
    stage: Stage, messenger: str, fault: dict[str, Any]
) -> None:
    many = [one.address for one in await crowd(stage.sandbox, WHATSAPP, 2_000)]
    await stage.sandbox.call("POST", "faults", {"messenger": messenger, **fault})
    async with working(stage.core):
        broadcast = await stage.begin(await stage.photo(), *many)

        async def held() -> bool:
            current = await reloaded(stage.core, broadcast)
            return bool(current.holds) and not current.progress.of(DeliveryState.SENDING)

        await until(held, deadline=20)
        current = await reloaded(stage.core, broadcast)
        assert current.holds[WHATSAPP].reason is Reason.FILE
        assert current.progress.of(DeliveryState.FAILED) <= 10
        await stage.sandbox.clear_faults()
        await stage.core.broadcasts.try_again(broadcast.id, WHATSAPP)

        async def goes_on() -> bool:
            return (await reloaded(stage.core, broadcast)).progress.reached >= 100

        await until(goes_on, deadline=20)
        await stage.core.broadcasts.cancel(broadcast.id)


async def test_with_whatsapp_out_of_reach_nobody_fails_for_a_file(redis_url: str) -> None:
    async with running_sandbox() as sandbox, store_at(redis_url) as store:
        unreachable = {"WHATSAPP_API_URL": f"http://127.0.0.1:{closed_port()}/v26.0", "RETRY_COUNT": "0"}
        settings = {**sandbox.environment(), "RETRY_INTERVAL": "1", **unreachable}
        async with core_at(redis_url, **settings) as core:
            stage = Stage(sandbox, core, store)
            async with working(core):
                broadcast = await stage.begin(await stage.photo(), ALICE, BOB)

                async def waits() -> bool:
                    return await core.health.halt(WHATSAPP) is not None

                await stage.until(waits)
            assert {state for state, _ in await stage.ends(broadcast)} == {DeliveryState.QUEUED}


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "html_error", "json_error"])
async def test_an_upload_that_was_cut_off_is_made_again(stage: Stage, kind: str) -> None:
    content = Content(text="", media=(await stage.photo(),))
    await stage.sandbox.fault("whatsapp", kind, method="media", times=1)
    async with uploading(stage.core) as uploads:
        first = await uploads.prepare(content, WHATSAPP, wait_seconds=10)
        assert isinstance(first, Answer)
        assert first.outcome is Outcome.TRANSIENT
        assert isinstance(await uploads.prepare(content, WHATSAPP, wait_seconds=10), Content)


async def test_a_token_that_whatsapp_does_not_take_halts_it_and_fails_nothing(stage: Stage) -> None:
    await stage.sandbox.fault("whatsapp", "error", method="media", status=401, code=190)
    await stage.begin(await stage.photo(), ALICE)

    async def halted() -> bool:
        return await stage.core.health.halt(WHATSAPP) is not None

    async with working(stage.core):
        await until(halted)
        await stage.sandbox.clear_faults()
        await stage.core.status.resume_messenger(WHATSAPP)
        await stage.until(lambda: stage.messages())


async def test_what_telegram_does_not_hand_out_fails_with_that_reason_and_does_not_stop_whatsapp(
    stage: Stage,
) -> None:
    description = "wrong file_id or the file is temporarily unavailable"
    await stage.sandbox.fault("telegram", "error", method="getFile", status=400, description=description)
    async with working(stage.core):
        broadcast = await stage.send(await stage.photo(), ALICE)
    assert await stage.ends(broadcast) == [(DeliveryState.FAILED, Reason.FILE)]
    assert len(await stage.sandbox.calls(messenger="telegram", method="getFile")) == 1
    assert await stage.core.health.halt(WHATSAPP) is None


async def test_trouble_of_telegrams_account_makes_those_who_get_its_file_on_whatsapp_wait(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads_module, "GIVER_SECONDS", 0.3)
    await stage.sandbox.fault("telegram", "error", method="getFile", status=401, description="Unauthorized")
    async with working(stage.core):
        broadcast = await stage.begin(await stage.photo(), ALICE)

        async def asked_often() -> bool:
            return len(await stage.sandbox.calls(messenger="telegram", method="getFile")) > 3

        await stage.until(asked_often)
        assert await stage.core.health.halt(WHATSAPP) is None
        await stage.sandbox.clear_faults()
        await stage.until(stage.messages)
    assert (await reloaded(stage.core, broadcast)).progress.reached == 1


async def test_an_upload_outlasts_the_deadline_of_a_delivery_and_the_death_of_another_worker(
    stage: Stage,
) -> None:
    content = Content(text="", media=(await stage.photo(),))
    await stage.sandbox.fault("whatsapp", "delay", method="media", ms=200)
    async with uploading(stage.core) as uploads:
        assert await uploads.prepare(content, WHATSAPP, wait_seconds=0) is None

        async def claimed() -> bool:
            return bool(await keys(stage.store, "ms:file:*:lease"))

        await until(claimed)
        (lease,) = await keys(stage.store, "ms:file:*:lease")
        await uploads.close()
        await stage.store.set(lease, "of a worker that is gone", px=300)
        placed = await uploads.prepare(content, WHATSAPP, wait_seconds=10)
        assert isinstance(placed, Content)
        assert placed.media[0].ids[WHATSAPP]
        assert 28 * 86_400 < await stage.store.ttl(lease.removesuffix(":lease")) <= 29 * 86_400


async def test_a_file_that_turns_out_larger_than_whatsapp_takes_is_not_uploaded(stage: Stage) -> None:
    media = await stage.document("large.png", b"x" * 5_000_001)
    content = Content(text="", media=(Media(kind=MediaKind.PHOTO, ids=media.ids),))
    async with uploading(stage.core) as uploads:
        found = await uploads.prepare(content, WHATSAPP, wait_seconds=10)
    assert isinstance(found, Answer)
    assert (found.outcome, found.reason) == (Outcome.CONTENT_REFUSED, Reason.FILE)
    assert await stage.uploads() == []


async def test_while_a_file_is_uploaded_nobody_counts_as_being_sent_to(stage: Stage) -> None:
    """A worker that dies then, or an admin who stops everything, finds them waiting."""
    await stage.sandbox.fault("whatsapp", "delay", method="media", ms=700)
    async with working(stage.core):
        broadcast = await stage.begin(await stage.photo(), ALICE, BOB)
        await until(lambda: stage.waits_for_upload(broadcast))
        assert await stage.uploads() == []
        await stage.core.panic.stop(Actor("telegram:100", "Ann"))
        await stage.until(stage.uploads)
        stop = await stage.core.panic.current()
        assert stop is not None
        assert await stage.messages(ALICE) == []
        await stage.core.panic.release(stop)

        async def sent() -> bool:
            return (await reloaded(stage.core, broadcast)).progress.reached == 2

        await stage.until(sent)
    assert await stage.uploads() == [0]


@pytest.mark.parametrize("verb", [Verb.PAUSE, Verb.CANCEL])
async def test_what_is_paused_or_cancelled_during_an_upload_is_not_posted_after_it(
    stage: Stage, verb: Verb
) -> None:
    await stage.sandbox.fault("whatsapp", "delay", method="media", ms=700)
    photo = await stage.photo()
    async with working(stage.core):
        broadcast = await stage.begin(photo, ALICE, BOB)
        await until(lambda: stage.waits_for_upload(broadcast))
        await stage.core.ledger.steer(broadcast.id, verb)
        # The file is there now: another message with it goes out, and nobody gets the first one before it.
        await stage.send(photo, ALICE)
        assert (len(await stage.messages(ALICE)), len(await stage.messages(BOB))) == (1, 0)
        assert await stage.uploads() == [0]
        if verb is Verb.PAUSE:
            await stage.core.ledger.steer(broadcast.id, Verb.RESUME)

            async def sent() -> bool:
                return (await reloaded(stage.core, broadcast)).progress.reached == 2

            await stage.until(sent)


async def test_the_photo_of_a_bot_api_server_with_local_is_read_from_its_disk(
    stage: Stage, tmp_path: Path
) -> None:
    async with working(stage.core):
        await stage.sandbox.call("POST", "local-server", {"folder": str(tmp_path / "elsewhere")})
        refused = await stage.send(await stage.photo(), ALICE)
        assert await stage.ends(refused) == [(DeliveryState.FAILED, Reason.FILE)]
        await stage.sandbox.call("POST", "local-server", {"folder": str(tmp_path)})
        assert (await stage.send(await stage.document("a.pdf"), BOB)).progress.reached == 1
