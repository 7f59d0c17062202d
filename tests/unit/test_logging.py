"""Logging: one line per record, in UTC, without secrets."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.output import Output

ROOT = Path(__file__).parents[2]
TOKEN = "123456789:AAExampleExampleExampleExampleExample"
START = """
import logging
from core.logging import configure_logging
from core.settings import load_settings
configure_logging(load_settings(), "worker")
log = logging.getLogger("workers.engine")
"""


def logged(code: str, **environ: str) -> str:
    """The standard error of a program that configures its logs and runs `code`."""
    ran = subprocess.run(
        [sys.executable, "-c", START + code],
        cwd=ROOT,
        env={**os.environ, "TELEGRAM_BOT_TOKEN": TOKEN, "API_PASSWORD": "open-sesame", **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.stdout == ""
    return ran.stderr


def test_a_line_has_utc_time_level_program_and_logger() -> None:
    line = logged("log.info('delivered %s of %s', 3, 4)", TZ="Asia/Tokyo")
    form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO worker workers\.engine: delivered 3 of 4\n"
    assert re.fullmatch(form, line)


@pytest.mark.parametrize(
    "code",
    [
        f"log.warning('token {TOKEN} refused')",
        f"log.warning('refused: %s', {{'token': '{TOKEN}'}})",
        f"log.warning('POST https://api.telegram.org/bot{TOKEN}/getMe')",
        f"log.warning('no such method', exc_info=ValueError('{TOKEN}'))",
        f"raise RuntimeError('GET /file/bot{TOKEN}/photos/1.jpg')",
        f"import warnings; warnings.warn('{TOKEN}')",
        f"logging.getLogger('telegram.ext.Updater').error('%s', Exception('{TOKEN}'))",
    ],
)
def test_a_bot_token_is_hidden_wherever_it_stands(code: str) -> None:
    written = logged(code)
    assert "***" in written
    assert TOKEN.partition(":")[2] not in written


def test_a_token_of_somebody_else_is_hidden_by_its_shape() -> None:
    assert "987654:ZZ" not in logged(f"log.info('987654:{'Z' * 35}')")


def test_a_short_token_in_a_path_is_hidden_too() -> None:
    written = logged("log.info('http://127.0.0.1:1/telegram/bot1:x/sendMessage')")
    assert "/telegram/bot***/sendMessage" in written


def test_other_secrets_are_hidden_plain_and_quoted() -> None:
    written = logged("log.info('a pass/word, a pass%2Fword or open-sesame')", REDIS_PASSWORD="pass/word")
    assert "a ***, a *** or ***" in written


def test_a_secret_inside_a_longer_word_is_left_alone() -> None:
    assert "reopened" in logged("log.info('reopened')", API_PASSWORD="open")


def test_what_is_below_the_level_is_not_written() -> None:
    assert logged("log.info('quiet')", LOG_LEVEL="warning") == ""


def test_a_phone_number_is_hidden_wherever_it_stands() -> None:
    written = logged("log.info('refused: +491512345678 (not +1 of 2)')")
    assert "refused: *** (not +1 of 2)" in written


def test_debug_is_for_our_own_programs_alone() -> None:
    code = "log.debug('ours'); logging.getLogger('telegram.ext').debug('Zeppelin'); logging.debug('Zeppelin')"
    written = logged(code, LOG_LEVEL="DEBUG")
    assert "ours" in written
    assert "Zeppelin" not in written


@pytest.mark.parametrize("name", ["httpx", "httpcore.connection", "uvicorn.error", "rq_scheduler.scheduler"])
def test_libraries_do_not_tell_of_their_own_workings(name: str) -> None:
    assert logged(f"logging.getLogger('{name}').info('HTTP Request: POST')", LOG_LEVEL="DEBUG") == ""


def test_an_error_nobody_caught_is_one_record_with_its_trace() -> None:
    written = logged("raise RuntimeError('out of paper')")
    assert "CRITICAL worker core.logging: Stopped by an error" in written
    assert "RuntimeError: out of paper" in written
    assert written.count("Traceback") == 1


def test_a_pipe_that_nobody_reads_costs_lines_and_no_time() -> None:
    """As a terminal that is stopped by Ctrl-S. The program logs more than any pipe takes, then ends by itself."""
    code = "\nfor number in range(60_000):\n    log.info('%s', 'x' * 100)\nprint('logged all')\n"
    with subprocess.Popen(
        [sys.executable, "-c", START + code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "logged all\n"
        assert program.wait(30) == 0


def test_once_a_full_pipe_is_read_again_the_output_says_that_lines_are_missing() -> None:
    read, write = os.pipe()
    output = Output(write)
    for number in range(100):
        output.write(f"{number} {'x' * 100_000}\n")
    seen = b""
    while b"(lines are missing here: they could not be written)\nback\n" not in seen:
        output.write("back\n")
        seen += os.read(read, 1 << 20)
    os.close(read)
    output.write("to nobody\n")
    output.drain()
    os.close(write)
