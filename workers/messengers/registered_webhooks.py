"""Where the messengers report to, as they have it themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from yarl import URL

from core.domain.errors import ConfigurationError
from core.domain.messengers.outcome import Answer
from core.domain.messengers.traits import Messenger
from core.settings import Settings
from workers.messengers.outcomes import part
from workers.messengers.transport import JSON_HEADERS, Reply, Transport

# The most particular one counts.
_WHATSAPP_PLACES: Final = ("phone_number", "whatsapp_business_account", "application")


async def difference(
    transport: Transport, settings: Settings, messenger: Messenger, address: str
) -> str | None:
    """Return a sentence on what is wrong with the registered webhook; None: it reports to us.

    `address`: our public one, or empty: then the end of the path alone is compared. Raises ConfigurationError.
    """
    title, path = messenger.traits.title, f"/receipts/{messenger}"
    reply = await _ASK[messenger](transport, settings)
    if isinstance(reply, Answer):
        return f"{title} could not be reached ({reply.detail})."
    registered = _READ[messenger](reply)
    if registered is None:
        return f"{title} does not say where it reports to (HTTP {reply.status})."
    if not registered:
        return f"{title} has no webhook. {_HOW[messenger]}"
    wanted = f"{address.rstrip('/')}{path}" if address else path
    if registered == wanted or (not address and registered.rstrip("/").endswith(path)):
        return None
    return f"{title} reports to {registered.partition('?')[0]}, not to {wanted}. {_HOW[messenger]}"


async def _ask_whatsapp(transport: Transport, settings: Settings) -> Reply | Answer:
    token, number = settings.whatsapp_token, settings.whatsapp_phone_number_id
    if token is None or not number:
        raise ConfigurationError("WHATSAPP_TOKEN and WHATSAPP_PHONE_NUMBER_ID: set both first.")
    headers = {**JSON_HEADERS, "Authorization": f"Bearer {token.get_secret_value()}"}
    url = URL(f"{settings.whatsapp_api_url.rstrip('/')}/{number}?fields=webhook_configuration")
    return await transport.get(url, headers)


async def _ask_viber(transport: Transport, settings: Settings) -> Reply | Answer:
    token = settings.viber_auth_token
    if token is None:
        raise ConfigurationError("VIBER_AUTH_TOKEN: is not set, so there is no bot with a webhook.")
    headers = {**JSON_HEADERS, "X-Viber-Auth-Token": token.get_secret_value()}
    return await transport.post(URL(f"{settings.viber_api_url.rstrip('/')}/pa/get_account_info"), headers, {})


def _read_whatsapp(reply: Reply) -> str | None:
    if "id" not in reply.body:
        return None
    places = part(reply.body, "webhook_configuration")
    return next((str(places[place]) for place in _WHATSAPP_PLACES if places.get(place)), "")


def _read_viber(reply: Reply) -> str | None:
    return str(reply.body.get("webhook") or "") if reply.body.get("status") == 0 else None


_ASK: Final[Mapping[Messenger, Callable[[Transport, Settings], Awaitable[Reply | Answer]]]] = {
    Messenger.WHATSAPP: _ask_whatsapp,
    Messenger.VIBER: _ask_viber,
}
_READ: Final[Mapping[Messenger, Callable[[Reply], str | None]]] = {
    Messenger.WHATSAPP: _read_whatsapp,
    Messenger.VIBER: _read_viber,
}
_HOW: Final[Mapping[Messenger, str]] = {
    Messenger.WHATSAPP: "Set it in Meta's App Dashboard: docs/receipts.md.",
    Messenger.VIBER: "Set it: python -m workers.webhooks viber https://YOUR-ADDRESS",
}
