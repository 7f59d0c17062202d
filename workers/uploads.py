"""Uploads of files that were sent to the bot, for messengers that send files by an id of their own.

A file is uploaded once, before the first message with it, and sent by its id to everybody. The store keeps the id for
as long as it is valid. After a crash the file is uploaded once more, which no recipient notices. No message leaves
without its file. A failed upload concerns everybody, so equal refusals hold the broadcast back.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Final

from redis.exceptions import RedisError

from core.domain.content.content import Content, Media
from core.domain.content.rendering import holder
from core.domain.messengers.outcome import Answer, Outcome, Reason
from core.domain.messengers.traits import Messenger
from core.runtime import cancellable_sleep
from core.store.uploads import UploadStore
from workers.messengers.port import File, HandOutPort, MessengerPort, UploadPort

log = logging.getLogger(__name__)

# Ids expire here a little before they do at the messenger.
_MARGIN: Final = timedelta(days=1)
_RECALLED_SECONDS: Final = 600.0
_PAUSE_SECONDS: Final = 0.2
WAIT_SECONDS: Final = 0.1
"""The time claimed deliveries wait for their file: a claim that is cut off may have been sent."""
_REFUSED: Final = Answer(outcome=Outcome.CONTENT_REFUSED, reason=Reason.FILE, key="upload")
_NOT_NOW: Final = Answer(outcome=Outcome.TRANSIENT, reason=Reason.FILE, key="upload")
_NOT_GIVEN: Final = Answer(outcome=Outcome.RATE_LIMITED, reason=Reason.FILE)
"""The messenger that has the file is in trouble. It reports that itself, and no recipient fails here for it."""
GIVER_SECONDS: float = 15.0


@dataclass(frozen=True, slots=True)
class _Known:
    """An id, usable until then, by time.monotonic(), without asking the store."""

    held_as: str
    until: float


class Uploads:
    """One process's share of the uploads."""

    def __init__(
        self,
        store: UploadStore,
        messengers: Mapping[Messenger, MessengerPort],
    ) -> None:
        self._store = store
        self._messengers = messengers
        self._known: dict[str, _Known] = {}
        self._tasks: dict[str, asyncio.Task[str | Answer | None]] = {}

    async def prepare(
        self, content: Content, messenger: Messenger, *, wait_seconds: float = WAIT_SECONDS
    ) -> Content | Answer | None:
        """The content with the messenger's id for every file, uploaded if need be.

        None if that takes longer than `wait_seconds` for a file: it continues, ask again. An Answer says why it cannot
        be done. Nothing was sent in either case.
        """
        media = []
        for one in content.media:
            giver = holder(one, messenger)
            found = "" if giver is None else await self._id_of(one, giver, messenger, wait_seconds)
            if not isinstance(found, str):
                return found
            media.append(replace(one, ids={**one.ids, messenger: found}) if found else one)
        return replace(content, media=tuple(media))

    async def forget(self, content: Content, messenger: Messenger) -> None:
        """Forget the messenger's ids in this content, as it no longer knows them: the next try uploads again."""
        for one in content.media:
            held_as = one.ids.get(messenger, "")
            bare = replace(
                one, ids={other: known for other, known in one.ids.items() if other is not messenger}
            )
            giver = holder(bare, messenger)
            if held_as and giver is not None:
                await self._forget(self._name(bare, giver, messenger), held_as)

    async def _forget(self, name: str, held_as: str) -> None:
        if name in self._known and self._known[name].held_as == held_as:
            del self._known[name]
        try:
            await self._store.forget(name, held_as)
        except RedisError as error:
            log.warning("could not forget an expired file id: %s", error)

    async def settle(self) -> None:
        """Wait until nothing is being uploaded."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    async def close(self) -> None:
        """Cancel all uploads."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _id_of(
        self, media: Media, giver: Messenger, messenger: Messenger, wait_seconds: float
    ) -> str | Answer | None:
        name = self._name(media, giver, messenger)
        known = self._known.get(name)
        if known is not None and known.until > time.monotonic():
            return known.held_as
        task = self._tasks.get(name)
        if task is None:
            task = self._tasks[name] = asyncio.create_task(self._obtain(name, media, giver, messenger))
            task.add_done_callback(lambda _: self._tasks.pop(name))
        done, _ = await asyncio.wait({task}, timeout=wait_seconds)
        return task.result() if done else None

    def _name(self, media: Media, giver: Messenger, messenger: Messenger) -> str:
        port = self._messengers.get(messenger)
        account = port.account if isinstance(port, UploadPort) else ""
        words = "\0".join((account, giver.value, media.ids[giver]))
        return f"{messenger.traits.code}:{hashlib.sha256(words.encode()).hexdigest()[:32]}"

    async def _obtain(
        self, name: str, media: Media, giver: Messenger, messenger: Messenger
    ) -> str | Answer | None:
        """The id from the store, or from an upload. None if the store does not answer."""
        try:
            while True:
                result: str | Answer | None = await self._store.get(name)
                if result is None and await self._store.begin(name):
                    result = await self._uploaded(name, media, giver, messenger)
                if result is not None:
                    if isinstance(result, str):
                        self._remember(name, result)
                    return result
                await cancellable_sleep(_PAUSE_SECONDS)
        except RedisError as error:
            log.warning("an upload waits, the store does not answer: %s", error)
            return None

    async def _uploaded(
        self, name: str, media: Media, giver: Messenger, messenger: Messenger
    ) -> str | Answer:
        try:
            # Another worker may have finished just before this one began.
            if held_as := await self._store.get(name):
                return held_as
            result = await self._hand_over(media, giver, messenger)
            if isinstance(result, str):
                await self._store.put(name, result, messenger.traits.media_ids_last - _MARGIN)
                log.info("uploaded %s to %s (%s bytes)", media.kind, messenger, media.size)
            else:
                log.warning("could not upload %s to %s: %s", media.kind, messenger, result.detail)
            return result
        finally:
            await self._store.end(name)

    def _remember(self, name: str, held_as: str) -> None:
        """Keep an id. Failures are tried again: a few equal ones hold the broadcast back."""
        now = time.monotonic()
        self._known = {other: known for other, known in self._known.items() if known.until > now}
        self._known[name] = _Known(held_as, now + _RECALLED_SECONDS)

    async def _hand_over(self, media: Media, giver: Messenger, messenger: Messenger) -> str | Answer:
        source, target = self._messengers.get(giver), self._messengers.get(messenger)
        if not isinstance(source, HandOutPort) or not isinstance(target, UploadPort):
            return replace(_NOT_NOW, detail=f"{giver} is not set up here")
        try:
            file = await source.fetch(media.ids[giver], messenger.traits.media[media.kind].max_bytes)
            if isinstance(file, Answer):
                return _about_file(file)
            named = _named(file, media, messenger)
            return named if isinstance(named, Answer) else _harmless(await target.upload(named))
        except Exception:
            # Nobody was sent anything, and another try does no harm.
            log.exception("could not hand %s of %s over to %s", media.kind, giver, messenger)
            return replace(_NOT_NOW, detail="the adapter failed")


