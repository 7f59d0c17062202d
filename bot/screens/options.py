"""The screen with the sending options of a draft."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.screens.drafts import messengers_of
from bot.screens.overdue import late_text
from bot.screens.preview import FREE_RATE, STARS_EACH
from bot.text import formatting
from bot.text.translation import _, amount, plural
from bot.ui.callback_data import Action, subject
from bot.ui.screen import Button, Screen, Style, screen
from core.domain.broadcast import Late
from core.domain.messengers.capabilities import Option
from core.domain.messengers.traits import Messenger
from core.domain.recipients import MESSENGER_ORDER
from core.store.chat.drafts import Draft


def options(draft: Draft, telegram_rate: float, late: Late) -> Screen:
    """`telegram_rate`: messages a second; `late`: the current choice."""
    there, to = messengers_of(draft), subject(draft).to
    able = any(one.traits.options for one in there)
    lines = (
        _looks_lines(draft, telegram_rate)
        if able
        else [_("<b>Options of #{id}</b>").format(id=draft.shown_id)]
    )
    refusing = [one.traits.title for one in there if one.traits.refuses_for_now]
    if refusing:
        lines.append(
            _(
                "Several days: people {messenger} turns away for now are tried again, once a day at most."
            ).format(messenger=formatting.join_names(refusing))
        )
    if draft.further:
        lines.append(_("One message each: on the first messenger where they can be reached."))
    if_late = None
    if draft.send_at is not None or draft.repeat is not None:
        lines.append(_("If late: what becomes of it when its time goes by while nothing runs."))
        label = _("⏰ If late: {what}").format(what=late_text(late))
        if_late = Button(label, to("late"))
    label = _("📨 On all their messengers") if draft.everywhere else _("👤 One message each")
    each = [Button(label, to("each"), Style.PRIMARY if draft.everywhere else None)]
    if not draft.everywhere:
        each.append(Button(_("🔀 Messengers"), to("order")))
    return screen(
        lines,
        *(_switches(draft) if able else ()),
        _tries_button(draft) if refusing else None,
        tuple(each) if draft.further else None,
        if_late,
        Button(_("« Back"), to("home")),
    )


def _looks_lines(draft: Draft, telegram_rate: float) -> list[str]:
    able = formatting.join_names([m.traits.title for m in Messenger if m.traits.options])
    paid = _(
        "Paid: above {rate} messages a second Telegram takes {stars} Stars for each from the bot's balance."
    )
    lines = [
        _("<b>How people will see #{id}</b> ({messengers})").format(id=draft.shown_id, messengers=able),
        _("Silent: it arrives without a sound."),
        _("Protected: it cannot be forwarded, copied or saved."),
        paid.format(rate=amount(FREE_RATE), stars=amount(STARS_EACH)),
    ]
    if telegram_rate <= FREE_RATE:
        useless = _("TELEGRAM_RATE is {rate}/s here, so paying would change nothing.")
        lines.append(useless.format(rate=amount(telegram_rate)))
    return lines


def _switches(draft: Draft) -> list[Button]:
    chosen, to = draft.content.options if draft.content else frozenset(), subject(draft).to
    off_and_on = {
        Option.SILENT: (_("🔔 With sound"), _("🔕 Silent")),
        Option.PROTECTED: (_("🔓 May be forwarded"), _("🔒 Protected")),
        Option.PAID: (_("⭐ Not paid"), _("⭐ Paid")),
    }
    return [
        Button(labels[one in chosen], to("opt", one.value), Style.PRIMARY if one in chosen else None)
        for one, labels in off_and_on.items()
    ]


def _tries_button(draft: Draft) -> Button:
    days = draft.try_again_days
    label = plural("🔁 Try for {count} day", "🔁 Try for {count} days", days) if days else _("🔁 Try once")
    return Button(label, subject(draft).to("tries"), Style.PRIMARY if days else None)


def draft_order(draft: Draft) -> Screen:
    """On which messenger people get the message first."""
    to = subject(draft).to
    usual = Button(_("As their lists say"), to("order0")) if draft.messenger_order else None
    order = [one for one in draft.messenger_order or MESSENGER_ORDER if one in messengers_of(draft)]
    return order_screen(order, lambda one: to("first", one.traits.code), to("opt"), usual)


def order_screen(
    order: Sequence[Messenger],
    first: Callable[[Messenger], Action],
    back: Action,
    usual: Button | None = None,
) -> Screen:
    """Asks which messenger comes first. `first`: puts one there; `usual`: takes the choice back."""
    names = _(", then ").join(one.traits.title for one in order)
    lines = [
        formatting.bold(_("Which messenger first?")),
        _("A person with several gets it once: {names}.").format(names=names),
        _("The next one counts only where the first is sure to fail."),
    ]
    buttons = [
        Button(_("{messenger} first").format(messenger=one.traits.title), first(one)) for one in order[1:]
    ]
    return screen(lines, *buttons, usual, Button(_("« Back"), back))
