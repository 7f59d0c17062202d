"""/forget and its button: remove what is kept of a person."""

from __future__ import annotations

from typing import Final

from bot.context import BotContext, Reply, Result, already
from bot.requests import Admin, ButtonPress, IncomingMessage
from bot.routes import CHAT, MESSENGER, Argument
from bot.screens.forget import (
    forget_prompt,
    forget_question,
    forgotten_message,
    nothing_known,
    one_person_only,
    unclear_person,
)
from bot.text.translation import _
from bot.ui.callback_data import Subject
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient, people_in
from core.domain.team import Role
from core.parsing.recipients import read_who

PROMPT: Final = "forget"
_NO_SUBJECT: Final = "-"
_STAMP: Final = Argument(r"[0-9a-f]{6}", str)
"""Of the address, which is kept for a day, as a button has no room for a long one."""
_PERSON: Final = Argument(r"p[1-9]\d{0,9}", str)


async def command(context: BotContext, message: IncomingMessage) -> Result:
    """/forget asks who; with a name or an address behind it, it says what is kept of that person."""
    if not message.argument:
        return Reply(forget_prompt(), asks=(_NO_SUBJECT, PROMPT))
    return await _question(context, message, message.argument)


async def answer(context: BotContext, message: IncomingMessage, _about: str, _field: str) -> Result:
    return await _question(context, message, message.text)


async def _question(context: BotContext, message: IncomingMessage, text: str) -> Result:
    core, admin = context.core, message.admin
    who = await read_who(text, core.contacts, core.audiences, await core.pending_lists.region(f"{admin.id}"))
    if who.problems:
        screen = unclear_person(who.problems, (*who.like, *who.spelt_like), who.unknown)
        return Reply(screen, asks=(_NO_SUBJECT, PROMPT))
    people = people_in(who.recipients)
    if who.audiences or len(people) != 1:
        return Reply(one_person_only(), asks=(_NO_SUBJECT, PROMPT))
    return await about(context, admin, people[0][0])


async def about(context: BotContext, admin: Admin, one: Recipient) -> Reply:
    """Say what is kept of the person with this address, and ask."""
    person = await context.core.erasure.look_up(one)
    if person.is_nothing:
        return Reply(nothing_known(one), asks=(_NO_SUBJECT, PROMPT))
    stamp = await context.core.searches.begin(admin.id, one.address)
    yes = Subject("m", one.messenger.traits.code).to("forget", stamp)
    return Reply(forget_question(person, yes), settles=True)


async def _meant(context: BotContext, press: ButtonPress, _bot: str, person_id: str) -> Result:
    """Ask about the person who was meant by a name."""
    found = await context.core.contacts.known([person_id])
    if not found:
        return already()
    return await about(context, press.admin, found[0].recipients[0])


async def _forget(context: BotContext, press: ButtonPress, messenger: Messenger, stamp: str) -> Result:
    """Answers first, as reading a long history takes time."""
    address = await context.core.searches.words(press.admin.id, stamp)
    if address is None:
        return already()
    await context.chat.answer(press.query_id, _("One moment"))
    person = await context.core.erasure.forget(Recipient(messenger=messenger, address=address))
    await context.core.searches.end(press.admin.id, stamp)
    return Reply(forgotten_message(person), answer=None)


BUTTONS = (
    MESSENGER.button("forget", Role.OWNER, _forget, _STAMP, once=True),
    CHAT.button("forgetwho", Role.OWNER, _meant, _PERSON),
)
