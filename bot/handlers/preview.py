"""The preview of an order: its content, the card with warnings, and the test message."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Final

from bot.context import BotContext, CallbackAnswer, Result
from bot.handlers import drafts, preparation
from bot.requests import Admin, ButtonPress
from bot.routes import DRAFT, FLAG
from bot.screens.approvals import approval_notice, nobody_can_approve
from bot.screens.drafts import problems_text, refused_order
from bot.screens.preview import Findings, notes_card, preview_card
from bot.screens.service_window import window_warnings
from bot.telegram import content_preview
from bot.telegram.content_preview import Examples
from bot.text import formatting
from bot.text.translation import _, amount, ngettext
from bot.ui.screen import Screen
from core.app import rates_of
from core.domain.broadcast import RUNNING, BroadcastStatus, PreparedOrder
from core.domain.content.content import Content
from core.domain.content.variables import one_line, placeholders
from core.domain.errors import ValidationError
from core.domain.recipients import Recipient
from core.domain.team import Role
from core.parsing.quiet_hours import pending_quiet_hours
from core.services.duplicate_check import Duplicate
from core.services.gaps import gap_warnings, offered_gaps, with_offered_gaps
from core.services.odd_values import odd_values
from core.store.chat.drafts import Draft

_RECENT: Final = timedelta(minutes=10)
_WAIT: Final = timedelta(seconds=2)
"""For a list of templates: a preview does not wait for it long."""


async def show(context: BotContext, admin: Admin, draft: Draft, *, edited: bool = False) -> None:
    """Post the next question of a draft; for a complete one the preview, or the problems of the order.

    `edited`: the text was changed further up in the chat.
    """
    if not draft.is_complete:
        await drafts.post(context, draft, await drafts.question(context, draft, edited=edited))
        return
    try:
        order = await preparation.prepare(context, draft, admin)
    except ValidationError as error:
        found = error
        await drafts.post(context, draft, lambda drawn: preparation.refusal(drawn, found))
    else:
        await show_preview(context, draft, order)


async def home(context: BotContext, admin: Admin, draft: Draft) -> Screen | CallbackAnswer:
    """Go back to the next question or the preview: in place of the card, where its content is right above it."""
    if not draft.is_complete:
        return (await drafts.question(context, draft))(draft)
    try:
        order = await preparation.prepare(context, draft, admin)
    except ValidationError as error:
        return preparation.refusal(draft, error)
    if draft.shown == _mark(order.content, content_preview.examples(order.content, order.recipients)):
        await context.core.prompts.open(draft.admin_id, draft.id, drafts.READY)
        return preview_card(draft, await _findings(context, draft, order))
    await show_preview(context, draft, order)
    return CallbackAnswer()


def _mark(content: Content, people: Examples) -> str:
    """A mark of what the preview shows, equal for orders with the same messages."""
    gaps = placeholders(content)
    values = {messenger: [one.variables.get(gap) for gap in gaps] for messenger, one in people.items()}
    content = replace(content, options=frozenset())
    return sha256(repr((content, sorted(values.items()))).encode()).hexdigest()[:12]


async def show_preview(context: BotContext, draft: Draft, order: PreparedOrder) -> None:
    people = content_preview.examples(order.content, order.recipients)
    refusal = await content_preview.send_previews(context.chat, draft.chat_id, order.content, people)
    if refusal is not None:
        template = _("Telegram can't show this ({refusal}), so people can't get it either.")
        problem = template.format(refusal=refusal)
        await drafts.post(context, draft, lambda drawn: refused_order(drawn, [problem]))
        return
    await context.core.prompts.open(draft.admin_id, draft.id, drafts.READY)
    found = await _findings(context, draft, order)
    shown = _mark(order.content, people)
    await drafts.post(context, draft, lambda drawn: preview_card(drawn, found), shown=shown)


async def _order_warnings(context: BotContext, draft: Draft, order: PreparedOrder) -> list[str]:
    """A recent or planned broadcast with the same text, and the need for approval."""
    found = []
    if order.needs_approval:
        core = context.core
        possible = await core.team.can_be_approved((order.created_by, *order.co_authors))
        found = [approval_notice() if possible else nobody_can_approve(core.settings.approval_above)]
    like = await context.core.duplicate_check.find_recent(order.content, order.recipients, but=draft.changes)
    return found if like is None else [_looks_like(context, like, len(order.recipients)), *found]


def _looks_like(context: BotContext, like: Duplicate, total: int) -> str:
    """Number of people who already got, or will get, the same message."""
    earlier = like.broadcast
    if earlier.status in RUNNING:
        some = ngettext(
            "{count} of {total} is getting the same message right now",
            "{count} of {total} are getting the same message right now",
            like.people,
        )
        everyone = _("All of them are getting the same message right now")
    elif earlier.status is BroadcastStatus.FINISHED or earlier.started_at is not None:
        some = ngettext(
            "{count} of {total} already got this message {when}",
            "{count} of {total} already got this message {when}",
            like.people,
        )
        everyone = _("All of them already got this message {when}")
    else:
        some = ngettext(
            "{count} of {total} will get the same message {when}",
            "{count} of {total} will get the same message {when}",
            like.people,
        )
        everyone = _("All of them will get the same message {when}")
    when = formatting.moment_in_city(earlier.started_at or earlier.send_at, context.clock().zone)
    template = everyone if like.people >= total > 1 else some
    return template.format(count=amount(like.people), total=amount(total), when=when)


async def _test_to_me(context: BotContext, press: ButtonPress, draft: Draft) -> CallbackAnswer:
    """Post the message once more, and the preview card below it."""
    try:
        order = await preparation.prepare(context, draft, press.admin)
    except ValidationError as error:
        return CallbackAnswer(problems_text(error.problems), alert=True)
    if not await context.core.presses.is_first(press.admin.id, press.message_id, "test"):
        return CallbackAnswer(_("It's on its way."))
    first = content_preview.shown_first(content_preview.examples(order.content, order.recipients))
    head = _("📱 <b>Test</b>: this is what {who} will get. Only you can see it.")
    who = formatting.escaped(first.name or formatting.address_text(first))
    await context.chat.send(press.admin.chat_id, Screen(head.format(who=who)))
    await show_preview(context, draft, order)
    return CallbackAnswer(_("Only you got it."))


async def _findings(context: BotContext, draft: Draft, order: PreparedOrder) -> Findings:
    core, clock = context.core, context.clock()
    begins = draft.repeat.following(clock.now, made=0) if draft.repeat else draft.send_at
    windows = await core.reachability.outside_window(order.recipients, begins)
    doubt = await _doubt(context, order)
    return Findings(
        order=order,
        rates=rates_of(core.settings),
        clock=clock,
        warnings=[
            *doubt,
            *window_warnings(order.content, windows, planned=begins is not None),
            *await _order_warnings(context, draft, order),
            *gap_warnings(order.content),
            *await asyncio.to_thread(_odd_values, order),
            *await asyncio.to_thread(_flattened, order),
        ],
        asleep=pending_quiet_hours(order.recipients, core.settings.quiet, begins or clock.now),
        gaps=offered_gaps(order.content, _columns(order.recipients)),
        windows=windows,
        template_is_doubtful=bool(doubt),
    )


async def _doubt(context: BotContext, order: PreparedOrder) -> list[str]:
    """A reason why the messenger may refuse the order's template, by its list of templates; or nothing."""
    template = order.content.template
    there = [one for one in order.recipients if one.messenger.traits.templates]
    if template is None or not there:
        return []
    found = await context.core.templates.recent(there[0].messenger, _RECENT, wait=_WAIT)
    doubt = found.doubt(template) if found and not found.problem else None
    return [] if doubt is None else [doubt]


