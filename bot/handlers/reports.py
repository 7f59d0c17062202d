"""Results of a broadcast: its content as people got it, and their deliveries as a list, a file and a chart."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from bot.context import BotContext, CallbackAnswer
from bot.requests import ButtonPress
from bot.routes import BROADCAST, PAGE
from bot.screens.deliveries import delivery_list
from bot.screens.ended import chart_caption, list_caption
from bot.tasks.charts import chart_of
from bot.telegram import content_preview
from bot.text.translation import _, translate
from bot.ui.screen import Screen, plain
from core.domain.broadcast import Broadcast
from core.domain.team import Role


async def _look(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> CallbackAnswer:
    """Send the whole content as recipients get it."""
    people = await context.core.reports.firsts(broadcast)
    refusal = await content_preview.send_previews(
        context.chat, press.admin.chat_id, broadcast.content, people
    )
    if refusal is not None:
        return CallbackAnswer(_("Telegram won't accept this: {refusal}").format(refusal=refusal), alert=True)
    return CallbackAnswer(_("See below"))


async def _failed(context: BotContext, _press: ButtonPress, broadcast: Broadcast, number: int) -> Screen:
    page = await context.core.broadcasts.troubles(broadcast.id, page=number)
    return delivery_list(broadcast, page, "failed")


async def _got(context: BotContext, _press: ButtonPress, broadcast: Broadcast, number: int) -> Screen:
    page = await context.core.broadcasts.everyone(broadcast.id, page=number)
    return delivery_list(broadcast, page, "got")


async def _csv(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> None:
    """Send all deliveries as CSV, in several files when too large for one."""
    await context.chat.answer(press.query_id, _("Preparing the file"))
    with TemporaryDirectory(prefix="message-sender-") as folder:
        zone = context.clock().zone
        parts = await context.core.reports.csv_parts(broadcast, Path(folder), say=translate, zone=zone)
        for number, path in enumerate(parts, start=1):
            caption = list_caption(broadcast, number, len(parts))
            await context.chat.send_document(press.admin.chat_id, path, caption)


async def _chart(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> None:
    await context.chat.answer(press.query_id, _("Drawing the chart"))
    timeline = await context.core.reports.timeline(broadcast)
    picture = await context.charts.draw(chart_of(broadcast, timeline, context.clock().zone))
    if picture is None:
        refusal = _("I couldn't draw the chart this time. The CSV file has all the numbers.")
        await context.chat.send(press.admin.chat_id, plain(refusal))
    else:
        await context.chat.send_photo(press.admin.chat_id, picture, chart_caption(broadcast))


BUTTONS = (
    BROADCAST.button("look", Role.VIEWER, _look, in_any_state=True, once=True),
    BROADCAST.button("failed", Role.VIEWER, _failed, PAGE, in_any_state=True),
    BROADCAST.button("got", Role.VIEWER, _got, PAGE, in_any_state=True),
    BROADCAST.button("csv", Role.VIEWER, _csv, in_any_state=True, once=True),
    BROADCAST.button("chart", Role.VIEWER, _chart, in_any_state=True, once=True),
)
