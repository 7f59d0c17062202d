"""Opens a data folder written by version 0.1.0: nothing planned, sent or saved is lost.

tests/data/README.md lists its contents. Keys that expire (drafts, order keys, receipts) were made permanent before it
was packed. Its broadcasts are planned for 2035 and later. Values that depend on today's date, such as WhatsApp's
24-hour window, are not asserted. Workers run with the longest retention that the settings allow.
"""

from __future__ import annotations

import json
import logging
import re
import tarfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Final

import pytest
from redis.asyncio import Redis

from core.app import Core, open_core
from core.domain.broadcast import Broadcast, BroadcastStatus, Index
from core.domain.delivery import DeliveryState
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.domain.series import Series, SeriesStatus
from core.settings import load_settings
from core.store import embedded
from core.store.subscribers import name_and_tag
from tests.support.api_server import basic, running_api
from tests.support.bot import World, data_of, serving, variables
from tests.support.core import store_at, until
from tests.support.processes import SCHEDULER, WORKER, running
from tests.support.sandbox_server import running_sandbox

DATA: Final = Path(__file__).parents[1] / "data"
ARCHIVE: Final = DATA / "version-0.1.0.tar.gz"
EXPECTED: Final = DATA / "version-0.1.0.json"
BUTTONS: Final = DATA / "callbacks.json"
ANN, BEN = 100, 101
AS_BEFORE: Final = {"ADMIN_IDS": f"{ANN},{BEN}", "APPROVAL_ABOVE": "6"}
"""The settings of those who wrote the data, where they differ from those of tests."""
KEEP: Final = str(10 * 365 * 86_400)
FOR_GOOD: Final = {"DELETE_FINISHED_TIMEOUT": KEEP, "DELETE_FAILED_TIMEOUT": KEEP}
NAMED_BY_VALUE: Final = frozenset({*Messenger, *DeliveryState})
OLD_SCREENS: Final = ("This screen is out of date", "Этот экран устарел")
EVERYBODY: Final = {
    Messenger.TELEGRAM: ("100", "101", "200", "1001", "1002", "1003", "1004", "-500"),
    Messenger.WHATSAPP: (
        "+12025550123", "+12025550124", "+12025550147", "+12025550199", "US.13491208655302741918",
    ),
    Messenger.VIBER: ("alice", "bob", "carol"),
}  # fmt: skip
IDS: Final[Mapping[str, str]] = json.loads(EXPECTED.read_text(encoding="utf-8"))["ids"]
"""The broadcasts, series and drafts of the archive, by what they are for."""
STATES: Final = {
    "planned": "scheduled",
    "planned_owls": "scheduled",
    "unapproved": "unapproved",
    "paused": "paused",
    "mixed": "finished",
    "fixed": "finished",
    "erased": "finished",
    "moved": "finished",
    "of_series": "finished",
    "api": "finished",
    "damaged": "finished",
    "cut_short": "cancelled",
    "called_off": "cancelled",
}


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """The folder as it was left behind."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "data"


@pytest.fixture
def old_url(data_dir: Path) -> Iterator[str]:
    """The store on it."""
    with embedded.running(data_dir) as url:
        yield url


@asynccontextmanager
async def back_at_work(data_dir: Path, old_url: str) -> AsyncIterator[World]:
    """The chats as they were left, and the bot of today; no worker."""
    async with running_sandbox(data_dir / "sandbox.json") as sandbox:
        settings = load_settings(variables(sandbox, old_url, **AS_BEFORE), env_file=None)
        async with open_core(settings) as core, serving(settings):
            yield World(sandbox, core)


def plain(thing: object) -> Any:  # noqa: ANN401 - any JSON
    """As JSON. What is empty or as by default is left out, so that a later version may know more of a thing."""
    if isinstance(thing, Mapping):
        return {str(plain(name)): plain(one) for name, one in thing.items()}
    if isinstance(thing, Enum):
        return thing.value
    if isinstance(thing, (datetime, date, time)):
        return thing.isoformat()
    if isinstance(thing, (set, frozenset)):
        return sorted(str(plain(one)) for one in thing)
    if isinstance(thing, (list, tuple)):
        return [plain(one) for one in thing]
    if is_dataclass(thing):
        if type(thing).__str__ is not object.__str__:
            return str(thing)
        found = {field.name: getattr(thing, field.name) for field in fields(thing)}
        return {name: plain(one) for name, one in found.items() if one not in (None, "", (), {}, False, 0)}
    return thing


async def deliveries(core: Core, broadcast: Broadcast) -> list[Any]:
    return [plain(one) async for one in core.ledger.deliveries(broadcast)]


async def broadcasts(core: Core) -> dict[str, Any]:
    """All broadcasts, whole, each with its index."""
    found = {
        "waiting": [one async for one in core.broadcasts.each_scheduled()],
        "running": await core.broadcasts.running(),
        "ended": await core.ledger.page(Index.ENDED, 0, -1, newest_first=False),
    }
    return {
        one.id: {
            "where": where,
            **plain(one),
            "deliveries": await deliveries(core, one),
            "troubles": [str(each.id) for each in (await core.broadcasts.troubles(one.id)).items],
            "amendment": plain(await core.amendments.latest(one.id)),
        }
        for where, some in found.items()
        for one in some
    }


async def audiences(core: Core) -> list[Any]:
    return [
        {**plain(one), "people": [plain(each) async for each in core.recipients.of(one.id)]}
        for one in (await core.audiences.page(size=100)).items
    ]


async def people(core: Core) -> dict[str, Any]:
    """Admins, subscribers, contacts and opt-outs."""
    everybody = [
        Recipient(messenger=messenger, address=address)
        for messenger, addresses in EVERYBODY.items()
        for address in addresses
    ]
    screened = await core.reachability.split(everybody)
    subscribers = [
        {"id": chat_id, "since": plain(await core.subscribers.since(int(chat_id))), **name_and_tag(packed)}
        async for portion in core.subscribers.entries(Messenger.TELEGRAM)
        for chat_id, packed in portion.items()
    ]
    return {
        "team": plain(await core.team.people()),
        "readers": {str(one): plain(await core.readers.of(one)) for one in (ANN, BEN)},
        "subscribers": sorted(subscribers, key=lambda one: str(one["id"])),
        "contacts": [plain(await core.contacts.get(name)) for name in ("1", "2")],
        "reached at": [one.label for one in screened.recipients],
        "left out": [plain(one) for one in screened.left_out],
    }


async def snapshot(core: Core, drafts: list[str]) -> dict[str, Any]:
    """All that people have made, through what the programs ask of the core."""
    series = [one for one in (await core.series.planned(size=100)).items if isinstance(one, Series)]
    return {
        "broadcasts": await broadcasts(core),
        "series": [plain(one) for one in series],
        "audiences": await audiences(core),
        "people": await people(core),
        "drafts": {name: plain(await core.drafts.get(name)) for name in drafts},
        "awaited": {str(one): plain(await core.prompts.current(one)) for one in (ANN, BEN)},
        "log": [plain(line) for line in (await core.audit_log.page(size=10_000)).items],
        "cards": sorted((plain(one) for one in await core.cards.all()), key=str),
        "questions": sorted((plain(one) for one in await core.approval_requests.all()), key=str),
        "receipts": {one.value: plain(await core.health.receipts(one)) for one in Messenger},
        "set aside": await core.health.quarantined(),
        "stopped": plain(await core.panic.current()),
        "sent before": await core.ledger.has_sent_before(),
    }


def leaves(thing: Any, where: str = "") -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Every value in it. Names of fields may change between versions; messengers and states are part of the value.

    Flags are left out, as one may be kept the other way round; the tests below look at those that matter.
    """
    if isinstance(thing, dict):
        for name, one in thing.items():
            yield from leaves(one, f"{where}{name}/" if name in NAMED_BY_VALUE else where)
    elif isinstance(thing, list):
        for one in thing:
            yield from leaves(one, where)
    elif not isinstance(thing, bool):
        yield f"{where}{thing}"


