"""From where images are downloaded: a provider's answer, or who has tampered with it, names a URL.

It could name what only this machine can reach: the metadata service of a cloud, a database's port,
a neighbour without a password. So the address is judged at the last moment, when the socket for it
is made, by whatever way it was come by: a name, a number in any spelling, a redirect. A name that
is resolved anew after a check, and then to another address, has no moment to do so.

The tables are our own. `ipaddress.is_global` answers yes to multicast, to 6to4 and NAT64 around
private addresses, to site-local ones, and more, and what it answers changes between releases.
"""

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from yarl import URL

_NOT_PUBLIC_4: Final = [
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' own; Alibaba's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's own services, as seen from its machines
        "169.254.0.0/16",  # link-local; the metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocols' own; Oracle's metadata
        "192.0.2.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
]
"""IANA's registry of special-purpose IPv4 addresses, and what clouds have taken beside it."""
_UNICAST_6: Final = ipaddress.IPv6Network("2000::/3")
"""All that IANA has given out to be reached from everywhere."""
_NOT_PUBLIC_6: Final = [
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocols' own, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4: whatever IPv4 address it holds
        "3fff::/20",
    )
]
"""IANA's registry of special-purpose IPv6 addresses, within what is unicast."""
_AROUND_4: Final = [
    ipaddress.IPv6Network("::ffff:0:0/96"),  # IPv4-mapped
    ipaddress.IPv6Network("64:ff9b::/96"),  # NAT64, how a network without IPv4 reaches the rest
]
"""IPv6 addresses that are IPv4 addresses, in their last 32 bits."""
_LOGGED_CHARACTERS: Final = 200


class OutOfReachError(OSError):
    """An image lies where it is not downloaded from. An OSError, for it ends a connection's making.

    Args:
        why: in a few words, for the log.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def is_public(address: str) -> bool:
    """Whether anybody on the internet can reach an address, so that being able to tells nothing.

    Args:
        address: IPv4 or IPv6, as numbers; a name or any other spelling is not public.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        if not any(parsed in network for network in _AROUND_4):
            return parsed in _UNICAST_6 and not any(parsed in each for each in _NOT_PUBLIC_6)
        parsed = ipaddress.IPv4Address(int(parsed) & 0xFFFF_FFFF)
    return not any(parsed in network for network in _NOT_PUBLIC_4)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far downloads may go."""

    schemes: frozenset[str]
    allows: Callable[[str], bool]
    """Whether an address, IPv4 or IPv6 as numbers, may be connected to. Any port of it may be: what
    is public is open to anybody, and images are served from odd ports too."""

    def place(self, text: str, within: URL | None = None) -> URL:
        """A URL as it is to be asked for, byte for byte, as signatures are made over it.

        Args:
            text: the URL; relative to `within`, if that is given.
            within: where it was found.

        Raises:
            OutOfReachError: it is no URL, of another scheme, or holds a user or a password.
        """
        try:
            # quoting it anew would break what is signed; what can't be sent as it is, is quoted
            url = URL(text, encoded=text.isascii() and text.isprintable() and " " not in text)
            url = url if within is None else within.join(url)
            host = url.host
        except ValueError:
            raise OutOfReachError("what should be a URL is none") from None
        if url.scheme not in self.schemes:
            raise OutOfReachError(f"its scheme is not {' or '.join(sorted(self.schemes))}")
        if not host:
            raise OutOfReachError("it names no host")
        if url.raw_user is not None or url.raw_password is not None:
            raise OutOfReachError("it holds a user or a password")
        return url

    def socket(self, info: tuple[Any, ...]) -> socket.socket:
        """A socket for an address that may be connected to; called right before it is.

        Args:
            info: as `getaddrinfo` gives them: family, type, protocol, name, address.

        Raises:
            OutOfReachError: the address may not be connected to.
        """
        family, kind, protocol, _, address = info
        if not self.allows(str(address[0])):
            raise OutOfReachError("its address is not public")
        return socket.socket(family, kind, protocol)


PUBLIC: Final = Reach(frozenset({"https"}), is_public)
"""What providers on the internet need."""
ANYWHERE: Final = Reach(frozenset({"http", "https"}), lambda _: True)
"""What servers on this machine or in its network need."""


def loggable_url(text: str) -> str:
    """Where a URL leads, without what may be secret: no user, no query, no fragment; not long."""
    try:
        url = URL(text)
        port = "" if url.is_default_port() or url.explicit_port is None else f":{url.explicit_port}"
        told = f"{url.scheme}://{url.raw_host or ''}{port}{url.raw_path}"
    except ValueError:
        return "what should be a URL"
    return told if len(told) <= _LOGGED_CHARACTERS else f"{told[:_LOGGED_CHARACTERS]}…"
