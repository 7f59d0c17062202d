"""What is started, and with which settings: the sandbox without a Telegram token, everything for real with one."""

from __future__ import annotations

import secrets
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.domain.errors import ConfigurationError
from core.launch.program import Program
from core.settings import SECRETS, Settings, load_settings
from core.store import embedded

SANDBOX_PASSWORD: Final = "sandbox"  # noqa: S105  # not a secret: the banner shows it, and nothing leaves the machine

STORE: Final = Program(name="store", argv=(sys.executable, "-m", "core.store.embedded"), stage=2)
SEED: Final = Program(name="seed", argv=(sys.executable, "-m", "sandbox.seed"))
BOT: Final = Program(name="bot", argv=(sys.executable, "-m", "bot"))
WORKER: Final = Program(name="worker", argv=(sys.executable, "-m", "workers"))
SCHEDULER: Final = Program(name="scheduler", argv=(sys.executable, "-m", "workers.scheduler"))
API: Final = Program(name="api", argv=(sys.executable, "-m", "api"))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that is decided before the first program is started.

    `environ` is what the programs get, `settings` is how they will read it.
    """

    sandbox: bool
    own_store: bool
    environ: Mapping[str, str]
    settings: Settings

    @property
    def programs(self) -> tuple[Program, ...]:
        """The programs that send, beside store and sandbox."""
        return (BOT, WORKER, SCHEDULER, *((API,) if self.settings.api_password else ()))

    def sandbox_server(self) -> Program:
        """The sandbox, which keeps its state beside the store's."""
        state = str(self.settings.data_dir / "sandbox.json")
        argv = (sys.executable, "-m", "sandbox", "--port", str(self.settings.sandbox_port), "--state", state)
        return Program(name="sandbox", argv=argv, stage=1)


def make_plan(settings: Settings, environ: Mapping[str, str]) -> Plan:
    """Decide what runs. Raises ConfigurationError when a port is taken or a store works there already."""
    sandbox = settings.telegram_bot_token is None
    given = {**environ, "PYTHONUNBUFFERED": "1", "DATA_DIR": str(_data_dir(settings, sandbox=sandbox))}
    given |= _sandbox_variables(settings) if sandbox else {}
    if settings.redis_url is None:
        store = embedded.prepare(Path(given["DATA_DIR"]))
        given |= _only("REDIS_URL", store.url) | _only("REDIS_PASSWORD", "")
    plan = Plan(
        sandbox=sandbox, own_store=settings.redis_url is None, environ=given, settings=load_settings(given)
    )
    _check_ports(plan)
    return plan


def _data_dir(settings: Settings, *, sandbox: bool) -> Path:
    # Apart from each other: what was tried in the sandbox must never go out for real once there is a token.
    return (settings.data_dir / "sandbox" if sandbox else settings.data_dir).resolve()


def _sandbox_variables(settings: Settings) -> dict[str, str]:
    base = f"http://127.0.0.1:{settings.sandbox_port}"
    variables = {
        "TELEGRAM_BOT_TOKEN": f"100000001:sandbox-{secrets.token_hex(16)}",
        "ADMIN_IDS": "100",
        "TELEGRAM_API_URL": f"{base}/telegram",
        "WHATSAPP_TOKEN": "sandbox-whatsapp",
        "WHATSAPP_PHONE_NUMBER_ID": "100200300",
        "WHATSAPP_API_URL": f"{base}/whatsapp/v26.0",
        "VIBER_AUTH_TOKEN": "sandbox-viber",
        "VIBER_SENDER_NAME": "Sandbox",
        "VIBER_API_URL": f"{base}/viber",
        "API_HOST": "127.0.0.1",
    }
    if settings.api_password is None:
        variables["API_PASSWORD"] = SANDBOX_PASSWORD
    given: dict[str, str] = {}
    for name, value in variables.items():
        given |= _only(name, value)
    return given


def _only(name: str, value: str) -> dict[str, str]:
    """`value`, and no file that would speak against it."""
    return {name: value, f"{name}_FILE": ""} if name in SECRETS else {name: value}


def _check_ports(plan: Plan) -> None:
    settings = plan.settings
    if plan.sandbox:
        _check_port("127.0.0.1", settings.sandbox_port, "SANDBOX_PORT", "")
    if settings.api_password:
        hint = " (on macOS, AirPlay Receiver holds 5000)" if settings.api_port == 5000 else ""
        _check_port(settings.api_host, settings.api_port, "API_PORT", hint)


def _check_port(host: str, port: int, variable: str, hint: str) -> None:
    if not is_taken(host, port):
        return
    other = port + 1 if port < 65_535 else port - 1
    raise ConfigurationError(
        f"Port {port} is taken by another program{hint}. Stop that program, or choose another port in .env:"
        f" {variable}={other}"
    )


def is_taken(host: str, port: int) -> bool:
    """Whether another program listens on `port`, or nobody may."""
    address = reachable(host)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # On macOS a port held on all addresses can still be bound on one: only a call tells.
    with socket.socket(family) as caller:
        caller.settimeout(1)
        if caller.connect_ex((address, port)) == 0:
            return True
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
        except OSError:
            return True
    return False


def reachable(host: str) -> str:
    """Where this machine reaches what listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # read, not bound
