"""Cost of the usual errands in taps and typed characters, on a phone's screen, from an empty sandbox on.

Seconds are computed, 1.5 for a tap and 0.15 for a key, so that a slow machine changes nothing. Shown by `pytest -rP`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from tests.acceptance.product import CHROMIUM, PHONE, Chat, button, id_of, open_chat, running_product

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; ./test.sh installs it where it can"),
]

TEXT: Final = "Doors open at 7 tonight"
SECONDS_A_TAP: Final = 1.5
SECONDS_A_KEY: Final = 0.15
THREE: Final = (("telegram", "1001"), ("whatsapp", "+12025550124"), ("viber", "Q2Fyb2w="))


@dataclass(frozen=True)
class Effort:
    """Taps and typed characters."""

    taps: int = 0
    keys: int = 0

    @property
    def seconds(self) -> float:
        return self.taps * SECONDS_A_TAP + self.keys * SECONDS_A_KEY

    def __sub__(self, other: Effort) -> Effort:
        return Effort(self.taps - other.taps, self.keys - other.keys)


class Hand:
    """One thumb on the page, which counts what it does."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.effort = Effort()

    async def tap(self, target: Locator) -> None:
        self.effort = replace(self.effort, taps=self.effort.taps + 1)
        await target.click()

    async def tap_button(self, label: str, said: str) -> Locator:
        """Tap a button of the last message that has it; return that message or a new one, when it says `said`."""
        messages = self.chat.page.get_by_test_id("message")
        labelled = self.chat.page.get_by_test_id("button").filter(has_text=re.compile(f"^{re.escape(label)}"))
        last, tapped = await id_of(messages.last), await id_of(messages.filter(has=labelled).last)
        await self.tap(button(self.chat.message(tapped), label))
        return await self.chat.below(last, said, changed=tapped)

    async def write(self, text: str, said: str) -> Locator:
        """Type and tap Send; return the bot's new message that says `said`."""
        last = await id_of(self.chat.page.get_by_test_id("message").last)
        self.effort = replace(self.effort, keys=self.effort.keys + len(text))
        await self.chat.page.get_by_test_id("chat-input").fill(text)
        await self.tap(self.chat.page.get_by_test_id("chat-send"))
        return await self.chat.below(last, said)


class Walk:
    """The errands one after the other, and what each of them cost."""

    def __init__(self, chat: Chat) -> None:
        self._hand = Hand(chat)
        self._chat = chat
        self.costs: dict[str, Effort] = {}
        self.chips: list[str] = []
        self.month: list[bool] = []
        self.commands: list[str] = []

    async def all(self) -> None:
        await self._measured("the first message to three people", self._first_message)
        await self._measured("the same text again", self._again)
        await self._measured("a message to a saved list", self._to_a_list)
        await self._later()
        await self._measured("another text for a scheduled message", self._another_text)
        await self._calendar()
        await self._menu()

    async def _measured(self, errand: str, do: Callable[[], Awaitable[None]]) -> None:
        before = self._hand.effort
        await do()
        self._note(errand, self._hand.effort - before)

    def _note(self, errand: str, cost: Effort) -> None:
        self.costs[errand] = cost
        sys.stdout.write(f"{errand}: {cost.taps} taps, {cost.keys} keys, {cost.seconds:.1f} s\n")

    async def _first_message(self) -> None:
        await self._hand.tap(self._chat.page.get_by_test_id("chat-start"))
        await self._chat.below(0, "where you are?")
        await self._hand.tap_button("Yes", "Your invite link")
        await self._compose()
        await self._hand.tap_button("✅ Send now", "Sent to 3 people")
        for messenger, address in THREE:
            await expect(self._chat.phone(messenger, address)).to_have_text([TEXT])

    async def _compose(self) -> None:
        """From the button for a new message to its preview."""
        await self._hand.tap_button("✍ New message", "What would you like to say?")
        await self._hand.write(TEXT, "Who should get it?")
        await self._hand.tap_button("👥 Friends", "Preview ↑")

    async def _again(self) -> None:
        await self._hand.tap_button("♻ Send again", "Preview ↑")
        await self._hand.tap_button("✅ Send now", "Sent to 3 people")
        for messenger, address in THREE:
            await expect(self._chat.phone(messenger, address)).to_have_text([TEXT] * 2)

    async def _to_a_list(self) -> None:
        await self._compose()
        await self._hand.tap_button("✅ Send now", "Sent to 3 people")

    async def _later(self) -> None:
        """Cost of a time beyond sending at once."""
        await self._compose()
        before = self._hand.effort
        when = await self._hand.tap_button("🕒 Later", "When should it go out?")
        self.chips = await when.get_by_test_id("button").all_inner_texts()
        await self._hand.tap_button("Tomorrow 9:00", "09:00")
        self._note("later, tomorrow at nine", self._hand.effort - before)
        await self._hand.tap_button("✅ Schedule", "🗓 Scheduled")

    async def _another_text(self) -> None:
        """From the card of the scheduled message."""
        await self._hand.tap_button("✏ Text", "Send me the new text.")
        await self._hand.write("Doors open at 8", "Preview ↑")
        await self._hand.tap_button("✅ Save changes", "Doors open at 8")

    async def _calendar(self) -> None:
        await self._compose()
        await self._hand.tap_button("🕒 Later", "When should it go out?")
        month = await self._hand.tap_button("🗓 Pick a day", "Which day?")
        labels = await month.get_by_test_id("button").all_inner_texts()
        self.month = [bool(label.strip(" ·\u2800\u200b")) for label in labels]

    async def _menu(self) -> None:
        await self._hand.tap(self._chat.page.get_by_test_id("chat-commands"))
        self.commands = (
            await self._chat.page.get_by_test_id("menu-command").locator("strong").all_inner_texts()
        )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def walk(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> AsyncIterator[Walk]:
    folder = tmp_path_factory.mktemp("product")
    async with (
        running_product(folder, False, UNDO_SECONDS="1") as product,
        open_chat(browser, product, PHONE, start=False) as chat,
    ):
        walk = Walk(chat)
        await walk.all()
        yield walk
        assert await product.sandbox.complaints() == []


@pytest.mark.parametrize(
    ("errand", "taps", "seconds"),
    [
        ("the first message to three people", 6, 25),
        ("the same text again", 2, 3),
        ("a message to a saved list", 4, 12),
        ("later, tomorrow at nine", 2, 3),
        ("another text for a scheduled message", 3, 12),
    ],
)
async def test_the_usual_errands_are_short(walk: Walk, errand: str, taps: int, seconds: float) -> None:
    cost = walk.costs[errand]
    assert cost.taps <= taps
    assert cost.seconds <= seconds


async def test_the_time_is_asked_by_four_chips(walk: Walk) -> None:
    """Now, later today, tomorrow, another day; then repeating and the way back."""
    now, today, tomorrow, day, *rest = walk.chips
    assert (now, tomorrow, day) == ("⚡ Now", "Tomorrow 9:00", "🗓 Pick a day")
    assert re.match(r"(Today|Tonight|Tomorrow) ", today)
    assert rest == ["🔁 Repeat", "« Back"]


async def test_the_month_has_no_blank_buttons_but_before_its_first_day(walk: Walk) -> None:
    """Its head and the days of the week are followed by the first week, which has up to six days gone by."""
    blanks = walk.month.count(False)
    first_day = walk.month.index(False) + blanks if blanks else 0
    assert blanks <= 6
    assert all(walk.month[first_day:])


async def test_the_menu_has_five_commands(walk: Walk) -> None:
    assert walk.commands == ["/send", "/scheduled", "/sent", "/lists", "/help"]
