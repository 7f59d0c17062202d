"""Taps on the card of a series."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.context import Desk, Toast, Touch, already, old, redraw
from bot.handlers import drafts, recipients
from bot.screens import drafts as screens_drafts
from bot.screens import recipients as screens_recipients
from bot.screens import recurrence as screens_recurrence
from bot.screens import series as screens_series
from bot.text.translation import _
from bot.ui.callback_data import ListTap, Tap, read_back
from bot.ui.screen import Screen
from core.domain.broadcast import Broadcast
from core.domain.errors import Conflict, NotFound
from core.domain.series import Series, SeriesStatus

Handler = Callable[[Desk, Touch, Tap, Series], Awaitable[Toast]]
_LIST = ListTap("s", 1, "a")
_GOALS = {
    "pause": SeriesStatus.PAUSED,
    "resume": SeriesStatus.ACTIVE,
    "stop": SeriesStatus.STOPPED,
    "stopped": SeriesStatus.STOPPED,
}
"""How a series stands when somebody has done before what the tap asks for."""


async def screen(desk: Desk, series: Series, back: ListTap = _LIST) -> Screen:
    """The card with the latest broadcasts of the series."""
    made: list[Broadcast] = []
    for broadcast_id in series.made_ids[:3]:
        try:
            made.append(await desk.core.broadcasts.get(broadcast_id))
        except NotFound:
            continue
    return screens_series.item(series, made, desk.present(), back)


async def is_one(desk: Desk, series_id: str) -> bool:
    """Whether there is a series of that id."""
    try:
        await desk.core.recurring.get(series_id)
    except NotFound:
        return False
    return True


async def tapped(desk: Desk, touch: Touch, tap: Tap) -> Toast:
    """Carries the tap out. Raises NotFound."""
    series = await desk.core.recurring.get(tap.subject.id)
    if tap.verb != "view" and tap.subject.stamp != str(series.revision):
        return await _moved_on(desk, touch, tap, series)
    try:
        return await _VERBS[tap.verb](desk, touch, tap, series)
    except Conflict:
        return await _moved_on(desk, touch, tap, await desk.core.recurring.get(series.id))


async def _moved_on(desk: Desk, touch: Touch, tap: Tap, series: Series) -> Toast:
    await redraw(desk, touch, await screen(desk, series))
    return already() if series.status is _GOALS.get(tap.verb) else old()


async def _view(desk: Desk, touch: Touch, tap: Tap, series: Series) -> Toast:
    await redraw(desk, touch, await screen(desk, series, read_back(tap.argument)))
    return Toast()


async def _skip(desk: Desk, touch: Touch, _tap: Tap, series: Series) -> Toast:
    await redraw(desk, touch, await screen(desk, await desk.core.recurring.skip_next(series)))
    return Toast(_("Left out; the one after it is the next"))


async def _pause(desk: Desk, touch: Touch, _tap: Tap, series: Series) -> Toast:
    await redraw(desk, touch, await screen(desk, await desk.core.recurring.pause(series)))
    return Toast(_("Paused"))


async def _resume(desk: Desk, touch: Touch, _tap: Tap, series: Series) -> Toast:
    await redraw(desk, touch, await screen(desk, await desk.core.recurring.resume(series)))
    return Toast(_("Going on"))


async def _stop(desk: Desk, touch: Touch, _tap: Tap, series: Series) -> Toast:
    await redraw(desk, touch, screens_series.ask_stop(series))
    return Toast()


async def _stopped(desk: Desk, touch: Touch, _tap: Tap, series: Series) -> Toast:
    await redraw(desk, touch, await screen(desk, await desk.core.recurring.stop(series)))
    return Toast(_("Stopped"))


async def _edit(desk: Desk, touch: Touch, tap: Tap, series: Series) -> Toast:
    """A draft of the series as it is, open where it is to be changed; confirmed, it holds from the next time on."""
    if not await desk.core.drafts.first_tap(touch.admin.id, touch.message_id, tap.verb + tap.argument):
        return already()
    order = series.order
    draft = await drafts.begin(desk, touch.admin, content=order.content, audiences=order.audiences)
    draft = await drafts.keep(
        desk,
        replace(
            draft,
            repeat=order.repeat,
            series_id=series.id,
            series_revision=series.revision,
            late=order.late.value if order.late else "",
            loud=not order.quiet,
        ),
    )
    await desk.core.drafts.await_input(touch.admin.id, draft.id, tap.argument)
    present = replace(desk.present(), zone=order.repeat.clock)
    match tap.argument:
        case "text":
            await drafts.post(desk, draft, screens_drafts.ask_text)
        case "who":
            shelf = await recipients.shelf(desk)
            await drafts.post(desk, draft, lambda drawn: screens_recipients.ask(drawn, shelf))
        case _:
            await drafts.post(desk, draft, lambda drawn: screens_recurrence.kinds(drawn, present))
    return Toast(_("Change it below, then confirm"))


_VERBS: dict[str, Handler] = {
    "view": _view,
    "skip": _skip,
    "pause": _pause,
    "resume": _resume,
    "stop": _stop,
    "stopped": _stopped,
    "edit": _edit,
}
