"""The fake Telegram, driven as a bot drives it: over HTTP and by an unmodified python-telegram-bot."""

import json
from typing import Any

import aiohttp
import pytest
from telegram import Bot, BotCommand, BotCommandScopeChat, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, InvalidToken
from telegram.request import HTTPXRequest

from tests.support.sandbox_server import ADMIN, STRANGER, TELEGRAM_TOKEN, Sandbox

Json = dict[str, Any]


async def refusal(sandbox: Sandbox, method: str, **params: object) -> str:
    """The description with which a call is refused."""
    status, answer = await sandbox.telegram(method, TELEGRAM_TOKEN, **params)
    assert (status, answer["ok"]) == (answer["error_code"], False)
    return str(answer["description"])


def keyboard(*rows: list[tuple[str, str]]) -> Json:
    """An inline keyboard of (text, data) buttons."""
    return {
        "inline_keyboard": [[{"text": text, "callback_data": data} for text, data in row] for row in rows]
    }


@pytest.mark.parametrize("kind", ["json", "form", "multipart", "query"])
async def test_every_kind_of_body_is_understood(sandbox: Sandbox, kind: str) -> None:
    markup = json.dumps(keyboard([("Yes", "y")]))
    params = {"chat_id": str(ADMIN), "text": "Hi & 😀", "reply_markup": markup}
    multipart = aiohttp.FormData(params, default_to_multipart=True)
    how: dict[str, Any] = {
        "json": {"json": params},
        "form": {"data": params},
        "multipart": {"data": multipart},
        "query": {"params": params},
    }
    address = f"{sandbox.telegram_url}/bot{TELEGRAM_TOKEN}/SENDMESSAGE"
    async with sandbox.http.post(address, **how[kind]) as response:
        result = (await response.json())["result"]
    assert result["text"] == "Hi & 😀"
    assert result["reply_markup"] == keyboard([("Yes", "y")])


