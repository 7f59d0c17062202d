"""The choices, and the recipients chosen so far, where a draft asks for its recipients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.context import BotContext
from bot.screens.recipients import ChosenPerson, RecipientChoices
from core.domain.messengers.traits import Messenger
from core.domain.page import Page, load_page
from core.domain.recipients import Contact, Headcount, Recipient, people_in
from core.store.chat.drafts import Draft

_LISTS_A_PAGE: Final = 6
_FEW: Final = 4
"""People chosen one by one that the question shows."""
PEOPLE_A_PAGE: Final = 10


async def recipient_choices(context: BotContext, draft: Draft, page: int = 1) -> RecipientChoices:
    """`page`: of the lists."""
    people = people_in(draft.recipients)
    return RecipientChoices(
        await context.core.audiences.page(page=page, size=_LISTS_A_PAGE),
        await context.core.recipients.everybody(),
        await _named(context, people, max(0, len(people) - _FEW), _FEW),
        len(people),
        await count(context, draft),
    )


async def count(context: BotContext, draft: Draft) -> Headcount:
    """Number of people chosen, one by one and in lists."""
    return await context.core.recipients.count_people(draft.audiences, draft.recipients)


async def chosen_page(context: BotContext, draft: Draft, page: int) -> Page[ChosenPerson]:
    """A page of those chosen one by one."""
    people = people_in(draft.recipients)
    return await load_page(
        page, PEOPLE_A_PAGE, len(people), lambda start: _named(context, people, start, PEOPLE_A_PAGE)
    )


async def _named(
    context: BotContext, people: Sequence[Sequence[Recipient]], start: int, size: int
) -> list[ChosenPerson]:
    some = people[start : start + size]
    nameless = [one for addresses in some for one in addresses if not one.name]
    known = await context.core.contacts.at(one.key for one in nameless)
    return [
        ChosenPerson(place, _name(addresses, known), tuple(addresses))
        for place, addresses in enumerate(some, start=start)
    ]


def _name(addresses: Sequence[Recipient], known: dict[tuple[Messenger, str], Contact]) -> str:
    """Empty where the name is not known."""
    names = [one.name for one in addresses]
    names += [known[key].name for one in addresses if (key := one.key) in known]
    return next((name for name in names if name), "")
