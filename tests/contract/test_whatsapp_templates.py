"""WhatsApp's message templates: their list, and messages with headers and buttons, against the strict sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from core.domain.content.content import ButtonValue, Content, Media, Parameter, Template
from core.domain.content.rendering import carried
from core.domain.content.templates import ListedTemplate, next_gap, with_value
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.outcome import Answer, Outcome
from core.domain.messengers.traits import Messenger
from core.parsing.content_footer import read_content
from tests.contract.messenger_server import MessengerServer, answer
from tests.contract.test_sandbox_whatsapp import send
from tests.support.sandbox_server import WHATSAPP_PHONE_NUMBER_ID, WHATSAPP_TOKEN, Sandbox
from workers.messengers.transport import Transport, open_session
from workers.messengers.whatsapp import WhatsApp

ALICE = "+12025550123"
PHOTO = Media(kind=MediaKind.PHOTO, link="https://example.com/a.jpg")


@pytest.fixture
async def whatsapp(sandbox: Sandbox) -> AsyncIterator[WhatsApp]:
    async with open_session(limit=4) as session:
        yield WhatsApp(
            Transport(session, connect=1, total=5),
            api_url=sandbox.whatsapp_url,
            token=WHATSAPP_TOKEN,
            phone_number_id=WHATSAPP_PHONE_NUMBER_ID,
        )


async def listed(whatsapp: WhatsApp, name: str) -> ListedTemplate:
    found = await whatsapp.templates()
    assert not isinstance(found, Answer)
    return next(one for one in found if one.name == name)


async def test_the_list_has_status_category_header_and_buttons(whatsapp: WhatsApp) -> None:
    one = await listed(whatsapp, "new_collection")
    assert (one.status, one.category, one.language) == ("APPROVED", "MARKETING", "en_US")
    assert (one.header_file, one.footer) == (MediaKind.PHOTO, "Corner Shop")
    assert [button.kind for button in one.buttons] == ["quick_reply", "url", "copy_code"]
    assert (await listed(whatsapp, "spring_sale")).usable is False
    assert (await listed(whatsapp, "sign_in")).beyond == "OTP"


async def test_every_template_of_the_list_goes_out_once_it_is_filled_in(
    sandbox: Sandbox, whatsapp: WhatsApp
) -> None:
    found = await whatsapp.templates()
    assert not isinstance(found, Answer)
    usable = [one for one in found if one.usable]
    assert len(usable) == 7
    for one in usable:
        file = (Media(kind=one.header_file, link="https://example.com/a.pdf"),) if one.header_file else ()
        content = Content(text="", template=one.begun(), media=file)
        while (place := next_gap(content)) is not None:
            assert content.template is not None
            content = replace(content, template=with_value(content.template, place, "v1"))
        got = await whatsapp.send(ALICE, carried(content, Messenger.WHATSAPP), "d-A7KQ-w1-0")
        assert got.outcome is Outcome.SENT, (one.name, got.detail)
    assert len(await sandbox.delivered(messenger="whatsapp")) == 7


async def test_the_typed_form_fills_header_and_buttons_too(sandbox: Sandbox, whatsapp: WhatsApp) -> None:
    line = "template: new_collection en_US | header: photo | Ann | button 2: summer | code 3: NEW10"
    content = read_content(Content(text=f"Hi\n{line}", media=(PHOTO,)))
    assert content.template == Template(
        name="new_collection",
        language="en_US",
        parameters=(Parameter("Ann"),),
        header_file=MediaKind.PHOTO,
        buttons=(ButtonValue(1, "url", "summer"), ButtonValue(2, "copy_code", "NEW10")),
    )
    got = await whatsapp.send(ALICE, carried(content, Messenger.WHATSAPP), "d-A7KQ-w1-0")
    assert got.outcome is Outcome.SENT, got.detail
    (phone,) = await sandbox.delivered(messenger="whatsapp")
    assert phone["text"] == "Hi Ann, the new collection is here.\n\nCorner Shop"
    named = read_content(Content(text="Hi\ntemplate: opening_hours en_US | header: Monday | 9 | 5"))
    assert named.template is not None
    assert named.template.header == Parameter("Monday")
    got = await whatsapp.send(ALICE, carried(named, Messenger.WHATSAPP), "d-A7KQ-w1-0")
    assert got.outcome is Outcome.SENT, got.detail


def message(name: str, *components: Mapping[str, Any]) -> Mapping[str, Any]:
    template = {"name": name, "language": {"code": "en_US"}, "components": list(components)}
    return {"messaging_product": "whatsapp", "to": ALICE, "type": "template", "template": template}


def body(*texts: str) -> Mapping[str, Any]:
    return {"type": "body", "parameters": [{"type": "text", "text": text} for text in texts]}


IMAGE = {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://example.com/a.jpg"}}]}
FILM = {"type": "header", "parameters": [{"type": "video", "video": {"link": "https://example.com/a.mp4"}}]}
LOOK = {"type": "button", "sub_type": "url", "index": "1", "parameters": [{"type": "text", "text": "x"}]}


def code(text: str) -> Mapping[str, Any]:
    given = [{"type": "coupon_code", "coupon_code": text}]
    return {"type": "button", "sub_type": "copy_code", "index": "2", "parameters": given}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (message("visit_reminder", body("a")), 132000),
        (message("visit_reminder", body("a", "b\nc")), 100),
        (message("visit_reminder", body("a", "b     c")), 100),
        (message("visit_reminder", body("a", " ")), 131008),
        (message("order_update", body("a", "b")), 100),
        (message("spring_sale"), 132001),
        (message("new_collection", body("a"), LOOK, code("NEW10")), 132012),
        (message("new_collection", FILM, body("a"), LOOK, code("NEW10")), 132012),
        (message("new_collection", IMAGE, body("a"), code("NEW10")), 131008),
        (message("new_collection", IMAGE, body("a"), LOOK), 131008),
        (message("new_collection", IMAGE, body("a"), LOOK, code("not a code")), 131009),
        (message("season_greetings", LOOK), 132012),
    ],
)
async def test_the_sandbox_refuses_what_the_cloud_api_refuses(
    sandbox: Sandbox, given: Mapping[str, Any], expected: int
) -> None:
    _, told = await send(sandbox, given)
    assert told["error"]["code"] == expected
    assert await sandbox.delivered() == []


async def test_a_list_of_several_pages_is_read_to_its_end(server: MessengerServer) -> None:
    health = {"id": "1", "health_status": {"entities": [{"entity_type": "WABA", "id": "77"}]}}
    first = {"data": [{"name": "a"}], "paging": {"cursors": {"after": "QQ"}, "next": "https://..."}}
    last = {
        "data": [{"name": "b", "status": "APPROVED"}, {"name": "\n"}],
        "paging": {"cursors": {"after": "RR"}},
    }
    server.plan(answer(200, health), answer(200, first), answer(200, last))
    async with open_session(limit=4) as session:
        whatsapp = WhatsApp(
            Transport(session, connect=1, total=5), api_url=server.url, token="t", phone_number_id="1"
        )
        found = await whatsapp.templates()
    assert not isinstance(found, Answer)
    assert [one.name for one in found] == ["a", "b"]
    assert server.requests[2].path.startswith("/77/message_templates?")
    assert "after=QQ" in server.requests[2].path
