"""Recipient checks: what can be seen of an address from outside, in the DNS alone and never over SMTP.

Every finding has its words under ``finding.<check>.<code>`` in knowledge/<lang>/words.toml.

========== ======================= ======= ==========================================================
check      code                    verdict meaning
========== ======================= ======= ==========================================================
normalise  as-written              ok      nothing had to be repaired
..         repaired                ok      *input* became *address* by *changes* (the repairs' names)
syntax     valid                   ok      an address
..         legacy-carrier          warn    dots that the RFC forbids, at a Japanese carrier
..         address-literal         warn    an IP address in the place of the domain
..         quoted-local            warn    the local part needs quotation marks
..         smtputf8                warn    the local part is not ASCII
..         long-local              warn    a local part of more than 64 octets
..         not-an-address          fail    *part* is wrong: empty no-at domain local too-long
domain     exists                  ok      the name is there
..         nxdomain                fail    there is no such name
..         alias-nxdomain          fail    the name is a CNAME to *target*, which does not exist
..         (an outcome)            unknown it could not be seen; see below
mx         mx                      ok      mail goes to *hosts*
..         implicit-mx             warn    no MX; mail goes to the domain's own address
..         mx-partly-dangling      warn    some hosts, *dangling*, have no address
..         mx-partly-private       warn    some hosts, *private*, cannot be reached from outside
..         null-mx-beside-others   warn    a Null MX among real ones
..         mx-is-cname             warn    some hosts, *aliases*, are CNAMEs
..         mx-is-ip                warn    an MX names an IP address, *literal*; fail when all do
..         null-mx                 fail    the domain takes no mail (RFC 7505)
..         no-mail-route           fail    neither MX nor address
..         mx-dangling             fail    no host has an address
..         mx-private              fail    no host can be reached from outside
..         mx-unseen               unknown the hosts' addresses could not be seen (*unseen*)
..         (an outcome)            unknown the MX could not be seen; see below
any        not-checked             unknown the check broke, or was late
========== ======================= ======= ==========================================================

The outcomes that say nothing of a name: servfail, refused, timeout, bad-answer, no-resolver.
Facts: normalise and syntax *address*, domain and mx *domain*, mx besides the lists *hosts*, *dangling*,
*private*, *literal*, *unseen*, *aliases* for every code.
"""

from __future__ import annotations

import asyncio
import logging

from bot.checks import domain, mx, normalise, syntax
from bot.checks.kit import Check, Lookups, Resolver, Subject
from bot.core.finding import Finding, Verdict

log = logging.getLogger(__name__)

# In the order in which findings are shown.  To add a check: write its module with one coroutine
# (Subject, Lookups) -> Finding | None, add it here and to the table above, and give its words in
# knowledge/<lang>/words.toml.
CHECKS: dict[str, Check] = {
    "normalise": normalise.check,
    "syntax": syntax.check,
    "domain": domain.check,
    "mx": mx.check,
}
_FOR_LOOKUPS = 0.9  # of the deadline; in the rest the checks conclude from what has been seen


async def run_checks(address: str, *, resolver: Resolver, deadline: float = 2.5) -> list[Finding]:
    """Check *address* as somebody wrote it: all checks at once, in *deadline* seconds together.

    A check that breaks or is late is a finding "not-checked" and spoils no other.  Nothing is raised.
    """
    subject = syntax.read(address)
    async with Lookups(resolver, seconds=deadline * _FOR_LOOKUPS) as lookups:
        findings = await asyncio.gather(
            *(_run(name, check, subject, lookups, deadline) for name, check in CHECKS.items())
        )
    return [finding for finding in findings if finding]


async def _run(
    name: str, check: Check, subject: Subject, lookups: Lookups, deadline: float
) -> Finding | None:
    try:
        async with asyncio.timeout(deadline):
            return await check(subject, lookups)
    except TimeoutError:
        log.warning("check %s was late", name)
    except Exception:  # whatever a defect in one check raises, what the others found still counts
        log.exception("check %s broke", name)
    facts = {"address": subject.address, "domain": subject.domain or ""}
    return Finding(name, Verdict.UNKNOWN, "not-checked", facts)
