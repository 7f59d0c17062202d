"""Requests to Viber, exactly, and blocks of recipients in one request."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.domain.content.content import Button, Content, Media
from core.domain.content.formatting import Entity, Style
from core.domain.content.rendering import carried
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.outcome import Answer, Outcome, Reason
from core.domain.messengers.traits import Messenger
from tests.contract.messenger_server import MessengerServer, answer, hang_up, messenger_server
from workers.messengers.transport import Transport, open_session
from workers.messengers.viber import Viber

TOKEN = "445da6az1s345z78-secret"
HELLO = Content(text="Hello")
SHOP = Button("Shop <1>", "https://example.com/shop")
MAP = Button("Map", "https://example.com/map")
PHOTO = Media(kind=MediaKind.PHOTO, link="https://example.com/a.jpg")
VIDEO = Media(kind=MediaKind.VIDEO, link="https://example.com/a.mp4", size=2_000)
FILE = Media(kind=MediaKind.DOCUMENT, link="https://example.com/a.pdf", size=10_000, name="order.pdf")
FRAME = {"min_api_version": 1, "sender": {"name": "Shop"}, "tracking_data": "d-A7KQ-v15-0"}


def button(text: str, url: str, columns: int) -> dict[str, object]:
    return {
        "Columns": columns,
        "Rows": 1,
        "ActionType": "open-url",
        "ActionBody": url,
        "Text": text,
        "TextSize": "regular",
    }


@pytest.fixture
async def server() -> AsyncIterator[MessengerServer]:
    async with messenger_server() as server:
        server.plan(answer(200, {"status": 0, "status_message": "ok", "message_token": 77}))
        yield server


@pytest.fixture
async def viber(server: MessengerServer) -> AsyncIterator[Viber]:
    async with open_session(limit=4) as session:
        transport = Transport(session, connect=1, total=5)
        yield Viber(transport, api_url=server.url, token=TOKEN, sender_name="Shop")


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (
            Content(text="Sale, now", entities=(Entity(style=Style.BOLD, offset=0, length=4),)),
            {"type": "text", "text": "*Sale* , now"},
        ),
        (
            Content(text="Look", media=(PHOTO,)),
            {"type": "picture", "text": "Look", "media": "https://example.com/a.jpg"},
        ),
        (
            Content(text="", media=(VIDEO,)),
            {"type": "video", "media": "https://example.com/a.mp4", "size": 2000},
        ),
        (
            Content(text="", media=(FILE,)),
            {
                "type": "file",
                "media": "https://example.com/a.pdf",
                "size": 10_000,
                "file_name": "order.pdf",
            },
        ),
        (
            Content(text="Read this", media=(FILE,)),
            {"type": "text", "text": "Read this\n\nhttps://example.com/a.pdf"},
        ),
        (
            Content(text="https://example.com/?a=1"),
            {"type": "url", "media": "https://example.com/?a=1"},
        ),
        (
            Content(text="Look", buttons=((SHOP, MAP), (MAP,))),
            {
                "type": "text",
                "text": "Look",
                "keyboard": {
                    "Type": "keyboard",
                    "DefaultHeight": False,
                    "Buttons": [
                        button("Shop &lt;1&gt;", "https://example.com/shop", 3),
                        button("Map", "https://example.com/map", 3),
                        button("Map", "https://example.com/map", 6),
                    ],
                },
            },
        ),
    ],
    ids=["marks", "picture", "video", "file", "file-with-text", "address", "keyboard"],
)
async def test_a_content_is_asked_for_in_vibers_own_terms(
    server: MessengerServer, viber: Viber, content: Content, body: dict[str, object]
) -> None:
    got = await viber.send("alice", carried(content, Messenger.VIBER), "d-A7KQ-v15-0")
    assert (got.outcome, got.message_id) == (Outcome.SENT, "77")
    assert [(request.path, request.json) for request in server.requests] == [
        ("/pa/send_message", {"receiver": "alice", **FRAME, **body})
    ]


async def test_a_block_is_one_request_and_who_failed_is_told_apart(
    server: MessengerServer, viber: Viber
) -> None:
    failed = [
        {"receiver": "bob", "status": 6, "status_message": "Not subscribed"},
        {"receiver": "dave", "status": 5, "status_message": f"no {TOKEN} here"},
        {"receiver": "nobody", "status": "odd"},
    ]
    server.plan(
        answer(200, {"status": 0, "status_message": "ok", "message_token": 77, "failed_list": failed})
    )
    got = await viber.send_many(["alice", "bob", "carol", "dave"], HELLO, "d-A7KQ-v15-0")
    assert [(request.path, request.json) for request in server.requests] == [
        (
            "/pa/broadcast_message",
            {
                "broadcast_list": ["alice", "bob", "carol", "dave"],
                **FRAME,
                "type": "text",
                "text": "Hello",
            },
        )
    ]
    sent = Answer(outcome=Outcome.SENT, message_id="77")
    assert got is not None
    assert (got[0], got[2]) == (sent, sent)
    assert (got[1].outcome, got[1].reason) == (Outcome.RECIPIENT_REFUSED, Reason.UNSUBSCRIBED)
    assert (got[3].reason, got[3].detail) == (Reason.NOT_FOUND, "5: no *** here")


async def test_an_account_without_the_right_to_send_blocks_is_asked_once(
    server: MessengerServer, viber: Viber
) -> None:
    server.plan(answer(200, {"status": 20, "status_message": "broadcastNotAllowed"}))
    assert await viber.send_many(["alice", "bob"], HELLO, "b-A7KQ") is None
    assert await viber.send_many(["alice", "bob"], HELLO, "b-A7KQ") is None
    assert len(server.requests) == 1


async def test_a_block_without_an_answer_is_unknown_for_everybody_in_it(
    server: MessengerServer, viber: Viber
) -> None:
    server.plan(hang_up)
    got = await viber.send_many(["alice", "bob"], HELLO, "b-A7KQ")
    assert got is not None
    assert [one.outcome for one in got] == [Outcome.UNKNOWN] * 2


@pytest.mark.parametrize(
    ("status", "outcome", "whole"),
    [
        (12, Outcome.RATE_LIMITED, True),
        (19, Outcome.TRANSIENT, False),
        (3, Outcome.CONTENT_REFUSED, False),
        (24, Outcome.CONFIGURATION, False),
    ],
)
async def test_a_refused_block_is_refused_for_everybody_in_it(
    server: MessengerServer, viber: Viber, status: int, outcome: Outcome, whole: bool
) -> None:
    server.plan(answer(200, {"status": status, "status_message": "no"}))
    got = await viber.send_many(["alice", "bob"], HELLO, "b-A7KQ")
    assert got is not None
    assert [(one.outcome, one.whole_messenger) for one in got] == [(outcome, whole)] * 2
