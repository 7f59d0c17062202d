"""Picking a message template from the account, and filling it in by taps and typed values."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.context import BotContext, Result
from bot.handlers import drafts, preview
from bot.requests import ButtonPress, IncomingMessage
from bot.routes import DRAFT, NUMBER, PAGE, Argument
from bot.screens import templates as screens_templates
from bot.text.translation import _, translate
from bot.ui.screen import Screen, plain
from core.domain.content.content import Content
from core.domain.content.templates import ListedTemplate, TemplateGap, header_media, next_gap, with_value
from core.domain.content.variables import one_line
from core.domain.messengers.traits import Messenger
from core.domain.team import Role
from core.store.chat.drafts import Draft

_RECENT: Final = timedelta(minutes=10)
_NOW: Final = timedelta()
_WAIT: Final = timedelta(seconds=12)
_CODE: Final = re.compile(r"[A-Za-z0-9]{1,15}")
_KEY: Final = Argument(r"[0-9a-f]{10}", str)
_LONGEST: Final = {"header": 60, "body": 1024, "button": 2000}


async def _list(context: BotContext, press: ButtonPress, draft: Draft, page: int) -> Screen:
    """The picker, with a list that is some minutes old at most."""
    return await _picker(context, press, draft, page, _RECENT)


async def _list_anew(context: BotContext, press: ButtonPress, draft: Draft) -> Screen:
    return await _picker(context, press, draft, 1, _NOW)


async def _picker(context: BotContext, press: ButtonPress, draft: Draft, page: int, age: timedelta) -> Screen:
    await context.core.prompts.open(press.admin.id, draft.id, drafts.missing_field(draft))
    messenger = _messenger()
    found = await context.core.templates.get(messenger)
    if found is None or found.problem or age is _NOW:
        await context.chat.working(press.admin.chat_id)
        age = _NOW
    found = await context.core.templates.recent(messenger, age, wait=_WAIT)
    if found is None or found.problem:
        return screens_templates.unavailable(draft, messenger, found.problem if found else "")
    return screens_templates.picker(draft, found, page)


def _messenger() -> Messenger:
    return next(one for one in Messenger if one.traits.templates)


async def _listed(context: BotContext, key: str) -> ListedTemplate | None:
    found = await context.core.templates.get(_messenger())
    return found.named(key) if found else None


async def _show(context: BotContext, press: ButtonPress, draft: Draft, key: str) -> Screen:
    one = await _listed(context, key)
    return screens_templates.template_card(draft, one) if one else await _list_anew(context, press, draft)


async def _use(context: BotContext, press: ButtonPress, draft: Draft, key: str) -> Result:
    one = await _listed(context, key)
    if one is None or not one.usable:
        return await _list_anew(context, press, draft)
    content = replace(draft.content or Content(text=""), template=one.begun())
    return await preview.home(
        context, press.admin, await drafts.save(context, replace(draft, content=content))
    )


async def _none(context: BotContext, press: ButtonPress, draft: Draft) -> Result:
    content = replace(draft.content or Content(text=""), template=None)
    kept = content if content.text or content.media else None
    return await preview.home(context, press.admin, await drafts.save(context, replace(draft, content=kept)))


async def _take_column(context: BotContext, press: ButtonPress, draft: Draft, number: int) -> Result:
    """Fill the gap with a column of the recipients."""
    columns = await drafts.columns(context, draft)
    content = draft.content
    place = next_gap(content) if content else None
    if content is None or content.template is None or place is None or number >= len(columns):
        return await preview.home(context, press.admin, draft)
    filled = with_value(content.template, place, f"{{{columns[number]}}}")
    changed = replace(draft, content=replace(content, template=filled))
    return await preview.home(context, press.admin, await drafts.save(context, changed))


async def handle_value(context: BotContext, message: IncomingMessage, draft: Draft, _field: str) -> None:
    """A typed value, or the file for the top of the template."""
    content = draft.content
    place = next_gap(content) if content else None
    if content is None or content.template is None or place is None:
        await preview.show(context, message.admin, draft)
        return
    filled, problem = _filled(content, place, message)
    if problem:
        columns = await drafts.columns(context, draft)
        await drafts.post(
            context,
            draft,
            lambda drawn: screens_templates.gap_question(drawn, content, place, columns, problem),
        )
        return
    if place.part != "file" and one_line(message.text.strip()) != message.text.strip():
        said = _("Line breaks and tabs became spaces, because WhatsApp doesn't allow them in a template.")
        await context.chat.send(message.admin.chat_id, plain(said))
    await preview.show(context, message.admin, await drafts.save(context, replace(draft, content=filled)))


def _filled(content: Content, place: TemplateGap, message: IncomingMessage) -> tuple[Content, str]:
    """The content with the value in its place; or what is wrong with the value."""
    template = content.template
    if template is None:
        return content, ""
    if place.part == "file":
        grown = replace(content, media=(*message.whole.media, *content.media))
        kind = template.header_file
        missing = _("That isn't a {kind}.").format(kind=translate(kind.words)) if kind else ""
        return grown, "" if header_media(grown) is not None else missing
    value = one_line(message.text.strip())
    problem = _misfit(value, place, template.buttons[place.number].kind if place.part == "button" else "")
    return replace(content, template=with_value(template, place, value)), problem


def _misfit(value: str, place: TemplateGap, button: str) -> str:
    if not value:
        return _("Please type some text.")
    if len(value) > _LONGEST[place.part]:
        return _("That's {length} characters. Up to {most} fit.").format(
            length=len(value), most=_LONGEST[place.part]
        )
    if button == "copy_code" and not _CODE.fullmatch(value) and "{" not in value:
        return _("A code has up to 15 letters and digits.")
    if button == "url" and " " in value:
        return _("An address can't contain spaces.")
    return ""


BUTTONS = (
    DRAFT.button("tpl", Role.EDITOR, _list, PAGE),
    DRAFT.button("tplnew", Role.EDITOR, _list_anew),
    DRAFT.button("tplof", Role.EDITOR, _show, _KEY),
    DRAFT.button("tpluse", Role.EDITOR, _use, _KEY),
    DRAFT.button("tplno", Role.EDITOR, _none),
    DRAFT.button("tplcol", Role.EDITOR, _take_column, NUMBER),
)
