"""The state of the sandbox, and its file."""

import asyncio
import contextlib
import json
import logging
import os
from pathlib import Path
from typing import Any, Final

from sandbox.access import checked_webhook
from sandbox.books import Books
from sandbox.changes import Changes
from sandbox.crowds import Crowds
from sandbox.faults import Faults, Limits
from sandbox.owners import EventReporter, Owners, ViberReporter, WhatsAppReporter
from sandbox.people import PROFILES, TELEGRAM, VIBER, WHATSAPP
from sandbox.phones import Phones
from sandbox.telegram.world import Telegram
from sandbox.webhook_sender import viber_sender, whatsapp_sender
from sandbox.whatsapp_account import WhatsAppAccount
from sandbox.whatsapp_media import WhatsAppMedia

Json = dict[str, Any]
log = logging.getLogger(__name__)
_FORMAT: Final = 1
_PAUSE_SECONDS: Final = 0.3


class World:
    """The parts of the sandbox. Without a `state_file` nothing is kept across restarts."""

    def __init__(self, state_file: Path | None) -> None:
        self._state_file = state_file
        self.changes = Changes()
        self.books = Books()
        self.faults = Faults()
        self.limits = Limits()
        self.crowds = Crowds()
        folder = None if state_file is None else state_file.with_name(f"{state_file.stem}-files")
        self.telegram = Telegram(self.books, self.crowds, self.changes, folder)
        self.phones = {name: Phones(name, self.crowds) for name in PROFILES if name != TELEGRAM}
        self.webhook_senders = {WHATSAPP: whatsapp_sender(), VIBER: viber_sender()}
        self.media = WhatsAppMedia(folder)
        self.account = WhatsAppAccount(self.webhook_senders[WHATSAPP])
        reporters: dict[str, EventReporter] = {
            WHATSAPP: WhatsAppReporter(self.webhook_senders[WHATSAPP]),
            VIBER: ViberReporter(self.webhook_senders[VIBER]),
        }
        self.owners = {
            name: Owners(phones, reporters.get(name) or EventReporter())
            for name, phones in self.phones.items()
        }

    def load(self) -> None:
        """Load the state file, if it is readable; needs a running event loop."""
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
            sender = self.webhook_senders[messenger]
            with contextlib.suppress(ValueError):
                sender.url = sender.url or checked_webhook(url)

    def save(self) -> None:
        """Write the state file, by way of a file beside it."""
        if self._state_file is not None:
            self._write(self._state_file, self._dump())

    async def save_when_changed(self) -> None:
        """Write the state file soon after changes, until cancelled."""
        seen = self.changes.count
        while self._state_file is not None and not self.changes.closed:
            seen = await self.changes.wait_past(seen)
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
            "webhooks": {
                messenger: webhook_sender.url for messenger, webhook_sender in self.webhook_senders.items()
            },
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
