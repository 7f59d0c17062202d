"""`python -m api`: serve until SIGTERM or Ctrl-C. Exit code 2 when a setting is wrong or missing."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import uvicorn
import uvloop

from api.app import build_app
from api.server import server_config
from core.app import open_core
from core.domain.errors import ConfigurationError
from core.health import exit_code
from core.logging import configure_logging
from core.runtime import stop_signals
from core.settings import Settings, check_api_host, load_settings


class _Server(uvicorn.Server):
    """Shuts down gracefully: finish open requests, close the core, exit with 0."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self.should_exit = True
        self._stopping.set()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._stopping.set()

    async def main_loop(self) -> None:
        # uvicorn looks ten times a second. It needs one look a second, for the date in its answers.
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._stopping.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises the signal again at the end, before the core is closed.
        loop = asyncio.get_running_loop()
        for name in stop_signals():
            loop.add_signal_handler(name, self.handle_exit, name, None)
        yield


async def _serve(settings: Settings) -> None:
    waiting = asyncio.current_task()
    if waiting is not None:
        for name in stop_signals():
            asyncio.get_running_loop().add_signal_handler(name, waiting.cancel)
    async with open_core(settings) as core:
        app = build_app(core, stop=lambda: server.stop())
        server = _Server(server_config(app, settings.api_host, settings.api_port))
        await server.serve()
        core.heartbeat.raise_end()


def main() -> None:
    """Read the settings and serve."""
    settings = load_settings()
    if settings.api_password is None:
        raise ConfigurationError("API_PASSWORD: is not set, so the API is off. Set it to switch the API on.")
    check_api_host(settings)
    configure_logging(settings, "api")
    # SIGTERM before it serves cancels it, which is a normal stop.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, suppress(asyncio.CancelledError):
        runner.run(_serve(settings))


if __name__ == "__main__":
    sys.exit(exit_code(main))
