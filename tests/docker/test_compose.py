"""The images and the compose file, really run: two workers, one of them killed in the middle of sending."""

from __future__ import annotations

import re
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

import aiohttp
import pytest

from core.domain.messengers.traits import Messenger
from core.settings import SECRETS, load_settings
from tests.docker.engine import (
    ROOT,
    Project,
    base_images,
    docker,
    engine_answers,
    inspect,
    state,
    stop_engine,
)
from tests.support.sandbox_server import ADMIN, Sandbox

pytestmark = pytest.mark.docker

CROWD: Final = 400
IN_THE_AIR: Final = 20
API_TEXT: Final = "From a program, to many"
CHAT_TEXT: Final = "From the chat, to three"
SERVICES: Final = ("redis", "sandbox", "bot", "worker", "scheduler", "api")
STORE_PASSWORD: Final = r'quo"ted\pass word'
_NOTHING_SET: Final = load_settings({}, None)
OWN_SECRETS: Final = {
    "redis": {"REDIS_PASSWORD"},
    "bot": {"REDIS_PASSWORD", "TELEGRAM_BOT_TOKEN", "WHATSAPP_APP_SECRET"},
    "worker": {"REDIS_PASSWORD", *(name for one in Messenger for name in _NOTHING_SET.missing_for(one))} & {*SECRETS},
    "scheduler": {"REDIS_PASSWORD"},
    "api": {
        "REDIS_PASSWORD", "API_PASSWORD", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN", "VIBER_AUTH_TOKEN"
    },
    "sandbox": set[str](),
}  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    return {"API_PORT": free_port(), "SANDBOX_PORT": free_port()}


@pytest.fixture(scope="module")
def images() -> Iterator[dict[str, str]]:
    """An engine that runs, with the variables that name base images."""
    ran_before = engine_answers()
    yield base_images()
    if not ran_before:
        stop_engine()


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, ports: dict[str, int], images: dict[str, str]
) -> Iterator[Project]:
    """The sandbox's project with two workers, every container well; taken down with its data at the end."""
    env_file = tmp_path_factory.mktemp("compose") / "test.env"
    lines = [line for line in (ROOT / "sandbox.env").read_text().splitlines() if "ENV_FILE=" not in line]
    lines += [
        f"ENV_FILE={env_file}",
        "UNDO_SECONDS=0",
        "TELEGRAM_RATE=80",
        f"WORKER_CONCURRENCY={IN_THE_AIR}",
        f"REDIS_PASSWORD='{STORE_PASSWORD}'",
    ]
    lines += [f"{name}={port}" for name, port in ports.items()]
    env_file.write_text("\n".join(lines) + "\n")
    project = Project(env_file=env_file, images=images)
    try:
        project.compose("up", "-d", "--build", "--scale", "worker=2")
        project.wait_until_well(SERVICES)
        yield project
    finally:
        project.compose("down", "-v", "--remove-orphans")


@asynccontextmanager
async def sandbox_at(port: int) -> AsyncIterator[Sandbox]:
    async with aiohttp.ClientSession() as session:
        yield Sandbox(f"http://127.0.0.1:{port}", session)


async def call_api(port: int, verb: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # any JSON
    headers = {"Authorization": aiohttp.encode_basic_auth("admin", "sandbox-password")}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(verb, f"http://127.0.0.1:{port}{path}", json=body) as response,
    ):
        assert response.status == 200, await response.text()
        return await response.json()


async def press(sandbox: Sandbox, beginning: str) -> None:
    """Wait for a button whose text begins so, and press it as the admin."""

    def shown(messages: list[dict[str, Any]]) -> list[tuple[int, str]]:
        return [
            (message["message_id"], button["text"])
            for message in messages
            for row in message.get("reply_markup", {}).get("inline_keyboard", [])
            for button in row
            if button["text"].startswith(beginning)
        ]

    message_id, text = shown(await sandbox.until(lambda messages: bool(shown(messages)), deadline=60))[-1]
    await sandbox.press(message_id, text)


def people(lines: list[str]) -> Counter[str]:
    return Counter(
        match[1] for line in lines if (match := re.match(r"Message to user: (\S+) with body", line))
    )


async def test_a_killed_worker_costs_nobody_a_message_and_gives_nobody_two(
    project: Project, ports: dict[str, int]
) -> None:
    """400 people through the API and three through the chat, one of two workers killed in the middle."""
    api = ports["API_PORT"]
    async with sandbox_at(ports["SANDBOX_PORT"]) as sandbox:
        crowd = await sandbox.crowd("telegram", CROWD)
        addresses = [str(number) for number in range(int(crowd["first"]), int(crowd["last"]) + 1)]
        await sandbox.fault("telegram", "delay", ms=200, method="sendMessage")

        recipients = [{"uuid": address, "service": "telegram"} for address in addresses]
        accepted = await call_api(api, "POST", "/send_message", {"body": API_TEXT, "recipients": recipients})
        assert len(accepted["started"]) == CROWD
        await sandbox.say(f"/send telegram:1001, whatsapp:+12025550123, viber:alice | {CHAT_TEXT}")
        await press(sandbox, "✅ Send now")

        async def a_quarter_has_landed() -> bool:
            return len(await sandbox.delivered(text=API_TEXT)) >= CROWD // 4

        await sandbox.eventually(a_quarter_has_landed, deadline=120)
        victim = project.containers("worker")[0]
        docker("kill", victim)
        assert len(await sandbox.delivered(text=API_TEXT)) < CROWD, "killed too late to say anything"

        async def everything_has_ended() -> bool:
            found = await call_api(api, "GET", "/get_finished")
            return sum(map(len, found.values())) == CROWD + 3

        await sandbox.eventually(everything_has_ended, deadline=120)
        docker("start", victim)
        finished = await call_api(api, "GET", "/get_finished")
        landed = Counter(item["recipient"] for item in await sandbox.delivered(text=API_TEXT))
        chatted = await sandbox.delivered(text=CHAT_TEXT)

    of_api = {name: [line for line in lines if API_TEXT in line] for name, lines in finished.items()}
    reached, not_known = people(of_api["finished_main"]), people(of_api["finished_with_fail"])
    assert set(reached) | set(not_known) == set(addresses), "somebody is lost"
    assert max(landed.values()) == 1, "somebody got it twice"
    assert set(reached) <= set(landed), "said to be sent, and was not"
    assert len(not_known) <= IN_THE_AIR, "more are unknown than were in the air"
    to_three = [(item["messenger"], item["recipient"]) for item in chatted if item["recipient"] != str(ADMIN)]
    of_chat = [line for line in finished["finished_with_fail"] if CHAT_TEXT in line]
    assert len(to_three) == len(set(to_three)), "somebody got the chat's message twice"
    assert 3 - len(of_chat) <= len(to_three) <= 3


