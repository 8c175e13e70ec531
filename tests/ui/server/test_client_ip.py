"""Which client a request comes from."""

from __future__ import annotations

import pytest

from ui.server.client_ip import client_network, public_client_network


@pytest.mark.parametrize(
    ("address", "network", "public"),
    [
        ("9.9.9.9", "9.9.9.9", True),
        ("::ffff:9.9.9.9", "9.9.9.9", True),
        ("2620:fe::9", "2620:fe::/64", True),
        ("2620:fe::ffff", "2620:fe::/64", True),
        ("127.0.0.1", "127.0.0.1", False),
        ("::1", "::/64", False),
        ("172.17.0.1", "172.17.0.1", False),
        ("fe80::1%eth0", "fe80::/64", False),
        ("testclient", "", False),
        ("", "", False),
        (None, "", False),
    ],
)
def test_a_client_is_an_address_or_the_network_of_one_line(
    address: str | None, network: str, public: bool
) -> None:
    """However the server names the client; its own network is not public."""
    assert client_network(address) == network
    assert public_client_network(address) == (network if public else "")
