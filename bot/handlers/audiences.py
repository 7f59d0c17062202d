"""/audiences, and the words that an admin types while an audience is being changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.context import BotContext, Reply
from bot.handlers import drafts, preview, typed_people
from bot.requests import IncomingMessage
from bot.screens import audiences as screens_audiences
from bot.screens.audiences import changed_words
from bot.screens.drafts import problems_text
from bot.screens.quiet_hours import audience_line
from bot.screens.recipients import Unclear
from bot.text.translation import translate
from bot.ui.callback_data import AUDIENCE_LIST, subject
from bot.ui.screen import Screen
from core.domain.audience import Audience, Gathered
from core.domain.errors import Conflict, ValidationError
from core.domain.recipients import Recipient, count_people
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


async def changed_card(context: BotContext, list_id: str, note: str) -> Screen:
    """The card after its people have changed. Raises NotFound."""
    screen = await card(context, await context.core.audiences.get(list_id), note)
    return screens_audiences.with_uses(screen, list_id, await context.core.list_uses.of(list_id))


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
    # The people of a new list become known by their names, which takes a moment for thousands.
    await context.chat.working(message.admin.chat_id)
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
    if not (problems := (*who.problems, *people.problems)):
        return await change_by(context, audience, field, people)
    leaving, like = field == REMOVE, (*who.like, *who.spelt_like)
    if leaving:
        on_it = [await context.core.members.has(audience.id, one) for one in like]
        like = tuple(one for one, there in zip(like, on_it, strict=True) if there)
    done = await _change(context, audience, people.recipients, leaving=leaving) if people.recipients else ""
    unclear = Unclear(problems, who.near, like, who.guesses)
    screen = screens_audiences.people_prompt(audience, leaving=leaving, unclear=unclear, done=done)
    return Reply(screen, asks=(audience.id, field))


async def _change(
    context: BotContext, audience: Audience, recipients: Sequence[Recipient], *, leaving: bool
) -> str:
    """Add people, or remove them at all their addresses; returns what was done. Raises NotFound, Conflict."""
    audiences, named = context.core.audiences, count_people(recipients)
    if leaving:
        there = await context.core.members.whole(audience.id, recipients)
        await audiences.remove(audience.id, [one for member in there for one in member])
        return changed_words(len(there), max(named, len(there)), leaving=True)
    before = (await audiences.get(audience.id)).total
    await audiences.add(audience.id, recipients)
    new = max(0, (await audiences.get(audience.id)).total - before)
    return changed_words(new, max(named, new), leaving=False)


async def change_by(context: BotContext, audience: Audience, field: str, people: Gathered) -> Reply:
    """Add these people, or remove them. Raises NotFound."""
    leaving = field == REMOVE
    note = await _change(context, audience, people.recipients, leaving=leaving)
    return Reply(await changed_card(context, audience.id, note), settles=True)


async def save(context: BotContext, message: IncomingMessage, draft: Draft, list_id: str) -> None:
    """Name an uploaded list and add it to the draft. Raises NotFound."""
    await context.chat.working(message.admin.chat_id)
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
