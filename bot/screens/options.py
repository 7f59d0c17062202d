"""The screen with the sending options of a draft."""

from __future__ import annotations

from bot.screens.overdue import late_text
from bot.screens.preview import FREE_RATE, STARS_EACH
from bot.text import formatting
from bot.text.translation import _, amount
from bot.ui.callback_data import subject
from bot.ui.screen import Button, Screen, Style, screen
from core.domain.broadcast import Late
from core.domain.messengers.capabilities import Option
from core.domain.messengers.traits import Messenger
from core.store.chat.drafts import Draft


def options(draft: Draft, telegram_rate: float, late: Late) -> Screen:
    """`telegram_rate`: messages a second; `late`: the current choice."""
    chosen = draft.content.options if draft.content else frozenset()
    able = formatting.join_names([m.traits.title for m in Messenger if m.traits.options])
    paid = _(
        "Paid: above {rate} messages a second Telegram takes {stars} Stars for each from the bot's balance."
    )
    lines = [
        _("<b>How #{id} goes out</b> ({messengers})").format(id=draft.shown_id, messengers=able),
        _("Silent: it arrives without a sound."),
        _("Protected: it cannot be forwarded, copied or saved."),
        paid.format(rate=amount(FREE_RATE), stars=amount(STARS_EACH)),
    ]
    if telegram_rate <= FREE_RATE:
        useless = _("TELEGRAM_RATE is {rate}/s here, so paying would change nothing.")
        lines.append(useless.format(rate=amount(telegram_rate)))
    to = subject(draft).to
    if draft.further:
        lines.append(_("One message each: on the first messenger where they can be reached."))
    if_late = None
    if draft.send_at is not None or draft.repeat is not None:
        lines.append(_("If late: what becomes of it when its time goes by while nothing runs."))
        label = _("⏰ If late: {what}").format(what=late_text(late))
        if_late = Button(label, to("late"))
    off_and_on = {
        Option.SILENT: (_("🔔 With sound"), _("🔕 Silent")),
        Option.PROTECTED: (_("🔓 May be forwarded"), _("🔒 Protected")),
        Option.PAID: (_("⭐ Not paid"), _("⭐ Paid")),
    }
    switches = (
        Button(labels[one in chosen], to("opt", one.value), Style.PRIMARY if one in chosen else None)
        for one, labels in off_and_on.items()
    )
    label = _("📨 On all their messengers") if draft.everywhere else _("👤 One message each")
    each = Button(label, to("each"), Style.PRIMARY if draft.everywhere else None)
    return screen(lines, *switches, each if draft.further else None, if_late, Button(_("« Back"), to("home")))
