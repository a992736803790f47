"""The real DNS, over dnspython: every way in which an answer can fail is told apart."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Sequence
from ipaddress import ip_address
from socket import SOCK_DGRAM

import dns.asyncbackend
import dns.asyncquery
import dns.asyncresolver
import dns.exception
import dns.flags
import dns.inet
import dns.message
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

from bot.checks.kit import Lookup, Outcome

log = logging.getLogger(__name__)

_UDP_PAYLOAD = 1232  # octets that arrive unfragmented everywhere (DNS flag day 2020)
_AT_ONCE = 50  # queries of this process, each one socket
_KEPT = 100  # records of one answer; a hostile zone can send thousands
_REMEMBERED = 2_000  # answers
_LONGEST_MEMORY = 60.0  # seconds: whoever mended a zone and asks again must see it, whatever its TTL says
_TRY = 1.0  # seconds until the query is sent again
_LIFETIME = 2.2  # seconds for one query with all its tries; less than the checks' deadline, to say why

# dnspython's record of one try: server, over TCP, port, what went wrong, the response if there was one.
_Try = tuple[str | None, bool, int, Exception | str, dns.message.Message | None]


def open_resolver(server: str | None = None) -> DnsResolver:
    """Return a resolver that asks *server* (``HOST:PORT``), or the system's when that is empty.

    Raise ValueError, with its cure, when *server* cannot be read.  Nothing needs to be closed.
    """
    return DnsResolver(server)


class DnsResolver:
    """`bot.checks.kit.Resolver` over the real DNS; one object serves a whole process, in one event loop."""

    def __init__(self, server: str | None = None, *, lifetime: float = _LIFETIME) -> None:
        self._server = read_server(server) if server and server.strip() else None
        self._lifetime = lifetime
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._dns: dns.asyncresolver.Resolver | None = None

    @property
    def servers(self) -> list[str]:
        """List who is asked, as ``HOST:PORT``; nobody when the system names no resolver."""
        configured = self._configured()
        return [str(server) for server in configured.nameservers] if configured else []

    async def lookup(self, name: str, rdtype: str) -> Lookup:
        """Ask for the records of type *rdtype* at *name*; see `bot.checks.kit.Resolver`."""
        configured = self._configured()
        if configured is None:
            return Lookup(Outcome.NO_RESOLVER)
        try:
            question = dns.name.from_text(name)
            async with self._at_once:
                answer = await configured.resolve(question, rdtype, search=False)
        except dns.resolver.NXDOMAIN as exc:
            return Lookup(Outcome.NXDOMAIN, alias_of=_alias(question, exc.canonical_name))
        except dns.resolver.NoAnswer as exc:
            return _no_data(question, exc.kwargs["response"])
        except (dns.resolver.LifetimeTimeout, dns.resolver.NoNameservers) as exc:
            return Lookup(_why(exc.kwargs["errors"]))
        except dns.exception.DNSException:  # a name too long to ask for, YXDOMAIN of a DNAME
            return Lookup(Outcome.BAD_ANSWER)
        return _found(question, answer)

    def _configured(self) -> dns.asyncresolver.Resolver | None:
        if self._dns is None:  # the system's configuration may appear later: a container, a laptop
            self._dns = _of_server(*self._server) if self._server else _of_system()
            if self._dns is not None:
                self._dns.use_edns(0, 0, _UDP_PAYLOAD)
                self._dns.timeout, self._dns.lifetime = min(_TRY, self._lifetime), self._lifetime
                self._dns.cache = _Memory(_REMEMBERED)
        return self._dns


def read_server(text: str) -> tuple[str, int]:
    """Read ``192.0.2.53:53``, ``[2001:db8::53]:53`` or either without its port.

    Raise ValueError, with its cure, for anything else, names of hosts included.
    """
    server = _SERVER.fullmatch(text.strip())
    port = int(server["port"] or 53) if server else 0
    try:
        host = ip_address(server["v6"] or server["bare"] or server["v4"]) if server else None
    except ValueError:
        host = None
    if host is None or not 0 < port < 65536:
        raise ValueError(_CURE.format(text))
    return str(host), port


_V4_OR_BRACKETS = r"(?:\[(?P<v6>[^\[\]]+)\]|(?P<v4>[^:\[\]]+))(?::(?P<port>[0-9]{1,5}))?"
_SERVER = re.compile(rf"(?P<bare>[^:\[\]]*:[^:\[\]]*:[^\[\]]*)|{_V4_OR_BRACKETS}")
_CURE = "{!r} is no resolver; write its IP address and port, such as 127.0.0.1:53 or [::1]:53"


def _of_server(host: str, port: int) -> dns.asyncresolver.Resolver:
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = [_Server(host, port)]
    return resolver


def _of_system() -> dns.asyncresolver.Resolver | None:
    try:
        resolver = dns.asyncresolver.Resolver()
    except (dns.resolver.NoResolverConfiguration, ValueError, UnicodeDecodeError) as exc:
        log.debug("the system names no usable DNS resolver: %s", exc)  # every finding says so already
        return None
    resolver.nameservers = [_Server(str(host), resolver.port) for host in resolver.nameservers]
    return resolver


class _Server(dns.nameserver.Do53Nameserver):
    """Ask over a connected socket: only that one hears that nobody listens (ICMP port unreachable)."""

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"

    async def async_query(  # noqa: PLR0917 - dnspython's signature
        self,
        request: dns.message.QueryMessage,
        timeout: float,  # noqa: ASYNC109 - dnspython's signature
        source: str | None,
        source_port: int,
        max_size: bool,
        backend: dns.asyncbackend.Backend,  # type: ignore[name-defined]  # re-exported, but not by __all__
        one_rr_per_rrset: bool = False,
        ignore_trailing: bool = False,
    ) -> dns.message.Message:
        """Send *request*: over TCP when *max_size*, after a truncated answer, else over UDP."""
        if max_size:
            return await dns.asyncquery.tcp(
                request, self.address, timeout=timeout, port=self.port, backend=backend
            )
        family = dns.inet.af_for_address(self.address)
        socket = await backend.make_socket(family, SOCK_DGRAM, destination=(self.address, self.port))
        async with socket:
            return await dns.asyncquery.udp(
                request,
                self.address,
                timeout=timeout,
                port=self.port,
                sock=socket,
                raise_on_truncation=True,
                ignore_errors=True,  # a forged or broken datagram must not hide the answer behind it
            )


class _Memory(dns.resolver.LRUCache):
    """Remember answers, NXDOMAIN and no data too, for their TTL, but not long and not the huge ones."""

    def put(self, key: dns.resolver.CacheKey, value: dns.resolver.Answer) -> None:
        """Keep *value* under *key*."""
        value.expiration = min(value.expiration, time.time() + _LONGEST_MEMORY)
        if sum(len(rrset) for section in value.response.sections for rrset in section) <= _KEPT:
            super().put(key, value)


def _found(question: dns.name.Name, answer: dns.resolver.Answer) -> Lookup:
    # In canonical order (RFC 4034 section 6.3) an MX of lower preference comes first.  With the key each
    # record is rendered once, not once for each comparison: 3,000 of them take 30 ms, not 600.
    records = sorted(answer.rrset or (), key=lambda record: record.to_digestable())[:_KEPT]
    return Lookup(
        Outcome.FOUND,
        tuple(record.to_text() for record in records),
        alias_of=_alias(question, answer.canonical_name),
        total=len(answer.rrset or ()),
    )


def _no_data(question: dns.name.Name, response: dns.message.QueryMessage) -> Lookup:
    authoritative = any(rrset.rdtype == dns.rdatatype.SOA for rrset in response.authority)
    if not authoritative and not response.flags & dns.flags.RA:
        return Lookup(Outcome.BAD_ANSWER)  # a referral: this server knows where to ask, not what there is
    return Lookup(Outcome.NO_DATA, alias_of=_alias(question, response.canonical_name()))


def _alias(question: dns.name.Name, canonical: dns.name.Name) -> str | None:
    return None if canonical == question else canonical.to_text(omit_final_dot=True)


def _why(tries: Sequence[_Try]) -> Outcome:
    """Choose what explains most among what went wrong with each try: an answer before silence."""
    seen = {_outcome(error) for _, _, _, error, _ in tries}
    return next((outcome for outcome in _TELLING if outcome in seen), Outcome.TIMEOUT)


_TELLING = (Outcome.SERVFAIL, Outcome.REFUSED, Outcome.TIMEOUT, Outcome.BAD_ANSWER, Outcome.NO_RESOLVER)
_RCODES = {"SERVFAIL": Outcome.SERVFAIL, "REFUSED": Outcome.REFUSED}


def _outcome(error: Exception | str) -> Outcome:
    if isinstance(error, str):
        return _RCODES.get(error, Outcome.BAD_ANSWER)
    if isinstance(error, dns.exception.Timeout):
        return Outcome.TIMEOUT
    return Outcome.NO_RESOLVER if isinstance(error, OSError) else Outcome.BAD_ANSWER
