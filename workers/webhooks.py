"""Registers this API as the messenger's webhook, or checks what the messenger has registered.

    python -m workers.webhooks viber https://shop.example.com      registers
    python -m workers.webhooks viber                               checks
    python -m workers.webhooks whatsapp [https://shop.example.com] checks; it is set in Meta's App Dashboard

Exit codes: 0 registered, 1 refused or different, 2 invalid settings or arguments.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from urllib.parse import urlsplit

from core.domain.errors import ConfigurationError
from core.domain.messengers.traits import Messenger
from core.settings import Settings, load_settings
from workers.messengers.registered_webhooks import difference
from workers.messengers.transport import Transport, open_session
from workers.messengers.viber_webhook import set_webhook


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m workers.webhooks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("messenger", type=Messenger, choices=[Messenger.VIBER, Messenger.WHATSAPP])
    parser.add_argument(
        "address", nargs="?", default="", help="public address of this API, without /receipts"
    )
    return parser.parse_args()


async def _register(settings: Settings, address: str) -> str | None:
    token = settings.viber_auth_token
    if token is None:
        raise ConfigurationError("VIBER_AUTH_TOKEN: is not set, so there is no bot to set a webhook for.")
    async with open_session(1) as session:
        return await set_webhook(
            Transport(session),
            api_url=settings.viber_api_url,
            token=token.get_secret_value(),
            url=f"{address.rstrip('/')}/receipts/viber",
        )


async def _check(settings: Settings, messenger: Messenger, address: str) -> str | None:
    async with open_session(1) as session:
        return await difference(Transport(session), settings, messenger, address)


def main() -> int:
    """Register or check the webhook given in the arguments."""
    given = _arguments()
    registers = given.messenger is Messenger.VIBER and given.address
    try:
        parts = urlsplit(given.address)
        if given.address and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ConfigurationError(f'"{given.address}" is not an address like https://shop.example.com')
        settings = load_settings()
        problem = asyncio.run(
            _register(settings, given.address)
            if registers
            else _check(settings, given.messenger, given.address)
        )
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    title = given.messenger.traits.title
    if registers:
        sys.stdout.write(f"{title} reports to {given.address.rstrip('/')}/receipts/viber from now on.\n")
    else:
        sys.stdout.write(f"{title} reports to this program.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
