"""The words that an admin types while an order is open."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from bot import audience_words, drafting, linking, preview_card, searching, showing
from bot.choosing import MOVE
from bot.desk import Admin, Desk, Said
from bot.incoming import goes_on, made_of
from bot.language import _
from bot.pick import opening_pick
from bot.screen import Screen
from bot.screens import asking as screens_asking
from bot.screens import broadcast as screens_broadcast
from bot.screens import draft as screens_draft
from bot.screens import when as screens_when
from bot.screens import who as screens_who
from bot.taps import phone as phone_taps
from bot.taps import repeat as repeat_taps
from bot.taps import staff as staff_taps
from bot.taps import who as who_taps
from bot.taps import zone as zone_taps
from bot.wire import Subject
from bot.wire_zone import ZONE_TYPED
from core.domain.audience import Gathered
from core.domain.content import Content
from core.domain.errors import ValidationError
from core.domain.series import Repeat
from core.services.dates import AmbiguousTime, NeedsTime, WrongMoment, read_moment
from core.services.recipients import read_who
from core.services.repeat_words import is_about_repeating, read_repeat
from core.store.drafts import Draft

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
            return screens_when.read_back(found, on, present)
        case NeedsTime():
            return screens_when.clock(opening_pick(found.day, present), on, present, note=found.problems[0])
        case AmbiguousTime():
            return screens_when.which_one(found, on, present)
        case WrongMoment():
            return screens_when.wrong_moment(found.problems[0], found.proposal, on, present)
        case _:
            return screens_when.wrong_moment(screens_draft.problems_text(found.problems), None, on, present)


async def show(desk: Desk, admin: Admin, draft: Draft) -> None:
    """The preview of an order, or what stands in its way; the card of its slots while it lacks something."""
    if not screens_draft.is_complete(draft):
        await drafting.post_slots(desk, draft)
        return
    people = await drafting.gathered(desk, draft)
    if problems := await drafting.problems_of(desk, draft, admin, people):
        await drafting.post(desk, draft, lambda drawn: screens_draft.refused(drawn, problems))
    else:
        await show_preview(desk, draft, people)


async def show_preview(desk: Desk, draft: Draft, people: Gathered) -> None:
    """The content exactly as people get it, and under it the card that asks for the last word."""
    content = draft.content or Content(text="")
    refusal = await showing.everywhere(desk.chat, draft.chat_id, content, people.recipients)
    if refusal is not None:
        template = _("Telegram does not show this: {refusal}. What it refuses here, it refuses people too.")
        problem = template.format(refusal=refusal)
        await drafting.post(desk, draft, lambda drawn: screens_draft.refused(drawn, [problem]))
        return
    await desk.core.drafts.await_input(draft.admin_id, draft.id, drafting.READY)
    await drafting.post(desk, draft, await preview_card.drawer(desk, draft, people))


async def typed(desk: Desk, said: Said) -> None:
    """Words that are no command: for the field that is open, else an offer to send them."""
    waiting = await desk.core.drafts.awaiting(said.admin.id)
    if waiting is not None and await _asked_for(desk, said, *waiting):
        return
    opened = await drafting.awaited(desk, said.admin)
    content = said.content or Content(text=said.text)
    match opened:
        case (draft, _field) if said.album and said.album == draft.album:
            await drafting.join(desk, draft, content)
        case (draft, _field) if drafting.is_next_piece(draft, said) and draft.content is not None:
            whole = goes_on(draft.content, content)
            kept = drafting.with_content(draft, whole, draft.album, text_from=said.message_id)
            await drafting.post_slots(desk, await drafting.keep(desk, kept))
        case (draft, "text"):
            kept = drafting.with_content(draft, made_of(content), said.album, text_from=said.message_id)
            await drafting.post_slots(desk, await drafting.keep(desk, kept))
        case (draft, "who" | "when") if content.media and draft.content is not None:
            await drafting.post(desk, draft, screens_asking.ask_replace, reply_to=said.message_id)
        case (draft, "who"):
            await _typed_who(desk, said, draft)
        case (draft, "when"):
            await _typed_when(desk, said, draft)
        case (draft, field) if field.startswith(audience_words.SAVE):
            await audience_words.save(desk, said, draft, field.removeprefix(audience_words.SAVE))
        case (draft, drafting.READY):
            await drafting.post(desk, draft, screens_asking.ask_replace, reply_to=said.message_id)
        case _:
            await desk.chat.send(said.admin.chat_id, screens_asking.offer_to_send(), reply_to=said.message_id)


async def _asked_for(desk: Desk, said: Said, about: str, field: str) -> bool:
    """Whether the words answer a question about something else than the slots of a draft."""
    if field == MOVE:
        await _typed_move(desk, said, about)
    elif field == searching.WORDS:
        await searching.begin(desk, said, said.text)
    elif field.startswith(ZONE_TYPED):
        await zone_taps.typed(desk, said, about, field)
    elif field == linking.FIELD:
        return await _typed_place(desk, said, about)
    elif field == phone_taps.WORDS:
        await phone_taps.typed(desk, said, about)
    elif field == staff_taps.ADD:
        await staff_taps.typed(desk, said)
    elif field in audience_words.FIELDS:
        await audience_words.typed(desk, said, about, field)
    else:
        return False
    return True


async def _typed_place(desk: Desk, said: Said, draft_id: str) -> bool:
    """False when the draft is over."""
    draft = await drafting.own(desk, said.admin, draft_id)
    if draft is not None and (placed := await linking.typed(desk, said, draft)) is not None:
        await show(desk, said.admin, placed)
    return draft is not None


async def _typed_who(desk: Desk, said: Said, draft: Draft) -> None:
    """Adds to the list; a wrong entry adds nobody, so that nothing goes out half right."""
    who = await read_who(said.text, desk.core.contacts, desk.core.audiences)
    if who.problems:
        shelf = await who_taps.shelf(desk)
        await drafting.post(desk, draft, lambda drawn: screens_who.ask(drawn, shelf, who.problems, who.near))
        return
    changed = drafting.with_audiences(await drafting.with_offered(desk, draft), who.audiences)
    grown = await drafting.keep(desk, drafting.with_more(changed, who.recipients, who.duplicates))
    if grown.content is None:
        await drafting.post_slots(desk, grown)
    else:
        # Still waiting for more: a long list arrives in several messages.
        await drafting.post(desk, grown, lambda drawn: screens_draft.slots(drawn, "who", desk.present()))


async def _typed_when(desk: Desk, said: Said, draft: Draft) -> None:
    if await repeat_taps.typed(desk, said, draft):
        return
    found = _read_when(desk, said.text.strip())
    if found is None:
        kept = await drafting.keep(desk, replace(draft, send_at=None, repeat=None))
        await drafting.post_slots(desk, kept)
        return
    await drafting.post(desk, draft, lambda drawn: moment_screen(desk, screens_draft.subject(drawn), found))


async def _typed_move(desk: Desk, said: Said, broadcast_id: str) -> None:
    broadcast = await desk.core.broadcasts.get(broadcast_id)
    present = desk.present()
    try:
        found: datetime | ValidationError = read_moment(said.text, now=present.now, zone=present.zone)
    except ValidationError as error:
        found = error
    await desk.chat.send(said.admin.chat_id, moment_screen(desk, screens_broadcast.subject(broadcast), found))


async def cancel(desk: Desk, said: Said) -> None:
    """/cancel closes the open step; the second one offers to discard the draft."""
    opened = await drafting.awaited(desk, said.admin)
    if opened is None:
        asked = await desk.core.drafts.awaiting(said.admin.id) is not None
        await desk.core.drafts.stop_awaiting(said.admin.id)
        nothing = _("Nothing is open. /send starts a broadcast.")
        closed = Screen(_("Closed; nothing was changed.") if asked else nothing)
        await desk.chat.send(said.admin.chat_id, closed)
        return
    draft, field = opened
    await desk.core.drafts.await_input(said.admin.id, draft.id, drafting.CLOSED)
    screen = screens_asking.ask_discard if field == drafting.CLOSED else screens_asking.step_closed
    await drafting.post(desk, draft, screen)
