"""Buttons on the card of a series."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from bot.context import BotContext, CallbackAnswer, Reply, Result, already, old
from bot.handlers import drafts, recipients
from bot.requests import ButtonPress
from bot.routes import BACK, SERIES, Argument, Route, drawn
from bot.screens.drafts import text_prompt
from bot.screens.recurrence import frequency_menu
from bot.screens.series import edit_menu, skip_last_question, stop_question
from bot.tasks.series_cards import series_screen
from bot.text import formatting
from bot.text.translation import _, translate
from bot.ui.callback_data import SCHEDULED_LIST, ListPage, SubjectAction
from bot.ui.screen import Screen
from core.domain.content.variables import defaults
from core.domain.errors import Conflict
from core.domain.series import Series, SeriesStatus
from core.domain.team import Role
from core.domain.translatable import sentence
from core.services.series import SeriesService

_PART: Final = Argument("text|who|when", str)
_GOALS: Final = {
    "pause": SeriesStatus.PAUSED,
    "resume": SeriesStatus.ACTIVE,
    "stop": SeriesStatus.STOPPED,
    "stopped": SeriesStatus.STOPPED,
}
"""The status that a button leads to: a repeated tap is answered with "Already done"."""


async def screen(context: BotContext, series: Series, back: ListPage = SCHEDULED_LIST) -> Screen:
    return await series_screen(context.core, series, context.clock(), back)


async def open_series(
    context: BotContext,
    action: SubjectAction,
    route: Route,
    carry_out: Callable[[Series], Awaitable[Result]],
) -> Result:
    """Carry out a button on its series, or redraw a card that is out of date. Raises NotFound."""
    series = await context.core.series.get(action.subject.id)
    try:
        if route.in_any_state or action.subject.stamp == str(series.revision):
            result = await carry_out(series)
            # Other admins look at cards of it too.
            context.series.wake()
            return result
    except Conflict:
        series = await context.core.series.get(series.id)
    done = series.status is _GOALS.get(action.verb)
    return Reply(await screen(context, series), already() if done else old())


async def _view(context: BotContext, _press: ButtonPress, series: Series, back: ListPage) -> Screen:
    return await screen(context, series, back)


def _steered(
    steer: Callable[[SeriesService, Series], Awaitable[Series]], answer: str
) -> Callable[[BotContext, ButtonPress, Series], Awaitable[Reply]]:
    async def handle(context: BotContext, _press: ButtonPress, series: Series) -> Reply:
        changed = await steer(context.core.series, series)
        return Reply(await screen(context, changed), CallbackAnswer(translate(answer)))

    return handle


async def _skip(context: BotContext, _press: ButtonPress, series: Series) -> Result:
    if series.next_at and series.order.repeat.following(series.next_at, made=series.made) is None:
        return skip_last_question(series)
    changed = await context.core.series.skip_next(series)
    when = formatting.moment_in_city(series.next_at, context.clock().zone) if series.next_at else ""
    return Reply(await screen(context, changed), CallbackAnswer(_("Skipped: {when}").format(when=when)))


async def _edit(context: BotContext, press: ButtonPress, series: Series, part: str) -> CallbackAnswer:
    """Open the draft that changes the series at one part; create it where there is none."""
    order = series.order
    opened = await context.core.drafts.change_of(press.admin.id, series.id)
    if opened is not None and opened.series_revision != series.revision:
        opened = None
    draft = opened or await drafts.create(
        context,
        replace(
            drafts.blank(press.admin),
            content=order.content,
            defaults=defaults(order.content),
            audiences=order.audiences,
            repeat=order.repeat,
            series_id=series.id,
            series_revision=series.revision,
            late=order.late.value if order.late else "",
            ignore_quiet_hours=order.ignore_quiet_hours,
            try_again_days=order.try_again_days,
            everywhere=order.everywhere,
            messenger_order=order.messenger_order,
        ),
    )
    await context.core.prompts.open(press.admin.id, draft.id, part)
    clock = replace(context.clock(), zone=order.repeat.clock)
    match part:
        case "text":
            await drafts.post(context, draft, text_prompt)
        case "who":
            await recipients.post(context, draft)
        case _:
            await drafts.post(context, draft, lambda drawn: frequency_menu(drawn, clock))
    return CallbackAnswer(_("Edit it below, then confirm"))


BUTTONS = (
    SERIES.button("view", Role.VIEWER, _view, BACK, in_any_state=True),
    SERIES.button("skip", Role.EDITOR, _skip),
    SERIES.button("unskip", Role.EDITOR, _steered(SeriesService.unskip, sentence("It will be sent"))),
    SERIES.button("pause", Role.EDITOR, _steered(SeriesService.pause, sentence("Paused"))),
    SERIES.button("resume", Role.EDITOR, _steered(SeriesService.resume, sentence("Resumed"))),
    SERIES.button("stop", Role.EDITOR, drawn(stop_question)),
    SERIES.button("stopped", Role.EDITOR, _steered(SeriesService.stop, sentence("Stopped"))),
    SERIES.button("parts", Role.EDITOR, drawn(edit_menu)),
    SERIES.button("edit", Role.EDITOR, _edit, _PART, once=True),
)
