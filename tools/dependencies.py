"""Licences and known advisories of the pinned requirements: .venv/bin/python -m tools.dependencies

Licences are read from what is installed. Advisories are asked for at OSV (osv.dev); where that cannot be reached, it
says so and counts as no finding. The exit code is 1 for a licence that is not allowed or an advisory.
"""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.request
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

_PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)
_OSV = os.environ.get("OSV_URL", "https://api.osv.dev")
_SECONDS = 20
_ALLOWED = re.compile(
    r"MIT|BSD|Apache|PSF|Python Software Foundation|0BSD|Zlib|CC0|CNRI|MPL|Mozilla|ISC|LGPL|Lesser",
    re.IGNORECASE,
)
"""LGPL and MPL: libraries that are used unchanged."""


def pinned(file: Path = Path("requirements.txt")) -> list[tuple[str, str]]:
    """Name and version of each pinned requirement."""
    return sorted(set(_PINNED.findall(file.read_text())))


def licence(one: Distribution) -> str:
    """As the package states it; empty where it states none."""
    classifiers = [c for c in one.metadata.get_all("Classifier") or () if c.startswith("License ::")]
    expressions = one.metadata.get_all("License-Expression") or ()
    stated = " ".join(expressions) or " / ".join(c.rpartition(":: ")[2] for c in classifiers)
    return stated or "".join(one.metadata.get_all("License") or ()).strip().partition("\n")[0]


def advisories(packages: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Package and id of each known advisory. Raises OSError where the source cannot be reached."""
    queries = [
        {"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in packages
    ]
    request = urllib.request.Request(  # noqa: S310 - the address is ours
        f"{_OSV}/v1/querybatch",
        json.dumps({"queries": queries}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - as above
        results = json.load(answer)["results"]
    for (name, version), found in zip(packages, results, strict=True):
        for one in found.get("vulns", ()):
            yield f"{name} {version}", str(one["id"])


def main() -> int:
    packages, bad = pinned(), 0
    installed = {re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower(): one for one in distributions()}
    for name, version in packages:
        if (one := installed.get(name)) is None:
            continue  # for another system or Python
        stated = licence(one)
        allowed = _ALLOWED.search(stated) is not None
        bad += not allowed
        sys.stdout.write(
            f"{name} {version}: {stated or 'no licence stated'}{'' if allowed else '  <- not allowed'}\n"
        )
    try:
        for package, advisory in advisories(packages):
            bad += 1
            sys.stdout.write(f"{package}: {advisory}\n")
    except (OSError, ValueError, KeyError) as error:
        sys.stdout.write(f"Advisories were not checked: {_OSV} cannot be reached ({type(error).__name__}).\n")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
