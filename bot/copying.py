"""A new draft out of a broadcast: to be changed, looked at and confirmed like any other order."""

from __future__ import annotations

from bot import drafting
from bot.desk import Admin, Desk
from core.domain.broadcast import Broadcast
from core.domain.recipients import Recipient
from core.store.drafts import Draft


async def copy_of(desk: Desk, admin: Admin, broadcast: Broadcast) -> Draft:
    """The same content to the same recipients, at once unless another time is picked."""
    recipients = tuple([one.recipient async for one in desk.core.broadcasts.deliveries(broadcast)])
    return await drafting.begin(desk, admin, content=broadcast.content, recipients=recipients)


async def retry_of(
    desk: Desk, admin: Admin, broadcast: Broadcast, recipients: tuple[Recipient, ...]
) -> Draft:
    """The same content to some of them once more."""
    content = broadcast.content
    return await drafting.begin(desk, admin, content=content, recipients=recipients, again_of=broadcast.id)
