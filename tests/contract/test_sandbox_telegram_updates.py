"""Updates from the fake Telegram: messages, presses, groups, webhooks, and the time to an answer."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes

from tests.support.sandbox_server import ADMIN, STRANGER, TELEGRAM_TOKEN, Sandbox

Json = dict[str, Any]


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


async def test_updates_can_be_handed_out_twice(sandbox: Sandbox, bot: Bot) -> None:
    await sandbox.hand_out_updates(2)
    await sandbox.say("Hello")
    (first,) = await bot.get_updates()
    (second,) = await bot.get_updates(offset=first.update_id + 1)
    assert first == second
    assert await bot.get_updates(offset=first.update_id + 1) == ()


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
    _, answer = await sandbox.telegram("getUpdates", limit=2)
    ids = [update["update_id"] for update in answer["result"]]
    assert ids[1] == ids[0] + 1
    _, answer = await sandbox.telegram("getUpdates", offset=ids[1])
    assert [update["message"]["text"] for update in answer["result"]] == [f"text {n}" for n in range(1, 5)]
    _, answer = await sandbox.telegram("getUpdates", offset=-1)
    assert [update["message"]["text"] for update in answer["result"]] == ["text 4"]
    _, answer = await sandbox.telegram("getUpdates")
    assert len(answer["result"]) == 1


async def test_allowed_updates_stay_until_they_are_changed(sandbox: Sandbox) -> None:
    await sandbox.telegram("getUpdates", allowed_updates=["callback_query"])
    await sandbox.say("not wanted")
    await sandbox.forge("wanted")
    _, answer = await sandbox.telegram("getUpdates")
    assert [sorted(update) for update in answer["result"]] == [["callback_query", "update_id"]]


async def test_a_long_poll_answers_as_soon_as_something_comes(sandbox: Sandbox) -> None:
    poll = asyncio.create_task(sandbox.telegram("getUpdates", timeout=50))
    await sandbox.say("here")
    _, answer = await asyncio.wait_for(poll, 10)
    assert answer["result"][0]["message"]["text"] == "here"


async def test_the_older_of_two_pollers_gets_409(sandbox: Sandbox) -> None:
    async def polled() -> bool:
        return bool((await sandbox.call("GET", "state"))["bot"]["connected"])

    older = asyncio.create_task(sandbox.telegram("getUpdates", timeout=50))
    await sandbox.eventually(polled)
    newer = asyncio.create_task(sandbox.telegram("getUpdates", timeout=50))
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
        status, answer = await sandbox.telegram("getUpdates")
        assert status == 409
        assert answer["description"].startswith(
            "Conflict: can't use getUpdates method while webhook is active"
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
    await sandbox.say("Is it gone?", chat=moved["id"])
    heard = [update.effective_message.text for update in await bot.get_updates() if update.effective_message]
    assert "Is it gone?" not in heard
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
