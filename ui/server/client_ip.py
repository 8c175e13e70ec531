"""Which client a request comes from, as far as its IP address tells.

Behind a proxy the server sees the proxy's address, unless ``FORWARDED_ALLOW_IPS`` names that proxy.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

__all__ = ["client_network", "public_client_network"]


def client_network(address: str | None) -> str:
    """Return the IPv4 address, or of IPv6 the /64 network, in which one client cannot change.

    A provider gives each line a /64 at least, from which its computers choose new addresses at
    will. Empty where ``address`` is none.

    Examples
    --------
    >>> [client_network(address) for address in ("192.0.2.7", "2001:db8::7", None)]
    ['192.0.2.7', '2001:db8::/64', '']
    """
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed or "")


def public_client_network(address: str | None) -> str:
    """Return the same for a client from the Internet; empty for this computer's own network.

    Examples
    --------
    >>> [public_client_network(address) for address in ("192.168.1.7", "127.0.0.1", "9.9.9.9")]
    ['', '', '9.9.9.9']
    """
    parsed = _parse(address)
    return client_network(address) if parsed and parsed.is_global else ""


def _parse(address: str | None) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return None
    # A socket that listens on both protocols names IPv4 clients as ::ffff:a.b.c.d.
    return getattr(parsed, "ipv4_mapped", None) or parsed
