"""Questions before a broadcast is sent again to some of its recipients."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from bot.text import formatting
from bot.text.formatting import escaped, title
from bot.text.translation import _, amount, plural, translate
from bot.ui.callback_data import subject
from bot.ui.screen import Button, Screen, Style, screen
from core.domain.broadcast import Broadcast
from core.domain.delivery import DeliveryState
from core.domain.messengers.outcome import Reason
from core.services.retries import failures

CHOICES: Final = tuple(reason for reason in Reason if reason.may_be_over)
"""One bit each in button data: append new ones to Reason."""


def encode_reasons(chosen: Collection[Reason]) -> str:
    return f"{sum(1 << place for place, reason in enumerate(CHOICES) if reason in chosen):x}"


def decode_reasons(bits: str) -> frozenset[Reason]:
    return frozenset(reason for place, reason in enumerate(CHOICES) if int(bits, 16) >> place & 1)


def retry_question(broadcast: Broadcast, chosen: Collection[Reason]) -> Screen:
    """Reasons that a retry may cure, each to be ticked, and those that it cannot."""
    to, found, hopeless = (
        subject(broadcast).to,
        failures(broadcast.progress, retryable=True),
        failures(broadcast.progress, retryable=False),
    )
    count = sum(found[reason] for reason in chosen if reason in found)
    lines = [
        _("Send {title} once more?").format(title=title(broadcast)),
        plural(
            "{count} person may be reached this time; tap to leave some out.",
            "{count} people may be reached this time; tap to leave some out.",
            sum(found.values()),
        ),
        *_others(hopeless),
        _("It becomes a draft, and you see the preview first."),
    ]
    toggles = (
        Button(
            f"{'☑' if reason in chosen else '☐'} {amount(number)} · {translate(reason.sentence)}",
            to("retry", encode_reasons({*chosen} ^ {reason})),
        )
        for reason, number in found.items()
    )
    label = _("🔁 Draft for {count}").format(count=amount(count))
    draft = Button(label, to("retried", encode_reasons(chosen)), Style.PRIMARY)
    return screen(lines, *toggles, draft if count else None, Button(_("« Back"), to("view", "f1a")))


def _others(hopeless: dict[Reason, int]) -> list[str]:
    if not hopeless:
        return []
    why = " · ".join(formatting.reason_count(count, reason) for reason, count in hopeless.items())
    total = amount(sum(hopeless.values()))
    return [escaped(_("{count} cannot: {why}").format(count=total, why=why))]


def resend_question(broadcast: Broadcast) -> Screen:
    """The only action that can send a message twice."""
    to, unknown = subject(broadcast).to, broadcast.progress.of(DeliveryState.UNKNOWN)
    warning = _(
        "Nobody can tell whether it arrived: {people}. They may already have it. Resend can give it twice."
    ).format(people=formatting.people(unknown))
    label = _("❔ Resend to {count}").format(count=amount(unknown))
    return screen(
        f"{title(broadcast)}\n{warning}",
        Button(_("« No"), to("view", "f1a")),
        Button(label, to("resent", broadcast.resends), Style.DANGER),
    )
