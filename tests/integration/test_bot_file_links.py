"""A file that was sent in the chat, for people on messengers that cannot fetch it from there."""

from __future__ import annotations

from typing import Any

from core.domain.messengers.traits import Messenger
from tests.integration.test_bot_contents import picture, sent_photo
from tests.support.bot import World, labels, running_bot
from tests.support.core import until
from tests.support.worker import working

Json = dict[str, Any]

PREVIEW = "Preview ↑"
WHATSAPP = "+12025550123"


async def test_the_missing_address_is_asked_for_and_the_order_goes_on(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        said = await world.sandbox.send_file("a.png", picture(), content_type="image/png", caption="Sale")
        refused = await world.ask(
            f"/send {WHATSAPP}, viber:alice", "needs a link", reply_to=said["message_id"]
        )
        assert ["🔗 Add a link to the file"] in labels(refused)
        await world.tap_into(refused, "🔗", "Where can people find the photo online?")
        again = await world.ask("it is here", "“it is here” isn't a link.")
        assert "https://example.com/photo.jpg" in again["text"]
        preview = await world.ask("https://example.com/sale.png", PREVIEW)
        await world.tap(preview, "✅ Send now")
        (broadcast,) = (await world.core.broadcasts.scheduled()).items
        (media,) = broadcast.content.media
        assert (media.link, set(media.ids)) == ("https://example.com/sale.png", {Messenger.TELEGRAM})


async def test_a_photo_goes_to_whatsapp_without_an_address(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        said = await world.sandbox.send_file("a.png", picture(), content_type="image/png", caption="Sale")
        preview = await world.ask(f"/send {WHATSAPP}, tg:1001", PREVIEW, reply_to=said["message_id"])
        assert ["photo" in message for message in await world.sandbox.messages()][-2:] == [True, False]
        await world.tap(preview, "✅ Send now")
        (broadcast,) = (await world.core.broadcasts.scheduled()).items
        assert set(broadcast.content.media[0].ids) == {Messenger.TELEGRAM}


async def test_for_what_whatsapp_does_not_take_from_the_chat_its_own_id_will_do(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        said = await world.sandbox.send_file("song.mp3", b"la la")
        refused = await world.ask(f"/send {WHATSAPP}, tg:1001", "needs a link", reply_to=said["message_id"])
        assert "the name of a document must end in .pdf, .txt" in refused["text"]
        await world.tap_into(refused, "🔗", "Where can people find song.mp3 online?")
        preview = await world.ask("wa:1376223850470843", PREVIEW)
        await world.tap(preview, "✅ Send now")
        (broadcast,) = (await world.core.broadcasts.scheduled()).items
        assert broadcast.content.media[0].ids[Messenger.WHATSAPP] == "1376223850470843"


async def test_what_telegram_could_not_show_is_told_in_the_preview_of_other_messengers(
    redis_url: str,
) -> None:
    async with running_bot(redis_url) as world:
        for order, shown in (
            (f"/send {WHATSAPP} | Prices\n![list.pdf](whatsapp:1376)", "Prices\n\n📎 list.pdf"),
            (f"/send {WHATSAPP} | ![](https://x.de/a.docx)", "📎 a.docx https://x.de/a.docx"),
        ):
            preview = await world.ask(order, PREVIEW)
            texts = [m.get("text") for m in await world.sandbox.messages()]
            assert shown in texts
            menu = await world.tap_into(preview, "✏ Edit", "What would you like to change?")
            await world.tap_into(menu, "🗑 Delete draft", "Delete this draft?")


async def test_where_a_messenger_cannot_carry_the_photo_its_people_get_the_text_or_are_left_out(
    redis_url: str,
) -> None:
    async with running_bot(redis_url) as world, working(world.core):

        async def refused() -> Json:
            said = await sent_photo(world, "Sale")
            return await world.ask("/send tg:1001, viber:alice", "needs a link", reply_to=said["message_id"])

        card = await refused()
        assert "1 of 2 people is on Viber. What should they get?" in card["text"]
        assert labels(card) == [
            ["🔗 Add a link to the file"],
            ["📝 Viber: text only"],
            ["Only on Telegram · 1"],
            ["✏ Edit message", "👥 People"],
            ["🗑 Delete draft"],
        ]
        preview = await world.tap_below(card, "📝", "Preview ↑")
        assert "⚠ Viber: people get the text without the files." in preview["text"]
        await world.tap(preview, "✅ Send now")
        await world.start_due()
        await until(lambda: _delivered(world, 2))
        (viber,) = await world.sandbox.delivered(messenger="viber")
        assert viber["text"] == "Sale"
        preview = await world.tap_below(await refused(), "Only on Telegram", "Preview ↑")
        assert "1: Telegram 1" in preview["text"]
        again = await world.tap_into(preview, "↩ Include Viber again", "needs a link")
        preview = await world.tap_into(again, "Only on Telegram", "1: Telegram 1")
        await world.tap(preview, "✅ Send now")
        await world.start_due()
        await until(lambda: _delivered(world, 3))
        assert len(await world.sandbox.delivered(messenger="viber")) == 1


async def _delivered(world: World, count: int) -> bool:
    people = [await world.sandbox.delivered(recipient=one) for one in ("1001", "alice")]
    return sum(map(len, people)) == count
