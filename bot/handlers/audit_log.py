"""/log and its buttons."""

from __future__ import annotations

from bot.context import Desk, Said, Toast, Touch, already, redraw
from bot.screens import audit_log as screens_audit_log
from bot.telegram import incoming
from bot.text import audit, formatting
from bot.text.translation import _, told
from bot.ui.callback_data import CSV, EVERYBODY, LogTap
from bot.ui.screen import Screen, plain
from core.domain.audit import Door
from core.services.audit_log import LogFilter

_LONGEST = 40
_HTTP = "a"


async def command(desk: Desk, said: Said) -> None:
    """/log; with the id of a broadcast, a name or the id of a person behind it, theirs."""
    named = incoming.without_command(said.text).strip()
    of = EVERYBODY if not named else await _of(desk, named)
    if of is None:
        text = _("The log names no broadcast and nobody called “{name}”. /log alone shows all of it.")
        await desk.chat.send(said.admin.chat_id, plain(text.format(name=formatting.clip(named, _LONGEST))))
        return
    await desk.chat.send(said.admin.chat_id, await _screen(desk, LogTap(1, of)))


async def _of(desk: Desk, named: str) -> str | None:
    """What a name means, as LogTap has it."""
    person = await desk.core.journal.person_named(named)
    if person is not None and not named.startswith("#"):
        door, _colon, number = person.partition(":")
        return f"p{number}" if door == "telegram" else _HTTP if door == Door.API.value else None
    broadcast_id = named.lstrip("#").upper()
    page = await desk.core.journal.page(LogFilter(broadcast_id=broadcast_id), size=1)
    return f"b{broadcast_id}" if page.total else None


def _filter(desk: Desk, of: str) -> LogFilter:
    if of == EVERYBODY:
        return LogFilter()
    if of == _HTTP:
        return LogFilter(person_id=f"{Door.API.value}:{desk.core.settings.api_user}")
    return LogFilter(person_id=f"telegram:{of[1:]}") if of.startswith("p") else LogFilter(broadcast_id=of[1:])


async def _screen(desk: Desk, tap: LogTap) -> Screen:
    which = _filter(desk, tap.of)
    page = await desk.core.journal.page(which, page=tap.page, size=screens_audit_log.PAGE_SIZE)
    whose = f"#{which.broadcast_id}" if which.broadcast_id else ""
    if which.person_id and page.items:
        whose = page.items[0].actor.name or which.person_id
    return screens_audit_log.log_page(page, tap.of, whose, desk.present())


async def tapped(desk: Desk, touch: Touch, tap: LogTap) -> Toast | None:
    """Turns the page, or hands out all of it."""
    if tap.page != CSV:
        await redraw(desk, touch, await _screen(desk, tap))
        return Toast()
    if not await desk.core.drafts.first_tap(touch.admin.id, touch.message_id, "log"):
        return already()
    await desk.chat.answer(touch.query_id, _("Writing the list"))
    present = desk.present()
    data = await desk.core.journal.export(
        _filter(desk, tap.of), present.zone, say=told, describe=lambda line: audit.what(line, present)
    )
    await desk.chat.send_file(touch.admin.chat_id, _("log.csv"), data)
    return None
