"""Everything the sandbox knows, and the file that carries it over a restart."""

import asyncio
import json
import logging
import os
from pathlib import Path
from typing import Any, Final

from sandbox.bell import Bell
from sandbox.books import Books
from sandbox.crowds import Crowds
from sandbox.faults import Faults, Limits
from sandbox.owners import Owners, SilentTeller, ViberTeller, WhatsAppTeller
from sandbox.people import VIBER, WEBHOOK, WHATSAPP
from sandbox.phones import Phones
from sandbox.postman import viber_postman, whatsapp_postman
from sandbox.telegram.world import Telegram
from sandbox.whatsapp_account import WhatsAppAccount
from sandbox.whatsapp_media import WhatsAppMedia

Json = dict[str, Any]
log = logging.getLogger(__name__)
_FORMAT: Final = 1
_PAUSE_SECONDS: Final = 0.3


class World:
    """The parts of the sandbox. `state_file` None: nothing outlives the process."""

    def __init__(self, state_file: Path | None) -> None:
        self._state_file = state_file
        self.bell = Bell()
        self.books = Books()
        self.faults = Faults()
        self.limits = Limits()
        self.crowds = Crowds()
        folder = None if state_file is None else state_file.with_name(f"{state_file.stem}-files")
        self.telegram = Telegram(self.books, self.crowds, self.bell, folder)
        self.whatsapp = Phones(WHATSAPP, self.crowds)
        self.viber = Phones(VIBER, self.crowds)
        self.webhook = Phones(WEBHOOK, self.crowds)
        self.phones = {phones.messenger: phones for phones in (self.whatsapp, self.viber, self.webhook)}
        self.postmen = {WHATSAPP: whatsapp_postman(), VIBER: viber_postman()}
        self.media = WhatsAppMedia(folder)
        self.account = WhatsAppAccount(self.postmen[WHATSAPP])
        self.owners = {
            WHATSAPP: Owners(self.whatsapp, WhatsAppTeller(self.postmen[WHATSAPP])),
            VIBER: Owners(self.viber, ViberTeller(self.postmen[VIBER])),
            WEBHOOK: Owners(self.webhook, SilentTeller()),
        }

    def load(self) -> None:
        """Takes over the state file, if there is one that can be read; needs a running event loop."""
        if self._state_file is None or not self._state_file.exists():
            return
        try:
            saved = json.loads(self._state_file.read_text(encoding="utf-8"))
        except ValueError:
            log.warning("%s cannot be read: starting afresh", self._state_file)
            return
        if saved.get("format") != _FORMAT:
            log.warning("%s is of another version: starting afresh", self._state_file)
            return
        self.crowds.load(saved["crowds"])
        self.telegram.load(saved["telegram"])
        for messenger, phones in self.phones.items():
            phones.load(saved.get(messenger, {}))
        self.media.load(saved.get("media", []))
        self.account.load(saved.get("account", {}))
        for messenger, url in saved.get("webhooks", {}).items():
            self.postmen[messenger].url = self.postmen[messenger].url or url

    def save(self) -> None:
        """Writes the state file: beside it first, then in its place."""
        if self._state_file is not None:
            self._write(self._state_file, self._dump())

    async def save_when_changed(self) -> None:
        """Goes on writing the state file soon after changes, until cancelled."""
        seen = self.bell.changes
        while self._state_file is not None and not self.bell.closed:
            seen = await self.bell.wait_past(seen)
            await asyncio.sleep(_PAUSE_SECONDS)
            await asyncio.to_thread(self._write, self._state_file, self._dump())

    def _dump(self) -> str:
        state: Json = {
            "format": _FORMAT,
            "crowds": self.crowds.to_json(),
            "telegram": self.telegram.to_json(),
            **{messenger: phones.to_json() for messenger, phones in self.phones.items()},
            "media": self.media.to_json(),
            "account": self.account.to_json(),
            "webhooks": {messenger: postman.url for messenger, postman in self.postmen.items()},
        }
        return json.dumps(state, ensure_ascii=False)

    @staticmethod
    def _write(target: Path, content: str) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(target.name + ".new")
        with beside.open("w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
