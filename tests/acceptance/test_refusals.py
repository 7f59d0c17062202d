"""Refusals of the running product: one line each, and nothing is sent."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.acceptance.product import CHROMIUM, Chat, Product, button, open_chat
from tests.support.sandbox_server import ADMIN, STRANGER

OTHER_ADMIN = 101

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; ./test.sh installs it where it can"),
]

ORDERS = {
    "whatsapp:+1202 | Hello": ("“whatsapp:+1202”", "too short", "for example whatsapp:+12025550123"),
    "+49 30 | Hello": ("“+49 30”", "the phone number has no area code", "for example"),
    "telegram:1001, fax:123 | Hello": ("“fax:123”", "no messenger “fax”", "Use telegram:, whatsapp:"),
    "Zoe | Hello": ("“Zoe”", "know this name", "choose a list"),
    "telegram:1001 | yesterday 9:00 | Hello": ("09:00 has passed", "it's "),
    "telegram:1001 | 31.02 9:00 | Hello": ("That month has 2", "Did you mean this?"),
    "telegram:1001 | someday | Hello": ("“someday”", "as a time", "Try: tomorrow 18:30"),
    "telegram:1001 | in 2 years | Hello": ("more than a year ahead",),
}
"""A wrong order, and what its refusal says: what was read, what is wrong, what would be right."""

COMMANDS = {
    "/send telegram:1001 |": "What would you like to say?",
    "/send | Hello": "Who should get it?",
    "/send Hello everybody": "Separate people and message with “|”.",
    "/scheduled ZZZZ": "Message #ZZZZ not found",
    "/finished #ZZZZ": "Message #ZZZZ not found",
    "/finished zzz": "Nothing found.",
    "/purge everything": "delete",
    "/send": "What would you like to say?",
    "/cancel everything": "Cancelled. Nothing changed.",
    "/status please": "Status",
    "/help me": "/send WHO | WHEN | TEXT",
    "/sned telegram:1001 | Hello": "Did you mean /send?",
    "/frobnicate": "I don't know /frobnicate.",
}

NOT_FOR_STRANGERS = re.compile(r"broadcast|admin|draft|/(send|scheduled|finished|purge|status|cancel)", re.I)


async def _answers(chat: Chat, text: str, expected: str) -> str:
    """The one answer to `text`, which ends with nothing more to say: the next command's answer follows at once."""
    said = await chat.write(text)
    await chat.below(said, expected)
    end = await chat.write("/help")
    await chat.below(end, "/")
    between = chat.page.locator(
        f'xpath=//article[@data-from="bot"][number(@data-message-id) > {said}]'
        f"[number(@data-message-id) < {end}]"
    )
    await expect(between).to_have_count(1)
    return await between.inner_text()


async def _nothing_went_out(product: Product) -> None:
    # Once a minute a worker asks each messenger how it is.
    called = [one for name in ("whatsapp", "viber") for one in await product.sandbox.calls(messenger=name)]
    assert [one for one in called if one["method"] not in ("health", "get_account_info")] == []
    landed = await product.sandbox.delivered(messenger="telegram")
    # Both admins are shown what the stranger writes.
    assert {message["recipient"] for message in landed} <= {str(ADMIN), str(OTHER_ADMIN), str(STRANGER)}


async def test_a_wrong_order_gets_one_answer_sends_nothing_and_keeps_the_text(
    product: Product, browser: Browser
) -> None:
    await product.sandbox.clear_books()
    async with open_chat(browser, product) as chat:
        for order, parts in ORDERS.items():
            answer = await _answers(chat, f"/send {order}", parts[0])
            assert all(part in answer for part in parts), answer
            assert any(
                kept in answer for kept in ("Your draft is saved.", "“Hello”", "has passed", "That month")
            ), answer
        said = await chat.write("/send telegram:1001, fax:123 | Hello")
        refusal = await chat.below(said, "“Hello”")
        await chat.tap(
            refusal, "Cancel" if await button(refusal, "Cancel").count() else "🗑", "Delete this draft?"
        )
        await chat.tap(refusal, "🗑 Yes, delete", "Draft deleted.")
    await _nothing_went_out(product)
    assert await product.sandbox.complaints() == []


