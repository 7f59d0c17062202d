"""Which messengers there are to send with, by the settings."""

from __future__ import annotations

import pytest

from core.domain.content.content import Content
from core.domain.messengers.outcome import Outcome
from core.domain.messengers.traits import Messenger
from core.settings import load_settings
from tests.contract.messenger_server import answer, messenger_server, url_of, yes_of
from tests.support.core import needed_by
from workers.messengers import build_messengers
from workers.messengers.transport import Transport, open_session

SETTINGS = {messenger: needed_by(messenger) for messenger in Messenger}


@pytest.mark.parametrize("messenger", list(Messenger))
async def test_a_messenger_with_complete_settings_sends_to_its_url(messenger: Messenger) -> None:
    async with messenger_server() as server, open_session(limit=1) as session:
        server.plan(answer(200, yes_of(messenger)))
        settings = load_settings({**SETTINGS[messenger], url_of(messenger): f"{server.url}/base/"}, None)
        messengers = build_messengers(settings, Transport(session))
        got = await messengers[messenger].send("1001", Content(text="Hello"), "d-A7KQ-x15-0")
        assert list(messengers) == [messenger]
        assert (got.outcome, got.message_id) == (Outcome.SENT, "1")
        assert server.requests[0].path.startswith("/base")


async def test_every_messenger_there_is_can_be_built() -> None:
    everything = {name: value for part in SETTINGS.values() for name, value in part.items()}
    async with open_session(limit=1) as session:
        assert set(build_messengers(load_settings(everything, None), Transport(session))) == set(Messenger)


@pytest.mark.parametrize("missing", [name for part in SETTINGS.values() for name in part])
async def test_a_messenger_without_one_of_its_settings_is_left_out(missing: str) -> None:
    everything = {
        name: value for part in SETTINGS.values() for name, value in part.items() if name != missing
    }
    left_out = next(messenger for messenger, part in SETTINGS.items() if missing in part)
    async with open_session(limit=1) as session:
        assert set(build_messengers(load_settings(everything, None), Transport(session))) == set(
            Messenger
        ) - {left_out}
