"""The routes: for programs behind name and password, and one for whoever watches over the process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends, FastAPI, Header, Request

from api.answers import Accepted, Finished, JsonAnswer, Refused, Scheduled
from api.bodies import SendMessageBody
from api.guard import GuardedRoute
from api.lines import line
from api.once import once
from api.orders import accept
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
        description="Whatever is yours alone, a UUID for example. The same order with the same key, posted again "
        "within a day, is carried out once and gets the same answer; another order with that key gets 422, and one "
        "whose first try is still under way 409."
    ),
]

guarded = APIRouter(
    route_class=GuardedRoute,
    responses={"4XX": {"model": Refused, "description": "Nothing was done, and why."}},
)
public = APIRouter()


@guarded.post("/send_message")
async def send_message(body: SendMessageBody, core: TheCore, idempotency_key: TheKey = None) -> Accepted:
    """Send a text to many people, now or at a time. All of it is accepted, or nothing.

    Who asked for no messages, or cannot be reached any more, is left out: no line stands for them.
    """
    return await accept(body, core) if idempotency_key is None else await once(idempotency_key, body, core)


@guarded.get("/get_scheduled")
async def get_scheduled(core: TheCore) -> Scheduled:
    """Who gets what waits for its time, soonest first."""
    lines: list[str] = []
    async for broadcast in core.broadcasts.each_scheduled():
        if not broadcast.planned and broadcast.asked is None:
            continue  # ordered at once, and a worker is about to take it up
        deliveries = core.ledger.deliveries(broadcast)
        lines += [line(one.recipient, broadcast, core.settings.zone) async for one in deliveries]
    return Scheduled(scheduled=lines)


@guarded.get("/get_finished")
async def get_finished(core: TheCore) -> Finished:
    """Who was reached and who was not, of everything that has run or runs."""
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
    """Every broadcast that has ended, then those that run; none twice, though some may end meanwhile."""
    running = await core.broadcasts.running()
    known = {broadcast.id for broadcast in running}
    async for broadcast in core.broadcasts.each_ended():
        if broadcast.id not in known:
            yield broadcast
    for broadcast in running:
        yield broadcast


@guarded.delete("/delete_all")
async def delete_all(core: TheCore) -> str:
    """Delete all finished and failed messages. What is scheduled or being sent stays."""
    await core.purge.delete_ended()
    return "Success"


@guarded.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> JsonAnswer:
    """The description of these routes for machines."""
    app: FastAPI = request.app
    return JsonAnswer(app.openapi())


@public.get("/health", responses={503: {"description": "The store does not answer."}})
async def health(core: TheCore) -> JsonAnswer:
    """Whether orders can be taken now."""
    if await core.gauges.ping():
        return JsonAnswer({"status": "ok"})
    return JsonAnswer({"status": "the store does not answer"}, status_code=503)
