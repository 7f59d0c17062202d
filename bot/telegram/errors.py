"""Errors of a call to Telegram, sorted by what the caller can do about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import httpx
from telegram import error as ptb

from bot.telegram.request import NotTelegramError

_PAUSE_SECONDS: Final = 5.0
_NEVER_LEFT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class TelegramFailure(Exception):
    """A call that Telegram did not carry out."""


class Rejected(TelegramFailure):
    """Telegram refuses this call for good, for example because the message is gone."""


class Unreachable(Rejected):
    """The person has blocked the bot, or never started it."""


class NotHandedOut(Rejected):
    """The Bot API server keeps the file to itself."""


class Unavailable(TelegramFailure):
    """Telegram did not answer. `wait`: seconds to leave it alone before trying again."""

    def __init__(self, text: str, wait: float = _PAUSE_SECONDS) -> None:
        super().__init__(text)
        self.wait = wait

    @property
    def never_left(self) -> bool:
        """True when Telegram certainly got nothing: no connection was made."""
        cause = self.__cause__
        return cause is not None and isinstance(cause.__cause__, _NEVER_LEFT)


class RateLimited(Unavailable):
    """Telegram asks to wait. `wait`: for how many seconds."""

    @property
    def never_left(self) -> bool:
        return True


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn python-telegram-bot's errors into ours. A refused token is left as it is: it ends the bot."""
    try:
        yield
    except ptb.RetryAfter as error:
        wait = error.retry_after
        seconds = wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
        raise RateLimited(error.message, seconds) from error
    except (ptb.Forbidden, ptb.ChatMigrated) as error:
        raise Unreachable(error.message) from error
    except ptb.BadRequest as error:
        raise Rejected(error.message) from error
    except NotTelegramError as error:
        raise Unavailable(error.message) from error
    except ptb.NetworkError as error:
        raise Unavailable(type(error).__name__) from error
