"""The screen of the audit log."""

from __future__ import annotations

from dataclasses import replace

from bot.screens.home import home_row
from bot.text import audit, formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, amount
from bot.ui.callback_data import CSV, LogPage
from bot.ui.pagination import page_rows
from bot.ui.screen import Button, Screen, screen
from core.domain.audit import AuditEntry
from core.domain.page import Page

PAGE_SIZE = 10


def log_page(page: Page[AuditEntry], here: LogPage, whose: str, clock: Clock) -> Screen:
    """Newest first. `whose`: the name for people of what `here` is about, empty for the whole log."""
    if here.important:
        head = _("<b>Log, important only · {count}</b>").format(count=amount(page.total))
    elif whose:
        head = _("<b>Log: {whose} · {count}</b>").format(whose=escaped(whose), count=amount(page.total))
    else:
        head = _("<b>Log · {count}</b>").format(count=amount(page.total))
    head = _("{title} · {zone}").format(title=head, zone=escaped(formatting.city(clock.zone)))
    lines = [head]
    for line in page.items:
        at = formatting.short_moment(line.at, clock.zone)
        lines.append(escaped(f"{at} · {audit.actor(line)} · {audit.action(line, clock)}"))
    if not page.items:
        lines.append(_("Nothing here yet."))
    elif not whose and not here.important:
        lines.append(_("For one message or person: <code>/log A7KQ</code>, <code>/log Ann</code>"))
    csv = (Button(_("⬇ CSV"), replace(here, page=CSV)),) if page.items else ()
    if here.important:
        csv = (Button(_("📜 All"), LogPage(1)), *csv)
    elif not whose and page.items:
        csv = (Button(_("❗ Important"), LogPage(1, important=True)), *csv)
    turn = page_rows(page, lambda number: replace(here, page=number))
    return screen(lines, *turn, (*csv, *home_row()))
