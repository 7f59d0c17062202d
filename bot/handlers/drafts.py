"""Drafts: orders being written. Every change is stored before it is shown, so a restart loses nothing.

Each change and each new card makes a new revision of the draft; buttons carry its number, so those of older screens
are recognised. The field of a prompt says what the next typed text is for: TEXT, WHO, WHEN, or VALUE of a gap in a
template. OFFERED: the bot has asked if a message is for people at all; MORE: what a second message is for. READY:
nothing is missing; CLOSED: after /cancel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

from bot.context import BotContext
from bot.handlers.preparation import gathered
from bot.handlers.recipient_choices import recipient_choices
from bot.requests import Admin, ButtonPress, IncomingMessage
from bot.screens.draft_questions import cancelled_text, closed_message, discard_question
from bot.screens.drafts import text_question
from bot.screens.home import new_button
from bot.screens.recipients import recipients_prompt
from bot.screens.templates import gap_question
from bot.text.message_parts import joined
from bot.text.translation import _
from bot.ui.callback_data import StaleScreen
from bot.ui.screen import Screen, screen
from core.domain.audience import EVERYBODY, Chosen
from core.domain.broadcast import Broadcast
from core.domain.content.content import Content
from core.domain.content.formatting import utf16_length
from core.domain.content.templates import next_gap
from core.domain.content.variables import defaults
from core.domain.errors import NotFound
from core.domain.recipients import Recipient
from core.parsing.addresses import account
from core.services.gaps import with_chosen_defaults
from core.store.chat.drafts import Draft
from core.store.chat.prompts import OpenPrompt

TEXT = "text"
WHO = "who"
WHEN = "when"
READY = "ready"
VALUE = "value"
MORE = "more"
OFFERED = "offer"
CLOSED = "closed"
_FULL_MESSAGE = 3_000
"""UTF-16 units: apps split a long text somewhat before 4,096."""
_MOST_IN_A_DRAFT = 1_000
"""Recipients; more are kept in a list."""


def blank(admin: Admin) -> Draft:
    return Draft(id="", revision=1, admin_id=admin.id, chat_id=admin.chat_id)


async def create(context: BotContext, draft: Draft) -> Draft:
    """Save a new draft under a new id, and await its next field."""
    draft = replace(draft, id=await context.core.ledger.reserve_id())
    await context.core.drafts.create(draft)
    await context.core.prompts.open(draft.admin_id, draft.id, missing_field(draft))
    return draft


def missing_field(draft: Draft) -> str:
    """The next field to fill: TEXT, WHO, VALUE of a template, or READY."""
    if draft.content is None:
        return TEXT
    if not draft.names_somebody:
        return WHO
    return READY if next_gap(draft.content) is None else VALUE


class OpenDraft(NamedTuple):
    draft: Draft
    prompt: OpenPrompt
    """The question about it."""


async def current(context: BotContext, admin: Admin) -> OpenDraft | None:
    """The draft that the open prompt is about; None where it is about none."""
    prompt = await context.core.prompts.current(admin.id)
    if prompt is None:
        return None
    draft = await load_own(context, admin, prompt.about)
    return None if draft is None else OpenDraft(draft, prompt)


async def is_begun(context: BotContext, press: ButtonPress, verb: str) -> bool:
    """True for the second of two quick taps, while the draft that the first one began is open."""
    if await context.core.presses.is_first(press.admin.id, press.message_id, verb):
        return False
    return await current(context, press.admin) is not None


async def load_own(context: BotContext, admin: Admin, draft_id: str) -> Draft | None:
    """The draft, or None if it is gone or another admin's."""
    draft = await context.core.drafts.get(draft_id)
    if draft is None or draft.admin_id != admin.id:
        return None
    if not draft.audiences:
        return draft
    # Lists are renamed and change while a draft waits. One that is gone stays: the order says so.
    now = await context.core.audiences.as_now([one for one in draft.audiences if one.id != EVERYBODY])
    return replace(draft, audiences=tuple(now.get(one.id, one) for one in draft.audiences))


async def save(context: BotContext, changed: Draft) -> Draft:
    """Save a changed draft as its next revision. Raises StaleScreen on a concurrent change."""
    grown = replace(changed, revision=changed.revision + 1)
    if not await context.core.drafts.save(grown, expected_revision=changed.revision):
        raise StaleScreen
    return grown


