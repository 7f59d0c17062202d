"""People without a value for a gap of the text: give them one text for all, fill in values, or leave them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.context import BotContext, CallbackAnswer
from bot.handlers import drafts, preparation, preview
from bot.requests import ButtonPress, IncomingMessage
from bot.routes import DRAFT, PLACE
from bot.screens.gaps import LONGEST_VALUE, columns_of, default_prompt, fill_prompt, too_long_text
from bot.text.translation import _
from bot.ui.callback_data import StaleScreen
from bot.ui.screen import Screen
from core.domain.content.variables import LONGEST_DEFAULT, as_words, needed, renamed, with_default
from core.domain.recipients import Recipient
from core.domain.team import Role
from core.store.chat.drafts import Draft

ALL: Final = "gap-all"
FILL: Final = "gap-fill"
"""Prompts; each is followed by the gap."""


async def _missing(context: BotContext, draft: Draft, place: int) -> tuple[str, Sequence[Recipient]]:
    """The gap and its people. Raises StaleScreen when nobody lacks a value."""
    _content, _people, without = await preparation.completed(context, draft)
    if place >= len(without):
        raise StaleScreen
    return list(without.items())[place]


async def _ask_default(context: BotContext, press: ButtonPress, draft: Draft, place: int) -> Screen:
    name, people = await _missing(context, draft, place)
    await context.core.prompts.open(press.admin.id, draft.id, f"{ALL}:{name}")
    return default_prompt(draft, name, people)


async def _ask_value(context: BotContext, press: ButtonPress, draft: Draft, place: int) -> Screen:
    name, people = await _missing(context, draft, place)
    await context.core.prompts.open(press.admin.id, draft.id, f"{FILL}:{name}")
    return fill_prompt(draft, name, people)


async def _skip(context: BotContext, press: ButtonPress, draft: Draft) -> CallbackAnswer:
    kept = await drafts.save(context, replace(draft, skip_missing=True))
    await preview.show(context, press.admin, kept)
    return CallbackAnswer(_("Left out"))


async def _send_as_words(context: BotContext, press: ButtonPress, draft: Draft, place: int) -> CallbackAnswer:
    name, _people = await _missing(context, draft, place)
    content, _gathered, _without = await preparation.completed(context, draft)
    kept = await drafts.save(context, replace(draft, content=as_words(content, name)))
    await preview.show(context, press.admin, kept)
    return CallbackAnswer()


async def _use_column(context: BotContext, press: ButtonPress, draft: Draft, number: int) -> CallbackAnswer:
    name, people = await _missing(context, draft, 0)
    columns = list(columns_of(name, people))
    if number >= len(columns):
        raise StaleScreen
    content, _gathered, _without = await preparation.completed(context, draft)
    kept = await drafts.save(context, replace(draft, content=renamed(content, name, columns[number])))
    await preview.show(context, press.admin, kept)
    return CallbackAnswer()


async def answer_default(context: BotContext, message: IncomingMessage, draft: Draft, field: str) -> None:
    """Put a typed text into the gaps of all who have no value."""
    name, text = field.partition(":")[2], " ".join(message.text.split())
    content, _people, without = await preparation.completed(context, draft)
    if name not in without:
        await preview.show(context, message.admin, draft)
        return
    if not text or len(text) > LONGEST_DEFAULT or set(text) & set("{}"):
        problem = _("That doesn't fit there. Use up to {most} characters and no curly braces.").format(
            most=LONGEST_DEFAULT
        )
        await drafts.post(context, draft, lambda drawn: default_prompt(drawn, name, without[name], problem))
        return
    changed = with_default(content, name, text)
    if name in needed(changed):
        # The gap is a part of an address too, which takes no default.
        labels = [one.label for one in without[name]]
        filled = {**draft.filled, **{one: {**draft.filled.get(one, {}), name: text} for one in labels}}
        draft = replace(draft, filled=filled)
    chosen = {**draft.defaults, name: text}
    kept = await drafts.save(context, replace(draft, content=changed, defaults=chosen))
    await preview.show(context, message.admin, kept)


async def answer_value(context: BotContext, message: IncomingMessage, draft: Draft, field: str) -> None:
    """Fill in the value of one person, and ask for the next."""
    name, text = field.partition(":")[2], message.text.strip()
    _content, _people, without = await preparation.completed(context, draft)
    if name not in without or not text:
        await preview.show(context, message.admin, draft)
        return
    first, *rest = people = without[name]
    if len(text) > LONGEST_VALUE:
        await drafts.post(context, draft, lambda drawn: fill_prompt(drawn, name, people, too_long_text()))
        return
    values = {**draft.filled.get(first.label, {}), name: text}
    kept = await drafts.save(context, replace(draft, filled={**draft.filled, first.label: values}))
    if name == "name":
        await context.core.audiences.learn([replace(first, variables={**first.variables, name: text})])
    if rest:
        await drafts.post(context, kept, lambda drawn: fill_prompt(drawn, name, rest))
    else:
        await preview.show(context, message.admin, kept)


BUTTONS = (
    DRAFT.button("gapall", Role.EDITOR, _ask_default, PLACE),
    DRAFT.button("gapfill", Role.EDITOR, _ask_value, PLACE),
    DRAFT.button("gapwords", Role.EDITOR, _send_as_words, PLACE),
    DRAFT.button("gapcol", Role.EDITOR, _use_column, PLACE),
    DRAFT.button("gapskip", Role.EDITOR, _skip),
)
