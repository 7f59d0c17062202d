"""The webhooks registered with the messengers, compared with ours."""

from __future__ import annotations

import pytest

from core.domain.errors import ConfigurationError
from core.domain.messengers.traits import Messenger
from core.settings import load_settings
from tests.support.sandbox_server import Sandbox
from workers.messengers.registered_webhooks import difference
from workers.messengers.transport import Transport, open_session

WHATSAPP, VIBER = Messenger.WHATSAPP, Messenger.VIBER
HERE = "http://127.0.0.1:5000"


async def compared(sandbox: Sandbox, messenger: Messenger, address: str = "", **changes: str) -> str | None:
    async with open_session(1) as session:
        settings = load_settings({**sandbox.environment(), **changes}, None)
        return await difference(Transport(session), settings, messenger, address)


async def test_what_is_registered_is_compared_with_our_address(sandbox: Sandbox) -> None:
    assert await compared(sandbox, WHATSAPP) == (
        "WhatsApp has no webhook. Set it in Meta's App Dashboard: docs/receipts.md."
    )
    await sandbox.call("POST", "webhooks", {"whatsapp": f"{HERE}/receipts/whatsapp"})
    assert await compared(sandbox, WHATSAPP) is None
    assert await compared(sandbox, WHATSAPP, HERE) is None
    assert await compared(sandbox, WHATSAPP, "https://shop.example.com/") == (
        f"WhatsApp reports to {HERE}/receipts/whatsapp, not to https://shop.example.com/receipts/whatsapp. "
        "Set it in Meta's App Dashboard: docs/receipts.md."
    )
    assert await compared(sandbox, VIBER) is None
    assert "not to https://shop.example.com/receipts/viber" in str(
        await compared(sandbox, VIBER, "https://shop.example.com")
    )


async def test_a_wrong_token_and_a_missing_one_are_said(sandbox: Sandbox) -> None:
    assert await compared(sandbox, VIBER, VIBER_AUTH_TOKEN="wrong-token-for-tests") == (
        "Viber does not say where it reports to (HTTP 200)."
    )
    with pytest.raises(ConfigurationError, match="VIBER_AUTH_TOKEN"):
        await compared(sandbox, VIBER, VIBER_AUTH_TOKEN="")
