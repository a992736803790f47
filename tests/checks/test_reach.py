"""Which addresses can be reached from outside."""

from __future__ import annotations

import pytest

from bot.checks.reach import is_ip, is_public


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "2400::1"]
)
def test_public_and_documentation_addresses_can_be_reached(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - nothing is bound to it
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.53",
        "169.254.1.1",
        "172.31.0.1",
        "192.168.1.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fc00::1",
        "fe80::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::10.0.0.1",
    ],
)
def test_inner_addresses_cannot_be_reached(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("text", "yes"), [("192.0.2.1", True), ("[::1]", True), ("mx.example", False), ("", False)]
)
def test_an_ip_address_is_told_from_a_name(text: str, yes: bool) -> None:
    assert is_ip(text) is yes
