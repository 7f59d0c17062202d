"""Libraries in production: licences, advisories, and none that is for tests."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from tools.dependencies import pinned

ROOT = Path(__file__).parents[2]


def listed(osv_url: str) -> tuple[int, str]:
    """Exit code and output of the command."""
    ran = subprocess.run(
        [sys.executable, "-m", "tools.dependencies"],
        cwd=ROOT,
        env={**os.environ, "OSV_URL": osv_url, "no_proxy": "*"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_licences_are_allowed_and_an_unreachable_source_is_said() -> None:
    code, output = listed("http://127.0.0.1:9")
    assert "python-telegram-bot 22.8: LGPL-3.0-only\n" in output
    assert "Advisories were not checked: http://127.0.0.1:9 cannot be reached" in output
    assert "not allowed" not in output
    assert code == 0


class _Osv(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        results = ['{"vulns": [{"id": "GHSA-test"}]}', *["{}"] * (len(pinned(ROOT / "requirements.txt")) - 1)]
        body = f'{{"results": [{", ".join(results)}]}}'.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


def test_an_advisory_is_named_and_fails() -> None:
    with HTTPServer(("127.0.0.1", 0), _Osv) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        code, output = listed(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()
    assert "aiohappyeyeballs" in output
    assert "GHSA-test" in output
    assert code == 1


def test_no_library_for_tests_is_installed_in_production() -> None:
    """rq-scheduler lists freezegun, which could stop the clock of a running program."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = [one for one in (ROOT / name).read_text().splitlines() if one.startswith("freezegun")]
        assert all("sys_platform == 'never'" in one for one in lines)
    assert not {"pytest", "hypothesis", "playwright"} & {
        name for name, _version in pinned(ROOT / "requirements.txt")
    }
    code = "import sys; sys.modules['freezegun'] = None; import workers.scheduler, workers.__main__, api.__main__"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
