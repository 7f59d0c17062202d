"""Taps on the cards of an order that is being written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.context import Desk, Toast, Touch, already, old, redraw
from bot.handlers import date_picker, drafts, file_links, preview, recipients, recurrence, series, typed_text
from bot.screens import draft_questions as screens_draft_questions
from bot.screens import drafts as screens_drafts
from bot.screens import preview as screens_preview
from bot.telegram.incoming import made_of
from bot.text import formatting
from bot.text.translation import _
from bot.ui.callback_data import StaleScreen, Tap
from bot.ui.wall_clock import read_carried
from core.domain.audience import Gathered
from core.domain.broadcast import Broadcast, NewBroadcast
from core.domain.content.content import Content
from core.domain.content.splitting import split
from core.domain.errors import Conflict, NotFound, ValidationError
from core.domain.messengers.capabilities import Option
from core.domain.messengers.events import Screened
from core.store.chat.drafts import Draft

_DOUBLE_TAP = 2
"""One tap moves a draft on by so many revisions at most."""

Handler = Callable[[Desk, Touch, Tap, Draft], Awaitable[Toast | None]]


async def tapped(desk: Desk, touch: Touch, tap: Tap) -> Toast | None:
    """Carries the tap out. None: the tap was answered already."""
    draft = await drafts.own(desk, touch.admin, tap.subject.id)
    if draft is None:
        return await _gone(desk, touch, tap)
    if tap.subject.stamp == str(draft.revision + 1):
        # Posted, and cut off before its message was kept: this card shows the draft as it is.
        draft = await drafts.keep(desk, replace(draft, card_message_id=touch.message_id))
    if tap.subject.stamp != str(draft.revision):
        return await _older(desk, touch, tap, draft)
    if tap.verb in date_picker.VERBS:
        return await _choose(desk, touch, tap, draft)
    return await _VERBS[tap.verb](desk, touch, tap, draft)


async def _gone(desk: Desk, touch: Touch, tap: Tap) -> Toast:
    """The draft was accepted, discarded, or is over its 24 hours."""
    try:
        await desk.core.broadcasts.get(tap.subject.id)
    except NotFound:
        if await series.is_one(desk, tap.subject.id):
            return already()
        await desk.chat.strip(touch.admin.chat_id, touch.message_id)
        return old()
    if not await desk.live.is_card(tap.subject.id, touch.admin.chat_id, touch.message_id):
        await desk.chat.strip(touch.admin.chat_id, touch.message_id)
    return already()


async def _older(desk: Desk, touch: Touch, tap: Tap, draft: Draft) -> Toast:
    """A second tap on the same button, or a card that has been left behind."""
    if touch.message_id == draft.card_message_id:
        await _home(desk, touch, tap, draft)
        return already()
    await desk.chat.strip(touch.admin.chat_id, touch.message_id)
    if 0 < draft.revision - int(tap.subject.stamp) <= _DOUBLE_TAP:
        return already()
    await drafts.post_slots(desk, draft)
    return old()


async def _home(desk: Desk, touch: Touch, _tap: Tap, draft: Draft) -> Toast:
    field = drafts.missing_field(draft)
    await desk.core.drafts.await_input(touch.admin.id, draft.id, field)
    await redraw(desk, touch, screens_drafts.slots(draft, field, desk.present()))
    return Toast()


async def _text(desk: Desk, touch: Touch, _tap: Tap, draft: Draft) -> Toast:
    await desk.core.drafts.await_input(touch.admin.id, draft.id, "text")
    await redraw(desk, touch, screens_drafts.ask_text(draft))
    return Toast()


async def _choose(desk: Desk, touch: Touch, tap: Tap, draft: Draft) -> Toast:
    if draft.series_id:
        # A series has no single moment.
        return await recurrence.begin(desk, touch, draft)
    await desk.core.drafts.await_input(touch.admin.id, draft.id, "when")
    screen, toast = await date_picker.screen(desk, tap, draft.send_at, draft.shown_id)
    await redraw(desk, touch, screen)
    return toast


async def _set(desk: Desk, touch: Touch, tap: Tap, draft: Draft) -> Toast:
    moment = read_carried(tap.argument, desk.present())
    kept = await drafts.keep(desk, replace(draft, send_at=moment, repeat=None))
    return await _home(desk, touch, tap, kept)


async def _now(desk: Desk, touch: Touch, tap: Tap, draft: Draft) -> Toast:
    kept = await drafts.keep(desk, replace(draft, send_at=None, repeat=None))
    return await _home(desk, touch, tap, kept)


async def _view(desk: Desk, touch: Touch, _tap: Tap, draft: Draft) -> Toast:
    people = await drafts.gathered(desk, draft)
    if problems := await drafts.problems_of(desk, draft, touch.admin, people):
        await redraw(desk, touch, screens_drafts.refused(draft, problems))
    else:
        await typed_text.show_preview(desk, draft, people)
    return Toast()


async def _replace(desk: Desk, touch: Touch, _tap: Tap, draft: Draft) -> Toast:
    if touch.replied is None:
        return Toast(_("I cannot see that text any more. Tap Text and write it again."), alert=True)
    changed = drafts.with_content(draft, made_of(touch.replied), text_from=touch.replied_id)
    await drafts.post_slots(desk, await drafts.keep(desk, changed))
    return Toast()


async def _options(desk: Desk, touch: Touch, tap: Tap, draft: Draft) -> Toast:
    """Opens the screen of wishes, or turns one of them over."""
    if tap.argument:
        content = draft.content or Content(text="")
        options = content.options ^ {Option(tap.argument)}
        draft = await drafts.keep(desk, replace(draft, content=replace(content, options=options)))
    await recurrence.show_options(desk, touch, draft)
    return Toast()


async def _drop(desk: Desk, touch: Touch, _tap: Tap, draft: Draft) -> Toast:
    await redraw(desk, touch, screens_draft_questions.ask_discard(draft))
    return Toast()


async def _dropped(desk: Desk, touch: Touch, _tap: Tap, draft: Draft) -> Toast:
    await drafts.end(desk, draft)
    await redraw(desk, touch, screens_draft_questions.discarded(draft))
    return Toast(_("Discarded"))


async def _go(desk: Desk, touch: Touch, tap: Tap, draft: Draft) -> Toast | None:
    people = await drafts.gathered(desk, draft)
    if problems := await drafts.problems_of(desk, draft, touch.admin, people):
        await redraw(desk, touch, screens_drafts.refused(draft, problems))
        return Toast(_("Something has changed: look again"), alert=True)
    screened = await desk.core.broadcasts.screen(people.recipients)
    total = len(screened.recipients)
    if int(tap.argument) != total:
        await typed_text.show_preview(desk, draft, people)
        return Toast(_("It is {people} now: look again").format(people=formatting.people(total)), alert=True)
    if draft.repeat is not None:
        return await recurrence.accept(desk, touch, draft)
    if tap.verb == "go" and draft.send_at is None and await _is_momentous(desk, total):
        await redraw(desk, touch, screens_preview.sure(draft, total))
        return Toast()
    return await _accept(desk, touch, draft, people, screened)


async def _is_momentous(desk: Desk, total: int) -> bool:
    """Whether sending at once takes a second tap: to many people, or for the first time ever."""
    return total > screens_preview.SURE_ABOVE or not await desk.core.drafts.has_sent_before()


async def _accept(
    desk: Desk, touch: Touch, draft: Draft, people: Gathered, screened: Screened
) -> Toast | None:
    """The id makes a repetition harmless. Says "Sending" only once it is written."""
    long = len(screened.recipients) > screens_preview.SURE_ABOVE
    accepted_as = draft.changes or draft.id
    if long:
        await desk.chat.answer(touch.query_id, _("Writing it down"))
    # The card first: cut off in between, the bot still finds the message that shows the broadcast.
    await desk.live.adopt(accepted_as, touch.admin.chat_id, touch.message_id)
    order = drafts.order_to_send(desk, draft, touch.admin, people)
    try:
        accepted = await _write_down(desk, draft, order, screened)
    except (ValidationError, Conflict, NotFound) as error:
        problems = error.problems if isinstance(error, ValidationError) else (str(error),)
        await desk.core.cards.remove(accepted_as, touch.admin.chat_id)
        await redraw(desk, touch, screens_drafts.refused(draft, problems))
        return None if long else Toast(_("Something has changed: look again"), alert=True)
    await drafts.end(desk, draft)
    desk.live.hurry(accepted_as)
    desk.approvals.hurry()
    return None if long else Toast(_accepted(order, accepted))


async def _write_down(desk: Desk, draft: Draft, order: NewBroadcast, screened: Screened) -> Broadcast:
    """Raises ValidationError, and for changes Conflict and NotFound."""
    broadcasts = desk.core.broadcasts
    if draft.changes:
        return await broadcasts.change(draft.changes, order, edition=draft.edition, screened=screened)
    accepted = await broadcasts.accept(order, broadcast_id=draft.id, screened=screened)
    await desk.core.drafts.remember_sent()
    return accepted


def _accepted(order: NewBroadcast, accepted: Broadcast) -> str:
    if accepted.asked is not None:
        return _("Somebody else has to approve it now")
    if accepted.edition:
        return _("Changed")
    if order.send_at is not None:
        return _("Scheduled")
    return formatting.starting_in(order.hold) if order.hold else _("Sending")


async def split_up(desk: Desk, touch: Touch, _tap: Tap, draft: Draft) -> Toast:
    """The rest first becomes a draft of its own, so that nothing of the text is lost if we are cut off."""
    parts = draft.content and split(draft.content, screens_drafts.messengers_of(draft))
    if not parts:
        return Toast(_("It fits into one message now."))
    first, rest = parts
    second = await drafts.begin(
        desk,
        touch.admin,
        content=rest,
        recipients=draft.recipients,
        audiences=draft.audiences,
        duplicates=draft.duplicates,
        send_at=draft.send_at,
        repeat=draft.repeat,
    )
    try:
        kept = await drafts.keep(desk, replace(draft, content=first, album="", text_from=None))
    except StaleScreen:
        await drafts.end(desk, second)
        raise
    await drafts.post_slots(desk, second)
    await drafts.post_slots(desk, kept)
    told = _(
        "Two drafts now: #{first} below begins the text, #{second} above it has the rest. Send #{first} first."
    )
    return Toast(told.format(first=draft.shown_id, second=second.id), alert=True)


_VERBS: dict[str, Handler] = {
    **recipients.VERBS,
    **recurrence.VERBS,
    "home": _home,
    "text": _text,
    "set": _set,
    "now": _now,
    "view": _view,
    "opt": _options,
    "loud": preview.loud,
    "link": file_links.ask,
    "test": preview.test_to_me,
    "replace": _replace,
    "split": split_up,
    "drop": _drop,
    "dropped": _dropped,
    "go": _go,
    "sure": _go,
}
