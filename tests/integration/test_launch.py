"""The launcher, run as a program over tiny stand-ins for the programs that it starts."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from core.store import embedded
from tests.support.launcher import WAIT, Launched, free_port, has_ended, launched, write_programs

TOKEN = "123456789:AAExampleExampleExampleExampleExample"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_programs(tmp_path)
    return tmp_path


@pytest.fixture
def sandbox(folder: Path) -> Iterator[Launched]:
    """The launcher without a token, everything up."""
    with launched(folder) as running:
        running.wait_until_up()
        yield running


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    """The same for all tests that leave it running."""
    folder = tmp_path_factory.mktemp("lasting")
    write_programs(folder)
    with launched(folder) as running:
        running.wait_until_up()
        yield running


def test_without_a_token_it_runs_the_sandbox_and_says_how_to_go_live(lasting: Launched) -> None:
    said = lasting.said
    assert "in the sandbox, because TELEGRAM_BOT_TOKEN is not set" in said
    assert f"http://127.0.0.1:{lasting.environ['SANDBOX_PORT']}" in said
    assert f"http://127.0.0.1:{lasting.environ['API_PORT']}   user admin, password sandbox" in said
    assert re.search(r"^  TELEGRAM_BOT_TOKEN= .*@BotFather$", said, re.MULTILINE)
    assert re.search(r"^  ADMIN_IDS= .*@userinfobot", said, re.MULTILINE)
    base = f"http://127.0.0.1:{lasting.environ['SANDBOX_PORT']}/telegram"
    assert {note.split()[3] for note in lasting.notes} == {base}


def test_the_sandbox_comes_first_then_its_contacts_then_the_rest(lasting: Launched) -> None:
    started = [note.split()[0] for note in lasting.notes]
    assert started[:2] == ["sandbox", "seed"]
    assert sorted(started[2:6]) == ["api", "bot", "scheduler", "worker"]


def test_every_line_of_a_program_carries_its_name(lasting: Launched) -> None:
    for name in ("bot", "worker", "scheduler", "api", "sandbox", "seed"):
        assert f"{name:<9} | {name} says hello\n" in lasting.said


def test_ctrl_c_stops_programs_then_sandbox_then_store_with_exit_code_0(sandbox: Launched) -> None:
    pids = [int(note.split()[2]) for note in sandbox.notes]
    assert sandbox.stop() == 0
    stopped = [note.split()[0] for note in sandbox.notes if note.endswith(" stopped")]
    assert sorted(stopped[:4]) == ["api", "bot", "scheduler", "worker"]
    assert stopped[4:] == ["sandbox"]
    assert all(map(has_ended, pids))
    embedded.prepare(sandbox.folder / "data" / "sandbox")  # it would refuse while the store still ran
    assert "restarting" not in sandbox.said
    assert "WARNING" not in sandbox.said


@pytest.mark.parametrize("name", ["bot", "worker", "scheduler", "api", "sandbox"])
def test_a_program_that_dies_is_started_again_and_it_says_so(lasting: Launched, name: str) -> None:
    os.kill(lasting.pid_of(name), signal.SIGKILL)
    starts = f"{name} started"
    lasting.wait_for(lambda: sum(note.startswith(starts) for note in lasting.notes) == 2, "the second start")
    assert f"{name:<9} | exited (killed by SIGKILL); restarting in 0.5 s" in lasting.said


def test_the_store_comes_back_where_it_was_with_what_it_had(lasting: Launched) -> None:
    data_dir = lasting.folder / "data" / "sandbox"
    port = (data_dir / "store.port").read_text()
    url = f"redis://:{(data_dir / 'store.password').read_text()}@127.0.0.1:{port}/0"
    with Redis.from_url(url) as client:
        client.set("kept", 1)
        os.kill(client.info("server")["process_id"], signal.SIGKILL)
    lasting.wait_for(lambda: "store     | exited (killed by SIGKILL)" in lasting.said, "the store's end")
    lasting.wait_for(lambda: embedded.answers(url), "the store's return")
    with Redis.from_url(url) as client:
        assert client.get("kept") == b"1"


def test_the_programs_end_when_the_launcher_itself_is_killed(sandbox: Launched) -> None:
    pids = [int(note.split()[2]) for note in sandbox.notes]
    sandbox.process.kill()
    sandbox.wait_for(lambda: all(map(has_ended, pids)), "the end of the programs")


def test_a_program_that_does_not_stop_is_killed_at_the_second_ctrl_c(folder: Path) -> None:
    path = folder / "workers/__main__.py"
    stubborn = path.read_text().replace("signal.signal(signal.SIGTERM, stop)", "")
    path.write_text(stubborn.replace(WAIT, "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + WAIT))
    with launched(folder) as running:
        running.wait_until_up()
        pid = running.pid_of("worker")
        running.process.send_signal(signal.SIGINT)
        running.wait_for(lambda: "bot stopped" in running.notes, "the stop of the others")
        assert not has_ended(pid)
        assert running.stop() == 0
        assert has_ended(pid)


def test_a_stop_during_the_start_leaves_nothing_behind(folder: Path) -> None:
    with launched(folder) as running:
        running.wait_for(lambda: running.notes, "the first program")
        assert running.stop() == 0
        assert all(has_ended(int(note.split()[2])) for note in running.notes if " started " in note)


def test_contacts_that_cannot_be_stored_end_the_start(folder: Path) -> None:
    (folder / "sandbox/seed.py").write_text("raise SystemExit('no room left')")
    with launched(folder) as running:
        assert running.wait() == 1
    assert "seed      | no room left" in running.said
    assert "could not be stored" in running.said
    assert "Traceback" not in running.said


def test_with_a_token_it_runs_for_real(folder: Path) -> None:
    environ = {"TELEGRAM_BOT_TOKEN": TOKEN, "WHATSAPP_TOKEN": "x", "TELEGRAM_API_URL": "http://127.0.0.1:9"}
    with launched(folder, **environ) as running:
        running.wait_until_up()
        started = sorted(note.split()[0] for note in running.notes)
    assert started == ["bot", "scheduler", "worker"]
    assert "Telegram  ready\n" in running.said
    assert "WhatsApp  not set up; missing: WHATSAPP_PHONE_NUMBER_ID\n" in running.said
    assert "Viber     not set up; missing: VIBER_AUTH_TOKEN, VIBER_SENDER_NAME\n" in running.said
    assert "Set ADMIN_IDS" in running.said
    assert "API       off; set API_PASSWORD" in running.said
    assert "\n  Open your bot in Telegram and press Start\n\nlaunch    | stopping" in running.said
    assert "sandbox" not in running.said
    assert TOKEN not in running.said


def test_with_redis_url_no_store_is_started(folder: Path, redis_url: str) -> None:
    with launched(folder, REDIS_URL=redis_url, TELEGRAM_BOT_TOKEN=TOKEN) as running:
        running.wait_until_up()
    assert "store " not in running.said
    assert not (folder / "data").exists()


def test_a_store_that_does_not_answer_or_refuses_the_password_is_told_at_once(
    folder: Path, redis_url: str
) -> None:
    wrong = re.sub(r":[^:@]*@", ":wrong@", redis_url)
    for url, said in (("redis://127.0.0.1:9/0", "REDIS_URL: nothing answers"), (wrong, "REDIS_PASSWORD: ")):
        with launched(folder, REDIS_URL=url, TELEGRAM_BOT_TOKEN=TOKEN) as running:
            assert running.wait() == 2
        assert running.said.startswith(said)
    assert not (folder / "notes").exists()


def test_a_token_in_dotenv_is_read_and_the_file_left_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN")
    monkeypatch.delenv("ADMIN_IDS")
    env_file = folder / ".env"
    env_file.write_text(text := f"TELEGRAM_BOT_TOKEN={TOKEN}\nADMIN_IDS=1,2\n")
    with launched(folder) as running:
        running.wait_until_up()
    assert "Admins    2\n" in running.said
    assert env_file.read_text() == text


def test_what_was_tried_is_kept_apart_from_what_is_real_and_both_from_other_users(folder: Path) -> None:
    """The sandbox's files in a folder of their own; the data directory may have been there before, open to all."""
    (folder / "data").mkdir()
    (folder / "data").chmod(0o755)
    before = os.umask(0o022)
    try:
        with launched(folder) as tried:
            tried.wait_until_up()
        assert readable_by_others(folder / "data" / "sandbox") == []
        with launched(folder, TELEGRAM_BOT_TOKEN=TOKEN) as real:
            real.wait_until_up()
    finally:
        os.umask(before)
    assert readable_by_others(folder / "data") == []
    assert readable_by_others(folder / "notes") == []
    directories = {note.split()[4] for note in real.notes if " started " in note}
    assert directories == {str(folder / "data" / "sandbox"), str(folder / "data")}


