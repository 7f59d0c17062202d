"""Taps on the screen where the recipients of an order are chosen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.context import BotContext, ButtonPress, CallbackAnswer, redraw
from bot.handlers import audiences as audiences_handlers
from bot.handlers import drafts
from bot.screens import audiences as screens_audiences
from bot.screens import recipients as screens_recipients
from bot.text.translation import _, translate
from bot.ui.callback_data import Tap, subject
from core.domain.audience import EVERYBODY, nobody_in
from core.domain.errors import NotFound
from core.store.chat.drafts import Draft

PAGE_SIZE = 6


async def shelf(context: BotContext, page: int = 1) -> screens_recipients.Shelf:
    """What there is to choose from."""
    audiences = context.core.audiences
    return screens_recipients.Shelf(
        await audiences.page(page=page, size=PAGE_SIZE), await audiences.everybody()
    )


def list_id_of(argument: str) -> str:
    """The id of a list as buttons carry it."""
    return argument if argument == EVERYBODY else argument.upper()


async def _draw(context: BotContext, press: ButtonPress, draft: Draft, page: int) -> None:
    await context.core.drafts.await_input(press.admin.id, draft.id, "who")
    await redraw(context, press, screens_recipients.recipients_prompt(draft, await shelf(context, page)))


async def _who(context: BotContext, press: ButtonPress, tap: Tap, draft: Draft) -> CallbackAnswer:
    if draft.offered:
        draft = await drafts.save(context, replace(draft, offered=""))
    await _draw(context, press, draft, int(tap.argument or 1))
    return CallbackAnswer()


async def _clear(context: BotContext, press: ButtonPress, _tap: Tap, draft: Draft) -> CallbackAnswer:
    emptied = await drafts.save(
        context, replace(draft, recipients=(), audiences=(), offered="", duplicates=0)
    )
    await _draw(context, press, emptied, 1)
    return CallbackAnswer(_("The list is empty again"))


async def _pick(context: BotContext, press: ButtonPress, tap: Tap, draft: Draft) -> CallbackAnswer:
    """Chooses an audience, or takes it back."""
    name, _colon, page = tap.argument.partition(":")
    list_id = list_id_of(name)
    left = tuple(one for one in draft.audiences if one.id != list_id)
    if len(left) < len(draft.audiences):
        changed, answer = replace(draft, audiences=left), CallbackAnswer(_("Taken off"))
    else:
        changed, answer = await _added(context, draft, list_id)
    await _draw(context, press, await drafts.save(context, changed), int(page))
    return answer


async def _added(context: BotContext, draft: Draft, list_id: str) -> tuple[Draft, CallbackAnswer]:
    """An audience that was deleted meanwhile, or in which nobody is, leaves the order as it is."""
    try:
        chosen = await context.core.audiences.choose(list_id)
    except NotFound as error:
        return draft, CallbackAnswer(translate(str(error)), alert=True)
    if not chosen.total:
        return draft, CallbackAnswer(translate(nobody_in(chosen)), alert=True)
    return drafts.with_audiences(draft, [chosen]), CallbackAnswer(_("Added"))


async def _near(context: BotContext, _touch: ButtonPress, tap: Tap, draft: Draft) -> CallbackAnswer:
    """The audience that was meant, or the list that was read from a file."""
    changed, answer = await _added(context, replace(draft, offered=""), list_id_of(tap.argument))
    await drafts.post_slots(context, await drafts.save(context, changed))
    return answer


async def _save(context: BotContext, press: ButtonPress, tap: Tap, draft: Draft) -> CallbackAnswer:
    """The list that was read from a file gets a name, and the order goes to it."""
    audience = await context.core.audiences.get(list_id_of(tap.argument))
    await context.core.drafts.await_input(press.admin.id, draft.id, f"{audiences_handlers.SAVE}{audience.id}")
    back = subject(draft).to("who")
    await redraw(context, press, screens_audiences.name_prompt(back, audience.title))
    return CallbackAnswer()


VERBS: dict[str, Callable[[BotContext, ButtonPress, Tap, Draft], Awaitable[CallbackAnswer | None]]] = {
    "who": _who,
    "clear": _clear,
    "pick": _pick,
    "near": _near,
    "save": _save,
}