def lost(before: Mapping[str, Any], now: Mapping[str, Any], where: str = "") -> list[str]:
    """The values of each thing that it has no longer; more than there was is no loss."""
    gone = []
    for name, one in before.items():
        if isinstance(one, dict) and where.count("/") < 1 and isinstance(now.get(name), dict):
            gone += lost(one, now[name], f"{where}{name}/")
        else:
            missing = Counter(leaves(one)) - Counter(leaves(now.get(name)))
            gone += [f"{where}{name}: {value}" for value in missing]
    return gone


async def test_everything_that_an_older_version_stored_is_there_and_says_the_same(old_url: str) -> None:
    """Each broadcast with its deliveries, times and reasons, and all else that people have made."""
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    settings = load_settings({"REDIS_URL": old_url, "TZ": "Europe/Berlin", **AS_BEFORE}, env_file=None)
    async with open_core(settings) as core:
        now = json.loads(json.dumps(await snapshot(core, list(expected["found"]["drafts"]))))
        assert lost(expected["found"], now) == []
        assert set(now["broadcasts"]) == set(expected["found"]["broadcasts"])
        await core.status.read()
        await core.reachability.outside_window(
            [Recipient(messenger=Messenger.WHATSAPP, address=one) for one in EVERYBODY[Messenger.WHATSAPP]],
            None,
        )


