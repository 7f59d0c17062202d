"""The preview's lines on recipients outside a service window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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


def outside(
    count: int, total: int = 290, missing: str = "", names: Sequence[Mapping[str, str]] = ()
) -> OutsideWindow:
    known = [*names, *[{}] * count]
    people = tuple(
        Recipient(messenger=WHATSAPP, address=f"+1202555010{n}", variables=known[n]) for n in range(count)
    )
    return OutsideWindow(messenger=WHATSAPP, total=total, outside=people, missing=missing)


@pytest.mark.parametrize(
    ("content", "found", "line"),
    [
        (TEXT, outside(0), ""),
        (
            TEXT,
            outside(1),
            "+12025550100 hasn't written to you in 24 hours, so WhatsApp will reject this without a template",
        ),
        (
            TEXT,
            outside(2, names=({"name": "Ann Lee"}, {"vorname": "Jörg", "nachname": "Groß"})),
            "2 people (Ann Lee, Jörg Groß) haven't written to you in 24 hours, "
            "so WhatsApp will reject this without a template",
        ),
        (
            TEXT,
            outside(5),
            "5 people (+12025550100, +12025550101, +12025550102 and 2 more) haven't written to you in 24 hours, "
            "so WhatsApp will reject this without a template",
        ),
        (
            TEXT,
            outside(3, missing="WHATSAPP_APP_SECRET"),
            "WhatsApp only delivers to people who wrote to you in the last 24 hours. I can't tell who did until you "
            "set WHATSAPP_APP_SECRET",
        ),
        (BOTH, outside(0), ""),
        (
            BOTH,
            outside(4),
            "4 of 290 on WhatsApp haven't written to you in 24 hours and will get the template greetings",
        ),
        (
            BOTH,
            outside(2, total=2),
            "None of the 2 on WhatsApp has written to you in 24 hours. They'll get the template greetings",
        ),
        (
            BOTH,
            outside(2, total=2, missing="WHATSAPP_APP_SECRET"),
            "All 2 on WhatsApp will get the template greetings. I can't tell who wrote lately until you set "
            "WHATSAPP_APP_SECRET",
        ),
        (
            BOTH,
            outside(1, total=1),
            "The one person on WhatsApp hasn't written to you in 24 hours and will get the template greetings",
        ),
        (Content(text="", template=GREETINGS), outside(4), ""),
        (
            Content(text="Sale", template=GREETINGS, media=(PHOTO_FROM_CHAT,)),
            outside(4),
            "4 of 290 on WhatsApp haven't written to you in 24 hours and will get the template greetings",
        ),
    ],
)
def test_the_preview_names_who_is_outside_and_what_they_get(
    content: Content, found: OutsideWindow, line: str
) -> None:
    assert window_warnings(content, [found], planned=False) == ([line] if line else [])
