"""Who got a broadcast and who did not, ten a page."""

from __future__ import annotations

from html import escape

from bot import words
from bot.language import _, amount, told
from bot.pager import pages
from bot.screen import Button, Screen
from bot.screens_broadcast import subject, title
from core.domain.broadcast import Broadcast
from core.domain.delivery import Delivery, DeliveryState
from core.services.pages import Page


def _marks() -> dict[DeliveryState, str]:
    return {
        DeliveryState.QUEUED: _("⏳ waits"),
        DeliveryState.SENDING: _("⏳ in the air"),
        DeliveryState.SENT: _("✔ sent"),
        DeliveryState.DELIVERED: _("✔ delivered"),
        DeliveryState.READ: _("✔ read"),
        DeliveryState.FAILED: _("✖ failed"),
        DeliveryState.CANCELLED: _("⏹ cancelled"),
        DeliveryState.UNKNOWN: _("❔ unknown"),
    }


def people(broadcast: Broadcast, page: Page[Delivery], verb: str) -> Screen:
    """Ten deliveries. `verb` "failed": those who did not get it, "got": everyone."""
    to = subject(broadcast).to
    head = _("Who did not get {title}") if verb == "failed" else _("Everyone in {title}")
    at = _("page {page}/{pages}").format(page=page.page, pages=page.pages)
    first = (page.page - 1) * 10 + 1
    lines = [
        f"{head.format(title=title(broadcast))} · {at}",
        *(
            escape(f"{amount(first + index)} {_row(delivery)}", quote=False)
            for index, delivery in enumerate(page.items)
        ),
    ]
    if not page.items:
        lines.append(_("Nobody."))
    return Screen(
        "\n".join(lines),
        (*pages(page, lambda number: to(verb, str(number))), (Button(_("« Back"), to("view", "f1a")),)),
    )


def _row(delivery: Delivery) -> str:
    why = f": {told(delivery.reason.sentence)}" if delivery.reason else ""
    return f"{words.address(delivery.recipient)} · {_marks()[delivery.state]}{why}"
