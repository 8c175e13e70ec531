"""Who a request comes from, as far as its address tells: a server behind a proxy sees the proxy's,
unless ``FORWARDED_ALLOW_IPS`` names that proxy."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

__all__ = ["caller", "stranger"]


def caller(address: str | None) -> str:
    """Name who may be one person: an address or, of IPv6, the network that one line is given.

    Examples
    --------
    >>> [caller(address) for address in ("192.0.2.7", "2001:db8::7", None)]
    ['192.0.2.7', '2001:db8::/64', '']
    """
    known = _parsed(address)
    if isinstance(known, IPv6Address):
        return str(ip_network((known, 64), strict=False))
    return str(known or "")


def stranger(address: str | None) -> str:
    """Name a caller from the Internet; nothing for this computer and its own network.

    Examples
    --------
    >>> [stranger(address) for address in ("192.168.1.7", "127.0.0.1", "9.9.9.9")]
    ['', '', '9.9.9.9']
    """
    known = _parsed(address)
    return caller(address) if known and known.is_global else ""


def _parsed(address: str | None) -> IPv4Address | IPv6Address | None:
    try:
        known = ip_address(address or "")
    except ValueError:
        return None
    return getattr(known, "ipv4_mapped", None) or known
