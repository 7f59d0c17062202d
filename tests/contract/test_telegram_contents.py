"""Requests to Telegram, exactly: formatting, files, albums, buttons and options."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.domain.amendment import MessageIds
from core.domain.content.content import Button, Content, LinkPreview, Media
from core.domain.content.formatting import Entity, Style
from core.domain.content.rendering import carried
from core.domain.messengers.capabilities import MediaKind, Option
from core.domain.messengers.outcome import Outcome, Reason
from core.domain.messengers.traits import Messenger
from tests.contract.messenger_server import TOKEN, MessengerServer, answer, messenger_server
from tests.support.sandbox_server import TELEGRAM_TOKEN, Sandbox
from workers.messengers.telegram import Telegram
from workers.messengers.transport import Transport, open_session

BOLD = Entity(style=Style.BOLD, offset=3, length=4)
LINK = Entity(style=Style.LINK, offset=8, length=4, url="https://example.com/")
PHOTO = Media(kind=MediaKind.PHOTO, ids={Messenger.TELEGRAM: "AgAD"}, link="https://example.com/a.jpg")
VIDEO = Media(kind=MediaKind.VIDEO, ids={Messenger.TELEGRAM: "BAAD"})
PHOTO_BY_LINK = Media(kind=MediaKind.PHOTO, link="https://example.com/a.jpg")
FILE = Media(kind=MediaKind.DOCUMENT, link="https://example.com/a.pdf", name="a.pdf")
SHOP = Button("Shop", "https://example.com/shop")
MAP = Button("Map", "https://example.com/map")
ENTITIES = [
    {"type": "bold", "offset": 3, "length": 4},
    {"type": "text_link", "offset": 8, "length": 4, "url": "https://example.com/"},
]


@pytest.fixture
async def server() -> AsyncIterator[MessengerServer]:
    async with messenger_server() as server:
        server.plan(answer(200, {"ok": True, "result": {"message_id": 77}}))
        yield server


@pytest.fixture
async def telegram(server: MessengerServer) -> AsyncIterator[Telegram]:
    async with open_session(limit=4) as session:
        yield Telegram(Transport(session, connect=1, total=5), api_url=server.url, token=TOKEN)


@pytest.mark.parametrize(
    ("content", "method", "body"),
    [
        (
            Content(text="😀 bold here", entities=(BOLD, LINK)),
            "sendMessage",
            {"text": "😀 bold here", "entities": ENTITIES, "link_preview_options": {"is_disabled": True}},
        ),
        (
            Content(text="Read", link_preview=LinkPreview(url="https://example.org", large=True, above=True)),
            "sendMessage",
            {
                "text": "Read",
                "link_preview_options": {
                    "url": "https://example.org",
                    "prefer_large_media": True,
                    "show_above_text": True,
                },
            },
        ),
        (
            Content(
                text="🎁 at 5",
                entities=(
                    Entity(style=Style.CUSTOM_EMOJI, offset=0, length=2, emoji_id="7"),
                    Entity(style=Style.DATE_TIME, offset=6, length=1, unix_time=1750000000, date_format="t"),
                ),
                media=(PHOTO,),
                spoiler=True,
                caption_above=True,
            ),
            "sendPhoto",
            {
                "photo": "AgAD",
                "has_spoiler": True,
                "caption": "🎁 at 5",
                "caption_entities": [
                    {"type": "custom_emoji", "offset": 0, "length": 2, "custom_emoji_id": "7"},
                    {
                        "type": "date_time",
                        "offset": 6,
                        "length": 1,
                        "unix_time": 1750000000,
                        "date_time_format": "t",
                    },
                ],
                "show_caption_above_media": True,
            },
        ),
        (
            Content(text="print()", entities=(Entity(style=Style.PRE, offset=0, length=7, language="py"),)),
            "sendMessage",
            {
                "text": "print()",
                "entities": [{"type": "pre", "offset": 0, "length": 7, "language": "py"}],
                "link_preview_options": {"is_disabled": True},
            },
        ),
        (
            Content(text="Hi", options=frozenset(Option)),
            "sendMessage",
            {
                "text": "Hi",
                "link_preview_options": {"is_disabled": True},
                "disable_notification": True,
                "protect_content": True,
                "allow_paid_broadcast": True,
            },
        ),
        (
            Content(text="Hi", buttons=((SHOP, MAP), (SHOP,))),
            "sendMessage",
            {
                "text": "Hi",
                "link_preview_options": {"is_disabled": True},
                "reply_markup": {
                    "inline_keyboard": [
                        [
                            {"text": "Shop", "url": "https://example.com/shop"},
                            {"text": "Map", "url": "https://example.com/map"},
                        ],
                        [{"text": "Shop", "url": "https://example.com/shop"}],
                    ]
                },
            },
        ),
        (
            Content(text="😀 bold here", entities=(BOLD, LINK), media=(PHOTO,), buttons=((SHOP,),)),
            "sendPhoto",
            {
                "photo": "AgAD",
                "caption": "😀 bold here",
                "caption_entities": ENTITIES,
                "reply_markup": {"inline_keyboard": [[{"text": "Shop", "url": "https://example.com/shop"}]]},
            },
        ),
        (Content(text="", media=(VIDEO,)), "sendVideo", {"video": "BAAD"}),
        (
            Content(text="Read", media=(FILE,), options=frozenset({Option.SILENT})),
            "sendDocument",
            {"document": "https://example.com/a.pdf", "caption": "Read", "disable_notification": True},
        ),
        (
            Content(text="Look", media=(PHOTO, VIDEO), buttons=((SHOP,),)),
            "sendMediaGroup",
            {
                "media": [
                    {"type": "photo", "media": "AgAD", "caption": "Look\n\nShop: https://example.com/shop"},
                    {"type": "video", "media": "BAAD"},
                ]
            },
        ),
    ],
    ids=[
        "entities",
        "link preview",
        "looks",
        "language",
        "wishes",
        "buttons",
        "photo",
        "video",
        "document",
        "album",
    ],
)
async def test_a_content_is_asked_for_in_telegrams_own_terms(
    server: MessengerServer, telegram: Telegram, content: Content, method: str, body: dict[str, object]
) -> None:
    got = await telegram.send("1001", carried(content, Messenger.TELEGRAM), "d-A7KQ-t15-0")
    assert (got.outcome, got.message_id) == (Outcome.SENT, "77")
    [request] = server.requests
    assert request.path == f"/bot{TOKEN}/{method}"
    assert request.json == {"chat_id": 1001, **body}


@pytest.mark.parametrize(("ids", "known_as"), [([80, 81], "80+1"), ([80, 82], "80"), ([80], "80")])
async def test_an_album_is_known_by_its_messages(
    server: MessengerServer, telegram: Telegram, ids: list[int], known_as: str
) -> None:
    """By the first one, and how many follow it without a gap."""
    server.plan(answer(200, {"ok": True, "result": [{"message_id": one} for one in ids]}))
    got = await telegram.send("1001", Content(text="", media=(PHOTO, VIDEO)), "d-A7KQ-t15-0")
    assert (got.outcome, got.message_id) == (Outcome.SENT, known_as)


async def test_rows_of_more_buttons_than_telegram_shows_are_broken(
    server: MessengerServer, telegram: Telegram
) -> None:
    content = carried(Content(text="Hi", buttons=((SHOP,) * 10,)), Messenger.TELEGRAM)
    await telegram.send("1001", content, "d-A7KQ-t15-0")
    assert [len(row) for row in content.buttons] == [8, 2]


async def test_a_topic_of_a_forum_gets_its_messages_and_photos(sandbox: Sandbox) -> None:
    forum, topic = -1001234567890, 42
    await sandbox.call("POST", "groups", {"id": forum, "title": "Club", "members": [100], "topics": [topic]})
    async with open_session(limit=4) as session:
        telegram = Telegram(
            Transport(session, connect=1, total=5), api_url=sandbox.telegram_url, token=TELEGRAM_TOKEN
        )
        sent = await telegram.send(f"{forum}/{topic}", Content(text="Training"), "d-A7KQ-t1-0")
        await telegram.send(f"{forum}/{topic}", Content(text="", media=(PHOTO_BY_LINK,)), "d-A7KQ-t2-0")
        ids = MessageIds.parse(sent.message_id)
        edited = await telegram.edit(f"{forum}/{topic}", ids, Content(text="Training at 6"))
        gone = await telegram.send(f"{forum}/7", Content(text="Training"), "d-A7KQ-t3-0")
    assert (sent.outcome, edited.outcome) == (Outcome.SENT, Outcome.SENT)
    assert (gone.outcome, gone.reason) == (Outcome.RECIPIENT_REFUSED, Reason.NO_RIGHTS)
    messages = (await sandbox.call("GET", f"chats/{forum}"))["messages"]
    assert [one["message_thread_id"] for one in messages] == [topic, topic]
    assert messages[0]["text"] == "Training at 6"
