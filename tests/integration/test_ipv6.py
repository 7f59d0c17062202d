"""Where there is nothing but IPv6: the sandbox and the API listen on ::1 alone."""

from __future__ import annotations

import socket

import pytest

from core.domain.audit import Actor
from core.domain.broadcast import NewBroadcast
from core.domain.content.content import Content, Media
from core.domain.delivery import DeliveryState
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from tests.integration.test_bot_contents import picture
from tests.integration.test_receipts_end_to_end import SECRETS, register
from tests.support.api_server import running_api
from tests.support.bot import running_bot
from tests.support.core import accept, reloaded, until
from tests.support.processes import worker

TELEGRAM, WHATSAPP, VIBER = Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no ::1")
async def test_chat_files_messages_and_receipts_go_over_ipv6(redis_url: str) -> None:
    async with running_bot(redis_url, host="::1") as world:
        sandbox = world.sandbox
        settings = {**sandbox.environment(), **SECRETS, "REDIS_URL": redis_url}
        async with running_api(redis_url, host="::1", **settings) as api, worker(settings):
            assert api.url.startswith("http://[::1]:")
            await world.ask("/status", "Status")
            await sandbox.call("POST", "webhooks", {"whatsapp": f"{api.url}/receipts/whatsapp"})
            assert await register(sandbox, api.url) == (
                0,
                f"Viber reports to {api.url}/receipts/viber from now on.\n",
            )
            said = (await sandbox.send_file("a.png", picture(), content_type="image/png"))["photo"][0]
            photo = Media(kind=MediaKind.PHOTO, ids={TELEGRAM: said["file_id"]}, size=said["file_size"])
            to = {TELEGRAM: "1001", WHATSAPP: "+12025550123"}
            with_photo = await accept(
                world.core,
                NewBroadcast(
                    content=Content(text="Sale", media=(photo,)),
                    recipients=tuple(Recipient(messenger=on, address=one) for on, one in to.items()),
                    send_at=None,
                    created_by=Actor("test"),
                ),
            )
            on_viber = NewBroadcast(
                content=Content(text="Sale"),
                recipients=(Recipient(messenger=VIBER, address="alice"),),
                send_at=None,
                created_by=Actor("test"),
            )
            text = await accept(world.core, on_viber)

            async def arrived() -> bool:
                first, second = await reloaded(world.core, with_photo), await reloaded(world.core, text)
                return (first.progress.reached, second.progress.reached) == (2, 1) and bool(
                    first.progress.of(DeliveryState.DELIVERED)
                )

            await until(arrived, deadline=30)