def _flattened(order: PreparedOrder) -> list[str]:
    """Columns whose line breaks do not fit into a template."""
    used = set(placeholders(Content(text="", template=order.content.template)))
    there = [one for one in order.recipients if one.messenger.traits.templates] if used else []
    names = {
        name
        for one in there
        for name in used & one.variables.keys()
        if one_line(one.variables[name]) != one.variables[name]
    }
    told = _("Line breaks in {names} will become spaces. WhatsApp doesn't allow them in template values.")
    shown = formatting.join_names([formatting.quoted(formatting.column(name)) for name in sorted(names)])
    return [told.format(names=shown)] if names else []


def _columns(recipients: Sequence[Recipient]) -> set[str]:
    return {name for one in recipients for name in one.variables}


async def _notes(context: BotContext, press: ButtonPress, draft: Draft) -> Screen:
    """Show all notes of the preview."""
    try:
        order = await preparation.prepare(context, draft, press.admin)
    except ValidationError as error:
        return preparation.refusal(draft, error)
    return notes_card(draft, await _findings(context, draft, order))


async def _fill_gaps(context: BotContext, press: ButtonPress, draft: Draft) -> CallbackAnswer:
    """Turn words such as "[name]" into gaps, and show the preview again."""
    gathered = await preparation.gathered(context, draft)
    if draft.content is not None:
        content = with_offered_gaps(draft.content, _columns(gathered.recipients))
        draft = await drafts.save(context, replace(draft, content=content))
    await context.chat.strip(press.admin.chat_id, press.message_id)
    await show(context, press.admin, draft)
    return CallbackAnswer()


def _odd_values(order: PreparedOrder) -> list[str]:
    """Values unlike the others, with whose they are."""
    lines = []
    for odd in odd_values(order.recipients, placeholders(order.content)):
        value = formatting.clip(odd.recipient.variables.get(odd.name, "").replace("\n", " ⏎ "), 60)
        line = _("Check {who}: {name} is “{value}”").format(
            who=formatting.address_text(odd.recipient),
            name=formatting.column(odd.name),
            value=value,
        )
        if odd.more:
            line += " " + ngettext("({count} more like this)", "({count} more like this)", odd.more).format(
                count=amount(odd.more)
            )
        lines.append(line)
    return lines


async def _toggle_quiet_hours(
    context: BotContext, press: ButtonPress, draft: Draft
) -> Screen | CallbackAnswer:
    kept = await drafts.save(context, replace(draft, ignore_quiet_hours=not draft.ignore_quiet_hours))
    return await home(context, press.admin, kept)


async def _leave_outside(context: BotContext, press: ButtonPress, draft: Draft, leave: bool) -> Result:
    """Leave those outside a messenger's service window out, or take them in again."""
    kept = await drafts.save(context, replace(draft, skip_outside=leave))
    return await home(context, press.admin, kept)


BUTTONS = (
    DRAFT.button("outside", Role.EDITOR, _leave_outside, FLAG),
    DRAFT.button("test", Role.EDITOR, _test_to_me),
    DRAFT.button("gaps", Role.EDITOR, _fill_gaps),
    DRAFT.button("notes", Role.EDITOR, _notes),
    DRAFT.button("loud", Role.EDITOR, _toggle_quiet_hours),
)