@pytest.mark.parametrize(
    ("html", "description"),
    [
        ("<x>a</x>", 'Unsupported start tag "x" at byte offset 0'),
        ("é<B>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("é a</b>", "Unexpected end tag at byte offset 4"),
        ("<b>é</i>", 'Unmatched end tag at byte offset 5, expected "</b>", found "</i>"'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ('<a href="x', 'Unclosed start tag "a" at byte offset 0'),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a href=x!>a</a>", "Unexpected end of name token at byte offset 8"),
    ],
)
async def test_bad_html_is_refused_in_telegrams_words(sandbox: Sandbox, html: str, description: str) -> None:
    refused = await refusal(sandbox, "sendMessage", chat_id=ADMIN, text=html, parse_mode="HTML")
    assert refused == f"Bad Request: can't parse entities: {description}"
    assert await sandbox.messages() == []


async def test_html_becomes_entities_that_count_utf16_units(sandbox: Sandbox) -> None:
    html = (
        '  😀<b>bold <i>both</i></b> &lt;&#33;&euro; <a href="https://e.org/?a=1&amp;b">x</a> '
        '<pre><code class="language-py">1</code></pre> '
    )
    _, answer = await sandbox.telegram("sendMessage", chat_id=ADMIN, text=html, parse_mode="html")
    assert answer["result"]["text"] == "😀bold both <!&euro; x 1"
    assert answer["result"]["entities"] == [
        {"type": "bold", "offset": 2, "length": 9},
        {"type": "italic", "offset": 7, "length": 4},
        {"type": "text_link", "offset": 21, "length": 1, "url": "https://e.org/?a=1&b"},
        {"type": "pre", "offset": 23, "length": 1, "language": "py"},
    ]


@pytest.mark.parametrize(
    ("method", "params", "description"),
    [
        ("sendMessage", {"text": " \n "}, "message text is empty"),
        ("sendMessage", {"text": "<b></b>", "parse_mode": "HTML"}, "message text is empty"),
        ("sendMessage", {"text": "😀" * 2049}, "message is too long"),
        ("sendMessage", {"text": "a", "chat_id": 999}, "chat not found"),
        ("sendMessage", {"text": "a", "chat_id": "@nobody"}, "chat not found"),
        ("sendMessage", {"text": "a", "chat_id": ""}, "chat_id is empty"),
        ("sendMessage", {"text": "a", "parse_mode": "Klingon"}, "unsupported parse_mode"),
        ("sendMessage", {"text": "a", "reply_markup": keyboard([("a", "x" * 65)])}, "BUTTON_DATA_INVALID"),
        ("sendMessage", {"text": "a", "reply_markup": keyboard([("a", "é" * 33)])}, "BUTTON_DATA_INVALID"),
        ("sendMessage", {"text": "a", "reply_markup": keyboard([("a", "")])}, "BUTTON_DATA_INVALID"),
        (
            "sendMessage",
            {"text": "a", "reply_markup": keyboard(*[[("a", "x")]] * 101)},
            "reply markup is too long",
        ),
        (
            "sendMessage",
            {"text": "a", "reply_markup": keyboard([("a", "x")] * 9)},
            "reply markup is too long",
        ),
        ("sendMessage", {"text": "a", "reply_markup": "{"}, "can't parse reply markup JSON object"),
        (
            "sendMessage",
            {"text": "a", "reply_parameters": {"message_id": 77}},
            "message to be replied not found",
        ),
        ("editMessageText", {"text": "a", "message_id": 77}, "message to edit not found"),
        ("editMessageText", {"text": "a"}, "message identifier is not specified"),
        ("deleteMessage", {"message_id": 77}, "message to delete not found"),
        ("copyMessage", {"from_chat_id": ADMIN, "message_id": 77}, "message to copy not found"),
        ("forwardMessage", {"from_chat_id": ADMIN, "message_id": 77}, "message to forward not found"),
        ("sendMessage", {"text": "half \ud83d"}, "strings must be encoded in UTF-8"),
        ("getFile", {"file_id": "x"}, "wrong file_id or the file is temporarily unavailable"),
        ("sendDocument", {"document": "x"}, "wrong file identifier/HTTP URL specified"),
        ("sendChatAction", {"action": "dancing"}, "wrong parameter action in request"),
        ("setMyCommands", {"commands": [{"command": "A-b", "description": "x"}]}, "BOT_COMMAND_INVALID"),
    ],
)
async def test_what_telegram_refuses_is_refused(
    sandbox: Sandbox, method: str, params: Json, description: str
) -> None:
    assert await refusal(sandbox, method, **{"chat_id": ADMIN, **params}) == f"Bad Request: {description}"


async def test_the_longest_text_and_the_fullest_keyboard_pass(sandbox: Sandbox) -> None:
    full = keyboard(*[[("a", "x" * 64)] * 8] * 12, [("a", "é" * 32)] * 4)
    text = "<b>" + "😀" * 2048 + "</b>"
    status, _ = await sandbox.telegram(
        "sendMessage", chat_id=ADMIN, text=text, parse_mode="HTML", reply_markup=full
    )
    assert status == 200


async def test_tokens_and_methods_are_checked(sandbox: Sandbox) -> None:
    for token in ("0123:abc", "nonsense", "123:revoked"):
        assert await sandbox.telegram("getMe", token) == (
            401, {"ok": False, "error_code": 401, "description": "Unauthorized"},
        )  # fmt: skip
    status, answer = await sandbox.telegram("sendCake")
    assert (status, answer["description"]) == (404, "Not Found")
    async with HTTPXRequest() as request:
        revoked = Bot("1:revoked", base_url=f"{sandbox.telegram_url}/bot", request=request)
        with pytest.raises(InvalidToken):
            await revoked.get_me()


async def test_edits_follow_telegrams_rules(sandbox: Sandbox, bot: Bot) -> None:
    """Same content is refused, the keyboard goes unless it is given again, and only own texts are edited."""
    buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y", style="danger")]])
    sent = await bot.send_message(ADMIN, "<b>One</b>", parse_mode="HTML", reply_markup=buttons)
    with pytest.raises(BadRequest, match=r"(?i)message is not modified"):
        await bot.edit_message_text(
            "<b>One</b>", ADMIN, sent.message_id, parse_mode="HTML", reply_markup=buttons
        )
    plain = await bot.edit_message_text("One", ADMIN, sent.message_id, reply_markup=buttons)
    assert not isinstance(plain, bool)
    assert plain.entities == ()
    dropped = await bot.edit_message_text("Two", ADMIN, sent.message_id)
    assert not isinstance(dropped, bool)
    assert dropped.reply_markup is None
    with pytest.raises(BadRequest, match=r"(?i)message is not modified"):
        await bot.edit_message_reply_markup(ADMIN, sent.message_id)
    theirs = await sandbox.say("mine")
    with pytest.raises(BadRequest, match=r"(?i)message can't be edited"):
        await bot.edit_message_text("x", ADMIN, theirs["message_id"])
    document = await bot.send_document(ADMIN, b"a,b", filename="a.csv", caption="one")
    with pytest.raises(BadRequest, match=r"(?i)there is no text in the message to edit"):
        await bot.edit_message_text("x", ADMIN, document.message_id)
    captioned = await bot.edit_message_caption(ADMIN, document.message_id, caption="two")
    assert not isinstance(captioned, bool)
    assert captioned.caption == "two"
    assert await bot.delete_message(ADMIN, sent.message_id)
    assert sent.message_id not in [message["message_id"] for message in await sandbox.messages()]


async def test_files_go_up_and_down_and_are_reused_by_id(sandbox: Sandbox, bot: Bot) -> None:
    await sandbox.send_file("people.csv", b"a,b\n1,2\n", caption="the list")
    update = (await bot.get_updates())[0]
    assert update.message is not None
    assert update.message.caption == "the list"
    document = update.message.document
    assert document is not None
    assert document.file_name == "people.csv"
    assert bytes(await (await document.get_file()).download_as_bytearray()) == b"a,b\n1,2\n"
    again = await bot.send_document(1001, document.file_id)
    assert again.document is not None
    assert again.document.file_unique_id == document.file_unique_id
    with pytest.raises(BadRequest, match=r"(?i)IMAGE_PROCESS_FAILED"):
        await bot.send_photo(ADMIN, b"no picture")
    with pytest.raises(BadRequest, match=r"(?i)message caption is too long"):
        await bot.send_document(ADMIN, b"x", caption="c" * 1025)
    with pytest.raises(BadRequest, match=r"(?i)file must be non-empty"):
        await bot.send_document(ADMIN, b"")


async def test_menus_go_by_scope(sandbox: Sandbox, bot: Bot) -> None:
    await bot.set_my_commands([BotCommand("start", "Begin")])
    with pytest.raises(BadRequest, match=r"(?i)chat not found"):
        await bot.set_my_commands([BotCommand("send", "Send")], BotCommandScopeChat(STRANGER))
    await bot.set_my_commands([BotCommand("send", "Send")], BotCommandScopeChat(ADMIN))
    assert [c["command"] for c in (await sandbox.chat(ADMIN))["commands"]] == ["send"]
    assert [c["command"] for c in (await sandbox.chat(STRANGER))["commands"]] == ["start"]
    await bot.delete_my_commands(BotCommandScopeChat(ADMIN))
    assert [c["command"] for c in (await sandbox.chat(ADMIN))["commands"]] == ["start"]
    assert [c.command for c in await bot.get_my_commands()] == ["start"]


async def test_copies_and_forwards_carry_the_content(sandbox: Sandbox, bot: Bot) -> None:
    said = await sandbox.say("Visit https://example.org")
    copy = await bot.copy_message(1001, ADMIN, said["message_id"])
    forward = await bot.forward_message(1002, ADMIN, said["message_id"])
    assert forward.forward_origin is not None
    landed = (await sandbox.messages(1001))[0]
    assert (landed["message_id"], landed["text"]) == (copy.message_id, "Visit https://example.org")
    assert landed["entities"] == [{"type": "url", "offset": 6, "length": 19}]
