"""The sandbox as one aiohttp server: the fake APIs, the control API and the page."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from aiohttp import web

from sandbox.access import checked_webhook, own_callers_only
from sandbox.call_pipeline import CallPipeline
from sandbox.control import Control
from sandbox.fault_control import FaultControl
from sandbox.page_api import PageApi
from sandbox.people import VIBER, WEBHOOK, WHATSAPP
from sandbox.telegram.api import TelegramApi
from sandbox.viber_api import ViberApi
from sandbox.webhook_api import WebhookApi
from sandbox.whatsapp_api import WhatsAppApi
from sandbox.world import World

_MAX_REQUEST_BYTES: Final = 60 * 1024 * 1024
_GRACE_SECONDS: Final = 1.0
_TOUCH_SECONDS: Final = 8 * 3600


def build_app(world: World) -> web.Application:
    """The application that serves a world; it loads the world on start and saves it on shutdown."""
    app = web.Application(client_max_size=_MAX_REQUEST_BYTES, middlewares=[own_callers_only])
    pipeline = CallPipeline(world.books, world.faults, world.limits)
    TelegramApi(world.telegram, pipeline).add_routes(app)
    owners = world.owners[WHATSAPP]
    WhatsAppApi(
        world.phones[WHATSAPP],
        owners,
        world.media,
        world.account,
        pipeline,
        world.changes,
        world.webhook_senders[WHATSAPP],
    ).add_routes(app)
    ViberApi(
        world.phones[VIBER], world.owners[VIBER], world.webhook_senders[VIBER], pipeline, world.changes
    ).add_routes(app)
    WebhookApi(world.phones[WEBHOOK], world.owners[WEBHOOK], pipeline, world.changes).add_routes(app)
    Control(world).add_routes(app)
    FaultControl(world).add_routes(app)
    PageApi(world).add_routes(app)

    async def keep_state(_: web.Application) -> AsyncIterator[None]:
        world.load()
        saver = asyncio.create_task(world.save_when_changed())
        background = [
            asyncio.create_task(webhook_sender.run()) for webhook_sender in world.webhook_senders.values()
        ]
        background.append(asyncio.create_task(_keep_in_touch(world)))
        yield
        for one in background:
            one.cancel()
        await asyncio.wait(background)
        world.telegram.webhook.stop()
        await saver
        world.save()

    async def release_waiters(_: web.Application) -> None:
        world.telegram.updates.close()
        world.changes.close()

    app.cleanup_ctx.append(keep_state)
    app.on_shutdown.append(release_waiters)
    return app


async def _keep_in_touch(world: World) -> None:
    """Keep people on WhatsApp within its 24 hours, except those who left."""
    while True:
        world.owners[WHATSAPP].keep_in_touch()
        await asyncio.sleep(_TOUCH_SECONDS)


@contextlib.asynccontextmanager
async def running(
    host: str = "127.0.0.1",
    port: int = 0,
    state_file: Path | None = None,
    *,
    whatsapp_webhook: str = "",
) -> AsyncIterator[str]:
    """Serve a world within the context; yields its address. Port 0 takes a free one.

    `whatsapp_webhook`: where WhatsApp's receipts go; Viber's go where set_webhook says.

    Raises OSError if the port is taken, ValueError for a webhook on another machine.
    """
    world = World(state_file)
    world.webhook_senders[WHATSAPP].url = checked_webhook(whatsapp_webhook)
    runner = web.AppRunner(build_app(world), access_log=None, shutdown_timeout=_GRACE_SECONDS)
    is_v6 = ":" in host
    family = socket.AF_INET6 if is_v6 else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=1024)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield f"http://{f'[{host}]' if is_v6 else host}:{listener.getsockname()[1]}"
    finally:
        await runner.cleanup()
