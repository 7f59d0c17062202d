"""Health check of one program: `python -m core.health bot|worker|scheduler|api|sandbox`, for container checks.

Exit code 0 when it works, 1 with a sentence when it does not, 2 when a setting is wrong.
"""

from __future__ import annotations

import http.client
import sys
from collections.abc import Callable
from typing import Final

from core.domain.errors import ConfigurationError
from core.settings import Settings, load_settings
from core.store.connection import STORE_ERRORS, STORE_IS_FULL, DemotedError, connect_sync
from core.store.embedded import store_url
from core.store.health import alive_here, bot_here

PROGRAMS: Final = ("bot", "worker", "scheduler", "api", "sandbox")


def beats(url: str, program: str) -> bool:
    """True when `program` on this host has a recent heartbeat in the store at `url`."""
    with connect_sync(url) as client:
        return alive_here(client, program)


def bot_username(url: str) -> str:
    """The name, without its @, of the bot that last used the store at `url`; empty if none has."""
    with connect_sync(url) as client:
        return bot_here(client)


def page_status(host: str, port: int, path: str) -> int | None:
    """The HTTP status of `path`; None when nothing answers."""
    connection = http.client.HTTPConnection(reachable(host), port, timeout=3)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def reachable(host: str) -> str:
    """The address of this machine for a program that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # called, not bound


def problem_of(program: str, settings: Settings) -> str | None:
    """A sentence about what is wrong with `program` on this host; None when it works."""
    if program == "api":
        return _page_problem(settings.api_host, settings.api_port, "/health")
    if program == "sandbox":
        return _page_problem("127.0.0.1", settings.sandbox_port, "/")
    try:
        alive = beats(store_url(settings), program)
    except STORE_ERRORS:
        return "The store does not answer."
    return None if alive else f"No {program} on this host has lately said that it is alive."


def _page_problem(host: str, port: int, path: str) -> str | None:
    status = page_status(host, port, path)
    if status == http.client.OK:
        return None
    return (
        f"{path} on port {port} is answered with {status}." if status else f"Nobody answers on port {port}."
    )


def exit_code(program: Callable[[], None]) -> int:
    """Run it. stderr says why it has ended by itself.

    0 after a stop; 1: the store went away; 2: a setting is missing or wrong, or another version has changed the store's
    layout; 3: the store is a replica now. The supervisor restarts the program.
    """
    try:
        program()
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except DemotedError as error:
        sys.stderr.write(f"{error}\n")
        return 3
    except (*STORE_ERRORS, STORE_IS_FULL) as error:
        sys.stderr.write(f"the store does not answer: {error}\n")
        return 1
    return 0


def main() -> None:
    """Check the program named by the only argument."""
    program = sys.argv[1] if len(sys.argv) == 2 else ""
    if program not in PROGRAMS:
        sys.exit(f"Which program? One of: {', '.join(PROGRAMS)}")
    try:
        said = problem_of(program, load_settings())
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    sys.exit(said)


if __name__ == "__main__":
    main()
