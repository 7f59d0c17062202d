"""The routes: authenticated ones for programs, and a public health check."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response

from api.auth import AuthenticatedRoute
from api.idempotency import accept_once
from api.legacy_format import line
from api.orders import accept
from api.responses import Accepted, ErrorBody, Finished, JsonResponse, Scheduled
from api.schemas import SendMessageBody
from api.warnings import header
from core.app import Core
from core.domain.broadcast import Broadcast
from core.domain.delivery import REACHED_MESSENGER, DeliveryState

_NOT_REACHED: Final = frozenset({DeliveryState.FAILED, DeliveryState.UNKNOWN})


def _core(request: Request) -> Core:
    core: Core = request.app.state.core
    return core


TheCore = Annotated[Core, Depends(_core)]
TheKey = Annotated[
    str | None,
    Header(
        description="A unique value, for example a UUID. The same order with the same key, repeated within a day, is "
        "carried out once and gets the same answer. Another order with that key gets 422; a repetition while the "
        "first request is still running gets 409."
    ),
]

authenticated = APIRouter(
    route_class=AuthenticatedRoute,
    responses={"4XX": {"model": ErrorBody, "description": "Why nothing was done."}},
)
public = APIRouter()


@authenticated.post("/send_message")
async def send_message(
    body: SendMessageBody, core: TheCore, response: Response, idempotency_key: TheKey = None
) -> Accepted:
    """Send a text to many people, now or at a set time. The order is accepted whole or not at all.

    People who opted out or cannot be reached are left out and get no line. The Warning header of an answer names what
    may be a mistake: people who are named twice, landlines on WhatsApp, @names, the same message within 24 hours.
    """
    found: list[str] = []
    accepted = (
        await accept(body, core, found.append)
        if idempotency_key is None
        else await accept_once(idempotency_key, body, core, found.append)
    )
    if found:
        response.headers["Warning"] = header(found)
    return accepted


@authenticated.get("/get_scheduled")
async def get_scheduled(core: TheCore) -> Scheduled:
    """Recipients of everything scheduled, soonest first."""
    lines: list[str] = []
    async for broadcast in core.broadcasts.each_scheduled():
        if not broadcast.planned and broadcast.asked is None:
            continue  # ordered for now: a worker is about to start it
        deliveries = core.ledger.deliveries(broadcast)
        lines += [line(one.recipient, broadcast, core.settings.zone) async for one in deliveries]
    return Scheduled(scheduled=lines)


@authenticated.get("/get_finished")
async def get_finished(core: TheCore) -> Finished:
    """Recipients of everything that has run or is running, by outcome."""
    found = Finished(finished_main=[], finished_scheduled=[], finished_with_fail=[])
    async for broadcast in _begun(core):
        reached = found.finished_scheduled if broadcast.planned else found.finished_main
        async for delivery in core.ledger.deliveries(broadcast):
            text = line(delivery.recipient, broadcast, core.settings.zone)
            if delivery.state in REACHED_MESSENGER:
                reached.append(text)
            elif delivery.state in _NOT_REACHED:
                found.finished_with_fail.append(text)
    return found


async def _begun(core: Core) -> AsyncIterator[Broadcast]:
    """Every ended broadcast, then the running ones; none twice, though some may end meanwhile."""
    running = await core.broadcasts.running()
    known = {broadcast.id for broadcast in running}
    async for broadcast in core.broadcasts.each_ended():
        if broadcast.id not in known:
            yield broadcast
    for broadcast in running:
        yield broadcast


@authenticated.delete("/delete_all")
async def delete_all(core: TheCore) -> str:
    """Delete all finished and failed messages. What is scheduled or being sent stays."""
    await core.purge.delete_ended()
    return "Success"


@authenticated.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> JsonResponse:
    """The OpenAPI description."""
    app: FastAPI = request.app
    return JsonResponse(app.openapi())


@public.head("/health", include_in_schema=False)
@public.get("/health", responses={503: {"description": "The store does not answer, or takes no writes."}})
async def health(core: TheCore) -> JsonResponse:
    """Health check: 200 when orders can be accepted."""
    if await core.health.takes_writes():
        return JsonResponse({"status": "ok"})
    answers = await core.health.ping()
    state = "the store takes no writes" if answers else "the store does not answer"
    return JsonResponse({"status": state}, status_code=503)
