"""Typed text and files, and the table of prompts that they answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.context import BotContext, Result
from bot.handlers import (
    amendments,
    audiences,
    auto_texts,
    date_picker,
    drafts,
    file_links,
    forget,
    gaps,
    members,
    offers,
    preview,
    recipients,
    recurrence,
    search,
    segments,
    team,
    templates,
    time_zone,
    typed_people,
)
from bot.permissions import demand
from bot.requests import Admin, IncomingMessage
from bot.routes import Handled, Prompt
from bot.screens.draft_questions import more_question, send_offer, with_adding, with_people
from bot.screens.drafts import message_card
from bot.text.message_parts import joined, order_content, with_album_part, with_continuation
from bot.ui.callback_data import HELP, subject
from bot.ui.screen import Screen
from core.domain.content.content import Content
from core.domain.errors import ValidationError
from core.domain.team import Role
from core.parsing.dates import UnreadableMoment
from core.parsing.prose import has_address, is_prose
from core.store.chat.drafts import Draft


async def handle(context: BotContext, message: IncomingMessage) -> Result:
    """Handle text that is no command. Raises SenderError; the question stays open."""
    about, field = await context.core.prompts.current(message.admin.id) or ("", "")
    prompt = next((one for one in PROMPTS if one.answers(field)), None)
    await demand(context, message.admin, prompt.role if prompt else Role.EDITOR)
    if prompt is None:
        await offers.make(context, message)
        return None
    return await prompt.handler(context, message, about, field)


async def takes_people(context: BotContext, admin: Admin) -> bool:
    """True if the open prompt asks for recipients."""
    prompt = await context.core.prompts.current(admin.id)
    return prompt is not None and prompt.name in {*recipients.PROMPTS, *audiences.PEOPLE}


def _of_draft(
    answer: Callable[[BotContext, IncomingMessage, Draft, str], Handled],
) -> Callable[[BotContext, IncomingMessage, str, str], Handled]:
    """Make a handler for a field of a draft. Joins album files and split texts to the content first."""

    async def handle(context: BotContext, message: IncomingMessage, about: str, field: str) -> Result:
        draft = await drafts.load_own(context, message.admin, about)
        if draft is None:
            await offers.make(context, message)
        elif message.album and message.album == draft.album and draft.content is not None:
            grown = replace(draft, content=with_album_part(draft.content, message.whole))
            await _redraw(context, await drafts.save(context, grown), field)
        elif drafts.is_next_piece(draft, message) and draft.content is not None:
            content = with_continuation(draft.content, message.whole)
            grown = drafts.with_content(draft, content, draft.album, text_from=message.message_id)
            await _show_changed(context, message, replace(grown, joined=True), field)
        else:
            return await answer(context, message, draft, field)
        return None

    return handle


async def _redraw(context: BotContext, draft: Draft, field: str) -> None:
    """Show the next file of an album on the card that is there."""
    draw: Callable[[Draft], Screen] = send_offer
    if field != drafts.OFFERED:
        if draft.is_complete:
            await context.core.prompts.open(draft.admin_id, draft.id, drafts.READY)
        draw = message_card if draft.is_complete else await drafts.question(context, draft)
    if draft.card_message_id is None:
        await drafts.post(context, draft, draw)
    else:
        await context.chat.show(draft.chat_id, draft.card_message_id, draw(draft))


async def _show_changed(context: BotContext, message: IncomingMessage, changed: Draft, field: str) -> None:
    """Save a changed content, and show what is next."""
    kept = await drafts.save(context, changed)
    if field == drafts.OFFERED:
        await offers.show(context, kept, message)
    elif message.album and kept.is_complete:
        # Its other files are still to come.
        await context.core.prompts.open(kept.admin_id, kept.id, drafts.READY)
        await drafts.post(context, kept, message_card)
    else:
        await preview.show(context, message.admin, kept)


async def _text(context: BotContext, message: IncomingMessage, draft: Draft, field: str) -> None:
    await offers.tell_lost(context, message)
    first = draft.content is None
    part = order_content(message.whole)
    changed = drafts.with_part(draft, part, message.album, text_from=message.message_id)
    if first and not draft.names_somebody and await _names_people(context, part):
        # A list sent where the text was asked for: it may be either.
        kept = await drafts.save(context, replace(changed, more=part))
        draw = await drafts.question(context, kept)
        await drafts.post(context, kept, lambda drawn: with_people(drawn, draw(drawn)))
        return
    await _show_changed(context, message, changed, field)


async def _names_people(context: BotContext, part: Content) -> bool:
    """True for a text of nothing but people, addresses among them: a name alone may be the text."""
    return has_address(part.text) and await typed_people.are_named(context, part)


async def _more(context: BotContext, message: IncomingMessage, draft: Draft, field: str) -> None:
    """Join what belongs to the message; ask what anything else is for."""
    if draft.content is None:
        return await _text(context, message, draft, field)
    await offers.tell_lost(context, message)
    part = order_content(message.whole)
    if field == drafts.OFFERED or (draft.more is None and drafts.completes(draft.content, part)):
        changed = drafts.with_addition(draft, part, message.album, text_from=message.message_id)
        return await _show_changed(context, message, changed, field)
    more = joined(draft.more, part) if field == drafts.MORE and draft.more else part
    if field == drafts.MORE and draft.card_message_id is not None:
        # One question for all of them.
        await context.chat.erase(draft.chat_id, draft.card_message_id)
        draft = replace(draft, card_message_id=None)
    kept = await drafts.save(context, replace(draft, more=more))
    moment = None if part.media else date_picker.read_moment_or_now(context, part.text.strip())
    people = await _names_people(context, more)
    await context.core.prompts.open(draft.admin_id, draft.id, drafts.MORE)

    def draw(drawn: Draft) -> Screen:
        if isinstance(moment, datetime):
            return with_adding(drawn, date_picker.moment_screen(context, subject(drawn), moment))
        screen = more_question(drawn, more)
        return with_people(drawn, screen) if people else screen

    await drafts.post(context, kept, draw, reply_to=message.message_id)
    return None


async def _closed(context: BotContext, message: IncomingMessage, _draft: Draft, _field: str) -> None:
    await offers.make(context, message)


async def _who(context: BotContext, message: IncomingMessage, draft: Draft, field: str) -> None:
    """Add typed recipients; words that name nobody may be more of the message."""
    prose = is_prose(message.text)
    if message.whole.media or (prose and draft.content is not None and not draft.content.text):
        return await _more(context, message, draft, field)
    who = await typed_people.read(context, message)
    if who is None:
        return None
    named = bool(who.recipients or who.audiences or who.near or who.like or who.guesses)
    if who.problems and prose and not named:
        return await _more(context, message, draft, field)
    await recipients.take(context, message, draft, who)
    return None


async def _when(context: BotContext, message: IncomingMessage, draft: Draft, field: str) -> None:
    if message.whole.media:
        return await _more(context, message, draft, field)
    if await recurrence.handle_text(context, message, draft):
        return None
    found = date_picker.read_moment_or_now(context, message.text.strip())
    if found is None:
        kept = await drafts.save(context, replace(draft, send_at=None, repeat=None))
        await preview.show(context, message.admin, kept)
        return None
    unread = isinstance(found, UnreadableMoment) and draft.content is not None
    if unread:
        draft = await drafts.save(context, replace(draft, more=order_content(message.whole)))

    def draw(drawn: Draft) -> Screen:
        screen = date_picker.moment_screen(context, subject(drawn), found)
        return with_adding(drawn, screen) if unread else screen

    await drafts.post(context, draft, draw)
    return None


async def _save_list(context: BotContext, message: IncomingMessage, draft: Draft, field: str) -> None:
    await audiences.save(context, message, draft, field.partition(":")[2])


async def _link(context: BotContext, message: IncomingMessage, draft: Draft, _field: str) -> None:
    placed = await file_links.handle_text(context, message, draft)
    if placed is not None:
        await preview.show(context, message.admin, placed)


async def _move(context: BotContext, message: IncomingMessage, broadcast_id: str, _field: str) -> Screen:
    broadcast = await context.core.broadcasts.get(broadcast_id)
    try:
        found: datetime | ValidationError = date_picker.read(context, message.text)
    except ValidationError as error:
        found = error
    return date_picker.moment_screen(context, subject(broadcast), found)


PROMPTS: Final = (
    Prompt(auto_texts.PROMPT, Role.EDITOR, auto_texts.handle_text),
    Prompt(drafts.TEXT, Role.EDITOR, _of_draft(_text)),
    Prompt(drafts.WHO, Role.EDITOR, _of_draft(_who)),
    Prompt(recipients.NEW, Role.EDITOR, _of_draft(recipients.answer_new)),
    Prompt(recipients.SEARCH, Role.EDITOR, _of_draft(recipients.answer_search)),
    Prompt(gaps.ALL, Role.EDITOR, _of_draft(gaps.answer_default)),
    Prompt(gaps.FILL, Role.EDITOR, _of_draft(gaps.answer_value)),
    Prompt(drafts.WHEN, Role.EDITOR, _of_draft(_when)),
    Prompt(drafts.VALUE, Role.EDITOR, _of_draft(templates.handle_value)),
    Prompt(drafts.READY, Role.EDITOR, _of_draft(_more)),
    Prompt(drafts.MORE, Role.EDITOR, _of_draft(_more)),
    Prompt(drafts.OFFERED, Role.EDITOR, _of_draft(_more)),
    Prompt(drafts.CLOSED, Role.EDITOR, _of_draft(_closed)),
    Prompt(audiences.SAVE, Role.EDITOR, _of_draft(_save_list)),
    Prompt(file_links.PROMPT, Role.EDITOR, _of_draft(_link)),
    Prompt(date_picker.MOVE, Role.EDITOR, _move),
    Prompt(amendments.PROMPT, Role.EDITOR, amendments.handle_text),
    Prompt(audiences.NEW, Role.EDITOR, audiences.create),
    Prompt(audiences.NAME, Role.EDITOR, audiences.rename),
    Prompt(audiences.QUIET, Role.EDITOR, audiences.set_quiet),
    Prompt(audiences.ADD, Role.EDITOR, audiences.change_people),
    Prompt(audiences.REMOVE, Role.EDITOR, audiences.change_people),
    Prompt(segments.VALUE, Role.EDITOR, segments.answer_value),
    Prompt(members.SEARCH, Role.VIEWER, members.answer_search),
    Prompt(members.VALUE, Role.EDITOR, members.answer_value),
    Prompt(members.ADDRESS, Role.EDITOR, members.answer_address),
    Prompt(team.PROMPT, Role.OWNER, team.handle_text),
    Prompt(forget.PROMPT, Role.OWNER, forget.answer),
    Prompt(search.PROMPT, Role.VIEWER, search.answer),
    Prompt(f"{time_zone.PROMPT}:{HELP}", Role.VIEWER, time_zone.handle_text),
    Prompt(time_zone.PROMPT, Role.EDITOR, time_zone.handle_text),
)
"""Searched in order."""
