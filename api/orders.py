"""Turn a request body into an order, accept it, and answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from api.legacy_format import line, read_send_at
from api.responses import Accepted
from api.schemas import SendMessageBody
from api.warnings import warnings
from core.app import Core
from core.domain.broadcast import Broadcast, BroadcastStatus, NewBroadcast, PreparedOrder
from core.domain.errors import ValidationError
from core.domain.recipients import Recipient
from core.parsing.recipients import ReadRecipients, read_pairs
from core.services.audit_log import current_actor
from core.services.content_check import as_written

log = logging.getLogger(__name__)


async def accept(
    body: SendMessageBody,
    core: Core,
    warn: Callable[[str], None],
    *,
    broadcast_id: str | None = None,
    once: str = "",
) -> Accepted:
    """Accept the order, under that id if one is given. `warn` gets what may be a mistake in it.

    Raises SenderError, and nothing was done.
    """
    read, order = await _prepare(body, core, once)
    like = await core.duplicate_check.find_recent(order.content, order.recipients, but=broadcast_id or "")
    for warning in warnings(read, like):
        warn(warning)
    broadcast = await core.broadcasts.accept(order, broadcast_id=broadcast_id)
    left_out = sum(sum(reasons.values()) for reasons in order.left_out.values())
    log.info(
        "broadcast=%s accepted for %d recipients, %d left out", broadcast.id, len(order.recipients), left_out
    )
    return _answer(broadcast, order.recipients, core)


async def accepted_lines(broadcast: Broadcast, core: Core) -> Accepted:
    """The answer to an order accepted earlier, messenger by messenger."""
    recipients = [delivery.recipient async for delivery in core.ledger.deliveries(broadcast)]
    return _answer(broadcast, recipients, core)


def _answer(broadcast: Broadcast, recipients: Iterable[Recipient], core: Core) -> Accepted:
    lines = [line(recipient, broadcast, core.settings.zone) for recipient in recipients]
    waits = broadcast.planned or broadcast.status is BroadcastStatus.UNAPPROVED
    return Accepted(scheduled=lines, started=[]) if waits else Accepted(scheduled=[], started=lines)


async def _prepare(body: SendMessageBody, core: Core, once: str) -> tuple[ReadRecipients, PreparedOrder]:
    """Raises ValidationError with every problem."""
    send_at = None if body.send_at is None else read_send_at(body.send_at, core.settings.zone)
    read = await read_pairs(((one.uuid, one.service) for one in body.recipients), core.contacts)
    order = NewBroadcast(
        content=as_written(body.body, read.recipients),
        recipients=read.recipients,
        send_at=send_at,
        created_by=current_actor(),
        once=once,
    )
    if not read.problems:
        return read, await core.broadcasts.prepare(order)
    problems = list(read.problems)
    if order.recipients:
        try:
            await core.broadcasts.prepare(order)
        except ValidationError as error:
            problems += error.problems
    raise ValidationError(problems)
