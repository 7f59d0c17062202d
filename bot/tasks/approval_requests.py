"""Asks for approval: writes to everybody who may approve, and settles these messages after the decision.

Requests are kept in the store, so that a restarted bot continues. If the bot is killed between
writing and keeping it, somebody is asked twice rather than not at all.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from bot.screens import approvals as screens_approvals
from bot.tasks.outbox import Draw, Outbox
from bot.tasks.periodic import PeriodicTask
from bot.telegram.content_preview import send_previews
from bot.telegram.errors import Rejected
from core.app import Core
from core.domain.broadcast import Asked, Broadcast
from core.domain.errors import NotFound
from core.domain.team import Role
from core.services.gap_values import GapSummary
from core.store.bell import SAFETY_SECONDS
from core.store.chat.approval_requests import UNSENT, ApprovalRequest

log = logging.getLogger(__name__)

_AT_LEAST_SECONDS: Final = 1.0


class ApprovalRequests(PeriodicTask):
    """One message for each broadcast and approver."""

    name = "approval requests"
    every = SAFETY_SECONDS

    def __init__(self, core: Core, outbox: Outbox) -> None:
        super().__init__(core, outbox)
        self._woken = core.bell.approvals()
        self._read: tuple[tuple[str, int], tuple[GapSummary, ...]] | None = None

    async def round(self) -> None:
        waiting = {one.id: one for one in await self._core.approvals.waiting()}
        asked: set[tuple[str, int]] = set()
        for request in await self._core.approval_requests.all():
            if await self._is_open(request, waiting.get(request.broadcast_id)):
                asked.add((request.broadcast_id, request.chat_id))
        approvers = await self._core.team.ids(Role.EDITOR) if waiting else []
        for broadcast in waiting.values():
            for chat_id in approvers:
                if broadcast.asked is not None and (broadcast.id, chat_id) not in asked:
                    await self._ask(broadcast, broadcast.asked, chat_id)
        self.every = self._until_lapse(waiting.values())

    def _until_lapse(self, waiting: Iterable[Broadcast]) -> float:
        """Seconds until the first of the open requests lapses, within what is looked at anyway."""
        now = self._core.clock.now()
        left = [(one.asked.until - now).total_seconds() for one in waiting if one.asked is not None]
        return min([SAFETY_SECONDS, *(max(_AT_LEAST_SECONDS, seconds) for seconds in left if seconds > 0)])

    async def _is_open(self, request: ApprovalRequest, waiting: Broadcast | None) -> bool:
        """Settle a request that is no longer open."""
        if waiting is None or waiting.asked is None:
            await self._settle(request)
        elif waiting.asked.number != request.number:
            await self._edit(request, lambda _clock: screens_approvals.superseded_request(waiting))
        else:
            if waiting.asked.until <= self._core.clock.now() and not request.lapsed:
                await self._lapse(request, waiting, waiting.asked)
            return True
        await self._core.approval_requests.remove(request)
        return False

    async def _settle(self, request: ApprovalRequest) -> None:
        try:
            broadcast = await self._core.broadcasts.get(request.broadcast_id)
        except NotFound:
            return
        await self._edit(request, lambda clock: screens_approvals.decided_request(broadcast, clock))
        if request.asker:
            await self._send(request.chat_id, lambda _clock: screens_approvals.decision_message(broadcast))

    async def _lapse(self, request: ApprovalRequest, broadcast: Broadcast, asked: Asked) -> None:
        """Tell the person who asked that it is too late; tell everybody where a program asked."""
        await self._edit(request, lambda _clock: screens_approvals.expired_request(broadcast))
        if request.asker or asked.by.telegram_id is None:
            await self._send(
                request.chat_id, lambda clock: screens_approvals.unapproved_card(broadcast, clock, None)
            )
        await self._core.approval_requests.put(replace(request, lapsed=True))

    async def _ask(self, broadcast: Broadcast, asked: Asked, chat_id: int) -> None:
        request = ApprovalRequest(broadcast_id=broadcast.id, chat_id=chat_id, number=asked.number)
        if chat_id == asked.by.telegram_id:
            request = replace(request, asker=True)
        if asked.is_author(chat_id):
            if not await self._core.team.can_be_approved(asked.authors):
                limit = self._core.settings.approval_above
                await self._send(chat_id, lambda _clock: screens_approvals.stuck_request(broadcast, limit))
        elif asked.until > self._core.clock.now():
            request = replace(request, message_id=await self.show(broadcast, asked, chat_id))
        await self._core.approval_requests.put(request)

    async def show(self, broadcast: Broadcast, asked: Asked, chat_id: int) -> int:
        """Post the content as people get it, and the request below it; return the request's message id."""
        people = await self._core.reports.firsts(broadcast)
        with suppress(Rejected):
            async with self._outbox.writing_to(chat_id):
                await send_previews(self._outbox.chat, chat_id, broadcast.content, people)
        gaps = await self.gaps(broadcast, asked)
        return await self._send(
            chat_id, lambda clock: screens_approvals.approval_request(broadcast, asked, gaps, clock)
        )

    async def gaps(self, broadcast: Broadcast, asked: Asked) -> tuple[GapSummary, ...]:
        """Summary of the values for its gaps; cached for the request read last."""
        key = broadcast.id, asked.number
        if self._read is None or self._read[0] != key:
            self._read = key, await self._core.gap_values.summary(broadcast)
        return self._read[1]

    async def _send(self, chat_id: int, draw: Draw) -> int:
        """The message's id; UNSENT where there is nothing to say or Telegram refuses."""
        try:
            return await self._outbox.send(chat_id, draw) or UNSENT
        except Rejected as error:
            log.info("%s is not told of an approval: %s", chat_id, error)
            return UNSENT

    async def _edit(self, request: ApprovalRequest, draw: Draw) -> None:
        """Turn the message with the request into another screen. Where that fails, its buttons are refused."""
        if request.message_id == UNSENT:
            return
        try:
            async with self._outbox.writing_to(request.chat_id) as clock:
                if screen := draw(clock):
                    await self._outbox.chat.edit(request.chat_id, request.message_id, screen)
        except Rejected as error:
            log.info("a request about #%s stays as it is: %s", request.broadcast_id, error)
