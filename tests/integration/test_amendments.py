"""Messages deleted and changed on the recipients' phones, by real workers against the sandbox's Telegram."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.app import Core
from core.domain.amendment import Amendment, AmendmentKind, AmendmentStatus
from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, NewBroadcast
from core.domain.content.content import Button, Content, Media
from core.domain.errors import Conflict, ValidationError
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from tests.support.core import accept, core_at, reloaded, store_at, until
from tests.support.processes import worker
from tests.support.sandbox_server import Sandbox, running_sandbox
from tests.support.worker import working

TELEGRAM, VIBER = Messenger.TELEGRAM, Messenger.VIBER
FAST = {"TELEGRAM_RATE": "1000", "VIBER_RATE": "1000", "RETRY_INTERVAL": "1"}


@dataclass(frozen=True)
class Stage:
    """The sandbox, the core, and the settings for workers."""

    sandbox: Sandbox
    core: Core
    settings: dict[str, str]

    async def send(self, content: Content, *people: Recipient) -> Broadcast:
        """Sent to everybody, and finished."""
        order = NewBroadcast(content=content, recipients=people, send_at=None, created_by=Actor("test"))
        broadcast = await accept(self.core, order)
        await self.core.ledger.start(broadcast.id)

        async def finished() -> bool:
            return (await reloaded(self.core, broadcast)).finished_at is not None

        await until(finished)
        return await reloaded(self.core, broadcast)

    async def ended(self, broadcast: Broadcast) -> Amendment:
        """The amendment, once it has ended."""
        found: list[Amendment] = []

        async def done() -> bool:
            one = await self.core.amendments.latest(broadcast.id)
            assert one is not None
            found[:] = [one]
            return one.status is not AmendmentStatus.RUNNING

        await until(done)
        return found[0]

    async def read(self, chat: int) -> list[str]:
        """The messages of a chat."""
        return [one.get("text") or one.get("caption", "") for one in await self.sandbox.messages(chat)]


@asynccontextmanager
async def ready_stage(redis_url: str, **changes: str) -> AsyncIterator[Stage]:
    async with running_sandbox() as sandbox:
        settings = {**sandbox.environment(), **FAST, **changes, "REDIS_URL": redis_url}
        async with core_at(redis_url, **settings) as core:
            yield Stage(sandbox, core, settings)


@pytest.fixture
async def stage(redis_url: str) -> AsyncIterator[Stage]:
    async with ready_stage(redis_url) as stage, working(stage.core):
        yield stage


def ann(**variables: str) -> Recipient:
    return Recipient(messenger=TELEGRAM, address="1001", variables=variables)


ALICE = Recipient(messenger=VIBER, address="alice")


async def crowd(sandbox: Sandbox, count: int) -> tuple[Recipient, ...]:
    first = int((await sandbox.crowd("telegram", count))["first"])
    return tuple(Recipient(messenger=TELEGRAM, address=str(first + n)) for n in range(count))


async def test_a_message_is_deleted_where_the_messenger_lets_us(stage: Stage) -> None:
    """Gone on Telegram, kept on Viber; asking for it again does no harm and counts the same."""
    broadcast = await stage.send(Content(text="Oops"), ann(), ALICE)
    scope = stage.core.amendments.scope(broadcast, AmendmentKind.DELETE)
    assert (scope.reached, scope.kept) == (1, {VIBER: 1})
    for serial in (1, 2):
        await stage.core.amendments.delete(broadcast, by="Ann")
        ended = await stage.ended(broadcast)
        assert (ended.serial, ended.done, ended.total, ended.failed, ended.by) == (serial, 1, 1, 0, "Ann")
        assert await stage.read(1001) == []


async def test_words_are_changed_for_each_with_what_fills_their_gaps(stage: Stage) -> None:
    """The new words with their buttons; the message on Viber stays as it was."""
    content = Content(text="Hello {name}", buttons=((Button("Shop", "https://example.com/"),),))
    alice = Recipient(messenger=VIBER, address="alice", variables={"name": "Alice"})
    broadcast = await stage.send(content, ann(name="Ann <b>"), alice)
    words = stage.core.amendments.corrected(broadcast, Content(text="Dear {name}!"))
    await stage.core.amendments.edit(broadcast, words, by="Ann")
    ended = await stage.ended(broadcast)
    assert (ended.done, ended.failed, ended.content) == (1, 0, words)
    (message,) = await stage.sandbox.messages(1001)
    assert message["text"] == "Dear Ann <b>!"
    assert message["reply_markup"]["inline_keyboard"] == [[{"text": "Shop", "url": "https://example.com/"}]]


async def test_the_words_under_pictures_are_changed_and_albums_go_whole(stage: Stage) -> None:
    photos = tuple(Media(kind=MediaKind.PHOTO, link=f"https://example.com/{n}.jpg") for n in range(3))
    for media in (photos[:1], photos):
        broadcast = await stage.send(Content(text="Old", media=media), ann())
        words = stage.core.amendments.corrected(broadcast, Content(text="New"))
        await stage.core.amendments.edit(broadcast, words, by="Ann")
        assert (await stage.ended(broadcast)).done == 1
        assert await stage.read(1001) == ["New", *[""] * (len(media) - 1)]
        await stage.core.amendments.delete(broadcast, by="Ann")
        assert (await stage.ended(broadcast)).done == 1
        assert await stage.read(1001) == []


async def test_words_that_cannot_be_are_refused_before_anything_is_changed(stage: Stage) -> None:
    broadcast = await stage.send(Content(text="Hello {name}"), ann(name="Ann"))
    photo = Media(kind=MediaKind.PHOTO, link="https://example.com/a.jpg")
    for words, why in (
        (Content(text="Hello {city}"), "have no value for city"),
        (Content(text="x" * 4097), "4,096"),
        (Content(text=" "), "empty"),
        (Content(text="Look", media=(photo,)), "you can change the text but not the files"),
    ):
        with pytest.raises(ValidationError, match=why):
            stage.core.amendments.corrected(broadcast, words)


async def test_each_message_that_could_not_be_changed_is_counted_with_its_reason(stage: Stage) -> None:
    """One was deleted by its reader, one is too old by the ledger, one too old by Telegram's word."""
    people = await crowd(stage.sandbox, 4)
    broadcast = await stage.send(Content(text="Oops"), *people)
    first = int(people[0].address)
    (message,) = await stage.sandbox.messages(first)
    status, _ = await stage.sandbox.telegram("deleteMessage", chat_id=first, message_id=message["message_id"])
    assert status == 200
    await stage.core.amendments.edit(broadcast, Content(text="Better"), by="Ann")
    ended = await stage.ended(broadcast)
    assert (ended.done, ended.reasons) == (3, {Reason.DELETED_THERE: 1})
    await stage.sandbox.fault(
        "telegram",
        "error",
        method="deleteMessage",
        recipient=str(first + 1),
        status=400,
        description="Bad Request: message can't be deleted",
    )
    async with store_at(stage.settings["REDIS_URL"]) as store:
        rows = f"ms:s:{broadcast.id}:t:0"
        row = str(await store.hget(rows, "3")).split("|")
        row[3] = str(round((datetime.now(UTC) - timedelta(hours=49)).timestamp() * 1000))
        await store.hset(rows, "3", "|".join(row))
    await stage.core.amendments.delete(broadcast, by="Ann")
    ended = await stage.ended(broadcast)
    assert (ended.done, ended.reasons) == (2, {Reason.TOO_OLD: 2})


