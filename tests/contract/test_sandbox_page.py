"""The page, in a real browser: chat with a bot, keyboards, edits, toasts, files, phones, reconnect."""

import asyncio
import contextlib
import re
import shutil
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, ViewportSize, async_playwright, expect

from tests.support.sandbox_server import (
    ADMIN,
    STRANGER,
    TELEGRAM_TOKEN,
    Sandbox,
    running_sandbox,
    sandbox_process,
)

Json = dict[str, Any]
CHROMIUM: Final = shutil.which("chromium") or shutil.which("google-chrome")
DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 800}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}

CUT_PLACEHOLDER: Final = """node => {
    const box = getComputedStyle(node), text = getComputedStyle(node, "::placeholder");
    const paper = document.createElement("canvas").getContext("2d");
    paper.font = `${text.fontSize} ${text.fontFamily}`;
    const room = node.clientWidth - parseFloat(box.paddingLeft) - parseFloat(box.paddingRight);
    return paper.measureText(node.placeholder).width > room;
}"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; ./test.sh installs it where it can"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One for all tests; each opens a context of its own."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    """Fake messengers, empty, in the event loop of the browser."""
    async with running_sandbox() as running:
        yield running


@contextlib.asynccontextmanager
async def opened(browser: Browser, url: str, size: ViewportSize = DESKTOP) -> AsyncIterator[Page]:
    """The page at that size. It may log no error and ask no other address for anything."""
    page = await browser.new_page(viewport=size)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    page.on(
        "request", lambda sent: None if sent.url.startswith((url, "data:")) else problems.append(sent.url)
    )
    await page.goto(url)
    await expect(page.get_by_test_id("me")).to_contain_text("Ann")
    yield page
    await page.close()
    assert [problem for problem in problems if "ERR_" not in problem] == []


async def bot(sandbox: Sandbox, method: str, **params: object) -> Json:
    """The bot calls Telegram; returns the result."""
    address = f"{sandbox.telegram_url}/bot{TELEGRAM_TOKEN}/{method}"
    async with sandbox.http.post(address, json=params) as response:
        answer: Json = await response.json()
        assert answer["ok"], answer
        return answer


@contextlib.asynccontextmanager
async def started(browser: Browser, url: str) -> AsyncIterator[Page]:
    """The page of an admin who has just pressed Start."""
    async with opened(browser, url) as page:
        await page.get_by_test_id("chat-start").click()
        await expect(page.get_by_test_id("message")).to_have_text(re.compile("^/start"))
        yield page


def message(page: Page, message_id: int) -> Locator:
    """The element of one message."""
    return page.locator(f'[data-testid="message"][data-message-id="{message_id}"]')


def rows(*texts: list[str], style: str | None = None) -> Json:
    """An inline keyboard whose buttons carry their text as data."""
    extra = {} if style is None else {"style": style}
    return {"inline_keyboard": [[{"text": t, "callback_data": t, **extra} for t in row] for row in texts]}


async def test_a_person_writes_and_the_bot_reads_it(sandbox: Sandbox, browser: Browser) -> None:
    """Enter sends, Shift+Enter breaks the line, the button sends too."""
    async with started(browser, sandbox.url) as page:
        await page.get_by_test_id("chat-input").fill("/send one")
        await page.get_by_test_id("chat-input").press("Shift+Enter")
        await page.get_by_test_id("chat-input").press_sequentially("two")
        await page.get_by_test_id("chat-input").press("Enter")
        await page.get_by_test_id("chat-input").fill("<img src=x onerror=alert(1)>")
        await page.get_by_test_id("chat-send").click()
        await expect(page.get_by_test_id("message")).to_have_count(3)
        await expect(page.get_by_test_id("chat-messages")).to_contain_text("<img src=x onerror=alert(1)>")
    updates = (await bot(sandbox, "getUpdates"))["result"]
    texts = [update["message"]["text"] for update in updates]
    assert texts == ["/start", "/send one\ntwo", "<img src=x onerror=alert(1)>"]


async def test_formatting_is_shown(sandbox: Sandbox, browser: Browser) -> None:
    html = '😀 <b>bold <i>both</i></b> <code>c</code> <a href="https://example.org/">link</a>'
    sent = await bot(sandbox, "sendMessage", chat_id=ADMIN, text=html, parse_mode="HTML")
    async with opened(browser, sandbox.url) as page:
        shown = message(page, sent["result"]["message_id"])
        await expect(shown.locator("strong")).to_have_text("bold both")
        await expect(shown.locator("strong em")).to_have_text("both")
        await expect(shown.locator("code")).to_have_text("c")
        await expect(shown.locator("a")).to_have_attribute("href", "https://example.org/")


async def test_a_pressed_button_spins_until_the_bot_answers_with_a_notice(
    sandbox: Sandbox, browser: Browser
) -> None:
    await bot(
        sandbox, "sendMessage", chat_id=ADMIN, text="Sure?", reply_markup=rows(["Yes", "No"], style="danger")
    )
    async with opened(browser, sandbox.url) as page:
        button = page.get_by_test_id("button").filter(has_text="Yes")
        await expect(button).to_have_class(re.compile("danger"))
        await button.click()
        await expect(button).to_have_attribute("aria-busy", "true")
        query = (await bot(sandbox, "getUpdates", timeout=15))["result"][0]["callback_query"]
        assert query["data"] == "Yes"
        await bot(sandbox, "answerCallbackQuery", callback_query_id=query["id"], text="Done")
        await expect(page.get_by_test_id("toast")).to_have_text("Done")
        await expect(button).not_to_have_attribute("aria-busy", "true")


async def test_an_alert_is_a_dialog_in_the_window_that_asked(sandbox: Sandbox, browser: Browser) -> None:
    await bot(sandbox, "sendMessage", chat_id=ADMIN, text="Sure?", reply_markup=rows(["Yes"]))
    async with opened(browser, sandbox.url) as page, opened(browser, sandbox.url) as other:
        await page.get_by_test_id("button").click()
        query = (await bot(sandbox, "getUpdates", timeout=15))["result"][0]["callback_query"]
        await bot(
            sandbox, "answerCallbackQuery", callback_query_id=query["id"], text="Mind!", show_alert=True
        )
        await expect(page.get_by_test_id("alert")).to_contain_text("Mind!")
        await expect(other.get_by_test_id("button")).not_to_have_attribute("aria-busy", "true")
        await expect(other.get_by_test_id("alert")).to_be_hidden()
        await page.get_by_test_id("alert-close").click()
        await expect(page.get_by_test_id("alert")).to_be_hidden()


async def test_edits_replace_in_place_and_deletions_remove(sandbox: Sandbox, browser: Browser) -> None:
    sent = await bot(sandbox, "sendMessage", chat_id=ADMIN, text="One", reply_markup=rows(["A"]))
    message_id = sent["result"]["message_id"]
    async with opened(browser, sandbox.url) as page:
        await expect(message(page, message_id).get_by_test_id("button")).to_have_count(1)
        await bot(sandbox, "editMessageText", chat_id=ADMIN, message_id=message_id, text="Two")
        await expect(message(page, message_id)).to_contain_text("Two")
        await expect(message(page, message_id).get_by_test_id("button")).to_have_count(0)
        await bot(sandbox, "deleteMessage", chat_id=ADMIN, message_id=message_id)
        await expect(page.get_by_test_id("message")).to_have_count(0)


async def test_eight_buttons_in_a_row_fit_a_phone(sandbox: Sandbox, browser: Browser) -> None:
    """The chat is shown first, the phones behind a tab; nothing is wider than the screen, nor cut in large type."""
    hours = rows([f"{hour:02}" for hour in range(8)], [f"{hour:02}✔" for hour in range(8, 16)])
    await bot(sandbox, "sendMessage", chat_id=ADMIN, text="What time?", reply_markup=hours)
    async with opened(browser, sandbox.url, PHONE) as page:
        await expect(page.get_by_test_id("button")).to_have_count(16)
        cut_off = "nodes => nodes.filter(node => node.scrollWidth > node.clientWidth).length"
        assert await page.get_by_test_id("button").locator("span").evaluate_all(cut_off) == 0
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        await expect(page.get_by_test_id("phone-telegram-1001")).to_be_hidden()
        long = rows(
            ["✍ New message to everyone", "🗓 Scheduled 1,204"], ["🔔 Everyone who subscribed · 12,000"]
        )
        await bot(sandbox, "sendMessage", chat_id=ADMIN, text="Who should get it?", reply_markup=long)
        await expect(page.get_by_test_id("button")).to_have_count(19)
        await page.evaluate("document.documentElement.style.fontSize = '200%'")  # as large type does
        assert await page.get_by_test_id("button").locator("span").evaluate_all(cut_off) == 0
        await expect(page.locator("#me-picture svg")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        await page.evaluate("document.documentElement.style.fontSize = ''")
        await page.get_by_test_id("tab-phones").click()
        await expect(page.get_by_test_id("phone-telegram-1001")).to_be_visible()
        await expect(page.get_by_test_id("chat-input")).to_be_hidden()
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("size", [PHONE, {"width": 390, "height": 500}, {"width": 320, "height": 568}])
async def test_large_type_leaves_the_header_on_the_screen_and_the_placeholder_whole(
    sandbox: Sandbox, browser: Browser, size: ViewportSize
) -> None:
    async with started(browser, sandbox.url) as page:
        await page.set_viewport_size(size)
        await page.evaluate("document.documentElement.style.fontSize = '187.5%'")
        await page.get_by_test_id("chat-input").click()
        for shown in ("tab-chat", "tab-phones", "open-simulate", "chat-input", "chat-send", "chat-commands"):
            box = await page.get_by_test_id(shown).bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["y"] >= 0
            assert box["x"] + box["width"] <= size["width"]
            assert box["y"] + box["height"] <= size["height"]
        assert await page.get_by_test_id("chat-input").evaluate(CUT_PLACEHOLDER) is False


async def test_the_menu_opens_on_a_slash_and_is_the_persons_own(sandbox: Sandbox, browser: Browser) -> None:
    await bot(sandbox, "setMyCommands", commands=[{"command": "stop", "description": "No more news"}])
    scope = {"type": "chat", "chat_id": ADMIN}
    await bot(sandbox, "setMyCommands", commands=[{"command": "send", "description": "Send"}], scope=scope)
    async with started(browser, sandbox.url) as page:
        await page.get_by_test_id("chat-input").press_sequentially("/")
        await expect(page.get_by_test_id("menu-command")).to_have_text("/sendSend")
        await page.get_by_test_id("menu-command").click()
        await expect(page.get_by_test_id("message").last).to_contain_text("/send")
        await page.get_by_test_id("open-simulate").click()
        await page.get_by_test_id(f"person-{STRANGER}").click()
        await page.get_by_test_id("chat-start").click()
        await expect(page.get_by_test_id("message")).to_contain_text("/start")
        await page.get_by_test_id("chat-input").press_sequentially("/")
        await expect(page.get_by_test_id("menu-command")).to_have_text("/stopNo more news")
    assert [m["text"] for m in await sandbox.messages(STRANGER)] == ["/start"]


async def test_files_are_attached_and_offered_for_download(sandbox: Sandbox, browser: Browser) -> None:
    async with started(browser, sandbox.url) as page:
        file: Any = {"name": "list.csv", "mimeType": "text/csv", "buffer": b"a,b\n"}
        await page.get_by_test_id("chat-file").set_input_files(file)
        link = page.get_by_test_id("document")
        await expect(link).to_contain_text("list.csv")
        async with page.expect_download() as offered:
            await link.click()
        download = await offered.value
        assert download.suggested_filename == "list.csv"
        assert await asyncio.to_thread(Path(await download.path()).read_bytes) == b"a,b\n"
        await sandbox.send_file("dot.png", _png(), content_type="image/png")
        await expect(page.locator("img")).to_have_js_property("naturalWidth", 2)
        await expect(page.locator("a:has(img)")).to_have_attribute("href", re.compile("^/sandbox/files/"))


async def test_a_message_of_each_kind_is_at_hand_and_can_be_told_from_the_others(
    sandbox: Sandbox, browser: Browser
) -> None:
    shown = {
        "voice": "0:07",
        "video_note": "0:07",
        "animation": "GIF",
        "location": "Club house",
        "poll": "Saturday morning",
    }
    async with started(browser, sandbox.url) as page:
        chat = page.get_by_test_id("message")
        for kind in (*shown, "sticker"):
            await page.get_by_test_id("chat-attach").click()
            await page.get_by_test_id(f"attach-{kind}").click()
            await expect(chat.get_by_test_id(kind)).to_contain_text(shown.get(kind, ""))
        await expect(chat.get_by_test_id("sticker")).to_have_js_property("naturalWidth", 128)
        poll = {"question": "Lunch?", "options": [{"text": "Pizza"}, {"text": "Pasta"}]}
        await bot(sandbox, "sendPoll", chat_id=1001, **poll)
        phone = page.get_by_test_id("phone-telegram-1001").get_by_test_id("poll")
        await expect(phone.locator("li")).to_have_text(["Pizza", "Pasta"])


async def test_phones_show_what_landed_and_why_nothing_does(sandbox: Sandbox, browser: Browser) -> None:
    async with opened(browser, sandbox.url) as page:
        frank = page.get_by_test_id("phone-telegram-1003")
        await expect(frank.get_by_test_id("phone-badge")).to_have_text("blocked the bot")
        await bot(sandbox, "sendMessage", chat_id=1001, text="שלום")
        alice = page.get_by_test_id("phone-telegram-1001")
        await expect(alice.get_by_test_id("phone-message")).to_contain_text("שלום")
        await expect(alice.locator(".text")).to_have_css("direction", "rtl")
        await expect(frank).to_be_hidden()
        await page.get_by_test_id("more-people").click()
        await expect(frank).to_be_visible()
        await alice.get_by_test_id("phone-simulate").click()
        await alice.get_by_test_id("phone-action").click()
        await expect(alice.get_by_test_id("phone-badge")).to_have_text("blocked the bot")


async def test_the_page_finds_its_way_back_after_a_restart(tmp_path: Path, browser: Browser) -> None:
    state = tmp_path / "sandbox.json"
    async with sandbox_process(state) as first:
        await first.say("before")
        port = int(first.url.rsplit(":", 1)[1])
    async with contextlib.AsyncExitStack() as stack:
        second = await stack.enter_async_context(sandbox_process(state, port))
        page = await browser.new_page()
        await page.goto(second.url)
        await expect(page.get_by_test_id("message")).to_have_count(1)
        await stack.aclose()
        await expect(page.locator("#offline")).to_be_visible()
        async with sandbox_process(state, port) as third:
            await third.say("after")
            await expect(page.get_by_test_id("message")).to_have_count(2, timeout=15_000)
            await expect(page.locator("#offline")).to_be_hidden()


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" + b"\xff" * 6 + b"\0" + b"\x00" * 6)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


async def test_phones_show_files_and_buttons_that_open_addresses(browser: Browser, sandbox: Sandbox) -> None:
    shop = {"text": "Shop", "url": "https://example.com/shop"}
    await bot(
        sandbox,
        "sendDocument",
        chat_id=1001,
        document="https://example.com/list.pdf",
        caption="Read",
        protect_content=True,
        reply_markup={"inline_keyboard": [[shop]]},
    )
    headers = {"X-Viber-Auth-Token": "sandbox-viber"}
    picture = {"type": "picture", "text": "*Look* ", "media": "https://example.com/a.jpg"}
    body = {"receiver": "alice", "sender": {"name": "Shop"}, **picture}
    await sandbox.http.post(f"{sandbox.viber_url}/pa/send_message", json=body, headers=headers)
    async with opened(browser, sandbox.url) as page:
        alice = page.get_by_test_id("phone-telegram-1001")
        await expect(alice.get_by_test_id("document")).to_have_attribute(
            "href", "https://example.com/list.pdf"
        )
        await expect(alice.get_by_test_id("phone-button")).to_have_attribute("href", shop["url"])
        await expect(alice.get_by_test_id("phone-message")).to_contain_text("Cannot be forwarded")
        await page.get_by_test_id("more-people").click()
        shown = page.get_by_test_id("phone-viber-alice")
        await expect(shown.get_by_test_id("document")).to_contain_text("a.jpg")
        await expect(shown.locator("strong").get_by_text("Look")).to_be_visible()


async def test_a_new_chat_begins_with_a_greeting_and_start_alone(sandbox: Sandbox, browser: Browser) -> None:
    """Three steps above, three people in front, one button; the step is done once it was taken."""
    async with opened(browser, sandbox.url, PHONE) as page:
        await expect(page.get_by_test_id("greeting")).to_contain_text("Press Start")
        await expect(page.get_by_test_id("chat-input")).to_be_hidden()
        steps = page.get_by_test_id("steps").locator("li")
        await expect(steps.nth(0)).to_have_attribute("aria-current", "step")
        await page.get_by_test_id("chat-start").click()
        await expect(page.get_by_test_id("greeting")).to_be_hidden()
        await expect(page.get_by_test_id("chat-input")).to_be_visible()
        await expect(steps.nth(1)).to_have_attribute("aria-current", "step")
        await bot(sandbox, "sendMessage", chat_id=1001, text="Hello")
        await expect(steps.nth(2)).to_have_attribute("aria-current", "step")
        await expect(page.get_by_test_id("tab-phones")).to_have_text("Phones 1")
        await page.get_by_test_id("tab-phones").click()
        await expect(page.locator(".front .who strong")).to_have_text(["Alice", "Bob", "Carol"])
        await expect(steps).to_have_class(["done"] * 3)
        await page.get_by_test_id("steps-hide").click()
        await expect(page.get_by_test_id("steps-done")).to_be_hidden()


async def test_the_menu_of_a_message_replies_and_edits(sandbox: Sandbox, browser: Browser) -> None:
    sent = (await bot(sandbox, "sendMessage", chat_id=ADMIN, text="How are you?"))["result"]["message_id"]
    async with opened(browser, sandbox.url, PHONE) as page:
        await message(page, sent).locator(".text").click()
        await page.get_by_test_id("message-reply").click()
        await expect(page.get_by_test_id("purpose")).to_contain_text("How are you?")
        await page.get_by_test_id("chat-input").fill("Fine")
        await page.get_by_test_id("chat-input").press("Enter")
        await expect(page.get_by_test_id("purpose")).to_be_hidden()
        own = page.locator('[data-testid="message"][data-from="person"]')
        await expect(own.locator(".quote")).to_contain_text("How are you?")
        await own.focus()
        await own.press("Enter")
        await page.get_by_test_id("message-edit").click()
        await page.get_by_test_id("chat-input").fill("Very well")
        await page.get_by_test_id("chat-send").click()
        await expect(own).to_contain_text("Very well")
    said = (await bot(sandbox, "getUpdates"))["result"]
    assert said[0]["message"]["reply_to_message"]["message_id"] == sent
    assert said[1]["edited_message"]["text"] == "Very well"


async def test_people_and_contacts_are_shared_where_the_bot_asks(sandbox: Sandbox, browser: Browser) -> None:
    asked = {"request_id": 7, "max_quantity": 3, "request_name": True}
    below = {"keyboard": [[{"text": "Choose people", "request_users": asked}]], "one_time_keyboard": True}
    await bot(sandbox, "sendMessage", chat_id=ADMIN, text="Who?", reply_markup=below)
    async with opened(browser, sandbox.url, PHONE) as page:
        await page.get_by_test_id("reply-button").click()
        await page.get_by_test_id("pick-1001").click()
        await page.get_by_test_id("pick-1004").click()
        await page.get_by_test_id("picker-done").click()
        await expect(page.get_by_test_id("message").last).to_contain_text("Shared: Alice, Dave")
        await expect(page.get_by_test_id("reply-keyboard")).to_be_hidden()
        await page.get_by_test_id("chat-attach").click()
        await page.get_by_test_id("attach-contact").click()
        await page.get_by_test_id("pick-1002").click()
        await expect(page.get_by_test_id("message").last).to_contain_text("Bob")
        own = {"keyboard": [[{"text": "My number", "request_contact": True}]]}
        await bot(sandbox, "sendMessage", chat_id=ADMIN, text="Yours?", reply_markup=own)
        await page.get_by_test_id("reply-button").click()
        await expect(page.get_by_test_id("message").last).to_contain_text("+12025550100")
    shared, card, mine = [update["message"] for update in (await bot(sandbox, "getUpdates"))["result"]]
    assert shared["users_shared"]["request_id"] == 7
    assert [(u["user_id"], u["first_name"]) for u in shared["users_shared"]["users"]] == [
        (1001, "Alice"),
        (1004, "Dave"),
    ]
    assert card["contact"] == {"phone_number": "+12025550124", "first_name": "Bob", "user_id": 1002}
    assert mine["contact"]["user_id"] == ADMIN


async def test_a_link_to_the_bot_is_opened_by_somebody_of_the_sandbox(
    sandbox: Sandbox, browser: Browser
) -> None:
    link = "https://t.me/sandbox_bot?start=club"
    shared = f"https://t.me/share/url?url={link.replace('?', '%3F').replace('=', '%3D')}"
    buttons = {"inline_keyboard": [[{"text": "Open", "url": link}, {"text": "Share", "url": shared}]]}
    await bot(sandbox, "sendMessage", chat_id=ADMIN, text="Invite", reply_markup=buttons)
    async with opened(browser, sandbox.url, PHONE) as page:
        for label, person in (("Open", 1004), ("Share", 1002)):
            await page.get_by_test_id("button").filter(has_text=label).click()
            await page.get_by_test_id(f"pick-{person}").click()
            await expect(page.get_by_test_id("toast")).to_contain_text("pressed Start")
    updates = [update["message"] for update in (await bot(sandbox, "getUpdates"))["result"]]
    assert [(m["from"]["id"], m["text"]) for m in updates] == [(1004, "/start club"), (1002, "/start club")]


async def test_people_write_back_from_their_phones(sandbox: Sandbox, browser: Browser) -> None:
    sent = (await bot(sandbox, "sendMessage", chat_id=1001, text="Are you coming?"))["result"]["message_id"]
    async with opened(browser, sandbox.url) as page:
        alice = page.get_by_test_id("phone-telegram-1001")
        await alice.get_by_test_id("phone-message").locator(".text").click()
        await alice.get_by_test_id("phone-input").fill("Yes, with Dave")
        await alice.get_by_test_id("phone-send").click()
        await expect(alice.get_by_test_id("phone-own-message")).to_contain_text("Are you coming?")
        bob = page.get_by_test_id("phone-whatsapp-+12025550124")
        await bob.get_by_test_id("phone-input").fill("Hello")
        await bob.get_by_test_id("phone-input").press("Enter")
        await expect(bob.get_by_test_id("phone-own-message")).to_contain_text("Hello")
    (update,) = (await bot(sandbox, "getUpdates"))["result"]
    assert update["message"]["reply_to_message"]["message_id"] == sent
