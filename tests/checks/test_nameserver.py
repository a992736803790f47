"""The name server that the demo and the tests ask."""

from __future__ import annotations

import asyncio
import socket

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.zone
import pytest

from bot.playground.nameserver import NameServer

ZONE = "$ORIGIN {0}.\n$TTL 60\n@ SOA ns root 1 2 3 4 5\n@ NS ns\n@ A 192.0.2.1\ndeep.below A 192.0.2.2\n"


async def ask(server: NameServer, name: str, rdtype: str = "A", *, tcp: bool = False) -> dns.message.Message:
    host, _, port = server.address.rpartition(":")
    send = dns.asyncquery.tcp if tcp else dns.asyncquery.udp
    return await send(dns.message.make_query(name, rdtype), host, port=int(port), timeout=5)


@pytest.mark.parametrize("tcp", [False, True])
async def test_the_deepest_zone_answers(tcp: bool) -> None:
    async with NameServer(zones=[ZONE.format("test"), ZONE.format("sub.test")]) as server:
        response = await ask(server, "sub.test", "SOA", tcp=tcp)

    assert response.answer[0].name.to_text() == "sub.test."


@pytest.mark.parametrize(
    ("name", "rcode"),
    [
        ("test", dns.rcode.NOERROR),
        ("below.test", dns.rcode.NOERROR),
        ("gone.test", dns.rcode.NXDOMAIN),
        ("elsewhere.example", dns.rcode.REFUSED),
    ],
)
async def test_what_is_not_there_is_told_from_what_has_no_such_record(
    name: str, rcode: dns.rcode.Rcode
) -> None:
    async with NameServer(zones=[ZONE.format("test")]) as server:
        response = await ask(server, name, "MX")

    assert response.rcode() == rcode
    assert bool(response.authority) is (rcode is not dns.rcode.REFUSED)


async def test_in_a_closed_world_nothing_else_exists() -> None:
    async with NameServer(zones=[], closed_world=True) as server:
        assert (await ask(server, "elsewhere.example")).rcode() == dns.rcode.NXDOMAIN


async def test_a_truncated_answer_is_whole_over_tcp() -> None:
    async with NameServer(zones=[ZONE.format("test")], behaviour={"test.": "truncate"}) as server:
        over_udp, over_tcp = await ask(server, "test"), await ask(server, "test", tcp=True)

    assert over_udp.flags & dns.flags.TC
    assert not over_udp.answer
    assert over_tcp.answer


async def test_misbehaviour_may_concern_one_type_only() -> None:
    async with NameServer(zones=[ZONE.format("test")], behaviour={"test. A": "servfail"}) as server:
        codes = [(await ask(server, "test", rdtype)).rcode() for rdtype in ("A", "SOA")]

    assert codes == [dns.rcode.SERVFAIL, dns.rcode.NOERROR]


async def test_what_is_no_query_is_passed_over() -> None:
    async with NameServer(zones=[ZONE.format("test")]) as server:
        host, _, port = server.address.rpartition(":")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as junk:
            junk.sendto(b"\xff" * 40, (host, int(port)))
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"\x00\x05junk")
        writer.close()
        response = await ask(server, "test")

    assert response.answer


async def test_a_zone_with_a_mistake_is_refused_at_once() -> None:
    with pytest.raises(dns.exception.DNSException):
        NameServer(zones=["$ORIGIN test.\n@ NONSENSE\n"])


async def test_a_port_that_is_taken_is_an_error() -> None:
    async with NameServer(zones=[]) as server:
        with pytest.raises(OSError, match="in use"):
            await NameServer(zones=[], port=int(server.address.rpartition(":")[2])).__aenter__()
