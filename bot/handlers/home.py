"""Home, help, status, lists and purge, by command or button."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.context import BotContext, CallbackAnswer, Reply, Result, already
from bot.handlers import drafts, invitations, preview, search, time_zone
from bot.requests import Admin, ButtonPress, IncomingMessage, Request
from bot.routes import MESSENGER, any_of, button, drawn
from bot.screens.approvals import waiting_rows, with_waiting_rows
from bot.screens.draft_questions import cancelled_text, open_draft_rows
from bot.screens.home import home_screen, more_screen, welcome_question
from bot.screens.lists import (
    ANSWERS,
    FILTERS,
    PAGE_SIZE,
    answer_list,
    finished_list,
    running_list,
    scheduled_list,
)
from bot.screens.purge import KINDS, purge_menu, purge_question, purge_result
from bot.screens.status import details_screen, status_screen
from bot.text import formatting
from bot.text.message_parts import order_content
from bot.text.translation import _, translate
from bot.ui.callback_data import BOT, NO_ACTION, ListPage, PurgeChoice, StaleScreen
from bot.ui.screen import Screen
from core.domain.audience import EVERYTHING
from core.domain.broadcast import Broadcast
from core.domain.errors import Conflict
from core.domain.messengers.traits import Messenger
from core.domain.team import Role
from core.services.purge import PurgeKind


async def start(context: BotContext, message: IncomingMessage) -> None:
    """/start: show home and set the menu, which Telegram refuses before the first Start."""
    admin = message.admin
    if (screen := invitations.own_link(message)) is not None:
        await context.chat.send(admin.chat_id, screen)
    elif await _is_first(context, admin):
        await context.chat.send(admin.chat_id, welcome_question(admin.name, context.clock()))
    else:
        await context.chat.send(admin.chat_id, await home(context, message))
    await context.menu.set_for(admin.id, admin.role)


async def _is_first(context: BotContext, admin: Admin) -> bool:
    """True for an owner who has answered no question and sent nothing yet."""
    if admin.role is not Role.OWNER or (await context.core.readers.of(admin.id)).zone:
        return False
    return not await context.core.ledger.has_sent_before()


async def home(context: BotContext, request: Request) -> Screen:
    clock = context.clock()
    opened = await drafts.current(context, request.admin)
    waiting = waiting_rows(len(await context.core.approvals.waiting()))
    return home_screen(
        request.admin,
        await context.core.status.read(),
        clock,
        finished=(await context.core.broadcasts.finished(size=1)).total,
        failed_today=await context.core.reports.failed_since(clock.midnight),
        urgent=(*waiting, *(open_draft_rows(opened.draft) if opened else ())),
    )


async def status(context: BotContext, _request: Request) -> Screen:
    return status_screen(await context.core.status.read(), context.clock())


async def _details(context: BotContext, _request: Request) -> Screen:
    return details_screen(await context.core.status.read(), context.clock())


async def list_screen(context: BotContext, here: ListPage) -> Screen:
    broadcasts, size = context.core.broadcasts, PAGE_SIZE
    match here.which:
        case "s":
            planned = await context.core.series.planned(page=here.page, size=size)
            waiting = len(await context.core.approvals.waiting())
            return with_waiting_rows(scheduled_list(planned, context.clock()), waiting)
        case "f":
            which = FILTERS[here.shown]
            page = await broadcasts.finished(page=here.page, size=size, which=which)
            if here.shown == ANSWERS:
                return answer_list(page, await _names_of(context, page.items), context.clock())
            return finished_list(page, here.shown, context.clock())
        case _:
            return running_list(await broadcasts.running())


async def _names_of(context: BotContext, answers: Sequence[Broadcast]) -> list[str]:
    """Names of the people who got each answer."""
    found = [await context.core.ledger.deliveries_at(one, 0, 1) for one in answers]
    return [", ".join(formatting.person(one.recipient) for one in deliveries) for deliveries in found]


async def _list(context: BotContext, press: ButtonPress, here: ListPage) -> Screen:
    if here.search:
        return await search.page(context, press.admin, here)
    return await list_screen(context, here)


async def _resume(context: BotContext, press: ButtonPress, messenger: Messenger) -> Reply:
    """Resume a messenger that has halted itself, and draw the status again."""
    answer = await _go(context, press, messenger)
    return Reply(await status(context, press), answer)


async def _go(context: BotContext, _press: ButtonPress, messenger: Messenger) -> CallbackAnswer:
    """Resume a messenger from an alert or a live card, which stays."""
    await context.core.status.resume_messenger(messenger)
    return CallbackAnswer(_("{messenger} resumed").format(messenger=messenger.traits.title))


async def purge(context: BotContext, request: Request) -> Screen:
    """/purge, or its button; /purge all asks at once about all finished broadcasts."""
    if isinstance(request, IncomingMessage) and request.argument.casefold() in EVERYTHING:
        return await _purge_question(context, PurgeKind.FINISHED)
    return purge_menu([await context.core.purge.offer(kind) for kind in PurgeKind])


async def _purge_question(context: BotContext, kind: PurgeKind) -> Screen:
    """The question with the current count, or the menu if there is nothing to purge."""
    offer = await context.core.purge.offer(kind)
    if offer.broadcasts:
        return purge_question(offer, context.clock())
    return purge_menu([await context.core.purge.offer(kind) for kind in PurgeKind])


async def _purged(context: BotContext, _press: ButtonPress, wanted: PurgeChoice) -> Result:
    """Ask first; delete only when the count is still the one that was named."""
    kind = KINDS.get(wanted.what)
    if kind is None:
        raise StaleScreen
    if wanted.count is None:
        return await _purge_question(context, kind)
    try:
        gone = await context.core.purge.carry_out(kind, expected=wanted.count)
    except Conflict as error:
        left = (await context.core.purge.offer(kind)).broadcasts
        answer = CallbackAnswer(translate(str(error)), alert=True) if left else already()
        return Reply(await _purge_question(context, kind), answer)
    return Reply(purge_result(await context.core.purge.offer(kind), gone), CallbackAnswer(_("Done")))


async def _help(context: BotContext, press: ButtonPress) -> Screen:
    await time_zone.settle(context, press.admin)
    return await time_zone.help_screen(context, press)


async def _new(context: BotContext, press: ButtonPress) -> CallbackAnswer:
    if await drafts.is_begun(context, press, "new"):
        return already()
    await preview.show(context, press.admin, await drafts.create(context, drafts.blank(press.admin)))
    return CallbackAnswer()


async def _take(context: BotContext, press: ButtonPress) -> CallbackAnswer:
    """Create a draft with the text that the question replies to."""
    if press.replied is None:
        return CallbackAnswer(_("I can't see that message. Please send it again."), alert=True)
    if await drafts.is_begun(context, press, "take"):
        return already()
    await context.chat.strip(press.admin.chat_id, press.message_id)
    content = order_content(press.replied)
    draft = replace(drafts.blank(press.admin), content=content, text_from=press.replied_id)
    await preview.show(context, press.admin, await drafts.create(context, draft))
    return CallbackAnswer()


async def _nothing(_context: BotContext, _press: ButtonPress, _action: object) -> CallbackAnswer:
    return CallbackAnswer()


BUTTONS = (
    button(BOT.to("more"), Role.VIEWER, drawn(more_screen)),
    any_of(NO_ACTION.key, Role.VIEWER, _nothing),
    button(BOT.to("home"), Role.VIEWER, home),
    button(BOT.to("status"), Role.VIEWER, status),
    button(BOT.to("details"), Role.VIEWER, _details),
    button(BOT.to("help"), Role.VIEWER, _help),
    button(BOT.to("close"), Role.VIEWER, drawn(lambda: Screen(cancelled_text()))),
    button(BOT.to("new"), Role.EDITOR, _new),
    button(BOT.to("take"), Role.EDITOR, _take),
    button(BOT.to("purge"), Role.OWNER, purge),
    any_of("p", Role.OWNER, _purged),
    any_of("l", Role.VIEWER, _list),
    MESSENGER.button("resume", Role.EDITOR, _resume),
    MESSENGER.button("go", Role.EDITOR, _go),
)
