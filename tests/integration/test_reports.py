"""The list of every delivery: complete, safe in spreadsheet programs, in parts where it is long."""

from __future__ import annotations

import asyncio
import csv
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.app import Core
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed, Unknown
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.services.reports import safe_cell
from tests.support.core import core_at, deliver_all, people, reloaded, started

HEADS = ["recipient", "messenger", "state", "reason", "tries", "time UTC", "time Europe/Berlin"]


@pytest.fixture
async def core(redis_url: str) -> AsyncIterator[Core]:
    async with core_at(redis_url, TZ="Europe/Berlin") as core:
        yield core


def rows_of(path: Path) -> list[list[str]]:
    """The rows as a spreadsheet program reads them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


async def test_every_delivery_stands_in_the_list_with_reason_tries_and_both_times(
    core: Core, tmp_path: Path
) -> None:
    recipients = (*people(Messenger.TELEGRAM, 3), *people(Messenger.WHATSAPP, 1))
    broadcast = await started(core, recipients)
    await deliver_all(core, {"1001": Failed(Reason.BLOCKED), "1002": Unknown(Reason.CUT_OFF)})
    (path,) = await core.reports.csv_parts(await reloaded(core, broadcast), tmp_path)
    assert path.name == f"{broadcast.id}.csv"
    heads, *rows = rows_of(path)
    assert heads == HEADS
    assert [row[:5] for row in rows] == [
        ["1000", "telegram", "sent", "", "1"],
        ["1001", "telegram", "failed", "blocked the bot", "1"],
        ["1002", "telegram", "unknown", "interrupted while sending. It may have arrived", "1"],
        ["+12020001000", "whatsapp", "sent", "", "1"],
    ]
    for row in rows:
        utc = datetime.strptime(row[5], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        assert abs((datetime.now(UTC) - utc).total_seconds()) < 60
        assert f"{utc.astimezone(ZoneInfo('Europe/Berlin')):%Y-%m-%d %H:%M:%S}" == row[6]


async def test_the_second_time_is_by_the_clock_of_who_asked_for_the_list(core: Core, tmp_path: Path) -> None:
    broadcast = await started(core, people(Messenger.TELEGRAM, 1))
    await deliver_all(core)
    tokyo = ZoneInfo("Asia/Tokyo")
    (path,) = await core.reports.csv_parts(await reloaded(core, broadcast), tmp_path, zone=tokyo)
    heads, row = rows_of(path)
    assert heads[5:] == ["time UTC", "time Asia/Tokyo"]
    utc = datetime.strptime(row[5], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    assert row[6] == f"{utc.astimezone(tokyo):%Y-%m-%d %H:%M:%S}"


async def test_what_was_never_tried_has_no_time(core: Core, tmp_path: Path) -> None:
    broadcast = await started(core, people(Messenger.TELEGRAM, 1))
    await core.broadcasts.cancel(broadcast.id)
    (path,) = await core.reports.csv_parts(await reloaded(core, broadcast), tmp_path)
    assert rows_of(path)[1:] == [["1000", "telegram", "cancelled", "", "0", "", ""]]


async def test_the_columns_that_came_in_come_back_and_no_name_comes_twice(core: Core, tmp_path: Path) -> None:
    anna = Recipient(
        messenger=Messenger.TELEGRAM, address="1", variables={"name": "Anna", "class": "3B", "State": "=1"}
    )
    ben = Recipient(messenger=Messenger.TELEGRAM, address="2", variables={"name": "Ben"})
    broadcast = await started(core, (anna, ben))
    await deliver_all(core)
    (path,) = await core.reports.csv_parts(broadcast, tmp_path, zone=ZoneInfo("UTC"))
    heads, *rows = rows_of(path)
    assert heads[:6] == [*HEADS[:5], "time UTC"]
    assert len({one.casefold() for one in heads}) == len(heads)
    columns = {name: place for place, name in enumerate(heads)}
    assert [rows[0][columns[name]] for name in ("name", "class", "State 2")] == ["Anna", "3B", "'=1"]
    assert [rows[1][columns[name]] for name in ("name", "class", "State 2")] == ["Ben", "", ""]


async def test_a_long_list_comes_in_parts_that_lose_nothing(core: Core, tmp_path: Path) -> None:
    everybody = people(Messenger.VIBER, 4500)
    broadcast = await started(core, everybody)
    parts = await core.reports.csv_parts(broadcast, tmp_path, largest=40_000)
    assert [path.name for path in parts] == [f"{broadcast.id}-{n}.csv" for n in range(1, len(parts) + 1)]
    assert len(parts) > 1
    tables = [rows_of(path) for path in parts]
    assert {tuple(table[0]) for table in tables} == {tuple(HEADS)}
    assert [row[0] for table in tables for row in table[1:]] == [one.address for one in everybody]


async def test_a_column_that_is_met_late_stands_in_every_part(core: Core, tmp_path: Path) -> None:
    """Each delivery is read once."""
    everybody = people(Messenger.VIBER, 4500)
    broadcast = await started(core, (*everybody[:-1], replace(everybody[-1], variables={"class": "3B"})))
    parts = await core.reports.csv_parts(broadcast, tmp_path, largest=40_000)
    tables = [rows_of(path) for path in parts]
    assert len(tables) > 1
    assert {tuple(table[0]) for table in tables} == {(*HEADS, "class")}
    assert {len(row) for table in tables for row in table} == {len(HEADS) + 1}
    assert tables[-1][-1][-1] == "3B"
    assert set(await asyncio.to_thread(os.listdir, tmp_path)) == {path.name for path in parts}


@pytest.mark.parametrize(
    ("address", "cell"),
    [
        ("+4915112345678", "+4915112345678"),
        ("-1001234567890", "-1001234567890"),
        ("1001", "1001"),
        ('=HYPERLINK("http://example.com")', '\'=HYPERLINK("http://example.com")'),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ('alice,"b"\n=1', 'alice,"b"\n=1'),
        ("", ""),
    ],
)
def test_no_cell_is_taken_for_a_formula_and_phones_stay_phones(address: str, cell: str) -> None:
    assert safe_cell(address) == cell


async def test_an_id_that_looks_like_a_formula_comes_out_as_text(core: Core, tmp_path: Path) -> None:
    """Viber's ids may begin with any sign, and hold quotes and commas."""
    nasty = "=cmd|'/C calc'!A0,\"x\""
    broadcast = await started(core, [Recipient(messenger=Messenger.VIBER, address=nasty)])
    (path,) = await core.reports.csv_parts(broadcast, tmp_path)
    assert rows_of(path)[1][0] == f"'{nasty}"
