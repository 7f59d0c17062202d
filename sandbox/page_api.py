"""The page at /, its files, its event stream, and the downloads it offers."""

import asyncio
from pathlib import Path
from typing import Final

from aiohttp import web

from sandbox.world import World

_FOLDER: Final = Path(__file__).with_name("page")
_FILES: Final = {"/": "index.html"} | {
    f"/page/{file.name}": file.name for file in _FOLDER.iterdir() if file.suffix in (".js", ".css")
}
_NO_STORE: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
}
_SHOWN: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""Shown on the page; other files are downloaded."""
_REFRESH_SECONDS: Final = 0.2
_HEARTBEAT_SECONDS: Final = 15.0


class PageApi:
    """Serves the page."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_routes(self, app: web.Application) -> None:
        """Add the routes of the page, its event stream and the downloads."""
        for address in _FILES:
            app.router.add_get(address, self._file)
        app.router.add_get("/sandbox/events", self._events)
        app.router.add_get("/sandbox/files/{file_id}", self._download)
        app.router.add_get("/sandbox/whatsapp-media/{id}", self._held)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(_FOLDER / _FILES[request.path], headers=_NO_STORE)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Send the page a line after changes, at most five a second; it then reads the state."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        changes, seen = self._world.changes, -1
        while not changes.closed:
            try:
                async with asyncio.timeout(_HEARTBEAT_SECONDS):
                    seen = await changes.wait_past(seen)
            except TimeoutError:
                seen = changes.count
            try:
                await response.write(f"data: {seen}\n\n".encode())
            except ConnectionError:
                break
            await asyncio.sleep(_REFRESH_SECONDS)
        return response

    async def _download(self, request: web.Request) -> web.Response:
        stored = self._world.telegram.files.get(request.match_info["file_id"])
        if stored is None:
            raise web.HTTPNotFound
        return _file(
            self._world.telegram.files.read(stored), stored.mime_type, shown=stored.mime_type in _SHOWN
        )

    async def _held(self, request: web.Request) -> web.Response:
        """A file that was uploaded to WhatsApp."""
        found = self._world.media.get(request.match_info["id"])
        if found is None:
            raise web.HTTPNotFound
        held, content = found
        return _file(content, held.mime_type, shown=held.mime_type in _SHOWN)


def _file(content: bytes, mime_type: str, *, shown: bool) -> web.Response:
    response = web.Response(
        body=content,
        content_type=mime_type if shown else "application/octet-stream",
        headers={"X-Content-Type-Options": "nosniff"},
    )
    if not shown:
        response.headers["Content-Disposition"] = "attachment"
    return response
