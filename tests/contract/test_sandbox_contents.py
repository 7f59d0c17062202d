"""Files, albums, buttons, templates and blocks on the fakes, over real HTTP, with every limit they hold to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.test_bot_contents import picture
from tests.support.sandbox_server import VIBER_TOKEN, WHATSAPP_PHONE_NUMBER_ID, WHATSAPP_TOKEN, Sandbox

Json = dict[str, Any]
PDF = "https://example.com/a.pdf"
JPG = "https://example.com/a.jpg"


async def whatsapp(sandbox: Sandbox, to: str = "+12025550123", **message: object) -> Json:
    headers = {"Authorization": f"Bearer {WHATSAPP_TOKEN}"}
    body = {"messaging_product": "whatsapp", "to": to, **message}
    url = f"{sandbox.whatsapp_url}/{WHATSAPP_PHONE_NUMBER_ID}/messages"
    async with sandbox.http.post(url, json=body, headers=headers) as response:
        answer: Json = await response.json()
        return answer


async def viber(sandbox: Sandbox, method: str, **body: object) -> Json:
    headers = {"X-Viber-Auth-Token": VIBER_TOKEN}
    frame = {"sender": {"name": "Shop"}, **body}
    async with sandbox.http.post(f"{sandbox.viber_url}/pa/{method}", json=frame, headers=headers) as response:
        answer: Json = await response.json()
        return answer


async def phone(sandbox: Sandbox, messenger: str, address: str) -> list[Json]:
    """The messages on a phone."""
    state = await sandbox.call("GET", "state")
    found = next(one for one in state["phones"] if (one["messenger"], one["id"]) == (messenger, address))
    messages: list[Json] = found["messages"]
    return messages


async def test_telegram_shows_a_photo_by_address_and_again_by_its_id(sandbox: Sandbox) -> None:
    _, first = await sandbox.telegram("sendPhoto", chat_id=1001, photo=JPG, caption="Look")
    file_id = first["result"]["photo"][-1]["file_id"]
    status, again = await sandbox.telegram("sendPhoto", chat_id=1002, photo=file_id, protect_content=True)
    assert (status, again["result"]["has_protected_content"]) == (200, True)
    assert [one["text"] for one in await sandbox.delivered(messenger="telegram")] == ["Look", ""]


async def test_a_persons_video_is_sent_on_by_its_id(sandbox: Sandbox) -> None:
    said = await sandbox.send_file("clip.mp4", b"video", content_type="video/mp4")
    status, answer = await sandbox.telegram("sendVideo", chat_id=1001, video=said["video"]["file_id"])
    assert (status, answer["result"]["video"]["file_name"]) == (200, "clip.mp4")


async def test_an_album_is_one_message_for_the_books_and_several_on_the_phone(sandbox: Sandbox) -> None:
    media = [{"type": "photo", "media": JPG, "caption": "Look"}, {"type": "photo", "media": f"{JPG}?2.jpg"}]
    status, answer = await sandbox.telegram("sendMediaGroup", chat_id=1001, media=media)
    assert (status, len({one["media_group_id"] for one in answer["result"]})) == (200, 1)
    assert len(await phone(sandbox, "telegram", "1001")) == 2
    assert [one["text"] for one in await sandbox.delivered(messenger="telegram")] == ["Look"]


@pytest.mark.parametrize(
    ("method", "params", "words"),
    [
        ("sendDocument", {"document": "https://example.com/a.exe"}, "wrong type of the web page content"),
        ("sendVideo", {"video": "unknown"}, "wrong file identifier"),
        ("sendPhoto", {"photo": JPG, "caption": "x" * 1025}, "caption is too long"),
        ("sendMediaGroup", {"media": [{"type": "photo", "media": JPG}]}, "2-10 media"),
        ("sendMediaGroup", {"media": [{"type": "photo", "media": JPG}] * 11}, "2-10 media"),
        (
            "sendMediaGroup",
            {"media": [{"type": "photo", "media": JPG}, {"type": "document", "media": PDF}]},
            "can't be mixed",
        ),
        ("sendMediaGroup", {"media": [{"type": "sticker", "media": JPG}] * 2}, "can't parse InputMedia"),
    ],
)
async def test_what_telegram_refuses_of_files_is_refused(
    sandbox: Sandbox, method: str, params: Json, words: str
) -> None:
    status, answer = await sandbox.telegram(method, chat_id=1001, **params)
    assert status == 400
    assert words in answer["description"]
    assert await sandbox.delivered() == []


def template(name: str, *parameters: Json, language: str = "en_US") -> Json:
    components = [{"type": "body", "parameters": [{"type": "text", **one} for one in parameters]}]
    return {"name": name, "language": {"code": language}, "components": components}


def button(label: str, text: str = "Look", url: str = "https://example.com") -> Json:
    parameters = {"display_text": label, "url": url}
    return {
        "type": "cta_url",
        "body": {"text": text},
        "action": {"name": "cta_url", "parameters": parameters},
    }


async def test_whatsapp_shows_files_and_a_button(sandbox: Sandbox) -> None:
    await whatsapp(sandbox, type="document", document={"link": PDF, "caption": "Read", "filename": "b.pdf"})
    held = (await sandbox.upload("a.png", picture(), "image/png"))["id"]
    await whatsapp(sandbox, type="image", image={"id": held})
    await whatsapp(sandbox, type="interactive", interactive=button("Open"))
    document, image, pressed = await phone(sandbox, "whatsapp", "+12025550123")
    assert (document["text"], document["media"]) == (
        "Read",
        {"kind": "document", "name": "b.pdf", "url": PDF},
    )
    assert image["media"] == {"kind": "photo", "name": "a.png", "held": held}
    assert (pressed["text"], pressed["buttons"]) == ("Look", [{"text": "Open", "url": "https://example.com"}])


async def test_a_template_reaches_who_has_not_written_for_a_day(sandbox: Sandbox) -> None:
    numbered = template("visit_reminder", {"text": "Dave"}, {"text": "5 pm"})
    named = template(
        "order_update",
        {"text": "Dave", "parameter_name": "name"},
        {"text": "7", "parameter_name": "order"},
    )
    for one in (numbered, named):
        assert "messages" in await whatsapp(sandbox, to="+12025550147", type="template", template=one)
    assert [one["text"] for one in await phone(sandbox, "whatsapp", "+12025550147")] == [
        "Hello Dave, we expect you at 5 pm.",
        "Hello Dave, your order 7 is on its way.",
    ]


async def test_who_hides_the_number_is_reached_by_user_id(sandbox: Sandbox) -> None:
    answer = await whatsapp(
        sandbox, to="", recipient="US.13491208655302741918", type="text", text={"body": "Hi"}
    )
    assert answer["contacts"] == [{"input": "US.13491208655302741918"}]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "image", "image": {"link": JPG, "id": "1"}}, 100),
        ({"type": "image", "image": {}}, 100),
        ({"type": "image", "image": {"link": "a.jpg"}}, 131053),
        ({"type": "video", "video": {"link": JPG, "caption": "x" * 1025}}, 100),
        ({"type": "interactive", "interactive": button("x" * 21)}, 100),
        ({"type": "interactive", "interactive": button("Open", "x" * 1025)}, 100),
        ({"type": "interactive", "interactive": button("Open", url="example.com")}, 131009),
        ({"type": "interactive", "interactive": {"type": "list"}}, 131051),
        ({"type": "template", "template": template("nothing")}, 132001),
        ({"type": "template", "template": template("season_greetings", language="de")}, 132001),
        ({"type": "template", "template": template("visit_reminder", {"text": "Ann"})}, 132000),
        (
            {"type": "template", "template": template("visit_reminder", {"type": "image"}, {"text": "a"})},
            132012,
        ),
    ],
)
async def test_what_whatsapp_refuses_of_files_buttons_and_templates_is_refused(
    sandbox: Sandbox, message: Json, code: int
) -> None:
    assert (await whatsapp(sandbox, **message))["error"]["code"] == code
    assert await sandbox.delivered() == []


async def test_whatsapp_tells_the_health_of_its_number(sandbox: Sandbox) -> None:
    url = f"{sandbox.whatsapp_url}/{WHATSAPP_PHONE_NUMBER_ID}"
    async with sandbox.http.get(url, headers={"Authorization": f"Bearer {WHATSAPP_TOKEN}"}) as response:
        assert (await response.json())["health_status"]["can_send_message"] == "AVAILABLE"
    async with sandbox.http.get(url, headers={"Authorization": "Bearer wrong"}) as response:
        assert (await response.json())["error"]["code"] == 190


async def test_viber_shows_files_addresses_and_buttons(sandbox: Sandbox) -> None:
    keyboard = {
        "Type": "keyboard",
        "Buttons": [{"ActionType": "open-url", "ActionBody": PDF, "Text": "Open", "Columns": 6}],
    }
    for message in (
        {"type": "picture", "text": "Look", "media": JPG},
        {"type": "file", "media": PDF, "size": 10, "file_name": "b.pdf"},
        {"type": "video", "media": "https://example.com/a.mp4", "size": 10},
        {"type": "url", "media": PDF},
        {"type": "text", "text": "Hi", "keyboard": keyboard},
    ):
        assert (await viber(sandbox, "send_message", receiver="alice", **message))["status"] == 0
    shown = await phone(sandbox, "viber", "alice")
    assert [one.get("media", {}).get("name") for one in shown] == ["a.jpg", "b.pdf", "a.mp4", None, None]
    assert [one["text"] for one in shown] == ["Look", "", "", PDF, "Hi"]
    assert shown[-1]["buttons"] == [{"text": "Open", "url": PDF}]


async def test_a_block_reaches_whom_it_can_and_names_the_others(sandbox: Sandbox) -> None:
    await sandbox.fault("viber", "error", recipient="bob", code=11, description="no device")
    everybody = ["alice", "bob", "carol", "nobody"]
    answer = await viber(sandbox, "broadcast_message", broadcast_list=everybody, type="text", text="Hi")
    failed = {one["receiver"]: one["status"] for one in answer["failed_list"]}
    assert (answer["status"], failed) == (0, {"bob": 11, "carol": 6, "nobody": 5})
    (landed,) = await sandbox.delivered(messenger="viber")
    assert (landed["recipient"], landed["message_id"]) == ("alice", str(answer["message_token"]))


@pytest.mark.parametrize(
    ("receivers", "status"), [([], 4), (["crowd-1"] * 301, 3), ("alice", 3), (["alice"] * 300, 0)]
)
async def test_a_block_has_at_most_300_receivers(sandbox: Sandbox, receivers: object, status: int) -> None:
    answer = await viber(sandbox, "broadcast_message", broadcast_list=receivers, type="text", text="Hi")
    assert answer["status"] == status
