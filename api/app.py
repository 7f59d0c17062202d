"""The application: routes, error handling, heartbeat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from api.errors import UnexpectedErrors, add_error_answers
from api.failures import Failures
from api.receipts import ROUTES, Receipts
from api.responses import JsonResponse
from api.routes import authenticated, public
from core.app import Core


def build_app(
    core: Core, failures: Failures | None = None, stop: Callable[[], None] = lambda: None
) -> ASGIApp:
    """The API over an open core. FastAPI's own documentation pages would load scripts from elsewhere.

    `stop` is called when the program has to end: see Heartbeat.keep_beating.
    """
    app = FastAPI(
        title="Message Sender",
        default_response_class=JsonResponse,
        lifespan=_alive,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        # A redirect names the address as this program sees it: behind a proxy that is plain HTTP, without its prefix.
        redirect_slashes=False,
    )
    app.state.core, app.state.stop = core, stop
    app.state.failures = failures = failures or Failures(core)
    app.routes.extend(ROUTES)
    app.include_router(authenticated)
    app.include_router(public)
    add_error_answers(app)
    return UnexpectedErrors(Receipts(app, core, failures))


@asynccontextmanager
async def _alive(app: FastAPI) -> AsyncIterator[None]:
    core: Core = app.state.core
    async with asyncio.TaskGroup() as tasks:
        beat = tasks.create_task(core.heartbeat.keep_beating("api", app.state.stop))
        counting = tasks.create_task(app.state.failures.run())
        yield
        beat.cancel()
        counting.cancel()
        await app.state.failures.flush()
