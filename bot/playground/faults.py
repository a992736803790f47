"""Faults on purpose: answers lost, late, refused.  What a network and a busy Slack do to every bot."""

from __future__ import annotations

import random
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What goes wrong with one call."""

    LOST = "lost"  # done, and the connection closed before the answer
    ERROR_BEFORE = "error-before"  # 500, and nothing was done
    ERROR_AFTER = "error-after"  # 500, and it was done all the same
    RATE_LIMITED = "rate-limited"  # 429 with Retry-After, nothing was done
    SLOW = "slow"  # done, answered after *seconds*


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; *seconds* is the Retry-After or the delay."""

    kind: Kind
    seconds: float = 0


class Faults:
    """Faults ordered one by one, and faults by chance with a seed; none unless asked for."""

    def __init__(self) -> None:
        self._ordered: dict[str, deque[Fault]] = defaultdict(deque)
        self._chances: dict[Kind, float] = {}
        self._dice = random.Random()  # noqa: S311 - dice, not secrets

    def next(self, method: str, kind: str, *, seconds: float = 0, times: int = 1) -> None:
        """Let the next *times* calls of *method* go wrong; a Kind's value is as good as the Kind."""
        self._ordered[method].extend([Fault(Kind(kind), seconds)] * times)

    def by_chance(self, seed: int, chances: Mapping[str, float]) -> None:
        """Let each call go wrong with these *chances* (kind → 0…1), the same for the same *seed*."""
        self._dice.seed(seed)
        self._chances = {Kind(kind): chance for kind, chance in chances.items()}

    def stop(self) -> None:
        """Let everything go right from now on."""
        self._ordered.clear()
        self._chances = {}

    def take(self, method: str) -> Fault | None:
        """Return what goes wrong with this call of *method*, if anything."""
        if self._ordered[method]:
            return self._ordered[method].popleft()
        throw = self._dice.random() if self._chances else 1.0
        for kind, chance in self._chances.items():
            if throw < chance:
                return Fault(kind)
            throw -= chance
        return None
