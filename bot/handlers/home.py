"""Taps that belong to no single broadcast: lists, purge, status, home."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.context import Admin, Desk, Toast, Touch, already, redraw
from bot.handlers import drafts, panic, search, time_zone
from bot.screens import approvals as screens_approvals
from bot.screens import draft_questions as screens_draft_questions
from bot.screens import home as screens_home
from bot.screens import lists as screens_lists
from bot.screens import purge as screens_purge
from bot.screens import status as screens_status
from bot.telegram.incoming import made_of
from bot.text.translation import _, told
from bot.ui.callback_data import SEARCH, ListTap, MenuTap, PurgeTap, ResumeTap, StaleScreen
from bot.ui.screen import Screen
from core.domain.errors import Conflict
from core.domain.team import Role
from core.services.broadcasts import FinishedFilter
from core.services.purge import PurgeKind

_FILTERS = {"a": FinishedFilter.ALL, "f": FinishedFilter.FAILURES, "c": FinishedFilter.CANCELLED}


async def home_screen(desk: Desk, admin: Admin) -> Screen:
    ended = (await desk.core.broadcasts.finished(size=1)).total
    role = await desk.core.staff.role(admin.id) or Role.VIEWER
    status, present = await desk.core.status.read(), desk.present()
    failed = await desk.core.reports.failed_since(present.midnight)
    opened = await drafts.awaited(desk, admin)
    return screens_home.home(
        admin.name,
        role,
        status,
        present,
        finished=ended,
        failed_today=failed,
        going_on=screens_draft_questions.go_on(opened[0]) if opened else (),
    )


async def status_screen(desk: Desk) -> Screen:
    return screens_status.status_screen(await desk.core.status.read(), desk.present())


async def list_screen(desk: Desk, tap: ListTap) -> Screen:
    """A page of what waits, runs or has ended."""
    broadcasts, size = desk.core.broadcasts, screens_lists.PAGE_SIZE
    match tap.which:
        case "s":
            planned = await desk.core.recurring.planned(page=tap.page, size=size)
            waiting = len(await desk.core.approval.waiting())
            return screens_approvals.with_waiting(screens_lists.scheduled(planned, desk.present()), waiting)
        case "f":
            page = await broadcasts.finished(page=tap.page, size=size, which=_FILTERS[tap.shown])
            return screens_lists.finished(page, tap.shown, desk.present())
        case _:
            return screens_lists.running(await broadcasts.running())


async def purge_screen(desk: Desk) -> Screen:
    return screens_purge.choices([await desk.core.purge.offer(kind) for kind in PurgeKind])


async def purge_question(desk: Desk, kind: PurgeKind) -> Screen:
    """The question with today's count, or the choices when there is nothing left of that kind."""
    offer = await desk.core.purge.offer(kind)
    return screens_purge.question(offer, desk.present()) if offer.broadcasts else await purge_screen(desk)


async def listed(desk: Desk, touch: Touch, tap: ListTap) -> Toast:
    found = tap.which.startswith(SEARCH)
    await redraw(
        desk, touch, await (search.page(desk, touch.admin, tap) if found else list_screen(desk, tap))
    )
    return Toast()


async def resumed(desk: Desk, touch: Touch, tap: ResumeTap) -> Toast:
    await desk.core.status.resume_messenger(tap.messenger)
    await redraw(desk, touch, await status_screen(desk))
    return Toast(_("{messenger} goes on").format(messenger=tap.messenger.traits.title))


async def purged(desk: Desk, touch: Touch, tap: PurgeTap) -> Toast:
    """Asks first; deletes only when the count is still the one that was named."""
    kind = screens_purge.BY_CODE.get(tap.kind)
    if kind is None:
        raise StaleScreen
    if tap.count is None:
        await redraw(desk, touch, await purge_question(desk, kind))
        return Toast()
    try:
        gone = await desk.core.purge.carry_out(kind, expected=tap.count)
    except Conflict as error:
        await redraw(desk, touch, await purge_question(desk, kind))
        left = (await desk.core.purge.offer(kind)).broadcasts
        return Toast(told(str(error)), alert=True) if left else already()
    await redraw(desk, touch, screens_purge.done(await desk.core.purge.offer(kind), gone))
    return Toast(_("Done"))


async def menu(desk: Desk, touch: Touch, tap: MenuTap) -> Toast:
    return await _MENU[tap.verb](desk, touch)


async def _home(desk: Desk, touch: Touch) -> Toast:
    await redraw(desk, touch, await home_screen(desk, touch.admin))
    return Toast()


async def _help(desk: Desk, touch: Touch) -> Toast:
    await time_zone.settle(desk, touch.admin)
    await redraw(desk, touch, await time_zone.help_screen(desk, touch.admin))
    return Toast()


async def _status(desk: Desk, touch: Touch) -> Toast:
    await redraw(desk, touch, await status_screen(desk))
    return Toast()


async def _purge(desk: Desk, touch: Touch) -> Toast:
    await redraw(desk, touch, await purge_screen(desk))
    return Toast()


async def _new(desk: Desk, touch: Touch) -> Toast:
    await drafts.post_slots(desk, await drafts.begin(desk, touch.admin))
    return Toast()


async def _take(desk: Desk, touch: Touch) -> Toast:
    """The words that the question stands under become the text of a new order."""
    if touch.replied is None:
        return Toast(_("I cannot see that text any more. /send, then write it again."), alert=True)
    await desk.chat.strip(touch.admin.chat_id, touch.message_id)
    draft = await drafts.begin(desk, touch.admin, content=made_of(touch.replied), text_from=touch.replied_id)
    await drafts.post_slots(desk, draft)
    return Toast()


async def _close(desk: Desk, touch: Touch) -> Toast:
    await redraw(desk, touch, Screen(_("Closed; nothing was changed.")))
    return Toast()


_MENU: dict[str, Callable[[Desk, Touch], Awaitable[Toast]]] = {
    "home": _home,
    "status": _status,
    "help": _help,
    "purge": _purge,
    "new": _new,
    "take": _take,
    "close": _close,
    "panic": panic.stop_button,
    "search": search.ask,
}
