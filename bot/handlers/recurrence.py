"""Taps and words about times that repeat, while an order is being written; its confirmation starts a series."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.context import Admin, Desk, Said, Toast, Touch, old, redraw
from bot.handlers import drafts
from bot.handlers import series as series_handlers
from bot.screens import drafts as screens_drafts
from bot.screens import options as screens_options
from bot.screens import recurrence as screens_recurrence
from bot.text.clock import Present
from bot.text.translation import _, told
from bot.ui.callback_data import Tap
from bot.ui.screen import Screen
from core.domain.broadcast import Late
from core.domain.content.content import Content
from core.domain.errors import Conflict, NotFound, ValidationError
from core.domain.messengers.traits import Messenger
from core.domain.series import NewSeries, Repeat, Series
from core.parsing.recurrence import WrongRepeat, checked, is_about_repeating, read_ending, read_repeat
from core.store.chat.drafts import Draft

Handler = Callable[[Desk, Touch, Tap, Draft], Awaitable[Toast | None]]


def present_for(desk: Desk, draft: Draft) -> Present:
    """By the clock of the admin; where a series is changed, by the one in which it was made."""
    present = desk.present()
    if draft.series_id and draft.repeat is not None:
        return replace(present, zone=draft.repeat.clock)
    return present


def kinds(desk: Desk, draft: Draft) -> Screen:
    """The first screen: how often."""
    return screens_recurrence.kinds(draft, present_for(desk, draft))


async def _open(desk: Desk, touch: Touch, tap: Tap, draft: Draft) -> Toast:
    """How often; then on which days."""
    if draft.changes:
        return Toast(_("What is planned stays a single broadcast; a new one can be repeated."), alert=True)
    await desk.core.drafts.await_input(touch.admin.id, draft.id, "when")
    present = present_for(desk, draft)
    match tap.argument[:1]:
        case "w":
            screen = screens_recurrence.weekdays(draft, tap.argument[1:], present)
        case "m":
            screen = screens_recurrence.month_days(draft, present)
        case _:
            screen = kinds(desk, draft)
    await redraw(desk, touch, screen)
    return Toast()


async def begin(desk: Desk, touch: Touch, draft: Draft) -> Toast:
    """How often."""
    return await _open(desk, touch, Tap(screens_drafts.subject(draft), "rep", ""), draft)


async def _time(desk: Desk, touch: Touch, tap: Tap, draft: Draft) -> Toast:
    await redraw(desk, touch, screens_recurrence.clock(draft, tap.argument, present_for(desk, draft)))
    return Toast()


async def _set(desk: Desk, touch: Touch, tap: Tap, draft: Draft) -> Toast:
    present, before = present_for(desk, draft), draft.repeat
    pattern, _colon, mark = tap.argument.rpartition(":")
    if mark != screens_recurrence.clock_mark(present):
        # Drawn by another clock than the admin has chosen since: nothing is confirmed that the screen did not say.
        await redraw(desk, touch, screens_recurrence.clock(draft, pattern, present))
        return old()
    repeat = Repeat(
        rule=screens_recurrence.pattern_of(pattern),
        zone=present.zone.key,
        until=before.until if before else None,
        times=before.times if before else None,
    )
    return await _keep(desk, touch, draft, repeat)


async def _keep(desk: Desk, touch: Touch, draft: Draft, repeat: Repeat) -> Toast:
    """Raises WrongRepeat, which is shown as an alert."""
    kept = await drafts.keep(desk, replace(draft, repeat=checked(repeat, desk.present().now), send_at=None))
    await redraw(desk, touch, screens_recurrence.card(kept, repeat, desk.present()))
    return Toast()


async def _end(desk: Desk, touch: Touch, tap: Tap, draft: Draft) -> Toast:
    if draft.repeat is None:
        return await _open(desk, touch, replace(tap, argument=""), draft)
    times = None if tap.argument == "never" else int(tap.argument)
    return await _keep(desk, touch, draft, replace(draft.repeat, until=None, times=times))


async def _late(desk: Desk, touch: Touch, _tap: Tap, draft: Draft) -> Toast:
    """From asking to sending to skipping, and round again."""
    choices = list(Late)
    now = Late(draft.late) if draft.late else desk.core.settings.late_choice
    following = choices[(choices.index(now) + 1) % len(choices)]
    kept = await drafts.keep(desk, replace(draft, late=following.value))
    await show_options(desk, touch, kept)
    return Toast()


async def show_options(desk: Desk, touch: Touch, draft: Draft) -> None:
    """The screen of wishes about how the order goes out."""
    rate = (await desk.core.status.read()).messengers[Messenger.TELEGRAM].rate
    late = Late(draft.late) if draft.late else desk.core.settings.late_choice
    await redraw(desk, touch, screens_options.options(draft, rate, late))


async def typed(desk: Desk, said: Said, draft: Draft) -> bool:
    """Words for the time of an order, where they are about repeating; False: they are about one moment."""
    if draft.changes:
        return False
    present = present_for(desk, draft)
    try:
        if is_about_repeating(said.text):
            repeat = read_repeat(said.text, now=present.now, zone=present.zone)
        elif draft.repeat is not None:
            end = read_ending(said.text, now=present.now, zone=draft.repeat.clock)
            repeat = checked(replace(draft.repeat, until=end.until, times=end.times), present.now)
        else:
            return False
    except WrongRepeat as error:
        if draft.repeat is not None and not draft.series_id and not is_about_repeating(said.text):
            return False
        problem = told(error.problems[0])
        await drafts.post(desk, draft, lambda drawn: screens_recurrence.wrong(drawn, problem))
        return True
    kept = await drafts.keep(desk, replace(draft, repeat=repeat, send_at=None))
    await drafts.post(desk, kept, lambda drawn: screens_recurrence.card(drawn, repeat, desk.present()))
    return True


async def accept(desk: Desk, touch: Touch, draft: Draft) -> Toast | None:
    """Starts the series of a confirmed order, or changes the one that it was opened from."""
    await desk.chat.answer(touch.query_id, _("Writing it down"))
    try:
        series = await _accepted(desk, touch.admin, draft)
    except ValidationError as error:
        await redraw(desk, touch, screens_drafts.refused(draft, error.problems))
        return None
    except (Conflict, NotFound) as error:
        await redraw(desk, touch, screens_drafts.refused(draft, [error.args[0]]))
        return None
    await drafts.end(desk, draft)
    await redraw(desk, touch, await series_handlers.screen(desk, series))
    return None


async def _accepted(desk: Desk, admin: Admin, draft: Draft) -> Series:
    core = desk.core
    seen = await core.recurring.get(draft.series_id) if draft.series_id else None
    if seen is not None and seen.revision != draft.series_revision:
        raise Conflict(_("The series has changed since: open it in /scheduled and look again."))
    if draft.repeat is None:
        raise Conflict(_("Say when it goes out."))
    author = (admin.author, admin.name)
    order = NewSeries(
        content=draft.content or Content(text=""),
        audiences=await core.recurring.kept(
            draft.audiences, draft.recipients, source=f"#{draft.series_id or draft.id}", author=author
        ),
        repeat=draft.repeat,
        late=Late(draft.late) if draft.late else None,
        quiet=not draft.loud,
        created_by=admin.author,
        creator_name=admin.name,
    )
    if seen is not None:
        return await core.recurring.change(seen, order)
    return await core.recurring.accept(draft.id, order)


VERBS: dict[str, Handler] = {"rep": _open, "rtime": _time, "rset": _set, "rend": _end, "late": _late}
