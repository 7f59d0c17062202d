"""The questions before something is done to a broadcast that cannot be taken back."""

from __future__ import annotations

from html import escape

from bot import words
from bot.pick import Present
from bot.screen import Button, Screen, Style
from bot.screens_broadcast import subject, title
from bot.wire import MenuTap
from core.domain.broadcast import Broadcast

FIRST_PAGE = "s1a"


def send_now(broadcast: Broadcast) -> Screen:
    to, total = subject(broadcast).to, broadcast.progress.total
    return Screen(
        f"Send {title(broadcast)} to {words.people(total)} now?",
        (
            (Button("« Back", to("view", FIRST_PAGE)),),
            (Button(f"✅ Yes, send to {words.people(total)}", to("sure", str(total)), Style.SUCCESS),),
        ),
    )


def cancel(broadcast: Broadcast, present: Present) -> Screen:
    to = subject(broadcast).to
    when = escape(words.wall(broadcast.send_at, present.zone), quote=False)
    return Screen(
        f"Cancel {title(broadcast)}, {words.people(broadcast.progress.total)}, {when}?\n"
        "It goes to /finished as cancelled; nobody gets it.",
        (
            (Button("« Keep it", to("view", FIRST_PAGE)),),
            (Button("✖ Yes, cancel", to("cancelled"), Style.DANGER),),
        ),
    )


def stop(broadcast: Broadcast) -> Screen:
    to, progress = subject(broadcast).to, broadcast.progress
    warning = f"{progress.open:,} not yet sent will never be sent. {progress.got_it:,} already sent stay."
    return Screen(
        f"{title(broadcast)}\n{warning}",
        (
            (Button("« Keep sending", str(MenuTap("close"))),),
            (Button(f"⏹ Yes, cancel {progress.open:,}", to("stopped"), Style.DANGER),),
        ),
    )


def stopped(broadcast: Broadcast) -> Screen:
    return Screen(f"The rest of {title(broadcast)} is cancelled. What was sent stays.")
