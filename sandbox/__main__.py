"""`python -m sandbox`: serves the sandbox until SIGTERM or SIGINT."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from sandbox.access import checked_webhook
from sandbox.server import running


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--port", type=int, default=int(os.environ.get("SANDBOX_PORT") or 8080), help="0: a free one"
    )
    data = Path(os.environ.get("DATA_DIR") or "data")
    parser.add_argument("--state", type=Path, default=data / "sandbox.json", help="where chats are kept")
    parser.add_argument(
        "--whatsapp-webhook",
        default="",
        type=checked_webhook,
        help="where receipts go: http://127.0.0.1:5000/receipts/whatsapp",
    )
    return parser.parse_args()


async def _serve(given: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    where = running(given.host, given.port, given.state, whatsapp_webhook=given.whatsapp_webhook)
    async with where as address:
        sys.stdout.write(f"sandbox listening on {address}\n")
        sys.stdout.flush()
        await stopped.wait()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's if installed: load tests need fast fakes."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _run() -> int:
    logging.basicConfig(level=logging.WARNING)
    os.umask(0o077)
    given = _arguments()
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(given))
    except OSError as error:
        sys.stderr.write(
            f"sandbox cannot listen on {given.host}:{given.port}: {error.strerror}. Set SANDBOX_PORT.\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_run())
