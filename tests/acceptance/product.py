"""The whole product, started as a newcomer starts it, and the page in a real browser as the newcomer sees it."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp
from playwright.async_api import Browser, Locator, Page, ViewportSize, async_playwright, expect

from core.app import open_core
from core.services.purge import PurgeKind
from core.settings import Settings, load_settings
from tests.support.processes import Program
from tests.support.sandbox_server import Sandbox

CHROMIUM: Final = shutil.which("chromium") or shutil.which("google-chrome")
DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 800}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
PATIENCE: Final = 30.0
"""Seconds; nothing takes so long, but a busy machine may."""


_UNTIL: Final = """([find, about, patience]) => new Promise(resolve => {
    const plain = text => text.replace(/\\s+/g, " ");
    const shown = (place, part) => [...document.querySelectorAll(`[data-testid="message"]${place}`)].filter(
        node => plain(node.textContent).includes(plain(part)) && node.getClientRects().length);
    const found = {
        below: ([after, changed, part]) => shown('[data-from="bot"]', part).map(node => +node.dataset.messageId)
            .findLast(id => id > after || id === changed),
        own: ([after]) => shown('[data-from="person"]', "").map(node => +node.dataset.messageId)
            .find(id => id > after),
        shows: ([id, part]) => shown(`[data-message-id="${id}"]`, part).length,
    }[find];
    const end = value => { watcher.disconnect(); clearTimeout(timer); resolve(value); };
    const look = () => { const value = found(about); if (value) end(Number(value)); };
    const watcher = new MutationObserver(look);
    const timer = setTimeout(() => end(0), patience);
    watcher.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    look();
})"""
"""Resolves at the change of the page after which a message is there, to its id; to 0 if that never happens."""

_LAST_OWN: Final = """() => Math.max(0, ...[...document.querySelectorAll(
    '[data-testid="message"][data-from="person"]')].map(node => +node.dataset.messageId))"""

_SECRET: Final = re.compile(r"\d{5,}:[A-Za-z0-9_-]{20,}|\+\d{9,}")
"""Tokens of bots, and phone numbers."""
_TELLING: Final = 6
"""Characters from which on a text or an address is no accident."""


async def eventually(check: Callable[[], Awaitable[bool]]) -> None:
    """Waits until `check` holds. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while not await check():  # noqa: ASYNC110 - what is waited for happens in other processes
            await asyncio.sleep(0.05)


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return str(listener.getsockname()[1])


class Product:
    """Launcher, store, sandbox, bot, worker, scheduler and API, on ports and in a folder of their own."""

    def __init__(self, folder: Path, http: aiohttp.ClientSession, **settings: str) -> None:
        variables = {
            "DATA_DIR": str(folder / "data"),
            "SANDBOX_PORT": free_port(),
            "API_PORT": free_port(),
            "UNDO_SECONDS": "0",
            "LOG_LEVEL": "INFO",
            **settings,
        }
        self.url = f"http://127.0.0.1:{variables['SANDBOX_PORT']}"
        self.api_url = f"http://127.0.0.1:{variables['API_PORT']}"
        self.sandbox = Sandbox(self.url, http)
        self._launcher = Program(("-m", "launcher"), variables)
        self._folder = folder
        self._said_before = ""

    @property
    def said(self) -> str:
        """All that stood in the terminal since the last start."""
        return self._launcher.said

    async def start(self) -> None:
        """Until it says where to look; may be called again after `stop`, on the same data."""
        self._said_before += self._launcher.said
        self._launcher.said = ""
        await self._launcher.start()
        await self._launcher.says("and press Start", PATIENCE * 2)

    async def has_sent_before(self) -> None:
        """As if somebody had: the first broadcast ever takes one more tap where it cannot be undone."""
        async with open_core(self._settings) as core:
            await core.ledger.remember_sent()

    async def clear(self) -> None:
        """Nothing is scheduled and nothing was sent; the sandbox's books are empty, and its phones as they are."""
        async with open_core(self._settings) as core:

            async def done() -> bool:
                return not await core.broadcasts.running()

            await eventually(done)
            offer = await core.purge.offer(PurgeKind.CANCEL_SCHEDULED)
            await core.purge.carry_out(offer.kind, expected=offer.broadcasts)
            await core.purge.delete_ended()
        await self.sandbox.clear_books()

    @property
    def _settings(self) -> Settings:
        return load_settings({"DATA_DIR": str(self._folder / "data" / "sandbox")}, env_file=None)

    async def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        self._launcher.signal(signal.SIGINT)
        return await self._launcher.ended(PATIENCE)

    async def says(self, words: str) -> None:
        """Waits until `words` stand in the terminal."""
        await self._launcher.says(words, PATIENCE)

    def worker_pid(self) -> int:
        """The process of the worker that reported last."""
        return int(re.findall(r"worker \S+-(\d+)-\w+ is ready", self.said)[-1])

    async def private(self) -> set[str]:
        """Texts that reached people, and their addresses; none once the sandbox is stopped."""
        try:
            delivered = await self.sandbox.delivered()
        except aiohttp.ClientError:
            return set()
        found = {str(one[part]) for one in delivered for part in ("text", "recipient")}
        return {line for one in found for line in one.splitlines() if len(line) >= _TELLING}

    def told(self, private: set[str]) -> list[str]:
        """Lines of the terminal that hold a token, a phone number or something `private`."""
        lines = (self._said_before + self.said).splitlines()
        return [one for one in lines if _SECRET.search(one) or any(part in one for part in private)]

    async def end(self) -> None:
        """Stopped, if it still runs."""
        if self._launcher.runs:
            await self.stop()