def test_programs_run_without_privileges_on_a_file_system_they_cannot_change(project: Project) -> None:
    for service in SERVICES:
        container = project.containers(service)[0]
        assert docker("exec", container, "id", "-u").strip() == ("999" if service == "redis" else "10001")
        probe = "touch /usr/x 2>/dev/null && echo writable || echo closed; grep CapEff /proc/1/status"
        assert docker("exec", container, "sh", "-c", probe).split() == ["closed", "CapEff:", "0" * 16]
        assert inspect(container)["HostConfig"]["ReadonlyRootfs"] is True


def test_each_program_gets_its_own_secrets_only_and_none_as_an_argument(project: Project) -> None:
    values = dict(
        line.split("=", 1) for line in (ROOT / "sandbox.env").read_text().splitlines() if "=" in line
    )
    secrets = {name: value for name, value in values.items() if name in SECRETS}
    secrets["REDIS_PASSWORD"] = STORE_PASSWORD
    assert set(secrets) == set(SECRETS) - {"SENTINEL_PASSWORD"}
    for service in SERVICES:
        container = project.containers(service)[0]
        config = inspect(container)["Config"]
        given = dict(one.split("=", 1) for one in config["Env"])
        own = {name for name, value in secrets.items() if value in given.values()}
        assert own == OWN_SECRETS[service], service
        assert {name for name in own if given[name] != secrets[name]} == set()
        arguments = docker("exec", container, "cat", "/proc/1/cmdline") + str(config["Cmd"])
        assert not [name for name, value in secrets.items() if value in arguments], service


def test_with_a_file_for_each_secret_none_is_shown(
    project: Project, images: dict[str, str], tmp_path: Path
) -> None:
    """With the image that `project` has built."""
    assert project.containers("redis")
    names = {name for own in OWN_SECRETS.values() for name in own}
    values = {name: f"in-its-file-{number}" for number, name in enumerate(sorted(names))}
    for name, value in values.items():
        (tmp_path / name.lower()).write_text(f"{value}\n")
        (tmp_path / name.lower()).chmod(0o644)
    port, env_file = free_port(), tmp_path / "files.env"
    lines = ["REDIS_PASSWORD=in-a-file", "API_PASSWORD=in-a-file", f"API_PORT={port}", "ADMIN_IDS=100"]
    env_file.write_text("\n".join([*lines, f"ENV_FILE={env_file}", f"SECRETS_DIR={tmp_path}"]) + "\n")
    overlay = ("-f", "docker-compose.yml", "-f", "docker-compose.secrets.yml")
    filed = Project(env_file=env_file, images=images, options=overlay)
    try:
        filed.compose("up", "-d", "redis", "api")
        filed.wait_until_well(("redis", "api"))
        for service in ("redis", "api"):
            container = filed.containers(service)[0]
            assert "in-its-file" not in str(inspect(container))
            found = set(docker("exec", container, "ls", "/run/secrets").split())
            assert found == {name.lower() for name in OWN_SECRETS[service]}
        login = aiohttp.encode_basic_auth("admin", values["API_PASSWORD"])
        request = Request(f"http://127.0.0.1:{port}/get_scheduled", headers={"Authorization": login})
        with urlopen(request, timeout=30) as answer:  # noqa: S310 - ours
            assert answer.status == 200
    finally:
        filed.compose("down", "-v", "--remove-orphans")


def test_neither_store_nor_programs_are_open_to_the_network_but_on_this_machine(project: Project) -> None:
    published = {service: docker("port", project.containers(service)[0]) for service in SERVICES}
    assert {service for service, ports in published.items() if ports} == {"api", "sandbox"}
    assert all("127.0.0.1:" in published[service] for service in ("api", "sandbox"))


def test_the_contacts_are_stored_once_and_that_program_is_done(project: Project) -> None:
    container = docker("ps", "-aq", "--filter", f"name={project.name}.seed").split()[0]
    assert (state(container)["Status"], state(container)["ExitCode"]) == ("exited", 0)


def test_a_stopped_worker_says_goodbye_in_time(project: Project) -> None:
    container = project.containers("worker")[-1]
    docker("stop", "--time", "35", container)
    assert state(container)["ExitCode"] == 0
    docker("start", container)