def _named(file: File, media: Media, messenger: Messenger) -> File | Answer:
    """The file with the name that recipients see, and its type."""
    types = messenger.traits.media[media.kind].uploads
    name = media.name or file.name
    kind = types.get(PurePosixPath(name).suffix.lower())
    if kind is None:
        return replace(_REFUSED, detail=f"{messenger} takes no {media.kind} that is named like this one")
    return replace(file, name=name, type=kind)


def _about_file(answer: Answer) -> Answer:
    """The result of fetching: an error of one messenger must not halt the other."""
    if answer.outcome in (Outcome.CONTENT_REFUSED, Outcome.RECIPIENT_REFUSED):
        return replace(_REFUSED, detail=answer.detail)
    if answer.reason is Reason.FILE:
        return replace(_NOT_NOW, detail=answer.detail, retry_after=answer.retry_after)
    return replace(
        _NOT_GIVEN, detail=answer.detail, retry_after=max(GIVER_SECONDS, answer.retry_after or 0.0)
    )


def _harmless(result: str | Answer) -> str | Answer:
    """The result of uploading: never unknown, as nothing was sent to a recipient."""
    if isinstance(result, str) or result.reason is Reason.UNREACHABLE:
        return result
    if result.outcome in (Outcome.CONTENT_REFUSED, Outcome.RECIPIENT_REFUSED):
        return replace(_REFUSED, detail=result.detail)
    if result.outcome in (Outcome.UNKNOWN, Outcome.TRANSIENT):
        return replace(_NOT_NOW, detail=result.detail, retry_after=result.retry_after)
    return result
