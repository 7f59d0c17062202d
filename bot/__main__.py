"""`python -m bot`: the chat with admins and subscribers."""

from __future__ import annotations

import asyncio
import sys

from bot.app import run
from core.health import exit_code
from core.logging import configure_logging
from core.settings import load_settings


def main() -> None:
    """Read the settings and work until SIGTERM or SIGINT."""
    settings = load_settings()
    configure_logging(settings, "bot")
    asyncio.run(run(settings))


if __name__ == "__main__":
    sys.exit(exit_code(main))
