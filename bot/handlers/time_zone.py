"""Everybody's own time zone: chosen by a tap or by typing a city, then back to the screen where it was asked for."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.context import Admin, BotContext, ButtonPress, CallbackAnswer, IncomingMessage, redraw
from bot.handlers import date_picker, drafts, recurrence
from bot.screens import home as screens_home
from bot.screens import time_zone as screens_time_zone
from bot.telegram import incoming
from bot.text.formatting import city
from bot.text.reader import use_reader
from bot.text.translation import _, language
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
    subject,
)
from bot.ui.screen import Button, Screen
from core.parsing.time_zones import UnknownZone, read_zone
from core.store.chat.drafts import Draft


async def handle(context: BotContext, press: ButtonPress, tap: ZoneTap) -> CallbackAnswer:
    """Opens the choice, or keeps what was chosen. Raises StaleScreen for a draft that is over."""
    draft = await _draft(context, press.admin, tap)
    if tap.zone == OFFER:
        await _await_city(context, press.admin, tap)
        await redraw(context, press, await _choice(context, tap, draft))
        return CallbackAnswer()
    await _keep(context, press.admin, "" if tap.zone == DEFAULT else tap.zone)
    await redraw(context, press, await _opener(context, press.admin, tap, draft))
    return CallbackAnswer(_chosen(context))


async def command(context: BotContext, message: IncomingMessage) -> None:
    """/zone opens the choice; with a city behind it, it is chosen."""
    tap = ZoneTap(HELP)
    if named := incoming.without_command(message.text).strip():
        await _read(context, message, tap, named)
        return
    await _await_city(context, message.admin, tap)
    await context.chat.send(message.admin.chat_id, await _choice(context, tap, None))


async def handle_text(context: BotContext, message: IncomingMessage, about: str, field: str) -> None:
    """A city, while one is awaited. Raises StaleScreen for a draft that is over."""
    where = field.removeprefix(ZONE_TYPED).partition(":")[0]
    await _read(context, message, ZoneTap(where, NOTHING if where == HELP else about), message.text)


async def settle(context: BotContext, admin: Admin) -> None:
    """No city is awaited any more: what is typed next is meant for what was open before."""
    waiting = await context.core.drafts.awaiting(admin.id)
    if waiting is None or not waiting[1].startswith(ZONE_TYPED):
        return
    before = waiting[1].removeprefix(ZONE_TYPED).partition(":")[2]
    if before:
        await context.core.drafts.await_input(admin.id, waiting[0], before)
    else:
        await context.core.drafts.stop_awaiting(admin.id)


async def help_screen(context: BotContext, admin: Admin) -> Screen:
    return screens_home.admin_help(context.clock(), admin.role)


async def _await_city(context: BotContext, admin: Admin, tap: ZoneTap) -> None:
    """Keeps what was awaited before behind it."""
    await settle(context, admin)
    about, before = await context.core.drafts.awaiting(admin.id) or (NOTHING, "")
    if tap.place != HELP:
        about, before = tap.about, date_picker.MOVE if tap.place == PLANNED else "when"
    await context.core.drafts.await_input(admin.id, about, f"{ZONE_TYPED}{tap.place}:{before}")


async def _read(context: BotContext, message: IncomingMessage, tap: ZoneTap, words: str) -> None:
    draft = await _draft(context, message.admin, tap)
    ahead = None if draft is None else replace(draft, revision=draft.revision + 1)
    try:
        # In a thread: the first time, the names of all cities are read.
        zone = await asyncio.to_thread(read_zone, words)
    except UnknownZone as error:
        await _await_city(context, message.admin, tap)
        back = await _back(context, tap, ahead)
        screen = screens_time_zone.unknown_zone(error.problems[0], error.near, tap, context.clock(), back)
    else:
        await _keep(context, message.admin, zone)
        screen = await _opener(context, message.admin, tap, ahead)
    if draft is None:
        await context.chat.send(message.admin.chat_id, screen)
    else:
        await drafts.post(context, draft, lambda _drawn: screen)


async def _draft(context: BotContext, admin: Admin, tap: ZoneTap) -> Draft | None:
    """None where none is meant. Raises StaleScreen for one that is over."""
    if tap.place in (HELP, PLANNED):
        return None
    draft = await drafts.load_own(context, admin, tap.about)
    if draft is None:
        raise StaleScreen
    return draft


async def _keep(context: BotContext, admin: Admin, zone: str) -> None:
    await context.core.readers.remember_zone(admin.id, zone)
    use_reader(replace(await context.core.readers.of(admin.id), language=language()))


def _chosen(context: BotContext) -> str:
    return _("Your time zone: {place}").format(place=city(context.clock().zone))


async def _subject(context: BotContext, tap: ZoneTap, draft: Draft | None) -> Subject:
    if draft is not None:
        return subject(draft)
    return subject(await context.core.broadcasts.get(tap.about))


async def _back(context: BotContext, tap: ZoneTap, draft: Draft | None) -> Button:
    if tap.place == HELP:
        return Button(_("« Help"), str(MenuTap("help")))
    to = (await _subject(context, tap, draft)).to
    return Button(_("« Back"), to("rep" if tap.place == REPEAT else "when"))


async def _choice(context: BotContext, tap: ZoneTap, draft: Draft | None) -> Screen:
    back = await _back(context, tap, draft)
    return screens_time_zone.zone_picker(tap, context.clock(), context.core.settings.zone, back)


async def _opener(context: BotContext, admin: Admin, tap: ZoneTap, draft: Draft | None) -> Screen:
    """The screen that the choice was opened from, by the new clock."""
    await settle(context, admin)
    if tap.place == HELP:
        return await help_screen(context, admin)
    if draft is not None:
        await context.core.drafts.await_input(admin.id, draft.id, "when")
        if tap.place == REPEAT:
            return recurrence.kinds(context, draft)
        return await _calendar(context, tap, draft)
    await context.core.drafts.await_input(admin.id, tap.about, date_picker.MOVE)
    return await _calendar(context, tap, None)


async def _calendar(context: BotContext, tap: ZoneTap, draft: Draft | None) -> Screen:
    on = await _subject(context, tap, draft)
    if draft is not None:
        marked, named = draft.send_at, draft.shown_id
    else:
        marked, named = (await context.core.broadcasts.get(tap.about)).send_at, tap.about
    screen, _toast = await date_picker.screen(context, Tap(on, "when", ""), marked, named)
    return screen
