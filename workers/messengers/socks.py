"""Connections through a SOCKS proxy."""

from __future__ import annotations

import socket
from typing import Any

import aiohttp
from aiohttp.abc import ResolveResult
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError

from workers.messengers.proxies import SocksError, address_for, is_socks


class SocksConnector(ProxyConnector):
    """Through the proxy, but for addresses of NO_PROXY and of this machine, and where another proxy is named."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - those of the base class
        super().__init__(*arguments, **named)
        self._resolver = _Resolver()

    async def _wrap_create_connection(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as above
        request: aiohttp.ClientRequest = named["req"]
        proxy = address_for(request.url.scheme, request.url.host or "")
        if proxy is None or not is_socks(proxy):
            return await aiohttp.TCPConnector._wrap_create_connection(self, *arguments, **named)
        try:
            return await super()._wrap_create_connection(*arguments, **named)
        except (ProxyError, ProxyConnectionError, ProxyTimeoutError) as error:
            raise SocksError(type(error).__name__) from error


class _Resolver(aiohttp.ThreadedResolver):
    """Looks up names but for those that the proxy looks up."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if any((one := address_for(scheme, host)) and is_socks(one) for scheme in ("https", "http")):
            return [ResolveResult(hostname=host, host=host, port=port, family=family, proto=0, flags=0)]
        return await super().resolve(host, port, family)
