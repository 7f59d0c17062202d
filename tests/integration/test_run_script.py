"""run.sh on a machine of its own: a copy of it in an empty folder, with a stand-in for the launcher."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("bash", "cat", "cksum", "dirname", "rm", "uname", "id")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout with nothing to install and a launcher that only tells its arguments."""
    folder = tmp_path / "a checkout"
    (folder / "tools").mkdir(parents=True)
    (folder / "launcher").mkdir(parents=True)
    for name in ("run.sh", "tools/environment.sh"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "requirements.txt").touch()
    (folder / "launcher/__main__.py").write_text("import sys\nprint('launched', sys.argv[1:], sys.prefix)\n")
    return folder


def run(folder: Path, path: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(folder / "run.sh"), "one", "two words"],
        cwd="/",
        env={"PATH": str(path) if path else "/usr/bin:/bin", "PYTHON": sys.executable, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A PATH without any Python."""
    path = tmp_path / "bin"
    path.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (path / tool).symlink_to(found)
    return path


def test_it_makes_an_environment_once_and_installs_when_the_requirements_change(folder: Path) -> None:
    first = run(folder)
    assert first.returncode == 0, first.stderr
    assert first.stdout == f"launched ['one', 'two words'] {folder / '.venv'}\n"
    assert "Making .venv" in first.stderr
    assert "Installing what requirements.txt lists" in first.stderr

    assert run(folder).stderr == ""

    (folder / "requirements.txt").write_text("# changed\n")
    changed = run(folder)
    assert "Installing" in changed.stderr
    assert "Making .venv" not in changed.stderr

    (folder / "requirements.txt").write_text("no-such-package @ file:///nowhere/at/all.whl\n")
    for _ in range(2):
        failed = run(folder)
        assert failed.returncode != 0
        assert "Installing" in failed.stderr
        assert failed.stdout == ""


def test_what_cannot_be_installed_is_tried_again_at_the_next_start(folder: Path) -> None:
    (folder / "requirements.txt").write_text(f"no-such-thing==1.0 --hash=sha256:{'0' * 64}\n")
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
        "PIP_CONFIG_FILE": "/dev/null",
    }
    for _try in range(2):
        failed = run(folder, None, **nowhere)
        assert failed.returncode == 1
        assert failed.stdout == ""
        assert "Check the network and the space on the disk, then start again." in failed.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_the_folder_of_another_user_is_left_alone(folder: Path) -> None:
    folder.chmod(0o555)
    try:
        refused = run(folder)
    finally:
        folder.chmod(0o755)
    assert refused.returncode == 1
    assert "belong to another user" in refused.stderr
    assert "Making .venv" not in refused.stderr


def test_without_python_it_says_what_is_needed_and_where_to_get_it(folder: Path, bare_path: Path) -> None:
    refused = run(folder, bare_path, PYTHON="")
    assert refused.returncode == 1
    assert refused.stderr.startswith("Message Sender needs Python 3.11 or later, and none was found.")
    assert not (folder / ".venv").exists()


def test_a_python_that_is_too_old_does_not_count(folder: Path, bare_path: Path) -> None:
    old = bare_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    assert "needs Python 3.11" in run(folder, bare_path, PYTHON="").stderr
