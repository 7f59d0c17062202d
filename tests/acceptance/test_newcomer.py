"""A newcomer opens the page, sends, plans, looks, cancels, purges, stops everything, starts again."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.acceptance.product import CHROMIUM, Chat, Product, button, open_chat

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; ./test.sh installs it where it can"),
]

THREE = "telegram:1001, whatsapp:+12025550123, viber:alice"
FIRST = "Hello from the newcomer"


TOAST_BESIDE_THE_CHAT = """() => {
    const chat = document.querySelector(".chat").getBoundingClientRect();
    const middle = parseFloat(document.querySelector("#toast").style.left);  // kept when it is hidden again
    return !(chat.left < middle && middle < chat.right);
}"""


async def test_the_newcomers_walk(product: Product, browser: Browser) -> None:
    """From /help to a report, a planned broadcast, a picked date, a cancelled one, history, purge, and a restart."""
    async with open_chat(browser, product) as chat:
        await _asks_for_help(chat)
        await _sends_at_once(chat)
        await _plans_for_tomorrow(chat)
        await _picks_a_date(chat)
        await _cancels_one(chat)
        await _sees_who_got_it(chat)
        await _is_asked_before_anything_is_deleted(chat)
        preview = await chat.ask("/send viber:bob | Before the restart", "Preview ↑")
        assert await product.sandbox.complaints() == []
        assert await product.stop() == 0
        await expect(chat.page.locator("#offline")).to_be_visible()
        await product.start()
        await expect(chat.page.locator("#offline")).to_be_hidden()
        await chat.tap(preview, "✅ Send now", "Sent to")
        await expect(chat.phone("viber", "bob").last).to_have_text("Before the restart")
        await _finds_everything_again(chat)
        await _deletes_the_history(chat)
    assert await product.sandbox.complaints() == []


async def test_the_terminal_says_where_to_look_and_how_to_go_live(product: Product) -> None:
    assert product.url in product.said
    assert product.api_url in product.said
    assert "TELEGRAM_BOT_TOKEN" in product.said
    assert "Traceback" not in product.said


async def _asks_for_help(chat: Chat) -> None:
    answer = await chat.ask("/help", "/send WHO | WHEN | TEXT")
    for command in ("/send", "/scheduled", "/sent", "/purge"):
        await expect(answer).to_contain_text(command)


async def _reads_and_answers(page: Page) -> None:
    """As the owner of a phone: the ticks turn, and the text written is shown."""
    await page.get_by_test_id("more-people").click()
    phone = page.get_by_test_id("phone-whatsapp-+12025550123")
    await phone.get_by_test_id("phone-read").click()
    await expect(phone.get_by_test_id("ticks").last).to_have_attribute("data-state", "read")
    await phone.get_by_test_id("phone-input").fill("Thank you")
    await phone.get_by_test_id("phone-send").click()
    await expect(phone.get_by_test_id("phone-own-message")).to_contain_text("Thank you")


async def _sends_at_once(chat: Chat) -> None:
    card = await chat.ask(f"/send {THREE} | {FIRST}", "Preview ↑")
    await expect(card).to_contain_text("3: Telegram 1 · WhatsApp 1 · Viber 1")
    await expect(chat.phone("telegram", "1001").filter(has_text=FIRST)).to_have_count(0)
    report = await chat.tap(card, "✅ Send now", "✔ Sent to 3 people")
    await expect(chat.page.get_by_test_id("toast")).to_have_text("Sending")
    assert await chat.page.evaluate(TOAST_BESIDE_THE_CHAT) is False
    await expect(report).to_contain_text(f"“{FIRST}”")
    for messenger, address in (("telegram", "1001"), ("whatsapp", "+12025550123"), ("viber", "alice")):
        await expect(chat.phone(messenger, address).filter(has_text=FIRST)).to_have_text([FIRST])
    await _reads_and_answers(chat.page)
    await expect(chat.phone("telegram", "1002").filter(has_text=FIRST)).to_have_count(0)
    await expect(card).to_contain_text("· 1 read")


async def _plans_for_tomorrow(chat: Chat) -> None:
    card = await chat.ask(f"/send {THREE} | tomorrow 18:30 | Doors open at 7", "Preview ↑")
    await expect(card).to_contain_text(", 18:30 ")
    await chat.tap(card, "✅ Schedule", "🗓 Scheduled")


async def _picks_a_date(chat: Chat) -> None:
    """Wednesday of the week after next, 20:45, by taps alone."""
    card = await chat.ask(f"/send {THREE} | Sale starts now", "Preview ↑")
    await chat.tap(card, "🕒 Later", "When should it go out?")
    days = await chat.tap(card, "🗓 Pick a day", "Which day?")
    wednesday = days.locator(".row").nth(4).get_by_test_id("button").nth(2)
    day = (await wednesday.inner_text()).split()[0].rstrip("•")
    await wednesday.click()
    clock = days
    await expect(clock).to_contain_text(f"Wed {day} ")
    for label in ("20", ":45"):
        await button(clock, label).click()
        await expect(button(clock, label)).to_contain_text("✔")
    preview = await chat.tap(clock, f"✅ Wed {day} ", "Preview ↑")
    await expect(preview).to_contain_text(f"Wed {day} ")
    await chat.tap(preview, "✅ Schedule", "🗓 Scheduled")


async def _cancels_one(chat: Chat) -> None:
    listed = await chat.ask("/scheduled", "Scheduled · 2")
    await expect(listed).to_contain_text("18:30")
    await expect(listed).to_contain_text("Doors open at 7")
    await expect(listed).to_contain_text("20:45")
    await chat.tap(listed, "2", "🗓 Scheduled #")
    await expect(listed).to_contain_text("Sale starts now")
    await chat.tap(listed, "✖ Cancel", "Nothing will be sent")
    await chat.tap(listed, "✖ Yes, cancel", "⏹ Cancelled")
    await chat.tap(listed, "« List", "Scheduled · 1")
    await expect(listed).not_to_contain_text("Sale starts now")


async def _sees_who_got_it(chat: Chat) -> None:
    await expect(chat.page.get_by_test_id("phone-telegram-1003").get_by_test_id("phone-badge")).to_have_text(
        "blocked the bot"
    )
    card = await chat.ask("/send telegram:1001, telegram:1003 | For two", "Preview ↑")
    await chat.tap(card, "✅ Send now", "⚠ Sent to 1 of 2")
    listed = await chat.ask("/finished", "Sent · 3")
    await chat.tap(listed, "1", "“For two”")
    await expect(listed).to_contain_text("Telegram 1003: blocked the bot")
    await button(listed, "More").click()
    await chat.tap(listed, "👥 Everyone 2", "✔ Telegram 1001: sent")
    await chat.tap(listed, "« Back", "⚠ Sent to 1 of 2")
    await chat.tap(listed, "📋 1 failed", "✖ Telegram 1003: blocked the bot")
    await expect(listed).not_to_contain_text("1001")


async def _is_asked_before_anything_is_deleted(chat: Chat) -> None:
    choices = await chat.ask("/purge", "What do you want to delete?")
    await chat.tap(choices, "All finished · 3", "This can't be undone.")
    await expect(button(choices, "🗑 Yes, delete 3")).to_be_visible()
    await chat.tap(choices, "« Keep all", "Nothing changed")
    await chat.ask("/finished", "Sent · 3")


async def _finds_everything_again(chat: Chat) -> None:
    await expect(
        chat.page.get_by_test_id("message").filter(has_text="/send WHO | WHEN | TEXT")
    ).to_be_visible()
    ours = chat.phone("telegram", "1001").filter(has_text=re.compile(f"^({FIRST}|For two)$"))
    await expect(ours).to_have_text([FIRST, "For two"])
    listed = await chat.ask("/scheduled", "Scheduled · 1")
    await chat.tap(listed, "1", "Doors open at 7")
    history = await chat.ask("/finished", "Sent · 4")
    for text in (FIRST, "Sale starts now", "For two", "Before the restart"):
        await expect(history).to_contain_text(f"“{text}”")


async def _deletes_the_history(chat: Chat) -> None:
    choices = await chat.ask("/purge", "What do you want to delete?")
    await chat.tap(choices, "All finished · 4", "This can't be undone.")
    await chat.tap(choices, "🗑 Yes, delete 4", "Deleted 4.")
    await chat.ask("/finished", "Nothing has been sent yet.")
    await chat.ask("/scheduled", "Scheduled · 1")
