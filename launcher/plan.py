"""Decides which programs to start, with which settings: without a Telegram token the sandbox, else the messengers."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dotenv import dotenv_values

from core.domain.errors import ConfigurationError
from core.health import reachable
from core.settings import SECRETS, VARIABLES, Settings, load_settings
from core.store import embedded
from launcher.program import Program

_SANDBOX_ENV: Final = Path(__file__).parents[1] / "sandbox.env"
_SANDBOX_IN_COMPOSE: Final = "http://sandbox:8080"

# Its warning about the kernel's overcommit setting is noise here.
STORE: Final = Program(
    name="store", argv=(sys.executable, "-m", "core.store.embedded"), stage=2, hidden_text="Memory overcommit"
)
SEED: Final = Program(name="seed", argv=(sys.executable, "-m", "sandbox.seed"))
BOT: Final = Program(name="bot", argv=(sys.executable, "-m", "bot"))
WORKER: Final = Program(name="worker", argv=(sys.executable, "-m", "workers"))
SCHEDULER: Final = Program(name="scheduler", argv=(sys.executable, "-m", "workers.scheduler"))
API: Final = Program(name="api", argv=(sys.executable, "-m", "api"))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Decisions made before the first program starts.

    `environ`: the programs' environment; `settings`: what they read from it.
    """

    sandbox: bool
    own_store: bool
    environ: Mapping[str, str]
    settings: Settings

    @property
    def programs(self) -> tuple[Program, ...]:
        """The programs other than store and sandbox."""
        return (BOT, WORKER, SCHEDULER, *((API,) if self.settings.api_password else ()))

    def sandbox_server(self) -> Program:
        """The sandbox; its state is in DATA_DIR, like the store's."""
        state = str(self.settings.data_dir / "sandbox.json")
        port, receipts = str(self.settings.sandbox_port), f"{self._local_api()}/receipts/whatsapp"
        options = ("--port", port, "--state", state, "--whatsapp-webhook", receipts)
        return Program(name="sandbox", argv=(sys.executable, "-m", "sandbox", *options), stage=1)

    def viber_webhook(self) -> Program:
        """Sets the webhook of the sandbox's Viber; needs the sandbox and the API."""
        argv = (sys.executable, "-m", "workers.webhooks", "viber", self._local_api())
        return Program(name="webhooks", argv=argv)

    def _local_api(self) -> str:
        return f"http://127.0.0.1:{self.settings.api_port}"


def make_plan(settings: Settings, environ: Mapping[str, str]) -> Plan:
    """Decide what runs. Raises ConfigurationError if a port or the data directory is in use."""
    sandbox = settings.telegram_bot_token is None
    data_dir = _data_dir(settings, sandbox=sandbox)
    if sandbox or settings.redis_url is None:
        for directory in (settings.data_dir, data_dir):
            _make_private(directory)
    given = {**environ, "PYTHONUNBUFFERED": "1", "DATA_DIR": str(data_dir)}
    if sandbox:
        given |= _without_files(_sandbox_overrides(settings))
    if settings.redis_url is None:
        given |= _without_files({"REDIS_URL": _prepared(data_dir).url, "REDIS_PASSWORD": ""})
    own_store = settings.redis_url is None
    plan = Plan(sandbox=sandbox, own_store=own_store, environ=given, settings=load_settings(given))
    _check_ports(plan)
    return plan


def _data_dir(settings: Settings, *, sandbox: bool) -> Path:
    # Separate, so that nothing from the sandbox is ever sent for real once there is a token.
    return (settings.data_dir / "sandbox" if sandbox else settings.data_dir).resolve()


def _make_private(directory: Path) -> None:
    """Create `directory`, or close an existing one to other users. Raises ConfigurationError."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)
    except OSError as error:
        raise _unusable(directory, error) from None


def _prepared(data_dir: Path) -> embedded.EmbeddedStore:
    try:
        return embedded.prepare(data_dir)
    except OSError as error:
        raise _unusable(data_dir, error) from None


def _unusable(directory: Path, error: OSError) -> ConfigurationError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ConfigurationError(
            f'DATA_DIR: the disk of "{directory}" is full. Free some space, then start again.'
        )
    return ConfigurationError(
        f'DATA_DIR: "{directory}" cannot be used ({error.strerror}). Choose a directory of your own.'
        " Example: DATA_DIR=data"
    )


def sandbox_variables(address: str) -> dict[str, str]:
    """The settings of sandbox.env, with the sandbox at `address` instead of in docker compose."""
    given = dotenv_values(_SANDBOX_ENV, interpolate=False)
    return {
        name: value.replace(_SANDBOX_IN_COMPOSE, address)
        for name, value in given.items()
        if value is not None and name in VARIABLES and name != "REDIS_PASSWORD"
    }


def _sandbox_overrides(settings: Settings) -> dict[str, str]:
    variables = sandbox_variables(f"http://127.0.0.1:{settings.sandbox_port}") | {"API_HOST": "127.0.0.1"}
    if settings.api_password:
        del variables["API_PASSWORD"]
    return variables


def _without_files(variables: Mapping[str, str]) -> dict[str, str]:
    """`variables`, with an empty NAME_FILE for each secret among them."""
    return {**variables, **{f"{name}_FILE": "" for name in variables if name in SECRETS}}


def _check_ports(plan: Plan) -> None:
    settings = plan.settings
    if plan.sandbox and settings.api_password and settings.sandbox_port == settings.api_port:
        raise ConfigurationError(
            f"SANDBOX_PORT and API_PORT are both {settings.api_port}. Choose another one. "
            f"Example: API_PORT={_other_port(settings.api_port)}"
        )
    if plan.sandbox:
        _check_port("127.0.0.1", settings.sandbox_port, "SANDBOX_PORT")
    if settings.api_password:
        _check_port(settings.api_host, settings.api_port, "API_PORT")


def _check_port(host: str, port: int, variable: str) -> None:
    problem = _problem_with(host, port)
    if problem is None:
        return
    hint = " (on macOS, AirPlay Receiver holds it)" if port == 5000 and sys.platform == "darwin" else ""
    raise ConfigurationError(
        f"Port {port} {problem}{hint}. Free it, or choose another one in .env. "
        f"Example: {variable}={_other_port(port)}"
    )


def _other_port(port: int) -> int:
    return port + 1 if port < 65_535 else port - 1


def _problem_with(host: str, port: int) -> str | None:
    address = reachable(host)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # macOS allows binding one address of a port that is taken on all addresses: only connecting tells.
    with socket.socket(family) as caller:
        caller.settimeout(1)
        if caller.connect_ex((address, port)) == 0:
            return "is taken by another program"
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
        except OSError as error:
            return f"cannot be opened ({os.strerror(error.errno or 0)})"
    return None
