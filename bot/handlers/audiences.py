"""/audiences, and the words that an admin types while an audience is being changed."""

from __future__ import annotations

from typing import Final

from bot.context import BotContext, Reply
from bot.handlers import drafts, preview, typed_people
from bot.requests import IncomingMessage
from bot.screens import audiences as screens_audiences
from bot.screens.drafts import problems_text
from bot.screens.quiet_hours import audience_line
from bot.text.translation import _, amount, translate
from bot.ui.callback_data import AUDIENCE_LIST, subject
from bot.ui.screen import Screen
from core.domain.audience import Audience, Gathered
from core.domain.errors import Conflict, ValidationError
from core.parsing.quiet_hours import read_quiet
from core.store.chat.drafts import Draft

ADD: Final = "audience-add"
REMOVE: Final = "audience-remove"
NAME: Final = "audience-name"
QUIET: Final = "audience-quiet"
NEW: Final = "audience-new"
"""Prompts; the store keeps the id of the list with each."""
PEOPLE: Final = frozenset({ADD, REMOVE})
NO_LIST: Final = "-"
SAVE: Final = "save"
"""The prompt for the name of an uploaded list in a draft; followed by the id of the list."""


async def card(context: BotContext, audience: Audience, note: str = "") -> Screen:
    quiet = audience_line(audience, context.core.settings.quiet)
    clock = context.clock()
    counted = f"{clock.now.astimezone(clock.zone):%H:%M}"
    return screens_audiences.audience_card(audience, link_of(context, audience), note, quiet, counted)


def link_of(context: BotContext, audience: Audience) -> str:
    """The join link with the list's token; an older list has its name in it, or its id if the name is not ASCII."""
    old = audience.name if audience.name.isascii() else audience.id
    return f"https://t.me/{context.chat.bot_name}?start=a_{audience.link_token or old}"


async def command(context: BotContext, message: IncomingMessage) -> Screen:
    """/audiences: the overview; with a name behind it, that audience. Raises NotFound."""
    if name := message.text.partition(" ")[2].strip():
        return await card(context, await context.core.audiences.named(name))
    return screens_audiences.audience_list(
        await context.core.audiences.page(size=screens_audiences.PAGE_SIZE)
    )


async def create(context: BotContext, message: IncomingMessage, _about: str, _field: str) -> Reply:
    try:
        audience = await context.core.audiences.create(message.text, created_by=message.admin.actor)
    except (ValidationError, Conflict) as error:
        screen = screens_audiences.name_prompt(AUDIENCE_LIST, problem=_why(error))
        return Reply(screen, asks=(NO_LIST, NEW))
    return Reply(screens_audiences.people_prompt(audience, leaving=False), asks=(audience.id, ADD))


async def rename(context: BotContext, message: IncomingMessage, list_id: str, _field: str) -> Reply:
    """Rename an audience. Raises NotFound."""
    audience = await context.core.audiences.get(list_id)
    try:
        renamed = await context.core.audiences.rename(audience.id, message.text)
    except (ValidationError, Conflict) as error:
        screen = screens_audiences.name_prompt(screens_audiences.back_action(audience), problem=_why(error))
        return Reply(screen, asks=(audience.id, NAME))
    return Reply(await card(context, renamed), settles=True)


async def set_quiet(context: BotContext, message: IncomingMessage, list_id: str, _field: str) -> Reply:
    """Set typed quiet hours. Raises SenderError; the question stays open."""
    hours = read_quiet(message.text, context.clock().zone)
    audience = await context.core.audiences.set_quiet(list_id, hours)
    return Reply(await card(context, audience), settles=True)


def _why(error: ValidationError | Conflict) -> str:
    return problems_text(error.problems) if isinstance(error, ValidationError) else translate(str(error))


async def change_people(
    context: BotContext, message: IncomingMessage, list_id: str, field: str
) -> Reply | None:
    """Add or remove typed people. Raises NotFound."""
    audience = await context.core.audiences.get(list_id)
    who = await typed_people.read(context, message)
    if who is None:
        return None
    people = await context.core.recipients.gather(who.audiences, who.recipients)
    if problems := (*who.problems, *people.problems):
        screen = screens_audiences.people_prompt(audience, leaving=field == REMOVE, problems=problems)
        return Reply(screen, asks=(audience.id, field))
    return await change_by(context, audience, field, people)


async def change_by(context: BotContext, audience: Audience, field: str, people: Gathered) -> Reply:
    """Add these people, or remove them. Raises NotFound."""
    leaving = field == REMOVE
    change = context.core.audiences.remove if leaving else context.core.audiences.add
    count = await change(audience.id, people.recipients)
    note = changed_words(count, len(people.recipients), leaving=leaving)
    return Reply(await card(context, await context.core.audiences.get(audience.id), note), settles=True)


def changed_words(count: int, named: int, *, leaving: bool) -> str:
    """For example "Added: 3. Already on the list: 1."""
    rest = named - count
    if leaving:
        sentence = _("Removed: {count}. Not on the list: {rest}.") if rest else _("Removed: {count}.")
    else:
        sentence = _("Added: {count}. Already on the list: {rest}.") if rest else _("Added: {count}.")
    return sentence.format(count=amount(count), rest=amount(rest))


async def save(context: BotContext, message: IncomingMessage, draft: Draft, list_id: str) -> None:
    """Name an uploaded list and add it to the draft. Raises NotFound."""
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
    await preview.show(
        context, message.admin, await drafts.save(context, drafts.with_audiences(draft, [chosen]))
    )
