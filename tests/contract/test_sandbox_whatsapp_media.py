"""Uploads to the fake WhatsApp Cloud API, and what it refuses of them, over real HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.test_bot_contents import picture
from tests.support.sandbox_server import WHATSAPP_PHONE_NUMBER_ID, WHATSAPP_TOKEN, Sandbox, running_sandbox

Json = dict[str, Any]
ALICE = "+12025550123"
OTHER_NUMBER = "100200301"
PNG = "image/png"


async def send(sandbox: Sandbox, number: str = WHATSAPP_PHONE_NUMBER_ID, **message: object) -> Json:
    headers = {"Authorization": f"Bearer {WHATSAPP_TOKEN}"}
    body = {"messaging_product": "whatsapp", "to": ALICE, **message}
    url = f"{sandbox.whatsapp_url}/{number}/messages"
    async with sandbox.http.post(url, json=body, headers=headers) as response:
        answer: Json = await response.json()
        return answer


def code(answer: Json) -> int:
    return int(answer.get("error", {}).get("code", 0))


async def test_an_uploaded_picture_stands_on_the_phone_and_can_be_looked_at(sandbox: Sandbox) -> None:
    held = (await sandbox.upload("a.png", picture(), PNG))["id"]
    assert code(await send(sandbox, type="image", image={"id": held, "caption": "Look"})) == 0
    phones = (await sandbox.call("GET", "state"))["phones"]
    ((message,),) = (one["messages"] for one in phones if one["id"] == ALICE)
    assert (message["text"], message["media"]) == ("Look", {"kind": "photo", "name": "a.png", "held": held})
    async with sandbox.http.get(f"{sandbox.url}/sandbox/whatsapp-media/{held}") as response:
        assert (response.content_type, await response.read()) == (PNG, picture())
    async with sandbox.http.get(f"{sandbox.url}/sandbox/whatsapp-media/nothing") as response:
        assert response.status == 404


@pytest.mark.parametrize(
    ("name", "content", "kind", "refused_with"),
    [
        ("a.exe", b"x", "application/octet-stream", 100),
        ("a.gif", b"GIF89a", "image/gif", 100),
        ("a.png", b"no picture", PNG, 131053),
        ("a.pdf", b"", "application/pdf", 131053),
        ("a.png", picture() + b"x" * 5 * 1024 * 1024, PNG, 131053),
        ("a.mp4", b"x" * (16 * 1024 * 1024 + 1), "video/mp4", 131053),
        ("a.pdf", b"%PDF", "application/pdf", 0),
        ("a.mp4", b"x", "video/mp4", 0),
    ],
    ids=["program", "gif", "no-picture", "empty", "large-picture", "large-video", "pdf", "video"],
)
async def test_files_that_the_cloud_api_does_not_take_are_refused(
    sandbox: Sandbox, name: str, content: bytes, kind: str, refused_with: int
) -> None:
    assert code(await sandbox.upload(name, content, kind)) == refused_with


async def test_an_upload_names_the_product_and_an_account_of_its_own(sandbox: Sandbox) -> None:
    assert code(await sandbox.upload("a.png", picture(), PNG, messaging_product="sms")) == 100
    assert code(await sandbox.upload("a.png", picture(), PNG, number="999")) == 33
    assert "id" in await sandbox.upload("a.png", picture(), PNG, number=OTHER_NUMBER)


async def test_ids_that_are_unknown_over_of_another_number_or_of_another_kind_are_refused(
    sandbox: Sandbox,
) -> None:
    held = (await sandbox.upload("a.png", picture(), PNG))["id"]
    elsewhere = (await sandbox.upload("a.png", picture(), PNG, number=OTHER_NUMBER))["id"]
    video = (await sandbox.upload("a.mp4", b"x", "video/mp4"))["id"]
    answers = [await send(sandbox, type="image", image={"id": one}) for one in ("1", elsewhere, video, held)]
    assert [code(answer) for answer in answers] == [131009, 131009, 131053, 0]
    assert "media attachment ID" in answers[0]["error"]["error_data"]["details"]
    await sandbox.call("POST", "whatsapp/expire-media")
    assert code(await send(sandbox, type="image", image={"id": held})) == 131009


async def test_uploads_outlive_a_restart(tmp_path: Any) -> None:  # noqa: ANN401 - a Path
    state = tmp_path / "sandbox.json"
    async with running_sandbox(state) as first:
        held = (await first.upload("a.png", picture(), PNG))["id"]
    async with running_sandbox(state) as second:
        assert code(await send(second, type="image", image={"id": held})) == 0


@pytest.mark.parametrize(
    ("action", "undone_by", "health", "refused_with"),
    [
        ("ban", "reinstate", "BLOCKED", 131031),
        ("restrict", "reinstate", "BLOCKED", 131031),
        ("pause-template", "approve-template", "AVAILABLE", 132015),
        ("disable-template", "approve-template", "AVAILABLE", 132015),
        ("flag-number", "unflag-number", "AVAILABLE", 0),
    ],
)
async def test_what_meta_does_to_the_account_is_felt_until_it_is_undone(
    sandbox: Sandbox, action: str, undone_by: str, health: str, refused_with: int
) -> None:
    template = {"name": "season_greetings", "language": {"code": "en_US"}}
    headers = {"Authorization": f"Bearer {WHATSAPP_TOKEN}"}
    url = f"{sandbox.whatsapp_url}/{WHATSAPP_PHONE_NUMBER_ID}?fields=health_status"
    found = []
    for step in (action, undone_by):
        await sandbox.call("POST", f"whatsapp/{step}", {"template": template["name"]})
        async with sandbox.http.get(url, headers=headers) as response:
            verdict = (await response.json())["health_status"]["can_send_message"]
        found.append((verdict, code(await send(sandbox, type="template", template=template))))
    assert found == [(health, refused_with), ("AVAILABLE", 0)]
