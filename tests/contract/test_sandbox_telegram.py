"""The fake Telegram, driven as a bot drives it: over HTTP and by an unmodified python-telegram-bot."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from telegram import Bot, BotCommand, BotCommandScopeChat, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes
from telegram.request import HTTPXRequest

from tests.sandbox_server import ADMIN, STRANGER, TELEGRAM_TOKEN, Sandbox, running_sandbox

Json = dict[str, Any]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running_sandbox() as running:
        yield running


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[Bot]:
    async with Bot(
        TELEGRAM_TOKEN,
        base_url=f"{sandbox.telegram_url}/bot",
        base_file_url=f"{sandbox.telegram_url}/file/bot",
    ) as connected:
        yield connected


async def call(
    sandbox: Sandbox, method: str, token: str = TELEGRAM_TOKEN, **params: object
) -> tuple[int, Json]:
    """A Bot API call with a JSON body: HTTP status and answer."""
    async with sandbox.http.post(f"{sandbox.telegram_url}/bot{token}/{method}", json=params) as response:
        answer: Json = await response.json()
        return response.status, answer


async def refusal(sandbox: Sandbox, method: str, **params: object) -> str:
    """The description with which a call is refused."""
    status, answer = await call(sandbox, method, TELEGRAM_TOKEN, **params)
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
    _, answer = await call(sandbox, "sendMessage", chat_id=ADMIN, text=html, parse_mode="html")
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
    status, _ = await call(
        sandbox, "sendMessage", chat_id=ADMIN, text=text, parse_mode="HTML", reply_markup=full
    )
    assert status == 200


async def test_tokens_and_methods_are_checked(sandbox: Sandbox) -> None:
    for token in ("0123:abc", "nonsense", "123:revoked"):
        assert await call(sandbox, "getMe", token) == (
            401, {"ok": False, "error_code": 401, "description": "Unauthorized"},
        )  # fmt: skip
    status, answer = await call(sandbox, "sendCake")
    assert (status, answer["description"]) == (404, "Not Found")
    async with HTTPXRequest() as request:
        revoked = Bot("1:revoked", base_url=f"{sandbox.telegram_url}/bot", request=request)
        with pytest.raises(InvalidToken):
            await revoked.get_me()


async def test_people_who_blocked_or_never_started_cannot_be_written_to(sandbox: Sandbox, bot: Bot) -> None:
    with pytest.raises(Forbidden, match=r"(?i)bot was blocked by the user"):
        await bot.send_message(1003, "Hello")
    with pytest.raises(Forbidden, match=r"(?i)bot can't initiate conversation with a user"):
        await bot.send_message(1004, "Hello")
    await sandbox.act("telegram", "1003", "unblock")
    await sandbox.say("/start", person=1004)
    assert (await bot.send_message(1003, "Hello")).text == "Hello"
    assert (await bot.send_message(1004, "Hello")).text == "Hello"
    await sandbox.act("telegram", "1004", "block")
    with pytest.raises(Forbidden):
        await bot.send_message(1004, "Hello")
    changes = [update.my_chat_member for update in await bot.get_updates() if update.my_chat_member]
    assert [change.new_chat_member.status for change in changes] == ["member", "kicked"]


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


async def test_only_shown_buttons_can_be_pressed_unless_forged(sandbox: Sandbox, bot: Bot) -> None:
    buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y")]])
    sent = await bot.send_message(ADMIN, "Sure?", reply_markup=buttons)
    with pytest.raises(AssertionError, match="no such button is shown"):
        await sandbox.press(sent.message_id, "No")
    await sandbox.press(sent.message_id, "Yes")
    await sandbox.forge("other", sent.message_id, person=STRANGER, chat=ADMIN)
    await bot.delete_message(ADMIN, sent.message_id)
    await sandbox.forge("late", sent.message_id)
    queries = [update.callback_query for update in await bot.get_updates()]
    assert [(q.from_user.id, q.data) for q in queries if q] == [
        (ADMIN, "y"),
        (STRANGER, "other"),
        (ADMIN, "late"),
    ]
    assert [q.message.is_accessible for q in queries if q and q.message] == [True, True, False]


async def test_a_press_is_answered_once_and_in_time(sandbox: Sandbox, bot: Bot) -> None:
    first = await sandbox.forge("a")
    await bot.answer_callback_query(first["query_id"], "Done", show_alert=True)
    assert [(a["text"], a["alert"]) for a in (await sandbox.chat())["answers"]] == [("Done", True)]
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await bot.answer_callback_query(first["query_id"])
    second = await sandbox.forge("b")
    assert len((await sandbox.chat())["pending"]) == 1
    await sandbox.call("POST", "expire-queries")
    with pytest.raises(BadRequest, match=r"(?i)response timeout expired or query ID is invalid"):
        await bot.answer_callback_query(second["query_id"])
    kinds = [complaint["kind"] for complaint in await sandbox.complaints()]
    assert kinds == ["doubled answer", "unanswered callback"]


async def test_edits_that_are_too_fast_are_complained_about(sandbox: Sandbox, bot: Bot) -> None:
    """A tap makes the next two edits fair; further ones within a second are not."""
    sent = await bot.send_message(ADMIN, "0")
    await sandbox.forge("tap", sent.message_id)
    for number in (1, 2):
        await bot.edit_message_text(str(number), ADMIN, sent.message_id)
    assert await sandbox.complaints() == []
    await bot.edit_message_text("3", ADMIN, sent.message_id)
    assert [complaint["kind"] for complaint in await sandbox.complaints()] == ["edits faster than 1 a second"]


async def test_updates_wait_until_they_are_confirmed(sandbox: Sandbox) -> None:
    for number in range(5):
        await sandbox.say(f"text {number}")
    _, answer = await call(sandbox, "getUpdates", limit=2)
    ids = [update["update_id"] for update in answer["result"]]
    assert ids[1] == ids[0] + 1
    _, answer = await call(sandbox, "getUpdates", offset=ids[1])
    assert [update["message"]["text"] for update in answer["result"]] == [f"text {n}" for n in range(1, 5)]
    _, answer = await call(sandbox, "getUpdates", offset=-1)
    assert [update["message"]["text"] for update in answer["result"]] == ["text 4"]
    _, answer = await call(sandbox, "getUpdates")
    assert len(answer["result"]) == 1


async def test_allowed_updates_stay_until_they_are_changed(sandbox: Sandbox) -> None:
    await call(sandbox, "getUpdates", allowed_updates=["callback_query"])
    await sandbox.say("not wanted")
    await sandbox.forge("wanted")
    _, answer = await call(sandbox, "getUpdates")
    assert [sorted(update) for update in answer["result"]] == [["callback_query", "update_id"]]


async def test_a_long_poll_answers_as_soon_as_something_comes(sandbox: Sandbox) -> None:
    poll = asyncio.create_task(call(sandbox, "getUpdates", timeout=50))
    await sandbox.say("here")
    _, answer = await asyncio.wait_for(poll, 10)
    assert answer["result"][0]["message"]["text"] == "here"


async def test_the_older_of_two_pollers_gets_409(sandbox: Sandbox) -> None:
    async def polled() -> bool:
        return bool((await sandbox.call("GET", "state"))["bot"]["connected"])

    older = asyncio.create_task(call(sandbox, "getUpdates", timeout=50))
    await sandbox.eventually(polled)
    newer = asyncio.create_task(call(sandbox, "getUpdates", timeout=50))
    status, answer = await asyncio.wait_for(older, 10)
    assert status == 409
    assert answer["description"].startswith("Conflict: terminated by other getUpdates request;")
    await sandbox.say("for the newer one")
    assert (await asyncio.wait_for(newer, 10))[0] == 200
    assert [complaint["kind"] for complaint in await sandbox.complaints()] == ["two pollers"]


async def test_a_webhook_gets_updates_with_its_secret_until_it_takes_them(sandbox: Sandbox, bot: Bot) -> None:
    got: asyncio.Queue[tuple[str | None, Json]] = asyncio.Queue()

    async def hook(request: web.Request) -> web.Response:
        await got.put((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), await request.json()))
        return web.Response(status=500 if got.qsize() == 1 else 200)

    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        await bot.set_webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/hook", secret_token="s3cret")
        assert (await refusal(sandbox, "getUpdates")).startswith(
            "Conflict: can't use getUpdates method while"
        )
        await sandbox.say("hello")

        async def taken() -> bool:
            return (await bot.get_webhook_info()).pending_update_count == 0 and got.qsize() > 1

        async with asyncio.timeout(10):
            while not await taken():
                continue
        deliveries = [got.get_nowait() for _ in range(got.qsize())]
        assert [secret for secret, _ in deliveries] == ["s3cret", "s3cret"]
        assert deliveries[0][1] == deliveries[1][1]
        await bot.delete_webhook()
        assert await bot.get_updates() == ()
    finally:
        await runner.cleanup()


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


async def test_commands_people_type_are_marked(sandbox: Sandbox) -> None:
    said = await sandbox.say("😀 /send now, not 24/11 or a/b")
    assert said["entities"] == [{"type": "bot_command", "offset": 3, "length": 5}]


async def test_a_group_can_become_a_supergroup_or_throw_the_bot_out(sandbox: Sandbox, bot: Bot) -> None:
    await sandbox.call("POST", "groups", {"id": -500, "title": "Team", "members": [ADMIN, 1001]})
    await bot.send_message(-500, "Hello all")
    moved = await sandbox.call("POST", "groups/-500/migrate")
    with pytest.raises(ChatMigrated) as migrated:
        await bot.send_message(-500, "Hello again")
    assert migrated.value.new_chat_id == moved["id"]
    await bot.send_message(moved["id"], "Here we are")
    await sandbox.call("POST", f"groups/{moved['id']}/kick-bot")
    with pytest.raises(Forbidden, match=r"(?i)bot was kicked from the supergroup chat"):
        await bot.send_message(moved["id"], "Bye")


async def test_an_unmodified_application_runs_against_it(sandbox: Sandbox) -> None:
    """A bot on python-telegram-bot polls, answers a command, and edits its message on a press."""

    async def start(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="go")]])
        await update.message.reply_html("<b>Ready?</b>", reply_markup=buttons)

    async def go(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.callback_query is not None
        await update.callback_query.answer("Going")
        await update.callback_query.edit_message_text("Gone")

    app = Application.builder().token(TELEGRAM_TOKEN).base_url(f"{sandbox.telegram_url}/bot").build()
    app.add_handler(CommandHandler("start", start))
    app.add_handler(CallbackQueryHandler(go))
    async with app:
        await app.start()
        assert app.updater is not None
        await app.updater.start_polling(timeout=2)
        await sandbox.say("/start")
        ready = await sandbox.bot_says("Ready?")
        answer = await sandbox.press(ready["message_id"], "Go", wait=True)
        assert answer["text"] == "Going"
        gone = await sandbox.bot_says("Gone")
        assert gone["message_id"] == ready["message_id"]
        assert "reply_markup" not in gone
        await app.updater.stop()
        await app.stop()
    assert await sandbox.complaints() == []
