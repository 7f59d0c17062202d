"""What the preview's card warns of, and the test to oneself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape

from bot.context import Desk, Toast, Touch, redraw
from bot.handlers import drafts
from bot.screens import approvals as screens_approvals
from bot.screens import preview as screens_preview
from bot.screens import quiet_hours as screens_quiet_hours
from bot.screens import service_window as screens_service_window
from bot.telegram import content_preview
from bot.text import formatting
from bot.text.translation import _
from bot.ui.callback_data import Tap
from bot.ui.screen import Screen
from core.domain.audience import Gathered
from core.domain.broadcast import RUNNING, Broadcast, BroadcastStatus
from core.domain.content.content import Content
from core.domain.messengers.events import Screened
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.parsing.quiet_hours import nights
from core.store.chat.drafts import Draft


async def order_warnings(desk: Desk, draft: Draft, screened: Screened) -> list[str]:
    """That people have this text already, or will; and that somebody else has to approve it."""
    needs = desk.core.broadcasts.needs_approval(len(screened.recipients))
    found = [screens_approvals.notice()] if needs else []
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
    when = formatting.placed(like.started_at or like.send_at, desk.present().zone)
    return template.format(id=like.id, when=when)


async def test_to_me(desk: Desk, touch: Touch, tap: Tap, draft: Draft) -> Toast:
    """The content to the admin alone, any number of times; no part of the broadcast."""
    people = (await drafts.gathered(desk, draft)).recipients
    if draft.content is None or not people:
        return Toast(_("There is nothing to try out yet."), alert=True)
    if not await desk.core.drafts.first_tap(touch.admin.id, touch.message_id, tap.verb):
        return Toast(_("It is on its way: look below"))
    first = next((one for one in people if one.messenger is Messenger.TELEGRAM), people[0])
    head = _("📱 <b>Test of #{id}</b>, as {who} gets it. Nobody else does.")
    await desk.chat.send(touch.admin.chat_id, Screen(head.format(id=draft.shown_id, who=_who(first))))
    refusal = await content_preview.everywhere(desk.chat, touch.admin.chat_id, draft.content, people)
    if refusal is not None:
        return Toast(_("Telegram does not take it: {refusal}").format(refusal=refusal), alert=True)
    return Toast(_("Only you got it: look below"))


def _who(recipient: Recipient) -> str:
    return escape(formatting.address(recipient), quote=False)


async def drawer(desk: Desk, draft: Draft, people: Gathered) -> Callable[[Draft], Screen]:
    """What draws the card of the draft, in whichever revision it is kept."""
    core, present = desk.core, desk.present()
    rates = {messenger: state.rate for messenger, state in (await core.status.read()).messengers.items()}
    screened = await core.broadcasts.screen(people.recipients)
    windows = await core.windows.look(screened.recipients, draft.send_at)
    warnings = screens_service_window.warnings(draft.content or Content(text=""), windows)
    warnings += await order_warnings(desk, draft, screened)
    begins = draft.repeat.following(present.now, made=0) if draft.repeat else draft.send_at
    asleep = nights(screened.recipients, core.settings.quiet, begins or present.now)
    return lambda drawn: screens_preview.preview(
        replace(drawn, duplicates=people.duplicates),
        screened,
        rates,
        present,
        warnings,
        screens_quiet_hours.lines(drawn, asleep),
        screens_quiet_hours.rows(drawn, asleep),
    )


async def loud(desk: Desk, touch: Touch, _tap: Tap, draft: Draft) -> Toast:
    """Whether quiet hours are kept: the other way round, and the card drawn anew."""
    kept = await drafts.keep(desk, replace(draft, loud=not draft.loud))
    draw = await drawer(desk, kept, await drafts.gathered(desk, kept))
    await redraw(desk, touch, draw(kept))
    return Toast()
