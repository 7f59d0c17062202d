"""Take the README's pictures, docs/pictures, of the running product: .venv/bin/python tools/screenshots.py

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

from openpyxl import Workbook  # noqa: E402 - the path comes first
from PIL import Image, ImageDraw  # noqa: E402 - the path comes first
from playwright.async_api import (  # noqa: E402 - the path comes first
    Browser,
    FilePayload,
    FloatRect,
    Locator,
    ViewportSize,
    expect,
)

from core.settings import SECRETS, VARIABLES  # noqa: E402 - the path comes first
from tests.acceptance.product import (  # noqa: E402 - the path comes first
    Chat,
    Product,
    button,
    chromium,
    id_of,
    open_chat,
    running_product,
)

PICTURES: Final = ROOT / "docs" / "pictures"
PAGE: Final[ViewportSize] = {"width": 980, "height": 600}
MOST_BYTES: Final = 400_000
PHONE: Final[ViewportSize] = {"width": 400, "height": 1100}
MARGIN: Final = 6
COLOURS: Final = 128
POSTER: Final = """<body style="margin:0;display:grid;place-items:center;align-content:center;height:100vh;
background:#f6c453;font:800 64px 'DejaVu Sans',sans-serif;color:#4a2511"><span style="font-size:150px">🥖🥐🍞</span>
Friday bread, 20 % off</body>"""
OFFER: Final = "Good morning, {name}! Every loaf is 20 % off until noon."
TRIP: Final = "Dear {name}, the bus to the museum leaves at 8:30. Please be on time."
CLASS: Final = (
    "Alice Adams",
    "Ben Brown",
    "Clara Cole",
    "Dan Diaz",
    "Emma Evans",
    "Finn Ford",
    "Grace Gill",
    "Hugo Hall",
)
NOT_THERE: Final = ("Ivy", "Irving", "+12025550199")
DOORS: Final = "Doors open at 7 tonight. See you there! 🎉"


class Film:
    """An animation of the page; the finger is drawn where it taps."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._frames: list[Image.Image] = []
        self._milliseconds: list[int] = []

    async def show(self, seconds: float, finger: Locator | None = None) -> None:
        """Add a frame shown for that long, with the finger on that element."""
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
        """Write the animation, which repeats endlessly."""
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


async def _picture(chat: Chat, name: str, first: Locator, last: Locator) -> None:
    """Save the messages from `first` to `last`, in the light and in the dark."""
    page = chat.page
    await page.mouse.move(0, 0)
    top = await first.evaluate("node => node.getBoundingClientRect().top") - MARGIN
    bottom = await last.evaluate("node => node.getBoundingClientRect().bottom") + MARGIN
    area: FloatRect = {"x": 0, "y": top, "width": PHONE["width"], "height": bottom - top}
    await page.emulate_media(color_scheme="light")
    _save(await page.screenshot(animations="disabled", clip=area), f"{name}.png")
    await page.emulate_media(color_scheme="dark")
    _save(await page.screenshot(animations="disabled", clip=area), f"{name}-dark.png")


def _save(picture: bytes, file: str) -> None:
    taken = Image.open(io.BytesIO(picture)).convert("RGB")
    taken.quantize(COLOURS, dither=Image.Dither.NONE).save(PICTURES / file, optimize=True)


async def _poster(browser: Browser) -> FilePayload:
    page = await browser.new_page(viewport={"width": 900, "height": 450})
    await page.set_content(POSTER)
    picture = await page.screenshot(type="jpeg", quality=90)
    await page.close()
    return {"name": "bread.jpg", "mimeType": "image/jpeg", "buffer": picture}


async def _offer(chat: Chat, poster: FilePayload) -> None:
    """The README's recipe of a shop's weekly offer, up to the last tap."""
    asked = await chat.ask("/send", "What would you like to say?")
    await chat.page.get_by_test_id("chat-input").fill(OFFER)
    await chat.page.get_by_test_id("chat-file").set_input_files(poster)
    who = await chat.below(await id_of(asked), "Who should get it?")
    preview = await chat.tap_below(who, "🔔 Everyone who subscribed", "Preview ↑")
    for label, said in (
        ("🕒 Later", "When should it go out?"),
        ("🔁 Repeat", "How often should it go out?"),
        ("Every week", "On which days"),
        ("Fri", "On which days"),
        ("🕒 Time", "Every Friday 09:00"),
        ("✅", "Next:"),
        ("✅ Done", "Preview ↑"),
    ):
        await chat.tap(preview, label, said)
    shown = chat.page.locator('[data-testid="message"][data-from="bot"]:has(img)').last
    await _picture(chat, "offer", shown, preview)


async def _class(chat: Chat, product: Product) -> None:
    """The README's recipe of a class; one of its numbers is not on WhatsApp."""
    crowd = await product.sandbox.crowd("whatsapp", len(CLASS))
    numbers = [f"+{int(str(crowd['first'])) + index}" for index in range(len(CLASS))]
    page, file = (
        chat.page,
        _spreadsheet(
            [*((*one.split(), number) for one, number in zip(CLASS, numbers, strict=True)), NOT_THERE]
        ),
    )
    last = await id_of(page.get_by_test_id("message").last)
    await page.get_by_test_id("chat-file").set_input_files(file)
    read = await chat.below(last, "9 people in Class 3B.xlsx")
    await button(read, "✍ Write to these 9 people").click()
    await chat.below(await id_of(read), "What would you like to say?", changed=await id_of(read))
    written = await chat.write(TRIP)
    preview = await chat.below(written, "Preview ↑")
    await button(preview, "✅ Send now").click()
    await expect(preview).to_contain_text("8 of 8 delivered")
    for number in numbers[:6]:
        await product.sandbox.act("whatsapp", number, "read")
    await expect(preview).to_contain_text("6 read")
    await expect(page.get_by_test_id("toast")).to_be_hidden()
    await _picture(chat, "result", chat.message(written), preview)


def _spreadsheet(rows: list[tuple[str, ...]]) -> FilePayload:
    book, file = Workbook(), io.BytesIO()
    for row in (("First name", "Last name", "WhatsApp"), *rows):
        book.active.append(row)
    book.save(file)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"name": "Class 3B.xlsx", "mimeType": kind, "buffer": file.getvalue()}


async def make() -> None:
    """All of them, in a product of their own that leaves nothing behind."""
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
    async with open_chat(browser, product, PHONE, scale=2) as chat:
        await _class(chat, product)
        await _offer(chat, await _poster(browser))


if __name__ == "__main__":
    # A .env here is for the user's own copy of the product.
    os.environ.update(dict.fromkeys((*VARIABLES, *(f"{secret}_FILE" for secret in SECRETS)), ""))
    os.environ["TZ"] = "Europe/Berlin"  # the product's zone and the browser's
    asyncio.run(make())
