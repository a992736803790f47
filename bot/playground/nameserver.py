"""A small name server on loopback: real DNS for the demo and the tests, misbehaving on demand."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine, Iterable, Mapping
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zone

# What a name does instead of answering.  A number is how many seconds late its answer is; "truncate" is TC
# over UDP and the whole answer over TCP.
Behaviour = Literal["silence", "servfail", "refused", "truncate", "garbage"] | float
_Client = tuple[str | Any, int]
_LONGEST_CHAIN = 8  # CNAMEs; a loop is cut there and sent as it is
_PORT_TRIES = 20


class NameServer:
    """Serve *zones* (master files, RFC 1035 section 5, as text or path) over UDP and TCP.

    *behaviour* is by absolute name, or by name and type: ``{"a.test.": "silence", "b.test. AAAA": 0.3}``.
    Names outside the zones are refused, or do not exist when *closed_world*.  It says that it recurses, as
    the resolver that it stands in for would.
    """

    def __init__(
        self,
        *,
        zones: Iterable[str | Path],
        behaviour: Mapping[str, Behaviour] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        closed_world: bool = False,
    ) -> None:
        read = [_read_zone(zone) for zone in zones]
        self._zones = {zone.origin: zone for zone in read if zone.origin is not None}
        self._behaviour = {_key(name): how for name, how in (behaviour or {}).items()}
        self._host, self._port = host, port
        self._elsewhere = dns.rcode.NXDOMAIN if closed_world else dns.rcode.REFUSED
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self._running: set[asyncio.Task[None]] = set()
        self.asked: deque[tuple[str, str]] = deque(maxlen=10_000)  # (name, type), the newest last

    @property
    def address(self) -> str:
        """Where it listens, as ``HOST:PORT``, an IPv6 address in brackets."""
        host = f"[{self._host}]" if ip_address(self._host).version == 6 else self._host
        return f"{host}:{self._port}"

    async def __aenter__(self) -> Self:
        """Listen; raise OSError when the port is taken."""
        for _ in range(0 if self._port else _PORT_TRIES):
            # A port that was free for UDP may be taken for TCP: another one then, as any would do.
            with suppress(OSError):
                await self._listen()
                return self
        await self._listen()
        return self

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        udp, _ = await loop.create_datagram_endpoint(lambda: _Udp(self), (self._host, self._port))
        port = udp.get_extra_info("sockname")[1]
        try:
            self._tcp = await asyncio.start_server(
                lambda reader, writer: self.run(self._converse(reader, writer)), self._host, port
            )
        except OSError:
            udp.close()
            raise
        self._udp, self._port = udp, port

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening, and leave what is still unanswered unanswered."""
        if self._udp and self._tcp:
            self._udp.close()
            self._tcp.close()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Let *work* run beside everything else, until it or the server ends."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def serve_udp(self, wire: bytes, client: _Client) -> None:
        """Answer one datagram."""
        reply = await self._reply(wire, tcp=False)
        if reply and self._udp:
            self._udp.sendto(reply, client)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            try:
                while length := int.from_bytes(await reader.readexactly(2)):
                    reply = await self._reply(await reader.readexactly(length), tcp=True)
                    writer.write(len(reply).to_bytes(2) + reply if reply else b"")
                    await writer.drain()
            finally:
                writer.close()
                await writer.wait_closed()

    async def _reply(self, wire: bytes, *, tcp: bool) -> bytes:
        """Return what is sent back for the query *wire*; nothing for what is no query, and for silence."""
        try:
            query = dns.message.from_wire(wire)
            question = query.question[0]
        except (dns.exception.DNSException, IndexError):
            return b""
        self.asked.append((question.name.to_text(), dns.rdatatype.to_text(question.rdtype)))
        how = self._how(question)
        if how in {"silence", "garbage"}:
            return wire[:2] + b"\xff" * 30 if how == "garbage" else b""
        if isinstance(how, int | float):
            await asyncio.sleep(how)
        response = self._respond(query, how)
        if how == "truncate" and not tcp:
            response = dns.message.make_response(query, recursion_available=True)
            response.flags |= dns.flags.TC
        return response.to_wire(max_size=65535 if tcp else query.payload or 512, prefer_truncation=True)

    def _how(self, question: dns.rrset.RRset) -> Behaviour | None:
        by_type = self._behaviour.get((question.name, question.rdtype))
        return self._behaviour.get((question.name, None)) if by_type is None else by_type

    def _respond(self, query: dns.message.Message, how: Behaviour | None) -> dns.message.Message:
        response = dns.message.make_response(query, recursion_available=True)
        if how in {"servfail", "refused"}:
            response.set_rcode(dns.rcode.from_text(str(how)))
            return response
        name = query.question[0].name
        for _ in range(_LONGEST_CHAIN):
            target = self._answer(response, name, query.question[0].rdtype)
            if target is None:
                break
            name = target
        return response

    def _answer(
        self, response: dns.message.Message, name: dns.name.Name, rdtype: dns.rdatatype.RdataType
    ) -> dns.name.Name | None:
        """Add to *response* what there is at *name*; return where its CNAME leads, if it has one."""
        zone = self._zone_of(name)
        if zone is None or zone.origin is None:
            # Behind a CNAME a resolver that was refused says SERVFAIL.
            refused = self._elsewhere is dns.rcode.REFUSED and response.answer
            response.set_rcode(dns.rcode.SERVFAIL if refused else self._elsewhere)
            return None
        if found := zone.get_rrset(name, rdtype):
            response.answer.append(found)
            return None
        if alias := zone.get_rrset(name, dns.rdatatype.CNAME):
            if alias not in response.answer:
                response.answer.append(alias)
            return dns.name.from_text(alias[0].to_text())
        response.authority.extend(filter(None, [zone.get_rrset(zone.origin, dns.rdatatype.SOA)]))
        # A name that has only names below it exists too (RFC 8020).
        if not any(known.is_subdomain(name) for known in zone.nodes):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return None

    def _zone_of(self, name: dns.name.Name) -> dns.zone.Zone | None:
        around = [origin for origin in self._zones if name.is_subdomain(origin)]
        return self._zones[max(around, key=len)] if around else None


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self._server = server

    def datagram_received(self, data: bytes, addr: _Client) -> None:
        self._server.run(self._server.serve_udp(data, addr))


def _read_zone(zone: str | Path) -> dns.zone.Zone:
    text = zone.read_text(encoding="utf-8") if isinstance(zone, Path) else zone
    return dns.zone.from_text(text, relativize=False)


def _key(name: str) -> tuple[dns.name.Name, dns.rdatatype.RdataType | None]:
    name, _, rdtype = name.partition(" ")
    return dns.name.from_text(name), dns.rdatatype.from_text(rdtype) if rdtype else None
