"""The audit log: a line for each action that took effect, none for a refused one, nothing private in it."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.audit import Actor, AuditAction
from core.domain.content.content import Content
from core.domain.errors import Conflict
from core.domain.messengers.traits import Messenger
from core.domain.recurrence import Recurrence
from core.domain.series import NewSeries, Repeat
from core.services.audit_log import EVERYTHING, LogFilter, set_actor
from core.services.purge import PurgeKind
from tests.support.core import accept, core_at, deliver_all, in_an_hour, order, people, reloaded, started

ANN = Actor("telegram:100", "Ann")
BEN = Actor("telegram:101", "Ben")
API = Actor("api:admin", "admin")
SECRET = "what only the people may read"


@pytest.fixture(autouse=True)
def _ann_acts() -> None:
    set_actor(ANN)


async def planned(core: Core, count: int = 2) -> str:
    """A broadcast in an hour."""
    accepted = await accept(core, order(people(Messenger.TELEGRAM, count), text=SECRET, send_at=in_an_hour()))
    return accepted.id


async def entries(core: Core) -> list[tuple[str, AuditAction, str]]:
    """Acts with their actor and broadcast, oldest first."""
    page = await core.audit_log.page(size=1000)
    return [(line.actor.name, line.action, line.broadcast_id) for line in reversed(page.items)]


async def test_each_step_of_a_broadcast_is_written_down_with_who_took_it(core: Core) -> None:
    name = await planned(core)
    set_actor(BEN)
    await core.broadcasts.reschedule(name, in_an_hour() + timedelta(hours=1))
    await core.broadcasts.send_soon(name, timedelta(seconds=60))
    await core.broadcasts.undo(name)
    set_actor(ANN)
    await core.broadcasts.send_now(name)
    await core.broadcasts.pause(name)
    await core.broadcasts.resume(name)
    set_actor(BEN)
    await core.broadcasts.cancel(name)
    assert await entries(core) == [
        ("Ann", AuditAction.SCHEDULED, name),
        ("Ben", AuditAction.MOVED, name),
        ("Ben", AuditAction.SENT_NOW, name),
        ("Ben", AuditAction.UNDONE, name),
        ("Ann", AuditAction.SENT_NOW, name),
        ("Ann", AuditAction.PAUSED, name),
        ("Ann", AuditAction.RESUMED, name),
        ("Ben", AuditAction.CANCELLED, name),
    ]
    told = (await core.broadcasts.get(name)).last_actions
    assert {action: done.name for action, done in told.items()} == {
        AuditAction.SCHEDULED: "Ann",
        AuditAction.MOVED: "Ben",
        AuditAction.UNDONE: "Ben",
        AuditAction.SENT_NOW: "Ann",
        AuditAction.PAUSED: "Ann",
        AuditAction.RESUMED: "Ann",
        AuditAction.CANCELLED: "Ben",
    }


async def test_a_line_tells_from_where_and_how_many(core: Core) -> None:
    set_actor(API)
    await accept(core, order(people(Messenger.TELEGRAM, 3)))
    (line,) = (await core.audit_log.page()).items
    assert (line.actor, line.action, line.details) == (API, AuditAction.ORDERED, {"people": 3})


async def test_what_is_refused_leaves_no_line(core: Core) -> None:
    name = await planned(core)
    refused: list[Callable[[str], Awaitable[object]]] = [
        core.broadcasts.pause,
        core.broadcasts.resume,
        core.broadcasts.undo,
    ]
    for act in refused:
        with pytest.raises(Conflict):
            await act(name)
    assert len(await entries(core)) == 1


async def test_of_two_who_do_the_same_at_once_one_is_written_down(core: Core) -> None:
    name = await planned(core)
    found = await asyncio.gather(*(core.broadcasts.cancel(name) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(one, Conflict) for one in found) == 4
    assert [action for _, action, _ in await entries(core)] == [AuditAction.SCHEDULED, AuditAction.CANCELLED]


async def test_an_order_repeated_with_its_id_is_written_down_once(core: Core) -> None:
    name = await core.ledger.reserve_id()
    for _ in range(2):
        await accept(core, order(people(Messenger.TELEGRAM, 1)), broadcast_id=name)
    assert await entries(core) == [("Ann", AuditAction.ORDERED, name)]


async def test_no_text_and_no_address_is_ever_written_down(core: Core, store: Redis, tmp_path: Path) -> None:
    name = await planned(core)
    made = await core.audiences.create("vip", created_by=Actor("telegram:100", "Ann"))
    await core.audiences.add(made.id, people(Messenger.WHATSAPP, 2))
    await core.broadcasts.send_now(name)
    await deliver_all(core)
    await core.reports.csv_parts(await core.broadcasts.get(name), tmp_path)
    kept = json.dumps([await store.xrange(stream) for stream in ("ms:audit", "ms:audit_others")])
    assert "vip" in kept
    assert SECRET not in kept
    assert "+1202" not in kept


async def test_changes_of_audiences_are_written_down_with_numbers(core: Core) -> None:
    made = await core.audiences.create("guests", created_by=Actor("telegram:100", "Ann"))
    await core.audiences.add(made.id, people(Messenger.TELEGRAM, 3))
    await core.audiences.add(made.id, people(Messenger.TELEGRAM, 3))
    await core.audiences.remove(made.id, people(Messenger.TELEGRAM, 1))
    await core.audiences.rename(made.id, "regulars")
    await core.audiences.set_joinable(made.id, joinable=True)
    await core.audiences.set_joinable(made.id, joinable=False)
    [_ async for _ in core.audiences.export(await core.audiences.get(made.id))]
    await core.audiences.delete(made.id, expected=2)
    lines = [
        (line.action, dict(line.details)) for line in reversed((await core.audit_log.page(size=20)).items)
    ]
    assert lines == [
        (AuditAction.LIST_MADE, {"name": "guests", "people": 0}),
        (AuditAction.LIST_GREW, {"name": "guests", "people": 3}),
        (AuditAction.LIST_SHRANK, {"name": "guests", "people": 1}),
        (AuditAction.LIST_RENAMED, {"name": "regulars", "before": "guests"}),
        (AuditAction.LIST_OPENED, {"name": "regulars"}),
        (AuditAction.LIST_CLOSED, {"name": "regulars"}),
        (AuditAction.LIST_EXPORTED, {"name": "regulars", "people": 2}),
        (AuditAction.LIST_DELETED, {"name": "regulars", "people": 2}),
    ]


async def test_purges_stops_and_releases_are_written_down(core: Core) -> None:
    name = await planned(core)
    await core.purge.carry_out(PurgeKind.CANCEL_SCHEDULED, expected=1)
    await core.purge.carry_out(PurgeKind.FINISHED, expected=1)
    stopped = await core.panic.stop(ANN)
    await core.panic.stop(ANN)
    await core.panic.release(stopped.stop, messenger=Messenger.VIBER)
    await core.panic.release(stopped.stop)
    await core.deliveries.halt(Messenger.WHATSAPP, 0, "the account is closed")
    for _ in range(2):
        await core.status.resume_messenger(Messenger.WHATSAPP)
    await core.purge.delete_ended()
    lines = [
        (line.action, dict(line.details)) for line in reversed((await core.audit_log.page(size=20)).items)
    ]
    assert lines[1:] == [
        (AuditAction.PURGED, {"kind": "cancel_scheduled", "broadcasts": 1, "people": 2}),
        (AuditAction.PURGED, {"kind": "finished", "broadcasts": 1, "people": 2}),
        (AuditAction.STOPPED_ALL, {}),
        (AuditAction.RELEASED, {"what": "viber"}),
        (AuditAction.RELEASED, {"what": "everything"}),
        (AuditAction.MESSENGER_RESUMED, {"messenger": "whatsapp"}),
        (AuditAction.PURGED, {"kind": "finished", "broadcasts": 0}),
    ]
    # A line about a broadcast that is gone does not bring a part of it back.
    await core.audit_log.note(AuditAction.EXPORTED, name)
    assert await core.ledger.get(name) is None


async def test_the_log_keeps_the_newest_lines_only(redis_url: str) -> None:
    async with core_at(redis_url, AUDIT_KEEP="100") as core:
        for number in range(130):
            await core.audit_log.note(AuditAction.EXPORTED, number=number)
        page = await core.audit_log.page(size=1000)
        assert [line.details["number"] for line in page.items] == list(range(129, 29, -1))


async def test_many_cheap_acts_never_push_out_an_important_one(redis_url: str) -> None:
    """Neither do calls that purge nothing, which a program may repeat all day."""
    async with core_at(redis_url, AUDIT_KEEP="100") as core:
        await core.audit_log.note(AuditAction.ROLE_GIVEN, person=101, role="owner")
        await core.audit_log.note(AuditAction.LIST_EXPORTED, name="vip", people=5310)
        for _ in range(130):
            await core.audit_log.note(AuditAction.PAUSED, "A7KQ")
            await core.audit_log.note(AuditAction.PURGED, kind="finished", broadcasts=0)
        everything = await core.audit_log.page(size=1000)
        oldest_first = [line.action for line in reversed(everything.items)]
        assert oldest_first[:2] == [AuditAction.ROLE_GIVEN, AuditAction.LIST_EXPORTED]
        assert len(oldest_first) == everything.total == 102
        important = await core.audit_log.page(LogFilter(important=True))
        assert [line.action for line in important.items] == [
            AuditAction.LIST_EXPORTED,
            AuditAction.ROLE_GIVEN,
        ]


async def test_entries_of_both_kinds_are_shown_newest_first(core: Core) -> None:
    for number in range(1200):
        action = AuditAction.PAUSED if number % 3 else AuditAction.STOPPED_ALL
        await core.audit_log.note(action, number=number)
    page = await core.audit_log.page(size=2000)
    assert [line.at for line in page.items] == sorted((line.at for line in page.items), reverse=True)
    assert {line.details["number"] for line in page.items} == set(range(1200))


async def test_pages_and_filters_show_each_line_once(core: Core) -> None:
    for number in range(25):
        set_actor(BEN if number % 5 == 0 else ANN)
        await core.audit_log.note(AuditAction.PAUSED, f"B{number % 2}", number=number)
    seen = [
        line.details["number"]
        for page in (1, 2, 3)
        for line in (await core.audit_log.page(page=page, size=10)).items
    ]
    assert seen == list(range(24, -1, -1))
    assert (await core.audit_log.page(page=99, size=10)).page == 3
    ben = await core.audit_log.page(LogFilter(person_id=BEN.id))
    assert ([line.details["number"] for line in ben.items], ben.total) == ([20, 15, 10, 5, 0], 5)
    assert (await core.audit_log.page(LogFilter(broadcast_id="B1"), size=5)).total == 12
    assert [await core.audit_log.person_named(one) for one in ("ben", "101", "Nobody")] == [
        BEN.id,
        BEN.id,
        None,
    ]


async def test_the_log_as_csv_reads_back_and_no_cell_is_a_formula(core: Core) -> None:
    set_actor(Actor("telegram:1", "=1+1"))
    await core.audit_log.note(AuditAction.PAUSED, "A7KQ", people=3)
    data = await core.audit_log.export(EVERYTHING, ZoneInfo("Europe/Berlin"))
    head, row = csv.reader(StringIO(data.decode("utf-8-sig")))
    assert head[1] == "time Europe/Berlin"
    assert row[2:] == ["telegram:1", "'=1+1", "chat", "paused", "A7KQ", "people=3", "paused"]
    utc, berlin = (datetime.fromisoformat(f"{one}+00:00") for one in row[:2])
    assert berlin - utc in (timedelta(hours=1), timedelta(hours=2))
    assert (await core.audit_log.page()).items[0].action is AuditAction.LOG_EXPORTED


async def test_sending_again_to_the_unknown_is_written_down(core: Core) -> None:
    broadcast = await started(core, people(Messenger.TELEGRAM, 1))
    with pytest.raises(Conflict):
        await core.retries.resend_unknown(await reloaded(core, broadcast))
    assert await entries(core) == []


async def test_what_is_done_to_a_series_is_written_down(core: Core) -> None:
    made = await core.audiences.create("vip", created_by=ANN)
    new = NewSeries(
        content=Content(text=SECRET),
        audiences=(await core.audiences.choose(made.id),),
        repeat=Repeat(rule=Recurrence.at(9, 0), zone="Europe/Berlin"),
        late=None,
        created_by=ANN,
    )
    series = await core.series.accept(await core.ledger.reserve_id(), new)
    for act in (core.series.skip_next, core.series.pause, core.series.resume):
        stale, series = series, await act(series)
        with pytest.raises(Conflict):
            await act(stale)
    await core.series.stop(await core.series.change(series, new))
    told = [(action, about) for _, action, about in await entries(core) if about == series.id]
    assert told == [
        (action, series.id)
        for action in (
            AuditAction.SERIES_MADE,
            AuditAction.SERIES_SKIPPED,
            AuditAction.SERIES_PAUSED,
            AuditAction.SERIES_RESUMED,
            AuditAction.SERIES_CHANGED,
            AuditAction.SERIES_STOPPED,
        )
    ]