async def test_trouble_that_passes_is_waited_out(stage: Stage) -> None:
    """Answers that never came, an overloaded server and a flood limit: at last everything is deleted."""
    people = await crowd(stage.sandbox, 5)
    broadcast = await stage.send(Content(text="Oops"), *people)
    for kind in ("drop_after", "html_error", "rate_limit"):
        await stage.sandbox.fault("telegram", kind, method="deleteMessage", times=1)
    await stage.core.amendments.delete(broadcast, by="Ann")
    ended = await stage.ended(broadcast)
    assert (ended.done, ended.failed) == (5, 0)
    assert [await stage.read(int(one.address)) for one in people] == [[]] * 5


async def test_while_it_is_sent_the_rest_is_called_off_and_what_is_out_is_deleted(redis_url: str) -> None:
    async with ready_stage(redis_url, TELEGRAM_RATE="30") as stage, working(stage.core):
        people = await crowd(stage.sandbox, 200)
        order = NewBroadcast(
            content=Content(text="Oops"), recipients=people, send_at=None, created_by=Actor("test")
        )
        broadcast = await accept(stage.core, order)
        await stage.core.ledger.start(broadcast.id)

        async def some_have_it() -> bool:
            return (await reloaded(stage.core, broadcast)).progress.reached >= 10

        await until(some_have_it)
        await stage.core.amendments.delete(await reloaded(stage.core, broadcast), by="Ann")
        ended = await stage.ended(broadcast)
        current = await reloaded(stage.core, broadcast)
        assert current.progress.reached == ended.done < 200
        assert [text for one in people for text in await stage.read(int(one.address))] == []


