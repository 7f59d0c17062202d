"""Typed recipients, and the country of phone numbers without a country code."""
# ruff: noqa: RUF001 - Russian words are meant to be in Cyrillic

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from babel.core import get_global

from bot.context import BotContext
from bot.handlers import drafts, pieces
from bot.requests import Admin, IncomingMessage
from bot.screens.recipient_file import list_question
from bot.text.translation import _, translate
from bot.ui.screen import plain
from core.domain.audience import LookedUp
from core.domain.content.content import Content
from core.domain.content.formatting import Entity, Style, Utf16
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact
from core.files.countries import country_question, read_with
from core.parsing.entries import with_strokes
from core.parsing.recipients import ReadRecipients, read_who
from core.store.chat.pending_lists import PendingList

_MYSELF: Final = frozenset({"me", "myself", "я", "мне", "меня", "себе", "себя"})


async def read(context: BotContext, message: IncomingMessage) -> ReadRecipients | None:
    """Parse typed recipients; None if the country is asked first. Uses the last answer if it fits all."""
    whole = await pieces.with_piece_before(context, message, pieces.LIST) or message
    text, cut = pieces.without_cut_entry(message, with_crossed(whole.text, whole.whole.entities))
    who = await read_or_ask(context, replace(whole, text=text))
    if who is not None and who.problems and pieces.may_continue(message):
        await pieces.keep(context, message, pieces.LIST, whole.text)
    elif cut:
        await pieces.keep(context, message, pieces.LIST, cut)
        said = _(
            "The last entry, “{entry}”, may be cut off, so I left it out. If it's complete, send it again."
        )
        await context.chat.send(message.admin.chat_id, plain(said.format(entry=cut[:60])))
    return who


async def are_named(context: BotContext, content: Content) -> bool:
    """True for a text of nothing but addresses, names of people and lists that are known.

    Numbers count whose country is still to be asked.
    """
    if content.media or not content.text:
        return False
    who = await read_content(context, content)
    return lacks_codes_only(who) and bool(who.recipients or who.audiences or who.without_code)


def lacks_codes_only(who: ReadRecipients) -> bool:
    """True where nothing is unclear but the country of numbers."""
    return len(who.problems) == len(who.without_code)


async def read_content(context: BotContext, content: Content) -> ReadRecipients:
    """Parse a text that may have been meant as recipients."""
    text = with_crossed(content.text, content.entities)
    return await read_who(text, context.core.contacts, context.core.audiences)


def with_crossed(text: str, entities: Sequence[Entity]) -> str:
    """The text with a mark at each crossed-out letter up to the first bar, so that nobody is read there."""
    people, bar, rest = text.partition("|")
    units = Utf16(people)
    for entity in sorted(entities, key=lambda one: -one.offset):
        if entity.style is Style.STRIKETHROUGH and entity.offset < units.units(len(people)):
            first, last = units.place(entity.offset), units.place(entity.end)
            people = people[:first] + with_strokes(people[first:last]) + people[last:]
    return people + bar + rest


@dataclass(frozen=True, slots=True)
class NamesOf:
    """Looks up typed names for an admin, who may mean themself."""

    context: BotContext
    admin: Admin

    async def look_up(self, words: Iterable[str]) -> LookedUp:
        core, wanted = self.context.core, list(words)
        found = await core.audiences.look_up(wanted)
        myself = [word for word in wanted if word.casefold() in _MYSELF and word in found.near]
        if not myself:
            return found
        admin = Contact(id="", name=self.admin.name, addresses={Messenger.TELEGRAM: f"{self.admin.id}"})
        known = await core.contacts.known(await core.contacts.learn([admin], firm=False))
        others = {word: like for word, like in found.near.items() if word not in myself}
        return replace(found, near=others, like={**found.like, **dict.fromkeys(myself, known)})


async def read_or_ask(context: BotContext, message: IncomingMessage) -> ReadRecipients | None:
    """Parse the recipients of a whole text; None if the country of its numbers is asked first."""
    core, region = context.core, message.region
    names = NamesOf(context, message.admin)
    who = await read_who(message.text, core.contacts, names, region)
    if region or not who.without_code:
        return who
    if last := await core.pending_lists.region(f"{message.admin.id}"):
        again = await read_who(message.text, core.contacts, names, last)
        if not again.without_code and len(again.problems) < len(who.problems):
            await context.chat.send(message.admin.chat_id, plain(translate(read_with(last))))
            return again
    await _ask(context, message, who.without_code)
    return None


async def _ask(context: BotContext, message: IncomingMessage, numbers: tuple[str, ...]) -> None:
    question = country_question(numbers, await likely_regions(context, message.admin), file=False)
    pending = PendingList(
        admin_id=message.admin.id,
        target="",
        text=message.text,
        message_id=message.message_id,
        question=question.key,
        choices=tuple(choice.key for choice in question.choices),
    )
    list_id = await context.core.pending_lists.keep(pending)
    opened = await drafts.current(context, message.admin)
    has_text = (
        opened is not None and opened.prompt.field != drafts.CLOSED and opened.draft.content is not None
    )
    screen = list_question(list_id, 0, "", question, perhaps_text=has_text)
    await context.chat.send(message.admin.chat_id, screen, reply_to=message.message_id)


async def likely_regions(context: BotContext, admin: Admin) -> list[str]:
    """Likely countries of the numbers: the last answer, then that of the admin's time zone."""
    last = await context.core.pending_lists.region(f"{admin.id}")
    here = get_global("zone_territories").get(context.clock().zone.key, "")
    return [region for region in dict.fromkeys((last, here)) if region.isupper()]
