"""Uploaded lists of recipients, and the questions about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Final

from bot.context import BotContext, CallbackAnswer, Reply, Result, already, old, send, show
from bot.handlers import audiences, drafts, list_updates, preview, recipients, typed_people, typed_text
from bot.permissions import demand
from bot.requests import Admin, ButtonPress, File, IncomingMessage
from bot.routes import any_of
from bot.screens import recipient_file as screens_recipient_file
from bot.screens.audiences import people_prompt
from bot.screens.draft_questions import cancelled_text, more_question
from bot.screens.drafts import problems_text
from bot.screens.recipient_file import StagedList, WayOut
from bot.screens.recipients import Unclear
from bot.telegram.errors import NotHandedOut, Rejected
from bot.text.message_parts import order_content
from bot.text.translation import _, translate
from bot.ui.callback_data import CARD, COLUMN, LEAVE, LIST, MESSAGE, NOTES, AnswerList
from bot.ui.screen import Screen, plain
from core.domain.errors import NotFound, ValidationError
from core.domain.recipients import Subscriber
from core.domain.team import Role
from core.domain.translatable import sentence
from core.files.column_changes import ALL, COLUMNS, ROLE, with_answer
from core.files.countries import KEY as COUNTRY
from core.files.countries import REMEMBERED
from core.files.left_out import left_out_rows
from core.files.pasted import is_pasted_list
from core.files.questions import NeedsAnswer, Question
from core.files.results import MOST_BYTES, TOO_BIG, ReadList, names_note
from core.services.known_names import KEY as NAMES
from core.services.known_names import PEOPLE, public_names, question_on, with_subscribers
from core.store.chat.drafts import Draft
from core.store.chat.pending_lists import PendingList

_LISTS: Final = frozenset({".csv", ".tsv", ".tab", ".xlsx", ".xlsm", ".xls", ".ods", ".vcf", ".vcard"})
"""Suffixes of files that are certainly lists."""
_PERHAPS_LISTS: Final = frozenset(
    {".txt", ".json", ".jsonl", ".ndjson", ".log", ".dat", ".htm", ".html", ".xml"}
)
_LONGEST_SOURCE: Final = 100
_NOT_HANDED_OUT: Final = sentence(
    "I can't get files from your Bot API server. With --local, it keeps them on its own disk. Run it "
    "without --local, or mount its folder here under the same path."
)
_GONE: Final = sentence("I only keep this for a day. Please send me the file again.")


@dataclass(frozen=True, slots=True)
class _Asked:
    list_id: str
    pending: PendingList
    question: Question


async def taken(context: BotContext, message: IncomingMessage, file: File) -> bool:
    """Read a file as a list if one is expected or likely; else return False."""
    admin = message.admin
    target, wanted = await _target(context, admin)
    suffix = PurePath(file.name).suffix.lower()
    if not wanted and suffix not in _LISTS | _PERHAPS_LISTS:
        return False
    pending = PendingList(
        admin_id=admin.id,
        target=target,
        file_id=file.id,
        file_name=(file.name or _("list"))[:_LONGEST_SOURCE],
        message_id=message.message_id,
    )
    if wanted or not target:
        return await _take(context, admin, file, pending, certain=wanted or suffix in _LISTS)
    return await _ask_what(context, admin, file, pending)


async def taken_text(context: BotContext, message: IncomingMessage) -> bool:
    """Read a pasted table or address card like a file where people are asked for; else return False."""
    if message.whole.media or not is_pasted_list(message.text):
        return False
    admin = message.admin
    target, wanted = await _target(context, admin)
    if not wanted:
        return False
    await demand(context, admin, Role.EDITOR)
    pending = PendingList(
        admin_id=admin.id,
        target=target,
        file_name=_("your message"),
        text=message.text,
        pasted=True,
        message_id=message.message_id,
    )
    return await _take(context, admin, None, pending, certain=True)


async def _target(context: BotContext, admin: Admin) -> tuple[str, bool]:
    """The target of a list, and whether a list is expected."""
    prompt = await context.core.prompts.current(admin.id)
    if prompt is not None and prompt.field in audiences.PEOPLE:
        return f"{'remove' if prompt.field == audiences.REMOVE else 'add'}:{prompt.about}", True
    opened = await drafts.current(context, admin)
    if opened is None or opened.prompt.field == drafts.CLOSED:
        return "", False
    return f"draft:{opened.draft.id}", opened.prompt.name in recipients.PROMPTS


async def _take(
    context: BotContext, admin: Admin, file: File | None, pending: PendingList, *, certain: bool
) -> bool:
    """Read and show a list. False for another file, unless `certain`. `file`: None for a pasted list."""
    try:
        if file is not None:
            _check_size(file)
        read = await _read(context, admin, pending)
    except ValidationError as error:
        if not certain:
            return False
        await _refuse(context, admin, pending, error)
        return True
    await _show(context, admin, pending, read)
    return True


async def _ask_what(context: BotContext, admin: Admin, file: File, pending: PendingList) -> bool:
    """Ask whether a file of people is a list or a document to send; False for another file."""
    try:
        _check_size(file)
        read = await _read(context, admin, pending)
    except ValidationError:
        return False
    people = 0 if isinstance(read, _Asked) else read.kept.total
    if not isinstance(read, _Asked) and not people:
        return False
    list_id = await context.core.pending_lists.keep(pending)
    screen = screens_recipient_file.kind_question(list_id, pending.file_name, people)
    await context.chat.send(admin.chat_id, screen, reply_to=pending.message_id)
    return True


def _check_size(file: File) -> None:
    if file.size > MOST_BYTES:
        raise ValidationError([TOO_BIG])


async def _read(
    context: BotContext, admin: Admin, pending: PendingList, list_id: str = ""
) -> StagedList | _Asked:
    """Read the file, or find the next question about it. Raises ValidationError."""
    await context.chat.working(admin.chat_id)
    data = await _data(context, pending)
    answers = {**await _known_answers(context, pending), **pending.answers}
    try:
        read = await context.core.files.read(data, answers, await typed_people.likely_regions(context, admin))
    except NeedsAnswer as needed:
        return await _asked(context, pending, needed.question, list_id)
    if read.region:
        await _remember(context, pending, read.region)
    names = public_names(read.recipients)
    if found := await context.core.subscribers.by_username(names) if names else {}:
        if NAMES not in pending.answers:
            return await _asked(context, pending, question_on(found), list_id)
        read = _with_subscribers(read, found, pending.answers[NAMES])
    reachable = await context.core.reachability.split(read.recipients)
    kept = await context.core.audiences.stage(
        read.recipients, source=pending.file_name, created_by=admin.actor, headings=read.headings
    )
    if rows := left_out_rows(read, reachable, say=translate):
        await context.core.audiences.keep_left_out(kept.id, rows)
    done = replace(pending, question="", choices=())
    return StagedList(
        kept=kept,
        read=read,
        pending_id=await context.core.pending_lists.keep(done, list_id),
        step=pending.step,
        unreachable=len(reachable.left_out),
    )


async def _data(context: BotContext, pending: PendingList) -> bytes:
    if pending.pasted:
        return pending.text.encode()
    try:
        return await context.chat.download(pending.file_id)
    except NotHandedOut:
        raise ValidationError([_NOT_HANDED_OUT]) from None
    except Rejected as error:
        if "too big" not in str(error).lower():
            raise
        raise ValidationError([TOO_BIG]) from None


def _with_subscribers(read: ReadList, found: Mapping[str, Subscriber], answer: str) -> ReadList:
    if answer != PEOPLE:
        return read
    people = with_subscribers(read.recipients, found)
    kept = [note for note in read.notes if note not in names_note(read.recipients)]
    return replace(read, recipients=people, notes=(*kept, *names_note(people)))


async def _asked(context: BotContext, pending: PendingList, question: Question, list_id: str) -> _Asked:
    waiting = replace(
        pending, question=question.key, choices=tuple(choice.key for choice in question.choices)
    )
    return _Asked(await context.core.pending_lists.keep(waiting, list_id), waiting, question)


async def _known_answers(context: BotContext, pending: PendingList) -> dict[str, str]:
    """The country answered before for the same audience."""
    if not pending.audience_id:
        return {}
    region = await context.core.pending_lists.region(pending.audience_id)
    return {REMEMBERED: region} if region else {}


async def _remember(context: BotContext, pending: PendingList, region: str) -> None:
    if COUNTRY in pending.answers and pending.answers[COUNTRY].isupper():
        await context.core.pending_lists.remember_region(f"{pending.admin_id}", region)
        if pending.audience_id:
            await context.core.pending_lists.remember_region(pending.audience_id, region)


async def _refuse(context: BotContext, admin: Admin, pending: PendingList, error: ValidationError) -> None:
    """Show why a file cannot be read; the question stays open."""
    if (draft := await _draft(context, admin, pending)) is not None:
        await recipients.post(context, draft, Unclear(error.problems))
    elif pending.audience_id:
        audience = await context.core.audiences.get(pending.audience_id)
        screen = people_prompt(audience, leaving=pending.leaving, unclear=Unclear(error.problems))
        await send(context, admin, Reply(screen, asks=(audience.id, _field(pending))))
    else:
        await context.chat.send(admin.chat_id, plain(problems_text(error.problems)))


def _field(pending: PendingList) -> str:
    return audiences.REMOVE if pending.leaving else audiences.ADD


async def _draft(context: BotContext, admin: Admin, pending: PendingList) -> Draft | None:
    """The draft that the list is for, if it is one and still there."""
    return await drafts.load_own(context, admin, pending.draft_id) if pending.draft_id else None


async def _show(context: BotContext, admin: Admin, pending: PendingList, read: StagedList | _Asked) -> None:
    draft = await _draft(context, admin, pending)
    if draft is not None and isinstance(read, StagedList):
        grown = replace(await drafts.with_offered(context, draft), offered=read.kept.id)
        grown = await drafts.save(context, grown)
        await context.core.prompts.open(admin.id, grown.id, drafts.WHO)
        await drafts.post(context, grown, lambda drawn: screens_recipient_file.list_for_draft(read, drawn))
    elif draft is not None and isinstance(read, _Asked):
        await drafts.post(context, draft, lambda _drawn: _question(read))
    elif pending.audience_id:
        audience = await context.core.audiences.get(pending.audience_id)
        if isinstance(read, _Asked):
            screen = _question(read)
        else:
            newer = read.read.recipients
            change = None if pending.leaving else await list_updates.list_change(context, audience.id, newer)
            screen = screens_recipient_file.list_for_audience(read, audience, change)
        await send(context, admin, Reply(screen, asks=(audience.id, _field(pending))))
    else:
        screen = _question(read) if isinstance(read, _Asked) else await _free(context, read)
        await context.chat.send(admin.chat_id, screen, reply_to=pending.message_id)


async def _free(context: BotContext, read: StagedList) -> Screen:
    lists = await context.core.audiences.page(size=1)
    return screens_recipient_file.unasked_list(read, saved=bool(lists.total))


def _question(asked: _Asked) -> Screen:
    shown = asked.pending.answers.get(COLUMNS)
    if asked.question.key == COLUMNS:
        way_out = WayOut.NONE
    else:
        way_out = WayOut.COLUMNS if asked.question.key == f"{ROLE}{shown}" else WayOut.CANCEL
    return screens_recipient_file.list_question(
        asked.list_id, asked.pending.step, asked.pending.file_name, asked.question, way_out=way_out
    )


async def _answered(context: BotContext, press: ButtonPress, answer: AnswerList) -> Result:
    """Raises NotFound."""
    pending = await context.core.pending_lists.get(answer.list_id)
    if pending is None or pending.admin_id != press.admin.id:
        raise NotFound(_GONE)
    if answer.kind == COLUMN:
        return await _show_columns(context, press, answer, pending)
    if answer.kind == NOTES:
        return await _show_notes(context, press, answer, pending)
    if answer.kind == MESSAGE:
        return await _is_text(context, press, pending)
    if answer.kind == LEAVE:
        return await _left(context, press, pending)
    if answer.kind == CARD:
        return await _read_on(context, press, answer.list_id, pending)
    if answer.kind:
        return await _is_what(context, press, answer, pending)
    if answer.step != pending.step or answer.choice >= len(pending.choices):
        return already()
    answers = with_answer(pending.answers, pending.question, pending.choices[answer.choice])
    if pending.pasted or not pending.text:
        more = replace(pending, answers=answers, step=pending.step + 1)
        return await _read_on(context, press, answer.list_id, more)
    # Typed text whose phone numbers had no country code.
    region = answers[pending.question]
    await context.chat.strip(press.admin.chat_id, press.message_id)
    await context.core.pending_lists.remember_region(f"{press.admin.id}", region)
    await _typed(
        context,
        IncomingMessage(admin=press.admin, text=pending.text, message_id=pending.message_id, region=region),
    )
    return CallbackAnswer()


async def _left(context: BotContext, press: ButtonPress, pending: PendingList) -> Result:
    """Leave a question about a list: back to the draft or the list that it was for, which stay as they were."""
    prompt = await context.core.prompts.current(press.admin.id)
    asked_for = prompt.about if prompt is not None and prompt.field in audiences.PEOPLE else ""
    if list_id := pending.audience_id or asked_for:
        await drafts.close_prompt(context, press.admin.id, list_id)
        return await audiences.card(context, await context.core.audiences.get(list_id))
    draft = await _draft(context, press.admin, pending)
    opened = await drafts.current(context, press.admin)
    if draft is None and opened is not None and opened.prompt.field != drafts.CLOSED:
        draft = opened.draft
    if draft is None:
        return Screen(cancelled_text())
    await context.chat.strip(press.admin.chat_id, press.message_id)
    await preview.show(context, press.admin, draft)
    return CallbackAnswer()


async def _is_text(context: BotContext, press: ButtonPress, pending: PendingList) -> CallbackAnswer:
    """Ask what typed words are for that were read as people and belong to the message."""
    opened = await drafts.current(context, press.admin)
    if opened is None or press.replied is None:
        return old()
    await context.chat.strip(press.admin.chat_id, press.message_id)
    more = order_content(press.replied)
    kept = await drafts.save(context, replace(opened.draft, more=more))
    await context.core.prompts.open(press.admin.id, kept.id, drafts.MORE)
    await drafts.post(context, kept, lambda drawn: more_question(drawn, more), reply_to=pending.message_id)
    return CallbackAnswer()


async def _show_columns(
    context: BotContext, press: ButtonPress, answer: AnswerList, pending: PendingList
) -> Screen | CallbackAnswer:
    """Show the columns, to be changed. A list that an order was offered from the file is no longer offered."""
    draft = await _draft(context, press.admin, pending)
    if draft is not None and draft.offered:
        await drafts.save(context, replace(draft, offered=""))
    answers = with_answer(pending.answers, COLUMNS, ALL)
    shown = replace(pending, answers=answers, step=pending.step + 1)
    return await _read_on(context, press, answer.list_id, shown)


async def _show_notes(
    context: BotContext, press: ButtonPress, answer: AnswerList, pending: PendingList
) -> Screen:
    """Read the file again, and show all that is known of it. Raises ValidationError."""
    read = await _read(context, press.admin, pending, answer.list_id)
    return _question(read) if isinstance(read, _Asked) else screens_recipient_file.notes_card(read)


async def _typed(context: BotContext, message: IncomingMessage) -> None:
    await show(context, message, await typed_text.handle(context, message))


async def _read_on(
    context: BotContext, press: ButtonPress, list_id: str, pending: PendingList
) -> Screen | CallbackAnswer:
    try:
        read = await _read(context, press.admin, pending, list_id)
    except ValidationError as error:
        await context.chat.strip(press.admin.chat_id, press.message_id)
        await _refuse(context, press.admin, pending, error)
        return CallbackAnswer()
    if isinstance(read, _Asked):
        return _question(read)
    if not pending.target:
        return await _free(context, read)
    await context.chat.strip(press.admin.chat_id, press.message_id)
    await _show(context, press.admin, pending, read)
    return CallbackAnswer()


async def _is_what(
    context: BotContext, press: ButtonPress, answer: AnswerList, pending: PendingList
) -> Screen | CallbackAnswer:
    await context.chat.strip(press.admin.chat_id, press.message_id)
    if answer.kind == LIST:
        return await _read_on(context, press, answer.list_id, pending)
    if press.replied is not None:
        message = IncomingMessage(
            admin=press.admin,
            text=press.replied.text,
            message_id=pending.message_id,
            content=press.replied,
        )
        await _typed(context, message)
    return CallbackAnswer()


BUTTONS = (any_of("f", Role.EDITOR, _answered),)
