"""The routes: authenticated ones for programs, and a public health check."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request, Response

from api.auth import AuthenticatedRoute
from api.docs_page import docs_page
from api.idempotency import accept_once
from api.legacy_format import line
from api.line_answers import as_json, respond
from api.orders import accept
from api.responses import Accepted, ErrorBody, Finished, JsonResponse, Scheduled
from api.schemas import SendMessageBody
from api.warnings import header
from core.app import Core
from core.domain.broadcast import Broadcast, Index
from core.domain.delivery import REACHED_MESSENGER, Delivery, DeliveryState


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
WithReasons = Annotated[
    bool, Query(description="Adds the list `reasons`: why each line of finished_with_fail is there.")
]

authenticated = APIRouter(
    route_class=AuthenticatedRoute,
    responses={"4XX": {"model": ErrorBody, "description": "Why nothing was done."}},
)
public = APIRouter()


@authenticated.post("/send_message", response_model=Accepted)
async def send_message(body: SendMessageBody, core: TheCore, idempotency_key: TheKey = None) -> Response:
    """Send a text to many people, now or at a set time. The order is accepted whole or not at all.

    People who opted out or cannot be reached are left out and get no line. The Warning header of an answer names what
    may be a mistake: people who are named twice, landlines on WhatsApp, @names, the same message within 24 hours.
    """
    found: list[str] = []
    chunks = (
        as_json(await accept(body, core, found.append))
        if idempotency_key is None
        else await accept_once(idempotency_key, body, core, found.append)
    )
    response = await respond(chunks)
    if found:
        response.headers["Warning"] = header(found)
    return response


@authenticated.get("/get_scheduled", response_model=Scheduled)
async def get_scheduled(core: TheCore) -> Response:
    """Recipients of everything scheduled, soonest first."""
    return await respond(as_json({"scheduled": _scheduled(core)}))


async def _scheduled(core: Core) -> AsyncIterator[str]:
    async for broadcast in core.broadcasts.each_scheduled():
        if not broadcast.planned and broadcast.asked is None:
            continue  # ordered for now: a worker is about to start it
        async for one in core.ledger.deliveries(broadcast):
            yield line(one.recipient, broadcast, core.settings.zone)


@authenticated.get("/get_finished", response_model=Finished)
async def get_finished(core: TheCore, *, reasons: WithReasons = False) -> Response:
    """Recipients of everything that has run or is running, by outcome."""
    begun = await _begun(core)
    lists: dict[str, AsyncIterator[object]] = {
        "finished_main": _reached(core, begun, planned=False),
        "finished_scheduled": _reached(core, begun, planned=True),
        "finished_with_fail": _missed(core, begun),
        **({"reasons": _reasons(core, begun)} if reasons else {}),
    }
    return await respond(as_json(lists))


async def _begun(core: Core) -> list[str]:
    """The id of every ended broadcast, then of the running ones; none twice, though some may end meanwhile."""
    running = await core.ledger.ids(Index.RUNNING)
    known = set(running)
    ended = await core.ledger.ids(Index.ENDED)
    return [*(one for one in ended if one not in known), *running]


async def _reached(core: Core, broadcast_ids: Sequence[str], *, planned: bool) -> AsyncIterator[str]:
    """Recipients who got it, of broadcasts at a set time (`planned`) or of those at once."""
    for broadcast_id in broadcast_ids:
        broadcast = await core.ledger.get(broadcast_id)
        if broadcast is None or broadcast.planned is not planned or not broadcast.progress.reached:
            continue
        async for one in core.ledger.deliveries(broadcast):
            if one.state in REACHED_MESSENGER:
                yield line(one.recipient, broadcast, core.settings.zone)


async def _missed(core: Core, broadcast_ids: Sequence[str]) -> AsyncIterator[str]:
    async for broadcast, one in _troubles(core, broadcast_ids):
        yield line(one.recipient, broadcast, core.settings.zone)


async def _reasons(core: Core, broadcast_ids: Sequence[str]) -> AsyncIterator[dict[str, str]]:
    async for broadcast, one in _troubles(core, broadcast_ids):
        yield {
            "line": line(one.recipient, broadcast, core.settings.zone),
            "uuid": one.recipient.uuid,
            "service": one.recipient.messenger.value,
            "state": one.state.value,
            "reason": one.reason.value if one.reason else "",
            "reason_in_words": one.reason.sentence if one.reason else "",
        }


async def _troubles(core: Core, broadcast_ids: Sequence[str]) -> AsyncIterator[tuple[Broadcast, Delivery]]:
    """Deliveries that failed or are unknown."""
    for broadcast_id in broadcast_ids:
        broadcast = await core.ledger.get(broadcast_id)
        if broadcast is None or not broadcast.progress.of(DeliveryState.FAILED, DeliveryState.UNKNOWN):
            continue
        async for one in core.ledger.each_trouble(broadcast):
            yield broadcast, one


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


@authenticated.get("/docs", include_in_schema=False)
async def docs(request: Request) -> Response:
    """The description as a page."""
    app: FastAPI = request.app
    return docs_page(app.openapi())


@public.head("/health", include_in_schema=False)
@public.get("/health", responses={503: {"description": "The store does not answer, or takes no writes."}})
async def health(core: TheCore) -> JsonResponse:
    """Health check: 200 when orders can be accepted."""
    if await core.health.outage() is None:
        return JsonResponse({"status": "ok"})
    answers = await core.health.ping()
    state = "the store takes no writes" if answers else "the store does not answer"
    return JsonResponse({"status": state}, status_code=503)
