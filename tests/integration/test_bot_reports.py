"""The list of deliveries and the chart in the chat: sent as files, drawn beside the bot, never in anybody's way."""

from __future__ import annotations

import asyncio
import csv
import io

from bot.tasks.charts import Charts, chart_of
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed
from core.domain.timeline import Timeline
from tests.support.bot import Json, World, data_of, labels, running_bot

TWELVE = tuple(str(number) for number in range(2001, 2013))
PNG = b"\x89PNG\r\n\x1a\n"


async def fetched(world: World, file_id: str) -> bytes:
    async with world.sandbox.http.get(f"{world.sandbox.url}/sandbox/files/{file_id}") as response:
        assert response.status == 200
        return await response.read()


async def posted(world: World, kind: str, count: int = 1) -> list[Json]:
    """Waits for so many messages with a file of that kind."""

    def found(messages: list[Json]) -> list[Json]:
        return [message for message in messages if kind in message]

    return found(await world.sandbox.until(lambda messages: len(found(messages)) >= count))


async def confirmed(world: World, people: tuple[str, ...] = TWELVE) -> Json:
    card = await world.ask(f"/send {', '.join(f'tg:{one}' for one in people)} | Sale", "Preview ↑")
    await world.tap(card, "✅")
    await world.turned(card, "▶ Starting")
    return card


async def test_the_result_of_many_is_one_message_and_its_buttons_work(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await confirmed(world)
        await world.deliver({"2003": Failed(Reason.BLOCKED)})
        card = await world.turned(card, "⚠ Sent to 11 of 12")
        assert labels(card) == [["📋 1 failed"], ["♻ Send again", "More"]]
        people = await world.tap_below(card, "📋 1 failed", "Who missed")
        assert "2003" in people["text"]
        await world.tap_below(await world.more(card), "📊 Chart", "✔ 11 sent")
        (chart,) = await posted(world, "photo")
        assert (await fetched(world, chart["photo"][-1]["file_id"])).startswith(PNG)
        assert chart["photo"][-1]["width"] > 800
        assert await world.sandbox.complaints() == []


async def test_the_list_is_sent_as_a_file_once_for_a_double_tap(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id = await world.scheduled("Sale <b>&", None, "1001", "1002")
        await world.deliver({"1002": Failed(Reason.BLOCKED)})
        item = await world.ask(f"/finished {broadcast_id}", "Sent to")
        item = await world.more(item)
        data, message_id = data_of(item, "⬇ CSV"), item["message_id"]
        answers = await asyncio.gather(*(world.sandbox.forge(data, message_id, wait=True) for _ in range(2)))
        assert sorted(answer["text"] for answer in answers) == ["Already done", "Preparing the file"]
        (message,) = await posted(world, "document")
        assert message["document"]["file_name"] == f"{broadcast_id}.csv"
        assert "Results for 2 people" in message["caption"]
        content = (await fetched(world, message["document"]["file_id"])).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(content, newline="")))
        assert [row[:4] for row in rows[1:]] == [
            ["1001", "telegram", "sent", ""],
            ["1002", "telegram", "failed", "blocked the bot"],
        ]


async def test_the_chart_of_any_broadcast_is_a_tap_away(redis_url: str) -> None:
    """Also of a small one; of one that was cancelled before it began there is nothing to draw."""
    async with running_bot(redis_url) as world:
        done = await world.scheduled("Sale", None, "1001")
        await world.deliver()
        cancelled = await world.scheduled("Other", None, "1001")
        await world.core.broadcasts.cancel(cancelled)
        item = await world.ask(f"/finished {done}", f"#{done}")
        assert (await world.tap(await world.more(item), "📊 Chart"))["text"] == "Drawing the chart"
        photo = (await posted(world, "photo", 1))[-1]
        assert f"#{done}" in photo["caption"]
        item = await world.ask(f"/finished {cancelled}", f"#{cancelled}")
        assert ["⬇ CSV"] in labels(await world.more(item))


async def test_no_more_than_a_few_charts_wait_to_be_drawn(redis_url: str) -> None:
    """Of many broadcasts that end together some go without a chart; none waits for long."""
    async with running_bot(redis_url) as world:
        broadcast = await world.core.broadcasts.get(await world.scheduled("Sale", None))
        drawing = chart_of(broadcast, Timeline(broadcast.send_at), world.core.settings.zone)
        charts = Charts()
        pictures = await asyncio.gather(*(charts.draw(drawing) for _ in range(6)))
        assert [picture is None for picture in pictures] == [False] * 4 + [True] * 2
