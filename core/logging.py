"""Logging: one line per event on stderr, UTC, secrets hidden, and no program ever waits for it."""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Final
from urllib.parse import quote

from core.output import Output
from core.settings import Settings
from core.settings_types import TOKEN_FORM

HIDDEN: Final = "***"
_STDERR: Final = 2
_IN_PATH: Final = re.compile(r"/bot[^/\s\"']+(?=/)")
_PHONE: Final = re.compile(r"(?<![\w+])\+\d{8,15}(?!\w)")
# At INFO the first two log every URL, and Telegram's URLs contain the token; the others log their internals.
_VERBOSE: Final = ("httpx", "httpcore", "uvicorn", "rq_scheduler")
# Below INFO, libraries log what they are given: texts, addresses, answers. LOG_LEVEL=DEBUG is for our own records.
_OURS: Final = ("__main__", "api", "bot", "core", "launcher", "sandbox", "workers")
_SHORTEST: Final = 4  # anything shorter would blank out ordinary words


class Scrubber(logging.Filter):
    """Hides secrets in records: message, arguments, exception text and stack.

    Add it to handlers: a filter on a logger does not see the records of child loggers.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        spellings = {spelling for secret in secrets for spelling in (secret, quote(secret, safe=""))}
        known = sorted((s for s in spellings if len(s) >= _SHORTEST), key=len, reverse=True)
        words = "|".join(map(re.escape, known))
        self._known = re.compile(rf"(?<!\w)(?:{words})(?!\w)") if words else None

    def scrub(self, text: str) -> str:
        """Replace every known secret, and everything shaped like a bot token or a phone number, with ***."""
        text = self._known.sub(HIDDEN, text) if self._known else text
        return _PHONE.sub(HIDDEN, _IN_PATH.sub(f"/bot{HIDDEN}", TOKEN_FORM.sub(HIDDEN, text)))

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self.scrub(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = _PLAIN.formatException(record.exc_info)
        record.exc_text = self.scrub(record.exc_text) if record.exc_text else None
        record.stack_info = self.scrub(record.stack_info) if record.stack_info else None
        return True


_PLAIN: Final = logging.Formatter()


def configure_logging(settings: Settings, program: str) -> None:
    """Log everything to stderr, scrubbed, each line with the name of `program`."""
    handler = logging.StreamHandler(Output(_STDERR))
    handler.setFormatter(_formatter(program))
    handler.addFilter(Scrubber(settings.secret_values()))
    level = logging.getLevelNamesMapping()[settings.log_level]
    logging.basicConfig(level=max(level, logging.INFO), handlers=[handler], force=True)
    for name in _OURS:
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(True)
    for name in _VERBOSE:
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _log_uncaught


def _formatter(program: str) -> logging.Formatter:
    line = f"%(asctime)s.%(msecs)03dZ %(levelname)s {program} %(name)s: %(message)s"
    formatter = logging.Formatter(line, datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    return formatter


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger(__name__).critical("Stopped by an error", exc_info=(kind, error, trace))
