"""The real DNS, and every way in which it can fail."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import dns.asyncresolver
import dns.resolver
import pytest

from bot.checks.kit import Lookup, Lookups, Outcome
from bot.checks.resolver import DnsResolver, open_resolver, read_server
from bot.playground.nameserver import NameServer
from tests.checks.conftest import many_mx


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("127.0.0.1:5353", ("127.0.0.1", 5353)),
        ("127.0.0.1", ("127.0.0.1", 53)),
        ("[::1]:5353", ("::1", 5353)),
        ("[::1]", ("::1", 53)),
        ("::1", ("::1", 53)),
        (" 192.0.2.53:53 ", ("192.0.2.53", 53)),
    ],
)
def test_a_resolver_is_an_ip_address_with_a_port(text: str, server: tuple[str, int]) -> None:
    assert read_server(text) == server


@pytest.mark.parametrize(
    "text",
    ["localhost:53", "dns.example", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x", "1:53",
     "[::1", "[127.0.0.1:53", "::1:x", "https://dns.example/", "127.0.0.1:" + "9" * 5000, "127.0.0.1:٥٣"],
)  # fmt: skip
def test_anything_else_is_refused_with_the_cure(text: str) -> None:
    with pytest.raises(ValueError, match=r"such as 127\.0\.0\.1:53"):
        open_resolver(text)


@pytest.mark.parametrize("lines", ["", "nameserver not-an-address\n", "search example\n"])
async def test_a_system_that_names_no_resolver_is_an_outcome(
    lines: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = tmp_path / "resolv.conf"
    if lines:
        configuration.write_text(lines)
    read = dns.asyncresolver.Resolver.__init__
    monkeypatch.setattr(dns.asyncresolver.Resolver, "__init__", lambda self: read(self, str(configuration)))
    resolver = open_resolver()

    assert await resolver.lookup("good.test", "MX") == Lookup(Outcome.NO_RESOLVER)
    assert resolver.servers == []


async def test_the_systems_resolver_is_asked_when_none_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = tmp_path / "resolv.conf"
    configuration.write_text("nameserver 192.0.2.53\nnameserver 2001:db8::53\noptions timeout:30\n")
    read = dns.asyncresolver.Resolver.__init__
    monkeypatch.setattr(dns.asyncresolver.Resolver, "__init__", lambda self: read(self, str(configuration)))

    assert open_resolver("").servers == ["192.0.2.53:53", "[2001:db8::53]:53"]


@pytest.mark.parametrize(
    ("name", "rdtype", "lookup"),
    [
        ("mx1.test", "A", Lookup(Outcome.FOUND, ("192.0.2.1",), total=1)),
        ("MX1.TEST.", "AAAA", Lookup(Outcome.FOUND, ("2001:db8::1",), total=1)),
        ("good.test", "MX", Lookup(Outcome.FOUND, ("10 MX1.test.", "20 mx2.test."), total=2)),
        ("aliased.test", "A", Lookup(Outcome.FOUND, ("192.0.2.1",), alias_of="mx1.test", total=1)),
        ("aliased.test", "MX", Lookup(Outcome.NO_DATA, alias_of="mx1.test")),
        ("mx1.test", "MX", Lookup(Outcome.NO_DATA)),
        ("empty.test", "A", Lookup(Outcome.NO_DATA)),
        ("gone.test", "A", Lookup(Outcome.NXDOMAIN)),
        ("to-nowhere.test", "A", Lookup(Outcome.NXDOMAIN, alias_of="nowhere.test")),
        ("servfail.test", "A", Lookup(Outcome.SERVFAIL)),
        ("refused.test", "A", Lookup(Outcome.REFUSED)),
        ("silent.test", "A", Lookup(Outcome.TIMEOUT)),
        ("garbage.test", "A", Lookup(Outcome.TIMEOUT)),
        ("self.hostile.test", "A", Lookup(Outcome.BAD_ANSWER)),
        ("truncated.test", "MX", Lookup(Outcome.FOUND, ("10 mx1.test.",), total=1)),
        ("slow.test", "MX", Lookup(Outcome.FOUND, ("10 mx1.test.",), total=1)),
        (f"{'a' * 64}.test", "A", Lookup(Outcome.BAD_ANSWER)),
        ("a." * 200, "A", Lookup(Outcome.BAD_ANSWER)),
        ("..", "A", Lookup(Outcome.BAD_ANSWER)),
        ("\\999.test", "A", Lookup(Outcome.BAD_ANSWER)),
        ("例え.test", "MX", Lookup(Outcome.FOUND, ("10 mx1.test.",), total=1)),
    ],
)
async def test_every_answer_and_every_failure_is_told_apart(
    name: str, rdtype: str, lookup: Lookup, nameserver: NameServer
) -> None:
    lifetime = 0.3 if lookup.outcome is Outcome.TIMEOUT else 30
    resolver = DnsResolver(nameserver.address, lifetime=lifetime)

    assert await resolver.lookup(name, rdtype) == lookup


async def test_an_ipv6_resolver_is_asked_the_same_way() -> None:
    zone = "$ORIGIN v6.test.\n$TTL 1\n@ SOA ns root 1 2 3 4 5\n@ NS ns\n@ A 192.0.2.1\n"
    async with NameServer(zones=[zone], host="::1") as server:
        lookup = await open_resolver(server.address).lookup("v6.test", "A")

    assert lookup.records == ("192.0.2.1",)


async def test_where_nobody_listens_that_is_seen_at_once() -> None:
    async with NameServer(zones=[]) as server:
        address = server.address
    async with asyncio.timeout(5):
        lookup = await DnsResolver(address, lifetime=60).lookup("good.test", "A")

    assert lookup == Lookup(Outcome.NO_RESOLVER)


async def test_a_referral_is_not_taken_for_the_absence_of_records() -> None:
    class Delegating(asyncio.DatagramProtocol):
        """An authoritative server that knows only whom to ask."""

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = cast(asyncio.DatagramTransport, transport)

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            response = dns.message.make_response(dns.message.from_wire(data))
            response.authority.append(dns.rrset.from_text("sub.test.", 60, "IN", "NS", "ns.sub.test."))
            self.transport.sendto(response.to_wire(), addr)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Delegating, ("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    lookup = await open_resolver(f"127.0.0.1:{port}").lookup("sub.test", "MX")
    transport.close()

    assert lookup == Lookup(Outcome.BAD_ANSWER)


async def test_an_answer_is_remembered_but_not_for_as_long_as_a_hostile_ttl_says(
    nameserver: NameServer,
) -> None:
    resolver = open_resolver(nameserver.address)
    for _ in range(2):
        for name in ("host.hostile.test", "gone.test", "textual.test"):
            await resolver.lookup(name, "A")

    assert len(nameserver.asked) == 3
    assert resolver._dns is not None
    remembered = resolver._dns.cache.get((dns.name.from_text("host.hostile.test"), dns.rdatatype.A, 1))
    assert remembered.expiration - remembered.response.time < 2**31


async def test_a_failure_is_not_remembered(nameserver: NameServer) -> None:
    resolver = open_resolver(nameserver.address)
    await resolver.lookup("servfail.test", "A")
    await resolver.lookup("servfail.test", "A")

    assert len(nameserver.asked) == 2


async def test_of_a_huge_answer_the_best_are_kept_and_the_number_is_told() -> None:
    async with NameServer(zones=[many_mx()]) as server:
        lookup = await open_resolver(server.address).lookup("many.test", "MX")

    assert lookup.total > 2000
    assert lookup.records[:2] == ("1 h1.many.test.", "2 h2.many.test.")
    assert len(lookup.records) == 100
    assert not lookup.whole


async def test_a_question_is_sent_once_whoever_asks(nameserver: NameServer, resolver: DnsResolver) -> None:
    async with Lookups(resolver, seconds=5) as lookups:
        got = await asyncio.gather(
            *(lookups(name, "MX") for name in ("good.test", "GOOD.test", "good.test."))
        )

    assert len(set(got)) == 1
    assert list(nameserver.asked) == [("good.test.", "MX")]


async def test_one_asker_who_gives_up_does_not_take_the_answer_from_another(resolver: DnsResolver) -> None:
    async with Lookups(resolver, seconds=5) as lookups:
        impatient = asyncio.create_task(lookups("slow.test", "MX"))
        patient = asyncio.create_task(lookups("slow.test", "MX"))
        await asyncio.sleep(0)
        impatient.cancel()

        assert (await patient).outcome is Outcome.FOUND


async def test_no_query_outlives_its_run(resolver: DnsResolver) -> None:
    async with Lookups(resolver, seconds=60) as lookups:
        task = lookups.ask("silent.test", "MX")

    assert task.cancelled()
