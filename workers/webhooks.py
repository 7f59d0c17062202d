"""Registers this API as the messenger's webhook, checks what the messenger has registered, or removes it.

    python -m workers.webhooks viber https://shop.example.com      registers
    python -m workers.webhooks viber                               checks
    python -m workers.webhooks whatsapp [https://shop.example.com] checks; it is set in Meta's App Dashboard
    python -m workers.webhooks telegram                            checks that no webhook takes the bot's messages
    python -m workers.webhooks telegram remove                     removes it

Exit codes: 0 done, 1 refused or different, 2 invalid settings or arguments.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import Final
from urllib.parse import urlsplit

from core.domain.errors import ConfigurationError
from core.domain.messengers.traits import Messenger
from core.settings import Settings, load_settings
from workers.messengers.registered_webhooks import difference, remove_from_telegram, set_for_viber
from workers.messengers.transport import Transport, open_session

_REMOVE: Final = "remove"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m workers.webhooks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    able = [Messenger.VIBER, Messenger.WHATSAPP, Messenger.TELEGRAM]
    parser.add_argument("messenger", type=Messenger, choices=able)
    parser.add_argument(
        "address", nargs="?", default="", help='public address of this API, without /receipts; or "remove"'
    )
    return parser.parse_args()


def _problem(settings: Settings, messenger: Messenger, wanted: str) -> str | None:
    """Do what the arguments ask for. Returns what went wrong or differs. Raises ConfigurationError."""
    if messenger is Messenger.TELEGRAM and wanted not in ("", _REMOVE):
        raise ConfigurationError('Telegram needs no address. Leave it out to check, or write "remove".')
    if messenger is Messenger.TELEGRAM and wanted:
        return asyncio.run(_remove(settings))
    parts = urlsplit(wanted)
    if wanted and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ConfigurationError(f'"{wanted}" is not an address like https://shop.example.com')
    if messenger is Messenger.VIBER and wanted:
        return asyncio.run(_register(settings, wanted))
    return asyncio.run(_check(settings, messenger, wanted))


async def _remove(settings: Settings) -> str | None:
    async with open_session(1) as session:
        return await remove_from_telegram(Transport(session), settings)


async def _register(settings: Settings, address: str) -> str | None:
    token = settings.viber_auth_token
    if token is None:
        raise ConfigurationError("VIBER_AUTH_TOKEN: is not set, so there is no bot to set a webhook for.")
    async with open_session(1) as session:
        return await set_for_viber(
            Transport(session),
            api_url=settings.viber_api_url,
            token=token.get_secret_value(),
            url=f"{address.rstrip('/')}/receipts/viber",
        )


async def _check(settings: Settings, messenger: Messenger, address: str) -> str | None:
    async with open_session(1) as session:
        return await difference(Transport(session), settings, messenger, address)


def main() -> int:
    """Carry out the arguments."""
    given = _arguments()
    try:
        problem = _problem(load_settings(), given.messenger, given.address)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    title = given.messenger.traits.title
    if given.messenger is Messenger.TELEGRAM:
        sys.stdout.write("No webhook is set: the bot gets its messages here.\n")
    elif given.messenger is Messenger.VIBER and given.address:
        sys.stdout.write(f"{title} reports to {given.address.rstrip('/')}/receipts/viber from now on.\n")
    else:
        sys.stdout.write(f"{title} reports to this program.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
