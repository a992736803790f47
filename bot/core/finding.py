"""What one recipient check found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """Four verdicts, never three: what could not be seen is never called broken."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"  # mail cannot arrive
    UNKNOWN = "unknown"  # SERVFAIL, refused, time-out: says nothing of the address


Fact = str | int | bool | list[str]
# The worst first.  "unknown" outranks "warn": whoever reads the whole must not take it for seen.
_SEVERITY = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN, Verdict.OK)


@dataclass(frozen=True, slots=True)
class Finding:
    """What *check* found: *code* names its words in knowledge/<lang>/words.toml, *facts* fill them.

    A *note* is worth knowing but concerns no delivery: it never changes the verdict of the whole.
    """

    check: str
    verdict: Verdict
    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    note: bool = False


def worst(findings: Iterable[Finding]) -> Verdict:
    """Return the worst verdict that concerns delivery; nothing found at all is unknown."""
    seen = {finding.verdict for finding in findings if not finding.note}
    return next((verdict for verdict in _SEVERITY if verdict in seen), Verdict.UNKNOWN)
