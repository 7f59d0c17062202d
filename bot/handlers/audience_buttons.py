"""Taps on the cards of audiences and of lists read from files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.context import Desk, Toast, Touch, already, redraw
from bot.handlers import audiences as audiences_handlers
from bot.handlers import drafts
from bot.screens import audiences as screens_audiences
from bot.screens import quiet_hours as screens_quiet_hours
from bot.text.translation import _, told
from bot.ui.callback_data import AudienceTap
from bot.ui.screen import Screen
from core.domain.audience import nobody_in
from core.domain.errors import Conflict, NotFound
from core.domain.quiet_hours import QuietHours

Handler = Callable[[Desk, Touch, AudienceTap], Awaitable[Toast | None]]


async def tapped(desk: Desk, touch: Touch, tap: AudienceTap) -> Toast | None:
    """Carries the tap out. Raises SenderError."""
    return await _VERBS[tap.verb](desk, touch, tap)


async def _page(desk: Desk, touch: Touch, tap: AudienceTap) -> Toast:
    page = await desk.core.audiences.page(page=int(tap.argument), size=screens_audiences.PAGE_SIZE)
    await redraw(desk, touch, screens_audiences.overview(page))
    return Toast()


async def _new(desk: Desk, touch: Touch, _tap: AudienceTap) -> Toast:
    screen = screens_audiences.ask_name(screens_audiences.FIRST_PAGE)
    await _ask(desk, touch, audiences_handlers.NO_LIST, audiences_handlers.NEW, screen)
    return Toast()


async def _ask(desk: Desk, touch: Touch, list_id: str, field: str, screen: Screen) -> None:
    """What is typed next is the answer to this screen."""
    shown = await redraw(desk, touch, screen)
    await desk.core.drafts.await_input(touch.admin.id, list_id, field, asked_on=shown)


async def _view(desk: Desk, touch: Touch, tap: AudienceTap) -> Toast:
    """Whatever was asked about this audience is asked no more."""
    waiting = await desk.core.drafts.awaiting(touch.admin.id)
    if waiting is not None and waiting[0] == tap.list_id:
        await desk.core.drafts.stop_awaiting(touch.admin.id)
    await _card(desk, touch, tap.list_id)
    return Toast()


async def _card(desk: Desk, touch: Touch, list_id: str, note: str = "") -> None:
    audience = await desk.core.audiences.get(list_id)
    await redraw(desk, touch, await audiences_handlers.card(desk, audience, note))


async def _people(desk: Desk, touch: Touch, tap: AudienceTap) -> Toast:
    audience = await desk.core.audiences.get(tap.list_id)
    leaving = tap.verb == "remove"
    field = audiences_handlers.REMOVE if leaving else audiences_handlers.ADD
    await _ask(desk, touch, audience.id, field, screens_audiences.ask_people(audience, leaving=leaving))
    return Toast()


async def _name(desk: Desk, touch: Touch, tap: AudienceTap) -> Toast:
    """Another name for an audience, or the first one for a list."""
    audience = await desk.core.audiences.get(tap.list_id)
    screen = screens_audiences.ask_name(screens_audiences.way_back(audience), audience.title)
    await _ask(desk, touch, audience.id, audiences_handlers.NAME, screen)
    return Toast()


async def _use(desk: Desk, touch: Touch, tap: AudienceTap) -> Toast:
    chosen = await desk.core.audiences.choose(tap.list_id)
    if not chosen.total:
        return Toast(told(nobody_in(chosen)), alert=True)
    await desk.chat.strip(touch.admin.chat_id, touch.message_id)
    await drafts.post_slots(desk, await drafts.begin(desk, touch.admin, audiences=(chosen,)))
    return Toast()


async def _csv(desk: Desk, touch: Touch, tap: AudienceTap) -> None:
    audience = await desk.core.audiences.get(tap.list_id)
    await desk.chat.answer(touch.query_id, _("Here it comes"))
    number = 0
    async for data in desk.core.audiences.export(audience, say=told):
        number += 1
        name = f"{audience.name}.csv" if number == 1 else f"{audience.name}-{number}.csv"
        await desk.chat.send_file(touch.admin.chat_id, name, data)


async def _left(desk: Desk, touch: Touch, tap: AudienceTap) -> Toast:
    data = await desk.core.audiences.left_out(tap.list_id)
    await desk.chat.send_file(touch.admin.chat_id, _("refused.csv"), data)
    return Toast()


async def _join(desk: Desk, touch: Touch, tap: AudienceTap) -> Toast:
    opened = tap.argument == "1"
    await desk.core.audiences.set_joinable(tap.list_id, joinable=opened)
    await _card(desk, touch, tap.list_id)
    return Toast(_("Whoever has the link can join now") if opened else _("Nobody joins by the link any more"))


async def _quiet(desk: Desk, touch: Touch, tap: AudienceTap) -> Toast:
    audience = await desk.core.audiences.get(tap.list_id)
    screen = screens_quiet_hours.ask(audience, desk.core.settings.quiet)
    await _ask(desk, touch, audience.id, audiences_handlers.QUIET, screen)
    return Toast()


async def _hush(desk: Desk, touch: Touch, tap: AudienceTap) -> Toast:
    hours = QuietHours.never() if tap.argument == "N" else None
    await desk.core.audiences.set_quiet(tap.list_id, hours)
    await desk.core.drafts.stop_awaiting(touch.admin.id)
    await _card(desk, touch, tap.list_id)
    return Toast()


async def _drop(desk: Desk, touch: Touch, tap: AudienceTap) -> Toast:
    await redraw(desk, touch, screens_audiences.ask_delete(await desk.core.audiences.get(tap.list_id)))
    return Toast()


async def _dropped(desk: Desk, touch: Touch, tap: AudienceTap) -> Toast:
    try:
        audience = await desk.core.audiences.get(tap.list_id)
        await desk.core.audiences.delete(tap.list_id, expected=int(tap.argument))
    except NotFound as error:
        await redraw(desk, touch, screens_audiences.gone(told(str(error))))
        return already()
    except Conflict as error:
        await redraw(desk, touch, screens_audiences.ask_delete(await desk.core.audiences.get(tap.list_id)))
        return Toast(told(str(error)), alert=True)
    await redraw(desk, touch, screens_audiences.deleted(audience))
    return Toast(_("Deleted"))


async def _merge(desk: Desk, touch: Touch, tap: AudienceTap) -> None:
    """Everybody read from a file joins an audience, or leaves it. Answered first: a long list takes a while."""
    audiences, leaving = desk.core.audiences, tap.verb == "outof"
    await audiences.get(tap.argument)
    people = await audiences.gather([await audiences.choose(tap.list_id)], ())
    await desk.chat.answer(touch.query_id, _("One moment"))
    change = audiences.remove if leaving else audiences.add
    count = await change(tap.argument, people.recipients)
    await desk.core.drafts.stop_awaiting(touch.admin.id)
    note = audiences_handlers.changed_words(count, len(people.recipients), leaving=leaving)
    await _card(desk, touch, tap.argument, note)


_VERBS: dict[str, Handler] = {
    "page": _page,
    "new": _new,
    "view": _view,
    "add": _people,
    "remove": _people,
    "rename": _name,
    "save": _name,
    "use": _use,
    "csv": _csv,
    "left": _left,
    "join": _join,
    "quiet": _quiet,
    "hush": _hush,
    "drop": _drop,
    "dropped": _dropped,
    "into": _merge,
    "outof": _merge,
}
