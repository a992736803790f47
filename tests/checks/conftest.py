"""A real name server on loopback, with every kind of domain and every kind of misbehaviour."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.checks.resolver import DnsResolver, open_resolver
from bot.playground.nameserver import Behaviour, NameServer

ZONES = sorted((Path(__file__).parent / "zones").glob("*.zone"))
BEHAVIOUR: dict[str, Behaviour] = {
    "silent.test.": "silence",
    "servfail.test.": "servfail",
    "refused.test.": "refused",
    "garbage.test.": "garbage",
    "slow.test.": 0.01,
    "truncated.test.": "truncate",
    "half.test. AAAA": "servfail",
    "implicit-unseen.test. AAAA": "servfail",
    "addresses-only.test. MX": "servfail",
}


@pytest.fixture
async def nameserver() -> AsyncIterator[NameServer]:
    async with NameServer(zones=ZONES, behaviour=BEHAVIOUR) as server:
        yield server


@pytest.fixture
def resolver(nameserver: NameServer) -> DnsResolver:
    return open_resolver(nameserver.address)


def many_mx() -> str:
    """Return a zone whose answer fills 64 KiB: 3,000 MX, the only live one last."""
    mx = "\n".join(f"@ MX {n} h{n}" for n in range(1, 3001))
    return f"$ORIGIN many.test.\n$TTL 60\n@ SOA ns root 1 2 3 4 5\n@ NS ns\n{mx}\nh3000 A 192.0.2.1\n"
