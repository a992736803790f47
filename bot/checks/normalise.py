"""Was the address written as it should be, or what had to be repaired?"""

from __future__ import annotations

from bot.checks.kit import Lookups, Subject
from bot.core.finding import Fact, Finding, Verdict


async def check(subject: Subject, _lookups: Lookups) -> Finding:
    """Show what was repaired: a repair that nobody sees is a guess."""
    if not subject.changes:
        return Finding("normalise", Verdict.OK, "as-written", {"address": subject.address})
    facts: dict[str, Fact] = {
        "input": subject.written,
        "address": subject.address,
        "changes": list(subject.changes),
    }
    return Finding("normalise", Verdict.OK, "repaired", facts)
