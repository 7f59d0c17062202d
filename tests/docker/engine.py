"""A Docker engine and one project of ours in it, for the tests of images and compose file."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final

import pytest

from core.settings import SECRETS, VARIABLES

ROOT: Final = Path(__file__).parents[2]
DOCKER: Final = shutil.which("docker") or "docker"
NO_ENGINE: Final = 3
"""The exit code with which STAND_IN_IMAGES says that no engine can start here."""
ENGINE_PID: Final = Path("/var/run/docker.pid")


def base_images() -> dict[str, str]:
    """The variables that name other base images, as the script STAND_IN_IMAGES gives them.

    Skips the test, saying why, where there is no engine and none can be started.
    """
    script = ROOT / os.environ.get("STAND_IN_IMAGES", "")
    if not script.is_file():
        _skip_without_engine()
        return {}
    # Into files: an engine that the script starts inherits its output, and a pipe would stay open as long as it runs.
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        code = subprocess.run([str(script)], stdout=out, stderr=err, check=False, timeout=600).returncode
        out.seek(0)
        err.seek(0)
        printed, complaint = out.read(), err.read().strip()
    if code == NO_ENGINE:
        pytest.skip(f"no Docker engine can be started on this machine: {complaint[-500:]}")
    assert code == 0, complaint
    return dict(re.findall(r"^export (\w+)=(.*)$", printed, re.MULTILINE))


def engine_answers() -> bool:
    """True if a Docker engine answers on this machine."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run([DOCKER, "info"], capture_output=True, check=False, timeout=60).returncode == 0


def stop_engine() -> None:
    """Stop the engine that `base_images` started, and wait for its end, so that nothing of a test run is left."""
    if not ENGINE_PID.is_file():
        return
    os.kill(int(ENGINE_PID.read_text()), signal.SIGTERM)
    deadline = time.monotonic() + 60
    while engine_answers():
        assert time.monotonic() < deadline, "the Docker engine does not stop"


def _skip_without_engine() -> None:
    if not engine_answers():
        pytest.skip("no Docker engine answers on this machine")


def compose_command() -> list[str]:
    """`docker compose`, or its predecessor where that is what is installed."""
    if subprocess.run([DOCKER, "compose", "version"], capture_output=True, check=False).returncode == 0:
        return [DOCKER, "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    pytest.skip("neither `docker compose` nor docker-compose is installed on this machine")


@dataclass(frozen=True, kw_only=True)
class Project:
    """One compose project, apart from every other on the machine. `options`: further ones of compose."""

    env_file: Path
    images: Mapping[str, str]
    options: Sequence[str] = ("--profile", "sandbox")
    command: Sequence[str] = field(default_factory=compose_command)
    name: str = field(default_factory=lambda: f"ms-test-{secrets.token_hex(4)}")

    def compose(self, *arguments: str, timeout: float = 900) -> str:
        """Run compose on the project; gives what it printed. Its failure is the test's."""
        base = [*self.command, "-p", self.name, "--env-file", str(self.env_file), *self.options]
        ours = {*VARIABLES, *(f"{name}_FILE" for name in SECRETS)}
        environ = {name: value for name, value in os.environ.items() if name not in ours}
        ran = subprocess.run(
            [*base, *arguments],
            cwd=ROOT,
            env={**environ, **self.images},
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )
        assert ran.returncode == 0, (
            f"compose {' '.join(arguments)}\n{ran.stdout[-3000:]}\n{ran.stderr[-5000:]}"
        )
        return ran.stdout

    def containers(self, service: str) -> list[str]:
        """The ids of the service's running containers."""
        found = self.compose("ps", "-q", service).split()
        return [one for one in found if state(one)["Status"] == "running"]

    def wait_until_well(self, services: Sequence[str], seconds: float = 180) -> None:
        """Wait until every container of `services` has passed its health check."""
        deadline = time.monotonic() + seconds
        while unwell := [name for name in services if not self._is_well(name)]:
            assert time.monotonic() < deadline, f"not well: {unwell}\n{self.compose('logs', '--tail', '60')}"

    def _is_well(self, service: str) -> bool:
        found = self.containers(service)
        return bool(found) and all(state(one).get("Health", {}).get("Status") == "healthy" for one in found)


def docker(*arguments: str) -> str:
    """Run docker; gives what it printed."""
    ran = subprocess.run([DOCKER, *arguments], capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def state(container: str) -> dict[str, Any]:
    """The state of a container as the engine tells it."""
    return dict(inspect(container)["State"])


def inspect(container: str) -> dict[str, Any]:
    """All that the engine tells of a container."""
    found: dict[str, Any] = json.loads(docker("inspect", "--format", "{{json .}}", container))
    return found
