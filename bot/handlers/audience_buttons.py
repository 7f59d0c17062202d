"""Taps on the cards of audiences and of lists read from files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.context import BotContext, ButtonPress, CallbackAnswer, already, redraw
from bot.handlers import audiences as audiences_handlers
from bot.handlers import drafts
from bot.screens import audiences as screens_audiences
from bot.screens import quiet_hours as screens_quiet_hours
from bot.text.translation import _, translate
from bot.ui.callback_data import AudienceTap
from bot.ui.screen import Screen
from core.domain.audience import nobody_in
from core.domain.errors import Conflict, NotFound
from core.domain.quiet_hours import QuietHours

Handler = Callable[[BotContext, ButtonPress, AudienceTap], Awaitable[CallbackAnswer | None]]


async def handle(context: BotContext, press: ButtonPress, tap: AudienceTap) -> CallbackAnswer | None:
    """Carries the tap out. Raises SenderError."""
    return await _VERBS[tap.verb](context, press, tap)


async def _page(context: BotContext, press: ButtonPress, tap: AudienceTap) -> CallbackAnswer:
    page = await context.core.audiences.page(page=int(tap.argument), size=screens_audiences.PAGE_SIZE)
    await redraw(context, press, screens_audiences.audience_list(page))
    return CallbackAnswer()


async def _new(context: BotContext, press: ButtonPress, _tap: AudienceTap) -> CallbackAnswer:
    screen = screens_audiences.name_prompt(screens_audiences.FIRST_PAGE)
    await _ask(context, press, audiences_handlers.NO_LIST, audiences_handlers.NEW, screen)
    return CallbackAnswer()


async def _ask(context: BotContext, press: ButtonPress, list_id: str, field: str, screen: Screen) -> None:
    """What is typed next is the answer to this screen."""
    shown = await redraw(context, press, screen)
    await context.core.drafts.await_input(press.admin.id, list_id, field, asked_on=shown)


async def _view(context: BotContext, press: ButtonPress, tap: AudienceTap) -> CallbackAnswer:
    """Whatever was asked about this audience is asked no more."""
    waiting = await context.core.drafts.awaiting(press.admin.id)
    if waiting is not None and waiting[0] == tap.list_id:
        await context.core.drafts.stop_awaiting(press.admin.id)
    await _card(context, press, tap.list_id)
    return CallbackAnswer()


async def _card(context: BotContext, press: ButtonPress, list_id: str, note: str = "") -> None:
    audience = await context.core.audiences.get(list_id)
    await redraw(context, press, await audiences_handlers.card(context, audience, note))


async def _people(context: BotContext, press: ButtonPress, tap: AudienceTap) -> CallbackAnswer:
    audience = await context.core.audiences.get(tap.list_id)
    leaving = tap.verb == "remove"
    field = audiences_handlers.REMOVE if leaving else audiences_handlers.ADD
    await _ask(context, press, audience.id, field, screens_audiences.people_prompt(audience, leaving=leaving))
    return CallbackAnswer()


async def _name(context: BotContext, press: ButtonPress, tap: AudienceTap) -> CallbackAnswer:
    """Another name for an audience, or the first one for a list."""
    audience = await context.core.audiences.get(tap.list_id)
    screen = screens_audiences.name_prompt(screens_audiences.back_data(audience), audience.title)
    await _ask(context, press, audience.id, audiences_handlers.NAME, screen)
    return CallbackAnswer()


async def _use(context: BotContext, press: ButtonPress, tap: AudienceTap) -> CallbackAnswer:
    chosen = await context.core.audiences.choose(tap.list_id)
    if not chosen.total:
        return CallbackAnswer(translate(nobody_in(chosen)), alert=True)
    await context.chat.strip(press.admin.chat_id, press.message_id)
    await drafts.post_slots(context, await drafts.create(context, press.admin, audiences=(chosen,)))
    return CallbackAnswer()


async def _csv(context: BotContext, press: ButtonPress, tap: AudienceTap) -> None:
    audience = await context.core.audiences.get(tap.list_id)
    await context.chat.answer(press.query_id, _("Here it comes"))
    number = 0
    async for data in context.core.audiences.export(audience, say=translate):
        number += 1
        name = f"{audience.name}.csv" if number == 1 else f"{audience.name}-{number}.csv"
        await context.chat.send_file(press.admin.chat_id, name, data)


async def _left(context: BotContext, press: ButtonPress, tap: AudienceTap) -> CallbackAnswer:
    data = await context.core.audiences.left_out(tap.list_id)
    await context.chat.send_file(press.admin.chat_id, _("refused.csv"), data)
    return CallbackAnswer()


async def _join(context: BotContext, press: ButtonPress, tap: AudienceTap) -> CallbackAnswer:
    opened = tap.argument == "1"
    await context.core.audiences.set_joinable(tap.list_id, joinable=opened)
    await _card(context, press, tap.list_id)
    return CallbackAnswer(
        _("Whoever has the link can join now") if opened else _("Nobody joins by the link any more")
    )


async def _quiet(context: BotContext, press: ButtonPress, tap: AudienceTap) -> CallbackAnswer:
    audience = await context.core.audiences.get(tap.list_id)
    screen = screens_quiet_hours.quiet_hours_prompt(audience, context.core.settings.quiet)
    await _ask(context, press, audience.id, audiences_handlers.QUIET, screen)
    return CallbackAnswer()


async def _hush(context: BotContext, press: ButtonPress, tap: AudienceTap) -> CallbackAnswer:
    hours = QuietHours.never() if tap.argument == "N" else None
    await context.core.audiences.set_quiet(tap.list_id, hours)
    await context.core.drafts.stop_awaiting(press.admin.id)
    await _card(context, press, tap.list_id)
    return CallbackAnswer()


async def _drop(context: BotContext, press: ButtonPress, tap: AudienceTap) -> CallbackAnswer:
    await redraw(
        context, press, screens_audiences.delete_question(await context.core.audiences.get(tap.list_id))
    )
    return CallbackAnswer()


async def _dropped(context: BotContext, press: ButtonPress, tap: AudienceTap) -> CallbackAnswer:
    try:
        audience = await context.core.audiences.get(tap.list_id)
        await context.core.audiences.delete(tap.list_id, expected=int(tap.argument))
    except NotFound as error:
        await redraw(context, press, screens_audiences.not_found(translate(str(error))))
        return already()
    except Conflict as error:
        await redraw(
            context, press, screens_audiences.delete_question(await context.core.audiences.get(tap.list_id))
        )
        return CallbackAnswer(translate(str(error)), alert=True)
    await redraw(context, press, screens_audiences.deleted_message(audience))
    return CallbackAnswer(_("Deleted"))


async def _merge(context: BotContext, press: ButtonPress, tap: AudienceTap) -> None:
    """Everybody read from a file joins an audience, or leaves it. Answered first: a long list takes a while."""
    audiences, leaving = context.core.audiences, tap.verb == "outof"
    await audiences.get(tap.argument)
    people = await audiences.gather([await audiences.choose(tap.list_id)], ())
    await context.chat.answer(press.query_id, _("One moment"))
    change = audiences.remove if leaving else audiences.add
    count = await change(tap.argument, people.recipients)
    await context.core.drafts.stop_awaiting(press.admin.id)
    note = audiences_handlers.changed_words(count, len(people.recipients), leaving=leaving)
    await _card(context, press, tap.argument, note)


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