def readable_by_others(path: Path) -> list[str]:
    """Paths from `path` down that other users can read."""
    return [str(one) for one in (path, *path.rglob("*")) if one.stat().st_mode & 0o077]


@pytest.mark.parametrize(("mode", "warned"), [(0o644, True), (0o640, True), (0o600, False)])
def test_a_dotenv_that_others_can_read_is_warned_of(folder: Path, mode: int, warned: bool) -> None:
    env_file = folder / ".env"
    env_file.write_text("ADMIN_IDS=abc\n")
    env_file.chmod(mode)
    with launched(folder, TZ="Mars") as running:
        assert running.wait() == 2
    assert ("chmod 600 .env" in running.said) == warned


def test_nonsense_is_refused_in_sentences_with_exit_code_2(folder: Path) -> None:
    with launched(folder, ADMIN_IDS="abc", TZ="Mars") as running:
        assert running.wait() == 2
    assert 'ADMIN_IDS: "abc" is not a number. Example: ADMIN_IDS=' in running.said
    assert "TZ: " in running.said
    assert "Traceback" not in running.said
    assert running.notes == []


@pytest.mark.parametrize("variable", ["SANDBOX_PORT", "API_PORT"])
def test_a_port_that_is_taken_is_named_with_its_variable(folder: Path, variable: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with launched(folder, **{variable: str(port)}) as running:
            assert running.wait() == 2
    assert f"Port {port} is taken by another program" in running.said
    assert f"{variable}={port + 1}" in running.said
    assert "Traceback" not in running.said


def test_a_data_folder_that_takes_no_files_is_named(folder: Path) -> None:
    (folder / "data/sandbox/store.port.part").mkdir(parents=True)
    with launched(folder) as running:
        assert running.wait() == 2
    assert f'DATA_DIR: "{folder}/data/sandbox" cannot be used' in running.said
    assert "Traceback" not in running.said


def test_the_sandbox_and_the_api_cannot_share_a_port(folder: Path) -> None:
    port = free_port()
    with launched(folder, SANDBOX_PORT=str(port), API_PORT=str(port)) as running:
        assert running.wait() == 2
    assert f"SANDBOX_PORT and API_PORT are both {port}." in running.said
    assert running.notes == []


def test_a_second_copy_in_the_same_place_is_refused(lasting: Launched) -> None:
    with launched(lasting.folder) as second:
        assert second.wait() == 2
    assert "already works on" in second.said
    assert lasting.process.poll() is None


def test_a_log_that_cannot_be_written_costs_its_lines_and_nothing_else(folder: Path) -> None:
    """As on a full disk: every program is started all the same, and a stop is obeyed."""
    with launched(folder, output="/dev/full") as running:
        running.wait_for(lambda: len(running.notes) >= 6, "the start of all programs")
        running.wait_for(lambda: running.pid_of("worker"), "the worker")
        assert running.stop() == 0


def test_a_terminal_that_takes_nothing_stops_no_program_and_a_stop_is_obeyed(folder: Path) -> None:
    """As after Ctrl-S, or before a pager: nobody reads the launcher's output, and the worker writes on."""
    path = folder / "workers/__main__.py"
    path.write_text(path.read_text().replace(WAIT, "print('x\\n' * 500_000)\nnote('wrote all')\n" + WAIT))
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with launched(folder, output=str(pipe)) as running:
        running.wait_for(lambda: "worker wrote all" in running.notes, "all lines of the worker")
        assert running.stop() == 0
    os.close(reader)


def test_a_closed_terminal_stops_everything_and_nohup_prevents_it(folder: Path) -> None:
    with launched(folder) as running:
        running.wait_until_up()
        running.process.send_signal(signal.SIGHUP)
        assert running.wait() == 0
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with launched(folder) as running:
            running.wait_until_up()
            running.process.send_signal(signal.SIGHUP)
            assert running.stop() == 0
            assert running.said.count("stopping;") == 1
            assert "Ctrl-C again" in running.said
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