async def test_every_command_takes_nonsense_with_one_clear_answer(product: Product, browser: Browser) -> None:
    await product.sandbox.clear_books()
    async with open_chat(browser, product) as chat:
        for command, expected in COMMANDS.items():
            answer = await _answers(chat, command, expected)
            assert "went wrong" not in answer
            assert "Traceback" not in answer
    await _nothing_went_out(product)
    assert await product.sandbox.complaints() == []


async def test_a_text_arrives_as_it_was_written_and_once_for_each_person(
    product: Product, browser: Browser
) -> None:
    """Emoji of several parts, right-to-left text, HTML, marks and line breaks; a recipient named twice gets one."""
    text = "👩\u200d👩\u200d👧\u200d👦 שלום! مرحبا\n<b>&amp; 'bold'</b> | 1 < 2 & 3 > 2\n*not* _marked_ %s"
    people = "telegram:1002, whatsapp:+12025550124, viber:bob"
    async with open_chat(browser, product) as chat:
        card = await chat.ask(f"/send {people}, tg:1002, +1 202 555 0124 | now | {text}", "Preview ↑")
        await expect(card).to_contain_text("2 duplicates removed")
        await chat.tap(card, "✅ Send now", "✔ Sent to 3 people")
        for messenger, address in (("telegram", "1002"), ("whatsapp", "+12025550124"), ("viber", "bob")):
            await expect(chat.phone(messenger, address).filter(has_text="1 < 2 & 3 > 2")).to_have_count(1)
            (landed,) = await product.sandbox.delivered(messenger=messenger, recipient=address)
            assert landed["text"] == text
        choices = await chat.ask("/purge all", "This can't be undone.")
        await chat.tap(choices, "🗑 Yes, delete", "Deleted")


async def test_a_stranger_gets_a_friendly_line_and_learns_nothing(product: Product, browser: Browser) -> None:
    async with open_chat(browser, product) as chat:
        preview = await chat.ask("/send telegram:1001 | Hello", "Preview ↑")
        confirm = str(await button(preview, "✅").get_attribute("title"))
        await product.sandbox.clear_books()
        await chat.become(STRANGER)
        await chat.page.get_by_test_id("chat-start").click()
        await chat.below(0, "You'll get our news here.")
        for command in (
            "send telegram:1001 | Hi",
            "scheduled",
            "finished",
            "purge",
            "status",
            "cancel",
            "SEND x",
        ):
            await chat.ask(f"/{command}", "Thanks! This account only sends updates")
        await chat.ask("Let me in", "Thanks! This account only sends updates")
        await chat.ask("/start", "news here")
        # One answer each. From here on a stranger has to wait between two answers.
        answers = chat.page.locator('[data-testid="message"][data-from="bot"]')
        await expect(answers).to_have_count(10)
        await _answers(chat, "/stop", "You're unsubscribed")
        for data in await _admins_data(product, confirm):
            answer = await product.sandbox.forge(data, person=STRANGER, wait=True)
            assert (answer["text"], answer["alert"]) == ("", False)
        told = " ".join(await chat.page.locator('[data-testid="message"][data-from="bot"]').all_inner_texts())
        assert not NOT_FOR_STRANGERS.findall(told)
        await chat.page.get_by_test_id("chat-input").press_sequentially("/")
        await expect(chat.page.get_by_test_id("menu-command").locator("strong")).to_have_text(
            ["/start", "/stop", "/help"]
        )
        await chat.page.get_by_test_id("chat-input").fill("")
        await chat.become(ADMIN)
        await chat.ask("/scheduled", "Nothing scheduled.")
    await _nothing_went_out(product)
    assert await product.sandbox.complaints() == []


async def _admins_data(product: Product, label: str) -> list[str]:
    """The callback data of an admin's open previews, and further orders that a stranger could make up."""
    rows = [
        row
        for message in await product.sandbox.messages(ADMIN)
        for row in message.get("reply_markup", {}).get("inline_keyboard", [])
    ]
    confirming = {str(button["callback_data"]) for row in rows for button in row if button["text"] == label}
    assert confirming
    return [*sorted(confirming), "h:status", "h:new", "p:all", "p:all:1:yes", "l:s:1:a", "garbage"]