async def test_the_archive_holds_one_of_each_kind(old_url: str) -> None:
    """So that nobody takes a poorer archive for proof."""
    settings = load_settings({"REDIS_URL": old_url, **AS_BEFORE}, env_file=None)
    async with open_core(settings) as core:
        states = {name: (await core.broadcasts.get(IDS[name])).status.value for name in STATES}
        assert states == STATES
        mixed = await core.broadcasts.get(IDS["mixed"])
        assert {state for state in DeliveryState if mixed.progress.of(state)} == {
            DeliveryState.DELIVERED,
            DeliveryState.FAILED,
            DeliveryState.READ,
            DeliveryState.SENT,
            DeliveryState.UNKNOWN,
        }
        assert (await core.broadcasts.get(IDS["cut_short"])).progress.of(DeliveryState.CANCELLED) == 1
        active, paused = [await core.series.get(IDS[name]) for name in ("series", "series_paused")]
        assert (active.status, active.made, paused.status) == (SeriesStatus.ACTIVE, 1, SeriesStatus.PAUSED)
        named = await core.audiences.named("night-owls")
        assert (named.joinable, str(named.quiet_hours), named.total) == (True, "22:00-08:00@Europe/Berlin", 3)
        assert (await core.audiences.named("regulars")).variables == ("name", "city")
        half = await core.drafts.get(IDS["draft_half"])
        assert half is not None
        assert half.content is not None
        assert half.content.text == "Half written: summer menu"
        assert await core.prompts.current(BEN) == (IDS["draft_awaiting"], "text")


async def test_the_chat_shows_what_an_older_version_stored_and_its_buttons_work(
    data_dir: Path, old_url: str
) -> None:
    """Lists, and buttons that still stand in the chat."""
    async with back_at_work(data_dir, old_url) as world:
        await _old_buttons_that_look(world)
        await _lists(world)
        await _old_buttons_that_act(world)


async def _old_buttons_that_look(world: World) -> None:
    card = await _drawn(world, f"b:{IDS['planned']}:")
    await world.tap_into(card, "🗓 Look or change", "1 Jun 2035, 12:30")
    card = await _drawn(world, f"b:{IDS['mixed']}:f:failed:1")
    await world.tap_into(card, "📋 Who failed", "blocked")


async def _lists(world: World) -> None:
    listed = await world.ask("/scheduled", "Scheduled · 4")
    for name in ("planned", "planned_owls", "series", "series_paused"):
        assert f"#{IDS[name]}" in listed["text"]
    finished = await world.ask("/finished", "Sent · 9")
    assert f"#{IDS['damaged']}" in finished["text"]
    for name, done in (("fixed", "Text changed on 2 of 2"), ("erased", "Deleted from 2 of 2")):
        item = await world.ask(f"/finished {IDS[name]}", "Sent to")
        await world.tap_into(await world.more(item), "📱 Edit or delete", f"{done} phones by Ann")
    overview = await world.ask("/audiences", "👥 Lists · 2")
    assert data_of(overview, "👥 night-owls · 3")
    assert data_of(overview, "👥 regulars · 6")
    team = await world.ask("/admins", "👤 Team · 4")
    assert "Ann · owner\nBen · owner\nSam · editor\nDave · viewer" in team["text"]
    log = await world.ask(f"/log #{IDS['mixed']}", f"Log: #{IDS['mixed']}")
    assert f"Ben · approved #{IDS['mixed']} to 10 people" in log["text"]


async def _old_buttons_that_act(world: World) -> None:
    live = await _drawn(world, f"b:{IDS['paused']}:p:resume")
    assert (await world.tap(live, "▶ Resume"))["text"] == "Resumed"
    assert (await world.core.broadcasts.get(IDS["paused"])).status is BroadcastStatus.SENDING
    # What was asked then has lapsed after a day; it is asked again with each change.
    await world.core.broadcasts.reschedule(IDS["unapproved"], datetime(2035, 7, 2, tzinfo=UTC))
    carries = f"w:{IDS['unapproved']}:3:yes"
    await world.sandbox.until(lambda messages: carries in json.dumps(messages), BEN)
    await world.tap(await _drawn(world, carries, BEN), "✅", person=BEN)
    approved = await world.core.broadcasts.get(IDS["unapproved"])
    assert (approved.status, approved.send_at.year) == (BroadcastStatus.SCHEDULED, 2035)


async def _drawn(world: World, carries: str, person: int = ANN) -> dict[str, Any]:
    """The latest message of the chat that has a button with such data."""
    return next(
        message
        for message in reversed(await world.sandbox.messages(person))
        if f'"callback_data": "{carries}' in json.dumps(message.get("reply_markup"))
    )


