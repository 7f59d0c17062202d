"""Checks of the files for docker that need no engine."""

from __future__ import annotations

import re
from pathlib import Path

from core.settings import SECRETS

ROOT = Path(__file__).parents[2]


def test_base_images_are_fixed_by_digest() -> None:
    compose, dockerfile = ((ROOT / name).read_text() for name in ("docker-compose.yml", "Dockerfile"))
    images = re.findall(r"\$\{(?:PYTHON|REDIS)_IMAGE:-([^}]*)\}", compose)
    images += re.findall(r"^ARG PYTHON_IMAGE=(.*)$", dockerfile, re.MULTILINE)
    assert len(images) == 3
    for image in images:
        assert re.fullmatch(r"[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}", image), image
    python = {image for image in images if image.startswith("python:")}
    assert len(python) == 1


def test_every_secret_is_kept_from_all_programs_that_do_not_name_it() -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    block = compose.partition("x-no-secrets: &no-secrets\n")[2].partition("\n\n")[0]
    assert set(re.findall(r"^  ([A-Z_]+):", block, re.MULTILINE)) == set(SECRETS)
