"""Asks the messengers for the webhooks that they have registered for us, and sets and removes them."""

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

_VIBER_EVENTS: Final = ("delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started")
_NO_ANSWER_AT_URL: Final = 1
# The most specific one counts.
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
    if messenger is Messenger.TELEGRAM:
        # The address may hold a token.
        there = URL(registered).host or "another place"
        return f"Telegram sends this bot's messages to {there}. {_HOW[messenger]}" if registered else None
    if not registered:
        return f"{title} has no webhook. {_HOW[messenger]}"
    wanted = f"{address.rstrip('/')}{path}" if address else path
    if registered == wanted or (not address and registered.rstrip("/").endswith(path)):
        return None
    return f"{title} reports to {registered.partition('?')[0]}, not to {wanted}. {_HOW[messenger]}"


async def remove_from_telegram(transport: Transport, settings: Settings) -> str | None:
    """Have the bot's messages wait here for getUpdates. Returns a sentence on what went wrong, else None."""
    reply = await _ask_telegram(transport, settings, "deleteWebhook")
    if isinstance(reply, Answer):
        return f"Telegram could not be reached ({reply.detail})."
    if reply.body.get("ok") is True:
        return None
    return f"Telegram did not remove it: {reply.body.get('description') or f'HTTP {reply.status}'}"


async def set_for_viber(transport: Transport, *, api_url: str, token: str, url: str) -> str | None:
    """Viber calls `url` once before it agrees. Returns None when it does, else a sentence that says why not."""
    address = URL(f"{api_url.rstrip('/')}/pa/set_webhook")
    headers = {**JSON_HEADERS, "X-Viber-Auth-Token": token}
    wanted = {"url": url, "event_types": list(_VIBER_EVENTS), "send_name": True, "send_photo": False}
    reply = await transport.post(address, headers, wanted)
    if isinstance(reply, Answer):
        return f"Couldn't reach Viber ({reply.detail}). If the network is fine, check VIBER_API_URL."
    status = reply.body.get("status")
    if status == 0:
        return None
    if status == _NO_ANSWER_AT_URL:
        return (
            f"Viber got no answer at {url}. The API must run, and be reached from outside under that address."
        )
    words = str(reply.body.get("status_message", "")).replace(token, "***")[:200]
    return f"Viber does not take {url}: {words or f'HTTP {reply.status}'} ({status})."


async def _ask_telegram(
    transport: Transport, settings: Settings, method: str = "getWebhookInfo"
) -> Reply | Answer:
    token = settings.telegram_bot_token
    if token is None:
        raise ConfigurationError("TELEGRAM_BOT_TOKEN: is not set, so there is no bot with a webhook.")
    address = f"{settings.telegram_api_url.rstrip('/')}/bot{token.get_secret_value()}/{method}"
    return await transport.post(URL(address), JSON_HEADERS, {})


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


def _read_telegram(reply: Reply) -> str | None:
    return str(part(reply.body, "result").get("url") or "") if reply.body.get("ok") is True else None


def _read_whatsapp(reply: Reply) -> str | None:
    if "id" not in reply.body:
        return None
    places = part(reply.body, "webhook_configuration")
    return next((str(places[place]) for place in _WHATSAPP_PLACES if places.get(place)), "")


def _read_viber(reply: Reply) -> str | None:
    return str(reply.body.get("webhook") or "") if reply.body.get("status") == 0 else None


_ASK: Final[Mapping[Messenger, Callable[[Transport, Settings], Awaitable[Reply | Answer]]]] = {
    Messenger.TELEGRAM: _ask_telegram,
    Messenger.WHATSAPP: _ask_whatsapp,
    Messenger.VIBER: _ask_viber,
}
_READ: Final[Mapping[Messenger, Callable[[Reply], str | None]]] = {
    Messenger.TELEGRAM: _read_telegram,
    Messenger.WHATSAPP: _read_whatsapp,
    Messenger.VIBER: _read_viber,
}
_HOW: Final[Mapping[Messenger, str]] = {
    Messenger.TELEGRAM: "If it is to be this program's, run: python -m workers.webhooks telegram remove",
    Messenger.WHATSAPP: "Set it in Meta's App Dashboard: docs/receipts.md.",
    Messenger.VIBER: "Set it: python -m workers.webhooks viber https://YOUR-ADDRESS",
}
