"""Turn a request body into an order, accept it, and answer."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable

from api.legacy_format import line, read_send_at
from api.line_answers import Lists, each
from api.schemas import SendMessageBody
from api.warnings import warnings
from core.app import Core
from core.domain.audience import Gathered
from core.domain.broadcast import Broadcast, BroadcastStatus, ChosenLists, NewBroadcast, PreparedOrder
from core.domain.content.content import Content
from core.domain.errors import ValidationError
from core.parsing.content_footer import read_content
from core.parsing.recipients import ReadRecipients, is_list, read_pairs
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
) -> Lists:
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
    return _answer(broadcast, each(line(one, broadcast, core.settings.zone) for one in order.recipients))


def accepted_lines(broadcast: Broadcast, core: Core) -> Lists:
    """The answer to an order accepted earlier, messenger by messenger."""
    deliveries, zone = core.ledger.deliveries(broadcast), core.settings.zone
    return _answer(broadcast, (line(one.recipient, broadcast, zone) async for one in deliveries))


def _answer(broadcast: Broadcast, lines: AsyncIterator[str]) -> Lists:
    waits = broadcast.planned or broadcast.status is BroadcastStatus.UNAPPROVED
    return {"scheduled": lines, "started": each(())} if waits else {"scheduled": each(()), "started": lines}


async def _with_lists(
    body: SendMessageBody, read: ReadRecipients, core: Core
) -> tuple[Gathered, ChosenLists | None, list[str]]:
    """The recipients with the people of the lists that are named, these lists, and a problem for each that is not
    known."""
    names = [" ".join(one.uuid.split()) for one in body.recipients if is_list(one.service)]
    if not names:
        return Gathered(recipients=read.recipients, duplicates=0), None, []
    looked_up = await core.audiences.look_up(names)
    unknown = [f"There is no list called “{name}”." for name in names if name not in looked_up.found]
    found = tuple(looked_up.found.values())
    lists = ChosenLists(tuple(one.id for one in found), alone=bool(read.recipients)) if found else None
    return await core.recipients.reach(found, read.recipients), lists, unknown


async def _prepare(body: SendMessageBody, core: Core, once: str) -> tuple[ReadRecipients, PreparedOrder]:
    """Raises ValidationError with every problem."""
    send_at = None if body.send_at is None else read_send_at(body.send_at, core.settings.zone)
    read = await read_pairs(((one.uuid, one.service) for one in body.recipients), core.contacts)
    people, lists, unknown = await _with_lists(body, read, core)
    content = as_written(read_content(Content(text=body.body)), people.recipients)
    recipients, _without_value = await core.recipients.completed(content, people.recipients)
    order = NewBroadcast(
        content=content,
        recipients=recipients,
        duplicates=people.duplicates,
        send_at=send_at,
        created_by=current_actor(),
        co_authors=people.authors,
        once=once,
        lists=lists,
        try_again_days=body.try_again_days,
    )
    problems = [*read.problems, *unknown, *people.problems]
    if not problems:
        return read, await core.broadcasts.prepare(order)
    if order.recipients:
        try:
            await core.broadcasts.prepare(order)
        except ValidationError as error:
            problems += error.problems
    raise ValidationError(problems)
