"""A worker is killed in the middle of a broadcast that was ordered in the chat."""

from __future__ import annotations

import os
import re
import signal
from collections import Counter

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.acceptance.product import CHROMIUM, Chat, Product, eventually, open_chat

PEOPLE = 500
SLOTS = 16
"""WORKER_CONCURRENCY of the product: with 200 ms for each, 80 a second."""
LEASE = 45_000
"""Milliseconds: what was on its way counts as lost after 20 s, and is then told to be unknown."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.chaos,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; ./test.sh installs it where it can"),
]


async def test_nobody_is_lost_and_nobody_gets_it_twice(product: Product, browser: Browser) -> None:
    """500 people, kill -9 on the way: the launcher starts the worker again, and the summary tells the truth."""
    async with open_chat(browser, product) as chat:
        await product.sandbox.fault("whatsapp", "delay", ms=200)
        card = await _confirmed(chat, product)
        await _landed(product, PEOPLE // 5)
        os.kill(product.worker_pid(), signal.SIGKILL)
        await product.says("exited (killed by SIGKILL); restarting")
        await expect(card).to_contain_text("Sent to", timeout=LEASE)
        sent, unknown = await _told(card)
        assert sent + unknown == PEOPLE
        assert unknown <= SLOTS
        times = Counter(
            str(one["recipient"]) for one in await product.sandbox.delivered(messenger="whatsapp")
        )
        assert set(times.values()) == {1}
        assert sent <= len(times) <= sent + unknown
        finished = await chat.ask("/finished", "Sent · 1")
        await expect(finished).to_contain_text(f"✔{sent:,}")
        assert await product.sandbox.complaints() == []
        await product.sandbox.clear_faults()


async def _confirmed(chat: Chat, product: Product) -> Locator:
    """The card of a broadcast to a crowd, typed in as many messages as it takes, once it is being sent."""
    crowd = await product.sandbox.crowd("whatsapp", PEOPLE)
    first = int(str(crowd["first"]))
    numbers = [f"+{first + index}" for index in range(PEOPLE)]
    await chat.ask("/send", "What would you like to say?")
    card = await chat.ask("For all of you", "Who should get it?")
    for at in range(0, PEOPLE, 250):
        card = await chat.ask(", ".join(numbers[at : at + 250]), f"{at + 250:,}: WhatsApp")
    preview = await chat.tap_below(card, "✔ Done", "Preview ↑")
    return await chat.tap(preview, "✅ Send now", "▶")


async def _landed(product: Product, count: int) -> None:
    async def enough() -> bool:
        return int((await product.sandbox.books())["delivered"].get("whatsapp", 0)) >= count

    await eventually(enough)


async def _told(message: Locator) -> tuple[int, int]:
    """Numbers of sent and not confirmed recipients, as a message says them."""
    text = await message.inner_text()
    sent = re.search(r"Sent to (\d+)", text)
    unknown = re.search(r"(\d+) not confirmed", text)
    assert sent
    assert " failed" not in text
    return int(sent[1]), int(unknown[1]) if unknown else 0
