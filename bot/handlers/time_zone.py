"""The reader's time zone, chosen by button or typed city; returns to the screen it was opened from."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from bot.context import BotContext, CallbackAnswer, Reply, Result, redraw
from bot.handlers import date_picker, drafts, recurrence
from bot.requests import Admin, ButtonPress, IncomingMessage, Request
from bot.routes import any_of
from bot.screens.home import admin_help, invite
from bot.screens.time_zone import unknown_zone, zone_picker, zone_set
from bot.text.formatting import city
from bot.text.reader import use_reader
from bot.text.translation import _, language
from bot.ui.callback_data import (
    BOT,
    CALENDAR,
    DEFAULT,
    HELP,
    NOTHING,
    OFFER,
    PLANNED,
    REPEAT,
    WELCOME,
    ChooseZone,
    StaleScreen,
    subject,
)
from bot.ui.qr import qr_png
from bot.ui.screen import Button, Screen
from core.domain.team import Role
from core.parsing.time_zones import UnknownZone, read_zone
from core.store.chat.drafts import Draft

PROMPT: Final = "zone"
"""The prompt for a city; followed by the place and the prompt that was open before."""
_ANYWHERE: Final = (HELP, WELCOME)
"""Places without a message."""


async def _handle(context: BotContext, press: ButtonPress, chosen: ChooseZone) -> Result:
    """Open the picker, or save the zone. Raises StaleScreen if the draft is gone."""
    draft = await _draft(context, press.admin, chosen)
    if chosen.zone == OFFER:
        await _await_city(context, press.admin, chosen)
        return await _choice(context, chosen, draft)
    await _keep(context, press.admin, "" if chosen.zone == DEFAULT else chosen.zone)
    if chosen.place == WELCOME:
        await settle(context, press.admin)
        await redraw(context, press, zone_set(context.clock()))
        await _invite(context, press.admin)
        return CallbackAnswer()
    screen = await _opener(context, press, chosen, draft)
    answer = _("Your time zone: {place}").format(place=city(context.clock().zone))
    return Reply(screen, CallbackAnswer(answer))


async def command(context: BotContext, message: IncomingMessage) -> Screen | None:
    """/zone opens the picker; /zone CITY sets the zone."""
    chosen = ChooseZone(HELP)
    if message.argument:
        return await _read(context, message, chosen, message.argument)
    await _await_city(context, message.admin, chosen)
    return await _choice(context, chosen, None)


async def handle_text(context: BotContext, message: IncomingMessage, about: str, field: str) -> Screen | None:
    """Set the zone of a typed city. Raises StaleScreen if the draft is gone."""
    where = field.split(":")[1]
    about = NOTHING if where in _ANYWHERE else about
    return await _read(context, message, ChooseZone(where, about), message.text)


async def settle(context: BotContext, admin: Admin) -> None:
    """Close the question for a city and reopen the previous one."""
    prompt = await context.core.prompts.current(admin.id)
    if prompt is None or prompt.name != PROMPT:
        return
    if before := prompt.field.split(":", 2)[2]:
        await context.core.prompts.open(admin.id, prompt.about, before)
    else:
        await context.core.prompts.close(admin.id)


async def help_screen(context: BotContext, request: Request) -> Screen:
    return admin_help(context.clock(), request.admin.role)


async def _await_city(context: BotContext, admin: Admin, chosen: ChooseZone) -> None:
    """Ask for a city; keeps the previous prompt behind it."""
    await settle(context, admin)
    about, before = await context.core.prompts.current(admin.id) or (NOTHING, "")
    if chosen.place not in _ANYWHERE:
        about, before = chosen.about, date_picker.MOVE if chosen.place == PLANNED else drafts.WHEN
    await context.core.prompts.open(admin.id, about, f"{PROMPT}:{chosen.place}:{before}")


async def _read(
    context: BotContext, message: IncomingMessage, chosen: ChooseZone, words: str
) -> Screen | None:
    draft = await _draft(context, message.admin, chosen)
    ahead = None if draft is None else replace(draft, revision=draft.revision + 1)
    try:
        # In a thread: the first call loads all city names.
        zone = await asyncio.to_thread(read_zone, words)
    except UnknownZone as error:
        await _await_city(context, message.admin, chosen)
        back = await _back(context, chosen, ahead)
        screen = unknown_zone(error.problems[0], error.near, chosen, context.clock(), back)
    else:
        await _keep(context, message.admin, zone)
        if chosen.place == WELCOME:
            await settle(context, message.admin)
            await context.chat.send(message.admin.chat_id, zone_set(context.clock()))
            await _invite(context, message.admin)
            return None
        screen = await _opener(context, message, chosen, ahead)
    if draft is None:
        return screen
    await drafts.post(context, draft, lambda _drawn: screen)
    return None


async def _draft(context: BotContext, admin: Admin, chosen: ChooseZone) -> Draft | None:
    """The draft it was opened from, or None. Raises StaleScreen if the draft is gone."""
    if chosen.place in (*_ANYWHERE, PLANNED):
        return None
    draft = await drafts.load_own(context, admin, chosen.about)
    if draft is None:
        raise StaleScreen
    return draft


async def _keep(context: BotContext, admin: Admin, zone: str) -> None:
    await context.core.readers.remember_zone(admin.id, zone)
    use_reader(replace(await context.core.readers.of(admin.id), language=language()))


async def _back(context: BotContext, chosen: ChooseZone, draft: Draft | None) -> Button:
    if chosen.place in _ANYWHERE:
        return Button(_("« Back"), BOT.to("help" if chosen.place == HELP else "home"))
    to = subject(draft or await context.core.broadcasts.get(chosen.about)).to
    return Button(_("« Back"), to("rep" if chosen.place == REPEAT else "when"))


async def _choice(context: BotContext, chosen: ChooseZone, draft: Draft | None) -> Screen:
    back = await _back(context, chosen, draft)
    return zone_picker(chosen, context.clock(), context.core.settings.zone, back)


async def _opener(context: BotContext, request: Request, chosen: ChooseZone, draft: Draft | None) -> Screen:
    """The screen it was opened from, in the new zone."""
    admin = request.admin
    await settle(context, admin)
    if chosen.place == HELP:
        return await help_screen(context, request)
    await context.core.prompts.open(admin.id, chosen.about, drafts.WHEN if draft else date_picker.MOVE)
    if draft is not None and chosen.place == REPEAT:
        return recurrence.kinds(context, draft)
    thing = draft or await context.core.broadcasts.get(chosen.about)
    return await date_picker.days(context, date_picker.Picking(subject(thing), thing.send_at))


async def _invite(context: BotContext, admin: Admin) -> None:
    """Post the link that people subscribe by, with its QR code."""
    link = f"https://t.me/{context.chat.bot_name}"
    await context.chat.send_photo(admin.chat_id, await asyncio.to_thread(qr_png, link), invite(link))


BUTTONS = (
    any_of(ChooseZone(HELP).key, Role.VIEWER, _handle),
    any_of(ChooseZone(WELCOME).key, Role.OWNER, _handle),
    *(any_of(ChooseZone(place).key, Role.EDITOR, _handle) for place in (CALENDAR, REPEAT, PLANNED)),
)
