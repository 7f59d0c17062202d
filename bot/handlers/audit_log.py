"""/log and its buttons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.context import BotContext, Result, already
from bot.requests import ButtonPress, IncomingMessage
from bot.routes import any_of
from bot.screens.audit_log import PAGE_SIZE, log_page
from bot.text import audit, formatting
from bot.text.translation import _, translate
from bot.ui.callback_data import CSV, LogPage
from bot.ui.screen import Screen, plain
from core.domain.audit import AuditEntry, Channel
from core.domain.team import Role
from core.services.audit_log import LogFilter

_LONGEST = 40


async def command(context: BotContext, message: IncomingMessage) -> Screen:
    """/log: all entries; with a broadcast id, a name or a person's id behind it, those entries."""
    named = message.argument
    if not named:
        return await _screen(context, LogPage(1))
    page = await _named(context, named)
    if page is not None:
        return await _screen(context, page)
    text = _("I found nothing about “{name}” in the log. Use /log to see everything.")
    return plain(text.format(name=formatting.clip(named, _LONGEST)))


async def _named(context: BotContext, named: str) -> LogPage | None:
    """The first page for a broadcast id, a name or a person id; None for an unknown one."""
    person = await context.core.audit_log.person_named(named)
    if person is not None and not named.startswith("#"):
        channel, _colon, number = person.partition(":")
        if channel == Channel.API.value:
            return LogPage(1, api=True)
        return LogPage(1, person=int(number)) if channel == "telegram" else None
    page = LogPage(1, broadcast_id=named.lstrip("#").upper())
    return page if (await context.core.audit_log.page(_filter(context, page), size=1)).total else None


def _filter(context: BotContext, page: LogPage) -> LogFilter:
    if page.api:
        return LogFilter(person_id=f"{Channel.API.value}:{context.core.settings.api_user}")
    if page.person is not None:
        return LogFilter(person_id=f"telegram:{page.person}")
    return LogFilter(broadcast_id=page.broadcast_id, important=page.important)


async def _screen(context: BotContext, here: LogPage) -> Screen:
    which = _filter(context, here)
    page = await context.core.audit_log.page(which, page=here.page, size=PAGE_SIZE)
    names = await _names(context, page.items)
    page = replace(page, items=tuple(_with_name(line, names) for line in page.items))
    whose = f"#{which.broadcast_id}" if which.broadcast_id else ""
    if which.person_id and page.items:
        whose = page.items[0].actor.name or which.person_id
    return log_page(page, here, whose, context.clock())


async def _names(context: BotContext, lines: Sequence[AuditEntry]) -> dict[int, str]:
    """Today's names of people whose role was changed before the bot knew their names."""
    nameless = {person for line in lines if (person := _nameless(line)) is not None}
    known = {one.id: one.name for one in await context.core.team.people()} if nameless else {}
    return {one: known.get(one) or await context.chat.name_of(one) for one in nameless}


def _nameless(line: AuditEntry) -> int | None:
    """The id of the person that an entry is about; None where the entry has a name."""
    person = line.details.get("person")
    return person if isinstance(person, int) and not line.details.get("name") else None


def _with_name(line: AuditEntry, names: Mapping[int, str]) -> AuditEntry:
    name = names.get(_nameless(line) or 0, "")
    return replace(line, details={**line.details, "name": name}) if name else line


async def _turn(context: BotContext, press: ButtonPress, page: LogPage) -> Result:
    """Show a page, or send the whole log as a file."""
    if page.page != CSV:
        return await _screen(context, page)
    if not await context.core.presses.is_first(press.admin.id, press.message_id, "log"):
        return already()
    await context.chat.answer(press.query_id, _("Preparing the file"))
    clock = context.clock()
    data = await context.core.audit_log.export(
        _filter(context, page), clock.zone, say=translate, describe=lambda line: audit.action(line, clock)
    )
    await context.chat.send_file(press.admin.chat_id, _("log.csv"), data)
    return None


BUTTONS = (any_of("g", Role.VIEWER, _turn),)
