"""Access to the API, limits on requests, and answers to errors."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis import Redis

from api.auth import MAX_BODY
from api.failures import BURST
from core.store import embedded
from tests.support.api_server import KNOWN, PASSWORD, USER, Api, basic, running_api

ROUTES = [
    ("POST", "/send_message"),
    ("GET", "/get_scheduled"),
    ("GET", "/get_finished"),
    ("DELETE", "/delete_all"),
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
]


STRANGERS = [
    None,
    "",
    "Basic",
    "Basic !!!not-base64!!!",
    "Basic \u00e4",
    basic(b""),
    basic(b":"),
    basic(USER.encode()),
    basic(f"{USER}:".encode()),
    basic(f"{USER}:wrong".encode()),
    basic(f"{USER}:{PASSWORD}x".encode()),
    basic(f"bob:{PASSWORD}".encode()),
    KNOWN.replace("Basic", "Bearer"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_whoever_is_not_known_is_turned_away(api: Api, method: str, path: str) -> None:
    for authorization in STRANGERS:
        reply = await api.call(method, path, auth=authorization)
        assert (authorization, reply.status) == (authorization, 401)
        assert reply.content == b'{"error": "Unauthorized access"}'
        assert reply.headers["WWW-Authenticate"] == 'Basic realm="Authentication Required"'
        assert reply.headers["Content-Type"] == "application/json"


async def test_a_stranger_changes_nothing(api: Api) -> None:
    await api.send("Later", ("1", "telegram"), send_at="2037-06-01 18:30:00")
    assert (await api.call("DELETE", "/delete_all", auth=None)).status == 401
    order = b'{"body": "x", "recipients": [{"uuid": "1", "service": "telegram"}]}'
    json = {"Content-Type": "application/json"}
    assert (await api.call("POST", "/send_message", data=order, headers=json, auth=None)).status == 401
    assert (await api.core.broadcasts.scheduled()).total == 1


async def test_the_word_basic_may_be_written_small(api: Api) -> None:
    assert (await api.call("GET", "/get_scheduled", auth=KNOWN.replace("Basic", "basic"))).status == 200


async def test_a_password_outside_ascii_is_taken_in_both_encodings_of_clients(api: Api) -> None:
    assert not PASSWORD.isascii()
    for encoding in ("utf-8", "latin-1"):
        sent = basic(f"{USER}:{PASSWORD}".encode(encoding))
        assert (await api.call("GET", "/get_scheduled", auth=sent)).status == 200


async def test_an_unknown_address_and_a_wrong_method_are_told_in_a_sentence(api: Api) -> None:
    for auth in (KNOWN, None):
        unknown = await api.call("GET", "/nowhere/at%20all", auth=auth)
        assert (unknown.status, unknown.error) == (404, "There is nothing at /nowhere/at all.")
        wrong = await api.call("GET", "/send_message", auth=auth)
        assert (wrong.status, wrong.error) == (405, "GET is not allowed at /send_message.")
        assert wrong.headers["Allow"] == "POST"


async def test_no_page_loads_anything_from_elsewhere(api: Api) -> None:
    """The page for people is plain HTML, and nothing on it is loaded or run."""
    assert [(await api.get(path)).status for path in ("/", "/redoc")] == [404, 404]
    page = await api.get("/docs")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    text = page.content.decode()
    assert not any(word in text for word in ("<script", "<link", "src="))
    for told in (
        "POST /send_message",
        "GET /get_finished",
        "Idempotency-Key",
        "try_again_days",
        "Each of recipients",
    ):
        assert told.lower() in text.lower()
    described = (await api.get("/openapi.json")).json
    assert {"/send_message", "/get_scheduled", "/get_finished", "/delete_all"} <= set(described["paths"])
    assert set(described["paths"]["/send_message"]["post"]["responses"]) == {"200", "4XX"}


async def test_health_needs_no_password(api: Api) -> None:
    reply = await api.call("GET", "/health", auth=None)
    assert (reply.status, reply.content) == (200, b'{"status": "ok"}')


async def test_a_body_too_large_is_refused_before_it_is_read(api: Api) -> None:
    head = f"POST /send_message HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: {KNOWN}\r\n"
    answer = await raw(api, f"{head}Content-Length: {MAX_BODY + 1}\r\n\r\n")
    assert answer.startswith("HTTP/1.1 413 ")
    assert answer.endswith('{"error": "The body is larger than 32 MB. Send the order in parts."}')


async def test_nothing_of_a_strangers_body_is_read(api: Api) -> None:
    head = "POST /send_message HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    answer = await raw(api, f"{head}Content-Length: {MAX_BODY + 1}\r\n\r\n")
    assert answer.startswith("HTTP/1.1 401 ")


async def test_a_body_that_grows_too_large_is_refused(api: Api) -> None:
    async def blanks() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY // 1024**2 + 1):
            yield b" " * 1024**2

    json = {"Content-Type": "application/json", "Authorization": KNOWN}
    async with api.http.post(f"{api.url}/send_message", data=blanks(), headers=json) as response:
        assert response.status == 413
        assert (await response.json())["error"].startswith("The body is larger than 32 MB.")


async def test_bytes_that_are_no_http_do_not_stop_the_server(api: Api) -> None:
    assert (await raw(api, "\x00\x01 nonsense\r\n\r\n")).startswith("HTTP/1.1 400 ")
    assert (await api.get("/health")).status == 200


async def raw(api: Api, request: str) -> str:
    """The answer to exactly these bytes, read to its end."""
    host, port = api.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(request.encode("latin-1"))
        async with asyncio.timeout(15):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
            return head + (await (reader.readexactly(int(length[1])) if length else reader.read())).decode()
    finally:
        writer.close()
        await writer.wait_closed()


async def test_what_nobody_foresaw_is_answered_with_a_code_that_the_log_explains(
    api: Api, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    await api.send("Later", ("1", "telegram"), send_at="2037-06-01 18:30:00")
    (broadcast,) = (await api.core.broadcasts.scheduled()).items
    with Redis.from_url(redis_url) as client:
        list_id = client.hget(f"ms:b:{broadcast.id}", "list")
        assert isinstance(list_id, bytes)
        client.unlink(key := f"ms:a:{list_id.decode()}:t:0")
        client.set(key, "no hash")
    with caplog.at_level(logging.ERROR):
        reply = await api.get("/get_scheduled")
    assert reply.status == 500
    said = re.fullmatch(r"Something went wrong \((E-[0-9A-F]{4})\)\. The log has .*", reply.error)
    assert said is not None
    assert [record.exc_info is not None for record in caplog.records if said[1] in record.getMessage()] == [
        True
    ]
    assert (await api.get("/get_finished")).status == 200


async def test_without_the_store_health_fails_and_every_call_says_so(tmp_path: Path) -> None:
    with embedded.running(tmp_path) as url:
        context = running_api(url)
        api = await context.__aenter__()
    try:
        assert (await api.get("/health")).status == 503
        reply = await api.send("Hello", ("+12025550123", "whatsapp"))
        assert reply.status == 503
        assert reply.error.startswith(
            "The store cannot be reached, so the order may or may not have been accepted."
        )
    finally:
        await context.__aexit__(None, None, None)


async def test_an_address_with_a_slash_behind_it_is_no_redirect(api: Api) -> None:
    assert (await api.call("POST", "/send_message/")).status == 404


@pytest.mark.parametrize("auth", [KNOWN, None])
async def test_nothing_redirects_to_the_host_that_a_caller_names(api: Api, auth: str | None) -> None:
    foreign = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    paths = [path for _verb, path in ROUTES] + ["/health", "/receipts/whatsapp", "/receipts/viber", "/docs"]
    for path in [
        "/",
        *paths,
        *(f"{path}/" for path in paths),
        *(f"/{path}" for path in paths),
        "//evil.example/x",
    ]:
        for verb in ("GET", "HEAD", "POST", "DELETE"):
            reply = await api.call(verb, path, headers=foreign, auth=auth)
            assert not 300 <= reply.status < 400, (verb, path)
            assert "Location" not in reply.headers
            assert b"evil.example" not in reply.content.replace(path.encode(), b"")


async def test_the_health_page_answers_head(api: Api) -> None:
    assert (await api.call("HEAD", "/health")).status == 200


async def test_guessed_passwords_are_counted_logged_once_and_slowed_down_for_all(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = basic(f"{USER}:wrong".encode())
    statuses = [(await api.call("GET", "/get_scheduled", auth=wrong)).status for _ in range(BURST + 10)]
    assert statuses[:BURST] == [401] * BURST
    assert statuses[-1] == 429
    reply = await api.call("GET", "/get_scheduled")
    assert (reply.status, reply.headers["Retry-After"]) == (429, "10")
    async with asyncio.timeout(15):
        while await api.core.health.failed_logins() < BURST:  # noqa: ASYNC110 - the store sends no event
            await asyncio.sleep(0.05)
    assert [one.getMessage() for one in caplog.records if "wrong user or password" in one.getMessage()]
    assert len([one for one in caplog.records if "wrong user" in one.getMessage()]) == 1
    assert (await api.core.status.read()).failed_logins >= BURST