async def test_what_was_planned_goes_out_once_and_what_was_sent_does_not_go_out_again(old_url: str) -> None:
    """Moved to now; entries for the scheduler that came due meanwhile are understood and do no harm."""
    async with running_sandbox() as sandbox, store_at(old_url) as store:
        settings = {**variables(sandbox, old_url, **AS_BEFORE), **FOR_GOOD, "LOG_LEVEL": "INFO"}
        await _all_entries_are_due(store)
        async with (
            open_core(load_settings(settings, env_file=None)) as core,
            running(WORKER, settings, until_says="is ready") as worker,
            running(SCHEDULER, settings),
        ):
            before = await broadcasts(core)
            await worker.says(f"broadcast={IDS['planned_owls']} start: scheduled")
            await core.broadcasts.reschedule(IDS["planned"], datetime.now(UTC) + timedelta(milliseconds=50))
            await until(lambda: _finished(core, IDS["planned"]))
            await core.broadcasts.resume(IDS["paused"])
            await until(lambda: _finished(core, IDS["paused"]))
            texts = Counter((one["recipient"], one["text"]) for one in await sandbox.delivered())
            assert texts == {
                **{(one, "Hello Alice, see you in Berlin!"): 1 for one in ("1001", "+12025550123", "alice")},
                **{(one, "Hello Bob, see you in Rome!"): 1 for one in ("1002", "+12025550124", "bob")},
                ("bob", "Come by"): 1,
            }
            after = await broadcasts(core)
            moved = {IDS["planned"], IDS["paused"]}
            assert {name: one for name, one in after.items() if name not in moved} == {
                name: one for name, one in before.items() if name not in moved
            }
            assert "refused job" not in worker.said


async def _all_entries_are_due(store: Redis) -> None:
    """As if the moment of all that rq-scheduler was told had come by its clock."""
    key = "rq:scheduler:scheduled_jobs"
    jobs = await store.zrange(key, 0, -1)
    assert len(jobs) == 3
    await store.zadd(key, dict.fromkeys(map(str, jobs), 1))


async def _finished(core: Core, broadcast_id: str) -> bool:
    return (await core.broadcasts.get(broadcast_id)).status is BroadcastStatus.FINISHED


async def test_an_order_that_was_carried_out_under_a_key_gets_the_same_answer_again(old_url: str) -> None:
    """And nothing is ordered anew."""
    order = {
        "body": "From the shop's own program",
        "recipients": [{"uuid": "1", "service": "telegram"}, {"uuid": "2", "service": "viber"}],
    }
    async with running_api(old_url, API_USER="admin", API_PASSWORD="sandbox") as api:
        before = await broadcasts(api.core)
        reply = await api.call(
            "POST",
            "/send_message",
            data=json.dumps(order).encode(),
            headers={"Content-Type": "application/json", "Idempotency-Key": "order-4711"},
            auth=basic(b"admin:sandbox"),
        )
        told = json.loads(EXPECTED.read_text(encoding="utf-8"))["answer under a key"]
        assert (reply.status, reply.json) == (200, told)
        assert await broadcasts(api.core) == before


@dataclass(frozen=True)
class Saved:
    """The store as it was, to put it back before each press."""

    store: Redis
    entries: dict[bytes, bytes]

    @classmethod
    async def of(cls, store: Redis) -> Saved:
        names = [name async for name in store.scan_iter(count=1000)]
        pipe = store.pipeline(transaction=False)
        for name in names:
            pipe.dump(name)
        return cls(store, {name: one for name, one in zip(names, await pipe.execute(), strict=True) if one})

    async def put_back(self) -> None:
        await self.store.eval(PUT_BACK, len(self.entries), *self.entries, *self.entries.values())


PUT_BACK: Final = """
redis.call('FLUSHDB')
for place, name in ipairs(KEYS) do redis.call('RESTORE', name, 0, ARGV[place]) end
"""


async def test_every_button_that_an_older_version_drew_is_answered_as_it_was(
    data_dir: Path, old_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """One of each kind; what that version took for an old screen may be one, no other may."""
    buttons: list[dict[str, Any]] = json.loads(BUTTONS.read_text(encoding="utf-8"))
    problems: list[str] = []
    caplog.set_level(logging.WARNING)
    async with back_at_work(data_dir, old_url) as world, Redis.from_url(old_url) as store:
        saved = await Saved.of(store)
        for button in buttons:
            answer = await world.sandbox.forge(
                button["data"], button["message_id"], button["person"], chat=button["person"], wait=True
            )
            if not answer["answered"] or re.search(r"\bE-[0-9A-F]{4}\b", answer["text"] or ""):
                problems.append(f"{button}: {answer}")
            if (answer["text"] or "") in OLD_SCREENS and not button["old"]:
                problems.append(f"{button} is no longer known")
            await saved.put_back()
    assert problems == []
    # The sandbox's server logs each request that the bot takes back when it stops.
    errors = [one for one in caplog.records if one.levelno >= logging.ERROR and one.name != "aiohttp.server"]
    assert [one.getMessage() for one in errors] == []
