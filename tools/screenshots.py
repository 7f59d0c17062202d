"""Take the README's screenshots, docs/images/*.png, of the running product: .venv/bin/python tools/screenshots.py

Needs requirements-dev.txt and Chromium.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.async_api import Browser, Locator, ViewportSize, expect  # noqa: E402 - the path comes first

from core.settings import SECRETS, VARIABLES  # noqa: E402 - the path comes first
from tests.acceptance.product import (  # noqa: E402 - the path comes first
    PHONE,
    Chat,
    Product,
    chromium,
    open_chat,
    running_product,
)

IMAGES: Final = ROOT / "docs" / "images"
PAGE: Final[ViewportSize] = {"width": 1100, "height": 620}
MOST_BYTES: Final = 200_000
DOORS: Final = "Doors open at 7 tonight. See you there! 🎉"
SALE: Final = "Sale starts now: 20 % off everything until Sunday.\nSee you in the shop!"
EVERYBODY: Final = (
    "telegram:1001, telegram:1002, whatsapp:+12025550123, whatsapp:+12025550124, viber:alice, viber:bob"
)
UNREACHED: Final = "telegram:1003, telegram:1004, whatsapp:+12025550199, viber:carol"

Walk = Callable[[Chat, Product], Awaitable[None]]


async def _shoot(chat: Chat, name: str, part: Locator | None = None) -> None:
    """Save a screenshot of `part` or of the whole page, once the toast is gone."""
    await expect(chat.page.get_by_test_id("toast")).to_be_hidden()
    await chat.page.evaluate("document.activeElement?.blur()")
    await chat.page.mouse.move(0, 0)
    file = IMAGES / f"{name}.png"
    await (chat.page if part is None else part).screenshot(path=file, animations="disabled")
    size = await asyncio.to_thread(lambda: file.stat().st_size)
    sys.stdout.write(f"{file.relative_to(ROOT)}  {size // 1000} KB\n")
    if size > MOST_BYTES:
        raise SystemExit(f"{file} is larger than {MOST_BYTES // 1000} KB")


async def _page(chat: Chat, _product: Product) -> None:
    """The whole page: an order to be confirmed, an earlier one on the phones."""
    card = await chat.ask(f"/send {EVERYBODY} | {DOORS}", "Preview ↑")
    await chat.tap_below(card, "✅", "✔ 6 sent")
    await chat.ask(f"/send {EVERYBODY}, {UNREACHED} | tomorrow 9:00 | {SALE}", "Preview ↑")
    await _shoot(chat, "preview")


async def _start_and_order(chat: Chat, _product: Product) -> None:
    await chat.ask("/start", "Hi, ")
    await _shoot(chat, "start")
    await chat.ask("/send", "What would you like to say?")
    await chat.ask(SALE, "Who should get it?")
    await chat.ask(EVERYBODY, "Done")
    await _shoot(chat, "order")


async def _calendar_and_scheduled(chat: Chat, _product: Product) -> None:
    for when, text in (("fri 17:45", "Your order is ready"), ("in 2 d", "Reminder: the class begins at ten")):
        card = await chat.ask(f"/send {EVERYBODY} | {when} | {text}", "Preview ↑")
        await chat.tap(card, "✅", "🗓 Scheduled")
    card = await chat.ask(f"/send {EVERYBODY} | tomorrow 18:30 | {SALE}", "Preview ↑")
    await _shoot(chat, "confirm")
    await chat.tap(card, "🕒 Change time", "When should it go out?")
    await chat.tap(card, "🗓 Pick a day", "Which day?")
    await _shoot(chat, "calendar")
    await chat.tap(card, "« Back", "When should it go out?")
    await chat.tap(card, "Tomorrow 9:00", "Preview ↑")
    await chat.tap(card, "✅", "🗓 Scheduled")
    await chat.ask("/scheduled", "Scheduled · 3")
    await _shoot(chat, "scheduled")


async def _crowds(chat: Chat, product: Product, card: Locator) -> Locator:
    """Types the addresses of some hundreds of people into the open order; returns its card."""
    for messenger, prefix, count in (
        ("telegram", "tg:", 225),
        ("whatsapp", "", 240),
        ("viber", "viber:", 200),
    ):
        crowd = await product.sandbox.crowd(messenger, count)
        start, first = re.fullmatch(r"(\D*)(\d+)", str(crowd["first"])).groups()  # type: ignore[union-attr] # it has digits
        people = ", ".join(f"{prefix}{start}{int(first) + index}" for index in range(count))
        card = await chat.ask(people, messenger.capitalize().replace("app", "App"))
    return card


async def _live_and_status(chat: Chat, product: Product) -> None:
    """A broadcast to a crowd, half way; some of them have blocked the bot."""
    await chat.ask("/send", "What would you like to say?")
    card = await _crowds(chat, product, await chat.ask(SALE, "Who should get it?"))
    preview = await chat.tap_below(card, "✔ Done", "Preview ↑")
    only_in_the_text = SALE.splitlines()[1]
    await product.sandbox.fault("telegram", "blocked", text=only_in_the_text, share=0.06, seed=7)
    await chat.tap(preview, "✅", "▶")
    await expect(preview).to_contain_text(re.compile(r"[3-6]\d %"))
    await _shoot(chat, "live")
    await chat.ask("/status", "⚙ Status")
    await _shoot(chat, "status")
    await expect(preview).to_contain_text("✔ Finished")
    await product.sandbox.clear_faults()


async def _finished(chat: Chat, _product: Product) -> None:
    card = await chat.ask(f"/send {EVERYBODY}, {UNREACHED} | {SALE}", "Preview ↑")
    await chat.tap_below(card, "✅", "✖ 4 failed")
    listed = await chat.ask("/finished", "Finished ·")
    await chat.tap(listed, "1", "✖ 4 failed")
    await _shoot(chat, "finished")


async def _walk(browser: Browser, product: Product, size: ViewportSize, *walks: Walk) -> None:
    async with open_chat(browser, product, size) as chat:
        for walk in walks:
            await walk(chat, product)


async def make() -> None:
    """All pictures, in a product of their own that leaves nothing behind."""
    await asyncio.to_thread(IMAGES.mkdir, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with chromium() as browser, running_product(Path(folder)) as product:
            await _walk(browser, product, PAGE, _page)
            await _walk(
                browser,
                product,
                PHONE,
                _start_and_order,
                _calendar_and_scheduled,
                _live_and_status,
                _finished,
            )


if __name__ == "__main__":
    # What stands in a .env here is for the user's own copy of the product.
    os.environ.update(dict.fromkeys((*VARIABLES, *(f"{secret}_FILE" for secret in SECRETS)), ""))
    os.environ["TZ"] = "Europe/Berlin"  # the product's zone and the browser's
    asyncio.run(make())
