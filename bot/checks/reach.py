"""Does an IP address lead out into the Internet? (RFC 6890, the IANA special-purpose address registries)"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# Where mail from outside can never arrive.  The documentation ranges (192.0.2.0/24, 2001:db8::/32 and so on)
# are not here: in test zones and demonstrations they stand for public addresses, and nobody else uses them.
_PRIVATE = [
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",  # RFC 1918
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local
        "172.16.0.0/12",  # RFC 1918
        "192.0.0.0/24",  # IETF protocol assignments
        "192.168.0.0/16",  # RFC 1918
        "198.18.0.0/15",  # benchmarks, RFC 2544
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "::/127",  # unspecified and loopback
        "64:ff9b:1::/48",  # local NAT64, RFC 8215
        "100::/64",  # discard, RFC 6666
        "fc00::/7",  # unique local, RFC 4193
        "fe80::/10",  # link-local
        "fec0::/10",  # site-local, RFC 3879
        "ff00::/8",  # multicast
    )
]
_NAT64 = ip_network("64:ff9b::/96")  # RFC 6052: the IPv4 address is in the last 32 bits


def is_ip(text: str) -> bool:
    """Tell whether *text* is an IP address, in brackets or without."""
    try:
        ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def is_public(text: str) -> bool:
    """Tell whether the IP address *text* can be reached from outside.  Raise ValueError if it is none."""
    address = _embedded(ip_address(text))
    return not any(address in network for network in _PRIVATE)


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv6Address) and address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return getattr(address, "ipv4_mapped", None) or address
