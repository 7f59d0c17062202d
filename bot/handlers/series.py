"""Taps on the card of a series."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.context import BotContext, ButtonPress, CallbackAnswer, already, old, redraw
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

Handler = Callable[[BotContext, ButtonPress, Tap, Series], Awaitable[CallbackAnswer]]
_LIST = ListTap("s", 1, "a")
_GOALS = {
    "pause": SeriesStatus.PAUSED,
    "resume": SeriesStatus.ACTIVE,
    "stop": SeriesStatus.STOPPED,
    "stopped": SeriesStatus.STOPPED,
}
"""How a series stands when somebody has done before what the tap asks for."""


async def screen(context: BotContext, series: Series, back: ListTap = _LIST) -> Screen:
    """The card with the latest broadcasts of the series."""
    made: list[Broadcast] = []
    for broadcast_id in series.made_ids[:3]:
        try:
            made.append(await context.core.broadcasts.get(broadcast_id))
        except NotFound:
            continue
    return screens_series.series_card(series, made, context.clock(), back)


async def is_one(context: BotContext, series_id: str) -> bool:
    """Whether there is a series of that id."""
    try:
        await context.core.recurring.get(series_id)
    except NotFound:
        return False
    return True


async def handle(context: BotContext, press: ButtonPress, tap: Tap) -> CallbackAnswer:
    """Carries the tap out. Raises NotFound."""
    series = await context.core.recurring.get(tap.subject.id)
    if tap.verb != "view" and tap.subject.stamp != str(series.revision):
        return await _moved_on(context, press, tap, series)
    try:
        return await _VERBS[tap.verb](context, press, tap, series)
    except Conflict:
        return await _moved_on(context, press, tap, await context.core.recurring.get(series.id))


async def _moved_on(context: BotContext, press: ButtonPress, tap: Tap, series: Series) -> CallbackAnswer:
    await redraw(context, press, await screen(context, series))
    return already() if series.status is _GOALS.get(tap.verb) else old()


async def _view(context: BotContext, press: ButtonPress, tap: Tap, series: Series) -> CallbackAnswer:
    await redraw(context, press, await screen(context, series, read_back(tap.argument)))
    return CallbackAnswer()


async def _skip(context: BotContext, press: ButtonPress, _tap: Tap, series: Series) -> CallbackAnswer:
    await redraw(context, press, await screen(context, await context.core.recurring.skip_next(series)))
    return CallbackAnswer(_("Left out; the one after it is the next"))


async def _pause(context: BotContext, press: ButtonPress, _tap: Tap, series: Series) -> CallbackAnswer:
    await redraw(context, press, await screen(context, await context.core.recurring.pause(series)))
    return CallbackAnswer(_("Paused"))


async def _resume(context: BotContext, press: ButtonPress, _tap: Tap, series: Series) -> CallbackAnswer:
    await redraw(context, press, await screen(context, await context.core.recurring.resume(series)))
    return CallbackAnswer(_("Going on"))


async def _stop(context: BotContext, press: ButtonPress, _tap: Tap, series: Series) -> CallbackAnswer:
    await redraw(context, press, screens_series.stop_question(series))
    return CallbackAnswer()


async def _stopped(context: BotContext, press: ButtonPress, _tap: Tap, series: Series) -> CallbackAnswer:
    await redraw(context, press, await screen(context, await context.core.recurring.stop(series)))
    return CallbackAnswer(_("Stopped"))


async def _edit(context: BotContext, press: ButtonPress, tap: Tap, series: Series) -> CallbackAnswer:
    """A draft of the series as it is, open where it is to be changed; confirmed, it holds from the next time on."""
    if not await context.core.drafts.first_tap(press.admin.id, press.message_id, tap.verb + tap.argument):
        return already()
    order = series.order
    draft = await drafts.create(context, press.admin, content=order.content, audiences=order.audiences)
    draft = await drafts.save(
        context,
        replace(
            draft,
            repeat=order.repeat,
            series_id=series.id,
            series_revision=series.revision,
            late=order.late.value if order.late else "",
            ignore_quiet_hours=order.ignore_quiet_hours,
        ),
    )
    await context.core.drafts.await_input(press.admin.id, draft.id, tap.argument)
    clock = replace(context.clock(), zone=order.repeat.clock)
    match tap.argument:
        case "text":
            await drafts.post(context, draft, screens_drafts.text_prompt)
        case "who":
            shelf = await recipients.shelf(context)
            await drafts.post(
                context, draft, lambda drawn: screens_recipients.recipients_prompt(drawn, shelf)
            )
        case _:
            await drafts.post(context, draft, lambda drawn: screens_recurrence.frequency_menu(drawn, clock))
    return CallbackAnswer(_("Change it below, then confirm"))


_VERBS: dict[str, Handler] = {
    "view": _view,
    "skip": _skip,
    "pause": _pause,
    "resume": _resume,
    "stop": _stop,
    "stopped": _stopped,
    "edit": _edit,
}
