"""Typed text, and the table of prompts that it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from bot.context import BotContext, Reply, Result
from bot.handlers import (
    amendments,
    audiences,
    date_picker,
    drafts,
    file_links,
    forget,
    preview,
    recipients,
    recurrence,
    search,
    team,
    time_zone,
)
from bot.permissions import demand
from bot.routes import Handled, Prompt
from bot.screens.draft_questions import replace_question, send_offer
from bot.telegram.incoming import Admin, IncomingMessage, order_content, with_continuation
from bot.text.translation import _
from bot.ui.callback_data import HELP, subject
from bot.ui.screen import Screen, plain
from core.domain.content.content import Content
from core.domain.errors import ValidationError
from core.domain.team import Role
from core.parsing.dates import read_moment
from core.store.chat.drafts import Draft


async def handle(context: BotContext, message: IncomingMessage) -> Result:
    """Handle text that is no command. Raises SenderError; the question stays open."""
    about, field = await context.core.drafts.awaiting(message.admin.id) or ("", "")
    prompt = next((one for one in PROMPTS if one.answers(field)), None)
    await demand(context, message.admin, prompt.role if prompt else Role.EDITOR)
    return _offer() if prompt is None else await prompt.handler(context, message, about, field)


async def takes_people(context: BotContext, admin: Admin) -> bool:
    """True if the open prompt asks for recipients."""
    waiting = await context.core.drafts.awaiting(admin.id)
    return waiting is not None and waiting[1].partition(":")[0] in {
        recipients.WHO,
        recipients.SEARCH,
        *audiences.PEOPLE,
    }


def _offer() -> Reply:
    return Reply(send_offer(), quotes=True)


def _of_draft(
    answer: Callable[[BotContext, IncomingMessage, Draft, str], Handled],
) -> Callable[[BotContext, IncomingMessage, str, str], Handled]:
    """Make a handler for a field of a draft. Joins album files and split texts to the content first."""

    async def handle(context: BotContext, message: IncomingMessage, about: str, field: str) -> Result:
        draft = await drafts.load_own(context, message.admin, about)
        if draft is None:
            return _offer()
        if message.album and message.album == draft.album:
            await drafts.join(context, draft, _content(message))
        elif drafts.is_next_piece(draft, message) and draft.content is not None:
            content = with_continuation(draft.content, _content(message))
            await _set_content(context, message, draft, content, draft.album)
        else:
            return await answer(context, message, draft, field)
        return None

    return handle


def _content(message: IncomingMessage) -> Content:
    return message.content or Content(text=message.text)


async def _set_content(
    context: BotContext, message: IncomingMessage, draft: Draft, content: Content, album: str
) -> None:
    kept = drafts.with_content(draft, content, album, text_from=message.message_id)
    await drafts.post_slots(context, await drafts.save(context, kept))


async def _text(context: BotContext, message: IncomingMessage, draft: Draft, _field: str) -> None:
    if message.lost:
        lost = _("Not kept from your message: {parts}.").format(parts=", ".join(message.lost))
        await context.chat.send(message.admin.chat_id, plain(lost))
    await _set_content(context, message, draft, order_content(_content(message)), message.album)


async def _ask_replace(context: BotContext, message: IncomingMessage, draft: Draft, _field: str) -> None:
    await drafts.post(context, draft, replace_question, reply_to=message.message_id)


async def _closed(_context: BotContext, _message: IncomingMessage, _draft: Draft, _field: str) -> Reply:
    return _offer()


def _brings_files(message: IncomingMessage, draft: Draft) -> bool:
    """True if a file may be meant to replace the content of the draft."""
    return bool(_content(message).media) and draft.content is not None


async def _who(context: BotContext, message: IncomingMessage, draft: Draft, field: str) -> None:
    if _brings_files(message, draft):
        return await _ask_replace(context, message, draft, field)
    return await recipients.answer(context, message, draft, field)


async def _when(context: BotContext, message: IncomingMessage, draft: Draft, field: str) -> None:
    if _brings_files(message, draft):
        return await _ask_replace(context, message, draft, field)
    if await recurrence.handle_text(context, message, draft):
        return None
    found = date_picker.read_moment_or_now(context, message.text.strip())
    if found is None:
        kept = await drafts.save(context, replace(draft, send_at=None, repeat=None))
        await drafts.post_slots(context, kept)
    else:
        await drafts.post(
            context, draft, lambda drawn: date_picker.moment_screen(context, subject(drawn), found)
        )
    return None


async def _save_list(context: BotContext, message: IncomingMessage, draft: Draft, field: str) -> None:
    await audiences.save(context, message, draft, field.partition(":")[2])


async def _link(context: BotContext, message: IncomingMessage, draft: Draft, _field: str) -> None:
    placed = await file_links.handle_text(context, message, draft)
    if placed is not None:
        await preview.show(context, message.admin, placed)


async def _move(context: BotContext, message: IncomingMessage, broadcast_id: str, _field: str) -> Screen:
    broadcast, clock = await context.core.broadcasts.get(broadcast_id), context.clock()
    try:
        found = read_moment(message.text, now=clock.now, zone=clock.zone)
    except ValidationError as error:
        return date_picker.moment_screen(context, subject(broadcast), error)
    return date_picker.moment_screen(context, subject(broadcast), found)


PROMPTS: Final = (
    Prompt("text", Role.EDITOR, _of_draft(_text)),
    Prompt("who", Role.EDITOR, _of_draft(_who)),
    Prompt(recipients.SEARCH, Role.EDITOR, _of_draft(recipients.answer_search)),
    Prompt("when", Role.EDITOR, _of_draft(_when)),
    Prompt(drafts.READY, Role.EDITOR, _of_draft(_ask_replace)),
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
    Prompt(team.PROMPT, Role.OWNER, team.handle_text),
    Prompt(forget.PROMPT, Role.OWNER, forget.answer),
    Prompt(search.PROMPT, Role.VIEWER, search.answer),
    Prompt(f"{time_zone.PROMPT}:{HELP}", Role.VIEWER, time_zone.handle_text),
    Prompt(time_zone.PROMPT, Role.EDITOR, time_zone.handle_text),
)
"""Searched in order."""
