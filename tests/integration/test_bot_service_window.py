"""The 24 hours of WhatsApp, as an admin sees them before sending."""

from __future__ import annotations

from datetime import UTC, datetime

from core.domain.inbound import InboundMessage
from core.domain.messengers.traits import Messenger
from tests.support.bot import running_bot

ALICE, BOB = "+12025550123", "+12025550124"


async def test_the_preview_says_who_is_outside_the_window(redis_url: str) -> None:
    async with running_bot(redis_url, WHATSAPP_APP_SECRET="an-app-secret") as world:
        lately = InboundMessage(address=ALICE, at=datetime.now(UTC))
        await world.core.receipt_inbox.apply(Messenger.WHATSAPP, [lately])
        preview = await world.ask(f"/send {ALICE}, {BOB} | Sale", "Preview ↑")
        assert f"⚠ 1 person ({BOB}) hasn't written to you in 24 hours" in preview["text"]
        both = f"/send {ALICE}, {BOB} | Sale\ntemplate: season_greetings en_US"
        preview = await world.ask(both, "Preview ↑")
        assert (
            "⚠ 1 of 2 on WhatsApp hasn't written to you in 24 hours and will get the template"
            in preview["text"]
        )
        preview = await world.ask(f"/send {ALICE} | Sale", "Preview ↑")
        assert "window" not in preview["text"]
