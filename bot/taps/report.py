"""Taps that hand out what can be told of a broadcast: the list of every delivery, and the chart."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from bot.charts import drawing_of
from bot.desk import Desk, Toast, Touch, already
from bot.language import _, told
from bot.screen import plain
from bot.screens import report as screens_report
from bot.wire import Tap
from core.domain.broadcast import Broadcast


async def csv(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast | None:
    """Every delivery in a file, or in several where one would be too large."""
    if not await desk.core.drafts.first_tap(touch.admin.id, touch.message_id, tap.verb):
        return already()
    await desk.chat.answer(touch.query_id, _("Writing the list"))
    with TemporaryDirectory(prefix="message-sender-") as folder:
        zone = desk.present().zone
        parts = await desk.core.reports.csv_parts(broadcast, Path(folder), say=told, zone=zone)
        for number, path in enumerate(parts, start=1):
            caption = screens_report.list_caption(broadcast, number, len(parts))
            await desk.chat.send_document(touch.admin.chat_id, path, caption)
    return None


async def chart(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast | None:
    """How it went, as a picture."""
    if not await desk.core.drafts.first_tap(touch.admin.id, touch.message_id, tap.verb):
        return already()
    await desk.chat.answer(touch.query_id, _("Drawing the chart"))
    timeline = await desk.core.reports.timeline(broadcast)
    picture = await desk.charts.draw(drawing_of(broadcast, timeline, desk.present().zone))
    if picture is None:
        refusal = _("The chart could not be drawn this time. The list (CSV) has all the numbers.")
        await desk.chat.send(touch.admin.chat_id, plain(refusal))
    else:
        await desk.chat.send_photo(touch.admin.chat_id, picture, screens_report.chart_caption(broadcast))
    return None
