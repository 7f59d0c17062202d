"""Which messengers there are to send with, by the settings."""

from __future__ import annotations

import pytest

from core.domain.content.content import Content
from core.domain.messengers.outcome import Outcome
from core.domain.messengers.traits import Messenger
from core.settings import load_settings
from tests.contract.messenger_server import TOKEN, answer, messenger_server
from workers.messengers import build_messengers
from workers.messengers.transport import open_session

SETTINGS = {
    Messenger.TELEGRAM: {"TELEGRAM_BOT_TOKEN": TOKEN},
    Messenger.WHATSAPP: {"WHATSAPP_TOKEN": "EAAexample", "WHATSAPP_PHONE_NUMBER_ID": "100200300"},
    Messenger.VIBER: {"VIBER_AUTH_TOKEN": "445da6az1s345z78", "VIBER_SENDER_NAME": "Shop"},
    Messenger.WEBHOOK: {"WEBHOOK_URL": "https://example.com/messages", "WEBHOOK_SECRET": "a-long-word"},
}
CASES = [
    (Messenger.TELEGRAM, "TELEGRAM_API_URL", {"ok": True, "result": {"message_id": 7}}),
    (Messenger.WHATSAPP, "WHATSAPP_API_URL", {"messages": [{"id": "7"}]}),
    (Messenger.VIBER, "VIBER_API_URL", {"status": 0, "message_token": 7}),
    (Messenger.WEBHOOK, "WEBHOOK_URL", {"id": "7"}),
]


@pytest.mark.parametrize(("messenger", "url_variable", "yes"), CASES)
async def test_a_messenger_with_complete_settings_sends_to_its_url(
    messenger: Messenger, url_variable: str, yes: object
) -> None:
    async with messenger_server() as server, open_session(limit=1) as session:
        server.plan(answer(200, yes))
        settings = load_settings({**SETTINGS[messenger], url_variable: f"{server.url}/base/"}, None)
        messengers = build_messengers(settings, session)
        got = await messengers[messenger].send("1001", Content(text="Hello"), "d-A7KQ-x15-0")
        assert list(messengers) == [messenger]
        assert (got.outcome, got.message_id) == (Outcome.SENT, "7")
        assert server.requests[0].path.startswith("/base")


async def test_every_messenger_there_is_can_be_built() -> None:
    everything = {name: value for part in SETTINGS.values() for name, value in part.items()}
    async with open_session(limit=1) as session:
        assert set(build_messengers(load_settings(everything, None), session)) == set(Messenger)


@pytest.mark.parametrize("missing", [name for part in SETTINGS.values() for name in part])
async def test_a_messenger_without_one_of_its_settings_is_left_out(missing: str) -> None:
    everything = {
        name: value for part in SETTINGS.values() for name, value in part.items() if name != missing
    }
    left_out = next(messenger for messenger, part in SETTINGS.items() if missing in part)
    async with open_session(limit=1) as session:
        assert set(build_messengers(load_settings(everything, None), session)) == set(Messenger) - {left_out}
