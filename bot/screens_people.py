"""Who got a broadcast and who did not, ten a page."""

from __future__ import annotations

from html import escape

from bot import words
from bot.pager import pages
from bot.screen import Button, Screen
from bot.screens_broadcast import subject, title
from core.domain.broadcast import Broadcast
from core.domain.delivery import Delivery, DeliveryState
from core.services.pages import Page

_MARKS = {
    DeliveryState.QUEUED: "⏳ waits",
    DeliveryState.SENDING: "⏳ in the air",
    DeliveryState.SENT: "✔ sent",
    DeliveryState.DELIVERED: "✔ delivered",
    DeliveryState.READ: "✔ read",
    DeliveryState.FAILED: "✖ failed",
    DeliveryState.CANCELLED: "⏹ cancelled",
    DeliveryState.UNKNOWN: "❔ unknown",
}


def people(broadcast: Broadcast, page: Page[Delivery], verb: str) -> Screen:
    """Ten deliveries. `verb` "failed": those who did not get it, "got": everyone."""
    to = subject(broadcast).to
    head = "Who did not get" if verb == "failed" else "Everyone in"
    first = (page.page - 1) * 10 + 1
    lines = [
        f"{head} {title(broadcast)} · page {page.page}/{page.pages}",
        *(
            escape(f"{first + index} {_row(delivery)}", quote=False)
            for index, delivery in enumerate(page.items)
        ),
    ]
    if not page.items:
        lines.append("Nobody.")
    return Screen(
        "\n".join(lines),
        (*pages(page, lambda number: to(verb, str(number))), (Button("« Back", to("view", "f1a")),)),
    )


def _row(delivery: Delivery) -> str:
    why = f": {delivery.reason.sentence}" if delivery.reason else ""
    return f"{words.address(delivery.recipient)} · {_MARKS[delivery.state]}{why}"
