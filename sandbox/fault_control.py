"""Faults, limits and books in the control API."""

from itertools import islice
from typing import Any

from aiohttp import web

from sandbox.bodies import json_object, reply, worded
from sandbox.world import World

Json = dict[str, Any]


class FaultControl:
    """Faults, limits and books in the control API."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_routes(self, app: web.Application) -> None:
        """Add the routes of faults, limits and books."""
        add = app.router.add_route
        add("GET", "/sandbox/faults", worded(self._faults))
        add("POST", "/sandbox/faults", worded(self._set_fault))
        add("DELETE", "/sandbox/faults", worded(self._clear_faults))
        add("DELETE", "/sandbox/faults/{id}", worded(self._clear_fault))
        add("POST", "/sandbox/limits", worded(self._set_limits))
        add("POST", "/sandbox/updates", worded(self._set_updates))
        add("GET", "/sandbox/books", worded(self._summary))
        add("GET", "/sandbox/books/calls", worded(self._calls))
        add("GET", "/sandbox/books/delivered", worded(self._delivered))
        add("GET", "/sandbox/books/complaints", worded(self._complaints))
        add("DELETE", "/sandbox/books", worded(self._clear_books))

    async def _faults(self, request: web.Request) -> web.Response:
        return reply(self._world.faults.listed())

    async def _set_fault(self, request: web.Request) -> web.Response:
        return reply({"id": self._world.faults.set(json_object(await request.read()))})

    async def _clear_faults(self, request: web.Request) -> web.Response:
        self._world.faults.clear()
        self._world.limits.clear()
        self._world.telegram.updates.times = 1
        return reply({})

    async def _set_updates(self, request: web.Request) -> web.Response:
        self._world.telegram.updates.times = int(json_object(await request.read())["times"])
        return reply({})

    async def _clear_fault(self, request: web.Request) -> web.Response:
        self._world.faults.clear(int(request.match_info["id"]))
        return reply({})

    async def _set_limits(self, request: web.Request) -> web.Response:
        for messenger, wanted in (json_object(await request.read())).items():
            self._world.limits.set(messenger, wanted)
        return reply({})

    async def _summary(self, request: web.Request) -> web.Response:
        return reply(self._world.books.summary() | {"complaints": self._all_complaints()})

    async def _calls(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        limit = int(query.pop("limit", 10_000))
        return reply([entry.to_json() for entry in islice(self._world.books.calls(**query), limit)])

    async def _delivered(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        limit = int(query.pop("limit", 1_000_000))
        return reply([item.to_json() for item in islice(self._world.books.delivered(**query), limit)])

    async def _complaints(self, request: web.Request) -> web.Response:
        return reply(self._all_complaints())

    async def _clear_books(self, request: web.Request) -> web.Response:
        self._world.books.clear()
        return reply({})

    def _all_complaints(self) -> list[Json]:
        return self._world.books.complaints() + self._world.telegram.queries.overdue()
