"""A new draft out of a broadcast: to be changed, looked at and confirmed like any other order."""

from __future__ import annotations

from bot import drafting
from bot.desk import Admin, Desk
from core.domain.audience import Chosen
from core.domain.broadcast import Broadcast
from core.domain.recipients import Recipient
from core.store.drafts import Draft

_MOST_IN_A_DRAFT = 1_000


async def copy_of(desk: Desk, admin: Admin, broadcast: Broadcast) -> Draft:
    """What they read now to the same recipients, at once unless another time is picked."""
    recipients = tuple([one.recipient async for one in desk.core.broadcasts.deliveries(broadcast)])
    named, audiences = await _kept(desk, admin, broadcast, recipients)
    latest = await desk.core.amending.latest(broadcast.id)
    content = latest.content if latest and latest.content else broadcast.content
    return await drafting.begin(desk, admin, content=content, recipients=named, audiences=audiences)


async def retry_of(
    desk: Desk, admin: Admin, broadcast: Broadcast, recipients: tuple[Recipient, ...]
) -> Draft:
    """The same content to some of them once more."""
    named, audiences = await _kept(desk, admin, broadcast, recipients)
    return await drafting.begin(
        desk,
        admin,
        content=broadcast.content,
        recipients=named,
        audiences=audiences,
        again_of=broadcast.id,
    )


async def _kept(
    desk: Desk, admin: Admin, broadcast: Broadcast, recipients: tuple[Recipient, ...]
) -> tuple[tuple[Recipient, ...], tuple[Chosen, ...]]:
    """Few recipients stand in the draft itself; many in a list beside it, or every tap would have to read them."""
    if len(recipients) <= _MOST_IN_A_DRAFT:
        return recipients, ()
    audiences = desk.core.audiences
    kept = await audiences.stage(
        recipients, source=f"#{broadcast.id}", created_by=admin.author, creator_name=admin.name
    )
    return (), (await audiences.choose(kept.id),)
