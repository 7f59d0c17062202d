"""Taps and words about times that repeat, while an order is being written; its confirmation starts a series."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.context import Admin, BotContext, ButtonPress, CallbackAnswer, IncomingMessage, old, redraw
from bot.handlers import drafts
from bot.handlers import series as series_handlers
from bot.screens import drafts as screens_drafts
from bot.screens import options as screens_options
from bot.screens import recurrence as screens_recurrence
from bot.text.clock import Clock
from bot.text.translation import _, translate
from bot.ui.callback_data import Tap, subject
from bot.ui.screen import Screen
from core.app import rates_of
from core.domain.broadcast import Late
from core.domain.content.content import Content
from core.domain.errors import Conflict, NotFound, ValidationError
from core.domain.messengers.traits import Messenger
from core.domain.series import NewSeries, Repeat, Series
from core.parsing.recurrence import WrongRepeat, checked, is_about_repeating, read_ending, read_repeat
from core.store.chat.drafts import Draft

Handler = Callable[[BotContext, ButtonPress, Tap, Draft], Awaitable[CallbackAnswer | None]]


def present_for(context: BotContext, draft: Draft) -> Clock:
    """By the clock of the admin; where a series is changed, by the one in which it was made."""
    clock = context.clock()
    if draft.series_id and draft.repeat is not None:
        return replace(clock, zone=draft.repeat.clock)
    return clock


def kinds(context: BotContext, draft: Draft) -> Screen:
    """The first screen: how often."""
    return screens_recurrence.frequency_menu(draft, present_for(context, draft))


async def _open(context: BotContext, press: ButtonPress, tap: Tap, draft: Draft) -> CallbackAnswer:
    """How often; then on which days."""
    if draft.changes:
        return CallbackAnswer(
            _("What is planned stays a single broadcast; a new one can be repeated."), alert=True
        )
    await context.core.drafts.await_input(press.admin.id, draft.id, "when")
    clock = present_for(context, draft)
    match tap.argument[:1]:
        case "w":
            screen = screens_recurrence.weekday_picker(draft, tap.argument[1:], clock)
        case "m":
            screen = screens_recurrence.day_picker(draft, clock)
        case _:
            screen = kinds(context, draft)
    await redraw(context, press, screen)
    return CallbackAnswer()


async def begin(context: BotContext, press: ButtonPress, draft: Draft) -> CallbackAnswer:
    """How often."""
    return await _open(context, press, Tap(subject(draft), "rep", ""), draft)


async def _time(context: BotContext, press: ButtonPress, tap: Tap, draft: Draft) -> CallbackAnswer:
    await redraw(
        context, press, screens_recurrence.time_picker(draft, tap.argument, present_for(context, draft))
    )
    return CallbackAnswer()


async def _set(context: BotContext, press: ButtonPress, tap: Tap, draft: Draft) -> CallbackAnswer:
    clock, before = present_for(context, draft), draft.repeat
    pattern, _colon, mark = tap.argument.rpartition(":")
    if mark != screens_recurrence.clock_mark(clock):
        # Drawn by another clock than the admin has chosen since: nothing is confirmed that the screen did not say.
        await redraw(context, press, screens_recurrence.time_picker(draft, pattern, clock))
        return old()
    repeat = Repeat(
        rule=screens_recurrence.parse_pattern(pattern),
        zone=clock.zone.key,
        until=before.until if before else None,
        times=before.times if before else None,
    )
    return await _keep(context, press, draft, repeat)


async def _keep(context: BotContext, press: ButtonPress, draft: Draft, repeat: Repeat) -> CallbackAnswer:
    """Raises WrongRepeat, which is shown as an alert."""
    kept = await drafts.save(
        context, replace(draft, repeat=checked(repeat, context.clock().now), send_at=None)
    )
    await redraw(context, press, screens_recurrence.repeat_card(kept, repeat, context.clock()))
    return CallbackAnswer()


async def _end(context: BotContext, press: ButtonPress, tap: Tap, draft: Draft) -> CallbackAnswer:
    if draft.repeat is None:
        return await _open(context, press, replace(tap, argument=""), draft)
    times = None if tap.argument == "never" else int(tap.argument)
    return await _keep(context, press, draft, replace(draft.repeat, until=None, times=times))


async def _late(context: BotContext, press: ButtonPress, _tap: Tap, draft: Draft) -> CallbackAnswer:
    """From asking to sending to skipping, and round again."""
    choices = list(Late)
    now = Late(draft.late) if draft.late else context.core.settings.late_choice
    following = choices[(choices.index(now) + 1) % len(choices)]
    kept = await drafts.save(context, replace(draft, late=following.value))
    await show_options(context, press, kept)
    return CallbackAnswer()


async def show_options(context: BotContext, press: ButtonPress, draft: Draft) -> None:
    """The screen of wishes about how the order goes out."""
    rate = rates_of(context.core.settings)[Messenger.TELEGRAM]
    late = Late(draft.late) if draft.late else context.core.settings.late_choice
    await redraw(context, press, screens_options.options(draft, rate, late))


async def handle_text(context: BotContext, message: IncomingMessage, draft: Draft) -> bool:
    """Words for the time of an order, where they are about repeating; False: they are about one moment."""
    if draft.changes:
        return False
    clock = present_for(context, draft)
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


async def accept(context: BotContext, press: ButtonPress, draft: Draft) -> CallbackAnswer | None:
    """Starts the series of a confirmed order, or changes the one that it was opened from."""
    await context.chat.answer(press.query_id, _("Writing it down"))
    try:
        series = await _accepted(context, press.admin, draft)
    except ValidationError as error:
        await redraw(context, press, screens_drafts.refused_order(draft, error.problems))
        return None
    except (Conflict, NotFound) as error:
        await redraw(context, press, screens_drafts.refused_order(draft, [error.args[0]]))
        return None
    await drafts.end(context, draft)
    await redraw(context, press, await series_handlers.screen(context, series))
    return None


async def _accepted(context: BotContext, admin: Admin, draft: Draft) -> Series:
    core = context.core
    seen = await core.recurring.get(draft.series_id) if draft.series_id else None
    if seen is not None and seen.revision != draft.series_revision:
        raise Conflict(_("The series has changed since: open it in /scheduled and look again."))
    if draft.repeat is None:
        raise Conflict(_("Say when it goes out."))
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
        created_by=admin.actor,
    )
    if seen is not None:
        return await core.recurring.change(seen, order)
    return await core.recurring.accept(draft.id, order)


VERBS: dict[str, Handler] = {"rep": _open, "rtime": _time, "rset": _set, "rend": _end, "late": _late}
