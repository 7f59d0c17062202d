"""Shows which accounts the store belongs to, or moves it to those of the settings.

    python -m workers.accounts                 shows
    python -m workers.accounts move telegram   moves; then restart all programs

Exit codes: 0 done, 1 the store does not answer, 2 invalid settings or arguments.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from core.app import open_core
from core.domain.errors import ConfigurationError
from core.domain.messengers.traits import Messenger
from core.health import exit_code
from core.settings import load_settings


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m workers.accounts",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", nargs="?", choices=["move"])
    parser.add_argument("messenger", nargs="?", type=Messenger, choices=list(Messenger))
    arguments = parser.parse_args()
    if bool(arguments.what) != bool(arguments.messenger):
        parser.error("name the messenger to move, as in: move telegram")
    return arguments


async def _run(messenger: Messenger | None) -> None:
    async with open_core(load_settings()) as core:
        ours = core.accounts.ours
        if messenger is not None:
            if messenger not in ours:
                raise ConfigurationError(f"{messenger.traits.title} has no account in the settings.")
            await core.accounts.move(messenger)
        known = await core.accounts.known()
        for one in sorted({*ours, *known}):
            theirs, mine = known.get(one, "none yet"), ours.get(one, "none")
            sys.stdout.write(f"{one.traits.title:<9} store: {theirs:<16} settings: {mine}\n")


def main() -> None:
    """Show or move."""
    asyncio.run(_run(_arguments().messenger))


if __name__ == "__main__":
    sys.exit(exit_code(main))