async def post(
    context: BotContext,
    draft: Draft,
    screen: Callable[[Draft], Screen],
    *,
    reply_to: int | None = None,
    shown: str = "",
) -> Draft:
    """Post a new card and remove the buttons of the previous one. `shown`: a mark of the content right above it."""
    # Drawn for the revision saved with its message id; see open_draft for a stop in between.
    grown = replace(draft, revision=draft.revision + 1)
    message_id = await context.chat.send(draft.chat_id, screen(grown), reply_to=reply_to)
    posted = await save(context, replace(draft, card_message_id=message_id, shown=shown))
    if draft.card_message_id is not None:
        await context.chat.strip(draft.chat_id, draft.card_message_id)
    return posted


async def question(context: BotContext, draft: Draft, *, edited: bool = False) -> Callable[[Draft], Screen]:
    """Await the next field of an incomplete draft, and return the screen that asks for it.

    `edited`: the text was changed further up in the chat.
    """
    field = missing_field(draft)
    await context.core.prompts.open(draft.admin_id, draft.id, field)
    if field == TEXT:
        return text_question
    content, place = draft.content, next_gap(draft.content) if draft.content else None
    if field == VALUE and content is not None and place is not None:
        names = await columns(context, draft)
        return lambda drawn: gap_question(drawn, content, place, names)
    choices = await recipient_choices(context, draft)
    # A text right above need not be repeated; of anything else it says what was understood.
    from_chat = draft.text_from is not None and not draft.joined and not edited
    below = from_chat and content is not None and content.is_plain
    return lambda drawn: recipients_prompt(drawn, choices, below=below)


async def end(context: BotContext, draft: Draft) -> None:
    await context.core.drafts.discard(draft.id)
    await close_prompt(context, draft.admin_id, draft.id)


async def close_prompt(context: BotContext, person: int, about: str, field: str = "") -> None:
    """Close the open question if it is about this subject, and this field if given."""
    prompt = await context.core.prompts.current(person)
    if prompt is not None and prompt.about == about and field in ("", prompt.field):
        await context.core.prompts.close(person)


async def is_series(context: BotContext, series_id: str) -> bool:
    try:
        await context.core.series.get(series_id)
    except NotFound:
        return False
    return True


async def cancel(context: BotContext, message: IncomingMessage) -> Screen | None:
    """/cancel closes the open step and keeps the draft; an empty one is dropped at once."""
    opened = await current(context, message.admin)
    if opened is None:
        asked = await context.core.prompts.current(message.admin.id) is not None
        await context.core.prompts.close(message.admin.id)
        nothing = _("Nothing to cancel. Write a new message?")
        return screen(cancelled_text() if asked else nothing, *(() if asked else (new_button(),)))
    draft, prompt = opened
    if prompt.field == OFFERED or (draft.content is None and not draft.names_somebody):
        await drop(context, draft)
        return Screen(cancelled_text())
    await context.core.prompts.open(message.admin.id, draft.id, CLOSED)
    again = prompt.field == CLOSED
    await post(context, draft, discard_question if again else closed_message)
    return None


async def drop(context: BotContext, draft: Draft) -> None:
    """Discard a draft, and remove the buttons of its card."""
    await end(context, draft)
    if draft.card_message_id is not None:
        await context.chat.strip(draft.chat_id, draft.card_message_id)


def with_more(draft: Draft, recipients: Iterable[Recipient], duplicates: int) -> Draft:
    """Add recipients, each address once."""
    known = {(one.messenger, one.address): one for one in draft.recipients}
    doubled = 0
    for one in recipients:
        doubled += one.key in known
        known.setdefault(one.key, one)
    return replace(
        draft, recipients=tuple(known.values()), duplicates=draft.duplicates + duplicates + doubled
    )


def with_audiences(draft: Draft, audiences: Iterable[Chosen]) -> Draft:
    """Add audiences, each once, replacing older copies."""
    known = {one.id: one for one in draft.audiences} | {one.id: one for one in audiences}
    return replace(draft, audiences=tuple(known.values()))


async def with_offered(context: BotContext, draft: Draft) -> Draft:
    """Add the list of the last uploaded file, which typing more people confirms."""
    if not draft.offered:
        return draft
    taken = replace(draft, offered="")
    try:
        chosen = await context.core.audiences.choose(draft.offered)
    except NotFound:
        return taken
    return with_audiences(taken, [chosen] if chosen.total else [])


async def columns(context: BotContext, draft: Draft) -> list[str]:
    """Names of the values that the recipients have, the names of people first."""
    people = await gathered(context, draft)
    names = {name for one in people.recipients for name in one.variables}
    return sorted(names, key=lambda name: (name not in ("name", "first_name"), name))