async def test_words_changed_while_it_is_sent_reach_everybody(redis_url: str) -> None:
    """Also those who get the old words only later; it ends after the sending has."""
    async with ready_stage(redis_url, TELEGRAM_RATE="100") as stage, working(stage.core):
        people = await crowd(stage.sandbox, 60)
        order = NewBroadcast(
            content=Content(text="Old"), recipients=people, send_at=None, created_by=Actor("test")
        )
        broadcast = await accept(stage.core, order)
        await stage.core.ledger.start(broadcast.id)
        await stage.core.amendments.edit(await reloaded(stage.core, broadcast), Content(text="New"), by="Ann")
        ended = await stage.ended(broadcast)
        assert (ended.done, ended.total) == (60, 60)
        assert {text for one in people for text in await stage.read(int(one.address))} == {"New"}


async def test_a_worker_killed_in_the_middle_leaves_nobody_out(redis_url: str) -> None:
    """Its rows are taken up when its lease is over; each recipient is counted once."""
    async with ready_stage(redis_url) as stage, store_at(redis_url) as store:
        people = await crowd(stage.sandbox, 100)
        async with worker(stage.settings) as first:
            broadcast = await stage.send(Content(text="Oops"), *people)
            await stage.sandbox.fault("telegram", "delay", method="deleteMessage", ms=60_000)
            await stage.core.amendments.delete(broadcast, by="Ann")

            async def is_in_the_air() -> bool:
                return bool(await store.zcard(f"ms:amend:{broadcast.id}:out"))

            await until(is_in_the_air)
            await first.kill()
        await stage.sandbox.clear_faults()
        await _over(store, broadcast)
        async with working(stage.core):
            ended = await stage.ended(broadcast)
        assert (ended.done, ended.failed) == (100, 0)
        assert [text for one in people for text in await stage.read(int(one.address))] == []


async def _over(store: Any, broadcast: Broadcast) -> None:  # noqa: ANN401 - redis-py's generic client
    """As if the leases had run out."""
    key = f"ms:amend:{broadcast.id}:out"
    for member in await store.zrange(key, 0, -1):
        await store.zadd(key, {member: 0})


async def test_stopped_it_goes_no_further_and_can_be_asked_for_again(redis_url: str) -> None:
    async with ready_stage(redis_url) as stage:
        people = await crowd(stage.sandbox, 100)
        async with working(stage.core):
            broadcast = await stage.send(Content(text="Oops"), *people)
        begun = await stage.core.amendments.delete(broadcast, by="Ann")
        with pytest.raises(Conflict, match="already"):
            await stage.core.amendments.edit(broadcast, Content(text="New"), by="Ben")
        stopped = await stage.core.amendments.stop(broadcast.id, begun.serial)
        assert stopped.status is AmendmentStatus.STOPPED
        with pytest.raises(Conflict, match="already ended"):
            await stage.core.amendments.stop(broadcast.id, begun.serial)
        assert await stage.core.amendment_store.take(TELEGRAM) is None
        assert (await stage.core.amendments.delete(broadcast, by="Ann")).serial == 2


async def test_a_unit_is_counted_once_whoever_does_it(redis_url: str) -> None:
    """The first holder lost its lease to the second: only the second one's results count."""
    async with ready_stage(redis_url) as stage, store_at(redis_url) as store:
        async with working(stage.core):
            broadcast = await stage.send(Content(text="Oops"), ann())
        await stage.core.amendments.delete(broadcast, by="Ann")
        first = await stage.core.amendment_store.take(TELEGRAM)
        assert first is not None
        assert await stage.core.amendment_store.take(TELEGRAM) is None
        await _over(store, broadcast)
        second = await stage.core.amendment_store.take(TELEGRAM)
        assert second is not None
        assert not await stage.core.amendment_store.keep(first)
        assert not await stage.core.amendment_store.finish(first, {"ok": 1})
        assert await stage.core.amendment_store.finish(second, {"ok": 1})
        assert not await stage.core.amendment_store.finish(second, {"ok": 1})
        ended = await stage.ended(broadcast)
        assert (ended.status, ended.done) == (AmendmentStatus.DONE, 1)


async def test_nothing_is_taken_while_everything_is_stopped_and_nothing_purged_while_it_runs(
    redis_url: str,
) -> None:
    async with ready_stage(redis_url) as stage, store_at(redis_url) as store:
        async with working(stage.core):
            broadcast = await stage.send(Content(text="Oops"), ann())
        await stage.core.amendments.delete(broadcast, by="Ann")
        assert not await stage.core.ledger.delete(broadcast.id)
        stop = (await stage.core.panic.stop(Actor("telegram:100", "Ann"))).stop
        assert await stage.core.amendment_store.take(TELEGRAM) is None
        assert await stage.core.deliveries.permits(TELEGRAM, 5, broadcast.id) == (0, 1.0)
        await stage.core.panic.release(stop)
        unit = await stage.core.amendment_store.take(TELEGRAM)
        assert unit is not None
        await stage.core.amendment_store.finish(unit, {"ok": 1})
        assert await stage.core.ledger.delete(broadcast.id)
        assert await store.keys("ms:amend*") == []
