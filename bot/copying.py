"""A new draft out of a broadcast: to be changed, looked at and confirmed like any other order."""

from __future__ import annotations

from bot import drafting
from bot.desk import Admin, Desk
from core.domain.broadcast import Broadcast
from core.store.drafts import Draft


async def copy_of(desk: Desk, admin: Admin, broadcast: Broadcast) -> Draft:
    """The same content to the same recipients, at once unless another time is picked."""
    recipients = tuple([one.recipient async for one in desk.core.broadcasts.deliveries(broadcast)])
    return await drafting.begin(desk, admin, text=broadcast.content.text, recipients=recipients)
