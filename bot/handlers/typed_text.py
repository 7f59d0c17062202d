"""The words that an admin types while an order is open."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from bot import prompts
from bot.context import Admin, Desk, Said
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
)
from bot.handlers.date_picker import MOVE
from bot.screens import broadcasts as screens_broadcasts
from bot.screens import date_picker as screens_date_picker
from bot.screens import draft_questions as screens_draft_questions
from bot.screens import drafts as screens_drafts
from bot.screens import recipients as screens_recipients
from bot.telegram import content_preview
from bot.telegram.incoming import goes_on, made_of
from bot.text.translation import _
from bot.ui.callback_data import ZONE_TYPED, Subject
from bot.ui.screen import Screen
from bot.ui.wall_clock import opening_pick
from core.domain.audience import Gathered
from core.domain.content.content import Content
from core.domain.errors import ValidationError
from core.domain.series import Repeat
from core.parsing.dates import AmbiguousTime, NeedsTime, WrongMoment, read_moment
from core.parsing.recipients import read_who
from core.parsing.recurrence import is_about_repeating, read_repeat
from core.store.chat.drafts import Draft

_NOW = re.compile(r"now|сейчас|сразу", re.IGNORECASE)


def read_time(desk: Desk, words: str | None) -> datetime | Repeat | ValidationError | None:
    """The same, or times that repeat."""
    present = desk.present()
    if words is None or not is_about_repeating(words):
        return _read_when(desk, words)
    try:
        return read_repeat(words, now=present.now, zone=present.zone)
    except ValidationError as error:
        return error


def _read_when(desk: Desk, words: str | None) -> datetime | ValidationError | None:
    """None = at once; an error that says what to ask or what is wrong."""
    if words is None or _NOW.fullmatch(words):
        return None
    present = desk.present()
    try:
        return read_moment(words, now=present.now, zone=present.zone)
    except ValidationError as error:
        return error


def moment_screen(desk: Desk, on: Subject, found: datetime | ValidationError) -> Screen:
    """The answer to a typed moment: read back, asked about, or refused with a better one."""
    present = desk.present()
    match found:
        case datetime():
            return screens_date_picker.read_back(found, on, present)
        case NeedsTime():
            return screens_date_picker.clock(
                opening_pick(found.day, present), on, present, note=found.problems[0]
            )
        case AmbiguousTime():
            return screens_date_picker.which_one(found, on, present)
        case WrongMoment():
            return screens_date_picker.wrong_moment(found.problems[0], found.proposal, on, present)
        case _:
            return screens_date_picker.wrong_moment(
                screens_drafts.problems_text(found.problems), None, on, present
            )


async def show(desk: Desk, admin: Admin, draft: Draft) -> None:
    """The preview of an order, or what stands in its way; the card of its slots while it lacks something."""
    if not screens_drafts.is_complete(draft):
        await drafts.post_slots(desk, draft)
        return
    people = await drafts.gathered(desk, draft)
    if problems := await drafts.problems_of(desk, draft, admin, people):
        await drafts.post(desk, draft, lambda drawn: screens_drafts.refused(drawn, problems))
    else:
        await show_preview(desk, draft, people)


async def show_preview(desk: Desk, draft: Draft, people: Gathered) -> None:
    """The content exactly as people get it, and under it the card that asks for the last word."""
    content = draft.content or Content(text="")
    refusal = await content_preview.everywhere(desk.chat, draft.chat_id, content, people.recipients)
    if refusal is not None:
        template = _("Telegram does not show this: {refusal}. What it refuses here, it refuses people too.")
        problem = template.format(refusal=refusal)
        await drafts.post(desk, draft, lambda drawn: screens_drafts.refused(drawn, [problem]))
        return
    await desk.core.drafts.await_input(draft.admin_id, draft.id, drafts.READY)
    await drafts.post(desk, draft, await preview.drawer(desk, draft, people))


async def typed(desk: Desk, said: Said) -> None:
    """Words that are no command: for the field that is open, else an offer to send them."""
    waiting = await desk.core.drafts.awaiting(said.admin.id)
    if waiting is not None and await _asked_for(desk, said, *waiting):
        return
    opened = await drafts.awaited(desk, said.admin)
    content = said.content or Content(text=said.text)
    match opened:
        case (draft, _field) if said.album and said.album == draft.album:
            await drafts.join(desk, draft, content)
        case (draft, _field) if drafts.is_next_piece(draft, said) and draft.content is not None:
            whole = goes_on(draft.content, content)
            kept = drafts.with_content(draft, whole, draft.album, text_from=said.message_id)
            await drafts.post_slots(desk, await drafts.keep(desk, kept))
        case (draft, "text"):
            kept = drafts.with_content(draft, made_of(content), said.album, text_from=said.message_id)
            await drafts.post_slots(desk, await drafts.keep(desk, kept))
        case (draft, "who" | "when") if content.media and draft.content is not None:
            await drafts.post(desk, draft, screens_draft_questions.ask_replace, reply_to=said.message_id)
        case (draft, "who"):
            await _typed_who(desk, said, draft)
        case (draft, "when"):
            await _typed_when(desk, said, draft)
        case (draft, field) if field.startswith(audiences.SAVE):
            await audiences.save(desk, said, draft, field.removeprefix(audiences.SAVE))
        case (draft, drafts.READY):
            await drafts.post(desk, draft, screens_draft_questions.ask_replace, reply_to=said.message_id)
        case _:
            await desk.chat.send(
                said.admin.chat_id, screens_draft_questions.offer_to_send(), reply_to=said.message_id
            )


async def _asked_for(desk: Desk, said: Said, about: str, field: str) -> bool:
    """Whether the words answer a question about something else than the slots of a draft."""
    if field == MOVE:
        await _typed_move(desk, said, about)
    elif field == prompts.SEARCH:
        await search.begin(desk, said, said.text)
    elif field.startswith(ZONE_TYPED):
        await time_zone.typed(desk, said, about, field)
    elif field == file_links.FIELD:
        return await _typed_place(desk, said, about)
    elif field == amendments.WORDS:
        await amendments.typed(desk, said, about)
    elif field == team.ADD:
        await team.typed(desk, said)
    elif field in audiences.FIELDS:
        await audiences.typed(desk, said, about, field)
    else:
        return False
    return True


async def _typed_place(desk: Desk, said: Said, draft_id: str) -> bool:
    """False when the draft is over."""
    draft = await drafts.own(desk, said.admin, draft_id)
    if draft is not None and (placed := await file_links.typed(desk, said, draft)) is not None:
        await show(desk, said.admin, placed)
    return draft is not None


async def _typed_who(desk: Desk, said: Said, draft: Draft) -> None:
    """Adds to the list; a wrong entry adds nobody, so that nothing goes out half right."""
    who = await read_who(said.text, desk.core.contacts, desk.core.audiences)
    if who.problems:
        shelf = await recipients.shelf(desk)
        await drafts.post(
            desk, draft, lambda drawn: screens_recipients.ask(drawn, shelf, who.problems, who.near)
        )
        return
    changed = drafts.with_audiences(await drafts.with_offered(desk, draft), who.audiences)
    grown = await drafts.keep(desk, drafts.with_more(changed, who.recipients, who.duplicates))
    if grown.content is None:
        await drafts.post_slots(desk, grown)
    else:
        # Still waiting for more: a long list arrives in several messages.
        await drafts.post(desk, grown, lambda drawn: screens_drafts.slots(drawn, "who", desk.present()))


async def _typed_when(desk: Desk, said: Said, draft: Draft) -> None:
    if await recurrence.typed(desk, said, draft):
        return
    found = _read_when(desk, said.text.strip())
    if found is None:
        kept = await drafts.keep(desk, replace(draft, send_at=None, repeat=None))
        await drafts.post_slots(desk, kept)
        return
    await drafts.post(desk, draft, lambda drawn: moment_screen(desk, screens_drafts.subject(drawn), found))


async def _typed_move(desk: Desk, said: Said, broadcast_id: str) -> None:
    broadcast = await desk.core.broadcasts.get(broadcast_id)
    present = desk.present()
    try:
        found: datetime | ValidationError = read_moment(said.text, now=present.now, zone=present.zone)
    except ValidationError as error:
        found = error
    await desk.chat.send(
        said.admin.chat_id, moment_screen(desk, screens_broadcasts.subject(broadcast), found)
    )


async def cancel(desk: Desk, said: Said) -> None:
    """/cancel closes the open step; the second one offers to discard the draft."""
    opened = await drafts.awaited(desk, said.admin)
    if opened is None:
        asked = await desk.core.drafts.awaiting(said.admin.id) is not None
        await desk.core.drafts.stop_awaiting(said.admin.id)
        nothing = _("Nothing is open. /send starts a broadcast.")
        closed = Screen(_("Closed; nothing was changed.") if asked else nothing)
        await desk.chat.send(said.admin.chat_id, closed)
        return
    draft, field = opened
    await desk.core.drafts.await_input(said.admin.id, draft.id, drafts.CLOSED)
    screen = (
        screens_draft_questions.ask_discard if field == drafts.CLOSED else screens_draft_questions.step_closed
    )
    await drafts.post(desk, draft, screen)
