"""/forget and its button: remove what is kept of a person."""

from __future__ import annotations

from typing import Final

from bot.context import BotContext, Reply, Result, already
from bot.requests import ButtonPress, IncomingMessage
from bot.routes import MESSENGER, Argument
from bot.screens.drafts import problems_text
from bot.screens.forget import (
    forget_prompt,
    forget_question,
    forgotten_message,
    nothing_known,
    one_person_only,
)
from bot.text.translation import _
from bot.ui.callback_data import Subject
from bot.ui.screen import plain
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.domain.team import Role
from core.parsing.recipients import read_who

PROMPT: Final = "forget"
_NO_SUBJECT: Final = "-"
_STAMP: Final = Argument(r"[0-9a-f]{6}", str)
"""Of the address, which is kept for a day, as a button has no room for a long one."""


async def command(context: BotContext, message: IncomingMessage) -> Result:
    """/forget asks who; with an address behind it, it says what is kept of that person."""
    if not message.argument:
        return Reply(forget_prompt(), asks=(_NO_SUBJECT, PROMPT))
    return await _question(context, message, message.argument)


async def answer(context: BotContext, message: IncomingMessage, _about: str, _field: str) -> Result:
    return await _question(context, message, message.text)


async def _question(context: BotContext, message: IncomingMessage, text: str) -> Result:
    core, admin = context.core, message.admin
    who = await read_who(text, core.contacts, core.audiences, await core.pending_lists.region(f"{admin.id}"))
    if who.problems:
        return plain(problems_text(who.problems))
    if who.audiences or len(who.recipients) != 1:
        return one_person_only()
    (one,) = who.recipients
    person = await core.erasure.look_up(one)
    if person.is_nothing:
        return Reply(nothing_known(one), settles=True)
    stamp = await core.searches.begin(admin.id, one.address)
    yes = Subject("m", one.messenger.traits.code).to("forget", stamp)
    return Reply(forget_question(person, yes), settles=True)


async def _forget(context: BotContext, press: ButtonPress, messenger: Messenger, stamp: str) -> Result:
    """Answers first, as reading a long history takes time."""
    address = await context.core.searches.words(press.admin.id, stamp)
    if address is None:
        return already()
    await context.chat.answer(press.query_id, _("One moment"))
    person = await context.core.erasure.forget(Recipient(messenger=messenger, address=address))
    await context.core.searches.end(press.admin.id, stamp)
    return Reply(forgotten_message(person), answer=None)


BUTTONS = (MESSENGER.button("forget", Role.OWNER, _forget, _STAMP, once=True),)
