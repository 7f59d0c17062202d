"""`python -m bot`: the chat with admins and subscribers."""

from __future__ import annotations

import asyncio
import sys

from bot.program import run
from core.domain.errors import ConfigurationError
from core.logs import configure_logging
from core.settings import load_settings
from core.store.connection import STORE_ERRORS


def main() -> int:
    """The exit code: 0 after a stop, 1 when the store goes away at the start, 2 when a setting is missing or wrong."""
    try:
        settings = load_settings()
        configure_logging(settings, "bot")
        asyncio.run(run(settings))
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except STORE_ERRORS as error:
        # It went away while the bot was starting. Whoever supervises the bot starts it again.
        sys.stderr.write(f"the store does not answer: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
