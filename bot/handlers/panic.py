"""/panic and /resume, and the buttons that do the same: what one admin does here, all of them are told."""

from __future__ import annotations

import logging

from bot.context import Admin, BotContext, ButtonPress, CallbackAnswer, IncomingMessage, already, old, redraw
from bot.screens import panic as screens_panic
from bot.screens import status as screens_status
from bot.tasks.outbox import Draw
from bot.telegram import incoming
from bot.text.translation import _
from bot.ui.callback_data import ALL, ASK, ReleaseTap
from bot.ui.screen import Screen, plain
from core.domain.audience import EVERYTHING
from core.domain.broadcast import Broadcast
from core.domain.errors import Conflict
from core.domain.messengers.traits import BY_ALIAS, BY_CODE, Messenger
from core.domain.panic import Stop

log = logging.getLogger(__name__)


async def panic(context: BotContext, message: IncomingMessage) -> None:
    """/panic: stops first, and talks then."""
    await context.chat.send(message.admin.chat_id, await _stop(context, message.admin))


async def stop_button(context: BotContext, press: ButtonPress) -> CallbackAnswer:
    """The same by a tap."""
    screen = await _stop(context, press.admin)
    await redraw(context, press, screen)
    return CallbackAnswer(_("Everything is stopped"), alert=True)


async def _stop(context: BotContext, admin: Admin) -> Screen:
    stopped = await context.core.panic.stop(admin.actor)
    if stopped.fresh:
        log.warning("%s stopped everything", admin.actor.id)
        await _hurry_cards(context)
        await _tell_others(context, admin, lambda clock: screens_panic.stop_message(stopped.stop, clock))
    return await _ask(context, stopped.stop)


async def _ask(context: BotContext, stop: Stop) -> Screen:
    running = await context.core.broadcasts.running()
    return screens_panic.resume_question(stop, await context.core.status.read(), running, context.clock())


async def _hurry_cards(context: BotContext) -> None:
    for broadcast in await context.core.broadcasts.running():
        context.live.refresh_soon(broadcast.id)


async def _tell_others(context: BotContext, admin: Admin, screen: Draw) -> None:
    """Each in their own language."""
    for other in set(await context.core.staff.ids()) - {admin.id}:
        await context.outbox.tell(other, screen)


async def released(context: BotContext, press: ButtonPress, tap: ReleaseTap) -> CallbackAnswer:
    """A tap under a stop: asks what shall go on, or lets it. One of an earlier stop does nothing."""
    stop = await context.core.panic.standing()
    if stop is None or screens_panic.stamp(stop) != tap.stamp:
        await redraw(
            context, press, screens_status.status_screen(await context.core.status.read(), context.clock())
        )
        return already() if stop is None else old()
    if tap.what == ASK:
        await redraw(context, press, await _ask(context, stop))
        return CallbackAnswer()
    try:
        screen = await _release(context, press.admin, stop, tap.what)
    except Conflict:
        standing = await context.core.panic.standing()
        if standing is not None:
            await redraw(context, press, await _ask(context, standing))
        return already()
    await redraw(context, press, screen)
    return CallbackAnswer(_("Going on"))


async def _release(context: BotContext, admin: Admin, stop: Stop, what: str) -> Screen:
    """Lets go on what a button names, and tells all; returns what the one who did it sees. Raises Conflict."""
    messenger = BY_CODE.get(what[1:]) if what.startswith("m") else None
    broadcast_id = what[1:] if what.startswith("b") else None
    left = await context.core.panic.release(stop, messenger=messenger, broadcast_id=broadcast_id)
    name = messenger.traits.title if messenger else f"#{broadcast_id}"
    log.warning("%s let %s go on", admin.actor.id, name if left else "everything")
    await _hurry_cards(context)
    await _tell_others(context, admin, lambda _clock: screens_panic.resumed_message(admin.name, name, left))
    return (
        screens_panic.resumed_message(admin.name, name, None) if left is None else await _ask(context, left)
    )


async def resume(context: BotContext, message: IncomingMessage) -> None:
    """/resume asks what shall go on; /resume all, a messenger or an id behind it says so. Raises NotFound, Conflict."""
    named = incoming.without_command(message.text).strip()
    stop = await context.core.panic.standing()
    what = await _read_what(context, named)
    if isinstance(what, Broadcast) and (stop is None or what.id in stop.broadcasts):
        await context.core.broadcasts.resume(what.id)
        context.live.refresh_soon(what.id)
        screen = plain(_("#{id} goes on.").format(id=what.id))
    elif stop is None:
        screen = screens_panic.nothing_stopped()
    elif what == ASK:
        screen = await _ask(context, stop)
    else:
        screen = await _release(context, message.admin, stop, _field(what))
    await context.chat.send(message.admin.chat_id, screen)


async def _read_what(context: BotContext, named: str) -> Broadcast | Messenger | str:
    """ASK, ALL, a messenger, or a broadcast. Raises NotFound."""
    if not named:
        return ASK
    if named.casefold() in EVERYTHING:
        return ALL
    return BY_ALIAS.get(named.casefold()) or await context.core.broadcasts.get(named)


def _field(what: Broadcast | Messenger | str) -> str:
    match what:
        case Broadcast():
            return f"b{what.id}"
        case Messenger():
            return f"m{what.traits.code}"
        case _:
            return what
