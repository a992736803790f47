"""What every check is given: the address that is checked, and a way to ask the DNS about it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, Protocol

from bot.core.finding import Finding


class Outcome(StrEnum):
    """What became of one DNS query.  Only the first three say anything of the name that was asked for."""

    FOUND = "found"
    NXDOMAIN = "nxdomain"  # there is no such name (RFC 8020)
    NO_DATA = "no-data"  # the name exists, but has no record of this type (RFC 2308)
    SERVFAIL = "servfail"  # the resolver could not find out: a broken zone, DNSSEC, a dead name server
    REFUSED = "refused"  # the resolver does not want to answer us
    TIMEOUT = "timeout"  # no answer in time
    BAD_ANSWER = "bad-answer"  # an answer that makes no sense: a CNAME loop, an unknown response code
    NO_RESOLVER = "no-resolver"  # none is configured, or nobody listens at its address

    @property
    def conclusive(self) -> bool:
        """Tell whether this says something of the name, and not only of the asking."""
        return self in {Outcome.FOUND, Outcome.NXDOMAIN, Outcome.NO_DATA}


@dataclass(frozen=True, slots=True)
class Lookup:
    """The answer to one DNS query.

    *records* are in presentation format (RFC 1035 section 5.1: ``10 mx.example.jp.``, ``192.0.2.1``), sorted;
    an adapter may keep fewer than the *total*.  *alias_of* is the name at the end of a CNAME chain, if there
    was one, without its last dot.
    """

    outcome: Outcome
    records: tuple[str, ...] = ()
    alias_of: str | None = None
    total: int = 0

    @property
    def whole(self) -> bool:
        """Tell whether all was seen that there is to see: what is missing here is missing there."""
        return self.outcome.conclusive and self.total <= len(self.records)


class Resolver(Protocol):
    """The port to the DNS; `bot.checks.resolver.DnsResolver` is the real one."""

    async def lookup(self, name: str, rdtype: str) -> Lookup:
        """Ask for the records of type *rdtype* at *name*, which is absolute with or without its last dot.

        Whatever the DNS can say is an outcome; nothing is raised for it.
        """
        ...


class Form(StrEnum):
    """What the written form of an address amounts to; the codes of the syntax check."""

    VALID = "valid"
    LEGACY_CARRIER = "legacy-carrier"  # a..b@ and the like, given out by Japanese carriers before 2009
    ADDRESS_LITERAL = "address-literal"  # user@[192.0.2.1]: there is no domain to ask about
    QUOTED_LOCAL = "quoted-local"
    SMTPUTF8 = "smtputf8"  # the local part is not ASCII (RFC 6531)
    LONG_LOCAL = "long-local"  # beyond the 64 octets that every server must take (RFC 5321 section 4.5.3.1.1)
    NOT_AN_ADDRESS = "not-an-address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The address that is checked, read once for all checks.

    *written* is what somebody typed, *address* what that was repaired to, by *changes*; both are shortened
    and printable.  *domain* is in A-labels and lower case, or None when there is none that the DNS could be
    asked for.  *flaw* names the part that is wrong with what is not an address.
    """

    written: str
    address: str
    changes: tuple[str, ...] = ()
    form: Form = Form.VALID
    flaw: str | None = None
    domain: str | None = None


class Lookups(AbstractAsyncContextManager["Lookups"]):
    """The DNS queries of one run: each is sent once, whoever asks, and given up after *seconds*."""

    def __init__(self, resolver: Resolver, *, seconds: float) -> None:
        self._resolver = resolver
        self._until = asyncio.get_running_loop().time() + seconds
        self._asked: dict[tuple[str, str], asyncio.Task[Lookup]] = {}

    async def __call__(self, name: str, rdtype: str) -> Lookup:
        """Return the answer for *name* and *rdtype*; being late is the outcome TIMEOUT."""
        # Shielded: that one check gives up must not take the answer away from the others.
        return await asyncio.shield(self.ask(name, rdtype))

    def ask(self, name: str, rdtype: str) -> asyncio.Task[Lookup]:
        """Send the query, if nobody has yet, without waiting for its answer."""
        key = (name.removesuffix(".").lower(), rdtype)
        if key not in self._asked:
            self._asked[key] = asyncio.create_task(self._lookup(*key))
        return self._asked[key]

    async def _lookup(self, name: str, rdtype: str) -> Lookup:
        try:
            async with asyncio.timeout_at(self._until):
                return await self._resolver.lookup(name, rdtype)
        except TimeoutError:
            return Lookup(Outcome.TIMEOUT)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._asked.values():
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)


Check = Callable[[Subject, Lookups], Coroutine[Any, Any, Finding | None]]
"""One question about *Subject*; None when there is nothing to say that another check does not say already."""
