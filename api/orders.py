"""From what a program posted to an order the core can accept, and to the answer."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace

from api.answers import Accepted
from api.bodies import SendMessageBody
from api.lines import line, read_send_at
from core.app import Core
from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, BroadcastStatus, NewBroadcast
from core.domain.errors import ValidationError
from core.domain.recipients import Recipient
from core.parsing.recipients import read_pairs
from core.services.content_check import as_written

log = logging.getLogger(__name__)


async def accept(
    body: SendMessageBody, core: Core, *, broadcast_id: str | None = None, once: str = ""
) -> Accepted:
    """Accepts the order, as the broadcast of that id if one is given. Raises SenderError, and nothing was done."""
    order = replace(await new_broadcast(body, core), once=once)
    screened = await core.broadcasts.split_reachable(order.recipients)
    broadcast = await core.broadcasts.accept(order, broadcast_id=broadcast_id, screened=screened)
    accepted, left_out = len(screened.recipients), len(screened.left_out)
    log.info("broadcast=%s accepted for %d recipients, %d left out", broadcast.id, accepted, left_out)
    return _answer(broadcast, screened.recipients, core)


async def answer(broadcast: Broadcast, core: Core) -> Accepted:
    """The answer to an order that was accepted earlier, messenger by messenger."""
    recipients = [delivery.recipient async for delivery in core.broadcasts.deliveries(broadcast)]
    return _answer(broadcast, recipients, core)


def _answer(broadcast: Broadcast, recipients: Iterable[Recipient], core: Core) -> Accepted:
    lines = [line(recipient, broadcast, core.settings.zone) for recipient in recipients]
    waits = broadcast.planned or broadcast.status is BroadcastStatus.UNAPPROVED
    return Accepted(scheduled=lines, started=[]) if waits else Accepted(scheduled=[], started=lines)


async def new_broadcast(body: SendMessageBody, core: Core) -> NewBroadcast:
    """Raises ValidationError with every problem there is."""
    send_at = None if body.send_at is None else read_send_at(body.send_at, core.settings.zone)
    read = await read_pairs(((one.uuid, one.service) for one in body.recipients), core.contacts)
    order = NewBroadcast(
        content=as_written(body.body, read.recipients),
        recipients=read.recipients,
        send_at=send_at,
        created_by=Actor(f"api:{core.settings.api_user}", core.settings.api_user),
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
