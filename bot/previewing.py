"""What the preview's card warns of, and the test to oneself."""

from __future__ import annotations

from html import escape

from bot import drafting, showing, words
from bot.desk import Desk, Toast, Touch
from bot.language import _
from bot.screen import Screen
from bot.screens import approval as screens_approval
from bot.wire import Tap
from core.domain.broadcast import RUNNING, Broadcast, BroadcastStatus
from core.domain.messengers import Messenger
from core.domain.receipts import Screened
from core.domain.recipients import Recipient
from core.store.drafts import Draft


async def warnings(desk: Desk, draft: Draft, screened: Screened) -> list[str]:
    """That people have this text already, or will; and that somebody else has to approve it."""
    needs = desk.core.broadcasts.needs_approval(len(screened.recipients))
    found = [screens_approval.notice()] if needs else []
    if draft.content is None:
        return found
    like = await desk.core.likeness.lately(draft.content, screened.recipients, but=draft.changes)
    return found if like is None else [_looks_like(desk, like), *found]


def _looks_like(desk: Desk, like: Broadcast) -> str:
    if like.status in RUNNING:
        template = _("Looks like #{id}, which is being sent now: some of these people get it twice")
    elif like.status is BroadcastStatus.FINISHED or like.started_at is not None:
        template = _("Looks like #{id}, sent {when}: some of these people have it already")
    else:
        template = _("Looks like #{id}, planned for {when}: some of these people will get it twice")
    when = words.placed(like.started_at or like.send_at, desk.present().zone)
    return template.format(id=like.id, when=when)


async def test_to_me(desk: Desk, touch: Touch, tap: Tap, draft: Draft) -> Toast:
    """The content to the admin alone, any number of times; no part of the broadcast."""
    people = (await drafting.gathered(desk, draft)).recipients
    if draft.content is None or not people:
        return Toast(_("There is nothing to try out yet."), alert=True)
    if not await desk.core.drafts.first_tap(touch.admin.id, touch.message_id, tap.verb):
        return Toast(_("It is on its way: look below"))
    first = next((one for one in people if one.messenger is Messenger.TELEGRAM), people[0])
    head = _("📱 <b>Test of #{id}</b>, as {who} gets it. Nobody else does.")
    await desk.chat.send(touch.admin.chat_id, Screen(head.format(id=draft.shown_id, who=_who(first))))
    refusal = await showing.everywhere(desk.chat, touch.admin.chat_id, draft.content, people)
    if refusal is not None:
        return Toast(_("Telegram does not take it: {refusal}").format(refusal=refusal), alert=True)
    return Toast(_("Only you got it: look below"))


def _who(recipient: Recipient) -> str:
    return escape(words.address(recipient), quote=False)
