"""/send, alone or with a whole order in one line."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.context import BotContext
from bot.handlers import date_picker, drafts, offers, pieces, preparation, preview, recipients, typed_people
from bot.requests import Admin, IncomingMessage
from bot.screens.drafts import problems_text, refused_order
from bot.screens.recipients import Unclear
from bot.text.message_parts import content_from, order_content
from bot.ui.callback_data import subject
from core.domain.content.content import Content
from core.domain.errors import ValidationError
from core.domain.recipients import people_in
from core.domain.series import Repeat
from core.parsing.content_footer import read_content
from core.parsing.dates import AmbiguousTime, NeedsTime, WrongMoment
from core.parsing.order_line import OrderLine, Unfinished, read_line
from core.parsing.recipients import ReadRecipients, read_who
from core.store.chat.drafts import Draft


async def send(context: BotContext, message: IncomingMessage) -> None:
    """/send alone opens a new draft; with text, it is a whole order."""
    words = replace(message, text=typed_people.with_crossed(message.text, message.whole.entities)).argument
    if not words.strip("| \n"):
        content = message.replied and order_content(message.replied)
        draft = replace(drafts.blank(message.admin), content=content, text_from=message.replied_id)
        await preview.show(context, message.admin, await drafts.create(context, draft))
        return
    try:
        line = _reply_line(words, message.replied.text) if message.replied else read_line(words)
    except Unfinished as error:
        await _carry_out(context, message, error.line, _content_if_any(message, error.line.text))
    except ValidationError as error:
        if pieces.may_continue(message) and "|" not in words:
            await pieces.keep(context, message, pieces.ORDER, message.text)
            words = pieces.without_cut_entry(message, words)[0]
        people = await _people_alone(context, words)
        if people is None:
            await offers.make(context, message, problems_text(error.problems))
            return
        await _carry_out(context, message, people, _content_if_any(message, ""))
    else:
        await _carry_out(context, message, line, _content(message, line.text))


def _content(message: IncomingMessage, text: str) -> Content:
    """The content of the replied message, or the text after the last bar."""
    if message.replied is not None:
        return order_content(message.replied)
    return read_content(content_from(message.content or Content(text=text), text))


def _content_if_any(message: IncomingMessage, text: str) -> Content | None:
    files = message.content is not None and message.content.media
    return _content(message, text) if text or files else None


async def _people_alone(context: BotContext, words: str) -> OrderLine | None:
    """ "/send vip": words without a bar that name people and nothing else."""
    who = await read_who(words, context.core.contacts, context.core.audiences)
    return None if who.problems else OrderLine(who=words, when=None, text="")


def _reply_line(words: str, text: str) -> OrderLine:
    """Parse "WHO" or "WHO | WHEN" for a replied message."""
    who, _bar, when = (part.strip() for part in words.partition("|"))
    return OrderLine(who=who, when=when or None, text=text)


async def _carry_out(
    context: BotContext, message: IncomingMessage, line: OrderLine, content: Content | None
) -> None:
    """Save the valid parts in a draft, and show it; ask first for the country of numbers without a code."""
    names = typed_people.NamesOf(context, message.admin)
    who = await read_who(line.who, context.core.contacts, names)
    when = date_picker.read_time(context, line.when)
    draft = replace(
        drafts.blank(message.admin),
        content=content,
        album=message.album,
        text_from=message.replied_id or message.message_id,
        recipients=() if who.problems else who.recipients,
        audiences=() if who.problems else who.audiences,
        duplicates=0 if who.problems else who.duplicates,
        send_at=when if isinstance(when, datetime) else None,
        repeat=when if isinstance(when, Repeat) else None,
    )
    draft = await drafts.create(context, draft)
    if who.without_code:
        # The answer to the question joins the draft.
        await context.core.prompts.open(draft.admin_id, draft.id, drafts.WHO)
        read = await typed_people.read_or_ask(context, replace(message, text=line.who))
        if read is None:
            return
        who, draft = read, await drafts.save(context, _with_people(draft, read))
    elif who.unknown:
        draft = await drafts.save(
            context, _with_people(draft, replace(who, recipients=(), audiences=(), duplicates=0))
        )
    await _show(context, message, draft, who, when)


def _with_people(draft: Draft, who: ReadRecipients) -> Draft:
    named = drafts.with_audiences(recipients.with_unknown(draft, who), who.audiences)
    return drafts.with_more(named, who.recipients, who.duplicates)


async def _show(
    context: BotContext,
    message: IncomingMessage,
    draft: Draft,
    who: ReadRecipients,
    when: datetime | Repeat | ValidationError | None,
) -> None:
    """Show the preview, or what is wrong or missing."""
    problems = [] if who.problems else await _problems(context, message.admin, draft)
    if isinstance(when, ValidationError) and (who.problems or problems or not _can_be_asked(when)):
        problems += when.problems
    if who.problems and not problems and draft.content is not None:
        added = len(people_in(draft.recipients)) + len(draft.audiences)
        await recipients.post(
            context, draft, Unclear(who.problems, who.near, (*who.like, *who.spelt_like), who.guesses, added)
        )
        return
    problems = [*who.problems, *problems]
    if isinstance(when, ValidationError) and problems in ([], list(when.problems)):
        # So that it can be typed again at once.
        await context.core.prompts.open(draft.admin_id, draft.id, drafts.WHEN)
    if problems:
        await drafts.post(context, draft, lambda drawn: refused_order(drawn, problems, who.near))
    elif isinstance(when, ValidationError):
        await drafts.post(
            context,
            draft,
            lambda drawn: date_picker.moment_screen(context, subject(drawn), when),
        )
    else:
        await preview.show(context, message.admin, draft)


async def _problems(context: BotContext, admin: Admin, draft: Draft) -> list[str]:
    """The problems of a complete order; for an incomplete one, the bot asks for the rest."""
    if not draft.is_complete:
        return []
    try:
        await preparation.prepare(context, draft, admin)
    except (preparation.MissingValues, preparation.Uncarried):
        # Instead of the preview, the way on is asked for.
        return []
    except ValidationError as error:
        return list(error.problems)
    return []


def _can_be_asked(error: ValidationError) -> bool:
    """True if one tap can settle the moment."""
    settled = isinstance(error, WrongMoment) and bool(error.choices)
    return settled or isinstance(error, NeedsTime | AmbiguousTime)
