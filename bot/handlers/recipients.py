"""Taps on the screen where the recipients of an order are chosen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.context import Desk, Toast, Touch, redraw
from bot.handlers import audiences as audiences_handlers
from bot.handlers import drafts
from bot.screens import audiences as screens_audiences
from bot.screens import drafts as screens_drafts
from bot.screens import recipients as screens_recipients
from bot.text.translation import _, told
from bot.ui.callback_data import Tap
from core.domain.audience import EVERYBODY, nobody_in
from core.domain.errors import NotFound
from core.store.chat.drafts import Draft

PAGE_SIZE = 6


async def shelf(desk: Desk, page: int = 1) -> screens_recipients.Shelf:
    """What there is to choose from."""
    audiences = desk.core.audiences
    return screens_recipients.Shelf(
        await audiences.page(page=page, size=PAGE_SIZE), await audiences.everybody()
    )


def list_id_of(argument: str) -> str:
    """The id of a list as buttons carry it."""
    return argument if argument == EVERYBODY else argument.upper()


async def _draw(desk: Desk, touch: Touch, draft: Draft, page: int) -> None:
    await desk.core.drafts.await_input(touch.admin.id, draft.id, "who")
    await redraw(desk, touch, screens_recipients.ask(draft, await shelf(desk, page)))


async def _who(desk: Desk, touch: Touch, tap: Tap, draft: Draft) -> Toast:
    if draft.offered:
        draft = await drafts.keep(desk, replace(draft, offered=""))
    await _draw(desk, touch, draft, int(tap.argument or 1))
    return Toast()


async def _clear(desk: Desk, touch: Touch, _tap: Tap, draft: Draft) -> Toast:
    emptied = await drafts.keep(desk, replace(draft, recipients=(), audiences=(), offered="", duplicates=0))
    await _draw(desk, touch, emptied, 1)
    return Toast(_("The list is empty again"))


async def _pick(desk: Desk, touch: Touch, tap: Tap, draft: Draft) -> Toast:
    """Chooses an audience, or takes it back."""
    name, _colon, page = tap.argument.partition(":")
    list_id = list_id_of(name)
    left = tuple(one for one in draft.audiences if one.id != list_id)
    if len(left) < len(draft.audiences):
        changed, toast = replace(draft, audiences=left), Toast(_("Taken off"))
    else:
        changed, toast = await _added(desk, draft, list_id)
    await _draw(desk, touch, await drafts.keep(desk, changed), int(page))
    return toast


async def _added(desk: Desk, draft: Draft, list_id: str) -> tuple[Draft, Toast]:
    """An audience that was deleted meanwhile, or in which nobody is, leaves the order as it is."""
    try:
        chosen = await desk.core.audiences.choose(list_id)
    except NotFound as error:
        return draft, Toast(told(str(error)), alert=True)
    if not chosen.total:
        return draft, Toast(told(nobody_in(chosen)), alert=True)
    return drafts.with_audiences(draft, [chosen]), Toast(_("Added"))


async def _near(desk: Desk, _touch: Touch, tap: Tap, draft: Draft) -> Toast:
    """The audience that was meant, or the list that was read from a file."""
    changed, toast = await _added(desk, replace(draft, offered=""), list_id_of(tap.argument))
    await drafts.post_slots(desk, await drafts.keep(desk, changed))
    return toast


async def _save(desk: Desk, touch: Touch, tap: Tap, draft: Draft) -> Toast:
    """The list that was read from a file gets a name, and the order goes to it."""
    audience = await desk.core.audiences.get(list_id_of(tap.argument))
    await desk.core.drafts.await_input(touch.admin.id, draft.id, f"{audiences_handlers.SAVE}{audience.id}")
    back = screens_drafts.subject(draft).to("who")
    await redraw(desk, touch, screens_audiences.ask_name(back, audience.title))
    return Toast()


VERBS: dict[str, Callable[[Desk, Touch, Tap, Draft], Awaitable[Toast | None]]] = {
    "who": _who,
    "clear": _clear,
    "pick": _pick,
    "near": _near,
    "save": _save,
}
