"""Taps on the cards of an order that is being written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.context import BotContext, ButtonPress, CallbackAnswer, already, old, redraw
from bot.handlers import date_picker, drafts, file_links, preview, recipients, recurrence, series, typed_text
from bot.screens import draft_questions as screens_draft_questions
from bot.screens import drafts as screens_drafts
from bot.screens import preview as screens_preview
from bot.telegram.incoming import order_content
from bot.text import formatting
from bot.text.translation import _
from bot.ui.callback_data import StaleScreen, Tap
from bot.ui.wall_clock import decode_moment
from core.domain.broadcast import Broadcast, PreparedOrder
from core.domain.content.content import Content
from core.domain.content.splitting import split
from core.domain.errors import Conflict, NotFound, ValidationError
from core.domain.messengers.capabilities import Option
from core.store.chat.drafts import Draft

_DOUBLE_TAP = 2
"""One tap moves a draft on by so many revisions at most."""

Handler = Callable[[BotContext, ButtonPress, Tap, Draft], Awaitable[CallbackAnswer | None]]


async def handle(context: BotContext, press: ButtonPress, tap: Tap) -> CallbackAnswer | None:
    """Carries the tap out. None: the tap was answered already."""
    draft = await drafts.load_own(context, press.admin, tap.subject.id)
    if draft is None:
        return await _gone(context, press, tap)
    if tap.subject.stamp == str(draft.revision + 1):
        # Posted, and cut off before its message was kept: this card shows the draft as it is.
        draft = await drafts.save(context, replace(draft, card_message_id=press.message_id))
    if tap.subject.stamp != str(draft.revision):
        return await _older(context, press, tap, draft)
    if tap.verb in date_picker.VERBS:
        return await _choose(context, press, tap, draft)
    return await _VERBS[tap.verb](context, press, tap, draft)


async def _gone(context: BotContext, press: ButtonPress, tap: Tap) -> CallbackAnswer:
    """The draft was accepted, discarded, or is over its 24 hours."""
    try:
        await context.core.broadcasts.get(tap.subject.id)
    except NotFound:
        if await series.is_one(context, tap.subject.id):
            return already()
        await context.chat.strip(press.admin.chat_id, press.message_id)
        return old()
    if not await context.live.is_card(tap.subject.id, press.admin.chat_id, press.message_id):
        await context.chat.strip(press.admin.chat_id, press.message_id)
    return already()


async def _older(context: BotContext, press: ButtonPress, tap: Tap, draft: Draft) -> CallbackAnswer:
    """A second tap on the same button, or a card that has been left behind."""
    if press.message_id == draft.card_message_id:
        await _home(context, press, tap, draft)
        return already()
    await context.chat.strip(press.admin.chat_id, press.message_id)
    if 0 < draft.revision - int(tap.subject.stamp) <= _DOUBLE_TAP:
        return already()
    await drafts.post_slots(context, draft)
    return old()


async def _home(context: BotContext, press: ButtonPress, _tap: Tap, draft: Draft) -> CallbackAnswer:
    field = drafts.missing_field(draft)
    await context.core.drafts.await_input(press.admin.id, draft.id, field)
    await redraw(context, press, screens_drafts.draft_card(draft, field, context.clock()))
    return CallbackAnswer()


async def _text(context: BotContext, press: ButtonPress, _tap: Tap, draft: Draft) -> CallbackAnswer:
    await context.core.drafts.await_input(press.admin.id, draft.id, "text")
    await redraw(context, press, screens_drafts.text_prompt(draft))
    return CallbackAnswer()


async def _choose(context: BotContext, press: ButtonPress, tap: Tap, draft: Draft) -> CallbackAnswer:
    if draft.series_id:
        # A series has no single moment.
        return await recurrence.begin(context, press, draft)
    await context.core.drafts.await_input(press.admin.id, draft.id, "when")
    screen, answer = await date_picker.screen(context, tap, draft.send_at, draft.shown_id)
    await redraw(context, press, screen)
    return answer


async def _set(context: BotContext, press: ButtonPress, tap: Tap, draft: Draft) -> CallbackAnswer:
    moment = decode_moment(tap.argument, context.clock())
    kept = await drafts.save(context, replace(draft, send_at=moment, repeat=None))
    return await _home(context, press, tap, kept)


async def _now(context: BotContext, press: ButtonPress, tap: Tap, draft: Draft) -> CallbackAnswer:
    kept = await drafts.save(context, replace(draft, send_at=None, repeat=None))
    return await _home(context, press, tap, kept)


async def _view(context: BotContext, press: ButtonPress, _tap: Tap, draft: Draft) -> CallbackAnswer:
    try:
        order = await drafts.prepare(context, draft, press.admin)
    except ValidationError as error:
        await redraw(context, press, screens_drafts.refused_order(draft, error.problems))
    else:
        await typed_text.show_preview(context, draft, order)
    return CallbackAnswer()


async def _replace(context: BotContext, press: ButtonPress, _tap: Tap, draft: Draft) -> CallbackAnswer:
    if press.replied is None:
        return CallbackAnswer(_("I cannot see that text any more. Tap Text and write it again."), alert=True)
    changed = drafts.with_content(draft, order_content(press.replied), text_from=press.replied_id)
    await drafts.post_slots(context, await drafts.save(context, changed))
    return CallbackAnswer()


async def _options(context: BotContext, press: ButtonPress, tap: Tap, draft: Draft) -> CallbackAnswer:
    """Opens the screen of wishes, or turns one of them over."""
    if tap.argument:
        content = draft.content or Content(text="")
        options = content.options ^ {Option(tap.argument)}
        draft = await drafts.save(context, replace(draft, content=replace(content, options=options)))
    await recurrence.show_options(context, press, draft)
    return CallbackAnswer()


async def _drop(context: BotContext, press: ButtonPress, _tap: Tap, draft: Draft) -> CallbackAnswer:
    await redraw(context, press, screens_draft_questions.discard_question(draft))
    return CallbackAnswer()


async def _dropped(context: BotContext, press: ButtonPress, _tap: Tap, draft: Draft) -> CallbackAnswer:
    await drafts.end(context, draft)
    await redraw(context, press, screens_draft_questions.discarded_message(draft))
    return CallbackAnswer(_("Discarded"))


async def _go(context: BotContext, press: ButtonPress, tap: Tap, draft: Draft) -> CallbackAnswer | None:
    # Prepared anew: a draft can be old.
    try:
        order = await drafts.prepare(context, draft, press.admin)
    except ValidationError as error:
        await redraw(context, press, screens_drafts.refused_order(draft, error.problems))
        return CallbackAnswer(_("Something has changed: look again"), alert=True)
    total = len(order.recipients)
    if int(tap.argument) != total:
        await typed_text.show_preview(context, draft, order)
        return CallbackAnswer(
            _("It is {people} now: look again").format(people=formatting.people(total)), alert=True
        )
    if draft.repeat is not None:
        return await recurrence.accept(context, press, draft)
    if tap.verb == "go" and draft.send_at is None and await _is_momentous(context, total):
        await redraw(context, press, screens_preview.send_question(draft, total))
        return CallbackAnswer()
    return await _accept(context, press, draft, order)


async def _is_momentous(context: BotContext, total: int) -> bool:
    """Whether sending at once takes a second tap: to many people, or for the first time ever."""
    return total > screens_preview.SURE_ABOVE or not await context.core.drafts.has_sent_before()


async def _accept(
    context: BotContext, press: ButtonPress, draft: Draft, order: PreparedOrder
) -> CallbackAnswer | None:
    """The id makes a repetition harmless. Says "Sending" only once it is written."""
    long = len(order.recipients) > screens_preview.SURE_ABOVE
    accepted_as = draft.changes or draft.id
    if long:
        await context.chat.answer(press.query_id, _("Writing it down"))
    # The card first: cut off in between, the bot still finds the message that shows the broadcast.
    await context.live.attach(accepted_as, press.admin.chat_id, press.message_id)
    try:
        accepted = await _write_down(context, draft, order)
    except (Conflict, NotFound) as error:
        await context.core.cards.remove(accepted_as, press.admin.chat_id)
        await redraw(context, press, screens_drafts.refused_order(draft, [str(error)]))
        return None if long else CallbackAnswer(_("Something has changed: look again"), alert=True)
    await drafts.end(context, draft)
    context.live.refresh_soon(accepted_as)
    context.approvals.wake()
    return None if long else CallbackAnswer(_accepted(order, accepted))


async def _write_down(context: BotContext, draft: Draft, order: PreparedOrder) -> Broadcast:
    """For changes, raises Conflict and NotFound."""
    broadcasts = context.core.broadcasts
    if draft.changes:
        return await broadcasts.change(draft.changes, order, edition=draft.edition)
    accepted = await broadcasts.accept(order, broadcast_id=draft.id)
    await context.core.drafts.remember_sent()
    return accepted


def _accepted(order: PreparedOrder, accepted: Broadcast) -> str:
    if accepted.asked is not None:
        return _("Somebody else has to approve it now")
    if accepted.edition:
        return _("Changed")
    if order.send_at is not None:
        return _("Scheduled")
    return formatting.starting_in(order.hold) if order.hold else _("Sending")


async def split_up(context: BotContext, press: ButtonPress, _tap: Tap, draft: Draft) -> CallbackAnswer:
    """The rest first becomes a draft of its own, so that nothing of the text is lost if we are cut off."""
    parts = draft.content and split(draft.content, screens_drafts.messengers_of(draft))
    if not parts:
        return CallbackAnswer(_("It fits into one message now."))
    first, rest = parts
    second = await drafts.create(
        context,
        press.admin,
        content=rest,
        recipients=draft.recipients,
        audiences=draft.audiences,
        duplicates=draft.duplicates,
        send_at=draft.send_at,
        repeat=draft.repeat,
    )
    try:
        kept = await drafts.save(context, replace(draft, content=first, album="", text_from=None))
    except StaleScreen:
        await drafts.end(context, second)
        raise
    await drafts.post_slots(context, second)
    await drafts.post_slots(context, kept)
    told = _(
        "Two drafts now: #{first} below begins the text, #{second} above it has the rest. Send #{first} first."
    )
    return CallbackAnswer(told.format(first=draft.shown_id, second=second.id), alert=True)


_VERBS: dict[str, Handler] = {
    **recipients.VERBS,
    **recurrence.VERBS,
    "home": _home,
    "text": _text,
    "set": _set,
    "now": _now,
    "view": _view,
    "opt": _options,
    "loud": preview.toggle_quiet_hours,
    "link": file_links.ask,
    "test": preview.test_to_me,
    "replace": _replace,
    "split": split_up,
    "drop": _drop,
    "dropped": _dropped,
    "go": _go,
    "sure": _go,
}
