"""Running the API in this process: `limner api`."""

import gc
import logging
import signal
import socket
from ipaddress import ip_address

import uvicorn

from limner import log
from limner.domain.errors import StartError
from limner.resources import open_resources
from limner.settings import Settings
from limner.web.app import STOPS, create_app
from limner.web.wire import WireProtocol

BACKLOG = 2048
GRACE_SECONDS = 4
"""How long requests in flight may take after the process was told to stop."""

_log = log.get()


async def serve(settings: Settings, listen_fd: int | None = None) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        settings: all of them.
        listen_fd: a socket that listens already, inherited from the parent process.

    Raises:
        StartError: the address is taken or not a loopback one, or Postgres can't be reached.
        SchemaError: the database does not fit to this program.
    """
    if listen_fd is None:
        listener = listen(settings.host, settings.port)
    else:
        listener = socket.socket(fileno=listen_fd)
    server: uvicorn.Server | None = None
    is_told_to_stop = False

    def stop(*_: object) -> None:
        """Heard before uvicorn listens, and again when it has stopped and raises it once more."""
        nonlocal is_told_to_stop
        is_told_to_stop = True
        if server is not None:
            server.should_exit = True

    for number in STOPS:
        signal.signal(number, stop)
    async with open_resources(settings) as resources:
        config = uvicorn.Config(
            create_app(resources),
            http=WireProtocol,
            ws="none",
            lifespan="on",
            log_config=None,
            log_level=max(logging.WARNING, logging.root.level),  # its start is told by our line
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        server = uvicorn.Server(config)
        gc.collect()
        gc.freeze()  # what is here by now stays: no later collection need go through it again
        _log.info("Serving", address=address(listener))
        if not is_told_to_stop:
            await server.serve(sockets=[listener])
    _log.info("Stopped")


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens, on a loopback address only.

    Raises:
        StartError: it is no loopback address, or the port is taken.
    """
    listener = bind(host, port)
    try:
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _refusal(host, port, error) from None
    return listener


def bind(host: str, port: int) -> socket.socket:
    """A socket that has an address, and does not listen yet.

    Raises:
        StartError: as `listen`.
    """
    family, address = loopback(host)
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
    except OSError as error:
        listener.close()
        raise _refusal(host, port, error) from None
    return listener


def loopback(host: str) -> tuple[socket.AddressFamily, str]:
    """The family and the address of a host, which must be a loopback one.

    Raises:
        StartError: it is not.
    """
    address = "127.0.0.1" if host == "localhost" else host
    try:
        parsed = ip_address(address)
    except ValueError:
        raise StartError(
            f"LIMNER_HOST is {host!r}: it must be an IP address, or localhost."
        ) from None
    if not parsed.is_loopback:
        raise StartError(
            f"LIMNER_HOST is {host!r}: without authentication Limner serves loopback addresses"
            " only, such as 127.0.0.1."
        )
    return socket.AF_INET6 if parsed.version == 6 else socket.AF_INET, address  # noqa: PLR2004 - IPv6


def _refusal(host: str, port: int, error: OSError) -> StartError:
    return StartError(
        f"Port {port} of {host} can't be used: {error.strerror}. Set LIMNER_PORT to another."
    )


def address(listener: socket.socket) -> str:
    """The URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
