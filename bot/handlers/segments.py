"""Make a segment by taps: its list, its condition, and the people that it selects."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from bot.context import BotContext, Reply
from bot.requests import Admin, ButtonPress, IncomingMessage
from bot.routes import AUDIENCE, PLACE, Argument, button
from bot.screens import segments as screens_segments
from bot.screens.audiences import PAGE_SIZE
from bot.text import formatting
from bot.text.translation import _
from bot.ui.callback_data import AUDIENCES, ID, StaleScreen
from bot.ui.screen import Screen
from core.domain.audience import EVERYBODY
from core.domain.recipients import is_part_of_name
from core.domain.segment import LAST, Condition, Rule
from core.domain.team import Role
from core.services.segments import TAG

VALUE: Final = "segment-value"
"""A prompt; the store keeps the base with it. Followed by the place of the column."""
_MOST_TYPED: Final = 1_000
"""Values among which a typed one is looked for."""

_CONDITION: Final = Argument("got|missed|read|unread", Condition)
_VALUE: Final = Argument(
    r"\d{1,2}\.[0-9a-f]{8}", lambda text: (int(text.partition(".")[0]), text.partition(".")[2])
)
_MESSAGE: Final = Argument(
    rf"(?:got|missed|read|unread)\.{ID}",
    lambda text: (Condition(text.partition(".")[0]), text.partition(".")[2]),
)


async def _begin(context: BotContext, _press: ButtonPress) -> Screen:
    lists = await context.core.audiences.page(size=PAGE_SIZE)
    return screens_segments.choose_base(lists, await context.core.recipients.everybody())


class _Base(NamedTuple):
    """The list a segment selects from. `columns`: those with values that people share, so without names."""

    title: str
    columns: list[str]
    headings: Mapping[str, str] = MappingProxyType({})

    @property
    def shown(self) -> list[str]:
        """The columns as people read them."""
        return [formatting.column(one, self.headings) for one in self.columns]


async def _base(context: BotContext, base: str) -> _Base:
    """Raises NotFound."""
    tags = {TAG: _("tag")}
    if base == EVERYBODY:
        return _Base(screens_segments.base_title(base, ""), [TAG], tags)
    audience = await context.core.audiences.get(base, counted=False)
    if audience.rule is not None and audience.rule.of == EVERYBODY:
        return _Base(audience.title, [TAG], tags)
    columns = sorted(one for one in audience.variables if not is_part_of_name(one))
    return _Base(audience.title, columns[: screens_segments.MOST_COLUMNS], audience.headings)


async def _part(context: BotContext, press: ButtonPress, code: str) -> Screen:
    """Ask for a condition; for a segment, for one more."""
    base = screens_segments.base_of(code)
    offered = base != EVERYBODY and not (await context.core.audiences.get(base, counted=False)).name
    known = await _base(context, base)
    if known.columns == [TAG] and not await _values(context, base, TAG, most=1):
        # Nobody came by a link with a tag.
        known = known._replace(columns=[])
    return screens_segments.choose_condition(base, known.title, known.shown, offered=offered)


async def _values(context: BotContext, base: str, column: str, *, most: int) -> list[str]:
    """Values that many have; for a segment, many of its list."""
    rule = None if base == EVERYBODY else (await context.core.audiences.get(base, counted=False)).rule
    return await context.core.segments.values(rule.of if rule else base, column, most=most)


async def _column(context: BotContext, base: str, place: int) -> tuple[str, str]:
    """The name of a column, and how people read it."""
    known = await _base(context, base)
    if place >= len(known.columns):
        raise StaleScreen
    return known.columns[place], known.shown[place]


async def _ask_value(context: BotContext, _press: ButtonPress, code: str, place: int) -> Reply:
    base = screens_segments.base_of(code)
    column, shown = await _column(context, base, place)
    values = await _values(context, base, column, most=screens_segments.MOST_VALUES)
    return Reply(screens_segments.choose_value(base, place, shown, values), asks=(code, f"{VALUE}:{place}"))


async def _value(context: BotContext, press: ButtonPress, code: str, chosen: tuple[int, str]) -> Screen:
    place, value_code = chosen
    base = screens_segments.base_of(code)
    column, _shown = await _column(context, base, place)
    for value in await _values(context, base, column, most=_MOST_TYPED):
        if screens_segments.value_code(value) == value_code:
            rule = Rule(of=base, condition=Condition.IS, subject=column, value=value)
            return await _offer(context, press.admin, rule)
    raise StaleScreen


async def answer_value(context: BotContext, message: IncomingMessage, code: str, field: str) -> Reply:
    """Take a typed value, written as people of the list have it."""
    base, place = screens_segments.base_of(code), int(field.partition(":")[2])
    column, shown = await _column(context, base, place)
    typed = " ".join(message.text.split())
    known = await _values(context, base, column, most=_MOST_TYPED)
    same = [one for one in known if one == typed] or [
        one for one in known if one.casefold() == typed.casefold()
    ]
    if not same:
        problem = _("No one has “{value}” there.").format(value=typed[:60])
        screen = screens_segments.choose_value(
            base, place, shown, known[: screens_segments.MOST_VALUES], problem
        )
        return Reply(screen, asks=(code, field))
    rule = Rule(of=base, condition=Condition.IS, subject=column, value=same[0])
    return Reply(await _offer(context, message.admin, rule), settles=True)


async def _ask_message(context: BotContext, _press: ButtonPress, code: str, condition: Condition) -> Screen:
    sent = (await context.core.broadcasts.finished(size=screens_segments.MOST_MESSAGES)).items
    return screens_segments.choose_message(screens_segments.base_of(code), condition, sent)


async def _message(
    context: BotContext, press: ButtonPress, code: str, chosen: tuple[Condition, str]
) -> Screen:
    condition, broadcast_id = chosen
    if broadcast_id != LAST:
        await context.core.broadcasts.get(broadcast_id)
    rule = Rule(of=screens_segments.base_of(code), condition=condition, subject=broadcast_id)
    return await _offer(context, press.admin, rule)


async def _turn(context: BotContext, press: ButtonPress, list_id: str) -> Screen:
    """Offer those who do not fulfil the condition."""
    rule = (await context.core.audiences.get(list_id, counted=False)).rule
    if rule is None or rule.opposite is None:
        raise StaleScreen
    return await _offer(context, press.admin, rule.opposite)


async def _offered(context: BotContext, _press: ButtonPress, list_id: str) -> Screen:
    """Show a segment without a name again."""
    segment = await context.core.audiences.get(list_id)
    if segment.rule is None:
        raise StaleScreen
    return screens_segments.segment_offer(segment, segment.rule)


async def _offer(context: BotContext, admin: Admin, rule: Rule) -> Screen:
    """Stage the people of a rule. One about a segment narrows the rule of that, so that its base is a list."""
    if rule.of != EVERYBODY:
        before = (await context.core.audiences.get(rule.of, counted=False)).rule
        rule = rule if before is None else before.narrowed(rule)
    base = await _base(context, rule.of)
    source = f"{base.title}: {formatting.rule_text(rule, base.headings)}"
    segment = await context.core.audiences.stage_segment(rule, source=source, created_by=admin.actor)
    return screens_segments.segment_offer(segment, rule)


BUTTONS = (
    button(AUDIENCES.to("segment"), Role.EDITOR, _begin),
    AUDIENCE.button("part", Role.EDITOR, _part),
    AUDIENCE.button("partcol", Role.EDITOR, _ask_value, PLACE),
    AUDIENCE.button("partval", Role.EDITOR, _value, _VALUE),
    AUDIENCE.button("partmsg", Role.EDITOR, _ask_message, _CONDITION),
    AUDIENCE.button("partof", Role.EDITOR, _message, _MESSAGE),
    AUDIENCE.button("turn", Role.EDITOR, _turn),
    AUDIENCE.button("offer", Role.EDITOR, _offered),
)
