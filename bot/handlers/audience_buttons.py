"""The buttons of the cards of audiences and of lists read from files."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from bot.context import BotContext, CallbackAnswer, Reply, Result, already
from bot.handlers import drafts, preview
from bot.handlers.audiences import (
    ADD,
    NAME,
    NEW,
    NO_LIST,
    QUIET,
    REMOVE,
    card,
    change_by,
    changed_card,
    link_of,
)
from bot.requests import ButtonPress
from bot.routes import (
    ALL_AUDIENCES,
    AUDIENCE,
    FLAG,
    LIST_ID,
    NUMBER,
    ON_MESSENGER,
    PAGE,
    Argument,
    button,
)
from bot.screens import audiences as screens_audiences
from bot.screens.audiences import changed_words
from bot.screens.quiet_hours import audience_line, quiet_hours_prompt
from bot.text.translation import _, translate
from bot.ui.callback_data import AUDIENCE_LIST, AUDIENCES, StaleScreen
from bot.ui.screen import Screen
from core.domain.audience import Gathered, nobody_in
from core.domain.errors import Conflict, NotFound
from core.domain.messengers.traits import Messenger
from core.domain.quiet_hours import QuietHours
from core.domain.team import Role
from core.parsing.recipients import read_recipient

_QUIET: Final = Argument("[DN]", lambda text: QuietHours.never() if text == "N" else None)
"""No quiet hours, or the default ones."""
_PERSON: Final = Argument(r"p[1-9]\d{0,9}", str)
_ENTRY: Final = Argument(r"[a-z]+:\S{1,40}", str)


async def _page(context: BotContext, _press: ButtonPress, _all: str, page: int) -> Screen:
    found = await context.core.audiences.page(page=page, size=screens_audiences.PAGE_SIZE)
    return screens_audiences.audience_list(found)


async def _new(_context: BotContext, _press: ButtonPress) -> Reply:
    screen = screens_audiences.name_prompt(AUDIENCE_LIST)
    return Reply(screen, asks=(NO_LIST, NEW))


async def _view(context: BotContext, press: ButtonPress, list_id: str) -> Screen:
    await drafts.close_prompt(context, press.admin.id, list_id)
    return await _card(context, list_id)


async def _card(context: BotContext, list_id: str, note: str = "") -> Screen:
    return await card(context, await context.core.audiences.get(list_id), note)


async def _ask_people(
    context: BotContext, _press: ButtonPress, list_id: str, *, leaving: bool = False
) -> Reply:
    audience = await context.core.audiences.get(list_id)
    field = REMOVE if leaving else ADD
    return Reply(screens_audiences.people_prompt(audience, leaving=leaving), asks=(audience.id, field))


async def _ask_file(context: BotContext, _press: ButtonPress, list_id: str) -> Reply:
    audience = await context.core.audiences.get(list_id)
    return Reply(screens_audiences.update_prompt(audience), asks=(audience.id, ADD))


async def _more(context: BotContext, press: ButtonPress, list_id: str) -> Screen:
    await drafts.close_prompt(context, press.admin.id, list_id)
    return screens_audiences.more_card(await context.core.audiences.get(list_id), context.clock())


async def _settings(context: BotContext, press: ButtonPress, list_id: str) -> Screen:
    audience = await context.core.audiences.get(list_id)
    return screens_audiences.settings_card(audience, audience_line(audience, context.core.settings.quiet))


async def _name(context: BotContext, _press: ButtonPress, list_id: str) -> Reply:
    audience = await context.core.audiences.get(list_id)
    screen = screens_audiences.name_prompt(screens_audiences.back_action(audience), audience.title)
    return Reply(screen, asks=(audience.id, NAME))


async def _use(context: BotContext, press: ButtonPress, list_id: str) -> CallbackAnswer:
    chosen = await context.core.audiences.choose(list_id)
    if not chosen.total:
        return CallbackAnswer(translate(nobody_in(chosen)), alert=True)
    if await drafts.is_begun(context, press, f"use:{list_id}"):
        return already()
    await context.chat.strip(press.admin.chat_id, press.message_id)
    draft = replace(drafts.blank(press.admin), audiences=(chosen,))
    await preview.show(context, press.admin, await drafts.create(context, draft))
    return CallbackAnswer()


async def _csv(context: BotContext, press: ButtonPress, list_id: str) -> None:
    audience = await context.core.audiences.get(list_id)
    await context.chat.answer(press.query_id, _("Here it comes"))
    number = 0
    async for data in context.core.audiences.export(audience, say=translate):
        number += 1
        name = f"{audience.name}.csv" if number == 1 else f"{audience.name}-{number}.csv"
        await context.chat.send_file(press.admin.chat_id, name, data)


async def _left(context: BotContext, press: ButtonPress, list_id: str) -> CallbackAnswer:
    data = await context.core.audiences.left_out(list_id)
    await context.chat.send_file(press.admin.chat_id, _("left-out.csv"), data)
    return CallbackAnswer()


async def _link(context: BotContext, _press: ButtonPress, list_id: str) -> Screen:
    audience = await context.core.audiences.get(list_id)
    return screens_audiences.link_card(audience, link_of(context, audience))


async def _order(context: BotContext, _press: ButtonPress, list_id: str) -> Screen:
    return screens_audiences.order_card(await context.core.audiences.get(list_id))


async def _first(context: BotContext, _press: ButtonPress, list_id: str, messenger: Messenger) -> Screen:
    return screens_audiences.order_card(await context.core.audiences.put_first(list_id, messenger))


async def _new_link(context: BotContext, _press: ButtonPress, list_id: str) -> Reply:
    audience = await context.core.audiences.renew_link(list_id)
    screen = screens_audiences.link_card(audience, link_of(context, audience))
    return Reply(screen, CallbackAnswer(_("The old link no longer works")))


async def _join(context: BotContext, _press: ButtonPress, list_id: str, opened: bool) -> Reply:
    audience = await context.core.audiences.set_joinable(list_id, joinable=opened)
    text = _("Join link: on") if opened else _("Join link: off")
    return Reply(screens_audiences.link_card(audience, link_of(context, audience)), CallbackAnswer(text))


async def _ask_quiet(context: BotContext, _press: ButtonPress, list_id: str) -> Reply:
    audience = await context.core.audiences.get(list_id)
    screen = quiet_hours_prompt(audience, context.core.settings.quiet)
    return Reply(screen, asks=(audience.id, QUIET))


async def _set_quiet(
    context: BotContext, press: ButtonPress, list_id: str, hours: QuietHours | None
) -> Screen:
    await context.core.audiences.set_quiet(list_id, hours)
    await context.core.prompts.close(press.admin.id)
    return await _card(context, list_id)


async def _renew(context: BotContext, _press: ButtonPress, list_id: str) -> Screen:
    """Ask which scheduled message takes the list as it is now."""
    audience = await context.core.audiences.get(list_id)
    uses = await context.core.list_uses.of(list_id)
    if not uses.scheduled:
        return await card(context, audience)
    return screens_audiences.renewal_question(audience, uses, context.clock())


async def _drop(context: BotContext, _press: ButtonPress, list_id: str) -> Screen:
    audience = await context.core.audiences.get(list_id)
    return screens_audiences.delete_question(audience, await context.core.list_uses.of(list_id))


async def _dropped(context: BotContext, press: ButtonPress, list_id: str, expected: int) -> Result:
    try:
        audience = await context.core.audiences.get(list_id)
        await context.core.audiences.delete(list_id, expected=expected)
    except NotFound as error:
        return Reply(screens_audiences.not_found(translate(str(error))), already())
    except Conflict as error:
        return Reply(await _drop(context, press, list_id), CallbackAnswer(translate(str(error)), alert=True))
    return Reply(screens_audiences.deleted_message(audience), CallbackAnswer(_("Deleted")))


async def _merge(
    context: BotContext, press: ButtonPress, list_id: str, audience_id: str, *, leaving: bool = False
) -> Reply:
    """Add an uploaded list to an audience, or remove it. Answers first, as a long list takes time."""
    audiences = context.core.audiences
    await audiences.get(audience_id)
    people = await context.core.recipients.gather([await audiences.choose(list_id)], ())
    await context.chat.answer(press.query_id, _("One moment"))
    if leaving:
        count = await audiences.remove(audience_id, people.recipients)
    else:
        headings = (await audiences.get(list_id)).headings
        count = await audiences.add(audience_id, people.recipients, headings)
    await context.core.prompts.close(press.admin.id)
    note = changed_words(count, len(people.recipients), leaving=leaving)
    return Reply(await changed_card(context, audience_id, note), answer=None)


async def _person(
    context: BotContext, _press: ButtonPress, list_id: str, person_id: str, *, leaving: bool = False
) -> Result:
    """Add the person who was meant by a typed name, or remove them."""
    audience = await context.core.audiences.get(list_id)
    found = await context.core.contacts.known([person_id])
    if not found:
        return CallbackAnswer(_("I no longer know this person"), alert=True)
    people = Gathered(recipients=found[0].recipients, duplicates=0)
    return await change_by(context, audience, REMOVE if leaving else ADD, people)


async def _entry(
    context: BotContext, _press: ButtonPress, list_id: str, entry: str, *, leaving: bool = False
) -> Reply:
    """Add an address as it was offered, or remove it."""
    audience = await context.core.audiences.get(list_id)
    try:
        people = Gathered(recipients=(read_recipient(entry),), duplicates=0)
    except ValueError:
        raise StaleScreen from None
    return await change_by(context, audience, REMOVE if leaving else ADD, people)


BUTTONS = (
    ALL_AUDIENCES.button("page", Role.VIEWER, _page, PAGE),
    button(AUDIENCES.to("new"), Role.EDITOR, _new),
    AUDIENCE.button("view", Role.VIEWER, _view),
    AUDIENCE.button("csv", Role.VIEWER, _csv),
    AUDIENCE.button("add", Role.EDITOR, _ask_people),
    AUDIENCE.button("update", Role.EDITOR, _ask_file),
    AUDIENCE.button("more", Role.VIEWER, _more),
    AUDIENCE.button("settings", Role.VIEWER, _settings),
    AUDIENCE.button("link", Role.EDITOR, _link),
    AUDIENCE.button("order", Role.EDITOR, _order),
    AUDIENCE.button("first", Role.EDITOR, _first, ON_MESSENGER),
    AUDIENCE.button("newlink", Role.EDITOR, _new_link, once=True),
    AUDIENCE.button("remove", Role.EDITOR, partial(_ask_people, leaving=True)),
    AUDIENCE.button("rename", Role.EDITOR, _name),
    AUDIENCE.button("save", Role.EDITOR, _name),
    AUDIENCE.button("use", Role.EDITOR, _use),
    AUDIENCE.button("left", Role.EDITOR, _left),
    AUDIENCE.button("join", Role.EDITOR, _join, FLAG),
    AUDIENCE.button("quiet", Role.EDITOR, _ask_quiet),
    AUDIENCE.button("hush", Role.EDITOR, _set_quiet, _QUIET),
    AUDIENCE.button("renew", Role.EDITOR, _renew),
    AUDIENCE.button("drop", Role.EDITOR, _drop),
    AUDIENCE.button("dropped", Role.EDITOR, _dropped, NUMBER),
    AUDIENCE.button("addp", Role.EDITOR, _person, _PERSON),
    AUDIENCE.button("outp", Role.EDITOR, partial(_person, leaving=True), _PERSON),
    AUDIENCE.button("addg", Role.EDITOR, _entry, _ENTRY),
    AUDIENCE.button("outg", Role.EDITOR, partial(_entry, leaving=True), _ENTRY),
    AUDIENCE.button("into", Role.EDITOR, _merge, LIST_ID),
    AUDIENCE.button("outof", Role.EDITOR, partial(_merge, leaving=True), LIST_ID),
)
