"""The preview's lines on recipients outside a service window."""

from __future__ import annotations

import pytest

from bot.screens.service_window import window_warnings
from core.domain.content.content import Content, Media, Template
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.services.reachability import OutsideWindow

WHATSAPP = Messenger.WHATSAPP
GREETINGS = Template(name="greetings", language="en_US", parameters=())
TEXT = Content(text="Sale")
BOTH = Content(text="Sale", template=GREETINGS)
PHOTO_FROM_CHAT = Media(kind=MediaKind.PHOTO, ids={Messenger.TELEGRAM: "AgAD"})


def outside(count: int, total: int = 290, missing: str = "") -> OutsideWindow:
    people = tuple(Recipient(messenger=WHATSAPP, address=f"+1202555010{n}") for n in range(count))
    return OutsideWindow(messenger=WHATSAPP, total=total, outside=people, missing=missing)


@pytest.mark.parametrize(
    ("content", "found", "line"),
    [
        (TEXT, outside(0), ""),
        (
            TEXT,
            outside(1),
            "1 person on WhatsApp is outside the 24 h window (+12025550100): without a template they end as failed",
        ),
        (
            TEXT,
            outside(5),
            "5 people on WhatsApp are outside the 24 h window (+12025550100, +12025550101, +12025550102 and 2 more): "
            "without a template they end as failed",
        ),
        (
            TEXT,
            outside(3, missing="WHATSAPP_APP_SECRET"),
            "WhatsApp takes a text only for people who wrote to you within 24 hours. Who did is not known here: "
            "WHATSAPP_APP_SECRET is not set",
        ),
        (BOTH, outside(0), ""),
        (
            BOTH,
            outside(4),
            "4 of 290 on WhatsApp are outside the 24 h window and get the template greetings",
        ),
        (
            BOTH,
            outside(2, total=2),
            "All 2 on WhatsApp are outside the 24 h window: they get the template greetings",
        ),
        (
            BOTH,
            outside(2, total=2, missing="WHATSAPP_APP_SECRET"),
            "All 2 on WhatsApp get the template greetings: who wrote lately is not known here, as "
            "WHATSAPP_APP_SECRET is not set",
        ),
        (Content(text="", template=GREETINGS), outside(4), ""),
        (
            Content(text="Sale", template=GREETINGS, media=(PHOTO_FROM_CHAT,)),
            outside(4),
            "4 of 290 on WhatsApp are outside the 24 h window and get the template greetings",
        ),
    ],
)
def test_the_preview_names_who_is_outside_and_what_they_get(
    content: Content, found: OutsideWindow, line: str
) -> None:
    assert window_warnings(content, [found]) == ([line] if line else [])
