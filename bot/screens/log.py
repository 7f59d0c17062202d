"""The log of who did what, a page at a time."""

from __future__ import annotations

from html import escape

from bot import words, words_log
from bot.language import _, amount
from bot.pager import pages
from bot.pick import Present
from bot.screen import Button, Screen
from bot.screens.home import home_row
from bot.wire_staff import CSV, LogTap
from core.domain.audit import Line
from core.services.pages import Page

PAGE_SIZE = 10


def log_page(page: Page[Line], of: str, whose: str, present: Present) -> Screen:
    """Newest first. `of`: as LogTap has it; `whose`: its name for people, empty for the log of all."""
    if whose:
        head = _("<b>Log of {whose} · {count}</b>").format(
            whose=escape(whose, quote=False), count=amount(page.total)
        )
    else:
        head = _("<b>Log · {count}</b>").format(count=amount(page.total))
    head = _("{title} · {zone}").format(title=head, zone=escape(words.place(present.zone)))
    lines = [head, *(escape(_line(line, present), quote=False) for line in page.items)]
    if not page.items:
        lines.append(_("Nothing has been done yet."))
    elif not whose:
        lines.append(_("Of one broadcast or one person: <code>/log A7KQ</code>, <code>/log Ann</code>"))
    csv = (Button(_("⬇ CSV"), str(LogTap(CSV, of))),) if page.items else ()
    turn = pages(page, lambda number: str(LogTap(number, of)))
    return Screen("\n".join(lines), (*turn, (*csv, *home_row())))


def _line(line: Line, present: Present) -> str:
    return f"{words.short(line.at, present.zone)} · {words_log.who(line)} · {words_log.what(line, present)}"
