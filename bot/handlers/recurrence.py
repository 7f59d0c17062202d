"""The recurrence of a draft, by buttons or typed; confirming it starts a series."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.context import BotContext, CallbackAnswer, Reply, Result, old
from bot.handlers import drafts
from bot.handlers import series as series_handlers
from bot.requests import Admin, ButtonPress, IncomingMessage
from bot.routes import DRAFT, Argument
from bot.screens import options as screens_options
from bot.screens import recurrence as screens_recurrence
from bot.screens.drafts import refused_order
from bot.text.clock import Clock
from bot.text.translation import _, translate
from bot.ui.screen import Screen
from core.app import rates_of
from core.domain.broadcast import Late
from core.domain.content.content import Content
from core.domain.errors import Conflict, NotFound, ValidationError
from core.domain.messengers.traits import Messenger
from core.domain.series import NewSeries, Repeat, Series
from core.domain.team import Role
from core.parsing.recurrence import WrongRepeat, checked, is_about_repeating, read_ending, read_repeat
from core.store.chat.drafts import Draft

_PATTERN: Final = r"(?:[dk]|w[1-7]{1,7}|m(?:[1-9]|[12]\d|3[01]|l)):(?:[01]\d|2[0-3])[0-5]\d"
_RULE: Final = Argument(_PATTERN, str)
_RULE_AND_MARK: Final = Argument(rf"{_PATTERN}:[0-9a-f]{{4}}", lambda text: (text[:-5], text[-4:]))
"""With a mark of the time zone it was drawn in."""
_DAYS: Final = Argument(r"(?:w[1-7]{0,7}|m|x)?", str)
_TIMES: Final = Argument(r"never|\d{1,3}", lambda text: None if text == "never" else int(text))


def clock_for(context: BotContext, draft: Draft) -> Clock:
    """The admin's clock; for a change of a series, the clock of the series."""
    clock = context.clock()
    if draft.series_id and draft.repeat is not None:
        return replace(clock, zone=draft.repeat.clock)
    return clock


def kinds(context: BotContext, draft: Draft) -> Screen:
    return screens_recurrence.frequency_menu(draft, clock_for(context, draft))


async def begin(context: BotContext, press: ButtonPress, draft: Draft, days: str = "") -> Result:
    """Show the frequencies, the days for "w..." and "m", or what can be typed for "x"."""
    if draft.changes:
        return CallbackAnswer(
            _("A scheduled message can't be changed to repeat. Start a new one instead."), alert=True
        )
    await context.core.prompts.open(press.admin.id, draft.id, drafts.WHEN)
    if days == "x":
        return screens_recurrence.typed_examples(draft, clock_for(context, draft))
    if days.startswith("w"):
        return screens_recurrence.weekday_picker(draft, days[1:])
    if days:
        return screens_recurrence.day_picker(draft)
    return kinds(context, draft)


async def _time(context: BotContext, _press: ButtonPress, draft: Draft, rule: str) -> Screen:
    return screens_recurrence.time_picker(draft, rule, clock_for(context, draft))


async def _set(context: BotContext, _press: ButtonPress, draft: Draft, chosen: tuple[str, str]) -> Result:
    clock, before, (rule, mark) = clock_for(context, draft), draft.repeat, chosen
    if mark != screens_recurrence.clock_mark(clock):
        # Drawn in another time zone: show it again, and confirm nothing the screen did not say.
        return Reply(screens_recurrence.time_picker(draft, rule, clock), old())
    repeat = Repeat(
        rule=screens_recurrence.parse_pattern(rule),
        zone=clock.zone.key,
        until=before.until if before else None,
        times=before.times if before else None,
    )
    return await _keep(context, draft, repeat)


async def _keep(context: BotContext, draft: Draft, repeat: Repeat) -> Screen:
    """Save a recurrence. Raises WrongRepeat, shown as an alert."""
    changed = replace(draft, repeat=checked(repeat, context.clock().now), send_at=None)
    return screens_recurrence.repeat_card(await drafts.save(context, changed), repeat, context.clock())


