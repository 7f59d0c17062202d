"""Requests to WhatsApp, exactly: formatting, files, a button, templates."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.domain.content.content import Button, Content, LinkPreview, Media, Parameter, Template
from core.domain.content.formatting import Entity, Style
from core.domain.content.rendering import carried
from core.domain.messengers.capabilities import MediaKind, Option
from core.domain.messengers.outcome import Outcome
from core.domain.messengers.traits import Messenger
from tests.contract.messenger_server import MessengerServer, answer, messenger_server
from workers.messengers.transport import Transport, open_session
from workers.messengers.whatsapp import WhatsApp

REFERENCE = "d-A7KQ-w15-0"
SHOP = Button("Shop", "https://example.com/shop")
MAP = Button("Map", "https://example.com/map")
PHOTO = Media(kind=MediaKind.PHOTO, ids={Messenger.TELEGRAM: "AgAD"}, link="https://example.com/a.jpg")
HELD = Media(kind=MediaKind.PHOTO, ids={Messenger.WHATSAPP: "1376223850470843"})
VIDEO = Media(kind=MediaKind.VIDEO, link="https://example.com/a.mp4")
FILE = Media(kind=MediaKind.DOCUMENT, link="https://example.com/x", name="order.pdf")
FORMATTED = Content(
    text="Sale, see here",
    entities=(
        Entity(style=Style.BOLD, offset=0, length=4),
        Entity(style=Style.UNDERLINE, offset=6, length=3),
        Entity(style=Style.LINK, offset=10, length=4, url="https://example.com/"),
    ),
    options=frozenset(Option),
)


@pytest.fixture
async def server() -> AsyncIterator[MessengerServer]:
    async with messenger_server() as server:
        server.plan(answer(200, {"messages": [{"id": "wamid.1"}]}))
        yield server


@pytest.fixture
async def whatsapp(server: MessengerServer) -> AsyncIterator[WhatsApp]:
    async with open_session(limit=4) as session:
        transport = Transport(session, connect=1, total=5)
        yield WhatsApp(transport, api_url=server.url, token="EAAsecret", phone_number_id="100200300")


def said(text: str) -> dict[str, object]:
    return {"type": "text", "text": {"body": text, "preview_url": False}}


def reminder(*parameters: Parameter) -> Content:
    return Content(text="", template=Template(name="reminder", language="en_US", parameters=parameters))


def components(*parameters: dict[str, str]) -> dict[str, object]:
    return {
        "type": "template",
        "template": {
            "name": "reminder",
            "language": {"code": "en_US"},
            "components": [{"type": "body", "parameters": list(parameters)}],
        },
    }


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (FORMATTED, said("*Sale*, see here (https://example.com/)")),
        (
            Content(text="https://example.com/", link_preview=LinkPreview(large=True)),
            {"type": "text", "text": {"body": "https://example.com/", "preview_url": True}},
        ),
        (
            Content(text="Look", buttons=((SHOP,),)),
            {
                "type": "interactive",
                "interactive": {
                    "type": "cta_url",
                    "body": {"text": "Look"},
                    "action": {
                        "name": "cta_url",
                        "parameters": {"display_text": "Shop", "url": "https://example.com/shop"},
                    },
                },
            },
        ),
        (
            Content(text="Look", buttons=((SHOP, MAP),)),
            said("Look\n\nShop: https://example.com/shop\nMap: https://example.com/map"),
        ),
        (
            Content(text="x" * 1025, buttons=((SHOP,),)),
            said("x" * 1025 + "\n\nShop: https://example.com/shop"),
        ),
        (
            Content(text="Look", media=(PHOTO,), buttons=((SHOP,),)),
            {
                "type": "image",
                "image": {
                    "link": "https://example.com/a.jpg",
                    "caption": "Look\n\nShop: https://example.com/shop",
                },
            },
        ),
        (Content(text="", media=(HELD,)), {"type": "image", "image": {"id": "1376223850470843"}}),
        (
            Content(text="Look", media=(VIDEO,)),
            {"type": "video", "video": {"link": "https://example.com/a.mp4", "caption": "Look"}},
        ),
        (
            Content(text="Look", media=(FILE,)),
            {
                "type": "document",
                "document": {"link": "https://example.com/x", "caption": "Look", "filename": "order.pdf"},
            },
        ),
        (
            Content(text="Look", media=(PHOTO, VIDEO)),
            {
                "type": "image",
                "image": {
                    "link": "https://example.com/a.jpg",
                    "caption": "Look\n\nhttps://example.com/a.mp4",
                },
            },
        ),
        (
            reminder(Parameter("Ann"), Parameter("5 pm")),
            components({"type": "text", "text": "Ann"}, {"type": "text", "text": "5 pm"}),
        ),
        (
            reminder(Parameter("Ann", "name")),
            components({"type": "text", "parameter_name": "name", "text": "Ann"}),
        ),
        (reminder(), {"type": "template", "template": {"name": "reminder", "language": {"code": "en_US"}}}),
    ],
    ids=[
        "marks", "link-preview", "one-button", "two-buttons", "long-text", "photo-and-button", "held-photo", "video",
        "document", "album", "positional", "named", "no-gaps",
    ],
)  # fmt: skip
async def test_a_content_is_asked_for_in_whatsapps_own_terms(
    server: MessengerServer, whatsapp: WhatsApp, content: Content, body: dict[str, object]
) -> None:
    got = await whatsapp.send("+12025550123", carried(content, Messenger.WHATSAPP), REFERENCE)
    assert (got.outcome, got.message_id) == (Outcome.SENT, "wamid.1")
    [request] = server.requests
    assert request.json == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+12025550123",
        **body,
        "biz_opaque_callback_data": REFERENCE,
    }


async def test_who_hides_the_number_is_written_to_by_user_id(
    server: MessengerServer, whatsapp: WhatsApp
) -> None:
    await whatsapp.send("US.13491208655302741918", Content(text="Hi"), REFERENCE)
    assert server.requests[0].json == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "recipient": "US.13491208655302741918",
        **said("Hi"),
        "biz_opaque_callback_data": REFERENCE,
    }
