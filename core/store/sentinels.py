"""Addresses of Sentinels, which know where the store is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from redis.connection import URL_QUERY_ARGUMENT_PARSERS

_SENTINEL_PORT = 26379
_SENTINEL_SECONDS = 1.0
_SENTINELS_WITH_TLS = "rediss+sentinel"
_SENTINEL_SCHEMES = ("sentinel", _SENTINELS_WITH_TLS)


def is_sentinel(url: str) -> bool:
    """True when Sentinels know where the store is."""
    return urlsplit(url).scheme in _SENTINEL_SCHEMES


@dataclass(frozen=True, slots=True)
class Sentinels:
    """`sentinel://user:password@host1,host2:26379/name/0?sentinel_password=...`; the first password is the store's.

    With `rediss+sentinel` Sentinels and store are spoken to over TLS; `?ssl_ca_certs=...` and the like as with rediss.
    """

    hosts: list[tuple[str, int]]
    name: str
    store: dict[str, Any]
    access: dict[str, Any]
    """Connection arguments of the Sentinels themselves."""

    @classmethod
    def parse(cls, url: str) -> Sentinels:
        parts = urlsplit(url)
        names = [name.rpartition(":") for name in parts.netloc.rpartition("@")[2].split(",")]
        name, _, database = parts.path.strip("/").partition("/")
        options = dict(parse_qsl(parts.query))
        tls: dict[str, Any] = {}
        if parts.scheme == _SENTINELS_WITH_TLS:
            tls = {"ssl": True}
            for option, value in options.items():
                if option.startswith("ssl_"):
                    read: Callable[[str], Any] = URL_QUERY_ARGUMENT_PARSERS.get(option, str)  # type: ignore[assignment]
                    tls[option] = read(value)
        return cls(
            hosts=[(host, int(port)) if host else (port, _SENTINEL_PORT) for host, _, port in names],
            name=name,
            store={
                "db": int(database or 0),
                "username": unquote(parts.username) if parts.username else None,
                "password": unquote(parts.password) if parts.password else None,
                **tls,
            },
            access={
                "username": options.get("sentinel_username"),
                "password": options.get("sentinel_password"),
                "socket_timeout": _SENTINEL_SECONDS,
                "retry": None,
                **tls,
            },
        )
