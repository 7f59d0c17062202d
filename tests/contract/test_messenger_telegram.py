"""Telegram's answers at the wire: what each one means for the delivery."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from core.domain.content.content import Content
from core.domain.messengers.outcome import Answer, Outcome, Reason
from tests.contract.messenger_server import TOKEN, MessengerServer, answer, closed_port
from workers.messengers.port import File
from workers.messengers.telegram import Telegram
from workers.messengers.transport import Transport, open_session

YES = {"ok": True, "result": {"message_id": 1}}
"""The answer to an accepted message."""
HELLO = Content(text="Hello <b>you</b> שלום 🎉")
OK = answer(200, {"ok": True, "result": {"message_id": 77, "chat": {"id": 1001}, "text": "Hello"}})


@pytest.fixture
async def telegram(server: MessengerServer) -> AsyncIterator[Telegram]:
    async with open_session(limit=4) as session:
        yield Telegram(Transport(session, connect=1, total=5), api_url=server.url, token=TOKEN)


def refusal(code: int, description: str, **parameters: object) -> dict[str, object]:
    body: dict[str, object] = {"ok": False, "error_code": code, "description": description}
    return {**body, "parameters": parameters} if parameters else body


async def sent_into(server: MessengerServer, telegram: Telegram, status: int, body: object) -> Answer:
    server.plan(answer(status, body))
    return await telegram.send("1001", HELLO, "d-A7KQ-t15-0")


async def test_a_text_goes_out_as_written_without_markup_or_preview(
    server: MessengerServer, telegram: Telegram
) -> None:
    server.plan(OK)
    got = await telegram.send("1001", HELLO, "d-A7KQ-t15-0")
    assert got == Answer(outcome=Outcome.SENT, message_id="77")
    [request] = server.requests
    assert (request.method, request.path) == ("POST", f"/bot{TOKEN}/sendMessage")
    assert request.headers["Content-Type"] == "application/json"
    assert request.json == {
        "chat_id": 1001,
        "text": HELLO.text,
        "link_preview_options": {"is_disabled": True},
    }
    assert HELLO.text.encode() in request.body


@pytest.mark.parametrize(
    ("address", "chat_id"), [("1001", 1001), ("-1001234567890", -1001234567890), ("@shop", "@shop")]
)
async def test_a_number_is_sent_as_a_number_and_a_name_as_a_name(
    server: MessengerServer, telegram: Telegram, address: str, chat_id: int | str
) -> None:
    server.plan(OK)
    await telegram.send(address, HELLO, "d-A7KQ-t15-0")
    assert isinstance(server.requests[0].json, dict)
    assert server.requests[0].json["chat_id"] == chat_id


@pytest.mark.parametrize("result", [{"message_id": 0}, {}, None])
async def test_a_yes_without_a_message_id_is_sent(
    server: MessengerServer, telegram: Telegram, result: object
) -> None:
    got = await sent_into(server, telegram, 200, {"ok": True, "result": result})
    assert got == Answer(outcome=Outcome.SENT)


REFUSALS = [
    (403, "Forbidden: bot was blocked by the user", Reason.BLOCKED),
    (403, "Forbidden: user is deactivated", Reason.GONE),
    (403, "Forbidden: bot can't initiate conversation with a user", Reason.NOT_STARTED),
    (403, "Forbidden: bot can't send messages to bots", Reason.NOT_ALLOWED),
    (403, "Forbidden: bot was kicked from the group chat", Reason.NO_RIGHTS),
    (403, "Forbidden: bot was kicked from the supergroup chat", Reason.NO_RIGHTS),
    (403, "Forbidden: bot is not a member of the channel chat", Reason.NO_RIGHTS),
    (403, "Forbidden: the group chat was deleted", Reason.GONE),
    (403, "Forbidden: something nobody has seen", Reason.NOT_ALLOWED),
    (400, "Bad Request: chat not found", Reason.NOT_FOUND),
    (400, "Bad Request: private chat not found", Reason.NOT_FOUND),
    (400, "Bad Request: PEER_ID_INVALID", Reason.NOT_FOUND),
    (400, "Bad Request: user not found", Reason.NOT_FOUND),
    (400, "Bad Request: not enough rights to send text messages to the chat", Reason.NO_RIGHTS),
    (400, "Bad Request: have no rights to send a message", Reason.NO_RIGHTS),
    (400, "Bad Request: TOPIC_CLOSED", Reason.NO_RIGHTS),
    (400, "Bad Request: CHAT_SEND_PLAIN_FORBIDDEN", Reason.NO_RIGHTS),
    (400, "Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN", Reason.NO_RIGHTS),
    (400, "Bad Request: need administrator rights in the channel chat", Reason.NO_RIGHTS),
    (400, "Bad Request: CHAT_WRITE_FORBIDDEN", Reason.NO_RIGHTS),
    (400, "Bad Request: CHAT_RESTRICTED", Reason.NO_RIGHTS),
    (400, "Bad Request: TOPIC_CLOSED", Reason.NO_RIGHTS),
    (400, "Bad Request: message thread not found", Reason.NO_RIGHTS),
]


@pytest.mark.parametrize(("code", "words", "reason"), REFUSALS)
async def test_a_refused_recipient_fails_with_its_reason_and_telegrams_words(
    server: MessengerServer, telegram: Telegram, code: int, words: str, reason: Reason
) -> None:
    got = await sent_into(server, telegram, code, refusal(code, words))
    assert got == Answer(outcome=Outcome.RECIPIENT_REFUSED, reason=reason, detail=words)


OTHERS = [
    (
        400,
        "Bad Request: can't parse entities: unsupported start tag",
        Outcome.CONTENT_REFUSED,
        Reason.CONTENT,
    ),
    (400, "Bad Request: message is too long", Outcome.CONTENT_REFUSED, Reason.CONTENT),
    (400, "Bad Request: message caption is too long", Outcome.CONTENT_REFUSED, Reason.CONTENT),
    (400, "Bad Request: message text is empty", Outcome.CONTENT_REFUSED, Reason.CONTENT),
    (400, "Bad Request: reply markup is too long", Outcome.CONTENT_REFUSED, Reason.CONTENT),
    (400, "Bad Request: BUTTON_DATA_INVALID", Outcome.CONTENT_REFUSED, Reason.CONTENT),
    (400, "Bad Request: wrong file identifier", Outcome.CONTENT_REFUSED, Reason.FILE),
    (400, "Bad Request: PHOTO_INVALID_DIMENSIONS", Outcome.CONTENT_REFUSED, Reason.FILE),
    (400, "Bad Request: something nobody has seen", Outcome.CONTENT_REFUSED, Reason.UNLISTED),
    (413, "Request Entity Too Large", Outcome.CONTENT_REFUSED, Reason.CONTENT),
    (418, "I am a teapot", Outcome.CONTENT_REFUSED, Reason.UNLISTED),
    (400, "Logged out", Outcome.CONFIGURATION, Reason.CONFIGURATION),
    (401, "Unauthorized", Outcome.CONFIGURATION, Reason.CONFIGURATION),
    (401, "Unauthorized: invalid token specified", Outcome.CONFIGURATION, Reason.CONFIGURATION),
    (404, "Not Found", Outcome.CONFIGURATION, Reason.CONFIGURATION),
    (421, "Misdirected Request: unallowed token specified", Outcome.CONFIGURATION, Reason.CONFIGURATION),
    (409, "Conflict: terminated by other getUpdates request", Outcome.TRANSIENT, Reason.BUSY),
    (500, "Internal Server Error: restart", Outcome.UNKNOWN, Reason.NO_ANSWER),
    (500, "Internal Server Error", Outcome.UNKNOWN, Reason.NO_ANSWER),
    (502, "Bad Gateway", Outcome.UNKNOWN, Reason.NO_ANSWER),
    (599, "something nobody has seen", Outcome.UNKNOWN, Reason.NO_ANSWER),
]


@pytest.mark.parametrize(("code", "words", "outcome", "reason"), OTHERS)
async def test_every_other_no_is_of_the_content_the_account_or_unknown(
    server: MessengerServer, telegram: Telegram, code: int, words: str, outcome: Outcome, reason: Reason
) -> None:
    got = await sent_into(server, telegram, code, refusal(code, words))
    assert replace(got, key="") == Answer(outcome=outcome, reason=reason, detail=words)
    assert bool(got.key) is (outcome is Outcome.CONTENT_REFUSED)


async def test_refusals_with_the_words_of_different_people_are_equal(
    server: MessengerServer, telegram: Telegram
) -> None:
    words = 'Bad Request: can\'t parse entities: Unsupported start tag "{}" at byte offset {}'
    found = [
        await sent_into(server, telegram, 400, refusal(400, words.format(name, place)))
        for name, place in (("ann", 4), ("José", 17))
    ]
    assert found[0].key == found[1].key != ""


async def test_an_address_that_telegram_could_not_fetch_is_worth_one_more_try(
    server: MessengerServer, telegram: Telegram
) -> None:
    got = await sent_into(server, telegram, 400, refusal(400, "Bad Request: failed to get HTTP URL content"))
    assert (got.outcome, got.reason, got.max_tries) == (Outcome.TRANSIENT, Reason.FILE, 2)


async def test_a_message_sent_and_deleted_at_once_was_sent(
    server: MessengerServer, telegram: Telegram
) -> None:
    words = "Internal Server Error: sent message was immediately deleted and can't be returned"
    got = await sent_into(server, telegram, 500, refusal(500, words))
    assert got.outcome is Outcome.SENT


async def test_a_group_that_moved_is_gone_and_the_answer_tells_its_new_id(
    server: MessengerServer, telegram: Telegram
) -> None:
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    got = await sent_into(server, telegram, 400, refusal(400, words, migrate_to_chat_id=-1009876543210))
    assert (got.outcome, got.reason) == (Outcome.RECIPIENT_REFUSED, Reason.GONE)
    assert (got.detail, got.migrated_to) == (words, "-1009876543210")


@pytest.mark.parametrize(
    ("body", "headers", "seconds"),
    [
        (refusal(429, "Too Many Requests: retry after 5", retry_after=5), {"Retry-After": "9"}, 5.0),
        (refusal(429, "Too Many Requests: retry after 10072", retry_after=10072), {}, 10072.0),
        (refusal(429, "Too Many Requests"), {"Retry-After": "7"}, 7.0),
        (refusal(429, "Too Many Requests: retry after 8"), {}, 8.0),
        (refusal(429, "Too Many Requests"), {}, None),
        (refusal(429, "Too Many Requests", retry_after=-5), {}, None),
        (refusal(429, "Too Many Requests", retry_after="soon"), {}, None),
        (refusal(429, "Too Many Requests", retry_after=10**30), {}, 86_400.0),
        ("<html>too many</html>", {"Retry-After": "11"}, 11.0),
        ("<html>too many</html>", {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 60.0),
        (
            "<html>too many</html>",
            {
                "Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT",
                "Date": "Wed, 21 Oct 2026 07:27:30 GMT",
            },
            30.0,
        ),
        ("<html>too many</html>", {"Retry-After": "in a while"}, 60.0),
        ("<html>too many</html>", {"Retry-After": "-5"}, 60.0),
    ],
)
async def test_a_429_makes_the_whole_messenger_wait_as_long_as_telegram_says(
    server: MessengerServer, telegram: Telegram, body: object, headers: dict[str, str], seconds: float | None
) -> None:
    server.plan(answer(429, body, headers))
    got = await telegram.send("1001", HELLO, "d-A7KQ-t15-0")
    assert (got.outcome, got.reason) == (Outcome.RATE_LIMITED, Reason.TOO_FAST)
    assert (got.retry_after, got.whole_messenger) == (seconds, True)


async def test_a_429_in_one_group_slows_that_group_alone_and_in_many_at_once_the_whole_bot(
    server: MessengerServer, telegram: Telegram
) -> None:
    server.plan(answer(429, refusal(429, "Too Many Requests: retry after 40", retry_after=40)))
    groups = ("-1001", "-1001", "@news", "-1002")
    answers = [await telegram.send(group, HELLO, "d-A7KQ-t15-0") for group in groups]
    assert [(one.retry_after, one.whole_messenger) for one in answers] == [
        *[(40.0, False)] * 3,
        (40.0, True),
    ]


async def test_a_429_that_is_not_telegrams_own_slows_everything_down_for_a_group_too(
    server: MessengerServer, telegram: Telegram
) -> None:
    server.plan(answer(429, "<html>too many</html>"))
    assert (await telegram.send("-1001", HELLO, "d-A7KQ-t15-0")).whole_messenger


async def test_the_check_is_quiet_for_a_bot_that_telegram_knows(
    server: MessengerServer, telegram: Telegram
) -> None:
    server.plan(answer(200, {"ok": True, "result": {"id": 123456789, "is_bot": True}}))
    assert await telegram.check() is None
    assert [(request.method, request.path) for request in server.requests] == [("GET", f"/bot{TOKEN}/getMe")]


@pytest.mark.parametrize(
    ("status", "body", "names"),
    [
        (401, refusal(401, "Unauthorized"), "TELEGRAM_BOT_TOKEN"),
        (404, refusal(404, "Not Found"), "TELEGRAM_BOT_TOKEN"),
        (404, "<html>no such page</html>", "TELEGRAM_API_URL"),
        (200, "<html>a log-in page</html>", "TELEGRAM_API_URL"),
        (502, "<html>bad gateway</html>", "TELEGRAM_API_URL"),
        (429, refusal(429, "Too Many Requests: retry after 5"), "Too Many Requests"),
    ],
)
async def test_the_check_names_what_is_wrong(
    server: MessengerServer, telegram: Telegram, status: int, body: object, names: str
) -> None:
    server.plan(answer(status, body))
    complaint = await telegram.check()
    assert complaint is not None
    assert names in complaint
    assert TOKEN not in complaint


async def test_the_check_says_that_telegram_could_not_be_reached() -> None:
    async with open_session(limit=1) as session:
        url = f"http://127.0.0.1:{closed_port()}"
        complaint = await Telegram(Transport(session), api_url=url, token=TOKEN).check()
    assert complaint is not None
    assert complaint.startswith("Couldn't reach Telegram")


async def test_the_check_names_the_proxy_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{closed_port()}")
    async with open_session(limit=1) as session:
        complaint = await Telegram(
            Transport(session), api_url="https://telegram.test.invalid", token=TOKEN
        ).check()
    assert complaint == (
        "Couldn't reach Telegram (the proxy cannot be reached). Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY."
    )


@pytest.mark.parametrize("path", ["photos/a.jpg", "documents/page.html"])
async def test_the_page_of_a_captive_portal_is_no_file(
    server: MessengerServer, telegram: Telegram, path: str
) -> None:
    found = {"ok": True, "result": {"file_id": "F", "file_path": path}}
    server.plan(answer(200, found), answer(200, "<html>Log in</html>"))
    got = await telegram.fetch("F", 1_000_000)
    if path.endswith(".html"):
        assert isinstance(got, File)
        assert got.content == b"<html>Log in</html>"
    else:
        assert isinstance(got, Answer)
        assert (got.outcome, got.reason) == (Outcome.TRANSIENT, Reason.FILE)
        assert "instead of an answer" in got.detail
