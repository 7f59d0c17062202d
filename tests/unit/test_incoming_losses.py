"""Losses when an admin's message becomes content, and the fields of a contact card."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Update

from bot.telegram.incoming import message_of
from core.domain.content.content import LinkPreview
from core.domain.content.formatting import Entity, Style
from core.domain.team import Role

PHOTO = [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]


def read(**message: Any) -> Any:  # noqa: ANN401 - a message as Telegram writes it
    person = {"id": 1, "is_bot": False, "first_name": "Ann"}
    chat = {"id": 1, "type": "private"}
    update = Update.de_json(
        {"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": chat, "from": person, **message}},
        None,
    )
    assert update is not None
    return message_of(update, Role.EDITOR)


@pytest.mark.parametrize(
    ("message", "lost"),
    [
        ({"text": "Hello"}, ()),
        (
            {
                "photo": PHOTO,
                "caption": "Look 🎁 here",
                "has_media_spoiler": True,
                "show_caption_above_media": True,
                "caption_entities": [
                    {"type": "custom_emoji", "offset": 5, "length": 2, "custom_emoji_id": "7"}
                ],
            },
            ("custom emoji, unless the bot's owner has Telegram Premium",),
        ),
        (
            {"text": "Read", "link_preview_options": {"prefer_large_media": True, "show_above_text": True}},
            (),
        ),
        (
            {
                "text": "News",
                "reply_markup": {"inline_keyboard": [[{"text": "Open", "url": "https://example.org"}]]},
            },
            ("the buttons under it",),
        ),
    ],
)
def test_what_is_not_kept_is_named(message: dict[str, Any], lost: tuple[str, ...]) -> None:
    assert read(**message).lost == lost


def test_how_an_admin_has_made_it_look_is_kept() -> None:
    link = read(text="Read", link_preview_options={"url": "https://example.org", "show_above_text": True})
    assert link.content.link_preview == LinkPreview(url="https://example.org", above=True)
    assert read(text="Read", link_preview_options={"is_disabled": True}).content.link_preview is None
    photo = read(photo=PHOTO, caption="Look", has_media_spoiler=True, show_caption_above_media=True).content
    assert (photo.spoiler, photo.caption_above) == (True, True)
    dated = read(
        text="at 5",
        entities=[
            {"type": "date_time", "offset": 3, "length": 1, "unix_time": 1750000000, "date_time_format": "t"}
        ],
    ).content
    assert dated.entities == (
        Entity(style=Style.DATE_TIME, offset=3, length=1, unix_time=1750000000, date_format="t"),
    )


def test_a_contact_card_keeps_its_name() -> None:
    contact = {"phone_number": "4915120005003", "first_name": "Anna <b>", "last_name": "Schmidt 😀"}
    assert read(contact=contact).phone == "Anna b Schmidt +4915120005003"
