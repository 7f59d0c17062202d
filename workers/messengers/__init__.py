"""The messengers, one file each. Adding one: docs/adding-a-messenger.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from pydantic import SecretStr

from core.domain.messengers.events import Report
from core.domain.messengers.traits import Messenger
from core.settings import Settings
from workers.messengers import viber_reports, whatsapp_reports
from workers.messengers.port import MessengerPort
from workers.messengers.telegram import Telegram
from workers.messengers.transport import Transport
from workers.messengers.viber import Viber
from workers.messengers.webhook import Webhook
from workers.messengers.whatsapp import WhatsApp


def build_messengers(settings: Settings, transport: Transport) -> dict[Messenger, MessengerPort]:
    """The messengers whose settings are complete, ready to send over `transport`."""
    return {
        messenger: build(settings, transport)
        for messenger, build in _BUILDERS.items()
        if not settings.missing_for(messenger)
    }


def _telegram(settings: Settings, transport: Transport) -> MessengerPort:
    return Telegram(transport, api_url=settings.telegram_api_url, token=_plain(settings.telegram_bot_token))


def _whatsapp(settings: Settings, transport: Transport) -> MessengerPort:
    return WhatsApp(
        transport,
        api_url=settings.whatsapp_api_url,
        token=_plain(settings.whatsapp_token),
        phone_number_id=_plain(settings.whatsapp_phone_number_id),
    )


def _viber(settings: Settings, transport: Transport) -> MessengerPort:
    return Viber(
        transport,
        api_url=settings.viber_api_url,
        token=_plain(settings.viber_auth_token),
        sender_name=_plain(settings.viber_sender_name),
    )


def _webhook(settings: Settings, transport: Transport) -> MessengerPort:
    url, secret = _plain(settings.webhook_url), _plain(settings.webhook_secret)
    return Webhook(transport, url=url, secret=secret)


def _plain(value: SecretStr | str | None) -> str:
    """A setting that `missing_for` has found to be there."""
    if value is None:
        raise ValueError("a messenger was built without its settings")
    return value.get_secret_value() if isinstance(value, SecretStr) else value


_BUILDERS: Mapping[Messenger, Callable[[Settings, Transport], MessengerPort]] = {
    Messenger.TELEGRAM: _telegram,
    Messenger.WHATSAPP: _whatsapp,
    Messenger.VIBER: _viber,
    Messenger.WEBHOOK: _webhook,
}

ReportParser = Callable[[str], Sequence[Report]]

REPORT_PARSERS: Mapping[Messenger, ReportParser] = {
    Messenger.WHATSAPP: whatsapp_reports.parse_reports,
    Messenger.VIBER: viber_reports.parse_reports,
}
"""Parsers of webhook bodies by messenger. Each takes one body and raises nothing."""


def report_parsers(settings: Settings) -> Mapping[Messenger, ReportParser]:
    """The parsers for our own account: a Meta app may report on several phone numbers."""
    number_id = settings.whatsapp_phone_number_id or ""
    whatsapp = partial(whatsapp_reports.parse_reports, number_id=number_id)
    return {**REPORT_PARSERS, Messenger.WHATSAPP: whatsapp}
