"""Files with lists of recipients that an admin sends to the bot."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import PurePath
from typing import Final

from telegram import Document, Update

from bot.context import Admin, BotContext
from bot.handlers import audiences, drafts, recipients
from bot.screens import audiences as screens_audiences
from bot.screens import recipient_file as screens_recipient_file
from bot.screens import recipients as screens_recipients
from bot.screens.drafts import problems_text
from bot.screens.recipient_file import Upload
from bot.telegram.errors import Rejected
from bot.text.translation import _, translate
from bot.ui.screen import plain
from core.domain.audience import Audience
from core.domain.errors import ValidationError
from core.files.recipient_list import left_out_rows, read_list
from core.files.tables import MOST_BYTES, TOO_BIG
from core.store.chat.drafts import Draft

_LISTS: Final = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xls"})
_LONGEST_SOURCE: Final = 100


async def taken(context: BotContext, update: Update, admin: Admin) -> bool:
    """Reads the file of a message where a list is waited for, or with nothing open; else False, nothing is done."""
    message = update.effective_message
    if message is None or message.document is None:
        return False
    document = message.document
    waiting = await context.core.drafts.awaiting(admin.id)
    if waiting is not None and waiting[1] in audiences.PEOPLE:
        audience = await context.core.audiences.get(waiting[0])
        await _for_audience(context, admin, document, audience, leaving=waiting[1] == audiences.REMOVE)
        return True
    opened = await drafts.awaited(context, admin)
    if opened is not None and opened[1] == "who":
        await _for_draft(context, admin, document, opened[0])
        return True
    looks_like_a_list = PurePath(document.file_name or "").suffix.lower() in _LISTS
    if looks_like_a_list and (opened is None or opened[1] == drafts.CLOSED):
        await _with_nothing_open(context, admin, document)
        return True
    return False


async def _read(context: BotContext, admin: Admin, document: Document) -> Upload:
    """Raises ValidationError: why the file is no list."""
    if (document.file_size or 0) > MOST_BYTES:
        raise ValidationError([TOO_BIG])
    await context.chat.working(admin.chat_id)
    try:
        data = await context.chat.download(document.file_id)
    except Rejected as error:
        if "too big" not in str(error).lower():
            raise
        raise ValidationError([TOO_BIG]) from None
    # In a thread: a hundred thousand rows take seconds, and nobody else shall wait for them.
    read = await asyncio.to_thread(read_list, data)
    reachable = await context.core.reachability.split(read.recipients)
    source = (document.file_name or _("list"))[:_LONGEST_SOURCE]
    kept = await context.core.audiences.stage(read.recipients, source=source, created_by=admin.actor)
    if rows := left_out_rows(read, reachable, say=translate):
        await context.core.audiences.keep_left_out(kept.id, rows)
    return Upload(kept=kept, read=read, unreachable=len(reachable.left_out))


async def _for_draft(context: BotContext, admin: Admin, document: Document, draft: Draft) -> None:
    try:
        upload = await _read(context, admin, document)
    except ValidationError as error:
        shelf, problems = await recipients.shelf(context), error.problems
        await drafts.post(
            context, draft, lambda drawn: screens_recipients.recipients_prompt(drawn, shelf, problems)
        )
        return
    grown = replace(await drafts.with_offered(context, draft), offered=upload.kept.id)
    grown = await drafts.save(context, grown)
    await drafts.post(context, grown, lambda drawn: screens_recipient_file.draft_upload(upload, drawn))


async def _for_audience(
    context: BotContext, admin: Admin, document: Document, audience: Audience, *, leaving: bool
) -> None:
    try:
        upload = await _read(context, admin, document)
    except ValidationError as error:
        screen = screens_audiences.people_prompt(audience, leaving=leaving, problems=error.problems)
    else:
        screen = screens_recipient_file.audience_upload(upload, audience, leaving=leaving)
    field = audiences.REMOVE if leaving else audiences.ADD
    await audiences.ask(context, admin, audience.id, field, screen)


async def _with_nothing_open(context: BotContext, admin: Admin, document: Document) -> None:
    try:
        upload = await _read(context, admin, document)
    except ValidationError as error:
        await context.chat.send(admin.chat_id, plain(problems_text(error.problems)))
        return
    await context.chat.send(admin.chat_id, screens_recipient_file.free_upload(upload))
