"""The screen of wishes about how a broadcast goes out."""

from __future__ import annotations

from bot import words
from bot.screen import Button, Screen, Style
from bot.screens_draft import FREE_RATE, STARS_EACH, subject
from core.domain.abilities import Option
from core.domain.messengers import Messenger
from core.store.drafts import Draft

_LABELS = {
    Option.SILENT: ("🔔 With sound", "🔕 Silent"),
    Option.PROTECTED: ("🔓 May be forwarded", "🔒 Protected"),
    Option.PAID: ("⭐ Not paid", "⭐ Paid"),
}


def options(draft: Draft, telegram_rate: float) -> Screen:
    """A switch for each wish, and what it does. `telegram_rate`: messages a second."""
    chosen = draft.content.options if draft.content else frozenset()
    able = words.listed([m.traits.title for m in Messenger if m.traits.options])
    lines = [
        f"{words.bold(f'How #{draft.id} goes out')} ({able})",
        "Silent: it arrives without a sound.",
        "Protected: it cannot be forwarded, copied or saved.",
        f"Paid: above {FREE_RATE} messages a second Telegram takes {STARS_EACH} Stars for each from the bot's balance.",
    ]
    if telegram_rate <= FREE_RATE:
        lines.append(f"TELEGRAM_RATE is {telegram_rate:g}/s here, so paying would change nothing.")
    to = subject(draft).to
    switches = tuple(
        (
            Button(
                labels[option in chosen],
                to("opt", option.value),
                Style.PRIMARY if option in chosen else None,
            ),
        )
        for option, labels in _LABELS.items()
    )
    return Screen("\n".join(lines), (*switches, (Button("« Back", to("home")),)))
