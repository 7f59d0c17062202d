"""Taps that belong to no single broadcast: lists, purge, status, home."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.context import Admin, BotContext, ButtonPress, CallbackAnswer, already, redraw
from bot.handlers import drafts, panic, search, time_zone
from bot.screens import approvals as screens_approvals
from bot.screens import draft_questions as screens_draft_questions
from bot.screens import home as screens_home
from bot.screens import lists as screens_lists
from bot.screens import purge as screens_purge
from bot.screens import status as screens_status
from bot.telegram.incoming import order_content
from bot.text.translation import _, translate
from bot.ui.callback_data import SEARCH, ListTap, MenuTap, PurgeTap, ResumeTap, StaleScreen
from bot.ui.screen import Screen
from core.domain.errors import Conflict
from core.services.broadcasts import FinishedFilter
from core.services.purge import PurgeKind

_FILTERS = {"a": FinishedFilter.ALL, "f": FinishedFilter.FAILURES, "c": FinishedFilter.CANCELLED}


async def home_screen(context: BotContext, admin: Admin) -> Screen:
    ended = (await context.core.broadcasts.finished(size=1)).total
    status, clock = await context.core.status.read(), context.clock()
    failed = await context.core.reports.failed_since(clock.midnight)
    opened = await drafts.awaited(context, admin)
    return screens_home.home_screen(
        admin.name,
        admin.role,
        status,
        clock,
        finished=ended,
        failed_today=failed,
        going_on=screens_draft_questions.open_draft_rows(opened[0]) if opened else (),
    )


async def status_screen(context: BotContext) -> Screen:
    return screens_status.status_screen(await context.core.status.read(), context.clock())


async def list_screen(context: BotContext, tap: ListTap) -> Screen:
    """A page of what waits, runs or has ended."""
    broadcasts, size = context.core.broadcasts, screens_lists.PAGE_SIZE
    match tap.which:
        case "s":
            planned = await context.core.recurring.planned(page=tap.page, size=size)
            waiting = len(await context.core.approval.waiting())
            return screens_approvals.with_waiting_rows(
                screens_lists.scheduled_list(planned, context.clock()), waiting
            )
        case "f":
            page = await broadcasts.finished(page=tap.page, size=size, which=_FILTERS[tap.shown])
            return screens_lists.finished_list(page, tap.shown, context.clock())
        case _:
            return screens_lists.running_list(await broadcasts.running())


async def purge_screen(context: BotContext) -> Screen:
    return screens_purge.purge_menu([await context.core.purge.offer(kind) for kind in PurgeKind])


async def purge_question(context: BotContext, kind: PurgeKind) -> Screen:
    """The question with today's count, or the choices when there is nothing left of that kind."""
    offer = await context.core.purge.offer(kind)
    return (
        screens_purge.purge_question(offer, context.clock())
        if offer.broadcasts
        else await purge_screen(context)
    )


async def listed(context: BotContext, press: ButtonPress, tap: ListTap) -> CallbackAnswer:
    found = tap.which.startswith(SEARCH)
    await redraw(
        context, press, await (search.page(context, press.admin, tap) if found else list_screen(context, tap))
    )
    return CallbackAnswer()


async def resumed(context: BotContext, press: ButtonPress, tap: ResumeTap) -> CallbackAnswer:
    await context.core.status.resume_messenger(tap.messenger)
    await redraw(context, press, await status_screen(context))
    return CallbackAnswer(_("{messenger} goes on").format(messenger=tap.messenger.traits.title))


async def purged(context: BotContext, press: ButtonPress, tap: PurgeTap) -> CallbackAnswer:
    """Asks first; deletes only when the count is still the one that was named."""
    kind = screens_purge.BY_CODE.get(tap.kind)
    if kind is None:
        raise StaleScreen
    if tap.count is None:
        await redraw(context, press, await purge_question(context, kind))
        return CallbackAnswer()
    try:
        gone = await context.core.purge.carry_out(kind, expected=tap.count)
    except Conflict as error:
        await redraw(context, press, await purge_question(context, kind))
        left = (await context.core.purge.offer(kind)).broadcasts
        return CallbackAnswer(translate(str(error)), alert=True) if left else already()
    await redraw(context, press, screens_purge.purge_result(await context.core.purge.offer(kind), gone))
    return CallbackAnswer(_("Done"))


async def menu(context: BotContext, press: ButtonPress, tap: MenuTap) -> CallbackAnswer:
    return await _MENU[tap.verb](context, press)


async def _home(context: BotContext, press: ButtonPress) -> CallbackAnswer:
    await redraw(context, press, await home_screen(context, press.admin))
    return CallbackAnswer()


async def _help(context: BotContext, press: ButtonPress) -> CallbackAnswer:
    await time_zone.settle(context, press.admin)
    await redraw(context, press, await time_zone.help_screen(context, press.admin))
    return CallbackAnswer()


async def _status(context: BotContext, press: ButtonPress) -> CallbackAnswer:
    await redraw(context, press, await status_screen(context))
    return CallbackAnswer()


async def _purge(context: BotContext, press: ButtonPress) -> CallbackAnswer:
    await redraw(context, press, await purge_screen(context))
    return CallbackAnswer()


async def _new(context: BotContext, press: ButtonPress) -> CallbackAnswer:
    await drafts.post_slots(context, await drafts.create(context, press.admin))
    return CallbackAnswer()


async def _take(context: BotContext, press: ButtonPress) -> CallbackAnswer:
    """The words that the question stands under become the text of a new order."""
    if press.replied is None:
        return CallbackAnswer(_("I cannot see that text any more. /send, then write it again."), alert=True)
    await context.chat.strip(press.admin.chat_id, press.message_id)
    draft = await drafts.create(
        context, press.admin, content=order_content(press.replied), text_from=press.replied_id
    )
    await drafts.post_slots(context, draft)
    return CallbackAnswer()


async def _close(context: BotContext, press: ButtonPress) -> CallbackAnswer:
    await redraw(context, press, Screen(_("Closed; nothing was changed.")))
    return CallbackAnswer()


_MENU: dict[str, Callable[[BotContext, ButtonPress], Awaitable[CallbackAnswer]]] = {
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
