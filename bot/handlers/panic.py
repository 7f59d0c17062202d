"""/panic and /resume, and their buttons. All other admins are told."""

from __future__ import annotations

import logging
from dataclasses import replace

from bot.context import BotContext, CallbackAnswer, Reply, Result, already, old
from bot.requests import Admin, ButtonPress, IncomingMessage, Request
from bot.routes import any_of, button
from bot.screens.panic import (
    nothing_stopped,
    resume_one_question,
    resume_question,
    resumed_message,
    stamp,
    stop_message,
)
from bot.screens.status import status_screen
from bot.tasks.outbox import Draw
from bot.text.translation import _
from bot.ui.callback_data import BOT, Release
from bot.ui.screen import Screen, plain
from core.domain.audience import EVERYTHING
from core.domain.errors import Conflict
from core.domain.messengers.traits import BY_ALIAS
from core.domain.panic import PanicStop
from core.domain.team import Role

log = logging.getLogger(__name__)


async def stop(context: BotContext, request: Request) -> Reply:
    """/panic, or its button: stop first, then reply."""
    stopped = await context.core.panic.stop(request.admin.actor)
    if stopped.fresh:
        log.warning("%s stopped everything", request.admin.actor.id)
        await _refresh_cards(context)
        about = f"stop:{stamp(stopped.stop)}"
        await _tell_others(context, request.admin, lambda _clock: stop_message(stopped.stop), about=about)
    return Reply(await _ask(context, stopped.stop), CallbackAnswer(_("All sending paused"), alert=True))


async def _ask(context: BotContext, stop: PanicStop) -> Screen:
    running = await context.core.broadcasts.running()
    return resume_question(stop, await context.core.status.read(), running, context.clock())


async def _refresh_cards(context: BotContext) -> None:
    for broadcast in await context.core.broadcasts.running():
        context.live.refresh_soon(broadcast.id)


async def _tell_others(context: BotContext, admin: Admin, screen: Draw, *, about: str) -> None:
    for other in set(await context.core.team.ids()) - {admin.id}:
        await context.outbox.tell(other, screen, about=about)


async def _released(context: BotContext, press: ButtonPress, wanted: Release) -> Result:
    """Ask what to resume, or resume it. A button of an earlier stop does nothing."""
    current = await context.core.panic.current()
    if wanted.below:
        if current is None:
            return already()
        if await context.core.presses.is_first(press.admin.id, press.message_id, "resume"):
            await context.chat.send(press.admin.chat_id, await _ask(context, current))
        return CallbackAnswer()
    if current is None or stamp(current) != wanted.stamp:
        screen = status_screen(await context.core.status.read(), context.clock())
        return Reply(screen, already() if current is None else old())
    if wanted.ask:
        return await _ask(context, current)
    if wanted.one:
        return resume_one_question(current, await context.core.broadcasts.running())
    try:
        return Reply(await _release(context, press.admin, current, wanted), CallbackAnswer(_("Resumed")))
    except Conflict:
        current = await context.core.panic.current()
        return already() if current is None else Reply(await _ask(context, current), already())


async def _release(context: BotContext, admin: Admin, stop: PanicStop, wanted: Release) -> Screen:
    """Resume, tell the other admins, and return the screen for this one. Raises Conflict."""
    messenger, broadcast_id = wanted.messenger, wanted.broadcast_id
    left = await context.core.panic.release(stop, messenger=messenger, broadcast_id=broadcast_id)
    name = messenger.traits.title if messenger else f"#{broadcast_id}"
    log.warning("%s resumed %s", admin.actor.id, name if left else "everything")
    await _refresh_cards(context)
    about = f"stop:{stamp(stop)}"
    # While the rest stays paused, the button is on the new message, which the next one to resume changes.
    await context.outbox.retell(
        about, lambda _clock: replace(resumed_message(admin.name, name, left), rows=())
    )
    told = "" if left is None else about
    await _tell_others(context, admin, lambda _clock: resumed_message(admin.name, name, left), about=told)
    return resumed_message(admin.name, name, None) if left is None else await _ask(context, left)


async def resume(context: BotContext, message: IncomingMessage) -> Screen:
    """/resume asks what to resume; with "all", a messenger or an id, it resumes that. Raises NotFound, Conflict."""
    named = message.argument
    current = await context.core.panic.current()
    wanted = Release("" if current is None else stamp(current), ask=not named)
    if named and named.casefold() not in EVERYTHING:
        messenger = BY_ALIAS.get(named.casefold())
        broadcast = None if messenger else await context.core.broadcasts.get(named)
        if broadcast is not None and (current is None or broadcast.id in current.released_broadcasts):
            await context.core.broadcasts.resume(broadcast.id)
            context.live.refresh_soon(broadcast.id)
            return plain(_("#{id} resumed.").format(id=broadcast.id))
        wanted = Release(wanted.stamp, messenger=messenger, broadcast_id=broadcast.id if broadcast else None)
    if current is None:
        return nothing_stopped()
    return await (_ask(context, current) if wanted.ask else _release(context, message.admin, current, wanted))


BUTTONS = (
    button(BOT.to("panic"), Role.EDITOR, stop),
    any_of("k", Role.EDITOR, _released),
)
