"""Losses when an admin's message becomes content, and the fields of a contact card."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Update

from bot.telegram.incoming import message_of
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
            ("the spoiler over the file", "the text above the file", "custom emoji, shown as plain ones"),
        ),
        (
            {"text": "Read", "link_preview_options": {"prefer_large_media": True, "show_above_text": True}},
            ("the way the link preview is shown",),
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


def test_a_contact_card_keeps_its_name() -> None:
    contact = {"phone_number": "4915120005003", "first_name": "Anna <b>", "last_name": "Schmidt 😀"}
    assert read(contact=contact).phone == "Anna b Schmidt +4915120005003"
