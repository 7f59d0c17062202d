"""The people of a list: look at them, find, correct and remove them one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from bot.context import BotContext, CallbackAnswer, Reply, Result, already
from bot.requests import ButtonPress, IncomingMessage
from bot.routes import AUDIENCE, PAGE, Argument
from bot.screens import members as screens_members
from bot.screens.audiences import with_uses
from bot.screens.gaps import LONGEST_VALUE, too_long_text
from bot.text.translation import _, plural, translate
from bot.ui.callback_data import StaleScreen
from core.domain.audience import Audience
from core.domain.errors import Conflict
from core.domain.messengers.traits import BY_CODE, Messenger
from core.domain.recipients import Recipient
from core.domain.team import Role
from core.parsing.recipients import read_in_place_of, read_recipient
from core.services.members import Member

SEARCH: Final = "audience-people"
VALUE: Final = "audience-value"
ADDRESS: Final = "audience-address"
"""Prompts; the store keeps the id of the list with each. The last two are followed by the person, VALUE by the value
before that."""
_MOST_FOUND: Final = 20
_EMPTY: Final = "-"
_CODE: Final = rf"[{''.join(BY_CODE)}]\S{{1,40}}"

Address = tuple[Messenger, str]


def _address(text: str) -> Address:
    return BY_CODE[text[0]], text[1:]


def _numbered(text: str) -> tuple[int, Address]:
    number, _dot, code = text.partition(".")
    return int(number), _address(code)


_AT: Final = Argument(_CODE, _address)
_NUMBERED: Final = Argument(rf"\d{{1,5}}\.{_CODE}", _numbered)
"""A page or the place of a value, and the person."""
_STAMP: Final = Argument(r"[0-9a-f]{6}", str)
"""Of two addresses, which are kept for a day."""


async def _people(context: BotContext, press: ButtonPress, list_id: str, page: int) -> Reply:
    return await page_of(context, list_id, page)


async def page_of(context: BotContext, list_id: str, page: int, note: str = "") -> Reply:
    audience = await context.core.audiences.get(list_id)
    found = await context.core.members.page(list_id, page, size=screens_members.PAGE_SIZE)
    return Reply(screens_members.people_page(audience, found, note), asks=(list_id, SEARCH))


async def answer_search(context: BotContext, message: IncomingMessage, list_id: str, _field: str) -> Reply:
    """Find people of a list by what was typed; the question stays open."""
    audience = await context.core.audiences.get(list_id)
    query = " ".join(message.text.split())
    found = await context.core.members.search(list_id, query, most=_MOST_FOUND)
    return Reply(screens_members.found_people(audience, query, found, _MOST_FOUND), asks=(list_id, SEARCH))


async def _open(context: BotContext, list_id: str, at: Address) -> tuple[Audience, Member]:
    return await context.core.audiences.get(list_id), await context.core.members.get(list_id, *at)


async def _member(
    context: BotContext, _press: ButtonPress, list_id: str, which: tuple[int, Address]
) -> Reply:
    page, at = which
    audience, member = await _open(context, list_id, at)
    return await _card(context, audience, member, max(page, 1))


async def _card(
    context: BotContext,
    audience: Audience,
    member: Member,
    page: int = 1,
    *,
    note: str = "",
    changed: bool = False,
) -> Reply:
    """`changed`: messages that are scheduled do not know of it."""
    reach = await context.core.reachability.split(member)
    screen = screens_members.member_card(audience, member, page, note, reach.left_out)
    if changed:
        screen = with_uses(screen, audience.id, await context.core.list_uses.of(audience.id))
    return Reply(screen, asks=(audience.id, SEARCH))


async def _details(context: BotContext, _press: ButtonPress, list_id: str, at: Address) -> Reply:
    return Reply(screens_members.details(*await _open(context, list_id, at)), asks=(list_id, SEARCH))


async def _ask_value(
    context: BotContext, _press: ButtonPress, list_id: str, which: tuple[int, Address]
) -> Reply:
    place, at = which
    audience, member = await _open(context, list_id, at)
    names = screens_members.fields_of(audience, member)
    if place >= len(names):
        raise StaleScreen
    screen = screens_members.value_prompt(audience, member, names[place])
    return Reply(screen, asks=(list_id, f"{VALUE}:{names[place]}:{screens_members.code_of(member[0])}"))


async def _empty(context: BotContext, _press: ButtonPress, list_id: str, which: tuple[int, Address]) -> Reply:
    """Take a value out."""
    place, at = which
    audience, member = await _open(context, list_id, at)
    names = screens_members.fields_of(audience, member)
    if place >= len(names):
        raise StaleScreen
    changed = await context.core.members.set_values(list_id, member, {names[place]: ""})
    return await _card(context, audience, changed, note=_("Saved."), changed=True)


async def answer_value(context: BotContext, message: IncomingMessage, list_id: str, field: str) -> Reply:
    """Set a value of one person. Raises NotFound."""
    _prompt, name, code = field.split(":", 2)
    audience, member = await _open(context, list_id, _address(code))
    text = " ".join(message.text.split()) if name == "name" else message.text.strip()
    if len(text) > LONGEST_VALUE:
        screen = screens_members.value_prompt(audience, member, name, too_long_text())
        return Reply(screen, asks=(list_id, field))
    value = "" if text == _EMPTY else text
    changed = await context.core.members.set_values(list_id, member, {name: value})
    return await _card(context, audience, changed, note=_("Saved."), changed=True)


async def _ask_address(context: BotContext, _press: ButtonPress, list_id: str, at: Address) -> Reply:
    audience, member = await _open(context, list_id, at)
    screen = screens_members.address_prompt(audience, member, _at(member, at))
    return Reply(screen, asks=(list_id, f"{ADDRESS}:{screens_members.code_of(_at(member, at))}"))


def _at(member: Member, at: Address) -> Recipient:
    return next(one for one in member if one.key == at)


async def answer_address(context: BotContext, message: IncomingMessage, list_id: str, field: str) -> Reply:
    """Give one person another address. Raises NotFound."""
    return await _set_address(
        context, message, list_id, field, lambda old: read_in_place_of(old, message.text)
    )


async def take_contact(context: BotContext, message: IncomingMessage, list_id: str, field: str) -> Reply:
    """Take the new address of a person from a contact card. Raises NotFound."""

    def on_card(old: Recipient) -> Recipient:
        address = message.shared[0].addresses.get(old.messenger)
        if address is None:
            title = old.messenger.traits.title
            raise ValueError(_("This contact has no address on {messenger}.").format(messenger=title))
        return replace(old, address=address)

    return await _set_address(context, message, list_id, field, on_card)


async def _set_address(
    context: BotContext,
    message: IncomingMessage,
    list_id: str,
    field: str,
    new_for: Callable[[Recipient], Recipient],
) -> Reply:
    at = _address(field.partition(":")[2])
    audience, member = await _open(context, list_id, at)
    old = _at(member, at)
    try:
        new = new_for(old)
        changed = await context.core.members.set_address(audience.id, member, old, new)
    except (ValueError, Conflict) as error:
        screen = screens_members.address_prompt(audience, member, old, translate(str(error)))
        return Reply(screen, asks=(list_id, field))
    if others := await context.core.members.elsewhere(audience.id, old):
        stamp = await context.core.searches.begin(message.admin.id, f"{old.label}\n{new.label}")
        screen = screens_members.elsewhere_question(audience, changed, old, others, stamp)
        return Reply(screen, asks=(audience.id, SEARCH))
    return await _card(context, audience, changed, note=_("Saved."), changed=True)


async def _elsewhere(context: BotContext, press: ButtonPress, list_id: str, stamp: str) -> Result:
    """Change the address that was corrected on this list on all the others too."""
    words = await context.core.searches.words(press.admin.id, stamp)
    if words is None:
        return already()
    old, new = map(read_recipient, words.split("\n"))
    count = await context.core.members.set_address_elsewhere(list_id, old, new)
    audience, member = await _open(context, list_id, new.key)
    note = plural("Changed on {count} more list.", "Changed on {count} more lists.", count)
    return await _card(context, audience, member, note=note, changed=True)


async def _ask_removal(context: BotContext, _press: ButtonPress, list_id: str, at: Address) -> Reply:
    return Reply(screens_members.remove_question(*await _open(context, list_id, at)))


async def _remove(context: BotContext, _press: ButtonPress, list_id: str, at: Address) -> Reply:
    _audience, member = await _open(context, list_id, at)
    await context.core.audiences.remove(list_id, member)
    note = _("Removed: {who}").format(who=screens_members.name_of(member))
    reply = await page_of(context, list_id, 1, note)
    screen = with_uses(reply.screen, list_id, await context.core.list_uses.of(list_id))
    return Reply(screen, CallbackAnswer(_("Removed")), asks=reply.asks)


BUTTONS = (
    AUDIENCE.button("people", Role.VIEWER, _people, PAGE),
    AUDIENCE.button("member", Role.VIEWER, _member, _NUMBERED),
    AUDIENCE.button("details", Role.VIEWER, _details, _AT),
    AUDIENCE.button("value", Role.EDITOR, _ask_value, _NUMBERED),
    AUDIENCE.button("empty", Role.EDITOR, _empty, _NUMBERED),
    AUDIENCE.button("address", Role.EDITOR, _ask_address, _AT),
    AUDIENCE.button("elsewhere", Role.EDITOR, _elsewhere, _STAMP, once=True),
    AUDIENCE.button("off", Role.EDITOR, _ask_removal, _AT),
    AUDIENCE.button("offyes", Role.EDITOR, _remove, _AT),
)
