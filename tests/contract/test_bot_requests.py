"""The bot's calls of Telegram where something in between answers: nobody counts as having blocked the bot."""

from __future__ import annotations

import pytest
from telegram import Bot
from telegram.error import InvalidToken

from bot.telegram.errors import Unavailable, Unreachable, translated_errors
from bot.telegram.request import TelegramRequest
from tests.contract.messenger_server import TOKEN, Behaviour, MessengerServer, answer, raw

LOG_IN = "<html>Welcome to our WiFi, please log in</html>"


async def say(server: MessengerServer, behaviour: Behaviour) -> None:
    server.plan(behaviour)
    async with TelegramRequest() as request:
        with translated_errors():
            await Bot(TOKEN, base_url=f"{server.url}/bot", request=request).send_message(1001, "Hello")


@pytest.mark.parametrize(
    ("status", "behaviour"),
    [
        (200, answer(200, LOG_IN)),
        (200, answer(200, "")),
        (200, answer(200, [1])),
        (200, answer(200, {"captive": True})),
        (200, raw(b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"ok": tr')),
        (302, answer(302, "", {"Location": f"https://wifi.example.test/?to=/bot{TOKEN}/sendMessage"})),
        (401, answer(401, LOG_IN)),
        (403, answer(403, LOG_IN)),
        (403, answer(403, {"error": "Forbidden"})),
        (404, answer(404, LOG_IN)),
        (502, answer(502, "<html>bad gateway</html>")),
        (511, answer(511, LOG_IN)),
    ],
)
async def test_what_something_in_between_answers_is_tried_again(
    server: MessengerServer, status: int, behaviour: Behaviour
) -> None:
    with pytest.raises(Unavailable, match=f"HTTP {status}, not in Telegram's own form"):
        await say(server, behaviour)


async def test_what_telegram_itself_refuses_is_refused(server: MessengerServer) -> None:
    blocked = {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}
    with pytest.raises(Unreachable, match="blocked by the user"):
        await say(server, answer(403, blocked))
    unauthorized = {"ok": False, "error_code": 401, "description": "Unauthorized"}
    with pytest.raises(InvalidToken):
        await say(server, answer(401, unauthorized))
