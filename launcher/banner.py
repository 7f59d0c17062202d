"""The text in the terminal once everything is up."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.messengers.traits import Messenger
from core.health import reachable
from core.settings import Settings
from launcher.plan import Plan, sandbox_variables


def banner(plan: Plan, silent: Sequence[str], bot: str = "") -> str:
    """The text for `plan`, with the next thing to do on its last line.

    `silent`: names of programs that have not reported yet; `bot`: the name of the bot on Telegram, without its @.
    """
    lines = _sandbox_lines(plan) if plan.sandbox else _live_lines(plan.settings)
    waiting = [f"Not up yet: {', '.join(silent)}. See their output above.", ""] if silent else []
    shown = (*lines, "", *waiting, _next_step(plan, bot))
    return "\n".join(["", *(f"  {line}".rstrip() for line in shown), ""])


def _next_step(plan: Plan, bot: str) -> str:
    if plan.sandbox:
        return f"Open http://127.0.0.1:{plan.settings.sandbox_port} and press Start"
    return f"Open https://t.me/{bot} and press Start" if bot else "Open your bot in Telegram and press Start"


def _sandbox_lines(plan: Plan) -> list[str]:
    settings = plan.settings
    given = settings.api_password
    public = sandbox_variables("")["API_PASSWORD"]
    ours = given is not None and given.get_secret_value() == public
    password = f"password {public}" if ours else "password: yours"
    shared = [] if plan.own_store else ["It uses the store at REDIS_URL, not one of its own."]
    return [
        "Message Sender runs in the sandbox, because TELEGRAM_BOT_TOKEN is not set: nothing leaves this machine.",
        *shared,
        "Ctrl-C stops everything.",
        "",
        f"For programs: {_api_address(settings)}   user {settings.api_user}, {password}",
        "",
        "To go live, write these two into .env (.env.example shows the rest) and start again:",
        "TELEGRAM_BOT_TOKEN=   write /newbot to @BotFather",
        "ADMIN_IDS=            your Telegram user id; @userinfobot tells you yours",
    ]


def _live_lines(settings: Settings) -> list[str]:
    return [
        "Message Sender is up. Ctrl-C stops everything.",
        "",
        *(f"{one.traits.title:<9} {_readiness(settings, one)}" for one in Messenger),
        f"Admins    {len(settings.admin_ids) or 'none: the bot takes messages from nobody. Set ADMIN_IDS'}",
        f"API       {_api_readiness(settings)}",
    ]


def _readiness(settings: Settings, messenger: str) -> str:
    missing = settings.missing_for(messenger)
    return f"not set up; missing: {', '.join(missing)}" if missing else "ready"


def _api_readiness(settings: Settings) -> str:
    return (
        f"{_api_address(settings)}, user {settings.api_user}"
        if settings.api_password
        else "off; set API_PASSWORD"
    )


def _api_address(settings: Settings) -> str:
    host = reachable(settings.api_host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.api_port}"
