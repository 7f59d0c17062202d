"""What an admin is told without having asked."""

from __future__ import annotations

import logging
from collections.abc import Callable

from telegram.error import BadRequest, Forbidden, TelegramError

from bot.chat import Chat
from bot.reading import read_by
from bot.screen import Screen
from core.app import Core

log = logging.getLogger(__name__)


async def tell(core: Core, chat: Chat, admin: int, screen: Callable[[], Screen]) -> bool:
    """Writes in their language, by their clock. False when Telegram could not be reached: it may work later."""
    try:
        with read_by(await core.readers.of(admin)):
            await chat.send(admin, screen())
    except (Forbidden, BadRequest) as error:
        # An admin who never pressed Start cannot be written to; the others still must hear of it.
        log.info("admin %s could not be told: %s", admin, error.message)
    except TelegramError as error:
        log.warning("admin %s could not be told just now: %s", admin, type(error).__name__)
        return False
    return True
