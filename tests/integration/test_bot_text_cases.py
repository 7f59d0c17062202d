"""Cases about what is said rather than about files, through the real bot."""

from __future__ import annotations

from tests.support.bot import running_bot
from tests.support.recipient_files import upload


async def test_the_same_mailing_is_noticed_whatever_changed_in_its_form(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        preview = await world.ask("/send telegram:1001 | Doors open at seven", "Preview ↑")
        assert "already" not in preview["text"]
        await world.tap(preview, "✅")
        await world.deliver()
        for text in ("Doors open at seven", "Doors open at seven.", "Doors open at Seven"):
            preview = await world.ask(f"/send telegram:1001 | {text}", "Preview ↑")
            assert "already" in preview["text"], text


async def test_line_breaks_in_the_values_of_a_template_are_said(redis_url: str) -> None:
    rows = 'whatsapp,note\n+12025550123,"line 1\nline 2"\n+12025550124,"a\tb"\n+12025550126,fine\n'
    async with running_bot(redis_url) as world:
        card = await upload(world, "list.csv", rows.encode(), "3 people in list.csv")
        await world.tap_below(card, "✍", "What would you like to say?")
        preview = await world.ask("Hello\ntemplate: reminder en_US | {note}", "Preview ↑")
        assert "Line breaks in “note” will become spaces" in preview["text"]
