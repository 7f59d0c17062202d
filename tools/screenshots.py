"""Take the README's animation, docs/pictures, of the running product: .venv/bin/python tools/screenshots.py

Needs requirements-dev.txt, Chromium and a font with emoji (Debian: fonts-noto-color-emoji).
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PIL import Image, ImageDraw  # noqa: E402 - the path comes first
from playwright.async_api import Browser, Locator, ViewportSize, expect  # noqa: E402 - the path comes first

from core.settings import SECRETS, VARIABLES  # noqa: E402 - the path comes first
from tests.acceptance.product import (  # noqa: E402 - the path comes first
    Chat,
    Product,
    button,
    chromium,
    open_chat,
    running_product,
)

PICTURES: Final = ROOT / "docs" / "pictures"
PAGE: Final[ViewportSize] = {"width": 980, "height": 600}
MOST_BYTES: Final = 400_000
COLOURS: Final = 128
DOORS: Final = "Doors open at 7 tonight. See you there! 🎉"


class Film:
    """An animation of the page; the finger is drawn where it taps."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._frames: list[Image.Image] = []
        self._milliseconds: list[int] = []

    async def show(self, seconds: float, finger: Locator | None = None) -> None:
        """Add a frame that is shown for so long, with the finger on that element."""
        frame = Image.open(io.BytesIO(await self._chat.page.screenshot(animations="disabled"))).convert("RGB")
        box = await finger.bounding_box() if finger else None
        if box:
            x, y = box["x"] + min(box["width"] / 2, 90), box["y"] + box["height"] / 2
            ImageDraw.Draw(frame, "RGBA").ellipse(
                (x - 16, y - 16, x + 16, y + 16), (255, 140, 0, 120), (255, 255, 255, 230), 2
            )
        self._frames.append(frame)
        self._milliseconds.append(round(seconds * 1000))

    async def tap(self, target: Locator) -> None:
        """Tap, with a frame before it."""
        await target.scroll_into_view_if_needed()
        await self.show(0.9, target)
        await target.click()

    def save(self, file: Path) -> None:
        """Write the animation, which is repeated for ever."""
        palette = self._frames[-1].quantize(COLOURS)
        first, *rest = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in self._frames]
        first.save(
            file, save_all=True, append_images=rest, duration=self._milliseconds, loop=0, optimize=True
        )


async def _film_of_the_first_message(chat: Chat) -> Film:
    """From an empty chat to three phones."""
    page, film = chat.page, Film(chat)
    await expect(page.get_by_test_id("greeting")).to_be_visible()
    await film.show(1.6)
    await film.tap(page.get_by_test_id("chat-start"))
    asked = await chat.below(0, "where you are?")
    await film.tap(button(asked, "Yes"))
    invited = await chat.below(0, "Your invite link")
    await film.show(1.2)
    await film.tap(button(invited, "✍ New message"))
    await chat.below(0, "What would you like to say?")
    for words in (DOORS[:10], DOORS[:24], DOORS):
        await page.get_by_test_id("chat-input").fill(words)
        await film.show(0.5)
    await film.tap(page.get_by_test_id("chat-send"))
    who = await chat.below(0, "Who should get it?")
    await film.tap(button(who, "👥 Friends"))
    preview = await chat.below(0, "Preview ↑")
    await film.show(1.4)
    await film.tap(button(preview, "✅ Send now"))
    await expect(chat.phone("viber", "Q2Fyb2w=")).to_have_text([DOORS])
    await expect(preview).to_contain_text("2 delivered")
    await film.show(2.2)
    bob = page.get_by_test_id("phone-whatsapp-+12025550124")
    await film.tap(bob.get_by_test_id("phone-read"))
    await expect(preview).to_contain_text("1 read")
    await bob.get_by_test_id("phone-input").fill("I'll bring cake")
    await film.tap(bob.get_by_test_id("phone-send"))
    await chat.below(0, "Bob")
    await film.show(3)
    return film


async def make() -> None:
    """The animation, in a product of their own that leaves nothing behind."""
    await asyncio.to_thread(PICTURES.mkdir, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with chromium() as browser, running_product(Path(folder), False, UNDO_SECONDS="1") as product:
            await _take(browser, product)
    for file in sorted(PICTURES.iterdir()):
        size = file.stat().st_size
        sys.stdout.write(f"{file.relative_to(ROOT)}  {size // 1000} KB\n")
        if size > MOST_BYTES:
            raise SystemExit(f"{file} is larger than {MOST_BYTES // 1000} KB")


async def _take(browser: Browser, product: Product) -> None:
    async with open_chat(browser, product, PAGE, start=False) as chat:
        film = await _film_of_the_first_message(chat)
    film.save(PICTURES / "first-message.gif")


if __name__ == "__main__":
    # A .env here is for the user's own copy of the product.
    os.environ.update(dict.fromkeys((*VARIABLES, *(f"{secret}_FILE" for secret in SECRETS)), ""))
    os.environ["TZ"] = "Europe/Berlin"  # the product's zone and the browser's
    asyncio.run(make())
