"""Answering loopback names only.

Without authentication everybody who reaches the server is its one user. A page on another site can
make its visitor's browser reach it by pointing its own name to 127.0.0.1 (DNS rebinding); the name
is then still in `Host`, and is what gives it away.
"""

import re
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from limner.web.problems import MISDIRECTED, problem

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([0-9a-z._-]+))(?::[0-9]{0,5})?")


class LoopbackHost:
    """Pure ASGI middleware: answers 421 unless `Host` is a loopback name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or pass on what is none."""
        if scope["type"] == "http":
            hosts = Headers(scope=scope).getlist("host")
            if len(hosts) != 1 or not is_loopback(hosts[0]):
                refusal = problem(
                    MISDIRECTED,
                    "Without authentication this server answers on localhost and 127.0.0.1 only.",
                )
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def is_loopback(host: str) -> bool:
    """Whether a host, with or without a port, names this machine to itself.

    Args:
        host: as in `Host`: `localhost:8000`, `127.0.0.1`, `[::1]:8000`.
    """
    parts = _HOST.fullmatch(host.lower())
    if parts is None:
        return False
    address, name = parts.groups()
    if name is not None and (name == "localhost" or name.endswith(".localhost")):
        return True
    try:
        return ip_address(address or name).is_loopback
    except ValueError:
        return False
