"""From which network a request comes: a keyed hash of its prefix. The address itself is never stored."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import current_app, g, has_request_context, request

#: What one household, office or cell of a mobile network usually shares.
PREFIXES = {4: 24, 6: 48}
#: Bits of what one subscriber of IPv6 has to themselves.
HOUSEHOLD = 64
#: Hexadecimal digits that are kept of the hash: 64 bits tell all networks of the country apart.
LENGTH = 16


def network_prefix(address: str | None) -> str | None:
    """The network of an address, /24 in IPv4 and /48 in IPv6; None for what is no address."""
    known = _known(address)
    return None if known is None else str(ip_network((known, PREFIXES[known.version]), strict=False))


@lru_cache(maxsize=4096)
def network_key(secret: str, address: str | None) -> str | None:
    """The keyed hash that stands for the network of an address; without `secret` it cannot be guessed back.

    A plain hash would protect nothing: there are only sixteen million networks to try.
    """
    prefix = network_prefix(address)
    if prefix is None:
        return None
    return hmac.new(secret.encode(), f"network:{prefix}".encode(), hashlib.sha256).hexdigest()[:LENGTH]


def visitor() -> str:
    """Whose tries a limit counts: an IPv4 address, or a household in IPv6, which has 2 to the power of 64 addresses.

    The key function of every limit that is not an account's. The address is that of the visitor where `PROXY_HOPS`
    names the proxies before this program.
    """
    return household(request.remote_addr)


def household(address: str | None) -> str:
    """An IPv4 address as it is, of IPv6 the first 64 bits; "unknown" for what is no address."""
    known = _known(address)
    if isinstance(known, IPv6Address):
        return str(ip_network((known, HOUSEHOLD), strict=False))
    return "unknown" if known is None else str(known)


def _known(address: str | None) -> IPv4Address | IPv6Address | None:
    """An IPv4 address in an IPv6 dress is an IPv4 address; a zone (`%eth0`) belongs to no network."""
    try:
        known = ip_address((address or "").split("%", 1)[0])
    except ValueError:
        return None
    if isinstance(known, IPv6Address) and known.ipv4_mapped is not None:
        return known.ipv4_mapped
    return known


def name_device(device: str | None) -> None:
    """The present request comes from a device that its account knows: its tries are counted apart from its network's."""
    g.known_device = device


def present_visitor() -> str | None:
    """Who sends the present request, as limits count it; None in jobs and commands."""
    if not has_request_context():
        return None
    device = g.get("known_device")
    return f"device:{device}" if device else visitor()


def present_network() -> str | None:
    """The key of the network from which the present request comes; None in jobs and commands."""
    if not has_request_context():
        return None
    return network_key(current_app.config["SECRET_KEY"], request.remote_addr)
