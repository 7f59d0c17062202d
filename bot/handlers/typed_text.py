"""The words that an admin types while an order is open."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from bot import prompts
from bot.context import Admin, BotContext, IncomingMessage
from bot.handlers import (
    amendments,
    audiences,
    drafts,
    file_links,
    preview,
    recipients,
    recurrence,
    search,
    team,
    time_zone,
    typed_people,
)
from bot.handlers.date_picker import MOVE
from bot.screens import date_picker as screens_date_picker
from bot.screens import draft_questions as screens_draft_questions
from bot.screens import drafts as screens_drafts
from bot.screens import recipients as screens_recipients
from bot.telegram import content_preview
from bot.telegram.incoming import order_content, with_continuation
from bot.text.translation import _
from bot.ui.callback_data import ZONE_TYPED, Subject, subject
from bot.ui.screen import Screen
from bot.ui.wall_clock import opening_time
from core.domain.broadcast import PreparedOrder
from core.domain.content.content import Content
from core.domain.errors import ValidationError
from core.domain.series import Repeat
from core.parsing.dates import AmbiguousTime, NeedsTime, WrongMoment, read_moment
from core.parsing.recurrence import is_about_repeating, read_repeat
from core.store.chat.drafts import Draft

_NOW = re.compile(r"now|сейчас|сразу", re.IGNORECASE)


def read_time(context: BotContext, words: str | None) -> datetime | Repeat | ValidationError | None:
    """The same, or times that repeat."""
    clock = context.clock()
    if words is None or not is_about_repeating(words):
        return _read_when(context, words)
    try:
        return read_repeat(words, now=clock.now, zone=clock.zone)
    except ValidationError as error:
        return error


def _read_when(context: BotContext, words: str | None) -> datetime | ValidationError | None:
    """None = at once; an error that says what to ask or what is wrong."""
    if words is None or _NOW.fullmatch(words):
        return None
    clock = context.clock()
    try:
        return read_moment(words, now=clock.now, zone=clock.zone)
    except ValidationError as error:
        return error


def moment_screen(context: BotContext, on: Subject, found: datetime | ValidationError) -> Screen:
    """The answer to a typed moment: read back, asked about, or refused with a better one."""
    clock = context.clock()
    match found:
        case datetime():
            return screens_date_picker.moment_question(found, on, clock)
        case NeedsTime():
            return screens_date_picker.time_picker(
                opening_time(found.day, clock), on, clock, note=found.problems[0]
            )
        case AmbiguousTime():
            return screens_date_picker.fold_question(found, on, clock)
        case WrongMoment():
            return screens_date_picker.moment_error(found.problems[0], found.proposal, on, clock)
        case _:
            return screens_date_picker.moment_error(
                screens_drafts.problems_text(found.problems), None, on, clock
            )


async def show(context: BotContext, admin: Admin, draft: Draft) -> None:
    """The preview of an order, or what stands in its way; the card of its slots while it lacks something."""
    if not screens_drafts.is_complete(draft):
        await drafts.post_slots(context, draft)
        return
    try:
        order = await drafts.prepare(context, draft, admin)
    except ValidationError as error:
        problems = error.problems
        await drafts.post(context, draft, lambda drawn: screens_drafts.refused_order(drawn, problems))
    else:
        await show_preview(context, draft, order)


async def show_preview(context: BotContext, draft: Draft, order: PreparedOrder) -> None:
    """The content exactly as people get it, and under it the card that asks for the last word."""
    refusal = await content_preview.send_previews(
        context.chat, draft.chat_id, order.content, order.recipients
    )
    if refusal is not None:
        template = _("Telegram does not show this: {refusal}. What it refuses here, it refuses people too.")
        problem = template.format(refusal=refusal)
        await drafts.post(context, draft, lambda drawn: screens_drafts.refused_order(drawn, [problem]))
        return
    await context.core.drafts.await_input(draft.admin_id, draft.id, drafts.READY)
    await drafts.post(context, draft, await preview.drawer(context, draft, order))


async def handle(context: BotContext, message: IncomingMessage) -> None:
    """Words that are no command: for the field that is open, else an offer to send them."""
    waiting = await context.core.drafts.awaiting(message.admin.id)
    if waiting is not None and await _asked_for(context, message, *waiting):
        return
    opened = await drafts.awaited(context, message.admin)
    content = message.content or Content(text=message.text)
    match opened:
        case (draft, _field) if message.album and message.album == draft.album:
            await drafts.join(context, draft, content)
        case (draft, _field) if drafts.is_next_piece(draft, message) and draft.content is not None:
            whole = with_continuation(draft.content, content)
            kept = drafts.with_content(draft, whole, draft.album, text_from=message.message_id)
            await drafts.post_slots(context, await drafts.save(context, kept))
        case (draft, "text"):
            kept = drafts.with_content(
                draft, order_content(content), message.album, text_from=message.message_id
            )
            await drafts.post_slots(context, await drafts.save(context, kept))
        case (draft, "who" | "when") if content.media and draft.content is not None:
            await drafts.post(
                context, draft, screens_draft_questions.replace_question, reply_to=message.message_id
            )
        case (draft, "who"):
            await _typed_who(context, message, draft)
        case (draft, "when"):
            await _typed_when(context, message, draft)
        case (draft, field) if field.startswith(audiences.SAVE):
            await audiences.save(context, message, draft, field.removeprefix(audiences.SAVE))
        case (draft, drafts.READY):
            await drafts.post(
                context, draft, screens_draft_questions.replace_question, reply_to=message.message_id
            )
        case _:
            await context.chat.send(
                message.admin.chat_id, screens_draft_questions.send_offer(), reply_to=message.message_id
            )


async def _asked_for(context: BotContext, message: IncomingMessage, about: str, field: str) -> bool:
    """Whether the words answer a question about something else than the slots of a draft."""
    if field == MOVE:
        await _typed_move(context, message, about)
    elif field == prompts.SEARCH:
        await search.begin(context, message, message.text)
    elif field.startswith(ZONE_TYPED):
        await time_zone.handle_text(context, message, about, field)
    elif field == file_links.FIELD:
        return await _typed_place(context, message, about)
    elif field == amendments.WORDS:
        await amendments.handle_text(context, message, about)
    elif field == team.ADD:
        await team.handle_text(context, message)
    elif field in audiences.FIELDS:
        await audiences.handle_text(context, message, about, field)
    else:
        return False
    return True


async def _typed_place(context: BotContext, message: IncomingMessage, draft_id: str) -> bool:
    """False when the draft is over."""
    draft = await drafts.load_own(context, message.admin, draft_id)
    if draft is not None and (placed := await file_links.handle_text(context, message, draft)) is not None:
        await show(context, message.admin, placed)
    return draft is not None


async def _typed_who(context: BotContext, message: IncomingMessage, draft: Draft) -> None:
    """Adds to the list; a wrong entry adds nobody, so that nothing goes out half right."""
    who = await typed_people.read(context, message)
    if who is None:
        return
    if who.problems:
        shelf = await recipients.shelf(context)
        await drafts.post(
            context,
            draft,
            lambda drawn: screens_recipients.recipients_prompt(drawn, shelf, who.problems, who.near),
        )
        return
    changed = drafts.with_audiences(await drafts.with_offered(context, draft), who.audiences)
    grown = await drafts.save(context, drafts.with_more(changed, who.recipients, who.duplicates))
    if grown.content is None:
        await drafts.post_slots(context, grown)
    else:
        # Still waiting for more: a long list arrives in several messages.
        await drafts.post(
            context, grown, lambda drawn: screens_drafts.draft_card(drawn, "who", context.clock())
        )


async def _typed_when(context: BotContext, message: IncomingMessage, draft: Draft) -> None:
    if await recurrence.handle_text(context, message, draft):
        return
    found = _read_when(context, message.text.strip())
    if found is None:
        kept = await drafts.save(context, replace(draft, send_at=None, repeat=None))
        await drafts.post_slots(context, kept)
        return
    await drafts.post(context, draft, lambda drawn: moment_screen(context, subject(drawn), found))


async def _typed_move(context: BotContext, message: IncomingMessage, broadcast_id: str) -> None:
    broadcast = await context.core.broadcasts.get(broadcast_id)
    clock = context.clock()
    try:
        found: datetime | ValidationError = read_moment(message.text, now=clock.now, zone=clock.zone)
    except ValidationError as error:
        found = error
    await context.chat.send(message.admin.chat_id, moment_screen(context, subject(broadcast), found))


async def cancel(context: BotContext, message: IncomingMessage) -> None:
    """/cancel closes the open step; the second one offers to discard the draft."""
    opened = await drafts.awaited(context, message.admin)
    if opened is None:
        asked = await context.core.drafts.awaiting(message.admin.id) is not None
        await context.core.drafts.stop_awaiting(message.admin.id)
        nothing = _("Nothing is open. /send starts a broadcast.")
        closed = Screen(_("Closed; nothing was changed.") if asked else nothing)
        await context.chat.send(message.admin.chat_id, closed)
        return
    draft, field = opened
    await context.core.drafts.await_input(message.admin.id, draft.id, drafts.CLOSED)
    screen = (
        screens_draft_questions.discard_question
        if field == drafts.CLOSED
        else screens_draft_questions.closed_message
    )
    await drafts.post(context, draft, screen)
