"""/log and its buttons."""

from __future__ import annotations

from bot.context import BotContext, ButtonPress, CallbackAnswer, IncomingMessage, already, redraw
from bot.screens import audit_log as screens_audit_log
from bot.telegram import incoming
from bot.text import audit, formatting
from bot.text.translation import _, translate
from bot.ui.callback_data import CSV, EVERYBODY, LogTap
from bot.ui.screen import Screen, plain
from core.domain.audit import Channel
from core.services.audit_log import LogFilter

_LONGEST = 40
_HTTP = "a"


async def command(context: BotContext, message: IncomingMessage) -> None:
    """/log; with the id of a broadcast, a name or the id of a person behind it, theirs."""
    named = incoming.without_command(message.text).strip()
    of = EVERYBODY if not named else await _of(context, named)
    if of is None:
        text = _("The log names no broadcast and nobody called “{name}”. /log alone shows all of it.")
        await context.chat.send(
            message.admin.chat_id, plain(text.format(name=formatting.clip(named, _LONGEST)))
        )
        return
    await context.chat.send(message.admin.chat_id, await _screen(context, LogTap(1, of)))


async def _of(context: BotContext, named: str) -> str | None:
    """What a name means, as LogTap has it."""
    person = await context.core.journal.person_named(named)
    if person is not None and not named.startswith("#"):
        door, _colon, number = person.partition(":")
        return f"p{number}" if door == "telegram" else _HTTP if door == Channel.API.value else None
    broadcast_id = named.lstrip("#").upper()
    page = await context.core.journal.page(LogFilter(broadcast_id=broadcast_id), size=1)
    return f"b{broadcast_id}" if page.total else None


def _filter(context: BotContext, of: str) -> LogFilter:
    if of == EVERYBODY:
        return LogFilter()
    if of == _HTTP:
        return LogFilter(person_id=f"{Channel.API.value}:{context.core.settings.api_user}")
    return LogFilter(person_id=f"telegram:{of[1:]}") if of.startswith("p") else LogFilter(broadcast_id=of[1:])


async def _screen(context: BotContext, tap: LogTap) -> Screen:
    which = _filter(context, tap.of)
    page = await context.core.journal.page(which, page=tap.page, size=screens_audit_log.PAGE_SIZE)
    whose = f"#{which.broadcast_id}" if which.broadcast_id else ""
    if which.person_id and page.items:
        whose = page.items[0].actor.name or which.person_id
    return screens_audit_log.log_page(page, tap.of, whose, context.clock())


async def handle(context: BotContext, press: ButtonPress, tap: LogTap) -> CallbackAnswer | None:
    """Turns the page, or hands out all of it."""
    if tap.page != CSV:
        await redraw(context, press, await _screen(context, tap))
        return CallbackAnswer()
    if not await context.core.drafts.first_tap(press.admin.id, press.message_id, "log"):
        return already()
    await context.chat.answer(press.query_id, _("Writing the list"))
    clock = context.clock()
    data = await context.core.journal.export(
        _filter(context, tap.of), clock.zone, say=translate, describe=lambda line: audit.action(line, clock)
    )
    await context.chat.send_file(press.admin.chat_id, _("log.csv"), data)
    return None
