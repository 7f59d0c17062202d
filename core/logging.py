"""Logging: one line per event on standard error, in UTC, with no secret in it."""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Final
from urllib.parse import quote

from core.settings import Settings
from core.settings_types import TOKEN_FORM

HIDDEN: Final = "***"
_IN_PATH: Final = re.compile(r"/bot[^/\s\"']+(?=/)")
# At INFO the first two write every URL, and Telegram's hold the token; the others tell of their own workings.
_TALKATIVE: Final = ("httpx", "httpcore", "uvicorn", "rq_scheduler")
_SHORTEST: Final = 4  # anything shorter would blank out ordinary words, and is no secret


class Scrubber(logging.Filter):
    """Takes secrets out of records: out of message, arguments, exception text and stack.

    It belongs on handlers: a filter on a logger does not see what the logger's children write.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        spellings = {spelling for secret in secrets for spelling in (secret, quote(secret, safe=""))}
        known = sorted((s for s in spellings if len(s) >= _SHORTEST), key=len, reverse=True)
        words = "|".join(map(re.escape, known))
        self._known = re.compile(rf"(?<!\w)(?:{words})(?!\w)") if words else None

    def scrub(self, text: str) -> str:
        """`text` with every known secret, and everything shaped like a bot token, hidden."""
        text = self._known.sub(HIDDEN, text) if self._known else text
        return _IN_PATH.sub(f"/bot{HIDDEN}", TOKEN_FORM.sub(HIDDEN, text))

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self.scrub(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = _PLAIN.formatException(record.exc_info)
        record.exc_text = self.scrub(record.exc_text) if record.exc_text else None
        record.stack_info = self.scrub(record.stack_info) if record.stack_info else None
        return True


_PLAIN: Final = logging.Formatter()


def configure_logging(settings: Settings, program: str) -> None:
    """Send every logger's records to standard error, scrubbed, each line naming `program`."""
    handler = logging.StreamHandler()
    handler.setFormatter(_formatter(program))
    handler.addFilter(Scrubber(settings.secret_values()))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _log_what_nobody_caught


def _formatter(program: str) -> logging.Formatter:
    line = f"%(asctime)s.%(msecs)03dZ %(levelname)s {program} %(name)s: %(message)s"
    formatter = logging.Formatter(line, datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    return formatter


def _log_what_nobody_caught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger(__name__).critical("Stopped by an error", exc_info=(kind, error, trace))
