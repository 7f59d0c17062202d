"""The proxy for an address by HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY."""

from __future__ import annotations

from ipaddress import ip_address
from typing import NamedTuple
from urllib.request import getproxies, proxy_bypass

import aiohttp
from multidict import CIMultiDict
from yarl import URL


class Proxy(NamedTuple):
    """Where it listens, and the header by which it lets us through."""

    url: URL
    headers: CIMultiDict[str]


def proxy_for(url: URL) -> Proxy | None:
    """None: straight there, as to this machine itself."""
    host = url.host or ""
    proxies = getproxies()
    address = proxies.get(url.scheme) or proxies.get("all")
    if not address or _is_here(host) or proxy_bypass(host):
        return None
    proxy = URL(address if "://" in address else f"http://{address}")
    headers: CIMultiDict[str] = CIMultiDict()
    if proxy.user:
        headers["Proxy-Authorization"] = aiohttp.encode_basic_auth(proxy.user, proxy.password or "")
    return Proxy(proxy.with_user(None), headers)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
