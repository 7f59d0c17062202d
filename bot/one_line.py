"""/send, alone or with a whole order behind it."""

from __future__ import annotations

from datetime import datetime

from bot import composing, drafting
from bot.desk import Desk, Said
from bot.incoming import ending_with, made_of, without_command
from bot.language import _
from bot.screens import asking as screens_asking
from bot.screens import draft as screens_draft
from core.domain.content import Content
from core.domain.errors import ValidationError
from core.domain.series import Repeat
from core.services.content_lines import read_content
from core.services.dates import AmbiguousTime, NeedsTime, WrongMoment
from core.services.orders import OrderLine, Unfinished, read_line
from core.services.recipients import read_who


async def send(desk: Desk, said: Said) -> None:
    """/send alone opens the card of a new order; with words behind it, it is a whole order in one line."""
    words = without_command(said.text).strip()
    if not words.strip("| \n"):
        content = said.replied and made_of(said.replied)
        await drafting.post_slots(
            desk, await drafting.begin(desk, said.admin, content=content, text_from=said.replied_id)
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
        screen = screens_asking.offer_to_send(screens_draft.problems_text(error.problems))
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
    when = composing.read_time(desk, line.when)
    draft = await drafting.begin(
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
    people = await drafting.gathered(desk, draft)
    problems = list(who.problems)
    if not line.who:
        problems.append(_("Nobody is named yet: type the recipients now, or choose them below."))
    if content is None:
        problems.append(_("There is no text yet: write it to me now, or forward it."))
    problems = problems or await drafting.problems_of(desk, draft, said.admin, people)
    if isinstance(when, ValidationError) and (problems or not _can_be_asked(when)):
        problems += when.problems
    if problems:
        if isinstance(when, ValidationError) and problems == list(when.problems):
            # So that it can be typed again at once.
            await desk.core.drafts.await_input(draft.admin_id, draft.id, "when")
        await drafting.post(desk, draft, lambda drawn: screens_draft.refused(drawn, problems, who.near))
    elif isinstance(when, ValidationError):
        await desk.core.drafts.await_input(draft.admin_id, draft.id, "when")
        await drafting.post(
            desk, draft, lambda drawn: composing.moment_screen(desk, screens_draft.subject(drawn), when)
        )
    else:
        await composing.show_preview(desk, draft, people)


def _can_be_asked(error: ValidationError) -> bool:
    """Whether one tap can make the moment right."""
    return isinstance(error, NeedsTime | AmbiguousTime) or (
        isinstance(error, WrongMoment) and error.proposal is not None
    )