def with_content(draft: Draft, content: Content, album: str = "", *, text_from: int | None = None) -> Draft:
    """Replace the content; keep the options and the chosen defaults. `text_from`: id of the message with the text."""
    options = draft.content.options if draft.content else content.options
    content = with_chosen_defaults(replace(content, options=options), draft.defaults)
    return replace(draft, content=content, album=album, text_from=text_from, joined=False, more=None)


def with_part(draft: Draft, part: Content, album: str, *, text_from: int | None) -> Draft:
    """Replace the parts of the content that `part` has: a new text leaves the photo, a new photo the text."""
    old = draft.content
    if old is None:
        return with_content(draft, part, album, text_from=text_from)
    kept = replace(
        part,
        text=part.text or old.text,
        entities=part.entities if part.text else old.entities,
        verbatim=part.verbatim if part.text else old.verbatim,
        media=part.media or old.media,
        spoiler=part.spoiler if part.media else old.spoiler,
        caption_above=part.caption_above if part.media else old.caption_above,
        link_preview=part.link_preview if part.text else old.link_preview,
        buttons=part.buttons or old.buttons,
        template=part.template or old.template,
    )
    joined = kept != replace(part, options=kept.options)
    return replace(with_content(draft, kept, album, text_from=text_from), joined=joined)


def with_addition(draft: Draft, part: Content, album: str = "", *, text_from: int | None = None) -> Draft:
    """Add a part to the end of the content."""
    old = draft.content
    if old is None:
        return with_content(draft, part, album, text_from=text_from)
    changed = with_content(draft, joined(old, part), album, text_from=text_from)
    return replace(changed, joined=True)


def completes(content: Content, part: Content) -> bool:
    """True for a text and a file that make one message: a photo and then its caption, or the reverse."""
    text_to_files = not content.text and bool(content.media) and bool(part.text) and not part.media
    files_to_text = bool(content.text) and not content.media and not part.text and bool(part.media)
    return text_to_files or files_to_text


def is_next_piece(draft: Draft, message: IncomingMessage) -> bool:
    """True for the next part of a text that an app has split."""
    text = "" if draft.content is None else draft.content.text
    behind = draft.text_from is not None and message.message_id == draft.text_from + 1
    return behind and bool(message.text) and utf16_length(text) >= _FULL_MESSAGE


async def drop_unfinished(context: BotContext, admin: Admin) -> None:
    """Drop the open draft if it is incomplete: it was made of the first piece of this order."""
    opened = await current(context, admin)
    if opened is not None and not opened.draft.is_complete:
        await drop(context, opened.draft)


async def copy_of(context: BotContext, admin: Admin, broadcast: Broadcast) -> Draft:
    """A new draft, not saved yet, with the current content of a broadcast, for now.

    To its lists as they are now, and to those who were named one by one. The people of a list that is gone are kept.
    """
    lists = await context.core.audiences.choose_again(broadcast.lists) if broadcast.lists else ()
    named: tuple[Recipient, ...] = ()
    audiences: tuple[Chosen, ...] = ()
    if broadcast.lists is None or broadcast.lists.alone or len(lists) < len(broadcast.lists.ids):
        recipients = [one.recipient async for one in context.core.ledger.deliveries(broadcast)]
        if lists:
            listed = set(map(account, (await context.core.recipients.gather(lists, ())).recipients))
            recipients = [one for one in recipients if account(one) not in listed]
        named, audiences = await _kept(context, admin, broadcast, tuple(recipients))
    latest = await context.core.amendments.latest(broadcast.id)
    content = latest.content if latest and latest.content else broadcast.content
    copy = replace(blank(admin), content=content, recipients=named, audiences=(*lists, *audiences))
    return replace(copy, defaults=defaults(content))


async def retry_of(
    context: BotContext, admin: Admin, broadcast: Broadcast, recipients: tuple[Recipient, ...]
) -> Draft:
    """A new draft, not saved yet, with the content as it was sent."""
    named, audiences = await _kept(context, admin, broadcast, recipients)
    copy = replace(blank(admin), content=broadcast.content, recipients=named, audiences=audiences)
    return replace(copy, again_of=broadcast.id, defaults=defaults(broadcast.content))


async def _kept(
    context: BotContext, admin: Admin, broadcast: Broadcast, recipients: tuple[Recipient, ...]
) -> tuple[tuple[Recipient, ...], tuple[Chosen, ...]]:
    """Keep few recipients in the draft and many in a list, which not every tap has to read."""
    recipients = tuple(one for one in recipients if not one.is_forgotten)
    if len(recipients) <= _MOST_IN_A_DRAFT:
        return recipients, ()
    audiences = context.core.audiences
    kept = await audiences.stage(recipients, source=f"#{broadcast.id}", created_by=admin.actor)
    return (), (await audiences.choose(kept.id),)
