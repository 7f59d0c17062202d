"""The proxy for an address by HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.

An HTTP proxy is told with each request; a SOCKS proxy is used by the connector for each connection.
Behind a SOCKS proxy names are looked up by the proxy.
"""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.request import getproxies, proxy_bypass

import aiohttp
from aiohttp.abc import ResolveResult
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError
from multidict import CIMultiDict
from yarl import URL


class Proxy(NamedTuple):
    """Its address, and the header that authenticates us."""

    url: URL
    headers: CIMultiDict[str]


def proxy_for(url: URL) -> Proxy | None:
    """The HTTP proxy; None: straight there, as to this machine itself, or through a SOCKS proxy."""
    proxy = _address_for(url.scheme, url.host or "")
    if proxy is None or _is_socks(proxy):
        return None
    headers: CIMultiDict[str] = CIMultiDict()
    if proxy.user:
        headers["Proxy-Authorization"] = aiohttp.encode_basic_auth(proxy.user, proxy.password or "")
    return Proxy(proxy.with_user(None), headers)


def connector(limit: int, keepalive: float) -> aiohttp.TCPConnector:
    """Makes connections through the SOCKS proxy of the environment, if there is one, and straight."""
    socks = next((one for scheme in ("https", "http") if (one := _named(scheme)) and _is_socks(one)), None)
    if socks is None:
        return aiohttp.TCPConnector(limit=limit, keepalive_timeout=keepalive)
    # The library knows socks5, whose names it always leaves to the proxy, as socks5h says.
    through: aiohttp.TCPConnector = _SocksConnector.from_url(
        str(socks.with_scheme("socks5")), limit=limit, keepalive_timeout=keepalive
    )
    return through


class _SocksConnector(ProxyConnector):
    """Through the proxy, but for addresses of NO_PROXY and of this machine, and where another proxy is named."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - those of the base class
        super().__init__(*arguments, **named)
        self._resolver = _Resolver()

    async def _wrap_create_connection(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as above
        request: aiohttp.ClientRequest = named["req"]
        proxy = _address_for(request.url.scheme, request.url.host or "")
        if proxy is None or not _is_socks(proxy):
            return await aiohttp.TCPConnector._wrap_create_connection(self, *arguments, **named)
        try:
            return await super()._wrap_create_connection(*arguments, **named)
        except (ProxyError, ProxyConnectionError, ProxyTimeoutError) as error:
            raise SocksError(type(error).__name__) from error


class SocksError(aiohttp.ClientError):
    """The SOCKS proxy made no connection: nothing was sent."""


class _Resolver(aiohttp.ThreadedResolver):
    """Looks up names but for those that the proxy looks up."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if any((one := _address_for(scheme, host)) and _is_socks(one) for scheme in ("https", "http")):
            return [ResolveResult(hostname=host, host=host, port=port, family=family, proto=0, flags=0)]
        return await super().resolve(host, port, family)


def _address_for(scheme: str, host: str) -> URL | None:
    return None if _is_here(host) or proxy_bypass(host) else _named(scheme)


def _named(scheme: str) -> URL | None:
    proxies = getproxies()
    address = proxies.get(scheme) or proxies.get("all")
    return URL(address if "://" in address else f"http://{address}") if address else None


def _is_socks(proxy: URL) -> bool:
    return proxy.scheme.lower().startswith("socks")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
