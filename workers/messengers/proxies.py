"""The proxy for an address by HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.

An HTTP proxy is told with each request; a SOCKS proxy is used by the connector for each connection.
Behind a SOCKS proxy names are looked up by the proxy.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import NamedTuple
from urllib.request import getproxies, proxy_bypass

import aiohttp
from multidict import CIMultiDict
from yarl import URL


class Proxy(NamedTuple):
    """Its address, and the header that authenticates us."""

    url: URL
    headers: CIMultiDict[str]


def proxy_for(url: URL) -> Proxy | None:
    """The HTTP proxy; None: straight there, as to this machine itself, or through a SOCKS proxy."""
    proxy = address_for(url.scheme, url.host or "")
    if proxy is None or is_socks(proxy):
        return None
    headers: CIMultiDict[str] = CIMultiDict()
    if proxy.user:
        headers["Proxy-Authorization"] = aiohttp.encode_basic_auth(proxy.user, proxy.password or "")
    return Proxy(proxy.with_user(None), headers)


def connector(limit: int, keepalive: float) -> aiohttp.TCPConnector:
    """Makes connections through the SOCKS proxy of the environment, if there is one, and straight."""
    socks = next((one for scheme in ("https", "http") if (one := _named(scheme)) and is_socks(one)), None)
    if socks is None:
        return aiohttp.TCPConnector(limit=limit, keepalive_timeout=keepalive)
    from workers.messengers.socks import SocksConnector  # few have such a proxy

    # The library knows socks5, whose names it always leaves to the proxy, as socks5h says.
    through: aiohttp.TCPConnector = SocksConnector.from_url(
        str(socks.with_scheme("socks5")), limit=limit, keepalive_timeout=keepalive
    )
    return through


class SocksError(aiohttp.ClientError):
    """The SOCKS proxy made no connection: nothing was sent."""


def address_for(scheme: str, host: str) -> URL | None:
    return None if _is_here(host) or proxy_bypass(host) else _named(scheme)


def _named(scheme: str) -> URL | None:
    proxies = getproxies()
    address = proxies.get(scheme) or proxies.get("all")
    return URL(address if "://" in address else f"http://{address}") if address else None


def is_socks(proxy: URL) -> bool:
    return proxy.scheme.lower().startswith("socks")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
