"""The product on a screen as small as a phone's: nothing is cut off, and everything can be tapped."""
# ruff: noqa: RUF001 - Russian words are meant to be in Cyrillic, arrows for the eye

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.acceptance.product import CHROMIUM, PHONE, Chat, Product, button, id_of, open_chat

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; ./test.sh installs it where it can"),
]

CAROL = "Q2Fyb2w="
SMALLEST = 32
"""Pixels: a button lower or narrower than this is hard to hit with a thumb."""

UNTOUCHABLE = """([message, smallest]) => [...document.querySelectorAll(
    `[data-testid="message"][data-message-id="${message}"] [data-testid="button"]`
)].filter(node => {
    node.scrollIntoView({ block: "nearest" });
    const box = node.getBoundingClientRect();
    const label = node.querySelector("span");
    const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return Math.min(box.width, box.height) < smallest || label.scrollWidth > label.clientWidth || !node.contains(hit);
}).map(node => node.textContent)"""
"""Buttons that are too small, whose label is cut off, or that something covers or the edge of the screen hides.

Found and measured in one step: the page may draw the message anew between two.
"""

TOO_WIDE = """() => [document.documentElement, document.querySelector("#messages")]
    .filter(node => node.scrollWidth > node.clientWidth).map(node => node.tagName)"""


FAINT = """() => {
    const channels = text => (text.match(/[\\d.]+/g) ?? []).map(Number);
    const over = (top, below) => below.map((part, at) => part * (1 - (top[3] ?? 1)) + top[at] * (top[3] ?? 1));
    const light = parts => parts.map(part => part / 255)
        .map(part => part <= 0.04 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
    const behind = node => node
        ? over(channels(getComputedStyle(node).backgroundColor), behind(node.parentElement)) : [255, 255, 255];
    return [...document.querySelectorAll("body *")].filter(node => node.getClientRects().length
        && [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim())).filter(node => {
        const wall = behind(node), ink = over(channels(getComputedStyle(node).color), wall);
        const [dark, bright] = [light(ink), light(wall)].sort((a, b) => a - b);
        return (bright + 0.05) / (dark + 0.05) < 4.5;
    }).map(node => node.textContent);
}"""
"""Texts that are hard to read: a contrast of less than 4.5 to 1, as WCAG AA counts it. Spoilers are meant to be."""


async def readable(chat: Chat) -> None:
    """Every text on the page can be read in the light and in the dark."""
    for scheme in ("light", "dark"):
        await chat.page.emulate_media(color_scheme=scheme)
        assert (scheme, await chat.page.evaluate(FAINT)) == (scheme, [])


async def fits(chat: Chat, message: Locator, least: int) -> None:
    """The message and its buttons, `least` or more of them, are whole, and a thumb could tap each."""
    buttons = message.get_by_test_id("button")
    assert await buttons.count() >= least
    assert await chat.page.evaluate(UNTOUCHABLE, [await id_of(message), SMALLEST]) == []
    assert await chat.page.evaluate(TOO_WIDE) == []


async def test_order_calendar_and_clock_fit(product: Product, browser: Browser) -> None:
    async with open_chat(browser, product, PHONE) as chat:
        await fits(chat, await chat.ask("/send", "What would you like to say?"), 1)
        card = await chat.ask("x" * 300 + " https://example.org/" + "y" * 300, "Who should get it?")
        await fits(chat, card, 4)
        card = await chat.ask("telegram:1001, whatsapp:+12025550123, viber:alice", "3: Telegram 1")
        await fits(chat, card, 5)
        card = await chat.tap_below(card, "✔ Done", "Preview ↑")
        await fits(chat, card, 3)
        await fits(chat, await chat.tap(card, "🕒", "When should it go out?"), 6)
        await fits(chat, await chat.tap(card, "🗓", "Which day?"), 40)
        await button(card, "›").click()
        await expect(button(card, "‹")).to_be_visible()
        await fits(chat, card, 40)
        await card.locator(".row").first.get_by_test_id("button").nth(1).click()
        await expect(card).to_contain_text("Which month?")
        await fits(chat, card, 3)
        await card.get_by_test_id("button").first.click()
        await expect(card).to_contain_text("Which year?")
        await fits(chat, card, 2)
        await chat.tap(card, "« Back", "Which day?")
        await card.locator(".row").nth(3).get_by_test_id("button").nth(3).click()
        await expect(card).to_contain_text("What time on")
        await fits(chat, card, 34)
        preview = await chat.tap(card, "✅", "Preview ↑")
        await fits(chat, preview, 3)
        await chat.tap(preview, "✏ Edit", "What would you like to change?")
        await fits(chat, preview, 6)
        await chat.tap(preview, "🗑", "Delete this draft?")
        await fits(chat, preview, 2)
        await chat.tap(preview, "🗑", "Draft deleted.")
    assert await product.sandbox.complaints() == []


