"""/panic and /resume, and the buttons that do the same: what one admin does here, all of them are told."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.context import Admin, Desk, Said, Toast, Touch, already, old, redraw
from bot.screens import panic as screens_panic
from bot.screens import status as screens_status
from bot.tasks.notify import tell
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


async def panic(desk: Desk, said: Said) -> None:
    """/panic: stops first, and talks then."""
    await desk.chat.send(said.admin.chat_id, await _stop(desk, said.admin))


async def stop_button(desk: Desk, touch: Touch) -> Toast:
    """The same by a tap."""
    screen = await _stop(desk, touch.admin)
    await redraw(desk, touch, screen)
    return Toast(_("Everything is stopped"), alert=True)


async def _stop(desk: Desk, admin: Admin) -> Screen:
    stopped = await desk.core.panic.stop(admin.author, admin.name)
    if stopped.fresh:
        log.warning("%s stopped everything", admin.author)
        await _hurry_cards(desk)
        await _tell_others(desk, admin, lambda: screens_panic.told(stopped.stop, desk.present()))
    return await _ask(desk, stopped.stop)


async def _ask(desk: Desk, stop: Stop) -> Screen:
    running = await desk.core.broadcasts.running()
    return screens_panic.ask(stop, await desk.core.status.read(), running, desk.present())


async def _hurry_cards(desk: Desk) -> None:
    for broadcast in await desk.core.broadcasts.running():
        desk.live.hurry(broadcast.id)


async def _tell_others(desk: Desk, admin: Admin, screen: Callable[[], Screen]) -> None:
    """Each in their own language."""
    for other in set(await desk.core.staff.ids()) - {admin.id}:
        await tell(desk.core, desk.chat, other, screen)


async def released(desk: Desk, touch: Touch, tap: ReleaseTap) -> Toast:
    """A tap under a stop: asks what shall go on, or lets it. One of an earlier stop does nothing."""
    stop = await desk.core.panic.standing()
    if stop is None or screens_panic.stamp(stop) != tap.stamp:
        await redraw(desk, touch, screens_status.status_screen(await desk.core.status.read(), desk.present()))
        return already() if stop is None else old()
    if tap.what == ASK:
        await redraw(desk, touch, await _ask(desk, stop))
        return Toast()
    try:
        screen = await _release(desk, touch.admin, stop, tap.what)
    except Conflict:
        standing = await desk.core.panic.standing()
        if standing is not None:
            await redraw(desk, touch, await _ask(desk, standing))
        return already()
    await redraw(desk, touch, screen)
    return Toast(_("Going on"))


async def _release(desk: Desk, admin: Admin, stop: Stop, what: str) -> Screen:
    """Lets go on what a button names, and tells all; returns what the one who did it sees. Raises Conflict."""
    messenger = BY_CODE.get(what[1:]) if what.startswith("m") else None
    broadcast_id = what[1:] if what.startswith("b") else None
    left = await desk.core.panic.release(stop, messenger=messenger, broadcast_id=broadcast_id)
    name = messenger.traits.title if messenger else f"#{broadcast_id}"
    log.warning("%s let %s go on", admin.author, name if left else "everything")
    await _hurry_cards(desk)
    await _tell_others(desk, admin, lambda: screens_panic.goes_on(admin.name, name, left))
    return screens_panic.goes_on(admin.name, name, None) if left is None else await _ask(desk, left)


async def resume(desk: Desk, said: Said) -> None:
    """/resume asks what shall go on; /resume all, a messenger or an id behind it says so. Raises NotFound, Conflict."""
    named = incoming.without_command(said.text).strip()
    stop = await desk.core.panic.standing()
    what = await _read_what(desk, named)
    if isinstance(what, Broadcast) and (stop is None or what.id in stop.broadcasts):
        await desk.core.broadcasts.resume(what.id)
        desk.live.hurry(what.id)
        screen = plain(_("#{id} goes on.").format(id=what.id))
    elif stop is None:
        screen = screens_panic.nothing()
    elif what == ASK:
        screen = await _ask(desk, stop)
    else:
        screen = await _release(desk, said.admin, stop, _field(what))
    await desk.chat.send(said.admin.chat_id, screen)


async def _read_what(desk: Desk, named: str) -> Broadcast | Messenger | str:
    """ASK, ALL, a messenger, or a broadcast. Raises NotFound."""
    if not named:
        return ASK
    if named.casefold() in EVERYTHING:
        return ALL
    return BY_ALIAS.get(named.casefold()) or await desk.core.broadcasts.get(named)


def _field(what: Broadcast | Messenger | str) -> str:
    match what:
        case Broadcast():
            return f"b{what.id}"
        case Messenger():
            return f"m{what.traits.code}"
        case _:
            return what