@asynccontextmanager
async def running_product(
    folder: Path, sent_before: bool = True, /, **settings: str
) -> AsyncIterator[Product]:
    """Up and running; at its end, all its output is searched for secrets, texts and addresses.

    `sent_before`: as if somebody had; `settings`: variables beside the defaults.
    """
    async with aiohttp.ClientSession() as http:
        product = Product(folder, http, **settings)
        try:
            await product.start()
            if sent_before:
                await product.has_sent_before()
            yield product
            private = await product.private()
        finally:
            await product.end()
        assert product.told(private) == []


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser without a window."""
    async with async_playwright() as playwright:
        expect.set_options(timeout=PATIENCE * 1000)
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


class Chat:
    """The page as one person uses it: types into the chat, taps buttons, looks at the phones."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def become(self, person: int) -> None:
        """Chat as somebody else."""
        await self.page.get_by_test_id("me").click()
        await self.page.get_by_test_id(f"person-{person}").click()
        await expect(self.page.get_by_test_id(f"person-{person}")).to_have_attribute("aria-pressed", "true")

    async def speak(self, language: str) -> None:
        """Set the language of the Telegram app: en or ru."""
        await self.page.get_by_test_id("me").click()
        await self.page.get_by_test_id(f"language-{language}").click()
        await expect(self.page.get_by_test_id(f"language-{language}")).to_have_attribute(
            "aria-pressed", "true"
        )
        await self.page.get_by_test_id("simulate-close").click()

    async def write(self, text: str) -> int:
        """Types and sends; returns the id of the message."""
        before = await self.page.evaluate(_LAST_OWN)
        await self.page.get_by_test_id("chat-input").fill(text)
        await self.page.get_by_test_id("chat-send").click()
        return await self._until("own", before)

    async def ask(self, text: str, expected: str) -> Locator:
        """Writes, and waits for an answer with `expected` in it; returns the answer."""
        return await self.below(await self.write(text), expected)

    async def below(self, message_id: int, expected: str, *, changed: int = 0) -> Locator:
        """The last message of the bot after that one, or `changed` itself, with `expected` in it."""
        return self.message(await self._until("below", message_id, changed, expected))

    async def _until(self, find: str, *about: object) -> int:
        """Waits for a message, told of each change of the page: a page that is asked again and again is slower."""
        found = int(await self.page.evaluate(_UNTIL, [find, list(about), PATIENCE * 1000]))
        if not found:
            shown = await self.page.get_by_test_id("message").all_inner_texts()
            raise AssertionError(f"{find} {about} not seen within {PATIENCE} s; the chat: {shown[-3:]}")
        return found

    def message(self, message_id: int) -> Locator:
        return self.page.locator(f'[data-testid="message"][data-message-id="{message_id}"]')

    async def tap(self, message: Locator, label: str, expected: str) -> Locator:
        """Taps the button whose label begins so, and waits until the same message shows `expected`."""
        await button(message, label).click()
        await self._until("shows", await id_of(message), expected)
        return message

    async def tap_below(self, message: Locator, label: str, expected: str) -> Locator:
        """Taps a button and waits for a message after that one."""
        await button(message, label).click()
        return await self.below(await id_of(message), expected)

    def phone(self, messenger: str, address: str) -> Locator:
        """The messages on somebody's phone, oldest first."""
        phone = self.page.get_by_test_id(f"phone-{messenger}-{address}")
        return phone.get_by_test_id("phone-message").locator(".text")


def button(message: Locator, label: str) -> Locator:
    """The button of a message whose label begins so."""
    return message.get_by_test_id("button").filter(has_text=re.compile(f"^{re.escape(label)}")).first


async def id_of(message: Locator) -> int:
    return int(await message.get_attribute("data-message-id") or "")


@asynccontextmanager
async def open_chat(
    browser: Browser,
    product: Product,
    size: ViewportSize = DESKTOP,
    *,
    start: bool = True,
    scale: float = 1,
) -> AsyncIterator[Chat]:
    """The page, opened anew as the admin. It may break nowhere and ask no other address for anything.

    `start`: press Start, if nobody has; `scale`: dots of the screen for each pixel.
    """
    context = await browser.new_context(viewport=size, device_scale_factor=scale)
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "request",
        lambda sent: None if sent.url.startswith((product.url, "data:")) else problems.append(sent.url),
    )
    await page.goto(product.url)
    await expect(page.get_by_test_id("bot-status")).to_have_text("bot")
    chat = Chat(page)
    if start and await page.get_by_test_id("chat-start").is_visible():
        await page.get_by_test_id("chat-start").click()
        await chat.below(0, "")
    yield chat
    await context.close()
    assert problems == []
