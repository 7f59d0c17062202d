"""`python -m workers.webhooks viber https://shop.example.com`: registers this API as the messenger's webhook.

Exit codes: 0 registered, 1 refused by the messenger, 2 invalid settings or arguments.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from urllib.parse import urlsplit

from core.domain.errors import ConfigurationError
from core.domain.messengers.traits import Messenger
from core.settings import Settings, load_settings
from workers.messengers.transport import Transport, open_session
from workers.messengers.viber_webhook import set_webhook


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workers.webhooks", description=__doc__)
    parser.add_argument(
        "messenger", choices=[Messenger.VIBER.value], help="set WhatsApp's in the Meta app dashboard"
    )
    parser.add_argument("address", help="public address of this API, without /receipts")
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


def main() -> int:
    """Register the webhook given in the arguments."""
    given = _arguments()
    try:
        parts = urlsplit(given.address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigurationError(f'"{given.address}" is not an address like https://shop.example.com')
        problem = asyncio.run(_register(load_settings(), given.address))
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    sys.stdout.write(f"Viber reports to {given.address.rstrip('/')}/receipts/viber from now on.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
