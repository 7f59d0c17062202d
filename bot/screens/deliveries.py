"""The deliveries of a broadcast, ten a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.text import formatting
from bot.text.formatting import escaped, title
from bot.text.translation import _, amount, translate
from bot.ui.callback_data import subject
from bot.ui.pagination import page_rows, page_text
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
    head = _("Who missed {title}") if verb == "failed" else _("Everyone in {title}")
    first = (page.page - 1) * 10 + 1
    lines = [
        head.format(title=title(broadcast)) + page_text(page),
        *(escaped(f"{amount(first + index)} {row}") for index, row in enumerate(_rows(page.items))),
    ]
    if not page.items:
        lines.append(_("No one."))
    lines += _advice(page.items) if verb == "failed" else []
    return screen(lines, *page_rows(page, lambda number: to(verb, number)), Button(_("« Back"), to("back")))


def _rows(deliveries: Sequence[Delivery]) -> list[str]:
    """People by name, with the address where two have the same; the reason in place of the state, if there is one."""
    people = [formatting.person(one.recipient) for one in deliveries]
    rows = []
    for delivery, person in zip(deliveries, people, strict=True):
        named = person
        if delivery.recipient.name and people.count(person) > 1:
            named = f"{delivery.recipient.name}, {formatting.address_text(delivery.recipient)}"
        state = formatting.state_names()[delivery.state]
        state = translate(delivery.reason.sentence) if delivery.reason else state
        rows.append(f"{_MARKS.get(delivery.state, '✔')} {named}: {state}")
    return rows


def _advice(deliveries: Iterable[Delivery]) -> list[str]:
    """Advice for the failures on this page, each once. As HTML."""
    reasons = dict.fromkeys(delivery.reason for delivery in deliveries)
    advice = dict.fromkeys(_what_to_do(reason) for reason in reasons if reason is not None)
    return [f"<i>{escaped(line)}</i>" for line in advice if line]


def _what_to_do(reason: Reason) -> str:
    match reason:
        case Reason.BLOCKED | Reason.NOT_STARTED:
            return _("You can reach them once they press Start in the bot.")
        case Reason.NOT_FOUND | Reason.GONE:
            return _("Check the number, or remove it from your list.")
        case Reason.UNSUBSCRIBED | Reason.OPTED_OUT:
            return _("People who opted out won't be messaged again unless they resubscribe.")
        case Reason.OUTSIDE_WINDOW:
            return _("To reach people who haven't written in 24 hours, add a WhatsApp template.")
        case Reason.CONTENT:
            return _("The messenger rejected the text or the file. Change it and send again.")
        case Reason.TEMPLATE:
            return _("Check the template in WhatsApp Manager, then send again.")
        case Reason.NO_MARKETING:
            return _("They can still get messages that aren't marketing.")
        case Reason.COUNTRY:
            return _("Remove numbers from that country, or ask the messenger to allow them.")
    if reason.may_be_over:
        return _("Once they can be reached again, you can send it to them from the message's card.")
    return (
        ""
        if reason.means_failed
        else _("Not confirmed means it may have arrived. You can resend it under More.")
    )