async def _end(context: BotContext, press: ButtonPress, draft: Draft, times: int | None) -> Result:
    if draft.repeat is None:
        return await begin(context, press, draft)
    return await _keep(context, draft, replace(draft.repeat, until=None, times=times))


async def _late(context: BotContext, _press: ButtonPress, draft: Draft) -> Screen:
    """Cycle through ask, send and skip."""
    choices = list(Late)
    now = Late(draft.late) if draft.late else context.core.settings.late_choice
    following = choices[(choices.index(now) + 1) % len(choices)]
    kept = await drafts.save(context, replace(draft, late=following.value))
    return await options_screen(context, kept, more=True)


async def options_screen(context: BotContext, draft: Draft, *, more: bool = False) -> Screen:
    """`more`: with the rarer ones, where they take a screen of their own."""
    rate = rates_of(context.core.settings)[Messenger.TELEGRAM]
    late = Late(draft.late) if draft.late else context.core.settings.late_choice
    return screens_options.options(draft, rate, late, more=more)


async def handle_text(context: BotContext, message: IncomingMessage, draft: Draft) -> bool:
    """Set a typed recurrence; False for a single moment."""
    if draft.changes:
        return False
    clock = clock_for(context, draft)
    try:
        if is_about_repeating(message.text):
            repeat = read_repeat(message.text, now=clock.now, zone=clock.zone)
        elif draft.repeat is not None:
            end = read_ending(message.text, now=clock.now, zone=draft.repeat.clock)
            repeat = checked(replace(draft.repeat, until=end.until, times=end.times), clock.now)
        else:
            return False
    except WrongRepeat as error:
        if draft.repeat is not None and not draft.series_id and not is_about_repeating(message.text):
            return False
        problem = translate(error.problems[0])
        await drafts.post(context, draft, lambda drawn: screens_recurrence.repeat_error(drawn, problem))
        return True
    kept = await drafts.save(context, replace(draft, repeat=repeat, send_at=None))
    await drafts.post(
        context, kept, lambda drawn: screens_recurrence.repeat_card(drawn, repeat, context.clock())
    )
    return True


async def accept(context: BotContext, press: ButtonPress, draft: Draft) -> Reply:
    """Start the series of a confirmed order, or change the one that it was opened from."""
    await context.chat.answer(press.query_id, _("Saving…"))
    try:
        series = await _accepted(context, press.admin, draft)
    except (ValidationError, Conflict, NotFound) as error:
        problems = error.problems if isinstance(error, ValidationError) else [error.args[0]]
        return Reply(refused_order(draft, problems), answer=None)
    await drafts.end(context, draft)
    return Reply(await series_handlers.screen(context, series), answer=None)


async def _accepted(context: BotContext, admin: Admin, draft: Draft) -> Series:
    core = context.core
    seen = await core.series.get(draft.series_id) if draft.series_id else None
    if seen is not None and seen.revision != draft.series_revision:
        raise Conflict(_("Someone changed this series. Open it again from /scheduled."))
    if draft.repeat is None:
        raise Conflict(_("Choose when to send it."))
    order = NewSeries(
        content=draft.content or Content(text=""),
        audiences=await core.audiences.pin(
            draft.audiences,
            draft.recipients,
            source=f"#{draft.series_id or draft.id}",
            created_by=admin.actor,
        ),
        repeat=draft.repeat,
        late=Late(draft.late) if draft.late else None,
        ignore_quiet_hours=draft.ignore_quiet_hours,
        try_again_days=draft.try_again_days,
        everywhere=draft.everywhere,
        messenger_order=draft.messenger_order,
        created_by=admin.actor,
    )
    if seen is not None:
        return await core.series.change(seen, order)
    return await core.series.accept(draft.id, order)


BUTTONS = (
    DRAFT.button("rep", Role.EDITOR, begin, _DAYS),
    DRAFT.button("rtime", Role.EDITOR, _time, _RULE),
    DRAFT.button("rset", Role.EDITOR, _set, _RULE_AND_MARK),
    DRAFT.button("rend", Role.EDITOR, _end, _TIMES),
    DRAFT.button("late", Role.EDITOR, _late),
)
