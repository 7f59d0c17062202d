"""The welcome and away texts of each messenger."""

from __future__ import annotations

from collections.abc import Mapping

from bot.screens.home import home_row
from bot.screens.subscribers import standard_text
from bot.text import formatting
from bot.text.formatting import bold, escaped, quoted
from bot.text.translation import _
from bot.ui.callback_data import BOT, Subject
from bot.ui.screen import Button, Row, Screen, screen
from core.domain.auto_text import AutoText
from core.domain.messengers.traits import Messenger

ANSWERED = (Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER)
"""Messengers on which people can write to us."""
_SHORT = 60


def _label(which: AutoText) -> str:
    return _("welcome text") if which is AutoText.WELCOME else _("away text")


def _short_label(which: AutoText) -> str:
    """For a button half as wide as a phone."""
    return _("{messenger}: welcome") if which is AutoText.WELCOME else _("{messenger}: away")


def auto_texts_screen(texts: Mapping[tuple[Messenger, AutoText], str]) -> Screen:
    """`texts`: empty where people get none."""
    lines = [bold(_("Automatic messages"))]
    rows: list[Row] = []
    for messenger in ANSWERED:
        parts = []
        for which in AutoText:
            text = texts[messenger, which]
            shown = quoted(escaped(formatting.clip(" ".join(text.split()), _SHORT))) if text else _("none")
            parts.append(f"{_label(which)}: {shown}")
        lines.append(f"{bold(messenger.traits.title)} · {' · '.join(parts)}")
        subject = Subject("m", messenger.traits.code)
        rows.append(
            tuple(
                Button(
                    _short_label(which).format(messenger=messenger.traits.title), subject.to("auto", which)
                )
                for which in AutoText
            )
        )
    return screen(lines, *rows, home_row())


def auto_text_prompt(messenger: Messenger, which: AutoText, text: str) -> Screen:
    """One of them, and the question for a new one."""
    when = {
        AutoText.WELCOME: _("New subscribers on {messenger} get this first:"),
        AutoText.AWAY: _("People who write to you on {messenger} get this, at most once every 12 hours:"),
    }[which].format(messenger=messenger.traits.title)
    to = Subject("m", messenger.traits.code).to
    standard, now = standard_text(messenger, which), text or _("none")
    return screen(
        "\n".join(
            [
                escaped(when),
                f"<blockquote>{escaped(now)}</blockquote>",
                _("Send me the new text."),
            ]
        ),
        Button(_("Use standard text"), to("autostd", which)) if standard and text != standard else None,
        Button(_("Turn off"), to("autooff", which))
        if text and not (standard and which is AutoText.WELCOME)
        else None,
        Button(_("« Back"), BOT.to("auto")),
    )
