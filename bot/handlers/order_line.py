"""/send, alone or with a whole order behind it."""

from __future__ import annotations

from datetime import datetime

from bot.context import Desk, Said
from bot.handlers import drafts, typed_text
from bot.screens import draft_questions as screens_draft_questions
from bot.screens import drafts as screens_drafts
from bot.telegram.incoming import ending_with, made_of, without_command
from bot.text.translation import _
from core.domain.content.content import Content
from core.domain.errors import ValidationError
from core.domain.series import Repeat
from core.parsing.content_footer import read_content
from core.parsing.dates import AmbiguousTime, NeedsTime, WrongMoment
from core.parsing.order_line import OrderLine, Unfinished, read_line
from core.parsing.recipients import read_who


async def send(desk: Desk, said: Said) -> None:
    """/send alone opens the card of a new order; with words behind it, it is a whole order in one line."""
    words = without_command(said.text).strip()
    if not words.strip("| \n"):
        content = said.replied and made_of(said.replied)
        await drafts.post_slots(
            desk, await drafts.begin(desk, said.admin, content=content, text_from=said.replied_id)
        )
        return
    try:
        line = _reply_line(words, said.replied.text) if said.replied else read_line(words)
    except Unfinished as error:
        await _carry_out(desk, said, error.line, _content_if_any(said, error.line.text))
        return
    except ValidationError as error:
        if (people := await _people_alone(desk, words)) is not None:
            await _carry_out(desk, said, people, _content_if_any(said, ""))
            return
        screen = screens_draft_questions.offer_to_send(screens_drafts.problems_text(error.problems))
        await desk.chat.send(said.admin.chat_id, screen, reply_to=said.message_id)
        return
    await _carry_out(desk, said, line, _content(said, line.text))


def _content(said: Said, text: str) -> Content:
    """The message that was replied to, or what stands behind the last bar."""
    if said.replied is not None:
        return made_of(said.replied)
    return read_content(ending_with(said.content or Content(text=text), text))


def _content_if_any(said: Said, text: str) -> Content | None:
    files = said.content is not None and said.content.media
    return _content(said, text) if text or files else None


async def _people_alone(desk: Desk, words: str) -> OrderLine | None:
    """ "/send vip": words without a bar that name people and nothing else."""
    who = await read_who(words, desk.core.contacts, desk.core.audiences)
    return None if who.problems else OrderLine(who=words, when=None, text="")


def _reply_line(words: str, text: str) -> OrderLine:
    """WHO or WHO | WHEN: the message that was replied to is the text."""
    who, _bar, when = (part.strip() for part in words.partition("|"))
    return OrderLine(who=who, when=when or None, text=text)


async def _carry_out(desk: Desk, said: Said, line: OrderLine, content: Content | None) -> None:
    """Reads all parts, keeps what is right in a draft, and ends on the preview or on what is wrong or missing."""
    who = await read_who(line.who, desk.core.contacts, desk.core.audiences)
    when = typed_text.read_time(desk, line.when)
    draft = await drafts.begin(
        desk,
        said.admin,
        content=content,
        album=said.album,
        text_from=said.replied_id or said.message_id,
        recipients=() if who.problems else who.recipients,
        audiences=() if who.problems else who.audiences,
        duplicates=0 if who.problems else who.duplicates,
        send_at=when if isinstance(when, datetime) else None,
        repeat=when if isinstance(when, Repeat) else None,
    )
    people = await drafts.gathered(desk, draft)
    problems = list(who.problems)
    if not line.who:
        problems.append(_("Nobody is named yet: type the recipients now, or choose them below."))
    if content is None:
        problems.append(_("There is no text yet: write it to me now, or forward it."))
    problems = problems or await drafts.problems_of(desk, draft, said.admin, people)
    if isinstance(when, ValidationError) and (problems or not _can_be_asked(when)):
        problems += when.problems
    if problems:
        if isinstance(when, ValidationError) and problems == list(when.problems):
            # So that it can be typed again at once.
            await desk.core.drafts.await_input(draft.admin_id, draft.id, "when")
        await drafts.post(desk, draft, lambda drawn: screens_drafts.refused(drawn, problems, who.near))
    elif isinstance(when, ValidationError):
        await desk.core.drafts.await_input(draft.admin_id, draft.id, "when")
        await drafts.post(
            desk, draft, lambda drawn: typed_text.moment_screen(desk, screens_drafts.subject(drawn), when)
        )
    else:
        await typed_text.show_preview(desk, draft, people)


def _can_be_asked(error: ValidationError) -> bool:
    """Whether one tap can make the moment right."""
    return isinstance(error, NeedsTime | AmbiguousTime) or (
        isinstance(error, WrongMoment) and error.proposal is not None
    )
