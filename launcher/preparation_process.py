"""Prepares the start and waits for its parts: `python -m launcher.preparation_process`, for preparation.py.

Writes the steps as one line of JSON. Then it reads one question a line ("store", "sandbox", "programs", or "banner"
with the names of the silent programs) and answers each with a line of JSON, until its input ends. Exit code 2 when a
setting is wrong.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, Final

from core.domain.errors import ConfigurationError
from core.health import beats, bot_username, page_status
from core.settings import check_api_host, load_settings
from core.store.checks import check_address
from core.store.connection import STORE_ERRORS
from core.store.embedded import answers, store_url
from launcher.banner import banner
from launcher.plan import SEED, STORE, Plan, make_plan
from launcher.preparation import START_TIMEOUT

_POLL: Final = 0.1


def _plan() -> Plan:
    """Raises ConfigurationError."""
    settings = load_settings()
    check_api_host(settings)
    if address := settings.store_address():
        check_address(address)
    return make_plan(settings, os.environ)


def _steps(plan: Plan) -> dict[str, Any]:
    api = plan.settings.api_password is not None
    return {
        "environ": dict(plan.environ),
        "store": asdict(STORE) if plan.own_store else None,
        "sandbox": asdict(plan.sandbox_server()) if plan.sandbox else None,
        "seed": asdict(SEED) if plan.sandbox else None,
        "programs": [asdict(program) for program in plan.programs],
        "webhooks": asdict(plan.viber_webhook()) if plan.sandbox and api else None,
    }


def _answer(question: str, plan: Plan, url: str) -> object:
    what, *names = question.split()
    match what:
        case "store":
            return not _missing(["store"], plan, url)
        case "sandbox":
            return not _missing(["sandbox"], plan, url)
        case "programs":
            return _missing([program.name for program in plan.programs], plan, url)
    return banner(plan, names, bot_username(url) if "bot" not in names else "")


def _missing(names: Sequence[str], plan: Plan, url: str) -> list[str]:
    """Wait until all are up; the names of those that are not in time."""
    end, left = time.monotonic() + START_TIMEOUT, list(names)
    while left := [name for name in left if not _is_up(name, plan, url)]:
        if time.monotonic() > end:
            break
        time.sleep(_POLL)
    return left


def _is_up(name: str, plan: Plan, url: str) -> bool:
    settings = plan.settings
    match name:
        case "store":
            return answers(url)
        case "sandbox":
            return page_status("127.0.0.1", settings.sandbox_port, "/") == HTTPStatus.OK
        case "api":
            return page_status(settings.api_host, settings.api_port, "/health") == HTTPStatus.OK
    with suppress(*STORE_ERRORS):
        return beats(url, name)
    return False


def main() -> None:
    """Write the steps, then answer until the launcher ends the input."""
    try:
        plan = _plan()
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    url = store_url(plan.settings)
    with suppress(BrokenPipeError):
        _write(_steps(plan))
        for question in sys.stdin:
            _write(_answer(question, plan, url))


def _write(answer: object) -> None:
    sys.stdout.write(f"{json.dumps(answer)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
