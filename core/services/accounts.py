"""Keep the store to one account per messenger, so that its orders are not sent with another one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Final

from core.domain.messengers.traits import Messenger
from core.domain.translatable import sentence
from core.settings import Settings
from core.store.accounts import AccountStore


class Accounts:
    """Compares the accounts in the settings with those in the store."""

    def __init__(self, store: AccountStore, settings: Settings) -> None:
        self._store = store
        self.ours = account_ids(settings)

    async def known(self) -> Mapping[Messenger, str]:
        return await self._store.known()

    async def refused(self) -> dict[Messenger, str]:
        """One sentence for each messenger whose account in the settings is not the one in the store."""
        known = await self._store.known()
        return {
            messenger: _another(messenger, known[messenger], account)
            for messenger, account in self.ours.items()
            if known.get(messenger, account) != account
        }

    async def remember(self, messenger: Messenger) -> None:
        """Keep the account in the settings, which the messenger has just accepted."""
        if messenger in self.ours:
            await self._store.remember(messenger, self.ours[messenger])

    async def move(self, messenger: Messenger) -> None:
        """Replace the account in the store by the one in the settings."""
        await self._store.move(messenger, self.ours[messenger])


def _another(messenger: Messenger, theirs: str, ours: str) -> str:
    if messenger is Messenger.VIBER:
        # Its id here is made of the token, which nobody would recognise in it.
        return sentence(
            "This storage belongs to another VIBER_AUTH_TOKEN. Nothing is sent on Viber. If this is a new token of the "
            "same bot, run: python -m workers.accounts move viber"
        )
    return sentence(
        "This storage belongs to the {messenger} account {theirs}, but the settings name "
        "{ours}. Nothing is sent there. If the account has moved, run: python -m "
        "workers.accounts move {name}",
        theirs=theirs,
        ours=ours,
        messenger=messenger.traits.title,
        name=messenger.value,
    )


def account_ids(settings: Settings) -> dict[Messenger, str]:
    """Public ids of the accounts in the settings. A webhook has no account."""
    return {messenger: account for messenger, read in _IDS.items() if (account := read(settings)) is not None}


def _telegram(settings: Settings) -> str | None:
    token = settings.telegram_bot_token
    return token.get_secret_value().partition(":")[0] if token else None


def _viber(settings: Settings) -> str | None:
    # Its public id is known to Viber alone. Its token lives as long as the account does.
    token = settings.viber_auth_token
    return hashlib.sha256(token.get_secret_value().encode()).hexdigest()[:12] if token else None


_IDS: Final[Mapping[Messenger, Callable[[Settings], str | None]]] = {
    Messenger.TELEGRAM: _telegram,
    Messenger.WHATSAPP: lambda settings: settings.whatsapp_phone_number_id,
    Messenger.VIBER: _viber,
}
