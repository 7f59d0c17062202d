"""The question before a broadcast is sent again to unconfirmed recipients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.text.formatting import escaped, first_people, title
from bot.text.translation import _, plural
from bot.ui.callback_data import subject
from bot.ui.screen import Button, Screen, Style, screen
from core.domain.broadcast import Broadcast
from core.domain.delivery import DeliveryState
from core.domain.messengers.outcome import Reason
from core.domain.recipients import Recipient

_CHOICES: Final = tuple(reason for reason in Reason if reason.may_be_over)
"""One bit each in the data of older buttons: append new ones to Reason."""


def decode_reasons(bits: str) -> frozenset[Reason]:
    return frozenset(reason for place, reason in enumerate(_CHOICES) if int(bits, 16) >> place & 1)


def resend_question(broadcast: Broadcast, first: Sequence[Recipient]) -> Screen:
    """Ask before the only action that can send a message twice.

    `first`: the first of the people who would get it again, whom an admin can ask beforehand.
    """
    to, unknown = subject(broadcast).to, broadcast.progress.of(DeliveryState.UNKNOWN)
    warning = plural(
        "We couldn't confirm delivery to {count} person. Resending may send it twice.",
        "We couldn't confirm delivery to {count} people. Resending may send it twice.",
        unknown,
    )
    label = plural("❔ Resend to {count} person", "❔ Resend to {count} people", unknown)
    who = f"\n{escaped(first_people(first, unknown))}" if first else ""
    return screen(
        f"{title(broadcast)}\n{warning}{who}",
        Button(_("« Cancel"), to("back")),
        Button(label, to("resent", broadcast.resends), Style.DANGER),
    )
