"""The deliveries of a broadcast, ten a page."""

from __future__ import annotations

from collections.abc import Iterable

from bot.text import formatting
from bot.text.formatting import escaped, title
from bot.text.translation import _, amount, translate
from bot.ui.callback_data import subject
from bot.ui.pagination import page_rows
from bot.ui.screen import Button, Screen, screen
from core.domain.broadcast import Broadcast
from core.domain.delivery import Delivery, DeliveryState
from core.domain.messengers.outcome import Reason
from core.domain.page import Page

_MARKS = {
    DeliveryState.QUEUED: "⏳",
    DeliveryState.SENDING: "⏳",
    DeliveryState.FAILED: "✖",
    DeliveryState.CANCELLED: "⏹",
    DeliveryState.UNKNOWN: "❔",
}
"""✔ for the others, which reached the messenger."""


def delivery_list(broadcast: Broadcast, page: Page[Delivery], verb: str) -> Screen:
    """`verb`: "failed" for failed deliveries, "got" for all."""
    to = subject(broadcast).to
    head = _("Who did not get {title}") if verb == "failed" else _("Everyone in {title}")
    at = _("page {page}/{pages}").format(page=page.page, pages=page.pages)
    first = (page.page - 1) * 10 + 1
    lines = [
        f"{head.format(title=title(broadcast))} · {at}",
        *(escaped(f"{amount(first + index)} {_row(delivery)}") for index, delivery in enumerate(page.items)),
    ]
    if not page.items:
        lines.append(_("Nobody."))
    lines += _advice(page.items) if verb == "failed" else []
    return screen(lines, *page_rows(page, lambda number: to(verb, number)), Button(_("« Back"), to("back")))


def _row(delivery: Delivery) -> str:
    """Shows the reason instead of the state, where there is one."""
    state = formatting.state_names()[delivery.state]
    state = translate(delivery.reason.sentence) if delivery.reason else state
    return f"{_MARKS.get(delivery.state, '✔')} {formatting.address_text(delivery.recipient)}: {state}"


def _advice(deliveries: Iterable[Delivery]) -> list[str]:
    """Advice for the failures on this page, each once. As HTML."""
    reasons = dict.fromkeys(delivery.reason for delivery in deliveries)
    advice = dict.fromkeys(_what_to_do(reason) for reason in reasons if reason is not None)
    return [f"<i>{escaped(line)}</i>" for line in advice if line]


def _what_to_do(reason: Reason) -> str:
    match reason:
        case Reason.BLOCKED | Reason.NOT_STARTED:
            return _("Who blocked the bot or never pressed Start can be reached after pressing Start.")
        case Reason.NOT_FOUND | Reason.GONE:
            return _("Check the address, or take it off the audience.")
        case Reason.UNSUBSCRIBED | Reason.OPTED_OUT:
            return _("Who asked for no messages is left out from now on, until they come back.")
        case Reason.OUTSIDE_WINDOW:
            return _("Outside the 24 hours, add a WhatsApp template to the text.")
        case Reason.CONTENT:
            return _("Change the text or the file; the messenger takes nothing else.")
        case Reason.TEMPLATE:
            return _("Look at the template in the WhatsApp Manager, then 🔁 Retry on the card.")
        case Reason.NO_MARKETING:
            return _("They still get messages that are not marketing.")
        case Reason.COUNTRY:
            return _("Take the numbers of that country off the list, or ask the messenger to allow them.")
    if reason.may_be_over:
        return _("🔁 Retry, on the card, sends again to those who may be reached now.")
    return "" if reason.means_failed else _("❔ Unknown, on the card, asks and then sends to them again.")
