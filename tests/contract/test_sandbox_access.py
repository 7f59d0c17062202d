"""Other web sites cannot drive or read the sandbox, and it calls none but our own programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.sandbox_server import TELEGRAM_TOKEN, VIBER_TOKEN, Sandbox, running_sandbox

PATHS = (
    ("GET", "/"),
    ("GET", "/sandbox/state"),
    ("GET", "/sandbox/events"),
    ("GET", "/nowhere"),
    ("POST", "/sandbox/say"),
    ("POST", f"/telegram/bot{TELEGRAM_TOKEN}/getMe"),
    ("GET", f"/telegram/bot{TELEGRAM_TOKEN}/getMe"),
)
FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://localhost"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Host": "evil.example"},
    {"Host": "evil.example:8080"},
    {"Host": "127.0.0.1.evil.example"},
    {"Host": "sandbox.evil.example"},
    {"Host": ""},
)
ELSEWHERE = (
    "https://evil.example/hook",
    "http://10.0.0.1/hook",
    "http://169.254.169.254/latest",
    "http://api.evil.example/hook",
    "http://127.0.0.1.evil.example/",
    "http://127.0.0.1@evil.example/",
    "http://api@evil.example/",
    "http://[::ffff:10.0.0.1]/",
    "ftp://127.0.0.1/",
    "http://",
    "http://[",
)
HERE = (
    "http://127.0.0.1:1/a",
    "http://localhost:1/a",
    "http://[::1]:1/a",
    "http://api:5000/receipts/whatsapp",
)


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize(("verb", "path"), PATHS, ids=lambda part: str(part).replace(TELEGRAM_TOKEN, ""))
async def test_a_foreign_request_is_refused(
    sandbox: Sandbox, verb: str, path: str, headers: dict[str, str]
) -> None:
    body = json.dumps({"person": 100, "text": "/panic"}) if verb == "POST" else None
    async with sandbox.http.request(verb, f"{sandbox.url}{path}", data=body, headers=headers) as response:
        assert response.status == 403
    assert await sandbox.messages() == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Host": "localhost:8080"},
        {"Host": "LOCALHOST"},
        {"Host": "[::1]:8080"},
        {"Host": "sandbox:8080"},
        {"Host": "localhost:8080", "Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-origin"},
    ],
    ids=str,
)
async def test_the_page_and_programs_of_this_machine_are_served(
    sandbox: Sandbox, headers: dict[str, str]
) -> None:
    async with sandbox.http.get(f"{sandbox.url}/sandbox/state", headers=headers) as response:
        assert response.status == 200


async def test_a_link_on_another_site_opens_the_page(sandbox: Sandbox) -> None:
    """It only shows the page, which cannot be framed."""
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    async with sandbox.http.get(f"{sandbox.url}/", headers=followed) as response:
        assert response.status == 200
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    async with sandbox.http.get(f"{sandbox.url}/sandbox/state", headers=followed) as response:
        assert response.status == 403
    framed = {**followed, "Sec-Fetch-Dest": "iframe"}
    async with sandbox.http.get(f"{sandbox.url}/", headers=framed) as response:
        assert response.status == 403


@pytest.mark.parametrize("url", ELSEWHERE)
async def test_webhooks_to_other_machines_are_refused(sandbox: Sandbox, url: str) -> None:
    async with sandbox.http.post(f"{sandbox.url}/sandbox/webhooks", json={"whatsapp": url}) as response:
        assert response.status == 400
    assert (await sandbox.call("POST", "webhooks", {}))["whatsapp"] == ""
    status, answer = await sandbox.telegram("setWebhook", url=url)
    assert (status, answer["ok"]) == (400, False)
    token = {"X-Viber-Auth-Token": VIBER_TOKEN}
    where = f"{sandbox.viber_url}/pa/set_webhook"
    async with sandbox.http.post(where, json={"url": url}, headers=token) as response:
        assert (await response.json())["status"] == 1
    assert (await sandbox.call("POST", "webhooks", {}))["viber"] == ""


@pytest.mark.parametrize("url", HERE)
async def test_webhooks_to_our_own_programs_are_taken(sandbox: Sandbox, url: str) -> None:
    assert (await sandbox.call("POST", "webhooks", {"whatsapp": url}))["whatsapp"] == url
    assert (await sandbox.telegram("setWebhook", url=url))[0] == 200


async def test_a_webhook_elsewhere_in_the_state_file_is_dropped(tmp_path: Path) -> None:
    state = tmp_path / "sandbox.json"
    async with running_sandbox(state) as before:
        await before.call("POST", "webhooks", {"whatsapp": HERE[0]})
        await before.telegram("setWebhook", url=HERE[0])
    state.write_text(state.read_text().replace("http://127.0.0.1:1/a", "http://evil.example/"))
    async with running_sandbox(state) as after:
        assert (await after.call("POST", "webhooks", {}))["whatsapp"] == ""
        assert (await after.telegram("getWebhookInfo"))[1]["result"]["url"] == ""
