"""The fake Telegram Bot API over HTTP: /telegram/bot<token>/<method> and /telegram/file/bot<token>/<path>."""

import re
from typing import Any, Final

from aiohttp import web

from sandbox.books import Call
from sandbox.call_pipeline import Answer, CallPipeline, json_answer
from sandbox.faults import Fault
from sandbox.people import TELEGRAM
from sandbox.telegram.methods import METHODS, NAMES, SENDING, take_allowed_updates
from sandbox.telegram.params import Params, TelegramError, read_params
from sandbox.telegram.world import Telegram

Json = dict[str, Any]
_TOKEN: Final = re.compile(r"([1-9][0-9]{0,19}):[^/]{1,60}")
_WEBHOOK_ACTIVE: Final = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


class TelegramDialect:
    """Telegram's error envelope."""

    def rate_limited(self, retry_after: int) -> Answer:
        """429 with the delay in the text, in `parameters` and in the header."""
        text = f"Too Many Requests: retry after {retry_after}"
        return refusal(TelegramError(429, text, {"retry_after": retry_after}))

    def blocked(self) -> Answer:
        """403 bot was blocked."""
        return refusal(TelegramError(403, "bot was blocked by the user"))

    def broken(self) -> Answer:
        """500 in Telegram's own envelope."""
        return refusal(TelegramError(500, "Internal Server Error: restart"))

    def error(self, fault: Fault) -> Answer:
        """The error described by the fault."""
        return refusal(TelegramError(fault.status or 400, fault.description, fault.parameters))


def refusal(error: TelegramError) -> Answer:
    """The answer to a refused call."""
    body: Json = {"ok": False, "error_code": error.status, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    answer = json_answer(body, error.status, error.status)
    if "retry_after" in error.parameters:
        answer.headers["Retry-After"] = str(error.parameters["retry_after"])
    return answer


class TelegramApi:
    """The HTTP side of the fake."""

    def __init__(self, world: Telegram, pipeline: CallPipeline) -> None:
        self._world = world
        self._pipeline = pipeline
        self._dialect = TelegramDialect()

    def add_routes(self, app: web.Application) -> None:
        """Add the API's routes."""
        app.router.add_route("*", r"/telegram/bot{token:[^/]*}/{method}", self._call)
        app.router.add_get(r"/telegram/file/bot{token:[^/]*}/{path:.+}", self._download)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"].lower()
        call = Call(TELEGRAM, NAMES.get(name, name), account=request.match_info["token"].partition(":")[0])
        try:
            self._log_in(request.match_info["token"])
            params = await read_params(request)
            if name not in NAMES:
                raise TelegramError(404, "Not Found")
        except TelegramError as error:
            return self._refused_at_once(call, refusal(error))
        call.recipient = params.text("chat_id")
        call.text = params.text("text") or params.text("caption")
        call.sends = name in SENDING

        async def act() -> Answer:
            return await self._act(request, name, params)

        return await self._pipeline.serve(request, call, self._dialect, act)

    def _refused_at_once(self, call: Call, answer: Answer) -> web.Response:
        self._pipeline.books.record(call, answer.status, answer.code)
        return web.Response(body=answer.body, status=answer.status, content_type=answer.content_type)

    def _log_in(self, token: str) -> None:
        match = _TOKEN.fullmatch(token)
        if match is None or "revoked" in token:
            raise TelegramError(401, "Unauthorized")
        self._world.bot["id"] = int(match[1])

    async def _act(self, request: web.Request, name: str, params: Params) -> Answer:
        try:
            if name == "getupdates":
                return json_answer({"ok": True, "result": await self._updates(request, params)})
            return json_answer({"ok": True, "result": METHODS[name](self._world, params)})
        except TelegramError as error:
            return refusal(error)

    async def _updates(self, request: web.Request, params: Params) -> list[Json]:
        world = self._world
        if world.webhook.url:
            raise TelegramError(409, _WEBHOOK_ACTIVE)
        take_allowed_updates(world, params)
        world.changes.notify()
        limit = params.integer("limit")
        try:
            return await world.updates.poll(
                params.integer("offset") or 0, 100 if limit is None else limit, params.integer("timeout") or 0
            )
        except TelegramError:
            # A poller whose connection is closed has left by itself.
            if request.transport is not None:
                world.books.complain("two pollers", "getUpdates was terminated by another one")
            raise

    async def _download(self, request: web.Request) -> web.Response:
        try:
            self._log_in(request.match_info["token"])
        except TelegramError as error:
            return self._refused_at_once(Call(TELEGRAM, "download"), refusal(error))
        stored = self._world.files.at(request.match_info["path"])
        if stored is None:
            return self._refused_at_once(Call(TELEGRAM, "download"), refusal(TelegramError(404, "Not Found")))
        return web.Response(body=self._world.files.read(stored), content_type="application/octet-stream")
