"""The people of a series, kept as long as the series is."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.audience import EVERYBODY, Chosen
from core.domain.errors import NotFound
from core.domain.recipients import Recipient
from core.domain.sentences import sentence
from core.ports import AudienceLists
from core.services.audiences import Audiences


class Keeping:
    """Lists without a name live for a day; those that something long-lived goes to, until it is over."""

    def __init__(self, audiences: Audiences, lists: AudienceLists) -> None:
        self._audiences = audiences
        self._lists = lists

    async def kept(
        self, chosen: Sequence[Chosen], others: Sequence[Recipient], *, source: str, author: tuple[str, str]
    ) -> tuple[Chosen, ...]:
        """The same people as audiences that stay: what has no name goes into one list, kept until let_go().

        `author`: id and name of who wants that. Raises NotFound when a list is gone.
        """
        named = [one for one in chosen if one.id == EVERYBODY or (await self._audiences.get(one.id)).name]
        fleeting = [one for one in chosen if one not in named]
        if not fleeting and not others:
            return tuple(named)
        people = await self._audiences.gather(fleeting, others)
        staged = await self._audiences.stage(
            people.recipients, source=source, created_by=author[0], creator_name=author[1]
        )
        if not await self._lists.keep(staged.id, for_good=True):
            raise NotFound(sentence("The list “{name}” is gone.", name=source))
        return (*named, await self._audiences.choose(staged.id))

    async def let_go(self, chosen: Sequence[Chosen]) -> None:
        """Lists without a name among them are kept for one more day only."""
        ids = [one.id for one in chosen if one.id != EVERYBODY]
        for audience in await self._lists.get_many(ids):
            if not audience.name:
                await self._lists.keep(audience.id, for_good=False)
