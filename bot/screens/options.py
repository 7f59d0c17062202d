"""The screens with the sending options of a draft."""

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

_MOST_CHOICES = 5
"""Buttons beside the way back; more take a second screen."""


def options(draft: Draft, telegram_rate: float, late: Late, *, more: bool = False) -> Screen:
    """`telegram_rate`: messages a second; `late`: the current choice; `more`: the second screen, where there is one."""
    there, to = messengers_of(draft), subject(draft).to
    head = formatting.bold(_("Options"))
    usual, rare = _usual(draft, there, telegram_rate), _rare(draft, there, late)
    if len(usual) + len(rare) <= _MOST_CHOICES:
        return _options_screen([head], [*usual, *rare], Button(_("« Back"), to("home")))
    if more:
        return _options_screen([head], rare, Button(_("« Back"), to("opt")))
    return _options_screen([head], usual, Button(_("More"), to("optmore")), Button(_("« Back"), to("home")))


_Choice = tuple[str, Button | None]
"""An explanation, and a button if there is one to tap."""


def _options_screen(lines: list[str], choices: Sequence[_Choice], *others: Button) -> Screen:
    return screen(
        [*lines, *(line for line, _button in choices)], *(button for _line, button in choices), *others
    )


def _usual(draft: Draft, there: Sequence[Messenger], telegram_rate: float) -> list[_Choice]:
    able = {option for one in there for option in one.traits.options}
    # Above this rate Telegram asks to be paid, so below it paying changes nothing.
    shown = [one for one in Option if one in able and (one is not Option.PAID or telegram_rate > FREE_RATE)]
    if not shown:
        names = formatting.join_names([one.traits.title for one in there])
        return [(_("{messengers} always shows it the usual way.").format(messengers=names), None)]
    return [(_explained(one), button) for one, button in zip(shown, _switches(draft, shown), strict=True)]


def _rare(draft: Draft, there: Sequence[Messenger], late: Late) -> list[_Choice]:
    to = subject(draft).to
    choices: list[_Choice] = []
    if refusing := [one.traits.title for one in there if one.traits.refuses_for_now]:
        line = _("Try again: if {messenger} can't deliver for now, I'll try once a day.")
        choices.append((line.format(messenger=formatting.join_names(refusing)), _tries_button(draft)))
    if draft.further:
        choices.append(("", Button(_each_label(draft), to("order"))))
    if draft.send_at is not None or draft.repeat is not None:
        label = _("⏰ If late: {what}").format(what=late_text(late))
        line = _("If late: what to do if the server was down at that time.")
        choices.append((line, Button(label, to("late"))))
    return choices


def _switches(draft: Draft, shown: Sequence[Option]) -> list[Button]:
    chosen, to = draft.content.options if draft.content else frozenset(), subject(draft).to
    off_and_on = {
        Option.SILENT: (_("🔔 Sound: on"), _("🔕 Sound: off")),
        Option.PROTECTED: (_("🔓 Forwarding: on"), _("🔒 Forwarding: off")),
        Option.PAID: (_("⭐ Paid: off"), _("⭐ Paid: on")),
    }
    return [
        Button(off_and_on[one][one in chosen], to("opt", one.value), Style.PRIMARY if one in chosen else None)
        for one in shown
    ]


def _tries_button(draft: Draft) -> Button:
    days = draft.try_again_days
    label = (
        plural("🔁 Try again: {count} day", "🔁 Try again: {count} days", days)
        if days
        else _("🔁 Try again: off")
    )
    return Button(label, subject(draft).to("tries"), Style.PRIMARY if days else None)


def _explained(option: Option) -> str:
    match option:
        case Option.SILENT:
            return _("Sound off: it arrives silently.")
        case Option.PROTECTED:
            return _("Forwarding off: it can't be forwarded, copied or saved.")
        case Option.PAID:
            return _(
                "Paid on: above {rate} messages a second, Telegram charges {stars} Stars each from the "
                "bot's balance."
            ).format(rate=amount(FREE_RATE), stars=amount(STARS_EACH))


def _each_label(draft: Draft) -> str:
    return _("📨 On all their messengers") if draft.everywhere else _("👤 One message each")


def draft_order(draft: Draft) -> Screen:
    """On how many messengers people get the message, and on which first."""
    to = subject(draft).to
    if draft.everywhere:
        return screen(
            formatting.bold(_("People with several messengers get it on all of them.")),
            Button(_("👤 One message each"), to("each")),
            Button(_("« Back"), to("optmore")),
        )
    usual = (Button(_("As set in the lists"), to("order0")),) if draft.messenger_order else ()
    everywhere = Button(_("📨 On all their messengers"), to("each"))
    order = [one for one in draft.messenger_order or MESSENGER_ORDER if one in messengers_of(draft)]
    return order_screen(order, lambda one: to("first", one.traits.code), to("optmore"), (*usual, everywhere))


def order_screen(
    order: Sequence[Messenger],
    first: Callable[[Messenger], Action],
    back: Action,
    others: Sequence[Button] = (),
) -> Screen:
    """Asks which messenger comes first. `first`: puts one there; `others`: further choices."""
    names = _(", then ").join(one.traits.title for one in order)
    lines = [
        formatting.bold(_("Which messenger first?")),
        _("People on several messengers get it once: {names}.").format(names=names),
        _("I use the next one only if the first can't reach them."),
    ]
    buttons = [
        Button(_("{messenger} first").format(messenger=one.traits.title), first(one)) for one in order[1:]
    ]
    return screen(lines, *buttons, *others, Button(_("« Back"), back))