async def test_lists_items_and_questions_fit(product: Product, browser: Browser) -> None:
    async with open_chat(browser, product, PHONE) as chat:
        for number in range(6):
            order = (
                f"/send telegram:1001, telegram:1004 | in {number + 30} min | Number {number} of a long list"
            )
            card = await chat.ask(order, "Preview ↑")
            await chat.tap(card, "✅", "🗓 Scheduled")
        listed = await chat.ask("/scheduled", "Scheduled · 6")
        await fits(chat, listed, 7)
        await chat.tap(listed, "›", "page 2/2")
        await fits(chat, listed, 3)
        await chat.tap(listed, "1", "🗓 Scheduled #")
        await fits(chat, listed, 4)
        await fits(chat, await chat.tap(listed, "✖ Cancel", "Nothing will be sent"), 2)
        await chat.tap(listed, "« Keep it", "🗓 Scheduled #")
        await fits(chat, await chat.tap(listed, "🚀", "now?"), 2)
        report = await chat.tap_below(listed, "✅ Yes", "Sent to 1 of 2")
        await fits(chat, report, 2)
        await chat.tap(report, "More", "Sent to 1 of 2")
        await fits(chat, await chat.tap_below(report, "👥 Everyone", "Telegram 1001"), 1)
        history = await chat.ask("/finished", "Sent · 1")
        await fits(chat, history, 5)
        for screen, buttons in (("/start", 5), ("/status", 4), ("/purge", 3), ("/log", 2), ("/admins", 4)):
            await fits(chat, await chat.ask(screen, ""), buttons)
        choices = await chat.ask("/purge", "What do you want to delete?")
        await fits(chat, await chat.tap(choices, "Cancel all scheduled · 5", "They won't be sent"), 2)
        await readable(chat)
        await chat.tap(choices, "✖ Yes, cancel 5", "Cancelled 5.")
    assert await product.sandbox.complaints() == []


async def test_the_phones_of_the_recipients_stand_behind_a_tab(product: Product, browser: Browser) -> None:
    async with open_chat(browser, product, PHONE) as chat:
        card = await chat.ask(f"/send viber:{CAROL} | " + "long" * 80, "Preview ↑")
        await chat.tap(card, "✅", "✔ Sent to 1 person")
        await expect(chat.phone("viber", CAROL)).to_be_hidden()
        await chat.page.get_by_test_id("tab-phones").click()
        await expect(chat.phone("viber", CAROL)).to_have_text(["long" * 80])
        await expect(chat.phone("viber", CAROL)).to_be_visible()
        await expect(chat.page.get_by_test_id("chat-input")).to_be_hidden()
        assert await chat.page.evaluate(TOO_WIDE) == []
        await readable(chat)


async def test_the_way_of_a_broadcast_fits_in_russian_too(product: Product, browser: Browser) -> None:
    """Russian words are longer. The page sets the language of the app; what is drawn next speaks it."""
    async with open_chat(browser, product, PHONE) as chat:
        await chat.speak("ru")
        await fits(chat, await chat.ask("/start", "Здравствуйте"), 5)
        card = await chat.ask("/send", "Что вы хотите сообщить?")
        await fits(chat, card, 1)
        card = await chat.ask("Скидки на всё до конца недели", "Кому отправить?")
        card = await chat.ask("telegram:1001, whatsapp:+12025550123, viber:alice", "3: Telegram 1")
        await fits(chat, card, 5)
        card = await chat.tap_below(card, "✔", "Так это увидят ↑")
        await fits(chat, card, 3)
        await fits(chat, await chat.tap(card, "🕒", "Когда отправить?"), 6)
        await fits(chat, await chat.tap(card, "🗓", "В какой день?"), 40)
        await card.locator(".row").nth(5).get_by_test_id("button").nth(3).click()
        await expect(card).to_contain_text("во сколько")
        await fits(chat, card, 34)
        preview = await chat.tap(card, "✅", "Так это увидят ↑")
        await fits(chat, preview, 3)
        await chat.tap(preview, "✅", "Запланировано")
        listed = await chat.ask("/scheduled", "Запланировано · 1")
        await chat.tap(listed, "1", "Кому 3")
        await fits(chat, listed, 4)
        await fits(chat, await chat.tap(listed, "✖ Отменить", "Ничего не будет отправлено"), 2)
        await chat.tap(listed, "✖ Да, отменить", "Отменено")
        for screen, buttons in (("/finished", 5), ("/status", 4), ("/purge", 1), ("/audiences", 2)):
            await fits(chat, await chat.ask(screen, ""), buttons)
        await chat.speak("en")
        await chat.ask("/status", "Messages go out")
    assert await product.sandbox.complaints() == []


async def test_with_type_twice_as_large_nothing_is_cut(product: Product, browser: Browser) -> None:
    async with open_chat(browser, product, PHONE) as chat:
        await chat.page.evaluate("document.documentElement.style.fontSize = '187.5%'")
        for kind in ("voice", "poll"):
            await chat.page.get_by_test_id("chat-attach").click()
            await chat.page.get_by_test_id(f"attach-{kind}").click()
        await chat.page.get_by_test_id("chat-file").set_input_files(
            {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
        )
        file = chat.page.get_by_test_id("message").filter(has_text="plan.pdf").last
        # An earlier offer, for the first two, may be there already.
        offer = await chat.below(await id_of(file), "Send these messages to people as one?")
        await readable(chat)
        await fits(chat, offer, 2)
        await chat.tap(offer, "No", "Draft deleted.")
