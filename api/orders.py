"""From what a program posted to an order the core can accept."""

from __future__ import annotations

from api.bodies import SendMessageBody
from api.lines import read_send_at
from core.app import Core
from core.domain.broadcast import NewBroadcast
from core.domain.errors import ValidationError
from core.services.fitting import as_written
from core.services.recipients import read_pairs


async def new_broadcast(body: SendMessageBody, core: Core) -> NewBroadcast:
    """Raises ValidationError with every problem there is."""
    send_at = None if body.send_at is None else read_send_at(body.send_at, core.settings.zone)
    read = await read_pairs(((one.uuid, one.service) for one in body.recipients), core.contacts)
    order = NewBroadcast(
        content=as_written(body.body, read.recipients),
        recipients=read.recipients,
        send_at=send_at,
        created_by=f"api:{core.settings.api_user}",
        creator_name=core.settings.api_user,
    )
    if read.problems:
        raise ValidationError([*read.problems, *await _further_problems(order, core)])
    return order


async def _further_problems(order: NewBroadcast, core: Core) -> tuple[str, ...]:
    """What else is wrong beside the recipients left out of the order."""
    if not order.recipients:
        return ()
    try:
        await core.broadcasts.check(order)
    except ValidationError as error:
        return error.problems
    return ()
