"""A broadcast's live card moves to the message on which an admin has just acted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis

from bot.dispatcher import BUTTONS
from bot.permissions import Permissions
from bot.tasks.live_cards import LiveCards
from bot.tasks.outbox import Outbox
from bot.telegram.client import Chat
from core.domain.messengers.traits import Messenger
from core.store.chat.drafts import Draft, DraftStore
from core.store.scripts import Scripts
from tests.support.bot import running_bot
from tests.support.core import core_at, order, people, store_at
from tests.support.sandbox_server import ADMIN, connected_bot, running_sandbox


async def test_a_card_that_is_being_redrawn_still_gives_way_to_the_one_that_was_pressed(
    redis_url: str,
) -> None:
    """Send now on an item of /scheduled turns that item into the live card, however slow Telegram is."""
    async with running_bot(redis_url) as world:
        preview = await world.ask("/send telegram:1001 | tomorrow 9:00 | Hello", "Preview ↑")
        await world.tap(preview, "✅")
        planned = await world.turned(preview, "You'll see the progress here")
        listed = await world.ask("/scheduled", "Scheduled · 1")
        await world.sandbox.fault("telegram", "delay", method="editMessageText", ms=600)
        item = await world.tap_into(listed, "1", "🗓 Scheduled")
        question = await world.tap_into(item, "🚀", "to 1 person now?")
        await world.tap(question, "✅ Yes")
        await world.turned(question, "▶ Sending")
        await world.deliver()
        await world.below(question["message_id"], "✔ Sent to 1 person")
        left = [m["message_id"] for m in await world.sandbox.messages()]
        assert planned["message_id"] not in left


class _AcceptedMeanwhile(DraftStore):
    """The draft is found gone, because its order was accepted since the broadcast was looked for."""

    def __init__(self, client: Redis, accept: Callable[[], Awaitable[object]]) -> None:
        super().__init__(client, Scripts(client))
        self._accept = accept

    async def get(self, draft_id: str) -> Draft | None:
        await self._accept()
        return await super().get(draft_id)


async def test_a_card_whose_draft_is_accepted_while_it_is_looked_at_stays_a_card(redis_url: str) -> None:
    async with (
        core_at(redis_url, ADMIN_IDS=str(ADMIN)) as core,
        store_at(redis_url) as store,
        running_sandbox() as sandbox,
        connected_bot(sandbox) as bot,
    ):
        shown = await bot.send_message(ADMIN, "the preview")
        broadcast_id = await core.ledger.reserve_id()

        async def accept() -> None:
            await core.ledger.accept(broadcast_id, order(people(Messenger.TELEGRAM, 1)))

        core.drafts = _AcceptedMeanwhile(store, accept)
        chat = Chat(bot, Permissions(core.team, BUTTONS).filter)
        live = LiveCards(core, Outbox(core, chat))
        await live.attach(broadcast_id, ADMIN, shown.message_id)
        task = asyncio.create_task(live.run())
        await sandbox.until(lambda messages: any(f"#{broadcast_id}" in one["text"] for one in messages))
        task.cancel()
        await asyncio.wait([task])
        card = await core.cards.get(broadcast_id, ADMIN)
        assert card is not None
        assert card.message_id == shown.message_id
