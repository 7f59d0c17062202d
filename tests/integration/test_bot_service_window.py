"""The 24 hours of WhatsApp, as an admin sees them before sending."""

from __future__ import annotations

from datetime import UTC, datetime

from core.domain.inbound import InboundMessage
from core.domain.messengers.traits import Messenger
from tests.support.bot import labels, running_bot
from tests.support.recipient_files import save_list

ALICE, BOB = "+12025550123", "+12025550124"


async def test_the_preview_says_who_is_outside_the_window(redis_url: str) -> None:
    async with running_bot(redis_url, WHATSAPP_APP_SECRET="an-app-secret") as world:
        lately = InboundMessage(address=ALICE, at=datetime.now(UTC))
        await world.core.receipt_inbox.apply(Messenger.WHATSAPP, [lately])
        preview = await world.ask(f"/send {ALICE}, {BOB} | Sale", "Preview ↑")
        assert f"⚠ {BOB} hasn't written to you in 24 hours" in preview["text"]
        later = await world.ask(f"/send {ALICE}, {BOB} | in 30 hours | Sale", "Preview ↑")
        assert (
            f"⚠ WhatsApp will reject this for {ALICE}, {BOB} without a template, unless they write to you in "
            "the 24 hours before" in later["text"]
        )
        both = f"/send {ALICE}, {BOB} | Sale\ntemplate: season_greetings en_US"
        preview = await world.ask(both, "Preview ↑")
        assert (
            "⚠ 1 of 2 on WhatsApp hasn't written to you in 24 hours and will get the template"
            in preview["text"]
        )
        preview = await world.ask(f"/send {ALICE} | Sale", "Preview ↑")
        assert "window" not in preview["text"]


async def test_people_outside_the_window_get_a_template_or_are_left_out_by_a_tap(redis_url: str) -> None:
    async with running_bot(redis_url, WHATSAPP_APP_SECRET="an-app-secret") as world:
        lately = InboundMessage(address=ALICE, at=datetime.now(UTC))
        await world.core.receipt_inbox.apply(Messenger.WHATSAPP, [lately])
        rows = f"whatsapp,name\n{ALICE},Alice\n{BOB},Bob\n".encode()
        await save_list(world, rows, "guests", "👥 guests")
        preview = await world.ask("/send guests | Sale", "Preview ↑")
        assert "⚠ Bob hasn't written to you in 24 hours" in preview["text"]
        assert labels(preview)[1:3] == [["📄 Use a WhatsApp template"], ["✖ Leave Bob out"]]
        preview = await world.tap_into(preview, "✖ Leave Bob out", "To guests · 1: WhatsApp 1")
        assert "Left out: 1 without a template (no message from them in 24 hours)" in preview["text"]
        assert labels(preview)[1:3] == [["📄 Use a WhatsApp template"], ["↩ Include 1 person again"]]
        preview = await world.tap_into(preview, "↩ Include 1 person again", "To guests · 2: WhatsApp 2")
        preview = await world.tap_into(preview, "✖ Leave Bob out", "To guests · 1: WhatsApp 1")
        await world.tap(preview, "✅")
        await world.deliver()
        (done,) = (await world.core.broadcasts.finished()).items
        assert [one.recipient.address async for one in world.core.ledger.deliveries(done)] == [ALICE]
        result = await world.ask(f"/sent {done.id}", "✔ Sent to 1 person")
        assert "Left out before sending: 1 without a template" in result["text"]
        # Where nobody would be left there is only the template.
        preview = await world.ask(f"/send {BOB} | Sale", "Preview ↑")
        assert labels(preview)[:2] == [["📄 Use a WhatsApp template"], ["✅ Send now"]]
        assert not any("Leave" in label for row in labels(preview) for label in row)
