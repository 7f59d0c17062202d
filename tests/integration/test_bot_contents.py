"""Formatting, files, albums, buttons and wishes, from an admin's message to the preview and the order."""

from __future__ import annotations

import struct
import zlib
from typing import Any, Final

import pytest

from core.domain.content.content import Button, Content
from core.domain.content.formatting import Entity, Style
from core.domain.messengers.capabilities import MediaKind, Option
from core.domain.messengers.traits import Messenger
from tests.support.bot import World, running_bot
from tests.support.sandbox_server import ADMIN

Json = dict[str, Any]
BOLD: Final = {"type": "bold", "offset": 0, "length": 4}
URL: Final = {"type": "url", "offset": 5, "length": 3}


def picture() -> bytes:
    """A PNG of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\0\0\0")) + chunk(b"IEND", b"")


async def sent_photo(world: World, caption: str = "", album: str = "") -> Json:
    return await world.sandbox.send_file(
        "photo.png", picture(), content_type="image/png", caption=caption, album=album
    )


async def accepted(world: World, preview: Json, label: str = "✅ Send now") -> Content:
    """Confirms the preview; returns the content in the ledger."""
    await world.tap(preview, label)
    (broadcast,) = [
        *(await world.core.broadcasts.running()),
        *(await world.core.broadcasts.scheduled(size=10)).items,
    ]
    return broadcast.content


async def test_formatting_stays_and_the_preview_shows_it(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        said = await world.sandbox.say(
            "/send tg:1001 | Sale now",
            entities=[{"type": "bot_command", "offset": 0, "length": 5}, {**BOLD, "offset": 16}],
        )
        preview = await world.below(said["message_id"], "Preview ↑")
        shown = next(m for m in await world.sandbox.messages() if m.get("text") == "Sale now")
        assert shown["entities"] == [BOLD]
        content = await accepted(world, preview)
        assert content == Content(text="Sale now", entities=(Entity(style=Style.BOLD, offset=0, length=4),))


async def test_a_photo_with_caption_and_button_becomes_the_content(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/send", "What would you like to say?")
        await sent_photo(world, "Look at this\n[Shop](https://example.com/shop)")
        await world.below(card["message_id"], "“Look at this” · 1 photo, 1 button")
        slots = await world.ask("tg:1001", "1: Telegram 1")
        preview = await world.tap_below(slots, "✔ Done", "Preview ↑")
        shown = next(m for m in await world.sandbox.messages() if m["from"]["is_bot"] and "photo" in m)
        assert shown["caption"] == "Look at this"
        assert shown["reply_markup"]["inline_keyboard"] == [
            [{"text": "Shop", "url": "https://example.com/shop"}]
        ]
        content = await accepted(world, preview)
        (media,) = content.media
        assert (media.kind, list(media.ids)) == (MediaKind.PHOTO, [Messenger.TELEGRAM])
        assert content.buttons == ((Button("Shop", "https://example.com/shop"),),)


async def test_a_file_that_only_telegram_holds_is_said_before_sending(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        said = await sent_photo(world, "Look")
        await world.below(said["message_id"], "1 photo")
        slots = await world.ask("tg:1001, viber:alice, wa:+12025550123", "3: ")
        await world.tap_into(slots, "✔ Done", "Viber needs a link to the photo")


async def test_a_caption_can_name_the_files_address_for_the_other_messengers(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        said = await sent_photo(world, "Look\n![](https://example.com/a.png)")
        await world.below(said["message_id"], "1 photo")
        slots = await world.ask("tg:1001, viber:alice, wa:+12025550123", "3: ")
        preview = await world.tap_below(slots, "✔ Done", "Preview ↑")
        content = await accepted(world, preview, "✅ Send now")
        assert content.media[0].link == "https://example.com/a.png"


async def test_an_album_arrives_file_by_file_and_is_one_content(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        first = await sent_photo(world, "Look", album="A1")
        card = await world.below(first["message_id"], "“Look” · 1 photo")
        await sent_photo(world, album="A1")
        await world.turned(card, "“Look” · 2 photos")
        slots = await world.ask("tg:1001", "1: Telegram 1")
        preview = await world.tap_below(slots, "✔ Done", "Preview ↑")
        shown = [m for m in await world.sandbox.messages() if m["from"]["is_bot"] and "photo" in m]
        assert [one.get("caption") for one in shown] == ["Look", None]
        assert len((await accepted(world, preview)).media) == 2


async def test_a_forwarded_message_takes_the_place_of_the_text(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send tg:1001 | First", "Preview ↑")
        question = await world.ask(
            "Sale now", "Add this to your message?", forwarded_from="Somebody", entities=[BOLD]
        )
        card = await world.tap_below(question, "Replace it", "Preview ↑")
        assert (await accepted(world, card, "✅ Send now")).text == "Sale now"


async def test_wishes_are_switched_on_the_card_and_told_in_the_preview(redis_url: str) -> None:
    async with running_bot(redis_url, TELEGRAM_RATE="500") as world:
        preview = await world.ask("/send tg:1001, viber:alice | Hello", "Preview ↑")
        menu = await world.tap_into(preview, "✏ Edit", "What would you like to change?")
        card = await world.tap_into(menu, "⚙", "Sound off")
        for label, turned in (
            ("🔔 Sound: on", "🔕 Sound: off"),
            ("🔓", "🔒"),
            ("⭐ Paid: off", "⭐ Paid: on"),
        ):
            await world.tap(card, label)
            card = next(m for m in await world.sandbox.messages() if m["message_id"] == card["message_id"])
            assert any(
                button["text"].startswith(turned)
                for row in card["reply_markup"]["inline_keyboard"]
                for button in row
            )
        preview = await world.tap_into(card, "« Back", "Preview ↑")
        assert "🔕 no sound · 🔒 no forwarding · ⭐ faster, paid with Stars" in preview["text"]
        assert "It costs up to 0 Telegram Stars." in preview["text"]
        assert "⚠ Viber: no " in preview["text"]
        content = await accepted(world, preview, "✅ Send now")
        assert content.options == frozenset(Option)


async def test_what_telegram_refuses_is_found_at_the_preview(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        words = "Wrong file identifier"
        await world.sandbox.fault("telegram", "error", status=400, description=words, text="Hello you")
        await world.ask("/send tg:1001 | Hello you", f"Telegram can't show this ({words})")


async def test_gaps_without_values_are_asked_about_in_the_chat(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send tg:1001 | Hello {city}", "1 person has no value for {city}.")


async def test_formats_beyond_the_hundred_that_telegram_keeps_are_said(redis_url: str) -> None:
    bold = [{"type": "bold", "offset": 4 * number, "length": 3} for number in range(110)]
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        await world.ask("abc " * 110, "Who should get it?", entities=bold)
        card = await world.ask("tg:1001", "To 1: Telegram 1")
        preview = await world.tap_below(card, "✔ Done", "To 1: Telegram 1")
        assert "Telegram: only the first 100 of 110 formats are shown." in preview["text"]


async def test_what_a_forwarded_message_loses_is_said(redis_url: str) -> None:
    emoji = {"type": "custom_emoji", "offset": 5, "length": 2, "custom_emoji_id": "7"}
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        lost = "These won't be sent: custom emoji, unless the bot's owner has Telegram Premium."
        await world.ask("Look 🎁 here", lost, entities=[emoji])


async def test_a_text_in_two_messages_is_joined_with_its_formats_in_place(redis_url: str) -> None:
    begun = "😀 word " * 480 + "ends"
    bold = {"type": "bold", "offset": len(begun.encode("utf-16-le")) // 2 - 4, "length": 4}
    rest = "START2 slanted part " + "tail " * 100
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        await world.sandbox.say(begun, entities=[bold])
        await world.ask(rest, "Who should get it?", entities=[{"type": "italic", "offset": 7, "length": 7}])
        await world.ask("tg:1001", "To 1: Telegram 1")
        waiting = await world.core.prompts.current(ADMIN)
        assert waiting is not None
        draft = await world.core.drafts.get(waiting.about)
        assert draft is not None
        assert draft.content is not None
        units = draft.content.text.encode("utf-16-le")
        styled = [units[2 * one.offset : 2 * one.end].decode("utf-16-le") for one in draft.content.entities]
        assert styled == ["ends", "slanted"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/send tg:1001 | Sale 10 | 20 off", "“Sale 10” as a time"),
        ("/send tg:1001 | 13/5 9:00 | hi", "13 May"),
        ("/send tg:1001 | 12/25 9:00 | hi", "25 Dec"),
    ],
)
async def test_a_bar_in_the_text_is_never_taken_for_a_time_in_silence(
    redis_url: str, line: str, said: str
) -> None:
    async with running_bot(redis_url) as world:
        answer = await world.ask(line, said)
        assert not answer["text"].startswith("▶ Sending")
        assert (await world.core.broadcasts.scheduled()).total == 0


async def test_the_preview_and_the_order_look_as_the_admin_made_them(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        photo = {
            "photo": [
                {"file_id": "SBX", "file_unique_id": "u", "width": 1, "height": 1, "file_size": 9},
            ],
            "caption": "Look",
            "has_media_spoiler": True,
            "show_caption_above_media": True,
        }
        stored = (await sent_photo(world))["photo"]
        photo["photo"] = stored
        await world.ask("/send", "What would you like to say?")
        said = await world.sandbox.call("POST", "say", {"person": ADMIN, "other": photo})
        await world.below(said["message_id"], "Who should get it?")
        card = await world.ask("tg:1001", "To 1: Telegram 1")
        preview = await world.tap_below(card, "✔ Done", "Preview ↑")
        shown = [m for m in await world.sandbox.messages() if m["from"]["is_bot"] and "photo" in m][-1]
        assert (shown["has_media_spoiler"], shown["show_caption_above_media"]) == (True, True)
        content = await accepted(world, preview)
        assert (content.spoiler, content.caption_above) == (True, True)
