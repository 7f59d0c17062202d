"""A broadcast that waits for its time: looked at as a whole, or opened as a draft whose confirmation changes it."""

from __future__ import annotations

from dataclasses import replace

from bot import copying, drafting, showing
from bot.desk import Desk, Toast, Touch, already
from bot.language import _
from bot.screens import draft as screens_draft
from bot.screens import who as screens_who
from bot.taps import who as who_taps
from bot.wire import Tap
from core.domain.broadcast import Broadcast
from core.store.drafts import Draft


async def look(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast:
    """What people get, whole."""
    if not await desk.core.drafts.first_tap(touch.admin.id, touch.message_id, tap.verb):
        return already()
    people = [one.recipient async for one in desk.core.reports.firsts(broadcast)]
    refusal = await showing.everywhere(desk.chat, touch.admin.chat_id, broadcast.content, people)
    if refusal is not None:
        return Toast(_("Telegram does not take it: {refusal}").format(refusal=refusal), alert=True)
    return Toast(_("It is below"))


async def text(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast:
    draft = await _begun(desk, touch, tap, broadcast)
    if draft is None:
        return already()
    await desk.core.drafts.await_input(draft.admin_id, draft.id, "text")
    await drafting.post(desk, draft, screens_draft.ask_text)
    return Toast(_("Write the new text"))


async def people(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast:
    draft = await _begun(desk, touch, tap, broadcast)
    if draft is None:
        return already()
    await desk.core.drafts.await_input(draft.admin_id, draft.id, "who")
    shelf = await who_taps.shelf(desk)
    await drafting.post(desk, draft, lambda drawn: screens_who.ask(drawn, shelf))
    return Toast()


async def _begun(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Draft | None:
    """A draft with all that it has now; None for the second of two quick taps."""
    if not await desk.core.drafts.first_tap(touch.admin.id, touch.message_id, tap.verb):
        return None
    draft = await copying.copy_of(desk, touch.admin, broadcast)
    changing = replace(
        draft,
        send_at=broadcast.send_at,
        changes=broadcast.id,
        edition=broadcast.edition,
        late=broadcast.late.value,
        loud=broadcast.loud,
    )
    return await drafting.keep(desk, changing)
