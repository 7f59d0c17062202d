"""Asks for approval: one task writes to everybody who may give it, and settles what it wrote once it is decided.

What was asked of whom stands in the store, so a restarted bot goes on where the last one ended. Cut off between writing
and keeping it, somebody is asked twice, never not at all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from bot.screens import approvals as screens_approvals
from bot.tasks.periodic import PeriodicTask
from bot.telegram.client import Chat
from bot.telegram.content_preview import send_previews
from bot.telegram.errors import Rejected
from bot.text.clock import Clock
from bot.text.reader import as_reader, clock
from bot.ui.screen import Screen
from core.app import Core
from core.domain.broadcast import Asked, Broadcast
from core.domain.errors import NotFound
from core.domain.team import Role
from core.store.chat.approval_requests import UNSENT, Question

log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 1.0


class Approvals:
    """Run `run()` as a task for as long as the bot works; handlers only tell it to hurry."""

    def __init__(self, core: Core, chat: Chat) -> None:
        self._core = core
        self._chat = chat
        self._rounds = PeriodicTask("questions for approval", EVERY_SECONDS, self._round)

    def wake(self) -> None:
        """Somebody has just ordered or decided."""
        self._rounds.wake()

    async def run(self) -> None:
        """Until cancelled."""
        await self._rounds.run()

    def _clock(self) -> Clock:
        return clock(self._core.settings)

    async def _round(self) -> None:
        waiting = {one.id: one for one in await self._core.approval.waiting()}
        asked: set[tuple[str, int]] = set()
        for question in await self._core.questions.all():
            if await self._still_open(question, waiting.get(question.broadcast_id)):
                asked.add((question.broadcast_id, question.chat_id))
        if waiting:
            able = await self._core.staff.ids(Role.EDITOR)
            for broadcast in waiting.values():
                if broadcast.asked is not None:
                    chats = [one for one in able if (broadcast.id, one) not in asked]
                    await self._ask(broadcast, broadcast.asked, chats)

    async def _still_open(self, question: Question, waiting: Broadcast | None) -> bool:
        """Settles what is no question any more."""
        if waiting is None or waiting.asked is None:
            await self._decided(question)
        elif waiting.asked.number != question.number:
            await self._turn(question, lambda _clock: screens_approvals.superseded(waiting))
        else:
            if waiting.asked.until <= datetime.now(UTC) and not question.lapsed:
                await self._lapse(question, waiting, waiting.asked)
            return True
        await self._core.questions.remove(question)
        return False

    async def _turn(self, question: Question, screen: Callable[[Clock], Screen]) -> None:
        """Makes the message that asked say something else."""
        if question.message_id == UNSENT:
            return
        try:
            with as_reader(await self._core.readers.of(question.chat_id)):
                await self._chat.edit(question.chat_id, question.message_id, screen(self._clock()))
        except Rejected as error:
            # It is settled all the same; a tap on what it still shows is refused.
            log.info("a question about #%s stays as it is: %s", question.broadcast_id, error)

    async def _decided(self, question: Question) -> None:
        try:
            broadcast = await self._core.broadcasts.get(question.broadcast_id)
        except NotFound:
            return
        await self._turn(question, lambda clock: screens_approvals.settled(broadcast, clock))
        if question.asker:
            await self._tell(question.chat_id, lambda _clock: screens_approvals.answer(broadcast))

    async def _lapse(self, question: Question, broadcast: Broadcast, asked: Asked) -> None:
        """Who asked hears that it is too late; all do where a program asked, as it hears nothing."""
        await self._turn(question, lambda _clock: screens_approvals.lapsed(broadcast))
        if question.asker or asked.by.telegram_id is None:
            await self._tell(
                question.chat_id, lambda clock: screens_approvals.unapproved(broadcast, clock, None)
            )
        await self._core.questions.put(replace(question, lapsed=True))

    async def _tell(self, chat_id: int, screen: Callable[[Clock], Screen | None]) -> int:
        """The id of the message; UNSENT where there is nothing to say, or nobody can be written to."""
        with as_reader(await self._core.readers.of(chat_id)):
            message = screen(self._clock())
            try:
                return UNSENT if message is None else await self._chat.send(chat_id, message)
            except Rejected as error:
                log.info("%s could not be told of an approval: %s", chat_id, error)
                return UNSENT

    async def _ask(self, broadcast: Broadcast, asked: Asked, chats: Iterable[int]) -> None:
        over = asked.until <= datetime.now(UTC)
        for chat_id in chats:
            question = Question(broadcast_id=broadcast.id, chat_id=chat_id, number=asked.number)
            if chat_id == asked.by.telegram_id:
                question = replace(question, asker=True)
            elif not over:
                question = replace(question, message_id=await self._question(broadcast, asked, chat_id))
            await self._core.questions.put(question)

    async def _question(self, broadcast: Broadcast, asked: Asked, chat_id: int) -> int:
        """The content exactly as people get it on each messenger, and under it the card that asks."""
        people = [one.recipient async for one in self._core.reports.firsts(broadcast)]
        with as_reader(await self._core.readers.of(chat_id)), suppress(Rejected):
            await send_previews(self._chat, chat_id, broadcast.content, people)
        return await self._tell(chat_id, lambda clock: screens_approvals.question(broadcast, asked, clock))

    async def show(self, broadcast: Broadcast, asked: Asked, chat_id: int) -> None:
        """The question once more, for somebody who has come to it by a list."""
        await self._question(broadcast, asked, chat_id)
