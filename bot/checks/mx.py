"""Where does the domain want its mail, and can it arrive there? (RFC 5321 section 5.1, RFC 7505)"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from bot.checks.kit import Lookup, Lookups, Outcome, Subject
from bot.checks.reach import is_ip, is_public
from bot.core.finding import Fact, Finding, Verdict

_MOST_HOSTS = 10  # looked at, in the order in which a sender would try them
_ADDRESS_TYPES = ("A", "AAAA")


class Fate(Enum):
    """What becomes of mail for one host."""

    REACHABLE = auto()  # at least one public address was seen
    PRIVATE = auto()  # it has addresses, none of which can be reached from outside
    DANGLING = auto()  # it has no address
    LITERAL = auto()  # the MX names an IP address where a host name has to stand (RFC 5321 section 5.1)
    UNSEEN = auto()  # its addresses could not be seen, or not all of them


@dataclass(frozen=True, slots=True)
class Route:
    """One host that mail may go to; *alias*: its name is a CNAME (which RFC 2181 section 10.3 forbids)."""

    host: str
    fate: Fate
    alias: bool = False


async def check(subject: Subject, lookups: Lookups) -> Finding | None:
    """Follow the MX, or in its place the domain's own address, to where mail would go."""
    if subject.domain is None:
        return None
    for rdtype in _ADDRESS_TYPES:  # for the implicit MX: asking later would cost a round trip
        lookups.ask(subject.domain, rdtype)
    answer = await lookups(subject.domain, "MX")
    if answer.outcome is Outcome.NXDOMAIN:
        return None  # the domain check says so
    if answer.outcome is Outcome.FOUND:
        return await _follow(subject.domain, answer, lookups)
    if answer.outcome is Outcome.NO_DATA:
        return _judge_implicit(subject.domain, await _route(subject.domain, lookups))
    return Finding("mx", Verdict.UNKNOWN, answer.outcome, _facts(subject.domain, ()))


async def _follow(domain: str, answer: Lookup, lookups: Lookups) -> Finding:
    exchanges = _exchanges(answer)
    hosts = [host for host in exchanges if host]
    routes = await asyncio.gather(*(_route(host, lookups) for host in hosts[:_MOST_HOSTS]))
    all_followed = answer.whole and len(hosts) <= _MOST_HOSTS
    return judge(domain, routes, null="" in exchanges, all_followed=all_followed)


def _exchanges(answer: Lookup) -> list[str]:
    """List the hosts by preference, each once; a Null MX is the empty name (RFC 7505 section 3)."""
    pairs = [record.split(maxsplit=1) for record in answer.records]
    ordered = sorted((int(preference), name.removesuffix(".").lower()) for preference, name in pairs)
    return list(dict.fromkeys(name for _, name in ordered))


async def _route(host: str, lookups: Lookups) -> Route:
    if is_ip(host):
        return Route(host, Fate.LITERAL)
    answers = await asyncio.gather(*(lookups(host, rdtype) for rdtype in _ADDRESS_TYPES))
    return Route(host, _fate(answers), alias=any(answer.alias_of for answer in answers))


def _fate(answers: Sequence[Lookup]) -> Fate:
    addresses = [address for answer in answers for address in answer.records]
    if any(is_public(address) for address in addresses):
        return Fate.REACHABLE
    if not all(answer.whole for answer in answers):
        return Fate.UNSEEN
    return Fate.PRIVATE if addresses else Fate.DANGLING


def judge(domain: str, routes: Sequence[Route], *, null: bool, all_followed: bool) -> Finding:
    """Say what the MX of *domain* amount to.

    *null*: there is a Null MX among them; *all_followed*: the *routes* are all that there are.
    """
    facts = _facts(domain, routes)
    fates = {route.fate for route in routes}
    if Fate.REACHABLE in fates:
        return _judge_reachable(facts, null=null)
    if not routes and null:
        return Finding("mx", Verdict.FAIL, "null-mx", facts)
    if Fate.UNSEEN in fates or not all_followed:
        return Finding("mx", Verdict.UNKNOWN, "mx-unseen", facts)
    if Fate.PRIVATE in fates:
        return Finding("mx", Verdict.FAIL, "mx-private", facts)
    return Finding("mx", Verdict.FAIL, "mx-is-ip" if fates == {Fate.LITERAL} else "mx-dangling", facts)


def _judge_reachable(facts: dict[str, Fact], *, null: bool) -> Finding:
    """Mail can arrive; of what else is wrong, the first in this order decides the words."""
    flaws: dict[str, object] = {
        "mx-partly-dangling": facts["dangling"],
        "mx-partly-private": facts["private"],
        "mx-is-ip": facts["literal"],
        "null-mx-beside-others": null,
        "mx-is-cname": facts["aliases"],
    }
    flaw = next((code for code, present in flaws.items() if present), None)
    return Finding("mx", Verdict.WARN if flaw else Verdict.OK, flaw or "mx", facts)


def _judge_implicit(domain: str, route: Route) -> Finding:
    facts = _facts(domain, (route,))
    verdict, code = _IMPLICIT[route.fate]
    return Finding("mx", verdict, code, facts)


# Without any MX, mail goes to the domain's own address (RFC 5321 section 5.1).  A CNAME is no fault there.
_IMPLICIT = {
    Fate.REACHABLE: (Verdict.WARN, "implicit-mx"),
    Fate.PRIVATE: (Verdict.FAIL, "mx-private"),
    Fate.DANGLING: (Verdict.FAIL, "no-mail-route"),
    Fate.UNSEEN: (Verdict.UNKNOWN, "mx-unseen"),
}


def _facts(domain: str, routes: Sequence[Route]) -> dict[str, Fact]:
    """Gather what was seen, for every code alike: the words take what they need, staff see the rest."""
    return {
        "domain": domain,
        "hosts": [route.host for route in routes],
        "dangling": [route.host for route in routes if route.fate is Fate.DANGLING],
        "private": [route.host for route in routes if route.fate is Fate.PRIVATE],
        "literal": [route.host for route in routes if route.fate is Fate.LITERAL],
        "unseen": [route.host for route in routes if route.fate is Fate.UNSEEN],
        "aliases": [route.host for route in routes if route.alias],
    }
