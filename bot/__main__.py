"""`python -m bot`: the chat with admins and subscribers."""

from __future__ import annotations

import asyncio
import sys

from bot.program import run
from core.logs import configure_logging
from core.settings import load_settings
from core.starting import exit_code


def main() -> None:
    """Read the settings and work until SIGTERM or SIGINT."""
    settings = load_settings()
    configure_logging(settings, "bot")
    asyncio.run(run(settings))


if __name__ == "__main__":
    sys.exit(exit_code(main))
