"""WhatsApp's message templates: picked from the account in the chat, filled in, and sent."""

# ruff: noqa: RUF001 - the arrows are on the buttons

from __future__ import annotations

from datetime import UTC, datetime

from core.domain.inbound import InboundMessage
from core.domain.messengers.traits import Messenger
from tests.integration.test_bot_contents import sent_photo
from tests.support.bot import labels, running_bot
from tests.support.core import until
from tests.support.sandbox_server import Sandbox
from tests.support.worker import working

DAVE, ALICE = "+12025550147", "+12025550123"
"""Dave has not written within the 24 hours."""


async def landed(sandbox: Sandbox, text: str) -> int:
    """Number of phones that show a message with that text in it."""
    return len(await sandbox.delivered(messenger="whatsapp", text=text))


async def _all_landed(sandbox: Sandbox, count: int) -> bool:
    return len(await sandbox.delivered(messenger="whatsapp")) == count


async def test_a_template_with_a_photo_values_and_buttons_is_picked_and_filled_in_by_taps(
    redis_url: str,
) -> None:
    async with running_bot(redis_url, WHATSAPP_APP_SECRET="an-app-secret") as world, working(world.core):
        lately = InboundMessage(address=ALICE, at=datetime.now(UTC))
        await world.core.receipt_inbox.apply(Messenger.WHATSAPP, [lately])
        preview = await world.ask(f"/send Dave {DAVE}, Alice {ALICE} | Sale", "Preview ↑")
        assert "hasn't written to you in 24 hours" in preview["text"]
        picker = await world.tap_into(preview, "📄 Use a WhatsApp template", "Which template?")
        assert "new_collection (en_US, marketing): Hi {{1}}, the new collection is here." in picker["text"]
        assert ["new_collection · en_US"] in labels(picker)
        picker = await world.tap_into(picker, "›", "spring_sale (en_US, marketing, rejected)")
        refused = await world.tap_into(picker, "⏸ spring_sale", "won't send it while it's rejected")
        assert labels(refused) == [["« Templates"]]
        picker = await world.tap_into(refused, "« Templates", "Which template?")
        card = await world.tap_into(picker, "new_collection", "At the top: a photo.")
        assert "Buttons: [Stop promotions], [Look] and [Copy code]" in card["text"]
        await world.tap_into(card, "✔ Use this one", "Send me the photo for the top of the template.")
        again = await world.ask("no photo", "That isn't a photo.")
        said = await sent_photo(world)
        asked = await world.below(said["message_id"], "What goes in place of ▢?")
        assert "Hi ▢, the new collection is here." in asked["text"]
        assert again["message_id"] != asked["message_id"]
        await world.tap_into(asked, "name", "How does the address behind “Look” end? https://example.com/▢")
        await world.ask("summer sale", "An address can't contain spaces.")
        await world.ask("summer", "Which code should people copy?")
        await world.ask("NEW 10!", "A code has up to 15 letters and digits.")
        preview = await world.ask("NEW10", "Preview ↑")
        assert "will get the template new_collection" in preview["text"]
        shown = (await world.sandbox.messages())[-2]["text"]
        assert "people on WhatsApp get this:\nHi Alice, the new collection is here." in shown
        await world.tap(preview, "✅ Send now")
        await world.start_due()
        await until(lambda: _all_landed(world.sandbox, 2))
        (dave,) = await world.sandbox.delivered(messenger="whatsapp", recipient=DAVE)
        assert dave["text"] == "Hi Dave, the new collection is here.\n\nCorner Shop"
        assert (await landed(world.sandbox, "Sale"), await landed(world.sandbox, "collection")) == (1, 1)
        assert len(await world.sandbox.calls(messenger="whatsapp", method="media")) == 1


async def test_a_template_is_the_whole_message_and_line_breaks_in_values_are_told(redis_url: str) -> None:
    async with running_bot(redis_url) as world, working(world.core):
        preview = await world.ask(f"/send {DAVE} | Sale", "Preview ↑")
        picker = await world.tap_into(preview, "📄", "Which template?")
        card = await world.tap_into(picker, "opening_hours · en_US", "Open on {{1}}")
        asked = await world.tap_into(card, "✔ Use this one", "What goes in place of ▢?")
        assert "Open on ▢" in asked["text"]
        await world.ask("Monday", "We are there for you from ▢ to {{2}}.")
        asked = await world.ask("9\n\n am", "We are there for you from 9 am to ▢.")
        assert any(
            "Line breaks and tabs became spaces" in str(m.get("text")) for m in await world.sandbox.messages()
        )
        preview = await world.ask("5 pm", "Preview ↑")
        await world.tap(preview, "✅ Send now")
        await world.start_due()
        await until(lambda: _all_landed(world.sandbox, 1))
        assert await landed(world.sandbox, "Open on Monday\n\nWe are there for you from 9 am to 5 pm.") == 1


async def test_the_preview_doubts_a_typed_template_that_the_account_does_not_have(redis_url: str) -> None:
    async with running_bot(redis_url) as world, working(world.core):

        async def doubts(line: str) -> str:
            return str((await world.ask(f"/send {DAVE} | Hi\ntemplate: {line}", "Preview ↑"))["text"])

        assert "Your account has no template opening_times in en_US" in await doubts("opening_times en_US")
        assert "There is no template visit_reminder in de, only in en_US." in await doubts(
            "visit_reminder de | a | b"
        )
        assert "needs 2 values, but you gave 1" in await doubts("visit_reminder en_US | Ann")
        assert "has a photo at the top. Choose the template again" in await doubts(
            "new_collection en_US | Ann"
        )
        assert "its status is REJECTED" in await doubts("spring_sale en_US")
        assert "There is no" not in await doubts("visit_reminder en_US | Ann | 5 pm")


async def test_templates_that_cannot_be_listed_leave_a_way_on(redis_url: str) -> None:
    async with running_bot(redis_url) as world, working(world.core):
        await world.sandbox.fault(
            "whatsapp",
            "error",
            method="templates",
            status=403,
            code=200,
            description="(#200) Permissions error",
        )
        preview = await world.ask(f"/send {DAVE} | Sale", "Preview ↑")
        told = await world.tap_into(preview, "📄", "WhatsApp doesn't list your templates.")
        assert "200: Permissions error" in told["text"]
        assert "give the token's system user" in told["text"]
        await world.sandbox.clear_faults()
        picker = await world.tap_into(told, "🔄 Look again", "Which template?")
        await world.tap_into(picker, "« Back", "Preview ↑")
