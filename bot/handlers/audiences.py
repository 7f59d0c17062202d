"""/audiences, and the words that an admin types while an audience is being changed."""

from __future__ import annotations

from typing import Final

from bot.context import Admin, BotContext, IncomingMessage
from bot.handlers import drafts, typed_people
from bot.screens import audiences as screens_audiences
from bot.screens import quiet_hours as screens_quiet_hours
from bot.screens.drafts import problems_text
from bot.text.translation import _, amount, translate
from bot.ui.callback_data import subject
from bot.ui.screen import Screen
from core.domain.audience import Audience
from core.domain.errors import Conflict, ValidationError
from core.parsing.quiet_hours import read_quiet
from core.store.chat.drafts import Draft

ADD: Final = "audience-add"
REMOVE: Final = "audience-remove"
NAME: Final = "audience-name"
QUIET: Final = "audience-quiet"
NEW: Final = "audience-new"
"""What is awaited, and of which list: the first part of what the store keeps is its id."""
PEOPLE: Final = frozenset({ADD, REMOVE})
FIELDS: Final = PEOPLE | {NAME, NEW, QUIET}
NO_LIST: Final = "-"
SAVE: Final = "save:"
"""With a list's id behind it: the name for that list, which an open order is to go to."""


async def card(context: BotContext, audience: Audience, note: str = "") -> Screen:
    quiet = screens_quiet_hours.audience_line(audience, context.core.settings.quiet)
    return screens_audiences.audience_card(audience, link_of(context, audience), context.clock(), note, quiet)


def link_of(context: BotContext, audience: Audience) -> str:
    """Links take no other letters than those of English; other names are replaced by the list's id."""
    name = audience.name if audience.name.isascii() else audience.id
    return f"https://t.me/{context.chat.bot_name}?start=a_{name}"


async def command(context: BotContext, message: IncomingMessage) -> None:
    """/audiences: the overview; with a name behind it, that audience. Raises NotFound."""
    name = message.text.partition(" ")[2]
    if name.strip():
        screen = await card(context, await context.core.audiences.named(name.strip()))
    else:
        screen = screens_audiences.audience_list(
            await context.core.audiences.page(size=screens_audiences.PAGE_SIZE)
        )
    await context.chat.send(message.admin.chat_id, screen)


async def handle_text(context: BotContext, message: IncomingMessage, list_id: str, field: str) -> None:
    """What was asked for. Raises SenderError: the question stays open."""
    match field:
        case "audience-new":
            await _create(context, message)
        case "audience-name":
            await _rename(context, message, await context.core.audiences.get(list_id))
        case "audience-quiet":
            hours = read_quiet(message.text, context.clock().zone)
            await _settled(context, message.admin, await context.core.audiences.set_quiet(list_id, hours))
        case _:
            await _people(
                context, message, await context.core.audiences.get(list_id), leaving=field == REMOVE
            )


async def _create(context: BotContext, message: IncomingMessage) -> None:
    """A new audience asks at once who is in it."""
    admin, audiences = message.admin, context.core.audiences
    try:
        audience = await audiences.create(message.text, created_by=admin.actor)
    except (ValidationError, Conflict) as error:
        screen = screens_audiences.name_prompt(screens_audiences.FIRST_PAGE, problem=_why(error))
        await ask(context, admin, NO_LIST, NEW, screen)
    else:
        await ask(context, admin, audience.id, ADD, screens_audiences.people_prompt(audience, leaving=False))


async def _rename(context: BotContext, message: IncomingMessage, audience: Audience) -> None:
    try:
        renamed = await context.core.audiences.rename(audience.id, message.text)
    except (ValidationError, Conflict) as error:
        back = screens_audiences.back_data(audience)
        screen = screens_audiences.name_prompt(back, problem=_why(error))
        await ask(context, message.admin, audience.id, NAME, screen)
    else:
        await _settled(context, message.admin, renamed)


def _why(error: ValidationError | Conflict) -> str:
    return problems_text(error.problems) if isinstance(error, ValidationError) else translate(str(error))


async def ask(context: BotContext, admin: Admin, list_id: str, field: str, screen: Screen) -> None:
    """Posts a question below; the one before it loses its buttons."""
    shown = await post(context, admin, screen)
    await context.core.drafts.await_input(admin.id, list_id, field, asked_on=shown)


async def post(context: BotContext, admin: Admin, screen: Screen) -> int:
    """Posts the answer to what was typed or sent; the card that asked for it loses its buttons."""
    asked = await context.core.drafts.asked_on(admin.id)
    shown = await context.chat.send(admin.chat_id, screen)
    if asked is not None:
        await context.chat.strip(admin.chat_id, asked)
    return shown


async def _people(
    context: BotContext, message: IncomingMessage, audience: Audience, *, leaving: bool
) -> None:
    who = await typed_people.read(context, message)
    if who is None:
        return
    people = await context.core.audiences.gather(who.audiences, who.recipients)
    if problems := (*who.problems, *people.problems):
        screen = screens_audiences.people_prompt(audience, leaving=leaving, problems=problems)
        await ask(context, message.admin, audience.id, REMOVE if leaving else ADD, screen)
        return
    change = context.core.audiences.remove if leaving else context.core.audiences.add
    count = await change(audience.id, people.recipients)
    note = changed_words(count, len(people.recipients), leaving=leaving)
    await _settled(context, message.admin, await context.core.audiences.get(audience.id), note)


def changed_words(count: int, named: int, *, leaving: bool) -> str:
    """For example "Added: 3; in it already: 1."""
    rest = named - count
    if leaving:
        sentence = _("Taken off: {count}; not in it: {rest}.") if rest else _("Taken off: {count}.")
    else:
        sentence = _("Added: {count}; in it already: {rest}.") if rest else _("Added: {count}.")
    return sentence.format(count=amount(count), rest=amount(rest))


async def _settled(context: BotContext, admin: Admin, audience: Audience, note: str = "") -> None:
    await post(context, admin, await card(context, audience, note))
    await context.core.drafts.stop_awaiting(admin.id)


async def save(context: BotContext, message: IncomingMessage, draft: Draft, list_id: str) -> None:
    """Gives a list its name and goes on with the order to it. Raises NotFound."""
    try:
        audience = await context.core.audiences.rename(list_id, message.text)
    except (ValidationError, Conflict) as error:
        problem = _why(error)
        await drafts.post(
            context,
            draft,
            lambda drawn: screens_audiences.name_prompt(subject(drawn).to("who"), problem=problem),
        )
        return
    chosen = await context.core.audiences.choose(audience.id)
    await drafts.post_slots(context, await drafts.save(context, drafts.with_audiences(draft, [chosen])))
