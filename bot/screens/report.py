"""What stands under the files and pictures of a broadcast."""

from __future__ import annotations

import re
from html import unescape

from bot import words
from bot.language import _
from bot.screen import Screen
from bot.screens.broadcast import counts, title
from core.domain.broadcast import Broadcast

LONGEST_CAPTION = 1024
"""UTF-16 units of text that Telegram takes under a picture, markup not counted."""
_TAG = re.compile(r"<[^>]*>")


def list_caption(broadcast: Broadcast, part: int, parts: int) -> Screen:
    line = _("Every delivery: {people}").format(people=words.people(broadcast.progress.total))
    if parts > 1:
        line += " · " + _("part {part} of {parts}").format(part=part, parts=parts)
    return Screen(f"{title(broadcast)}\n{line}")


def chart_caption(broadcast: Broadcast) -> Screen:
    return Screen(f"{title(broadcast)}\n{counts(broadcast.progress)}")


def fits_under_a_picture(screen: Screen) -> bool:
    """Whether the screen's text can be a caption."""
    text = unescape(_TAG.sub("", screen.html))
    return len(text.encode("utf-16-le")) // 2 <= LONGEST_CAPTION
