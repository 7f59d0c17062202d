"""Preparing the order of a draft: its people as they are now, its content checked, or what keeps it from being sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bot.context import BotContext
from bot.requests import Admin
from bot.screens.drafts import refused_order
from bot.screens.gaps import missing_text, missing_values
from bot.screens.kinds import kind_question
from bot.text.translation import _
from bot.ui.screen import Screen
from core.domain.audience import Gathered, counts_of
from core.domain.broadcast import ChosenLists, Late, NewBroadcast, PreparedOrder
from core.domain.content.content import Content
from core.domain.content.limits import unreachable_files
from core.domain.content.misfits import Misfit, misfit, told
from core.domain.errors import ValidationError
from core.domain.messengers.events import LeftOut, count_left_out
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.parsing.dates import WrongMoment, within_range
from core.services.gaps import with_known_gaps
from core.store.chat.drafts import Draft


class MissingValues(ValidationError):
    """People have no value for a gap of the text. `people`: by gap; `total`: of all people."""

    def __init__(self, people: Mapping[str, tuple[Recipient, ...]], total: int) -> None:
        super().__init__([missing_text(name, some) for name, some in people.items()])
        self.people = people
        self.total = total


class Uncarried(ValidationError):
    """Messengers of the order cannot carry the message as it is. `people`: by messenger, of all of them."""

    def __init__(
        self,
        problem: str,
        messengers: tuple[Messenger, ...],
        people: Mapping[Messenger, int],
        wrong: Misfit | None,
    ) -> None:
        super().__init__([problem])
        self.messengers = messengers
        self.people = people
        self.wrong = wrong


async def prepare(context: BotContext, draft: Draft, admin: Admin) -> PreparedOrder:
    """Prepare the order for its current recipients. Raises MissingValues, ValidationError with all problems."""
    content, people, without = await completed(context, draft)
    if people.problems:
        raise ValidationError(people.problems)
    lacking = {one.label: one for some in without.values() for one in some}
    valued = tuple(one for one in people.recipients if one.label not in lacking)
    if lacking and (not draft.skip_missing or not valued):
        raise MissingValues(without, len(people.recipients))
    _check_kinds(content, counts_of(valued))
    left = [LeftOut(recipient=one, reason=Reason.NO_VALUE) for one in lacking.values()]
    left += [LeftOut(recipient=one, reason=Reason.NOT_SET_UP) for one in people.not_set_up]
    order, clock = _order(context, draft, admin, replace(people, recipients=valued)), context.clock()
    order = replace(order, content=content, left_out=count_left_out(left))
    problems: tuple[str, ...] = ()
    if draft.repeat is not None and draft.repeat.following(clock.now, made=0) is None:
        problems = (_("That ends before it starts. Choose a later end."),)
    if order.send_at is not None:
        try:
            within_range(order.send_at, now=clock.now, zone=clock.zone)
        except WrongMoment as error:
            order, problems = replace(order, send_at=None), error.problems
    try:
        prepared = await context.core.broadcasts.prepare(order)
    except ValidationError as error:
        raise ValidationError([*error.problems, *problems]) from None
    if problems:
        raise ValidationError(problems)
    return await _within_windows(context, draft, prepared) if draft.skip_outside else prepared


async def completed(
    context: BotContext, draft: Draft
) -> tuple[Content, Gathered, Mapping[str, tuple[Recipient, ...]]]:
    """The content, its people with all values that are known, and those without one, by gap."""
    people = await gathered(context, draft)
    content = _with_columns(draft.content or Content(text=""), people)
    # People of a series are read again each time.
    filled = {} if draft.repeat or draft.series_id else draft.filled
    own = tuple(
        replace(one, variables={**one.variables, **filled[one.label]}) if one.label in filled else one
        for one in people.recipients
    )
    full, without = await context.core.recipients.completed(content, own)
    return content, replace(people, recipients=full), without


async def gathered(context: BotContext, draft: Draft) -> Gathered:
    found = await context.core.recipients.reach(
        draft.audiences,
        draft.recipients,
        everywhere=draft.everywhere,
        order=draft.messenger_order,
        without=draft.shut_out,
    )
    recipients, not_set_up = context.core.reachability.split_set_up(found.recipients)
    return replace(
        found,
        recipients=recipients,
        not_set_up=not_set_up,
        duplicates=found.duplicates + draft.duplicates,
    )


def refusal(draft: Draft, error: ValidationError) -> Screen:
    """The screen with what keeps an order from being sent, and with ways on."""
    if isinstance(error, MissingValues):
        name, people = next(iter(error.people.items()))
        return missing_values(draft, 0, name, people, everybody=len(people) >= error.total)
    if isinstance(error, Uncarried):
        return kind_question(draft, error.problems[0], error.messengers, error.people, error.wrong)
    return refused_order(draft, error.problems)


def _check_kinds(content: Content, people: Mapping[Messenger, int]) -> None:
    """Raises Uncarried for the first thing that some messengers cannot carry, with all of these."""
    wrong = {one: found for one in people if (found := misfit(content, one)) is not None}
    if wrong:
        # A kind that is lacking comes before text that cannot go with it.
        first = min(wrong.values(), key=lambda found: list(Misfit).index(found[0]))
        unable = tuple(one for one, found in wrong.items() if found == first)
        raise Uncarried(told(first, unable), unable, people, first[0])
    for one in people:
        if unreachable := unreachable_files(content, one):
            raise Uncarried(unreachable[0], (one,), people, None)


async def _within_windows(context: BotContext, draft: Draft, order: PreparedOrder) -> PreparedOrder:
    """Without those who are outside a messenger's service window, unless that is everybody.

    A template reaches them too. A series reads its people anew each time.
    """
    if order.content.template is not None or draft.repeat or draft.series_id:
        return order
    windows = await context.core.reachability.outside_window(order.recipients, order.send_at)
    outside = {(one.messenger, one.address): one for window in windows for one in window.outside}
    kept = tuple(one for one in order.recipients if one.key not in outside)
    if not kept:
        return order
    left = [LeftOut(recipient=one, reason=Reason.OUTSIDE_WINDOW) for one in outside.values()]
    return PreparedOrder(
        replace(
            order,
            recipients=kept,
            left_out=count_left_out(left, order.left_out),
            needs_approval=context.core.broadcasts.needs_approval(len(kept)),
        )
    )


def _with_columns(content: Content, people: Gathered) -> Content:
    """The content with "{First Name}" as the gap {first_name}, if these people have that."""
    names = {name for one in people.recipients for name in one.variables}
    return with_known_gaps(content, names)


def _order(context: BotContext, draft: Draft, admin: Admin, people: Gathered) -> NewBroadcast:
    send_at = None if draft.repeat else draft.send_at
    return NewBroadcast(
        content=draft.content or Content(text=""),
        recipients=people.recipients,
        duplicates=people.duplicates,
        passed_on=people.passed_on,
        send_at=send_at,
        undo_time=context.undo_time if send_at is None else timedelta(),
        created_by=admin.actor,
        co_authors=people.authors,
        again_of=draft.again_of,
        lists=_lists(draft),
        late=Late(draft.late) if draft.late else None,
        ignore_quiet_hours=draft.ignore_quiet_hours,
        try_again_days=draft.try_again_days,
    )


def _lists(draft: Draft) -> ChosenLists | None:
    """The lists of a draft, if they alone say who gets it: no choice takes people out, and none fills in values."""
    chosen_otherwise = (
        draft.filled,
        draft.skip_missing,
        draft.skip_outside,
        draft.without,
        draft.everywhere,
        draft.messenger_order,
        draft.again_of,
    )
    if not draft.audiences or any(chosen_otherwise):
        return None
    return ChosenLists(tuple(one.id for one in draft.audiences), alone=bool(draft.recipients))
