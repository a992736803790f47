"""Does the domain exist? (RFC 1034, RFC 2308, RFC 8020)"""

from __future__ import annotations

from bot.checks.kit import Lookup, Lookups, Outcome, Subject
from bot.core.finding import Finding, Verdict


async def check(subject: Subject, lookups: Lookups) -> Finding | None:
    """Ask for the MX, which the mx check needs too: whatever is there, a name that has an answer exists."""
    if subject.domain is None:
        return None
    by_address = lookups.ask(subject.domain, "A")
    answer = await lookups(subject.domain, "MX")
    if not answer.outcome.conclusive:
        # Some broken servers answer for addresses only.
        other = await by_address
        answer = other if other.outcome.conclusive else answer
    return _judge(subject.domain, answer)


def _judge(domain: str, answer: Lookup) -> Finding:
    facts = {"domain": domain}
    if answer.outcome is Outcome.NXDOMAIN and answer.alias_of:
        # The name itself is there; the one that its CNAME leads to is not (RFC 6604 section 2).
        return Finding("domain", Verdict.FAIL, "alias-nxdomain", {**facts, "target": answer.alias_of})
    if answer.outcome is Outcome.NXDOMAIN:
        return Finding("domain", Verdict.FAIL, "nxdomain", facts)
    if answer.outcome.conclusive:
        return Finding("domain", Verdict.OK, "exists", facts)
    return Finding("domain", Verdict.UNKNOWN, answer.outcome, facts)
