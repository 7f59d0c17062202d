"""Everybody's own time zone: chosen by a tap or by typing a city, then back to the screen where it was asked for."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.context import Admin, Desk, Said, Toast, Touch, redraw
from bot.handlers import date_picker, drafts, recurrence
from bot.screens import broadcasts as screens_broadcasts
from bot.screens import drafts as screens_drafts
from bot.screens import home as screens_home
from bot.screens import time_zone as screens_time_zone
from bot.telegram import incoming
from bot.text.formatting import place
from bot.text.reader import read_as
from bot.text.translation import _, spoken
from bot.ui.callback_data import (
    DEFAULT,
    HELP,
    NOTHING,
    OFFER,
    PLANNED,
    REPEAT,
    ZONE_TYPED,
    MenuTap,
    StaleScreen,
    Subject,
    Tap,
    ZoneTap,
)
from bot.ui.screen import Button, Screen
from core.domain.team import Role
from core.parsing.time_zones import UnknownZone, read_zone
from core.store.chat.drafts import Draft


async def tapped(desk: Desk, touch: Touch, tap: ZoneTap) -> Toast:
    """Opens the choice, or keeps what was chosen. Raises StaleScreen for a draft that is over."""
    draft = await _draft(desk, touch.admin, tap)
    if tap.zone == OFFER:
        await _await_city(desk, touch.admin, tap)
        await redraw(desk, touch, await _choice(desk, tap, draft))
        return Toast()
    await _keep(desk, touch.admin, "" if tap.zone == DEFAULT else tap.zone)
    await redraw(desk, touch, await _opener(desk, touch.admin, tap, draft))
    return Toast(_chosen(desk))


async def command(desk: Desk, said: Said) -> None:
    """/zone opens the choice; with a city behind it, it is chosen."""
    tap = ZoneTap(HELP)
    if named := incoming.without_command(said.text).strip():
        await _read(desk, said, tap, named)
        return
    await _await_city(desk, said.admin, tap)
    await desk.chat.send(said.admin.chat_id, await _choice(desk, tap, None))


async def typed(desk: Desk, said: Said, about: str, field: str) -> None:
    """A city, while one is awaited. Raises StaleScreen for a draft that is over."""
    where = field.removeprefix(ZONE_TYPED).partition(":")[0]
    await _read(desk, said, ZoneTap(where, NOTHING if where == HELP else about), said.text)


async def settle(desk: Desk, admin: Admin) -> None:
    """No city is awaited any more: what is typed next is meant for what was open before."""
    waiting = await desk.core.drafts.awaiting(admin.id)
    if waiting is None or not waiting[1].startswith(ZONE_TYPED):
        return
    before = waiting[1].removeprefix(ZONE_TYPED).partition(":")[2]
    if before:
        await desk.core.drafts.await_input(admin.id, waiting[0], before)
    else:
        await desk.core.drafts.stop_awaiting(admin.id)


async def help_screen(desk: Desk, admin: Admin) -> Screen:
    role = await desk.core.staff.role(admin.id) or Role.VIEWER
    return screens_home.admin_help(desk.present(), role)


async def _await_city(desk: Desk, admin: Admin, tap: ZoneTap) -> None:
    """Keeps what was awaited before behind it."""
    await settle(desk, admin)
    about, before = await desk.core.drafts.awaiting(admin.id) or (NOTHING, "")
    if tap.place != HELP:
        about, before = tap.about, date_picker.MOVE if tap.place == PLANNED else "when"
    await desk.core.drafts.await_input(admin.id, about, f"{ZONE_TYPED}{tap.place}:{before}")


async def _read(desk: Desk, said: Said, tap: ZoneTap, words: str) -> None:
    draft = await _draft(desk, said.admin, tap)
    ahead = None if draft is None else replace(draft, revision=draft.revision + 1)
    try:
        # In a thread: the first time, the names of all cities are read.
        zone = await asyncio.to_thread(read_zone, words)
    except UnknownZone as error:
        await _await_city(desk, said.admin, tap)
        back = await _back(desk, tap, ahead)
        screen = screens_time_zone.unknown(error.problems[0], error.near, tap, desk.present(), back)
    else:
        await _keep(desk, said.admin, zone)
        screen = await _opener(desk, said.admin, tap, ahead)
    if draft is None:
        await desk.chat.send(said.admin.chat_id, screen)
    else:
        await drafts.post(desk, draft, lambda _drawn: screen)


async def _draft(desk: Desk, admin: Admin, tap: ZoneTap) -> Draft | None:
    """None where none is meant. Raises StaleScreen for one that is over."""
    if tap.place in (HELP, PLANNED):
        return None
    draft = await drafts.own(desk, admin, tap.about)
    if draft is None:
        raise StaleScreen
    return draft


async def _keep(desk: Desk, admin: Admin, zone: str) -> None:
    await desk.core.readers.remember_zone(admin.id, zone)
    read_as(replace(await desk.core.readers.of(admin.id), language=spoken()))


def _chosen(desk: Desk) -> str:
    return _("Your time zone: {place}").format(place=place(desk.present().zone))


async def _subject(desk: Desk, tap: ZoneTap, draft: Draft | None) -> Subject:
    if draft is not None:
        return screens_drafts.subject(draft)
    return screens_broadcasts.subject(await desk.core.broadcasts.get(tap.about))


async def _back(desk: Desk, tap: ZoneTap, draft: Draft | None) -> Button:
    if tap.place == HELP:
        return Button(_("« Help"), str(MenuTap("help")))
    to = (await _subject(desk, tap, draft)).to
    return Button(_("« Back"), to("rep" if tap.place == REPEAT else "when"))


async def _choice(desk: Desk, tap: ZoneTap, draft: Draft | None) -> Screen:
    back = await _back(desk, tap, draft)
    return screens_time_zone.choice(tap, desk.present(), desk.core.settings.zone, back)


async def _opener(desk: Desk, admin: Admin, tap: ZoneTap, draft: Draft | None) -> Screen:
    """The screen that the choice was opened from, by the new clock."""
    await settle(desk, admin)
    if tap.place == HELP:
        return await help_screen(desk, admin)
    if draft is not None:
        await desk.core.drafts.await_input(admin.id, draft.id, "when")
        if tap.place == REPEAT:
            return recurrence.kinds(desk, draft)
        return await _calendar(desk, tap, draft)
    await desk.core.drafts.await_input(admin.id, tap.about, date_picker.MOVE)
    return await _calendar(desk, tap, None)


async def _calendar(desk: Desk, tap: ZoneTap, draft: Draft | None) -> Screen:
    on = await _subject(desk, tap, draft)
    if draft is not None:
        marked, named = draft.send_at, draft.shown_id
    else:
        marked, named = (await desk.core.broadcasts.get(tap.about)).send_at, tap.about
    screen, _toast = await date_picker.screen(desk, Tap(on, "when", ""), marked, named)
    return screen
